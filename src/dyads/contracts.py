"""The written contract of every table that passes from one stage to the next.

A table is checked against its contract whenever it is read or written. Columns that a
contract does not name are refused, so that nothing slips through unnoticed. Times are
seconds, `*_px` are pixels of the original picture, angles are degrees.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

FOUND_BY: Final = ("search", "followed", "given", "")
FRAME_STATUS: Final = ("face", "no_face", "lost", "unknown")
"""Lost: the picture could not be had. Unknown: a face, but not known whose."""
FRAME_REASONS: Final = (
    "",
    "no_face",
    "low_score",
    "not_decoded",
    "damaged",
    "repeated_time",
    "unknown_person",
)
"""Why a frame says nothing of its person; empty with a face."""
SPEECH_STATE: Final = ("speaking", "listening", "silence", "unknown")
SPEECH_SOURCES: Final = ("own_sound", "mouth", "none")
STRATA: Final = ("all", "speaking", "listening")
STEP_STATE: Final = ("seen", "interpolated", "missing")
MASK_REASONS: Final = ("small_face", "turned_away", "blurred", "dark", "bright", "fast")
"""Why a frame with a face is not trusted, where the settings give a limit."""
MISSING_REASONS: Final = (*FRAME_REASONS, *MASK_REASONS, "gap", "outside_recording")
ROLES: Final = ("participant", "partner")
CHANNEL_PATTERN: Final = (
    r"^(AU\d{2}|neutral|happiness|sadness|surprise|fear|disgust|anger|contempt|valence|arousal)$"
)
NOBODY: Final = "nobody"
"""Whose face it is if it belongs to none of the people that a film is said to show."""
DECIDED_BY: Final = ("place", "continuity", "identity", "review", "")
WHY_UNKNOWN: Final = ("unsure", "disagree", "close", "")
"""Too little is known; place and likeness contradict each other; two faces touch."""
IDENTIFIER: Final = r"^[A-Za-z0-9]+$"
IDENTIFIER_OR_EMPTY: Final = r"^[A-Za-z0-9]*$"


class Contract(pa.DataFrameModel):
    """What all tables have in common: known columns only, types made right on reading."""

    class Config:
        """Settings of pandera."""

        strict = True
        coerce = True


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


class FacePoints(Contract):
    """Points of a face in a decoded frame, where the settings ask for them: x, y, x, y … (px)."""

    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER_OR_EMPTY)
    film: Series[pd.Int64Dtype] | None = pa.Field(nullable=True, ge=0)
    track: Series[pd.Int64Dtype] | None = pa.Field(nullable=True, ge=-1)
    frame: Series[int] = pa.Field(ge=0)
    landmarks_px: Series[object] | None = pa.Field(description="68 points in dlib's order.")
    mesh_px: Series[object] | None = pa.Field(description="478 points in MediaPipe's order.")


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


class Expressions(Contract):
    """A measure of a channel of a person in a segment, or in a part of it."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    label: Series[str]
    stratum: Series[str] = pa.Field(
        isin=STRATA, description="Part of the segment: the whole, or while the person does that."
    )
    channel: Series[str]
    channel_type: Series[str]
    measure: Series[str]
    unit: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    seen_s: Series[float] = pa.Field(ge=0, description="Seen or interpolated time.")
    seen_share: Series[float] = pa.Field(
        ge=0, le=1.0000001, description="Part of the time of the stratum that was seen."
    )
    reason: Series[str] = pa.Field(description="Why the value is missing; empty if it is not.")


class Synchrony(Contract):
    """A measure of how two traces of a session go together in a segment."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    channel: Series[str]
    measure: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    null_value: Series[float] = pa.Field(
        nullable=True, description="Mean of the same measure over pseudo-dyads."
    )
    n_null: Series[int] = pa.Field(ge=0, description="Pseudo-dyads behind the null value.")
    reason: Series[str]


class Scores(Contract):
    """A scale of an instrument, answered by a person about a segment or a session."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment_id: Series[str] = pa.Field(description="Empty: the whole session.")
    instrument: Series[str]
    scale: Series[str]
    score: Series[float] = pa.Field(nullable=True)
    minimum: Series[float] = pa.Field(description="Lowest possible score.")
    maximum: Series[float] = pa.Field(description="Highest possible score.")
    n_items: Series[int] = pa.Field(ge=1)
    n_answered: Series[int] = pa.Field(ge=0)
    reason: Series[str] = pa.Field(description="Why the score is missing; empty if it is not.")


class LeftOutPeople(Contract):
    """A person of whose session nothing can be said, because of the recording."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    reason: Series[str]
    sentence: Series[str] = pa.Field(description="What was found, and what to do.")


class Cohort(Contract):
    """An analysis row: a person, a segment and an emotion, with what was felt and shown.

    Further columns are covariates of `participants.tsv` and `sessions.tsv`.
    """

    class Config:
        """Covariates are welcome."""

        strict = False
        coerce = True

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session: Series[str] = pa.Field(description="Number of the session, as a category.")
    segment_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment: Series[str] = pa.Field(description="Label of the segment.")
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str] = pa.Field(description="Group of the dyad's participant.")
    emotion: Series[str]
    x: Series[float] = pa.Field(nullable=True, description="Experience, in points of its scale.")
    e: Series[float] = pa.Field(nullable=True, description="Expression, in units of its channel.")
    e_odd: Series[float] = pa.Field(nullable=True)
    e_even: Series[float] = pa.Field(nullable=True)
    seen_share: Series[float] = pa.Field(nullable=True)
    exclusion: Series[str] = pa.Field(description="Why the row is left out; empty: analysed.")
    x_w: Series[float] = pa.Field(nullable=True, description="x within person and emotion, in SD.")
    x_pm: Series[float] = pa.Field(nullable=True, description="Person mean of x, centred, in SD.")
    e_w: Series[float] = pa.Field(nullable=True, description="e within person and emotion.")


class Flow(Contract):
    """How many people and rows were left after a step, and why the others were not."""

    order: Series[int] = pa.Field(ge=0)
    stage: Series[str]
    group: Series[str]
    people: Series[int] = pa.Field(ge=0)
    rows: Series[int] = pa.Field(ge=0)
    lost_people: Series[int] = pa.Field(ge=0)
    lost_rows: Series[int] = pa.Field(ge=0)
    reason: Series[str] = pa.Field(description="Why rows were lost on the way to this stage.")


class PersonCongruence(Contract):
    """How one person's expression follows their experience."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str]
    rows: Series[int] = pa.Field(ge=0)
    slope: Series[float] = pa.Field(nullable=True, description="C1 of this person alone.")
    r: Series[float] = pa.Field(nullable=True, description="Within-person correlation.")
    fisher_z: Series[float] = pa.Field(nullable=True, description="C2.")
    sd_x: Series[float] = pa.Field(nullable=True)
    sd_e: Series[float] = pa.Field(nullable=True)
    smile_log_odds: Series[float] = pa.Field(
        nullable=True, description="C5: smiling in negative against other segments."
    )
    reason: Series[str]


class GroupCongruence(Contract):
    """How expression follows experience in a group, corrected for unreliability (C3)."""

    group: Series[str]
    people: Series[int] = pa.Field(ge=0)
    measure: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
