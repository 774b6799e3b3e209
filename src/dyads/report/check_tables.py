"""How far a model's answer holds, as tables of a page."""

from __future__ import annotations

import pandas as pd

from dyads import wording
from dyads.analysis.checks import CheckTables
from dyads.report.page_tables import PageTable


def of_checks(checks: CheckTables, minimum_cell: int) -> tuple[PageTable, ...]:
    """Put the checks of a model into tables: without each dyad, within bounds, spread, the fit."""
    tables = [without_dyads(checks), bounds(checks), spread(checks, minimum_cell), fit(checks)]
    return tuple(table for table in tables if table.rows)


def without_dyads(checks: CheckTables) -> PageTable:
    """Say between what a contrast moves when one dyad is left out."""
    table = checks.leave_one_out
    rows = []
    for contrast, estimate, lowest, highest, shift, influential, changed, refits, failed in zip(
        table["contrast"], table["estimate"], table["lowest"], table["highest"],
        table["largest_shift"], table["influential"], table["verdicts_changed"], table["refits"],
        table["failed"], strict=True,
    ):  # fmt: skip
        places = wording.places_for(highest - lowest, estimate / 10)
        rows.append((
            wording.contrast(contrast), wording.fixed(estimate, places),
            f"{wording.fixed(lowest, places)} to {wording.fixed(highest, places)}",
            wording.fixed(shift, 2), _count(influential), _count(changed),
            f"{int(refits)}" + (f" ({int(failed)} failed)" if failed else ""),
        ))  # fmt: skip
    limit = table["limit"].iloc[0] if len(table) else float("nan")
    return PageTable(
        title="Without each dyad",
        head=("Contrast", "All dyads", "Without one", "Largest shift (SE)", "Influential",
              "Other verdict", "Fits"),
        rows=tuple(rows),
        note="The model fitted anew without each dyad. Influential: dyads that move the contrast "
        f"by more than 2 / √n = {wording.fixed(limit, 2)} standard errors; other verdict: dyads "
        "without which p is on the other side of .05.",
    )  # fmt: skip


def bounds(checks: CheckTables) -> PageTable:
    """Say whether the contrasts hold where the outcome's bounds are taken into account."""
    table = checks.bounds
    rows = [
        (
            name,
            wording.contrast(contrast),
            wording.number(estimate) if not reason else wording.EN_DASH,
            wording.fixed(statistic, 2),
            wording.degrees(df),
            reason or wording.p_value(p_adjusted, sign=False),
        )
        for name, contrast, estimate, statistic, df, p_adjusted, reason in zip(
            table["check"], table["contrast"], table["estimate"], table["statistic"], table["df"],
            table["p_adjusted"], table["reason"], strict=True,
        )
    ]  # fmt: skip
    return PageTable(
        title="The outcome within its bounds",
        head=("Check", "Contrast", "Estimate", "t", "df", "p, corrected"),
        rows=tuple(rows),
        note="The outcome cannot leave its range, which a linear model does not know. On the "
        "logit scale signs and p can be compared, sizes cannot; a verdict that changes hangs on "
        "the scale. Beta regression has no random effects; its errors are robust to what rows of "
        "a dyad share, and its degrees of freedom are the dyads minus one.",
        words=("Contrast",),
    )


def spread(checks: CheckTables, minimum_cell: int) -> PageTable:
    """Say whether the groups scatter alike around the model."""
    table = checks.spread
    rows = [
        (str(group), *(["not shown"] * 3))
        if is_hidden
        else (
            str(group), f"{int(count)}", wording.number(sd), wording.fixed(lag1, 2),
        )
        for group, count, sd, lag1, is_hidden in zip(
            table["group"], table["rows"].fillna(0), table["residual_sd"],
            table["lag1_correlation"], table["is_hidden"], strict=True,
        )
    ]  # fmt: skip
    return PageTable(
        title="Residuals by group",
        head=("Group", "Rows", "SD", "Correlation of neighbours"),
        rows=tuple(rows),
        note="Where groups scatter differently, the cluster-robust tests (CR2) hold and the "
        "others need not."
        + (f" Fewer than {minimum_cell} people: not shown." if minimum_cell > 1 else ""),
    )


def fit(checks: CheckTables) -> PageTable:
    """Give the numbers of the fit."""
    names = {
        "residual_skew": "Skew of residuals",
        "residual_excess_kurtosis": "Excess kurtosis of residuals",
        "largest_scaled_residual": "Largest residual (SD)",
        "lag1_correlation": "Correlation of neighbouring residuals",
    }
    table = checks.diagnostics
    known = [(title, table[name].iloc[0]) for name, title in names.items() if name in table]
    return PageTable(
        title="The fit in numbers",
        head=("", "Value"),
        rows=tuple((title, wording.fixed(float(value), 2)) for title, value in known),
    )


def _count(value: float) -> str:
    return wording.EN_DASH if pd.isna(value) else str(int(value))
