"""Scores as tables of a page: how reliable they are, and the cells that they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dyads import wording
from dyads.contracts import TARGETS, ItemReliability, RetestReliability, ScaleReliability
from dyads.report.page_tables import PageTable
from dyads.tables import read

_HIDDEN: Final = "not shown"
_EVERYBODY: Final = "everybody"
_SCALE: Final = ["instrument", "scale"]
_SCORE: Final = ["session_id", "segment_id", "person_id", *_SCALE]
_CONSISTENCY: Final = [
    "alpha", "alpha_lower", "alpha_upper", "alpha_reason", "omega", "omega_reason",
    "lowest_share", "highest_share",
]  # fmt: skip
_AGREEMENT: Final = [
    "icc", "icc_lower", "icc_upper", "mean_change", "change_lower", "change_upper", "sem",
    "reliable_change", "reason",
]  # fmt: skip
_ITEM: Final = [
    "item", "mean", "sd", "rest_correlation", "alpha_without", "lowest_share", "highest_share",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class ScoreQuality:
    """What is known of the scores of a study.

    Parameters
    ----------
    scales
        `ScaleReliability`.
    items
        `ItemReliability`.
    retest
        `RetestReliability`.
    """

    scales: pd.DataFrame
    items: pd.DataFrame
    retest: pd.DataFrame


@dataclass(frozen=True)
class ScoreTables:
    """The tables of the scores.

    Parameters
    ----------
    scales
        Consistency and ends of the range.
    retest
        Change and agreement from session to session.
    items
        One table for each scale of several items.
    """

    scales: PageTable
    retest: PageTable
    items: tuple[PageTable, ...]


def read_score_quality(paths: Sequence[str]) -> ScoreQuality:
    """Read the tables of scales, items and sessions, in this order.

    Raises
    ------
    StudyError
        If a table does not keep its contract.
    """
    scales, items, retest = paths
    return ScoreQuality(
        read(scales, ScaleReliability),
        read(items, ItemReliability),
        read(retest, RetestReliability),
    )


def of_scores(quality: ScoreQuality, minimum_cell: int) -> ScoreTables:
    """Put the reliability of scores into tables for everybody to see.

    Parameters
    ----------
    quality
        Scales, items and sessions.
    minimum_cell
        Groups with fewer people are not shown; nor is everybody, where a group is not.
    """
    return ScoreTables(
        scales=_scales(quality.scales, minimum_cell),
        retest=_retest(quality.retest, minimum_cell),
        items=tuple(_items(quality, minimum_cell)),
    )


def scores_of_dyad(scores: pd.DataFrame, items: pd.DataFrame) -> PageTable:
    """List the scores of a dyad with the cells that each is made of. It stays private.

    Parameters
    ----------
    scores
        `Scores` of the dyad.
    items
        `ScoredItems` of the dyad; those of moments and of the other one are left out.
    """
    own = items[items["target"].eq(TARGETS[0]) & items["time_s"].isna()]
    parts = (own[name] for name in ("item", "answer", "points", "row"))
    cells = [_cell(*part) for part in zip(*parts, strict=True)]
    made_of = own.assign(cell=pd.Series(cells, own.index, dtype=object))
    made_of = made_of.groupby(_SCORE)["cell"].agg("; ".join).reset_index()
    listed = scores.merge(made_of, on=_SCORE, how="left")
    columns = [*_SCORE, "score", "reason", "n_answered", "n_items", "cell"]
    file = "" if own.empty else f" of {own['file'].iloc[0]}"
    return PageTable(
        title="Scores and the cells that they are made of",
        head=("Session", "Segment", "Person", "Scale", "Score", "Answered", "Items"),
        words=("Segment", "Person", "Scale", "Items"),
        rows=tuple(
            (
                session, segment or "whole session", person, f"{scale} ({instrument})",
                reason or wording.number(score), f"{answered} of {asked}",
                "no row" if pd.isna(cell) else cell,
            )
            for session, segment, person, instrument, scale, score, reason, answered, asked, cell
            in listed[columns].itertuples(index=False, name=None)
        ),
        note="An item with its answer; an arrow shows what counts where that is not the answer. "
        f"In brackets the row{file}.",
    )  # fmt: skip


def _cell(item: str, answer: float, points: float, row: int) -> str:
    if pd.isna(answer):
        return f"{item} {wording.EN_DASH} (row {row})"
    turned = "" if answer == points else f"→{points:g}"
    return f"{item} {answer:g}{turned} (row {row})"


def _is_hidden(table: pd.DataFrame, whole: Sequence[str], minimum_cell: int) -> pd.Series[bool]:
    """Mark groups of few people, and everybody where the rest would tell of such a group."""
    counts = table[["people", "people_scored"] if "people_scored" in table else ["people"]]
    is_small = (counts.gt(0) & counts.lt(minimum_cell)).any(axis=1)
    has_small = is_small.groupby([table[name] for name in whole]).transform("any").astype(bool)
    return is_small | (has_small & table["group"].eq(_EVERYBODY))


def _scales(table: pd.DataFrame, minimum_cell: int) -> PageTable:
    return PageTable(
        title="Scales: do their items hang together?",
        head=("Scale", "Group", "People", "Alpha", "Omega", "At the lowest", "At the highest"),
        words=("Group",),
        rows=tuple(_scale_rows(table, _is_hidden(table, _SCALE, minimum_cell))),
        note="Cronbach's alpha with its 95 % interval (Feldt) and McDonald's omega of one factor, "
        "of everybody's first sheet that was answered in full. The last two columns: mean share of "
        "a person's scores that are as low or as high as can be; above 15 % a scale cannot tell "
        "people apart there." + _cell_note(minimum_cell),
    )


def _scale_rows(table: pd.DataFrame, is_hidden: pd.Series[bool]) -> Iterator[tuple[str, ...]]:
    columns = [*_SCALE, "group", "people", *_CONSISTENCY]
    for (
        instrument, scale, group, people, alpha, lower, upper, alpha_reason, omega, omega_reason,
        lowest, highest,
    ), hidden in zip(
        table[columns].itertuples(index=False, name=None), is_hidden, strict=True
    ):  # fmt: skip
        shown = (
            str(people),
            alpha_reason or wording.estimate_interval(alpha, lower, upper),
            omega_reason or wording.fixed(omega, 2),
            wording.percent(lowest),
            wording.percent(highest),
        )
        yield (f"{scale} ({instrument})", group, *([_HIDDEN] * len(shown) if hidden else shown))


def _retest(table: pd.DataFrame, minimum_cell: int) -> PageTable:
    whole = [*_SCALE, "first_session", "second_session"]
    return PageTable(
        title="Scales from session to session",
        head=("Scale", "Group", "Sessions", "People", "ICC(A,1)", "Mean change", "Standard error",
              "Reliable change"),
        words=("Group", "Sessions"),
        rows=tuple(_retest_rows(table, _is_hidden(table, whole, minimum_cell))),
        note="Means of the segments with the same label in both sessions, with 95 % intervals. "
        "Standard error of measurement: SD of the change / √2. Reliable change: 1.96 √2 times it; "
        "95 % of the people who did not change differ by less. What people truly felt differently "
        "counts against the ICC like an error." + _cell_note(minimum_cell),
    )  # fmt: skip


def _retest_rows(table: pd.DataFrame, is_hidden: pd.Series[bool]) -> Iterator[tuple[str, ...]]:
    columns = [*_SCALE, "group", "first_session", "second_session", "people", *_AGREEMENT]
    for (
        instrument, scale, group, first, second, people, icc, icc_lower, icc_upper, change, lower,
        upper, sem, reliable, reason,
    ), hidden in zip(
        table[columns].itertuples(index=False, name=None), is_hidden, strict=True
    ):  # fmt: skip
        shown = (
            str(people),
            reason or wording.estimate_interval(icc, icc_lower, icc_upper),
            wording.EN_DASH if reason else wording.estimate_interval(change, lower, upper),
            wording.number(sem),
            wording.number(reliable),
        )
        own = [_HIDDEN] * len(shown) if hidden else shown
        yield (f"{scale} ({instrument})", group, f"{first} to {second}", *own)


def _items(quality: ScoreQuality, minimum_cell: int) -> Iterator[PageTable]:
    """Give the items of each scale for everybody, where everybody may be shown."""
    scales = quality.scales
    is_shown = ~_is_hidden(scales, _SCALE, minimum_cell) & scales["group"].eq(_EVERYBODY)
    items = quality.items.merge(scales.loc[is_shown, [*_SCALE, "group"]])
    for (instrument, scale), table in items.groupby(_SCALE, sort=False):
        yield PageTable(
            title=f"Items of {scale} ({instrument})",
            head=("Item", "Mean", "SD", "r with the rest", "Alpha without", "At the lowest",
                  "At the highest"),
            rows=tuple(
                (
                    item, wording.number(mean), wording.number(sd),
                    wording.fixed(rest_correlation, 2), wording.fixed(alpha_without, 2),
                    wording.percent(lowest), wording.percent(highest),
                )
                for item, mean, sd, rest_correlation, alpha_without, lowest, highest
                in table[_ITEM].itertuples(index=False, name=None)
            ),
            note=f"{table['people'].iloc[0]} people of all groups; items keyed in the scale's "
            "direction.",
        )  # fmt: skip


def _cell_note(minimum_cell: int) -> str:
    return "" if minimum_cell <= 1 else f" Groups of fewer than {minimum_cell} are not shown."
