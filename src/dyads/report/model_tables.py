"""The tables of a model as a page shows them."""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads import wording
from dyads.analysis.results import ModelResults
from dyads.report.page_tables import PageTable

_COLUMN_NAMES: Final = {
    "se": "SE",
    "df": "df",
    "num_df": "df 1",
    "den_df": "df 2",
    "variance": "Variance or covariance",
    "sd": "SD or correlation",
    "p_value": "p",
    "p_adjusted": "p, corrected",
    "effect_size": "d",
    "max_gradient": "Largest gradient",
    "is_singular": "Singular",
    "is_converged": "Converged",
}
_WORDS: Final = ("group", "contrast", "term", "effect", "with_effect", "step", "random", "verdict")


def of_model(model: ModelResults) -> tuple[PageTable, ...]:
    """Give all tables of a model."""
    summary = model.summary
    compared = wording.compared(summary.compare, summary.variable, summary.moderator)
    size = (
        f"n = {wording.plural(summary.people, 'person', 'people')}, "
        f"{wording.plural(summary.dyads, 'dyad')}, {wording.plural(summary.rows, 'row')}; "
        f"df: {wording.df_method(summary.df_method)}"
    )
    explained = (
        f"Explained variance: {wording.fixed(summary.r2_marginal, 2)} by fixed effects, "
        f"{wording.fixed(summary.r2_conditional, 2)} with random effects (R² after Nakagawa and "
        "Johnson)."
        if summary.r2_marginal is not None and summary.r2_conditional is not None
        else ""
    )
    found = (
        _numbers(f"{compared[0].upper()}{compared[1:]} of the groups", model.estimates, size + "."),
        _numbers("The same, cluster-robust (CR2)", model.estimates_cr2, "Clusters: dyads."),
        _numbers("Contrasts", model.contrasts,
                 f"Correction: {wording.correction(summary.correction)}. Intervals are of each "
                 "contrast alone."),
        _numbers("Contrasts, cluster-robust (CR2)", model.contrasts_cr2, "Clusters: dyads."),
        _numbers("Terms", model.joint_tests, "F tests of type III."),
        _numbers("Fixed effects", model.fixed_effects, ""),
        _numbers("Variance components", model.variance_components, explained),
        _numbers("What was tried", model.log, "From the first model to the one that was kept."),
    )  # fmt: skip
    # What only a mixed model has, or only one whose dyads are clusters, may not be there.
    return tuple(table for table in found if table.rows)


def _numbers(title: str, table: pd.DataFrame, note: str) -> PageTable:
    """Write a table of results; numbers of one unit are written to the same place.

    Terms of a formula have a unit each, groups and contrasts share theirs.
    """
    names = [str(name) for name in table.columns]
    se = table["se"] if "se" in names else [float("nan")] * len(table)
    places = [wording.places_for(value) for value in se]
    if "term" not in names:
        places = [max(places, default=0)] * len(table)
    columns = [
        [_written(name, value, place) for value, place in zip(table[name], places, strict=True)]
        for name in names
    ]
    return PageTable(
        title=title,
        head=tuple(_head(name) for name in names),
        rows=tuple(zip(*columns, strict=True)),
        note=note,
        words=tuple(_head(name) for name in names if name in _WORDS),
    )


def _head(name: str) -> str:
    if name in _COLUMN_NAMES:
        return _COLUMN_NAMES[name]
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _written(name: str, value: object, places: int) -> str:
    if name in ("is_singular", "is_converged"):
        return "yes" if value else "no"
    if isinstance(value, str):
        return wording.contrast(value) if name == "contrast" else value
    if not isinstance(value, int | float):
        return wording.EN_DASH if value is None else str(value)
    if name in ("p_value", "p_adjusted"):
        return wording.p_value(value, sign=False)
    if name in ("estimate", "se", "lower", "upper"):
        return wording.fixed(value, places)
    if name in ("statistic", "effect_size", "correlation"):
        return wording.fixed(value, 2)
    if name in ("df", "num_df", "den_df", "rung"):
        return wording.degrees(value)
    if name == "max_gradient":
        return f"{value:.1e}".replace("-", wording.MINUS)
    return wording.number(value)
