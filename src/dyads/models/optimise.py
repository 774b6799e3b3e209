"""Find the optimum of the profiled deviance and check that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from dyads.models.arrays import FloatArray
from dyads.models.deviance import ProfiledDeviance, Solution

STARTS = (1.0, 0.3)
LEADING, FOLLOWING = 1.0, 0.1
WIDE = 3.0
GRADIENT_LIMIT = 1e-2
ZERO_SD = 1e-4
_SAME_DEVIANCE = 1e-6
_SMALL_SD = 0.05
_NO_USE = 1e-7
_MAX_ESCAPES = 4


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    factors
        Lower triangular factor of each term's covariance relative to ``sigma^2``, in the
        standardised units of the term's columns.
    solution
        The model there.
    max_gradient
        Largest absolute derivative of the deviance by an interior component of theta.
    min_outward
        Smallest derivative of the deviance into the cone at a boundary; below zero the
        deviance would fall if a zero variance grew. Infinite where nothing is zero.
    is_singular
        Whether a covariance matrix is of less than full rank.
    """

    factors: tuple[FloatArray, ...]
    solution: Solution
    max_gradient: float
    min_outward: float
    is_singular: bool

    @property
    def is_converged(self) -> bool:
        """Whether the deviance is flat inside and does not fall away from a boundary."""
        return self.max_gradient < GRADIENT_LIMIT and self.min_outward > -GRADIENT_LIMIT


def find_optimum(objective: ProfiledDeviance, starts: Sequence[float] = STARTS) -> Optimum:
    """Minimise the deviance over theta from several starts.

    Theta is left free in sign, which describes the same covariance and keeps the search
    from sticking at zero. Where several terms compete and one has lost rank, the deviance can
    have a valley for each, so each term leads a search, and one more starts with all of them
    wide, where units that lie far out can have made a valley. A stop at a boundary is left again
    where the deviance falls inwards.

    Parameters
    ----------
    objective
        The profiled deviance.
    starts
        Standard deviations of the random effects, in units of the residual's, to start from.

    Returns
    -------
    Optimum
        The lowest one found; look at ``is_converged``.
    """
    n_terms = len(objective.products.places)
    optimum = _lowest(objective, [[start] * n_terms for start in starts])
    if optimum.is_singular and n_terms > 1:
        leads = [[LEADING if i == j else FOLLOWING for j in range(n_terms)] for i in range(n_terms)]
        other = _lowest(objective, [*leads, [WIDE] * n_terms])
        if other.solution.deviance < optimum.solution.deviance - _SAME_DEVIANCE:
            optimum = other
    for _ in range(_MAX_ESCAPES):
        if optimum.is_converged:
            break
        value, theta = _descend(objective, objective.theta(_pushed_inwards(optimum)))
        if value > optimum.solution.deviance - _SAME_DEVIANCE and optimum.min_outward > 0:
            break
        optimum = _describe(objective, theta)
    return optimum


def without_spread(objective: ProfiledDeviance) -> Optimum:
    """The model whose random effects are all zero, with no search."""
    factors = tuple(np.zeros((place.width, place.width)) for place in objective.products.places)
    return Optimum(factors, objective.solve(factors), 0.0, np.inf, is_singular=False)


def _lowest(objective: ProfiledDeviance, spreads: Sequence[Sequence[float]]) -> Optimum:
    """Search from each set of standard deviations, one per term, and describe the lowest end."""
    places = objective.products.places
    best: tuple[float, FloatArray] | None = None
    for spread in spreads:
        begin = [s * np.eye(p.width) for s, p in zip(spread, places, strict=True)]
        value, theta = _descend(objective, objective.theta(begin))
        if best is None or value < best[0] - _SAME_DEVIANCE:
            best = (value, theta)
    assert best is not None
    return _describe(objective, best[1])


def _descend(objective: ProfiledDeviance, begin: FloatArray) -> tuple[float, FloatArray]:
    found = optimize.minimize(
        objective.value_and_gradient, begin, jac=True, method="BFGS", options={"gtol": 1e-6}
    )
    return float(found.fun), np.asarray(found.x, dtype=float)


def _describe(objective: ProfiledDeviance, theta: FloatArray) -> Optimum:
    factors = _without_dust(objective, objective.factors(theta))
    solution = objective.solve(factors)
    outward, gradient, is_singular = np.inf, 0.0, False
    for factor, curve in zip(factors, solution.curvature, strict=True):
        gradient = max(gradient, float(np.abs(2 * curve @ factor).max()))
        null = _null_directions(factor)
        if null.shape[1]:
            is_singular = True
            outward = min(outward, float(np.linalg.eigvalsh(null.T @ curve @ null)[0]))
    return Optimum(tuple(factors), solution, gradient, outward, is_singular)


def _without_dust(objective: ProfiledDeviance, raw: list[FloatArray]) -> list[FloatArray]:
    """Set spreads to zero that are below ``ZERO_SD``, or small and of no use to the deviance.

    A search that ends at a boundary stops a little inside it. Derivatives there are rounding
    errors, which degrees of freedom would inherit.
    """
    factors = [_truncated(factor, ZERO_SD) for factor in raw]
    reached = objective.solve(factors).deviance
    for i, factor in enumerate(factors):
        tried = _truncated(factor, _SMALL_SD)
        if np.array_equal(tried, factor):
            continue
        others = [*factors[:i], tried, *factors[i + 1 :]]
        deviance = objective.solve(others).deviance
        if deviance < reached + _NO_USE:
            factors, reached = others, deviance
    return factors


def _null_directions(factor: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(factor @ factor.T)
    return np.asarray(vectors[:, values < ZERO_SD**2])


def _truncated(factor: FloatArray, limit: float) -> FloatArray:
    """Lower triangular factor of the same covariance without spreads below a limit."""
    values, vectors = np.linalg.eigh(factor @ factor.T)
    if values[0] >= limit**2:
        return factor * np.where(np.diag(factor) < 0, -1.0, 1.0)
    kept = np.where(values < limit**2, 0.0, values)
    upper = np.asarray(np.linalg.qr((vectors * np.sqrt(kept)).T, mode="r"))
    lower = upper.T * np.where(np.diag(upper) < 0, -1.0, 1.0)
    return np.where(np.abs(lower) < ZERO_SD**2, 0.0, lower)


def _pushed_inwards(optimum: Optimum) -> list[FloatArray]:
    """Give every zero direction a spread of a third of the residual's."""
    pushed: list[FloatArray] = []
    for factor in optimum.factors:
        null = _null_directions(factor)
        covariance = factor @ factor.T + 0.1 * null @ null.T
        root = np.linalg.cholesky(covariance + 1e-8 * np.eye(len(factor)))
        pushed.append(np.asarray(root, dtype=float))
    return pushed
