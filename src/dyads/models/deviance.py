"""The deviance of a mixed model, profiled over everything but the random part.

With ``V = sigma^2 (I + sum_t Z_t G_t Z_t')`` and ``G_t = L_t L_t'`` (lme4's theta are the lower
triangles ``L_t``), fixed effects and ``sigma^2`` have closed forms, so that the deviance is a
function of theta alone.

References
----------
Bates, Mächler, Bolker and Walker (2015). Fitting linear mixed-effects models using lme4.
Journal of Statistical Software 67(1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from dyads.models.arrays import FloatArray, IntArray
from dyads.models.structure import CrossProducts, Place


@dataclass(frozen=True)
class Solution:
    """The model at one theta, in relative units (variances divided by ``sigma^2``).

    Attributes
    ----------
    deviance
        REML criterion or minus twice the log likelihood.
    sigma2
        Residual variance at its profile value.
    coefficients
        Fixed effects, shape (columns,).
    information
        ``X' H^-1 X`` with ``V = sigma^2 H``, shape (columns, columns).
    curvature
        For each random term the derivative of the deviance by the symmetric matrix ``G_t``,
        shape (width, width). At an optimum over positive semi-definite matrices it is
        itself positive semi-definite and ``curvature @ G_t`` is zero.
    """

    deviance: float
    sigma2: float
    coefficients: FloatArray
    information: FloatArray
    curvature: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Elimination:
    """Products that remain after the blocks are eliminated, at one theta.

    With ``H0 = I + A Lambda Lambda' A'`` over the block terms ``A`` and ``R = [C, X, y]``
    (border, fixed, outcome): ``inner = A'H0^-1 A`` by block, ``bridge = A'H0^-1 R`` by block
    and ``rest = R'H0^-1 R``. ``scale`` is the border's Lambda, padded with the identity.
    """

    inner: FloatArray
    bridge: FloatArray
    rest: FloatArray
    scale: FloatArray
    log_determinant: float


class ProfiledDeviance:
    """Deviance and its gradient as functions of theta.

    Parameters
    ----------
    products
        Cross products of the data.
    is_reml
        Restricted or full likelihood.
    """

    def __init__(self, products: CrossProducts, is_reml: bool) -> None:
        self.products = products
        self.is_reml = is_reml
        self.degrees = products.n_rows - (products.n_fixed if is_reml else 0)

    @cached_property
    def triangles(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """Rows and columns of each term's theta, column by column as in lme4."""
        found = []
        for place in self.products.places:
            columns, rows = np.triu_indices(place.width)
            found.append((rows.astype(np.int64), columns.astype(np.int64)))
        return tuple(found)

    @property
    def n_theta(self) -> int:
        """Number of entries of theta."""
        return sum(len(rows) for rows, _ in self.triangles)

    def factors(self, theta: FloatArray) -> list[FloatArray]:
        """Lower triangular ``L_t`` of each term."""
        start, found = 0, []
        for place, (rows, columns) in zip(self.products.places, self.triangles, strict=True):
            factor = np.zeros((place.width, place.width))
            factor[rows, columns] = theta[start : start + len(rows)]
            start += len(rows)
            found.append(factor)
        return found

    def theta(self, factors: Sequence[FloatArray]) -> FloatArray:
        """Theta of lower triangular factors."""
        parts = [f[r, c] for f, (r, c) in zip(factors, self.triangles, strict=True)]
        return np.concatenate(parts)

    def value_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Deviance at theta and its derivative by theta."""
        factors = self.factors(theta)
        solution = self.solve(factors)
        slopes = [2 * curve @ f for curve, f in zip(solution.curvature, factors, strict=True)]
        return solution.deviance, self.theta(slopes)

    def eliminate(self, factors: Sequence[FloatArray]) -> Elimination:
        """Eliminate the block terms.

        References
        ----------
        The products are those of a blocked Cholesky factor with one outcome column more.
        """
        p = self.products
        lower = _assemble(factors, p.places, False, p.block_width)
        scale = np.eye(len(p.rest))
        scale[: p.n_border, : p.n_border] = _assemble(factors, p.places, True, p.n_border)
        half = p.blocks @ lower
        pivots = lower.T @ half + np.eye(p.block_width)
        log_determinant = 2 * float(
            np.log(np.diagonal(np.linalg.cholesky(pivots), axis1=1, axis2=2)).sum()
        )
        right = np.concatenate([half.swapaxes(1, 2), lower.T @ p.bridge], axis=2)
        solved = np.linalg.solve(pivots, right)
        both = half @ solved
        q = p.block_width
        inner = p.blocks - both[:, :, :q]
        bridge = p.bridge - both[:, :, q:]
        flat = right[:, :, q:].reshape(-1, len(p.rest))
        rest = p.rest - flat.T @ solved[:, :, q:].reshape(-1, len(p.rest))
        return Elimination(inner, bridge, rest, scale, log_determinant)

    def solve(self, factors: Sequence[FloatArray]) -> Solution:
        """Profile out fixed effects and residual variance."""
        p = self.products
        e = self.eliminate(factors)
        c, last = p.n_border, p.n_border + p.n_fixed
        system = e.scale.T @ e.rest @ e.scale
        system[np.arange(c), np.arange(c)] += 1
        root = np.linalg.cholesky(system)
        pivots = np.log(np.diag(root))
        sigma2 = float(root[last, last]) ** 2 / self.degrees
        penalty = pivots[:last].sum() if self.is_reml else pivots[:c].sum()
        deviance = e.log_determinant + 2 * penalty + self.degrees * (1 + np.log(2 * np.pi * sigma2))
        weights = linalg.solve_triangular(
            root[:last, :last], root[last, :last], lower=True, trans=1
        )
        used = last if self.is_reml else c
        spread = (
            e.scale[:, :used]
            @ linalg.solve_triangular(root[:used, :used], np.eye(used), lower=True).T
        )
        fixed_root = root[c:last, c:last]
        return Solution(
            float(deviance),
            sigma2,
            weights[c:],
            fixed_root @ fixed_root.T,
            self._curvature(e, e.scale[:, :last] @ weights, spread, sigma2),
        )

    def _curvature(
        self, e: Elimination, weights: FloatArray, spread: FloatArray, sigma2: float
    ) -> tuple[FloatArray, ...]:
        """Derivative of the deviance by each ``G_t``: trace part minus quadratic part."""
        p = self.products
        q, c = p.block_width, p.n_border
        residual = e.bridge[:, :, -1] - e.bridge @ weights
        projected = (e.bridge @ spread).swapaxes(0, 1).reshape(q, -1)
        block = e.inner.sum(axis=0) - projected @ projected.T - residual.T @ residual / sigma2
        across = e.rest[:c] @ spread
        left = e.rest[:c, -1] - e.rest[:c] @ weights
        border = e.rest[:c, :c] - across @ across.T - np.outer(left, left) / sigma2
        return tuple(_sum_of_slots(border if at.is_border else block, at) for at in p.places)


def _assemble(
    factors: Sequence[FloatArray], places: Sequence[Place], is_border: bool, size: int
) -> FloatArray:
    """One block-diagonal Lambda for all terms inside, or for all terms of the border."""
    whole = np.zeros((size, size))
    for factor, place in zip(factors, places, strict=True):
        if place.is_border is is_border:
            at = place.positions()
            whole[at[:, :, None], at[:, None, :]] = factor
    return whole


def _sum_of_slots(matrix: FloatArray, place: Place) -> FloatArray:
    at = place.positions()
    summed: FloatArray = matrix[at[:, :, None], at[:, None, :]].sum(axis=0)
    return (summed + summed.T) / 2
