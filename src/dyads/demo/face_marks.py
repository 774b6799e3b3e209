"""The marks by which an expression shows on skin: creases, and places that darken or brighten."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dyads.demo.face_points import MESH_POINTS, MIDDLE_X, FloatArray, around
from dyads.demo.face_shape import face_model

Anchor = tuple[tuple[int, float], ...]


class Crease(NamedTuple):
    """A line in the skin.

    Attributes
    ----------
    units : tuple of (unit, weight)
        What deepens it; the strongest counts.
    weights : ndarray (n, 478)
        Its points as weighted sums of the face's points.
    width : float
        In the model's units.
    at_rest : float
        How visible it is in a face at rest, in [0, 1].
    """

    units: tuple[tuple[str, float], ...]
    weights: FloatArray
    width: float
    at_rest: float


class Shade(NamedTuple):
    """A place that becomes darker (negative) or brighter as a unit rises."""

    unit: str
    points: tuple[int, ...]
    reach: float
    change: float


class ShadeWeights(NamedTuple):
    """Change of brightness and colour at each of the 478 points."""

    at_rest: FloatArray
    by_unit: FloatArray
    blush: FloatArray
    beard: FloatArray


def _at(*anchors: tuple[int, float]) -> Anchor:
    return anchors


def _mean(one: int, other: int, share: float = 0.5) -> Anchor:
    return ((one, 1 - share), (other, share))


def _crease(
    units: tuple[tuple[str, float], ...],
    points: tuple[Anchor, ...],
    width: float,
    at_rest: float = 0.0,
) -> tuple[Crease, Crease]:
    weights = np.zeros((len(points), MESH_POINTS))
    for row, anchor in enumerate(points):
        for point, weight in anchor:
            weights[row, point] += weight
    mirrored = np.zeros_like(weights)
    row_index, point_index = np.nonzero(weights)
    mirrored_index = _mirrored_points()[point_index]
    # several points may share a mirror image, and then their weights add up
    np.add.at(mirrored, (row_index, mirrored_index), weights[row_index, point_index])
    return Crease(units, weights, width, at_rest), Crease(units, mirrored, width, at_rest)


@lru_cache(maxsize=1)
def _mirrored_points() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    neutral = face_model().neutral
    flipped = neutral * [-1, 1, 1] + [2 * MIDDLE_X, 0, 0]
    distance = np.linalg.norm(neutral[:, None] - flipped[None], axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.int64)


def _line_through(*points: int) -> tuple[Anchor, ...]:
    return tuple(((point, 1.0),) for point in points)


def _build_creases() -> tuple[Crease, ...]:
    brow_in, brow_out = (("AU01", 1.0),), (("AU02", 1.0),)
    fold = (("AU12", 0.9), ("AU10", 0.8), ("AU09", 0.7), ("AU11", 1.0), ("AU06", 0.35))
    beyond = ((61, 1.9), (62, -0.9))
    groups = (
        _crease(brow_in, (_mean(69, 66, 0.65), _mean(108, 107, 0.5), _mean(151, 9, 0.45)), 2.8),
        _crease(brow_in, (_mean(69, 66, 0.3), _mean(108, 107, 0.15), _mean(151, 9, 0.1)), 2.8),
        _crease(brow_out, (_mean(71, 70, 0.5), _mean(104, 105, 0.5), _mean(69, 66, 0.55)), 2.8),
        _crease(brow_out, (_mean(68, 63, 0.3), _mean(104, 105, 0.2), _mean(69, 66, 0.2)), 2.8),
        _crease(
            (("AU04", 1.0),), (_mean(9, 107, 0.4), _mean(9, 55, 0.42), _mean(8, 193, 0.45)), 3.2
        ),
        _crease((("AU04", 0.7),), (_mean(107, 66, 0.4), _mean(55, 65, 0.15)), 2.4),
        _crease(
            (("AU06", 1.0),), (_mean(33, 130, 1.6), _mean(130, 35, 0.4), _mean(35, 143, 0.4)), 1.8
        ),
        _crease(
            (("AU06", 1.0),),
            (_mean(130, 226, 1.0), _mean(226, 35, 0.1), _mean(226, 143, 0.55)),
            1.8,
        ),
        _crease(
            (("AU06", 1.0),),
            (_mean(130, 226, 1.2), _mean(226, 113, 0.5), _mean(226, 139, 0.6)),
            1.8,
        ),
        _crease((("AU06", 0.8), ("AU07", 0.35)), _line_through(111, 117, 118, 119, 120), 2.0, 0.08),
        _crease((("AU07", 0.9), ("AU06", 0.3)), _line_through(31, 228, 229, 230, 231), 1.6, 0.10),
        _crease(
            (("AU09", 1.0),), (_mean(6, 122, 0.2), _mean(122, 196, 0.5), _mean(188, 174, 0.6)), 2.0
        ),
        _crease(
            (("AU09", 1.0),), (_mean(197, 196, 0.1), _mean(196, 3, 0.4), _mean(174, 198, 0.4)), 2.0
        ),
        _crease((("AU09", 0.8),), (_mean(168, 193, 0.9), _mean(168, 6, 0.5)), 2.0),
        _crease(
            fold,
            (_at((129, 1.0)), _mean(203, 129, 0.2), _mean(206, 203, 0.3), _mean(216, 206, 0.3)),
            2.6,
            0.10,
        ),
        _crease(
            (("AU12", 1.0), ("AU14", 0.3)),
            (_mean(216, 206, 0.3), _mean(212, 216, 0.5), _mean(57, 212, 0.6)),
            2.4,
        ),
        _crease(
            (("AU14", 1.0),),
            (
                _at(*beyond, (40, 0.06), (61, -0.06)),
                _at((61, 2.5), (62, -1.5)),
                _at(*beyond, (91, 0.2), (61, -0.2)),
            ),
            3.2,
        ),
        _crease(
            (("AU15", 1.0),),
            (_mean(61, 57, 0.3), _mean(57, 43, 0.6), _mean(43, 202, 0.5), _mean(202, 210, 0.3)),
            3.0,
        ),
        _crease(
            (("AU17", 1.0),),
            (_mean(200, 199, 0.2), _mean(201, 208, 0.4), _mean(208, 171, 0.3)),
            2.6,
        ),
        _crease((("AU17", 0.8),), (_mean(199, 200, 0.6), _mean(201, 200, 0.5)), 3.4),
        _crease((("AU17", 0.9), ("AU24", 0.4)), _line_through(182, 83, 18), 2.6, 0.08),
        _crease(
            (("AU20", 0.9),), (_mean(61, 43, 0.4), _mean(43, 106, 0.5), _mean(202, 211, 0.2)), 2.2
        ),
        _crease((("AU20", 0.8),), (_at(*beyond), _mean(57, 186, -0.2), _mean(57, 212, 0.7)), 2.2),
        _crease((("AU23", 0.9),), (_mean(37, 82), _mean(72, 38)), 1.4),
        _crease((("AU23", 0.9),), (_mean(39, 80), _mean(73, 41)), 1.4),
        _crease((("AU23", 0.9),), (_mean(84, 87), _mean(181, 178)), 1.4),
        _crease(
            (("AU24", 1.0),), (_mean(37, 164, 0.4), _mean(39, 165, 0.4), _mean(40, 92, 0.4)), 2.0
        ),
        _crease(
            (("AU10", 0.9),), (_mean(164, 2, 0.4), _mean(167, 97, 0.3), _mean(165, 98, 0.3)), 2.2
        ),
        _crease(
            (("AU28", 1.0),), (_mean(61, 91, 0.4), _mean(91, 181, 0.4), _mean(84, 17, 0.6)), 2.2
        ),
        _crease(
            (("AU05", 0.5), ("AU43", 0.7)), _line_through(247, 30, 29, 27, 28, 56, 190), 1.6, 0.25
        ),
        _crease(
            (("AU26", 0.6),),
            (_mean(129, 98, 0.0), _mean(203, 206, 0.7), _mean(216, 212, 0.6), _mean(202, 204, 0.1)),
            2.0,
        ),
    )
    return tuple(crease for group in groups for crease in group)


CREASES = _build_creases()

SHADES = (
    Shade("AU01", (108, 151), 9.0, 0.10),
    Shade("AU02", (104, 103), 9.0, 0.10),
    Shade("AU04", (9, 8, 55), 7.0, -0.30),
    Shade("AU06", (50, 117, 205), 11.0, 0.14),
    Shade("AU06", (111, 31, 228), 6.0, -0.16),
    Shade("AU07", (145, 153, 230), 5.0, -0.12),
    Shade("AU09", (122, 196, 174), 6.0, -0.22),
    Shade("AU10", (167, 165, 92), 7.0, -0.12),
    Shade("AU12", (206, 216), 8.0, -0.20),
    Shade("AU12", (50, 205), 11.0, 0.10),
    Shade("AU14", (57,), 7.0, -0.28),
    Shade("AU15", (43, 202, 57), 8.0, -0.26),
    Shade("AU17", (199, 175), 8.0, 0.18),
    Shade("AU17", (18, 83), 7.0, -0.28),
    Shade("AU20", (212, 57), 8.0, -0.14),
    Shade("AU24", (164, 167, 18), 6.0, 0.16),
    Shade("AU26", (212, 202), 9.0, -0.14),
    Shade("AU43", (159, 158, 160), 6.0, -0.08),
)


@lru_cache(maxsize=1)
def shade_weights() -> ShadeWeights:
    """Weigh each point of the face for shading.

    Returns
    -------
    ShadeWeights
        Read once and shared.
    """
    units = face_model().units
    by_unit = np.zeros((len(units), MESH_POINTS))
    for shade in SHADES:
        by_unit[units.index(shade.unit)] += shade.change * around(shade.points, shade.reach)
    at_rest = (
        -0.20 * around((133, 190, 243), 7.0)
        - 0.10 * around((159, 145), 11.0)
        - 0.14 * around((18, 83), 6.0)
        - 0.12 * around((2, 97, 98), 6.0)
        + 0.06 * around((4, 195), 6.0)
    )
    blush = around((50, 205, 123), 15.0) + 0.7 * around((4, 1), 8.0)
    beard = np.maximum(around((199, 152, 175, 150, 136), 20.0), around((164, 167, 165), 8.0))
    return ShadeWeights(at_rest, by_unit, np.clip(blush, 0, 1), np.clip(beard, 0, 1))
