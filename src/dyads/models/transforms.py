"""Functions that a formula may call, with R's meaning where R has them.

References
----------
Chambers and Hastie (1992). Statistical Models in S, chapters 2 and 7, for `poly` and `ns`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from patsy import stateful_transform
from patsy.splines import BS
from scipy.interpolate import BSpline

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray

_CUBIC = 3


class _Scaled:
    """Mean zero and, as in R, a standard deviation of one with n - 1 in the denominator."""

    def __init__(self) -> None:
        self._values: list[FloatArray] = []

    def memorize_chunk(self, x: ArrayLike) -> None:
        self._values.append(_known(x))

    def memorize_finish(self) -> None:
        values = np.concatenate(self._values)
        self._mean, self._sd = float(values.mean()), float(values.std(ddof=1))

    def transform(self, x: ArrayLike) -> FloatArray:
        return (_vector(x) - self._mean) / self._sd


class _Polynomial:
    """Orthonormal polynomials over the rows, by the three-term recurrence that R uses."""

    def __init__(self) -> None:
        self._values: list[FloatArray] = []
        self._shifts: list[float] = []
        self._norms: list[float] = [1.0]

    def memorize_chunk(self, x: ArrayLike, degree: int = 1) -> None:
        self._values.append(_known(x))
        self._degree = degree

    def memorize_finish(self) -> None:
        x = np.concatenate(self._values)
        if len(np.unique(x)) <= self._degree:
            raise StudyError(
                f"poly(…, {self._degree}) needs more than {self._degree} different values; "
                f"there are {len(np.unique(x))}."
            )
        before, last = np.zeros_like(x), np.ones_like(x)
        self._norms.append(float(last @ last))
        for _ in range(self._degree):
            self._shifts.append(float((x * last) @ last) / self._norms[-1])
            raised = (x - self._shifts[-1]) * last - self._norms[-1] / self._norms[-2] * before
            before, last = last, raised
            self._norms.append(float(last @ last))

    def transform(self, x: ArrayLike, degree: int = 1) -> FloatArray:
        values = _vector(x)
        before, last = np.zeros_like(values), np.ones_like(values)
        columns = []
        for k in range(degree):
            share = self._norms[k + 1] / self._norms[k]
            before, last = last, (values - self._shifts[k]) * last - share * before
            columns.append(last / np.sqrt(self._norms[k + 2]))
        return np.column_stack(columns)


class _NaturalSpline:
    """Cubic splines that are straight beyond the data, knots at quantiles, R's basis."""

    def __init__(self) -> None:
        self._values: list[FloatArray] = []

    def memorize_chunk(self, x: ArrayLike, df: int = 1) -> None:
        self._values.append(_known(x))
        self._df = df

    def memorize_finish(self) -> None:
        x = np.concatenate(self._values)
        inner = np.quantile(x, np.arange(1, self._df) / self._df)
        self._ends = np.array([x.min(), x.max()])
        knots = np.concatenate([np.repeat(self._ends[0], 4), inner, np.repeat(self._ends[1], 4)])
        self._spline = BSpline(knots, np.eye(len(knots) - 4), _CUBIC)
        bend = self._spline.derivative(2)(self._ends)[:, 1:]
        self._rotation = np.linalg.qr(bend.T, mode="complete")[0][:, 2:]

    def transform(self, x: ArrayLike, *_: int, **__: int) -> FloatArray:
        values = _vector(x)
        inside = np.clip(values, *self._ends)
        slope = self._spline.derivative(1)(inside) * (values - inside)[:, None]
        return np.asarray((self._spline(inside) + slope)[:, 1:] @ self._rotation)


class _Spline(BS):  # type: ignore[misc]  # patsy has no types
    """patsy's B-splines, set by the rows that have a value."""

    def memorize_chunk(self, x: ArrayLike, *given: object, **named: object) -> None:
        super().memorize_chunk(_known(x), *given, **named)


def logit_share(share: ArrayLike) -> FloatArray:
    """Log odds of shares, moved off 0 and 1 by half an observation among all rows.

    Parameters
    ----------
    share
        Between 0 and 1, shape (rows,).

    Returns
    -------
    array
        ``log(s / (1 - s))`` with ``s = (share (N - 1) + 0.5) / N``, shape (rows,).

    Raises
    ------
    StudyError
        Where a value lies outside 0 to 1.

    References
    ----------
    Smithson and Verkuilen (2006). Psychological Methods 11(1).
    """
    inside = squeezed(_vector(share))
    return np.asarray(np.log(inside / (1 - inside)))


def squeezed(share: FloatArray) -> FloatArray:
    """Move shares off 0 and 1, see `logit_share`."""
    if ((share < 0) | (share > 1)).any():
        outside = share[(share < 0) | (share > 1)]
        raise StudyError(
            f"A share must lie between 0 and 1; {len(outside)} values do not, "
            f"the first is {outside[0]:g}."
        )
    return np.asarray((share * (len(share) - 1) + 0.5) / len(share))


def _known(x: ArrayLike) -> FloatArray:
    values = _vector(x)
    return values[~np.isnan(values)]


def _vector(x: ArrayLike) -> FloatArray:
    return np.asarray(pd.Series(np.ravel(x)), dtype=float)


FUNCTIONS: Mapping[str, object] = {
    "np": np,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "asin": np.arcsin,
    "scale": stateful_transform(_Scaled),
    "poly": stateful_transform(_Polynomial),
    "ns": stateful_transform(_NaturalSpline),
    "bs": stateful_transform(_Spline),
    "logit_share": logit_share,
}
