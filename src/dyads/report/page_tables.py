"""Tables as pages show them: words and rounded numbers, small cells hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dyads import wording
from dyads.steps import LedgerEntry

_CONGRUENCE_NAMES: Final = {
    "slope": "C1 slope (mean of people)",
    "r": "C2 correlation within person",
    "disattenuated_r": "C3 correlation, corrected",
    "sd_x": "SD of experience (all = 1)",
    "sd_e": "SD of expression",
    "smile_log_odds": "C5 smiling in negative segments (log odds ratio)",
}


@dataclass(frozen=True)
class PageTable:
    """A table of words, ready to be shown.

    Parameters
    ----------
    title
        What the table says, or nothing.
    head
        Names of the columns; the first column names the rows.
    rows
        Cells; as many a row as there are names.
    note
        What a reader must know to read it, or nothing.
    words
        Names of the columns that hold words, which are set flush left.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: tuple[str, ...] = ()


def exclusions(flow: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> PageTable:
    """List what was left out of the analysis, and why, by group."""
    lost = flow[(flow["lost_rows"] > 0) | (flow["lost_people"] > 0)]
    lost = lost[lost["group"].isin(list(groups))].sort_values("order", kind="stable")
    sums = lost.groupby(["reason", "group"], sort=False)[["lost_rows", "lost_people"]].sum()
    cells = {
        key: _loss(rows, people, minimum_cell)
        for key, (rows, people) in zip(sums.index, sums.to_numpy(int), strict=True)
    }
    rows = tuple(
        (reason, *(cells.get((reason, group), "0") for group in groups))
        for reason in dict.fromkeys(lost["reason"])
    )
    return PageTable(
        title="What was left out, and why",
        head=("Reason", *groups),
        rows=rows,
        note="Rows of participants (a person, a segment and an emotion); in brackets, people who "
        "are left with no row at all." + _cell_note(minimum_cell),
    )


def seen(cohort: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> PageTable:
    """Say how much of the participants' faces was seen, by group."""
    own = cohort[cohort["role"] == "participant"]
    rows = []
    for group in groups:
        part = own[own["group"] == group]
        kept = part[part["exclusion"] == ""]
        if part["person"].nunique() < minimum_cell:
            rows.append((group, *["not shown"] * 3))
            continue
        once = part.drop_duplicates(["person", "session_id", "segment_id"])["seen_share"]
        rows.append((
            group, wording.plural(len(part), "row"), wording.plural(len(kept), "row"),
            wording.percent(float(once.mean())),
        ))  # fmt: skip
    return PageTable(
        title="Seen time by group",
        head=("Group", "Planned", "Analysed", "Mean share of a segment that was seen"),
        rows=tuple(rows),
        note="If this differs between groups, so may the reading of their faces."
        + _cell_note(minimum_cell),
    )


def congruence(table: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> PageTable:
    """Put the measures of congruence of the groups side by side."""
    cells = {
        (group, measure): (
            "not shown"
            if people < minimum_cell
            else wording.estimate_interval(value, lower, upper)
        )
        for group, measure, people, value, lower, upper in zip(
            table["group"], table["measure"], table["people"], table["value"], table["lower"],
            table["upper"], strict=True,
        )
    }  # fmt: skip
    return PageTable(
        title="Congruence of the groups",
        head=("Measure", *groups),
        rows=tuple(
            (
                _CONGRUENCE_NAMES.get(measure, measure.replace("_", " ")),
                *(cells.get((group, measure), wording.EN_DASH) for group in groups),
            )
            for measure in dict.fromkeys(table["measure"])
        ),
        note="Brackets: 95 % interval of a bootstrap over dyads." + _cell_note(minimum_cell),
    )


def software(ledger: Sequence[LedgerEntry]) -> PageTable:
    """List the versions of Python and packages that the steps of the run used."""
    versions: dict[str, set[str]] = {}
    for entry in ledger:
        for package, version in {"Python": entry.python, **entry.packages}.items():
            versions.setdefault(package, set()).add(version)
    return PageTable(
        title="Software",
        head=("Package", "Version"),
        rows=tuple((name, ", ".join(sorted(found))) for name, found in sorted(versions.items())),
        note="Two versions of one package mean that steps were run at different times."
        if any(len(found) > 1 for found in versions.values())
        else "",
    )


def steps(ledger: Sequence[LedgerEntry]) -> PageTable:
    """List the steps of the run, how often each was done and what it took."""
    table = pd.DataFrame(
        {
            "rule": [entry.rule for entry in ledger],
            "duration_s": [entry.duration_s for entry in ledger],
            "memory_mb": [entry.peak_memory_mb for entry in ledger],
        }
    )
    sums = table.groupby("rule", sort=True).agg(
        times=("rule", "size"), duration_s=("duration_s", "sum"), memory_mb=("memory_mb", "max")
    )
    return PageTable(
        title="Steps of the run",
        head=("Step", "Times", "Time in all (s)", "Peak memory (MB)"),
        rows=tuple(
            (str(rule), str(times), wording.fixed(duration_s, 1), wording.fixed(memory_mb, 0))
            for rule, times, duration_s, memory_mb in sums.itertuples(name=None)
        ),
    )


def _loss(rows: int, people: int, minimum_cell: int) -> str:
    if not people:
        return str(rows)
    return f"{rows} ({wording.people_count(people, minimum_cell)})"


def _cell_note(minimum_cell: int) -> str:
    if minimum_cell <= 1:
        return ""
    return f" Numbers of people below {minimum_cell} are not shown."
