"""Tables of analysis rows, and of people and groups."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import IDENTIFIER, ROLES, Contract


class LeftOutPeople(Contract):
    """A person of whose session nothing can be said, because of the recording."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    reason: Series[str]
    sentence: Series[str] = pa.Field(description="What was found, and what to do.")


class AnalysisRows(Contract):
    """A row that a model can take in: of a person, or of a dyad's session."""

    class Config:
        """Covariates and measures are welcome."""

        strict = False
        coerce = True

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    session: Series[str] = pa.Field(description="Number of the session, as a category.")
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    role: Series[str] = pa.Field(isin=ROLES)
    group: Series[str] = pa.Field(description="Group of the dyad's participant.")
    other_person: Series[str] | None = pa.Field(
        nullable=True, description="Whom the person met; empty if nothing is known of them."
    )
    sessions_before: Series[int] | None = pa.Field(
        ge=0, description="Sessions of the dyad before this one: time, as a number."
    )
    days_since_first: Series[float] | None = pa.Field(
        nullable=True, description="Days since the dyad's first session, where dates are given."
    )
    exclusion: Series[str] = pa.Field(description="Why the row is left out; empty: analysed.")


class Cohort(AnalysisRows):
    """An analysis row: a person, a segment and an emotion, with what was felt and shown.

    Further columns are covariates of `participants.tsv` and `sessions.tsv`.
    """

    segment_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    segment: Series[str] = pa.Field(description="Label of the segment.")
    emotion: Series[str]
    x_score: Series[str] | None = pa.Field(
        description="Score that x is: `instrument.scale`, of this person and segment."
    )
    x: Series[float] = pa.Field(nullable=True, description="Experience, in points of its scale.")
    e: Series[float] = pa.Field(nullable=True, description="Expression, in units of its channel.")
    e_odd: Series[float] = pa.Field(nullable=True)
    e_even: Series[float] = pa.Field(nullable=True)
    seen_share: Series[float] = pa.Field(nullable=True)
    x_w: Series[float] = pa.Field(nullable=True, description="x within person and emotion, in SD.")
    x_pm: Series[float] = pa.Field(nullable=True, description="Person mean of x, centred, in SD.")
    e_w: Series[float] = pa.Field(nullable=True, description="e within person and emotion.")
    x_other: Series[float] | None = pa.Field(
        nullable=True, description="x_w of the other person in the same segment and emotion."
    )


class MatchedSets(Contract):
    """A participant who could be matched, and the set that they are in."""

    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    set_number: Series[pd.Int64Dtype] = pa.Field(
        nullable=True, ge=1, description="Number of the set; empty: in none."
    )
    reason: Series[str] = pa.Field(description="Why the person is in no set.")


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
