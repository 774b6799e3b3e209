"""Exact derivatives of a fitted mixed model by its variance parameters.

``V = sum_k phi_k V_k`` is linear in phi: the entries of every random term's covariance matrix
(lower triangle, term by term) and ``sigma^2``. All quantities come from the cross products
left by the block elimination, so their cost does not grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dyads.models.arrays import FloatArray
from dyads.models.deviance import ProfiledDeviance
from dyads.models.products import RelativeProducts

_RELATIVE_ZERO = 1e-8


@dataclass(frozen=True)
class Derivatives:
    """Derivatives at a fit; ``k`` variance parameters, ``p`` fixed effects.

    Attributes
    ----------
    covariance
        ``C = (X'V^-1 X)^-1``, shape (p, p).
    covariance_slopes
        ``dC / dphi``, shape (k, p, p).
    first
        ``X'V^-1 V_i V^-1 X``, shape (k, p, p).
    second
        ``X'V^-1 V_i V^-1 V_j V^-1 X``, shape (k, k, p, p).
    trace
        ``tr(P V_i P V_j)``, shape (k, k), with ``V^-1`` in place of ``P`` under full
        likelihood.
    hessian
        Second derivative of the deviance by phi, shape (k, k).
    gradient
        First derivative of the deviance by phi, shape (k,).
    """

    covariance: FloatArray
    covariance_slopes: FloatArray
    first: FloatArray
    second: FloatArray
    trace: FloatArray
    hessian: FloatArray
    gradient: FloatArray


def derivatives(
    objective: ProfiledDeviance, factors: Sequence[FloatArray], to_columns: FloatArray
) -> Derivatives:
    """Differentiate the deviance and the covariance of the fixed effects.

    Parameters
    ----------
    objective
        The profiled deviance of the model.
    factors
        Relative factors of the random covariances at the fit.
    to_columns
        Shape (p, p): fixed effects of the data's columns from those of the orthonormal ones
        that the objective works with.

    Returns
    -------
    Derivatives
        With fixed effects in the units of the data and the random covariances in
        standardised units.
    """
    solution = objective.solve(factors)
    sigma2 = solution.sigma2
    relative = RelativeProducts(objective, factors, solution.coefficients)
    first, second, trace1, trace2 = relative.products()
    p = objective.products.n_fixed
    own = np.linalg.inv(solution.information)
    slopes, curves = first[:, :p, :p], second[:, :, :p, :p]
    own_slopes = own @ slopes
    tangle = np.einsum("ab,ijba->ij", own, curves)
    twist = np.einsum("iab,jba->ij", own_slopes, own_slopes)
    if objective.is_reml:
        trace1 = trace1 - np.einsum("iaa->i", own_slopes)
        trace2 = trace2 - 2 * tangle + twist
    left = first[:, :p, p]
    quadratic = second[:, :, p, p] - left @ own @ left.T
    back = to_columns.T
    forth = np.linalg.inv(to_columns)

    def in_columns(matrix: FloatArray) -> FloatArray:
        return np.asarray(forth.T @ matrix @ forth)

    return Derivatives(
        covariance=sigma2 * to_columns @ own @ back,
        covariance_slopes=to_columns @ own_slopes @ own @ back,
        first=in_columns(slopes) / sigma2**2,
        second=in_columns(curves) / sigma2**3,
        trace=trace2 / sigma2**2,
        hessian=(-trace2 + 2 * quadratic / sigma2) / sigma2**2,
        gradient=(trace1 - first[:, p, p] / sigma2) / sigma2,
    )


def variance_uncertainty(
    derived: Derivatives, factors: Sequence[FloatArray], sigma2: float
) -> tuple[FloatArray, FloatArray]:
    """Asymptotic covariance of the variance parameters that are free at the fit.

    Where a covariance matrix has lost rank, only its factor of that rank is free, as in
    lmerTest, whose theta stays at zero there.

    Returns
    -------
    tuple of arrays
        Jacobian of phi by the free parameters, shape (k, f), and their covariance, (f, f).
    """
    pieces: list[FloatArray] = []
    bends: list[FloatArray] = []
    start = 0
    for factor in factors:
        width = len(factor)
        rows, columns = np.tril_indices(width)
        size = len(rows)
        grade = _symmetric(derived.gradient[start : start + size], width)
        values, vectors = np.linalg.eigh(factor @ factor.T * sigma2)
        kept = values > _RELATIVE_ZERO * sigma2
        if kept.all():
            pieces.append(np.eye(size))
            bends.append(np.zeros((size, size)))
        else:
            root = vectors[:, kept] * np.sqrt(values[kept])
            pieces.append(_jacobian(np.asarray(root, dtype=float))[rows, columns])
            bends.append(np.asarray(np.kron(2 * grade, np.eye(root.shape[1])), dtype=float))
        start += size
    pieces.append(np.eye(1))
    bends.append(np.zeros((1, 1)))
    jacobian = _block_diagonal(pieces)
    hessian = jacobian.T @ derived.hessian @ jacobian + _block_diagonal(bends)
    scale = np.sqrt(np.maximum(np.abs(np.diag(hessian)), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    kept = values > _RELATIVE_ZERO
    half = vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None]
    return jacobian, 2 * half @ half.T


def _jacobian(root: FloatArray) -> FloatArray:
    """Derivative of ``root @ root.T`` by the entries of root, shape (w, w, w * rank)."""
    width, rank = root.shape
    slope = np.einsum("ai,bj->abij", np.eye(width), root)
    both = slope + slope.swapaxes(0, 1)
    return np.asarray(both.reshape(width, width, width * rank))


def _symmetric(lower: FloatArray, width: int) -> FloatArray:
    """Gradient by a symmetric matrix from that by its lower triangle."""
    full = np.zeros((width, width))
    full[np.tril_indices(width)] = lower
    return (full + full.T) / 2


def _block_diagonal(pieces: Sequence[FloatArray]) -> FloatArray:
    whole = np.zeros((sum(p.shape[0] for p in pieces), sum(p.shape[1] for p in pieces)))
    row = column = 0
    for piece in pieces:
        whole[row : row + piece.shape[0], column : column + piece.shape[1]] = piece
        row, column = row + piece.shape[0], column + piece.shape[1]
    return whole
