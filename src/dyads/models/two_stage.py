"""Slopes person by person, compared between groups by Welch's test.

What is reported where the mixed model does not converge: no random part has to be estimated,
and groups may differ in spread. It wastes information on persons with few rows.

References
----------
Welch (1947). Biometrika 34(1-2). Frisch and Waugh (1933). Econometrica 1(4).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.formula import evaluate, parse_formula
from dyads.models.frame import model_frame
from dyads.models.tables import Adjustment, adjust_family, t_table
from dyads.models.welch import welch_difference

_MIN_ROWS = 3


def two_stage_slopes(
    data: pd.DataFrame, outcome: str, predictor: str, person: str, nuisance: str = "1"
) -> pd.DataFrame:
    """Least-squares slope of each person.

    Person means and the nuisance effects, shared by all, are taken out of outcome and
    predictor first.

    Parameters
    ----------
    data
        One row per observation; incomplete rows are left out.
    outcome, predictor, person
        Columns of the data.
    nuisance
        Right-hand side of a formula, for example ``"emotion + C(segment)"``.

    Returns
    -------
    DataFrame
        ``person`` (named as the column is), ``slope, slope_se, n_rows``; persons with fewer
        than three rows or without spread in the predictor have no slope.

    Raises
    ------
    StudyError
        As `dyads.models.frame.model_frame`.
    """
    formula = parse_formula(f"{outcome} ~ {predictor} + {nuisance} + (1 | {person})")
    frame = model_frame(formula, data)
    codes = frame.table[person].cat.codes.to_numpy(np.int64)
    names = frame.table[person].cat.categories.to_numpy()
    columns = np.column_stack([frame.outcome, frame.table[predictor].to_numpy(float)])
    shared = parse_formula(f"{outcome} ~ {nuisance} + (1 | {person})").fixed
    others = evaluate(shared, frame.table, frame.known)
    centred = _within(np.column_stack([columns, others]), codes)
    y, x = (centred[:, :2] - centred[:, 2:] @ np.linalg.lstsq(centred[:, 2:], centred[:, :2])[0]).T
    y, x = _within(np.column_stack([y, x]), codes).T
    n = np.bincount(codes)
    spread = np.bincount(codes, x * x)
    has_slope = (n >= _MIN_ROWS) & (spread > 1e-12 * spread.max())
    slope = np.where(has_slope, np.bincount(codes, x * y) / np.where(has_slope, spread, 1), np.nan)
    left = np.bincount(codes, (y - slope[codes] * x) ** 2)
    se = np.sqrt(left / np.maximum(n - 2, 1) / np.where(has_slope, spread, np.nan))
    return pd.DataFrame({person: names, "slope": slope, "slope_se": se, "n_rows": n})


def welch_contrasts(
    table: pd.DataFrame,
    value: str,
    group: str,
    adjust: Adjustment = "none",
    level: float = 0.95,
) -> pd.DataFrame:
    """All differences between group means, each with its own variances.

    Parameters
    ----------
    table
        One row per person; rows without a value are left out.
    value, group
        Columns of the table; groups are compared in the order of their categories.
    adjust
        ``"none"``, ``"holm"`` or ``"bh"``.
    level
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        ``contrast, estimate, se, df, statistic, p_value, lower, upper, p_unadjusted``.

    Raises
    ------
    StudyError
        Where a group has fewer than two values.
    """
    if adjust == "tukey":
        raise StudyError("Welch's tests are adjusted by holm or bh; Tukey assumes one variance.")
    complete = table[[value, group]].dropna()
    grouped = complete.groupby(group, observed=True)[value].agg(["mean", "var", "size"])
    small = [str(name) for name in grouped.index[grouped["size"] < 2]]
    if small:
        raise StudyError(f"{group} = {', '.join(small)} has fewer than two persons with {value}.")
    pairs = list(combinations(grouped.index, 2))
    labels = pd.DataFrame({"contrast": [f"{one} - {two}" for one, two in pairs]})
    first, second = (grouped.loc[[pair[side] for pair in pairs]].to_numpy(float) for side in (0, 1))
    mean, variance, size = zip(first.T, second.T, strict=True)
    table = t_table(labels, *welch_difference(mean, variance, size), level)
    return adjust_family(table, adjust, len(grouped), level)


def _within(columns: FloatArray, codes: NDArray[np.integer]) -> FloatArray:
    """Deviations from the means of each code."""
    means = pd.DataFrame(columns).groupby(codes).transform("mean").to_numpy()
    return np.asarray(columns - means)
