"""Ask the study's models their questions and put the answers into tables.

Which rows, which formula and which comparison are the study's settings; how the answer is
found is `dyads.models`. The degrees of freedom are Satterthwaite's; beside each estimate stands
the same with the cluster-robust covariance CR2, dyads being the clusters. Where the mixed model has
no optimum, slopes person by person take its place.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.cohort import experience_sd
from dyads.analysis.comparisons import (
    CLUSTER,
    DYAD,
    Covariance,
    fitted,
    group_contrasts,
    group_estimates,
    has_clusters,
    moderator_steps,
    with_clusters,
    within_sd,
)
from dyads.analysis.person_slopes import (
    nuisance,
    person_slopes,
    slope_contrasts,
    slope_estimates,
)
from dyads.analysis.results import WELCH, ModelResults, ModelSummary
from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit
from dyads.tables import About

DF_METHOD: Final = "satterthwaite"
_TEST: Final = ["estimate", "se", "df", "statistic", "p_value", "p_adjusted", "lower", "upper"]
_LINE: Final = ["group", "x", "estimate", "lower", "upper"]
_LINE_POINTS: Final = 25
_LOG = logging.getLogger(__name__)


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
        expression within person and emotion (both per one SD of experience). Where no optimum was
        found, estimates and contrasts are those of slopes person by person with Welch's test, and
        remarks and log say so.

    Raises
    ------
    StudyError
        If the model cannot be fitted: which variable, group or cell stands in the way.
    """
    data = analysed_rows(cohort, settings, groups)
    fit = fitted(settings, data)
    if not fit.is_converged:
        return _by_person(name, fit, settings, groups, about)
    estimates = group_estimates(fit, settings, groups, "model")
    contrasts = _contrasts(fit, data, settings, groups, "model")
    is_robust = has_clusters(fit.frame.source)
    return ModelResults(
        name=name,
        summary=_summary(fit, data, settings, about),
        fixed_effects=fit.fixed_effects(df_method=DF_METHOD),
        variance_components=fit.variance_components(),
        joint_tests=fit.joint_tests(df_method=DF_METHOD),
        estimates=estimates,
        contrasts=contrasts,
        estimates_cr2=group_estimates(fit, settings, groups, "CR2")
        if is_robust
        else estimates.iloc[:0],
        contrasts_cr2=_contrasts(fit, data, settings, groups, "CR2")
        if is_robust
        else contrasts.iloc[:0],
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
    if settings.rows != "everyone":
        rows = rows[rows["role"].eq("participant")]
    people = rows.groupby("group")["person"].nunique().reindex(list(groups), fill_value=0)
    thin = people[people < 2]
    if not thin.empty:
        found = ", ".join(f"{group}: {count}" for group, count in thin.items())
        raise StudyError(
            f"Too few people to compare groups ({found}); at least two are needed in each. "
            "See flow.parquet for why the others were left out."
        )
    rows = rows.assign(group=pd.Categorical(rows["group"], categories=list(groups)))
    return with_clusters(rows, settings.formula)


def _contrasts(
    fit: MixedFit,
    data: pd.DataFrame,
    settings: ModelSettings,
    groups: Sequence[str],
    covariance: Covariance,
) -> pd.DataFrame:
    unit = fit.total_sd if settings.variable is None else within_sd(data)
    return _sized(group_contrasts(fit, settings, groups, covariance), unit)


def _sized(table: pd.DataFrame, unit: float) -> pd.DataFrame:
    return table.assign(
        p_adjusted=table["p_value"],
        p_value=table.get("p_unadjusted", table["p_value"]),
        effect_size=table["estimate"] / unit,
    )[["contrast", *_TEST, "effect_size"]]


def _by_person(
    name: str, fit: MixedFit, settings: ModelSettings, groups: Sequence[str], about: About
) -> ModelResults:
    """Answer by slopes person by person; what only a mixed model has stays empty."""
    try:
        slopes = person_slopes(fit, settings)
        contrasts = slope_contrasts(slopes, settings, groups)
    except StudyError as fault:
        raise StudyError(f"models.{name}: {fault}") from None
    remark = (
        f"{settings.title}: no optimum was found for the mixed model. As its ladder says, slopes "
        "person by person are reported in its place, compared by Welch's test."
    )
    _LOG.warning("models.%s: %s", name, remark)
    estimates = slope_estimates(slopes, groups)
    contrasts = _sized(contrasts, within_sd(fit.frame.source))
    used = fit.frame.source[fit.frame.source["person"].isin(slopes["person"])]
    lost = fit.frame.source["person"].nunique() - len(slopes)
    lacking = f"People without a slope, who were left out: {lost}." if lost else ""
    log = pd.DataFrame(
        {
            "rung": len(fit.log) + 1, "step": "slopes person by person", "random": "",
            "deviance": np.nan, "max_gradient": np.nan, "is_singular": False,
            "is_converged": True, "verdict": "in place of the mixed model",
        },
        index=[0],
    )  # fmt: skip
    return ModelResults(
        name=name,
        summary=ModelSummary(
            title=settings.title,
            formula=f"{fit.frame.formula.response} ~ {settings.variable} in each person, "
            f"after {nuisance(fit, settings)}",
            compare=settings.compare,
            variable=settings.variable,
            sample=settings.sample,
            rows=len(used),
            people=len(slopes),
            dyads=int(used[DYAD].nunique()),
            singular=False,
            df_method=WELCH,
            correction=settings.correction,
            sd_x=experience_sd(used) if settings.variable == "x_w" else None,
            stamp=about.stamp,
            remarks=(*about.remarks, *_of_sample(settings), remark, *filter(None, [lacking])),
        ),
        fixed_effects=pd.DataFrame(columns=["term", *_TEST]),
        variance_components=pd.DataFrame(
            columns=["group", "effect", "with_effect", "variance", "sd"]
        ),
        joint_tests=pd.DataFrame(columns=["term", "num_df", "den_df", "statistic", "p_value"]),
        estimates=estimates,
        contrasts=contrasts,
        estimates_cr2=estimates.iloc[:0],
        contrasts_cr2=contrasts.iloc[:0],
        lines=pd.DataFrame(columns=_LINE),
        log=pd.concat([fit.log, log], ignore_index=True),
    )


def _of_sample(settings: ModelSettings) -> list[str]:
    if settings.sample != "matched":
        return []
    return [
        "In a model of matched participants the others do not enter: its answer holds for "
        "people as alike in the matched covariates as the sets are."
    ]


def _of_clusters(used: pd.DataFrame) -> list[str]:
    """Say so where dyads are no clusters of their own."""
    dyads, clusters = int(used[DYAD].nunique()), int(used[CLUSTER].nunique())
    if not has_clusters(used):
        return [
            "Cluster-robust tests (CR2) are not there: the random terms reach across dyads, so "
            "that the dyads of a group are no independent clusters."
        ]
    if clusters < dyads:
        return [
            f"Some people met in several of the {dyads} dyads: CR2 takes {clusters} sets of dyads "
            "that have nobody in common as its clusters."
        ]
    return []


def _of_constants(fit: MixedFit) -> list[str]:
    """Say which categories of the formula have one level, on which nothing can depend."""
    named = [name for name in fit.frame.fixed_variables if fit.frame.is_categorical(name)]
    levels = {name: list(fit.frame.table[name].cat.categories) for name in named}
    return [
        f"{name} is {own[0]} in all rows and takes no part in the model."
        for name, own in levels.items()
        if len(own) == 1
    ]


def _lines(
    fit: MixedFit, data: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Predict the outcome along the compared variable, over the range that each group has."""
    if settings.variable is None or settings.moderator is not None:
        return pd.DataFrame(columns=_LINE)
    grids = []
    for group in groups:
        seen = data.loc[data["group"].eq(group), settings.variable]
        grid = np.linspace(seen.min(), seen.max(), _LINE_POINTS)
        grids.append(pd.DataFrame({"group": group, settings.variable: grid}))
    rows = pd.concat(grids, ignore_index=True)
    rows["group"] = pd.Categorical(rows["group"], categories=list(groups))
    return fit.predict(rows).rename(columns={settings.variable: "x"})[_LINE]


def _summary(
    fit: MixedFit, data: pd.DataFrame, settings: ModelSettings, about: About
) -> ModelSummary:
    checks = fit.diagnostics().iloc[0]
    r_squared = fit.r_squared().iloc[0]
    remarks = list(about.remarks)
    if checks["is_singular"]:
        has_slopes = any(any(design.is_slope) for design in fit.designs)
        kept = "random slopes" if has_slopes else "the last random term"
        remarks.append(
            f"A variance component was estimated as zero (singular fit); {kept} stayed in the "
            "model."
        )
    remarks += [
        f"Each {design.group} has one row, so that {design.term} is part of the residual and the "
        "model is linear."
        for design in fit.designs
        if design.is_residual
    ]
    if checks["n_dropped"]:
        remarks.append(f"{int(checks['n_dropped'])} rows lack a covariate and were left out.")
    remarks += _of_sample(settings)
    remarks += _of_clusters(fit.frame.source) + _of_constants(fit)
    return ModelSummary(
        title=settings.title,
        formula=str(fit.formula),
        outcome=fit.frame.formula.response,
        rows_of=settings.rows,
        compare=settings.compare,
        variable=settings.variable,
        moderator=settings.moderator,
        moderator_step=" and ".join(step.name for step in moderator_steps(fit, settings)),
        sample=settings.sample,
        rows=int(checks["n_rows"]),
        people=int(data["person"].nunique()),
        dyads=int(data[DYAD].nunique()),
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
