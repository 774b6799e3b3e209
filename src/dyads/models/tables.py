"""Tidy tables of estimates: one row per linear function, the same columns everywhere."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from dyads.config import Correction
from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.inference import Inference

Adjustment = Literal[Correction, "tukey"]

ESTIMATE_COLUMNS = ("estimate", "se", "df", "statistic", "p_value", "lower", "upper")


def estimates_table(
    labels: pd.DataFrame,
    functions: FloatArray,
    coefficients: FloatArray,
    inference: Inference,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate linear functions of the fixed effects with t tests and intervals.

    Parameters
    ----------
    labels
        One row per function; its columns come first in the result.
    functions
        Shape (functions, p).
    coefficients
        Fixed effects, shape (p,).
    inference
        The rule for covariance and degrees of freedom.
    level
        Coverage of the intervals, per function.

    Returns
    -------
    DataFrame
        The labels, then ``estimate, se, df, statistic, p_value, lower, upper``.
    """
    variance = np.einsum("lp,pq,lq->l", functions, inference.covariance, functions)
    degrees = inference.degrees_of_freedom(functions)
    return t_table(labels, functions @ coefficients, np.sqrt(variance), degrees, level)


def t_table(
    labels: pd.DataFrame, estimate: FloatArray, se: FloatArray, df: FloatArray, level: float = 0.95
) -> pd.DataFrame:
    """Put t tests and intervals beside estimates, in the columns of `estimates_table`.

    Parameters
    ----------
    labels
        One row per estimate.
    estimate, se, df
        Shape (rows,).
    level
        Coverage of the intervals, per row.
    """
    if not 0 < level < 1:
        raise StudyError(f"An interval's level must lie between 0 and 1, not {level}.")
    statistic = estimate / se
    half = stats.t.isf((1 - level) / 2, df) * se
    columns = {
        "estimate": estimate,
        "se": se,
        "df": df,
        "statistic": statistic,
        "p_value": 2 * stats.t.sf(np.abs(statistic), df),
        "lower": estimate - half,
        "upper": estimate + half,
    }
    return pd.concat([labels.reset_index(drop=True), pd.DataFrame(columns)], axis=1)


def adjust_family(
    table: pd.DataFrame, adjust: Adjustment, n_means: int, level: float = 0.95
) -> pd.DataFrame:
    """Adjust the p-values of one family of contrasts.

    Holm and Benjamini-Hochberg leave the intervals as they are; Tukey widens them to hold
    jointly for all pairwise differences of ``n_means`` means.

    Parameters
    ----------
    table
        The family, as `estimates_table` gives it.
    adjust
        The correction.
    n_means
        Means that the contrasts compare, for Tukey.
    level
        Coverage of Tukey's intervals.

    Returns
    -------
    DataFrame
        With ``p_value`` adjusted and ``p_unadjusted`` beside it.
    """
    plain = table["p_value"].to_numpy(float)
    result = table.assign(p_unadjusted=plain)
    if adjust == "none" or len(table) == 0:
        return result
    if adjust != "tukey":
        return result.assign(p_value=corrected(plain, adjust))
    df = table["df"].to_numpy(float)
    size = np.sqrt(2) * np.abs(table["statistic"].to_numpy(float))
    half = table["se"] * stats.studentized_range.isf(1 - level, n_means, df) / np.sqrt(2)
    return result.assign(
        p_value=stats.studentized_range.sf(size, n_means, df),
        lower=table["estimate"] - half,
        upper=table["estimate"] + half,
    )


def corrected(p_values: FloatArray, correction: Correction) -> FloatArray:
    """Correct p over a family of tests; a test without a p does not count.

    Parameters
    ----------
    p_values
        Shape (tests,).
    correction
        ``"holm"``, ``"bh"`` (Benjamini and Hochberg) or ``"none"``.

    Raises
    ------
    StudyError
        Where the correction is another word.
    """
    result = np.array(p_values, dtype=float)
    known = np.isfinite(result)
    if correction == "none" or not known.any():
        return result
    if correction == "holm":
        result[known] = holm(result[known])
    elif correction == "bh":
        result[known] = stats.false_discovery_control(result[known], method="bh")
    else:
        raise StudyError(f"Unknown correction '{correction}'; expected none, holm, bh or tukey.")
    return result


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's step-down adjusted p-values, in the order given.

    References
    ----------
    Holm (1979). Scandinavian Journal of Statistics 6(2).
    """
    order = np.argsort(p_values)
    n = len(p_values)
    stepped = np.maximum.accumulate((n - np.arange(n)) * p_values[order])
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
