"""Slopes person by person, which take the place of a mixed model without an optimum.

This is the last step of the ladder (docs/statistics.md), fixed beforehand for models that compare
the slopes of groups. Spreads may differ between groups, and what all people share beside the slope
is taken out first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyads.analysis.comparisons import DYAD, INTERVAL, group_contrasts, group_pairs
from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit
from dyads.models.formula import factor_variables, model_terms
from dyads.models.tables import t_table
from dyads.models.two_stage import two_stage_slopes, welch_contrasts


def planned_contrasts(
    fit: MixedFit, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Compare the groups as the ladder ends: by the mixed model, or by slopes person by person.

    Returns
    -------
    DataFrame
        As `comparisons.group_contrasts`.

    Raises
    ------
    StudyError
        As `person_slopes`.
    """
    if fit.is_converged:
        return group_contrasts(fit, settings, groups, "model")
    return slope_contrasts(person_slopes(fit, settings), settings, groups)


def person_slopes(fit: MixedFit, settings: ModelSettings) -> pd.DataFrame:
    """Give each person of a model a least-squares slope.

    Parameters
    ----------
    fit
        The mixed model: its rows, and its fixed effects without the slopes as nuisance.
    settings
        What it compares.

    Returns
    -------
    DataFrame
        `person`, `slope`, `slope_se`, `n_rows`, `group`; people without a slope are not there.

    Raises
    ------
    StudyError
        Where such slopes do not answer what the model was asked.
    """
    rows = fit.frame.source
    obstacle = _obstacle(fit, settings)
    if settings.variable is None or obstacle:
        raise StudyError(
            f"No optimum was found for {settings.formula}, and slopes person by person cannot "
            f"take its place: {obstacle}. Leave out a random term, or a covariate that hardly "
            "varies."
        )
    slopes = two_stage_slopes(
        rows, fit.frame.formula.response, settings.variable, "person", nuisance(fit, settings)
    )
    known = rows.drop_duplicates("person")[["person", "group"]]
    return slopes.dropna(subset=["slope"]).merge(known, on="person")


def nuisance(fit: MixedFit, settings: ModelSettings) -> str:
    """Fixed effects of a model beside the slope, as the right-hand side of a formula."""
    formula = fit.frame.formula
    names = [
        term.name()
        for term in model_terms(formula.fixed).rhs_termlist
        if term.factors
        and settings.variable not in [n for f in term.factors for n in factor_variables(f)]
    ]
    written = str(replace(formula, fixed=" + ".join(names) or "1", random=()))
    return written.partition("~")[2].strip()


def slope_estimates(slopes: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Mean slope of each group with its t interval, as `comparisons.group_estimates`."""
    by_group = slopes.groupby("group", observed=True)["slope"].agg(["mean", "std", "size"])
    mean, sd, size = by_group.reindex(list(groups)).to_numpy(float).T
    labels = pd.DataFrame({"group": list(groups)})
    return t_table(labels, mean, sd / np.sqrt(size), size - 1)[["group", *INTERVAL]]


def slope_contrasts(
    slopes: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Compare slopes of people by Welch's tests, as `comparisons.group_contrasts`."""
    backwards = pd.Categorical(slopes["group"], categories=list(groups)[::-1])
    table = welch_contrasts(
        slopes.assign(group=backwards), "slope", "group", adjust=settings.correction
    )
    return table.set_index("contrast").loc[list(group_pairs(groups))].reset_index()


def _obstacle(fit: MixedFit, settings: ModelSettings) -> str:
    """Say why slopes of people do not answer a model's question, or nothing."""
    if settings.variable is None:
        return "the model compares means"
    if settings.moderator is not None:
        return f"the model asks how the slope changes with {settings.moderator}"
    names = (
        {name for factor in term.factors for name in factor_variables(factor)}
        for term in model_terms(fit.frame.formula.fixed).rhs_termlist
    )
    others = set().union(*(own for own in names if settings.variable in own))
    others -= {settings.variable, "group"}
    if others:
        return f"the slope also depends on {', '.join(sorted(others))}"
    if fit.frame.source.groupby(DYAD)["person"].nunique().gt(1).any():
        return "several people of a dyad enter, who are not independent"
    return ""
