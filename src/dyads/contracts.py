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
TARGETS: Final = ("self", "other")
"""Of whom a rating speaks: the person who rates, or the other one of the dyad."""
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
    sessions_before: Series[int] | None = pa.Field(
        ge=0, description="Sessions of the dyad before this one: time, as a number."
    )
    days_since_first: Series[float] | None = pa.Field(
        nullable=True, description="Days since the dyad's first session, where dates are given."
    )
    emotion: Series[str]
    x_score: Series[str] | None = pa.Field(
        description="Score that x is: `instrument.scale`, of this person and segment."
    )
    x: Series[float] = pa.Field(nullable=True, description="Experience, in points of its scale.")
    e: Series[float] = pa.Field(nullable=True, description="Expression, in units of its channel.")
    e_odd: Series[float] = pa.Field(nullable=True)
    e_even: Series[float] = pa.Field(nullable=True)
    seen_share: Series[float] = pa.Field(nullable=True)
    exclusion: Series[str] = pa.Field(description="Why the row is left out; empty: analysed.")
    x_w: Series[float] = pa.Field(nullable=True, description="x within person and emotion, in SD.")
    x_pm: Series[float] = pa.Field(nullable=True, description="Person mean of x, centred, in SD.")
    e_w: Series[float] = pa.Field(nullable=True, description="e within person and emotion.")


class MatchedSets(Contract):
    """A participant who could be matched, and the set that they are in."""

    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    set_number: Series[pd.Int64Dtype] = pa.Field(
        nullable=True, ge=1, description="Number of the set; empty: in none."
    )
    reason: Series[str] = pa.Field(description="Why the person is in no set.")


class WithoutDyad(Contract):
    """A contrast of a model, fitted anew without the rows of one dyad."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    contrast: Series[str]
    estimate: Series[float] = pa.Field(nullable=True)
    se: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True, description="Corrected as in the model.")
    p_value_cr2: Series[float] = pa.Field(nullable=True)
    shift: Series[float] = pa.Field(
        nullable=True,
        description="Estimate of all dyads minus this one, in standard errors of this one.",
    )
    reason: Series[str] = pa.Field(description="Why the model could not be fitted without it.")


class Residuals(Contract):
    """What a model leaves of an analysis row."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    fitted: Series[float]
    residual: Series[float] = pa.Field(description="In units of the expression.")
    scaled_residual: Series[float] = pa.Field(description="In residual standard deviations.")


class RandomEffects(Contract):
    """A predicted random effect of a unit of a model, such as a person's own slope."""

    grouping: Series[str] = pa.Field(description="What the units are, such as `person`.")
    unit: Series[str]
    effect: Series[str] = pa.Field(description="As in the formula, such as `x_w`.")
    value: Series[float]


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


class PersonProfiles(Contract):
    """A person by a few features, in robust standard deviations, and the subgroup, if any."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    expression_level: Series[float] = pa.Field(
        nullable=True, description="Mean expression, emotions' means taken off."
    )
    expression_spread: Series[float] = pa.Field(nullable=True, description="SD within emotions.")
    experience_level: Series[float] = pa.Field(
        nullable=True, description="Mean experience, emotions' means taken off, in SD."
    )
    experience_spread: Series[float] = pa.Field(nullable=True, description="SD within emotions.")
    congruence_slope: Series[float] = pa.Field(nullable=True, description="C1 of this person.")
    congruence_z: Series[float] = pa.Field(nullable=True, description="C2 of this person.")
    scaled: Series[float] = pa.Field(
        alias=r"^(expression|experience|congruence)_[a-z]+_z$",
        regex=True,
        nullable=True,
        description="The feature in robust SD from the median of all people.",
    )
    components: Series[float] = pa.Field(alias=r"^component_\d$", regex=True, nullable=True)
    subgroup: Series[pd.Int64Dtype] = pa.Field(
        nullable=True, ge=1, description="Missing where there are none, or a feature is unknown."
    )
    subgroup_probability: Series[float] = pa.Field(nullable=True, ge=0, le=1.0000001)


class GroupCongruence(Contract):
    """How expression follows experience in a group, corrected for unreliability (C3)."""

    group: Series[str]
    people: Series[int] = pa.Field(ge=0)
    measure: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)


class MomentScores(Contract):
    """A scale of an instrument, answered by a person about a moment of a session."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who answered.")
    target: Series[str] = pa.Field(isin=TARGETS)
    time_s: Series[float] = pa.Field(description="Session clock.")
    instrument: Series[str]
    scale: Series[str]
    score: Series[float] = pa.Field(nullable=True)
    minimum: Series[float] = pa.Field(description="Lowest possible score.")
    maximum: Series[float] = pa.Field(description="Highest possible score.")
    n_items: Series[int] = pa.Field(ge=1)
    n_answered: Series[int] = pa.Field(ge=0)
    reason: Series[str] = pa.Field(description="Why the score is missing; empty if it is not.")


