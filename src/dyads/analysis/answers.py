"""Ask the study's models their questions and put the answers into tables.

Which rows, which formula and which comparison are the study's settings; how the answer is
found is `dyads.models`. The degrees of freedom are Satterthwaite's; beside each estimate stands
the same with the cluster-robust covariance CR2, dyads being the clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.cohort import experience_sd
from dyads.analysis.comparisons import (
    CLUSTER,
    Covariance,
    group_contrasts,
    group_estimates,
    moderator_steps,
)
from dyads.analysis.results import ModelResults, ModelSummary
from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed
from dyads.tables import About

DF_METHOD: Final = "satterthwaite"
_TEST: Final = ["estimate", "se", "df", "statistic", "p_value", "p_adjusted", "lower", "upper"]
_LINE_POINTS: Final = 25


def answer(
    name: str,
    cohort: pd.DataFrame,
    settings: ModelSettings,
    groups: Sequence[str],
    about: About,
) -> ModelResults:
    """Fit one model of the study and compare its groups.

    Parameters
    ----------
    name
        Name of the model in the settings.
    cohort
        `Cohort` rows; those with an exclusion are left out.
    settings
        The model.
    groups
        Groups in the order of tables; the first is the reference.
    about
        What the expressions say of themselves; its stamp and remarks are passed on.

    Returns
    -------
    ModelResults
        Estimates and contrasts with both covariances, prediction lines and the fit's log.
        `effect_size` is a contrast of means over the root of the sum of all variance components
        and the residual variance, or a contrast of slopes over the standard deviation of
        expression within person and emotion (both per one SD of experience).

    Raises
    ------
    StudyError
        If the model cannot be fitted: which variable, group or cell stands in the way.
    """
    data = analysed_rows(cohort, settings, groups)
    fit = fit_mixed(settings.formula, data)
    if fit.verdict == "not converged":
        raise StudyError(
            f"models.{name}: no optimum was found for {settings.formula}. "
            "Leave out a random term, or a covariate that hardly varies."
        )
    return ModelResults(
        name=name,
        summary=_summary(fit, data, settings, about),
        fixed_effects=fit.fixed_effects(df_method=DF_METHOD),
        variance_components=fit.variance_components(),
        joint_tests=fit.joint_tests(df_method=DF_METHOD),
        estimates=group_estimates(fit, settings, groups, "model"),
        contrasts=_contrasts(fit, data, settings, groups, "model"),
        estimates_cr2=group_estimates(fit, settings, groups, "CR2"),
        contrasts_cr2=_contrasts(fit, data, settings, groups, "CR2"),
        lines=_lines(fit, data, settings, groups),
        log=fit.log,
    )


def analysed_rows(
    cohort: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Choose the rows of a model and give its categories their order.

    Raises
    ------
    StudyError
        If a group has no row left, or only one person.
    """
    rows = cohort[cohort["exclusion"].eq("")]
    if settings.rows == "participants":
        rows = rows[rows["role"].eq("participant")]
    people = rows.groupby("group")["person"].nunique().reindex(list(groups), fill_value=0)
    thin = people[people < 2]
    if not thin.empty:
        found = ", ".join(f"{group}: {count}" for group, count in thin.items())
        raise StudyError(
            f"Too few people to compare groups ({found}); at least two are needed in each. "
            "See flow.parquet for why the others were left out."
        )
    return rows.assign(group=pd.Categorical(rows["group"], categories=list(groups)))


def _contrasts(
    fit: MixedFit,
    data: pd.DataFrame,
    settings: ModelSettings,
    groups: Sequence[str],
    covariance: Covariance,
) -> pd.DataFrame:
    table = group_contrasts(fit, settings, groups, covariance)
    unit = fit.total_sd if settings.variable is None else _within_sd(data)
    return table.assign(
        p_adjusted=table["p_value"],
        p_value=table.get("p_unadjusted", table["p_value"]),
        effect_size=table["estimate"] / unit,
    )[["contrast", *_TEST, "effect_size"]]


def _within_sd(data: pd.DataFrame) -> float:
    return float(np.sqrt(np.mean(data["e_w"] ** 2)))


def _lines(
    fit: MixedFit, data: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Predict the outcome along the compared variable, over the range that each group has."""
    columns = ["group", "x", "estimate", "lower", "upper"]
    if settings.variable is None or settings.moderator is not None:
        return pd.DataFrame(columns=columns)
    grids = []
    for group in groups:
        seen = data.loc[data["group"].eq(group), settings.variable]
        grid = np.linspace(seen.min(), seen.max(), _LINE_POINTS)
        grids.append(pd.DataFrame({"group": group, settings.variable: grid}))
    rows = pd.concat(grids, ignore_index=True)
    rows["group"] = pd.Categorical(rows["group"], categories=list(groups))
    return fit.predict(rows).rename(columns={settings.variable: "x"})[columns]


def _summary(
    fit: MixedFit, data: pd.DataFrame, settings: ModelSettings, about: About
) -> ModelSummary:
    checks = fit.diagnostics().iloc[0]
    r_squared = fit.r_squared().iloc[0]
    remarks = list(about.remarks)
    if checks["is_singular"]:
        remarks.append(
            "A variance between people was estimated as zero (singular fit); "
            "the slope of each person stayed in the model."
        )
    if checks["n_dropped"]:
        remarks.append(f"{int(checks['n_dropped'])} rows lack a covariate and were left out.")
    if settings.sample == "matched":
        remarks.append(
            "In a model of matched participants the others do not enter: its answer holds for "
            "people as alike in the matched covariates as the sets are."
        )
    return ModelSummary(
        title=settings.title,
        formula=str(fit.formula),
        compare=settings.compare,
        variable=settings.variable,
        moderator=settings.moderator,
        moderator_step=" and ".join(step.name for step in moderator_steps(fit, settings)),
        sample=settings.sample,
        rows=int(checks["n_rows"]),
        people=int(data["person"].nunique()),
        dyads=int(data[CLUSTER].nunique()),
        singular=bool(checks["is_singular"]),
        gradient=float(checks["max_gradient"]),
        df_method=DF_METHOD,
        correction=settings.correction,
        sd_x=experience_sd(data) if settings.variable == "x_w" else None,
        r2_marginal=float(r_squared["marginal"]),
        r2_conditional=float(r_squared["conditional"]),
        stamp=about.stamp,
        remarks=tuple(remarks),
    )
