"""Tests that an effect is too small to matter: two one-sided tests against bounds.

References
----------
Schuirmann (1987). Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680. Lakens (2017).
Social Psychological and Personality Science 8(4), 355-362.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray


def equivalence_tests(
    table: pd.DataFrame, lower: ArrayLike, upper: ArrayLike, alpha: float = 0.05
) -> pd.DataFrame:
    """Test each estimate against bounds of equivalence.

    Parameters
    ----------
    table
        Estimates with ``estimate, se, df``: contrasts, slopes or means of any fit.
    lower, upper
        Bounds in the unit of the estimate, fixed before the data are seen: one for all rows, or
        shape (rows,).
    alpha
        Level of each one-sided test.

    Returns
    -------
    DataFrame
        The table with ``p_equivalence`` (as `equivalence_p`), ``is_equivalent`` and the interval
        of coverage ``1 - 2 alpha`` that lies inside the bounds exactly where the test rejects,
        ``equivalence_lower, equivalence_upper``.

    Raises
    ------
    StudyError
        Where the bounds are not in order.
    """
    refuse_disordered(lower, upper)
    estimate, se, df = (table[name].to_numpy(float) for name in ("estimate", "se", "df"))
    p_value = equivalence_p(estimate, se, df, lower, upper)
    half = stats.t.isf(alpha, _degrees(se, df)) * se
    return table.assign(
        p_equivalence=p_value,
        is_equivalent=p_value < alpha,
        equivalence_lower=estimate - half,
        equivalence_upper=estimate + half,
    )


def equivalence_p(
    estimate: ArrayLike, se: ArrayLike, df: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> FloatArray:
    """P of the claim that an effect lies between two bounds: the larger of two one-sided p.

    Parameters
    ----------
    estimate, se, df
        Effects, their standard errors and degrees of freedom; shapes that go together.
    lower, upper
        Bounds in the unit of the estimate.

    Returns
    -------
    array
        Missing where anything that it rests on is missing. An effect without any error is known
        exactly, whatever its degrees of freedom.
    """
    effect, error = np.asarray(estimate, float), np.asarray(se, float)
    known = _degrees(error, np.asarray(df, float))
    above = stats.t.sf(t_statistic(effect - np.asarray(lower, float), error), known)
    below = stats.t.cdf(t_statistic(effect - np.asarray(upper, float), error), known)
    return np.asarray(np.maximum(above, below))


def refuse_disordered(lower: ArrayLike, upper: ArrayLike) -> None:
    """Refuse bounds of which the lower one is not below the upper one.

    Raises
    ------
    StudyError
        The first such pair is named.
    """
    low, high = np.broadcast_arrays(np.asarray(lower, float), np.asarray(upper, float))
    wrong = np.flatnonzero(low >= high)
    if wrong.size:
        raise StudyError(
            "Bounds of equivalence must be in order; got "
            f"{low.flat[wrong[0]]:g} to {high.flat[wrong[0]]:g}."
        )


def difference_p(estimate: ArrayLike, se: ArrayLike, df: ArrayLike) -> FloatArray:
    """Two-sided p against zero, missing and exact where `equivalence_p` is."""
    error = np.asarray(se, float)
    statistic = np.abs(t_statistic(np.asarray(estimate, float), error))
    return np.asarray(2 * stats.t.sf(statistic, _degrees(error, np.asarray(df, float))))


def t_statistic(effect: FloatArray, se: FloatArray) -> FloatArray:
    """Effect over its standard error; without any error infinite, or zero for no effect."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = effect / se
    return np.asarray(np.where((se == 0) & (effect == 0), 0.0, ratio))


def _degrees(se: FloatArray, df: FloatArray) -> FloatArray:
    return np.asarray(np.where(se == 0, np.inf, df))