class Moments(Contract):
    """A rating of a moment beside what the face that it speaks of showed around that time."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who answered.")
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str] = pa.Field(description="Group of the dyad's participant.")
    target: Series[str] = pa.Field(isin=TARGETS)
    face_of: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY, description="Person whose face was measured."
    )
    time_s: Series[float] = pa.Field(description="Session clock.")
    emotion: Series[str]
    x: Series[float] = pa.Field(nullable=True, description="Rating, in points of its scale.")
    e: Series[float] = pa.Field(nullable=True, description="Expression, in units of its channel.")
    seen_share: Series[float] = pa.Field(nullable=True)
    exclusion: Series[str] = pa.Field(description="Why the row is left out; empty: analysed.")


class Judgements(Contract):
    """A judgement of the other person beside what both said of themselves, and what was shown."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session: Series[str] = pa.Field(description="Number of the session.")
    segment_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment: Series[str] = pa.Field(description="Label of the segment.")
    person: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who judged.")
    role: Series[str] = pa.Field(isin=ROLES, description="Role of the person who judged.")
    group: Series[str] = pa.Field(description="Group of the dyad's participant.")
    target: Series[str] = pa.Field(isin=TARGETS)
    about: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who was judged.")
    emotion: Series[str]
    judged: Series[float] = pa.Field(nullable=True, description="What the judge says of the other.")
    truth: Series[float] = pa.Field(nullable=True, description="What the other says they felt.")
    own: Series[float] = pa.Field(nullable=True, description="What the judge felt.")
    shown: Series[float] = pa.Field(
        nullable=True, description="What the other showed, in units of its channel."
    )


class PersonAgreement(Contract):
    """How closely one thing follows another from segment to segment, in one person."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str]
    target: Series[str] = pa.Field(isin=TARGETS)
    comparison: Series[str] = pa.Field(description="What is held against what.")
    rows: Series[int] = pa.Field(ge=0)
    slope: Series[float] = pa.Field(nullable=True)
    partial_slope: Series[float] = pa.Field(
        nullable=True, description="The same with a second predictor held constant."
    )
    r: Series[float] = pa.Field(nullable=True, description="Within-person correlation.")
    fisher_z: Series[float] = pa.Field(nullable=True)
    bias: Series[float] = pa.Field(nullable=True, description="Mean difference, in points.")
    reason: Series[str] = pa.Field(description="Why there is no correlation.")


class GroupAgreement(Contract):
    """A mean over the people of a group and role, with its interval over dyads."""

    group: Series[str]
    role: Series[str] = pa.Field(isin=ROLES)
    target: Series[str] = pa.Field(isin=TARGETS)
    comparison: Series[str]
    emotion: Series[str] = pa.Field(description="Empty: all of them together.")
    delay_s: Series[float] = pa.Field(nullable=True, description="Reaction delay taken off.")
    measure: Series[str]
    people: Series[int] = pa.Field(ge=1)
    value: Series[float]
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    stamp: Series[str] = pa.Field(description="Words that these numbers must carry.")


class ContinuousTrace(Contract):
    """A step of a continuous rating on the session clock, with a reason where it is missing."""

    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who rated.")
    target: Series[str] = pa.Field(isin=TARGETS)
    instrument: Series[str]
    scale: Series[str]
    step: Series[int] = pa.Field(ge=0)
    time_s: Series[float] = pa.Field(description="Session clock; no reaction delay taken off.")
    state: Series[str] = pa.Field(isin=STEP_STATE)
    reason: Series[str] = pa.Field(isin=MISSING_REASONS, description="Empty unless missing.")
    value: Series[float] = pa.Field(nullable=True, description="In points of the scale.")


COMPARED_WITH: Final = ("expression", "own_rating")


class ContinuousAgreement(Contract):
    """How a continuous rating of a session goes with a face, or with the other one's own rating."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER, description="Person who rated.")
    target: Series[str] = pa.Field(isin=TARGETS)
    comparison: Series[str] = pa.Field(
        isin=COMPARED_WITH,
        description="Face or own rating of the person whom the rating speaks of.",
    )
    emotion: Series[str]
    delay_s: Series[float] = pa.Field(ge=0, description="Reaction delay taken off.")
    known_s: Series[float] = pa.Field(ge=0, description="Time in which both are known.")
    fisher_z: Series[float] = pa.Field(nullable=True, description="At lag 0.")
    peak_z: Series[float] = pa.Field(nullable=True, description="Largest over the lags.")
    lag_s: Series[float] = pa.Field(
        nullable=True, description="Lag of the largest; positive: the rating comes later."
    )
    null_z: Series[float] = pa.Field(
        nullable=True, description="Mean of the largest over circular shifts."
    )
    p: Series[float] = pa.Field(
        nullable=True,
        description="Share of shifts apart from each other, 0 among them, with a peak as large.",
    )
    shifts: Series[int] = pa.Field(ge=0)
    reason: Series[str] = pa.Field(description="Why a value is missing; empty if none is.")


