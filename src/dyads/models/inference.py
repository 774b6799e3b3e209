"""Tests of linear functions of the fixed effects, with small-sample degrees of freedom.

Three rules share one face: Satterthwaite and Kenward-Roger trust the model's covariance,
the cluster-robust rule (`dyads.models.robust`) does not.

References
----------
Satterthwaite (1946). Biometrics Bulletin 2(6). Fai and Cornelius (1996). Journal of Statistical
Computation and Simulation 54(4). Kenward and Roger (1997). Biometrics 53(3). Kuznetsova,
Brockhoff and Christensen (2017). Journal of Statistical Software 82(13). Halekoh and Højsgaard
(2014). Journal of Statistical Software 59(9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dyads.models.arrays import FloatArray
from dyads.models.derivatives import Derivatives, variance_uncertainty

_RANK = 1e-8
_SAME_DEGREES = 1e-8


@dataclass(frozen=True)
class JointTest:
    """An F test that several linear functions are all zero."""

    statistic: float
    num_df: int
    den_df: float


class Inference(Protocol):
    """A rule for the uncertainty of fixed effects."""

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the fixed effects, shape (p, p)."""

    def degrees_of_freedom(self, functions: FloatArray) -> FloatArray:
        """Degrees of freedom of each row of functions, shape (rows,)."""

    def joint_test(self, functions: FloatArray, coefficients: FloatArray) -> JointTest:
        """Test that all rows of functions, shape (rows, p), are zero."""


class Satterthwaite:
    """Degrees of freedom by matching the variance of the estimated variance."""

    def __init__(self, derived: Derivatives, factors: Sequence[FloatArray], sigma2: float) -> None:
        self._covariance = derived.covariance
        self._slopes = derived.covariance_slopes
        jacobian, uncertainty = variance_uncertainty(derived, factors, sigma2)
        self._uncertainty = jacobian @ uncertainty @ jacobian.T

    @property
    def covariance(self) -> FloatArray:
        """The model's covariance of the fixed effects, shape (p, p)."""
        return self._covariance

    def degrees_of_freedom(self, functions: FloatArray) -> FloatArray:
        """Degrees of freedom by function, shape (functions,)."""
        variance = _quadratic(functions, self._covariance)
        gradient = np.einsum("la,kab,lb->lk", functions, self._slopes, functions)
        spread = np.einsum("li,ij,lj->l", gradient, self._uncertainty, gradient)
        with np.errstate(divide="ignore"):
            return np.asarray(2 * variance**2 / spread)

    def joint_test(self, functions: FloatArray, coefficients: FloatArray) -> JointTest:
        """Fai and Cornelius' F, as in lmerTest."""
        values, vectors = np.linalg.eigh(functions @ self._covariance @ functions.T)
        kept = values > _RANK * values[-1]
        rotated = vectors[:, kept].T @ functions
        n = int(kept.sum())
        statistic = float(((rotated @ coefficients) ** 2 / values[kept]).sum() / n)
        degrees = self.degrees_of_freedom(rotated)
        return JointTest(statistic, n, _pooled_degrees(degrees))


class KenwardRoger:
    """Inflated covariance and degrees of freedom from the expected information."""

    def __init__(self, derived: Derivatives) -> None:
        plain = derived.covariance
        information = derived.trace
        scale = np.sqrt(np.diag(information))
        unit = np.linalg.pinv(information / np.outer(scale, scale), rcond=1e-12, hermitian=True)
        self._weights = 2 * unit / np.outer(scale, scale)
        first = derived.first
        through = np.einsum("iab,bc,jcd->ijad", first, plain, first)
        excess = np.einsum("ij,ijab->ab", self._weights, derived.second - through)
        inflated = plain + 2 * plain @ excess @ plain
        self._plain = plain
        self._slopes = derived.covariance_slopes
        self._inflated: FloatArray = (inflated + inflated.T) / 2

    @property
    def covariance(self) -> FloatArray:
        """Kenward and Roger's adjusted covariance, shape (p, p)."""
        return self._inflated

    def degrees_of_freedom(self, functions: FloatArray) -> FloatArray:
        """Degrees of freedom by function, shape (functions,)."""
        slopes = np.einsum("la,kab,lb->lk", functions, self._slopes, functions)
        share = slopes / _quadratic(functions, self._plain)[:, None]
        return np.asarray(2 / np.einsum("li,ij,lj->l", share, self._weights, share))

    def joint_test(self, functions: FloatArray, coefficients: FloatArray) -> JointTest:
        """Scaled F, as in pbkrtest."""
        functions = independent_rows(functions)
        n = len(functions)
        inner = np.linalg.inv(functions @ self._plain @ functions.T)
        bent = np.einsum("la,kab,mb->klm", functions, self._slopes, functions)
        moved = inner @ bent
        traces = np.einsum("kll->k", moved)
        a1 = float(traces @ self._weights @ traces)
        a2 = float(np.einsum("ij,ilm,jml->", self._weights, moved, moved))
        scale, degrees = _matched_moments(n, a1, a2)
        effect = functions @ coefficients
        spread = functions @ self._inflated @ functions.T
        statistic = float(effect @ np.linalg.solve(spread, effect)) / n
        return JointTest(scale * statistic, n, degrees)


def independent_rows(functions: FloatArray) -> FloatArray:
    """Orthonormal rows that span the same functions."""
    _, values, vectors = np.linalg.svd(functions, full_matrices=False)
    return np.asarray(vectors[values > _RANK * values[0]])


def _quadratic(functions: FloatArray, matrix: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("la,ab,lb->l", functions, matrix, functions))


def _pooled_degrees(degrees: FloatArray) -> float:
    if np.ptp(degrees) < _SAME_DEGREES:
        return float(degrees.mean())
    if (degrees <= 2).any():
        return 2.0
    expected = float((degrees / (degrees - 2)).sum())
    return 2 * expected / (expected - len(degrees))


def _matched_moments(n: int, a1: float, a2: float) -> tuple[float, float]:
    """Scale and denominator degrees of freedom of Kenward and Roger's F."""
    if n == 1:
        return 1.0, 2 / a1
    b = (a1 + 6 * a2) / (2 * n)
    g = ((n + 1) * a1 - (n + 4) * a2) / ((n + 2) * a2)
    base = 3 * n + 2 * (1 - g)
    c1, c2, c3 = g / base, (n - g) / base, (n + 2 - g) / base
    mean = 1 / (1 - a2 / n)
    variance = 2 / n * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    ratio = variance / (2 * mean**2)
    degrees = 4 + (n + 2) / (n * ratio - 1)
    return degrees / (mean * (degrees - 2)), degrees
