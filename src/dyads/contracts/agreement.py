"""Tables of ratings of moments, of the other person, and in time."""

from __future__ import annotations

from typing import Final

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import (
    IDENTIFIER,
    IDENTIFIER_OR_EMPTY,
    MISSING_REASONS,
    ROLES,
    STEP_STATE,
    TARGETS,
    Contract,
)


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
