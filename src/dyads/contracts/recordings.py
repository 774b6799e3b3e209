"""Tables between a recording and its trace."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import (
    CHANNEL_PATTERN,
    DECIDED_BY,
    FOUND_BY,
    FRAME_REASONS,
    FRAME_STATUS,
    IDENTIFIER,
    IDENTIFIER_OR_EMPTY,
    MISSING_REASONS,
    NOBODY,
    SPEECH_SOURCES,
    SPEECH_STATE,
    STEP_STATE,
    WHY_UNKNOWN,
    Contract,
)


class Frames(Contract):
    """A decoded frame and, if there is one, its face: what the detector said, untouched."""

    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description="Empty in a film of the view `auto`, until faces are given to people.",
    )
    film: Series[pd.Int64Dtype] | None = pa.Field(
        nullable=True, ge=0, description="Number of a film of the view `auto` in its session."
    )
    track: Series[pd.Int64Dtype] | None = pa.Field(
        nullable=True,
        ge=-1,
        description="Face that is followed through a film of the view `auto`; -1: no face.",
    )
    frame: Series[int] = pa.Field(ge=0, description="Index of the frame in order of display.")
    time_s: Series[float] = pa.Field(description="Presentation time stamp in the recording.")
    status: Series[str] = pa.Field(isin=FRAME_STATUS)
    reason: Series[str] = pa.Field(isin=FRAME_REASONS, description="Empty if there is a face.")
    found_by: Series[str] = pa.Field(isin=FOUND_BY)
    score: Series[float] = pa.Field(nullable=True, description="Score of the face finder.")
    box_left_px: Series[float] = pa.Field(nullable=True)
    box_top_px: Series[float] = pa.Field(nullable=True)
    box_width_px: Series[float] = pa.Field(nullable=True, ge=0)
    box_height_px: Series[float] = pa.Field(nullable=True, ge=0)
    pitch_deg: Series[float] = pa.Field(nullable=True, description="Positive: looks up.")
    roll_deg: Series[float] = pa.Field(nullable=True)
    yaw_deg: Series[float] = pa.Field(nullable=True)
    light: Series[float] = pa.Field(
        nullable=True, ge=0, le=1, description="Mean brightness of the face, 0 (black) to 1."
    )
    sharpness: Series[float] = pa.Field(
        nullable=True,
        ge=0,
        description="Variance of the Laplacian of the face's brightness (0 to 255), scaled to one "
        "size; low: blurred.",
    )
    channels: Series[float] = pa.Field(alias=CHANNEL_PATTERN, regex=True, nullable=True)


class FaceTiers(Contract):
    """What is kept of a face in a frame beside its channels, where the settings ask for it."""

    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER_OR_EMPTY)
    film: Series[pd.Int64Dtype] | None = pa.Field(nullable=True, ge=0)
    track: Series[pd.Int64Dtype] | None = pa.Field(nullable=True, ge=-1)
    frame: Series[int] = pa.Field(ge=0)
    landmarks_px: Series[object] | None = pa.Field(
        description="68 points in dlib's order: x, y, x, y and so on, in the whole picture."
    )
    mesh_px: Series[object] | None = pa.Field(
        description="478 points in MediaPipe's order: x, y, x, y and so on, in the whole picture."
    )
    embedding: Series[object] | None = pa.Field(
        nullable=True,
        description="Identity embedding, 512 numbers, its length as the network gives it; empty "
        "for people who did not grant `identify`.",
    )


class People(Contract):
    """A stretch of a followed face in a film of the view `auto`, and whose face it is."""

    film: Series[int] = pa.Field(ge=0, description="Number of the film, as in the frames.")
    path: Series[str] = pa.Field(description="The film, from the recordings folder.")
    track: Series[int] = pa.Field(ge=0)
    first_time_s: Series[float] = pa.Field(description="Time in the recording.")
    last_time_s: Series[float] = pa.Field(description="Time in the recording.")
    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description=f"Empty: unknown. `{NOBODY}`: none of the film's people.",
    )
    decided_by: Series[str] = pa.Field(isin=DECIDED_BY, description="Empty if unknown.")
    margin: Series[float] = pa.Field(
        nullable=True, description="Log odds of the likeliest answer against all others."
    )
    why: Series[str] = pa.Field(isin=WHY_UNKNOWN, description="Why it is unknown.")


class Trace(Contract):
    """A regular step on the session clock, with a reason where a value is missing."""

    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    step: Series[int] = pa.Field(ge=0)
    time_s: Series[float] = pa.Field(description="Session clock.")
    state: Series[str] = pa.Field(isin=STEP_STATE)
    reason: Series[str] = pa.Field(isin=MISSING_REASONS, description="Empty unless missing.")
    channels: Series[float] = pa.Field(alias=CHANNEL_PATTERN, regex=True, nullable=True)


class Speech(Contract):
    """A stretch of a session in which a person speaks or listens, both are silent, or none knows.

    Of what is said nothing is kept.
    """

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    onset_s: Series[float] = pa.Field(description="Session clock.")
    offset_s: Series[float] = pa.Field(description="Session clock.")
    state: Series[str] = pa.Field(
        isin=SPEECH_STATE, description="`listening`: the other one speaks and this person does not."
    )
    source: Series[str] = pa.Field(
        isin=SPEECH_SOURCES,
        description="`own_sound`: a microphone each; `mouth`: one sound, and whose mouth moves.",
    )


class Quality(Contract):
    """A measure of how good the frames of a person are, over a recording or in a segment."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment_id: Series[str] = pa.Field(description="Empty: the whole recording.")
    label: Series[str]
    measure: Series[str]
    unit: Series[str]
    value: Series[float] = pa.Field(nullable=True)
