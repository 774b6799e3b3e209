"""Tables of scores, and of how far they can be relied on."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import IDENTIFIER, TARGETS, Contract


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
