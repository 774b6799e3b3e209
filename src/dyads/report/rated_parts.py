"""What the report says of ratings of the other one, of moments and of every instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from dyads import wording
from dyads.analysis.agreement import read_groups
from dyads.config import Config, ContinuousPair, EmotionPair
from dyads.contracts import ContinuousAgreement, Contract, Judgements, Moments
from dyads.plan.state import PlanState
from dyads.report import plan_tables, rated_tables
from dyads.report.page_tables import PageTable
from dyads.study.study import people_of
from dyads.tables import read_all

_INTERVALS: Final = (
    "Means of people, their 95 % interval from a bootstrap over dyads, and in round brackets the "
    "number of people. With few dyads such an interval is too short."
)
_NOT_TESTED: Final = (
    "The numbers describe each group for itself: groups are not tested against each other here, "
    "and nothing is corrected for looking at several measures."
)


@dataclass(frozen=True, eq=False)
class Rated:
    """Ratings of one kind.

    Parameters
    ----------
    groups
        `GroupAgreement`.
    rows
        What it was made of: `Judgements`, `Moments` or `ContinuousAgreement`.
    """

    groups: pd.DataFrame
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class FurtherRatings:
    """Ratings that are no experience of a segment; None where a study has none of a kind."""

    judgements: Rated | None = None
    moments: Rated | None = None
    continuous: Rated | None = None


@dataclass(frozen=True)
class RatedPart:
    """A kind of rating on the page.

    Parameters
    ----------
    name
        Name of its figure, and of its table of groups in `shareable/ratings`.
    title
        One line.
    sentences
        What was asked, and how to read the numbers.
    tables
        Who rated; then the numbers of participants and of partners.
    stamp
        A stamp that is not everybody's.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[PageTable, ...]
    stamp: str


def read_rated(
    judgements: Sequence[str], moments: Sequence[str], continuous: Sequence[str]
) -> FurtherRatings:
    """Read the tables of each kind: that of groups first, then the rows it was made of.

    Raises
    ------
    StudyError
        If a table does not keep its contract.
    """
    return FurtherRatings(
        judgements=_read(judgements, Judgements),
        moments=_read(moments, Moments),
        continuous=_read(continuous, ContinuousAgreement),
    )


def parts(
    ratings: FurtherRatings | None,
    config: Config,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    plan: PlanState,
) -> list[RatedPart]:
    """Write a part for each kind of rating that the study has.

    Parameters
    ----------
    ratings
        The tables; None: there are none.
    config
        Settings of the run.
    sessions, participants
        Study tables.
    plan
        How the run stands to the plan.
    """
    if ratings is None:
        return []
    written = []
    if ratings.judgements is not None:
        stamp = plan_tables.stamp_of_part(plan, "congruence")
        written.append(_judgements(ratings.judgements, config, stamp))
    if ratings.moments is not None:
        stamp = plan_tables.stamp_of_part(plan, "congruence")
        written.append(_moments(ratings.moments, config, stamp))
    if ratings.continuous is not None:
        stamp = plan_tables.stamp_of_part(plan, "agreement")
        people = people_of(sessions, participants)
        written.append(_continuous(ratings.continuous, config, people, stamp))
    return written


def _read(paths: Sequence[str], contract: type[Contract]) -> Rated | None:
    if not paths:
        return None
    groups, *rows = paths
    return Rated(read_groups(groups), read_all(rows, contract)[0])


def _judgements(rated: Rated, config: Config, stamp: str) -> RatedPart:
    groups, cell = config.study.groups, config.report.minimum_cell
    rows = rated.rows.dropna(subset=["judged"])
    numbers = rated_tables.named(
        rated.groups,
        rated_tables.JUDGEMENTS,
        groups,
        {"participant": "Participants about their partners",
         "partner": "Partners about the participants"},
    )  # fmt: skip
    return RatedPart(
        name="judgements",
        title="What people thought that the other one felt",
        sentences=(
            "People said segment by segment what they thought that the other one of the dyad "
            f"felt: {_asked(config.congruence.pairs, rows)}. Judgements are compared from segment "
            "to segment, within each judge and emotion; slopes are in points per point.",
            "How to read it: accuracy says how many points a judgement rises when what the other "
            "said of themselves rises by one; 1 is following point by point, 0 not at all. Two "
            "people who feel alike look accurate if one simply takes oneself for the other, so "
            "read the slope beyond what the judge felt, which is held constant there (Kenny and "
            "Acitelli 2001). Distinctive accuracy is what is left when that which all dyads have "
            "in common in a segment is taken off: everybody knows that a happy segment is a happy "
            "one (Biesanz 2010).",
            "Assumed similarity says how far a judgement follows what the judge felt. A bias above "
            "zero: the judge takes the other to feel more than they say. Similarity is no "
            "judgement; it says how alike both felt.",
            _NOT_TESTED,
        ),
        tables=(
            rated_tables.counts(
                rows.assign(is_used=rows["truth"].notna()), groups, cell,
                ("Judgements", "With the other's own rating"),
            ),
            *_noted(numbers, cell),
        ),
        stamp=stamp,
    )  # fmt: skip


