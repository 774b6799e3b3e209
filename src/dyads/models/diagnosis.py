"""What there is to see about a fit: predicted random effects, residuals, a summary row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse, stats
from scipy.sparse import linalg as sparse_linalg

from dyads.models.arrays import FloatArray
from dyads.models.design import RandomDesign
from dyads.models.frame import ModelFrame
from dyads.models.optimise import Optimum


def random_effects(
    designs: Sequence[RandomDesign],
    covariances: Sequence[FloatArray],
    residuals: FloatArray,
    sigma2: float,
) -> pd.DataFrame:
    """Best linear unbiased predictions of the random effects.

    Parameters
    ----------
    designs, covariances
        Random terms with their covariances, in the units of the data.
    residuals
        ``y - X beta``, shape (rows,).
    sigma2
        Residual variance.

    Returns
    -------
    DataFrame
        ``group, level, effect, value``, level by level.
    """
    roots = [_root(covariance / sigma2) for covariance in covariances]
    scaled = [_expanded(d, d.regressors @ root) for d, root in zip(designs, roots, strict=True)]
    columns = sparse.csc_array(sparse.hstack(scaled))
    system = columns.T @ columns + sparse.eye_array(columns.shape[1], format="csc")
    spherical = sparse_linalg.spsolve(sparse.csc_array(system), columns.T @ residuals)
    tables, start = [], 0
    for design, root in zip(designs, roots, strict=True):
        shape = len(design.levels), len(design.columns)
        stop = start + shape[0] * shape[1]
        values = spherical[start:stop].reshape(shape) @ root.T
        start = stop
        tables.append(
            pd.DataFrame(
                {
                    "group": design.group,
                    "level": np.repeat(design.levels, shape[1]),
                    "effect": np.tile(design.columns, shape[0]),
                    "value": values.ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def residual_table(
    frame: ModelFrame,
    designs: Sequence[RandomDesign],
    predicted: pd.DataFrame,
    residuals: FloatArray,
    sigma2: float,
) -> pd.DataFrame:
    """Fitted values with random effects, and what is left, by row."""
    left = residuals.copy()
    start = 0
    for design in designs:
        stop = start + len(design.levels) * len(design.columns)
        values = predicted["value"].to_numpy(float)[start:stop]
        start = stop
        own = values.reshape(len(design.levels), -1)[design.codes]
        left -= np.einsum("nk,nk->n", design.regressors, own)
    columns = {
        "fitted": frame.outcome - left,
        "residual": left,
        "scaled_residual": left / np.sqrt(sigma2),
    }
    return pd.DataFrame(columns, index=frame.table.index)


def summary(
    verdict: str,
    optimum: Optimum,
    deviance: float,
    frame: ModelFrame,
    designs: Sequence[RandomDesign],
    residuals: pd.DataFrame,
) -> pd.DataFrame:
    """One row on the fit.

    Returns
    -------
    DataFrame
        ``verdict, is_singular, is_converged, max_gradient, deviance, n_rows, n_dropped,
        n_<group>`` for each grouping, ``residual_sd, residual_skew, residual_excess_kurtosis,
        largest_scaled_residual, lag1_correlation`` (of consecutive residuals within the first
        grouping, in the order of the data).
    """
    scaled = residuals["scaled_residual"].to_numpy(float)
    row: dict[str, object] = {
        "verdict": verdict,
        "is_singular": optimum.is_singular,
        "is_converged": optimum.is_converged,
        "max_gradient": optimum.max_gradient,
        "deviance": deviance,
        "n_rows": len(scaled),
        "n_dropped": frame.n_dropped,
    }
    row |= {f"n_{design.group}": len(design.levels) for design in designs}
    row |= {
        "residual_sd": float(residuals["residual"].std()),
        "residual_skew": float(stats.skew(scaled)),
        "residual_excess_kurtosis": float(stats.kurtosis(scaled)),
        "largest_scaled_residual": float(np.abs(scaled).max()),
        "lag1_correlation": _lag1(scaled, designs[0]),
    }
    return pd.DataFrame([row])


def _lag1(scaled: FloatArray, design: RandomDesign) -> float:
    order = np.argsort(design.codes, kind="stable")
    values, codes = scaled[order], design.codes[order]
    same = codes[1:] == codes[:-1]
    if same.sum() < 3:
        return float("nan")
    return float(np.corrcoef(values[:-1][same], values[1:][same])[0, 1])


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _expanded(design: RandomDesign, values: FloatArray) -> sparse.csr_array:
    n, width = values.shape
    columns = design.codes[:, None] * width + np.arange(width)
    entries = values.ravel(), (np.repeat(np.arange(n), width), columns.ravel())
    return sparse.csr_array(entries, shape=(n, width * len(design.levels)))
