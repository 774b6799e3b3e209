"""Variance components and effect sizes of a mixed model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.design import RandomDesign
from dyads.models.formula import variables_of
from dyads.models.frame import ModelFrame


def variance_table(
    designs: Sequence[RandomDesign], covariances: Sequence[FloatArray], sigma2: float
) -> pd.DataFrame:
    """Variances, then covariances, term by term, the residual last.

    Returns
    -------
    DataFrame
        ``group, effect, with_effect, variance, sd``; for pairs of effects covariance and
        correlation (missing where a variance is zero).
    """
    rows: list[tuple[str, str | None, str | None, float, float]] = []
    for design, covariance in zip(designs, covariances, strict=True):
        sd = np.sqrt(np.diag(covariance))
        for i, name in enumerate(design.columns):
            rows.append((design.group, name, None, float(covariance[i, i]), float(sd[i])))
        for i, j in combinations(range(len(sd)), 2):
            both = float(sd[i] * sd[j])
            correlation = float(covariance[i, j]) / both if both > 0 else np.nan
            names = design.columns[i], design.columns[j]
            rows.append((design.group, *names, float(covariance[i, j]), correlation))
    rows.append(("Residual", None, None, sigma2, float(np.sqrt(sigma2))))
    return pd.DataFrame(rows, columns=["group", "effect", "with_effect", "variance", "sd"])


def random_variance(designs: Sequence[RandomDesign], covariances: Sequence[FloatArray]) -> float:
    """Mean over rows of the variance that the random effects give an observation.

    References
    ----------
    Johnson (2014). Methods in Ecology and Evolution 5(9).
    """
    return sum(
        float(np.einsum("ni,ij,nj->", d.regressors, covariance, d.regressors)) / len(d.regressors)
        for d, covariance in zip(designs, covariances, strict=True)
    )


def r_squared(fitted: FloatArray, spread: float, sigma2: float) -> pd.DataFrame:
    """Marginal and conditional R², from fixed fitted values and variances."""
    explained = float(np.var(fitted, ddof=1))
    total = explained + spread + sigma2
    shares = {"marginal": [explained / total], "conditional": [(explained + spread) / total]}
    return pd.DataFrame(shares)


def slope_unit(
    frame: ModelFrame, designs: Sequence[RandomDesign], variable: str, within: str | None
) -> float:
    """Slope that one standard deviation of the outcome per one of the predictor would be.

    Returns
    -------
    float
        ``SD_within(y) / SD(x)``; the outcome is centred within the levels of `within`.

    Raises
    ------
    StudyError
        Where no random term names the grouping, or columns are unknown.
    """
    if variable not in frame.table or frame.is_categorical(variable):
        raise StudyError(f"The slope of '{variable}' has no size: it is no number of the model.")
    if within is None:
        varying = [d.group for d in designs if variable in variables_of(d.term.expression)]
        if not varying:
            raise StudyError(
                f"The slope of '{variable}' varies over no grouping; name the columns within "
                "which the outcome's spread is to be taken."
            )
        within = varying[0]
    names = within.split(":")
    unknown = [name for name in names if name not in frame.source]
    if unknown:
        raise StudyError(f"The data have no column {', '.join(unknown)} to centre within.")
    by = [frame.source[name].to_numpy() for name in names]
    outcome = pd.Series(frame.outcome)
    centred = outcome - outcome.groupby(by).transform("mean")
    spread = float(np.sqrt(np.mean(centred**2)))
    return spread / float(frame.table[variable].std())


def standardised(table: pd.DataFrame, total_sd: float) -> pd.DataFrame:
    """Divide estimates and interval ends by a standard deviation.

    Returns
    -------
    DataFrame
        With ``d``, ``d_lower``, ``d_upper`` added; the uncertainty of the standard deviation
        is not part of these intervals.
    """
    ends = {"d": "estimate", "d_lower": "lower", "d_upper": "upper"}
    return table.assign(**{name: table[source] / total_sd for name, source in ends.items()})
