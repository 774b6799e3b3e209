"""Tables of what a session shows."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import IDENTIFIER, STRATA, Contract


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