class PersonContinuous(Contract):
    """The continuous ratings of a person over all sessions (C7)."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str]
    target: Series[str] = pa.Field(isin=TARGETS)
    comparison: Series[str] = pa.Field(isin=COMPARED_WITH)
    emotion: Series[str]
    delay_s: Series[float] = pa.Field(ge=0)
    sessions: Series[int] = pa.Field(ge=0, description="Sessions with a peak and its null.")
    r: Series[float] = pa.Field(nullable=True, description="At lag 0, mean of Fisher's z.")
    fisher_z: Series[float] = pa.Field(nullable=True)
    peak_z: Series[float] = pa.Field(nullable=True)
    null_z: Series[float] = pa.Field(nullable=True)
    excess_z: Series[float] = pa.Field(nullable=True, description="Peak minus its null.")
    lag_s: Series[float] = pa.Field(nullable=True, description="Mean lag of the peak.")
    reason: Series[str]


class SpecificationFits(Contract):
    """A contrast between groups under one specification of the multiverse, by the headline test."""

    specification: Series[str]
    contrast: Series[str]
    estimate: Series[float] = pa.Field(nullable=True, description="In units of the measure.")
    se: Series[float] = pa.Field(nullable=True)
    df: Series[float] = pa.Field(nullable=True)
    statistic: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True, description="Of this contrast alone.")
    p_family: Series[float] = pa.Field(
        nullable=True, description="Corrected over the contrasts of the model."
    )
    lower: Series[float] = pa.Field(nullable=True, description="95 % interval.")
    upper: Series[float] = pa.Field(nullable=True, description="95 % interval.")
    unit: Series[float] = pa.Field(nullable=True, description="The SD behind the effect.")
    effect: Series[float] = pa.Field(nullable=True, description="The estimate in SD.")
    effect_lower: Series[float] = pa.Field(nullable=True)
    effect_upper: Series[float] = pa.Field(nullable=True)
    rows: Series[int] = pa.Field(ge=0)
    people: Series[int] = pa.Field(ge=0)
    dyads: Series[int] = pa.Field(ge=0)
    singular: Series[bool] = pa.Field(description="A variance was estimated as zero.")
    failure: Series[str] = pa.Field(description="Why it could not be fitted; empty if it was.")


class PermutedCurves(Contract):
    """The curve of all specifications under one permutation of the groups."""

    permutation: Series[int] = pa.Field(ge=0)
    contrast: Series[str]
    fitted: Series[int] = pa.Field(ge=0, description="Specifications that could be fitted.")
    median_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    share_significant: Series[float] = pa.Field(nullable=True, ge=0, le=1)
    stouffer_z: Series[float] = pa.Field(nullable=True)


class Curve(Contract):
    """The curve of all specifications for a contrast, against its permutations."""

    contrast: Series[str]
    specifications: Series[int] = pa.Field(ge=1)
    fitted: Series[int] = pa.Field(ge=0)
    share_same_sign: Series[float] = pa.Field(
        nullable=True, description="Share of the fitted whose estimate points as most do."
    )
    median_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    share_significant: Series[float] = pa.Field(
        nullable=True,
        description="Share of the fitted with p < .05 after correction, as most point.",
    )
    stouffer_z: Series[float] = pa.Field(nullable=True)
    smallest_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    largest_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    permutations: Series[int] = pa.Field(ge=0)
    p_median_effect: Series[float] = pa.Field(nullable=True)
    p_share_significant: Series[float] = pa.Field(nullable=True)
    p_stouffer_z: Series[float] = pa.Field(nullable=True)


class ScoredItems(Contract):
    """A cell of the ratings table, and a scale that it counts for."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment_id: Series[str] = pa.Field(description="Empty: the whole session, or a moment.")
    target: Series[str] = pa.Field(isin=TARGETS)
    time_s: Series[float] = pa.Field(nullable=True, description="Moment on the session clock.")
    instrument: Series[str]
    scale: Series[str]
    item: Series[str]
    file: Series[str] = pa.Field(description="Table as it was handed in.")
    row: Series[int] = pa.Field(ge=2, description="Row of the file, the heading being row 1.")
    answer: Series[float] = pa.Field(nullable=True, description="As it was entered.")
    is_reversed: Series[bool]
    points: Series[float] = pa.Field(nullable=True, description="What counts for the score.")


