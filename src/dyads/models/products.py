"""Products of the inverse covariance with the directions in which a covariance can change.

Nothing here is as large as the data: features of the blocks enter block by block, those of
the border as one small matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dyads.models.arrays import FloatArray
from dyads.models.deviance import ProfiledDeviance
from dyads.models.structure import Place


@dataclass(frozen=True)
class _Direction:
    """One entry of a random covariance: ``V_k = F E F'`` for features F of block or border."""

    is_border: bool
    pattern: FloatArray
    value: float


class RelativeProducts:
    """Products with ``H^-1``, where ``V = sigma^2 H``, for fixed columns and residual."""

    def __init__(
        self, objective: ProfiledDeviance, factors: Sequence[FloatArray], coefficients: FloatArray
    ) -> None:
        p = objective.products
        e = objective.eliminate(factors)
        c, q = p.n_border, p.block_width
        inner = (e.scale.T @ e.rest @ e.scale)[:c, :c] + np.eye(c)
        self._solved = e.scale[:c, :c] @ np.linalg.solve(inner, e.scale[:c, :c].T)
        to_target = np.zeros((len(e.rest), p.n_fixed + 1))
        to_target[c:-1, :-1] = np.eye(p.n_fixed)
        to_target[c:-1, -1] = -coefficients
        to_target[-1, -1] = 1
        targets = e.rest @ to_target
        reduced = self._solved @ targets[:c]
        self._block_targets = e.bridge @ to_target - e.bridge[:, :, :c] @ reduced
        self._border_targets = targets[:c] - e.rest[:c, :c] @ reduced
        self._square = to_target.T @ targets - targets[:c].T @ reduced
        self._e = e
        self._c = c
        self._n_rows = p.n_rows
        self._directions = _directions(p.places, factors, q, c)

    def products(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """First and second products with the targets, first and second traces.

        The residual variance comes last; it follows from the others because
        ``I = H - sum_k gamma_k V_k``.
        """
        n = len(self._directions)
        t = self._square.shape[0]
        first, second = np.zeros((n + 1, t, t)), np.zeros((n + 1, n + 1, t, t))
        trace1, trace2 = np.zeros(n + 1), np.zeros((n + 1, n + 1))
        bent = [self._bend(d) for d in self._directions]
        middle = [self._through(d, b) for d, b in zip(self._directions, bent, strict=True)]
        for i, direction in enumerate(self._directions):
            first[i] = self._meet(direction, bent[i])
            trace1[i] = self._single_trace(direction)
            for j, other in enumerate(self._directions[: i + 1]):
                second[i, j] = self._pair(direction, bent[i], middle[j])
                second[j, i] = second[i, j].T
                trace2[i, j] = trace2[j, i] = self._double_trace(direction, other)
        gamma = np.array([d.value for d in self._directions])
        first[n] = self._square - np.tensordot(gamma, first[:n], 1)
        trace1[n] = self._n_rows - gamma @ trace1[:n]
        for i in range(n):
            second[i, n] = first[i] - np.tensordot(gamma, second[i, :n], 1)
            second[n, i] = second[i, n].T
            trace2[i, n] = trace2[n, i] = trace1[i] - gamma @ trace2[i, :n]
        second[n, n] = first[n] - np.tensordot(gamma, second[:n, n], 1)
        trace2[n, n] = trace1[n] - gamma @ trace2[:n, n]
        return first, second, trace1, trace2

    def _bend(self, d: _Direction) -> FloatArray:
        """``E F'H^-1 T``."""
        return np.asarray(
            d.pattern @ (self._border_targets if d.is_border else self._block_targets)
        )

    def _meet(self, d: _Direction, bent: FloatArray) -> FloatArray:
        """``T'H^-1 V_k H^-1 T``."""
        targets = self._border_targets if d.is_border else self._block_targets
        return np.asarray(_flat(targets).T @ _flat(bent))

    def _through(self, d: _Direction, bent: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``F'H^-1 V_k H^-1 T`` for block features and for border features."""
        e, c = self._e, self._c
        if d.is_border:
            crossed = self._crossed @ bent
            return crossed, self._core @ bent
        shared = _flat(e.bridge[:, :, :c]).T @ _flat(bent)
        own = e.inner @ bent - e.bridge[:, :, :c] @ (self._solved @ shared)
        return own, shared - e.rest[:c, :c] @ (self._solved @ shared)

    def _pair(
        self, d: _Direction, bent: FloatArray, middle: tuple[FloatArray, FloatArray]
    ) -> FloatArray:
        """``T'H^-1 V_d H^-1 V_other H^-1 T`` from the other's middle product."""
        return np.asarray(_flat(bent).T @ _flat(middle[1] if d.is_border else middle[0]))

    @cached_property
    def _crossed(self) -> FloatArray:
        """``A'H^-1 C``, block features with border features."""
        c = self._c
        bridge = self._e.bridge[:, :, :c]
        return np.asarray(bridge - bridge @ (self._solved @ self._e.rest[:c, :c]))

    @cached_property
    def _core(self) -> FloatArray:
        """``C'H^-1 C``."""
        rest = self._e.rest[: self._c, : self._c]
        return np.asarray(rest - rest @ self._solved @ rest)

    def _single_trace(self, d: _Direction) -> float:
        if d.is_border:
            return float(np.sum(self._core * d.pattern))
        bridge = self._e.bridge[:, :, : self._c]
        shared = _flat(bridge).T @ _flat(d.pattern @ bridge)
        return float(np.sum(self._e.inner.sum(axis=0) * d.pattern) - np.sum(self._solved * shared))

    def _double_trace(self, d: _Direction, other: _Direction) -> float:
        """``tr(H^-1 V_d H^-1 V_other)``."""
        if d.is_border and other.is_border:
            return float(np.sum((self._core @ d.pattern) * (self._core @ other.pattern).T))
        if d.is_border or other.is_border:
            border, block = (d, other) if d.is_border else (other, d)
            crossed = self._crossed
            return float(np.sum((block.pattern @ crossed) * (crossed @ border.pattern)))
        inner, bridge = self._e.inner, self._e.bridge[:, :, : self._c]
        one, two = inner @ d.pattern, inner @ other.pattern
        value = float(np.sum(one * two.swapaxes(1, 2)))
        if self._c:
            bent_one, bent_two = d.pattern @ bridge, other.pattern @ bridge
            mixed = _flat(bent_one).T @ _flat(inner @ bent_two)
            alone = self._solved @ (_flat(bridge).T @ _flat(bent_one))
            alone_other = self._solved @ (_flat(bridge).T @ _flat(bent_two))
            value += float(-2 * np.sum(self._solved * mixed) + np.sum(alone * alone_other.T))
        return value


def _flat(stack: FloatArray) -> FloatArray:
    return stack.reshape(math.prod(stack.shape[:-1]), stack.shape[-1])


def _directions(
    places: Sequence[Place], factors: Sequence[FloatArray], width: int, n_border: int
) -> list[_Direction]:
    found = []
    for place, factor in zip(places, factors, strict=True):
        covariance = factor @ factor.T
        at = place.positions()
        for i, j in zip(*np.tril_indices(place.width), strict=True):
            size = n_border if place.is_border else width
            pattern = np.zeros((size, size))
            pattern[at[:, i], at[:, j]] = 1
            pattern[at[:, j], at[:, i]] = 1
            found.append(_Direction(place.is_border, pattern, float(covariance[i, j])))
    return found
