"""Who is in the sample, as tables of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dyads import wording
from dyads.analysis.balance import LARGEST_DIFFERENCE, VARIANCE_RATIOS
from dyads.analysis.equivalence import EVERYBODY
from dyads.analysis.sample import ANALYSED, MATCHED, RECRUITED, SampleDescription
from dyads.report.page_tables import PageTable

_HIDDEN = "not shown"
_MEASURES = {
    "analysed_share": "share of rows analysed",
    "seen_share": "share of segments seen",
    "face_share": "share of frames with a face",
    "longest_gap": "longest gap (s)",
    "face_width": "width of the face (px)",
    "turn": "turn of the head (degrees)",
    "light": "light (0 to 1)",
    "sharpness": "sharpness",
    "speed_p95": "speed (face widths/s)",
}


@dataclass(frozen=True)
class SampleTables:
    """The tables of a sample.

    Parameters
    ----------
    groups
        Covariates by group and balance: of those analysed and, if there are any, those matched.
    lost
        Whom the analysis lost.
    missing
        Missing values.
    quality
        Equivalence of data quality.
    """

    groups: tuple[PageTable, ...]
    lost: PageTable
    missing: PageTable
    quality: PageTable


def of_sample(
    description: SampleDescription, sessions: pd.DataFrame, participants: pd.DataFrame
) -> SampleTables:
    """Put the description of a sample into tables.

    Parameters
    ----------
    description
        The sample.
    sessions, participants
        Study tables; sessions are counted by group.
    """
    matched = description.people["sample"].eq(MATCHED).any()
    group = participants.set_index("participant_id")["group"]
    met = sessions["participant_id"].map(group).value_counts()
    return SampleTables(
        groups=(
            groups(description, ANALYSED, "Participants", met),
            *((groups(description, MATCHED, "Participants in matched sets"),) if matched else ()),
        ),
        lost=attrition(description),
        missing=missing(description),
        quality=equivalence(description),
    )


def groups(
    description: SampleDescription,
    sample: str,
    title: str,
    sessions: pd.Series[int] | None = None,
) -> PageTable:
    """Describe every covariate by group, with standardised differences and variance ratios."""
    names = description.summary.groups
    people = description.people.set_index(["sample", "group"])["people"]
    described = description.covariates[description.covariates["sample"].eq(sample)]
    compared = description.balance[description.balance["sample"].eq(sample)]
    contrasts = list(dict.fromkeys(compared["contrast"]))
    first = [RECRUITED, sample]
    rows = [
        (f"n, {name}", *(_count(people[name, group], description) for group in names),
         *("" for _ in contrasts))
        for name in first
    ]  # fmt: skip
    if sessions is not None:
        rows.append(("Sessions", *(str(sessions.get(group, 0)) for group in names),
                     *("" for _ in contrasts)))  # fmt: skip
    keys = dict.fromkeys(zip(described["covariate"], described["level"], strict=True))
    cells = _by_key(described, "group", _values(described))
    pairs = _by_key(compared, "contrast", _differences(compared))
    rows += [
        (
            f"{covariate}: {level}" if level else covariate,
            *(cells[covariate, level, group] for group in names),
            *(pairs.get((covariate, level, contrast), "") for contrast in contrasts),
        )
        for covariate, level in keys
    ]
    low, high = VARIANCE_RATIOS
    return PageTable(
        title=title,
        head=("", *names, *(wording.contrast(contrast) for contrast in contrasts)),
        rows=tuple(rows),
        note="Numbers: mean (SD); words: people (share of those known). Differences: standardised "
        "mean difference [95 % interval], variance ratio. Marked with * where the difference is "
        f"{LARGEST_DIFFERENCE} or more, or the ratio outside {low:g} to {high:g}; balance is not "
        "tested, since it is a property of these people." + _cell_note(description),
    )


def missing(description: SampleDescription) -> PageTable:
    """Say what is missing, by variable and group."""
    table = description.missing
    rows = []
    for (variable, unit), own in table.groupby(["variable", "unit"], sort=False):
        if not (own["missing"].gt(0) | own["is_hidden"]).any():
            continue
        rows.append((f"{variable} ({unit})", *_missing(own)))
    return PageTable(
        title="Missing values",
        head=("Variable", *description.summary.groups),
        rows=tuple(rows),
        note="Of participants who let their data be processed: missing of all, in people or in "
        "rows (a segment and an emotion). Variables without a gap are not listed."
        + _cell_note(description),
    )


def attrition(description: SampleDescription) -> PageTable:
    """Say whom the analysis lost, by reason, group, sex and age."""
    table = description.attrition
    names = description.summary.groups
    rows = []
    keys = ["reason", "factor", "level"]
    for (reason, factor, level), own in table.groupby(keys, sort=False, dropna=False):
        is_lost = own["touched"].gt(0).any()
        if not (is_lost or (factor == EVERYBODY and own["is_hidden"].any())):
            continue
        who = "" if factor == EVERYBODY else f", {factor} {level}"
        cells = dict(zip(own["group"], _lost(own), strict=True))
        rows.append((f"{reason}{who}", *(cells.get(group, "") for group in names)))
    return PageTable(
        title="Whom the analysis lost",
        head=("Reason", *names),
        rows=tuple(rows),
        note="People who lost rows, of all; in brackets those left without a row, and the mean "
        "share of a person's rows that was lost. Sexes and ages stand where somebody was lost."
        + _cell_note(description),
    )


def equivalence(description: SampleDescription) -> PageTable:
    """Say whether groups, sexes and ages have data of the same quality."""
    table = description.equivalence
    known = table[table["p_equivalence"].notna()]
    hidden = int(table["is_hidden"].sum())
    rows = [
        (
            _MEASURES.get(measure, measure),
            wording.contrast(contrast) + ("" if within == EVERYBODY else f" ({within})"),
            wording.estimate_interval(estimate, lower, upper),
            f"{bound:g}",
            wording.p_value(p_equivalence, sign=False),
            wording.p_value(p_difference, sign=False),
            verdict,
        )
        for measure, contrast, within, estimate, lower, upper, bound, p_equivalence,
        p_difference, verdict in zip(
            known["measure"], known["contrast"], known["within"], known["estimate"],
            known["lower"], known["upper"], known["bound"], known["p_equivalence"],
            known["p_difference"], known["verdict"], strict=True,
        )
    ]  # fmt: skip
    return PageTable(
        title="Is the quality of the data alike?",
        head=("Measure", "Compared", "Difference [90 %]", "Bound", "p, alike", "p, differs",
              "Verdict"),
        rows=tuple(rows),
        note="Two one-sided Welch tests: alike where the 90 % interval lies within the bound "
        "(p, alike below .05); left open: neither alike nor different could be shown. A "
        "difference in quality may make a difference in expression."
        + (f" Left out for few people: {wording.plural(hidden, 'comparison')}." if hidden else ""),
        words=("Compared", "Verdict"),
    )  # fmt: skip


def _by_key(
    table: pd.DataFrame, last: str, cells: Sequence[str]
) -> dict[tuple[str, str, str], str]:
    keys = zip(table["covariate"], table["level"], table[last], strict=True)
    return dict(zip(keys, cells, strict=True))


def _values(described: pd.DataFrame) -> list[str]:
    """Write mean and spread, or count and share; with the number known where some are missing."""
    cells = []
    for is_hidden, people, known, mean, sd, count, share in zip(
        described["is_hidden"], described["people"], described["known"], described["mean"],
        described["sd"], described["count"], described["share"], strict=True,
    ):  # fmt: skip
        if is_hidden:
            cells.append(_HIDDEN)
        elif pd.notna(count):
            cells.append(f"{int(count)} ({wording.percent(share)})")
        elif pd.isna(mean):
            cells.append(wording.EN_DASH)
        else:
            gap = f", n = {int(known)}" if pd.notna(known) and known < people else ""
            cells.append(f"{wording.fixed(mean, 1)} ({wording.fixed(sd, 1)}){gap}")
    return cells


def _differences(compared: pd.DataFrame) -> list[str]:
    cells = []
    for is_hidden, smd, lower, upper, ratio, is_balanced in zip(
        compared["is_hidden"], compared["smd"], compared["lower"], compared["upper"],
        compared["variance_ratio"], compared["is_balanced"], strict=True,
    ):  # fmt: skip
        if is_hidden or pd.isna(smd):
            cells.append(_HIDDEN if is_hidden else wording.EN_DASH)
            continue
        spread = f", {wording.fixed(ratio, 2)}" if pd.notna(ratio) else ""
        mark = "" if is_balanced else " *"
        cells.append(f"{wording.fixed(smd, 2)} {wording.interval(lower, upper)}{spread}{mark}")
    return cells


def _missing(own: pd.DataFrame) -> list[str]:
    return [
        _HIDDEN if is_hidden else f"{int(missing)} of {int(total)}" if total else wording.EN_DASH
        for is_hidden, missing, total in zip(
            own["is_hidden"], own["missing"], own["total"], strict=True
        )
    ]


def _lost(own: pd.DataFrame) -> list[str]:
    return [
        _HIDDEN
        if is_hidden
        else f"{int(touched)} of {int(people)} ({int(gone)}; {wording.percent(share)})"
        for is_hidden, people, touched, gone, share in zip(
            own["is_hidden"], own["people"], own["touched"], own["gone"], own["share"], strict=True
        )
    ]


def _count(people: float, description: SampleDescription) -> str:
    if pd.isna(people):
        return f"fewer than {description.summary.minimum_cell}"
    return str(int(people))


def _cell_note(description: SampleDescription) -> str:
    cell = description.summary.minimum_cell
    if cell <= 1:
        return ""
    return f" Numbers of people below {cell} are not shown, nor what they could be reckoned from."