class ScaleReliability(Contract):
    """How the items of a scale hang together in a group, and how often scores are at an end."""

    instrument: Series[str]
    scale: Series[str]
    group: Series[str] = pa.Field(description="A group, `partner`, or `everybody`.")
    n_items: Series[int] = pa.Field(ge=1)
    people: Series[int] = pa.Field(ge=0, description="People with a sheet answered in full.")
    alpha: Series[float] = pa.Field(nullable=True, description="Cronbach's alpha.")
    alpha_lower: Series[float] = pa.Field(nullable=True, description="95 % interval (Feldt).")
    alpha_upper: Series[float] = pa.Field(nullable=True)
    alpha_reason: Series[str] = pa.Field(description="Why there is no alpha.")
    omega: Series[float] = pa.Field(nullable=True, description="McDonald's omega of one factor.")
    omega_reason: Series[str] = pa.Field(description="Why there is no omega.")
    people_scored: Series[int] = pa.Field(ge=0, description="People with a score.")
    lowest_share: Series[float] = pa.Field(
        nullable=True, description="Mean share of a person's scores at the lowest possible."
    )
    highest_share: Series[float] = pa.Field(nullable=True, description="At the highest possible.")


class ItemReliability(Contract):
    """An item of a scale beside the other items, in a group."""

    instrument: Series[str]
    scale: Series[str]
    group: Series[str] = pa.Field(description="A group, `partner`, or `everybody`.")
    item: Series[str]
    people: Series[int] = pa.Field(ge=0)
    mean: Series[float] = pa.Field(description="In points, keyed in the scale's direction.")
    sd: Series[float]
    rest_correlation: Series[float] = pa.Field(
        nullable=True, description="Pearson's r with the sum of the other items."
    )
    alpha_without: Series[float] = pa.Field(nullable=True, description="Alpha of the other items.")
    lowest_share: Series[float] = pa.Field(description="Of people at the item's lowest point.")
    highest_share: Series[float] = pa.Field(description="Of people at its highest point.")


class RetestReliability(Contract):
    """How the scores of a session agree with those of the next one, in a group."""

    instrument: Series[str]
    scale: Series[str]
    group: Series[str] = pa.Field(description="A group, `partner`, or `everybody`.")
    first_session: Series[int] = pa.Field(ge=1, description="Number of the session.")
    second_session: Series[int] = pa.Field(ge=1)
    people: Series[int] = pa.Field(ge=0, description="People with scores of both sessions.")
    mean_first: Series[float] = pa.Field(nullable=True)
    sd_first: Series[float] = pa.Field(nullable=True)
    mean_change: Series[float] = pa.Field(nullable=True, description="Second minus first.")
    change_lower: Series[float] = pa.Field(nullable=True, description="95 % interval (Student).")
    change_upper: Series[float] = pa.Field(nullable=True)
    icc: Series[float] = pa.Field(nullable=True, description="ICC(A,1).")
    icc_lower: Series[float] = pa.Field(nullable=True, description="95 % interval.")
    icc_upper: Series[float] = pa.Field(nullable=True)
    sem: Series[float] = pa.Field(nullable=True, description="SD of the change / √2, in points.")
    reliable_change: Series[float] = pa.Field(nullable=True, description="1.96 √2 sem, in points.")
    reason: Series[str] = pa.Field(description="Why nothing is computed.")