def _moments(rated: Rated, config: Config, stamp: str) -> RatedPart:
    groups, cell = config.study.groups, config.report.minimum_cell
    rows = rated.rows.assign(is_used=rated.rows["exclusion"].eq(""))
    numbers = rated_tables.named(
        rated.groups,
        rated_tables.MOMENTS,
        groups,
        {"participant": "Moments rated by participants", "partner": "Moments rated by partners"},
    )
    window = config.moments
    return RatedPart(
        name="moments",
        title="Rated moments",
        sentences=(
            "People said what was felt at points in time: "
            f"{_asked(config.congruence.pairs, rows, has_channel=True)}. "
            f"The face was measured from {window.before_s:g} s before to {window.after_s:g} s "
            "after that point.",
            "How to read it: a slope above zero says that the face showed more where more was "
            "rated (of oneself), or that more was rated where the other's face showed more. "
            "Windows of moments that lie close together hold partly the same face; so each person "
            f"counts once.{_why_not(rows['exclusion'])}",
            _NOT_TESTED,
        ),
        tables=(
            rated_tables.counts(rows, groups, cell, ("Ratings", "Rated and seen")),
            *_noted(numbers, cell),
        ),
        stamp=stamp,
    )


def _continuous(rated: Rated, config: Config, people: pd.DataFrame, stamp: str) -> RatedPart:
    groups, cell, settings = config.study.groups, config.report.minimum_cell, config.continuous
    who = ["dyad_id", "session_id", "person_id"]
    is_own = rated.rows["comparison"].eq("expression") & rated.rows["delay_s"].eq(settings.delay_s)
    rows = rated.rows[is_own].merge(people[[*who, "role", "group"]], on=who)
    rows = rows.rename(columns={"person_id": "person"}).assign(is_used=rows["reason"].eq(""))
    numbers = rated_tables.continuous(
        rated.groups,
        groups,
        {"participant": "Continuous ratings by participants",
         "partner": "Continuous ratings by partners"},
    )  # fmt: skip
    is_of_other = rated.rows["comparison"].eq("own_rating").any()
    also = (
        ", a rating of the other one also against that person's own rating" if is_of_other else ""
    )
    taken = (
        f" {settings.delay_s:g} s were taken off every rating as reaction delay."
        if settings.delay_s
        else ""
    )
    return RatedPart(
        name="continuous",
        title="Ratings of every instant",
        sentences=(
            "People showed all the while, on a scale that they moved, what was felt: "
            f"{_asked(settings.pairs, rows, has_channel=True)}. A rating is held against the face "
            f"of the person it speaks of{also}.{taken}",
            "How to read it: people answer late, so the largest correlation is looked for within "
            f"{settings.lag_s:g} s of each other. The largest of many correlations is above zero "
            "for any two series; the peak above chance is what is left of it when the mean of the "
            "same search after circular shifts is taken off. Zero is no more than chance. Where "
            "it is not above zero, the lag says nothing. A lag above zero: the rating comes later."
            f"{_why_not(rows['reason'])}",
            _NOT_TESTED,
        ),
        tables=(
            rated_tables.counts(
                rows, groups, cell, ("Ratings (a session each)", "Usable with the face")
            ),
            *_noted(numbers, cell),
        ),
        stamp=stamp,
    )


def _asked(
    pairs: Iterable[EmotionPair | ContinuousPair], rows: pd.DataFrame, *, has_channel: bool = False
) -> str:
    """Name what was asked for, and the channel that it is held against."""
    asked = set(rows["emotion"])
    named = [
        f"{pair.emotion} ({pair.instrument}: {pair.scale}"
        + (f", held against {pair.channel})" if has_channel else ")")
        for pair in pairs
        if pair.emotion in asked
    ]
    return wording.listed(list(dict.fromkeys(named))) or "nothing that could be used"


def _why_not(reasons: pd.Series) -> str:
    found = sorted(set(reasons) - {""})
    return f" Not used, because: {'; '.join(found)}." if found else ""


def _noted(tables: Sequence[PageTable], minimum_cell: int) -> list[PageTable]:
    """Put the same note below all tables; one empty table where there is none."""
    few = f", or fewer than {minimum_cell} people" if minimum_cell > 1 else ""
    note = f"{_INTERVALS} A dash: nobody{few}."
    if not tables:
        return [PageTable(title="Agreement", head=("Measure",), rows=())]
    return [replace(table, note=note) for table in tables]
