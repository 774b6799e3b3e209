"""Ratings of the other one, of moments and all the while as tables of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from dyads import wording
from dyads.contracts import ROLES
from dyads.report.page_tables import PageTable

_HIDDEN: Final = "not shown"
_SESSION: Final = ["dyad_id", "session_id"]

JUDGEMENTS: Final = {
    ("accuracy", "slope"): "Accuracy, slope",
    ("accuracy", "partial_slope"): "Accuracy, slope beyond what the judge felt",
    ("accuracy", "r"): "Accuracy, correlation",
    ("accuracy", "bias"): "Bias: judgement minus what the other said (points)",
    ("distinctive_accuracy", "slope"): "Distinctive accuracy, slope",
    ("distinctive_accuracy", "partial_slope"): "Distinctive accuracy, slope beyond what the judge "
    "felt",
    ("distinctive_accuracy", "r"): "Distinctive accuracy, correlation",
    ("assumed_similarity", "slope"): "Assumed similarity, slope",
    ("assumed_similarity", "partial_slope"): "Assumed similarity, slope beyond what the other said",
    ("assumed_similarity", "r"): "Assumed similarity, correlation",
    ("assumed_similarity", "bias"): "Judgement minus what the judge felt (points)",
    ("similarity", "slope"): "Similarity, slope",
    ("similarity", "r"): "Similarity, correlation",
    ("lens", "slope"): "Judgement on the other's face, slope (points per unit)",
    ("lens", "r"): "Judgement on the other's face, correlation",
}
"""Names of what is made of judgements, by comparison and measure, in the order of the table."""

MOMENTS: Final = {
    ("congruence", "slope"): "Own face on own rating, slope (units per point)",
    ("congruence", "r"): "Own face on own rating, correlation",
    ("lens", "slope"): "Rating of the other on their face, slope (points per unit)",
    ("lens", "r"): "Rating of the other on their face, correlation",
}
"""Names of what is made of rated moments, by comparison and measure, in the order of the table."""

_CONTINUOUS: Final = {
    "r": "correlation without lag",
    "excess_z": "peak above chance (Fisher z)",
    "lag_s": "lag of the peak (s)",
}


def counts(
    rows: pd.DataFrame, groups: Sequence[str], minimum_cell: int, words: tuple[str, str]
) -> PageTable:
    """Count people, sessions and ratings of each group and role.

    Parameters
    ----------
    rows
        A row a rating: `person`, `dyad_id`, `session_id`, `group`, `role` and whether the rating
        `is_used`.
    groups
        Groups of the study in their order.
    minimum_cell
        Of fewer people nothing is told.
    words
        What a rating is called in the plural, and what those that are used are called.
    """
    lines = []
    for role in ROLES:
        for group in groups:
            own = rows[rows["group"].eq(group) & rows["role"].eq(role)]
            people = own["person"].nunique()
            if not people:
                continue
            shown = (people, len(own[_SESSION].drop_duplicates()), len(own), own["is_used"].sum())
            told = [_HIDDEN] * 4 if people < minimum_cell else [str(int(n)) for n in shown]
            who = group if role == "participant" else f"partners of {group}"
            lines.append((who, *told))
    return PageTable(
        title="Who rated, and how often",
        head=("Who", "People", "Sessions", *words),
        rows=tuple(lines),
        note=_cell_note(minimum_cell),
    )


def named(
    table: pd.DataFrame,
    names: Mapping[tuple[str, str], str],
    groups: Sequence[str],
    titles: Mapping[str, str],
) -> list[PageTable]:
    """Show measures by their names, a table for each role.

    Parameters
    ----------
    table
        `GroupAgreement`.
    names
        Names of rows by comparison and measure, in the order of the table.
    groups
        Groups of the study in their order.
    titles
        Title of the table of each role; a role without numbers has no table.
    """
    order = {key: place for place, key in enumerate(names)}
    keys = list(zip(table["comparison"], table["measure"], strict=True))
    known = table.assign(
        rating="",
        what=[names.get(key, "") for key in keys],
        order=[order.get(key, -1) for key in keys],
    )
    return _by_role(known[known["order"].ge(0)].sort_values("order", kind="stable"), groups, titles)


def continuous(
    table: pd.DataFrame, groups: Sequence[str], titles: Mapping[str, str]
) -> list[PageTable]:
    """Show the agreement of continuous ratings, a table for each role.

    Parameters
    ----------
    table
        `GroupAgreement` of continuous ratings.
    groups, titles
        As for `named`.
    """
    has_delays = len(set(table["delay_s"])) > 1
    ratings = zip(
        table["emotion"], table["target"], table["comparison"], table["delay_s"], strict=True
    )
    ordered = table.assign(
        rating=[
            wording.continuous_rating(emotion, target, comparison) + _taken(delay_s, has_delays)
            for emotion, target, comparison, delay_s in ratings
        ],
        what=table["measure"].map(_CONTINUOUS),
        order=table["measure"].map(list(_CONTINUOUS).index),
    )
    by = ["emotion", "target", "comparison", "delay_s", "order"]
    rising = [True, False, True, True, True]
    return _by_role(ordered.sort_values(by, ascending=rising, kind="stable"), groups, titles)


def _taken(delay_s: float, has_delays: bool) -> str:
    if not has_delays:
        return ""
    return f", {delay_s:g} s taken off" if delay_s else ", no delay taken off"


def _by_role(
    table: pd.DataFrame, groups: Sequence[str], titles: Mapping[str, str]
) -> list[PageTable]:
    """Put groups side by side; of rows that speak of one rating only the first one names it."""
    parts = []
    for role, title in titles.items():
        own = table[table["role"].eq(role)]
        if own.empty:
            continue
        rows, before = [], ""
        for key, line in own.groupby(["rating", "what"], sort=False):
            rating, what = map(str, key)
            numbers = line[["value", "lower", "upper"]].to_numpy(float)
            cells = {
                group: f"{wording.estimate_interval(*found)}{wording.NO_BREAK}({people})"
                for group, found, people in zip(line["group"], numbers, line["people"], strict=True)
            }
            told = [cells.get(group, wording.EN_DASH) for group in groups]
            named = ["" if rating == before else rating, what] if rating else [what]
            rows.append((*named, *told))
            before = rating
        head = ("Rating", "Measure", *groups) if before else ("Measure", *groups)
        words = ("Measure",) if before else ()
        parts.append(PageTable(title=title, head=head, rows=tuple(rows), words=words))
    return parts


def _cell_note(minimum_cell: int) -> str:
    if minimum_cell <= 1:
        return ""
    return f"Of fewer than {minimum_cell} people nothing is told."
