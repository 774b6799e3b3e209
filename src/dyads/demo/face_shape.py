"""The shape of a painted face: from action units and a person's build to 478 points.

py-feat's AU-to-mesh model gives the movement of the whole face. It was fitted on photographs in
which some units hardly ever occur alone (parted lips, a closed mouth, brows that rise at one end),
so each unit also gets the local displacement by which the Facial Action Coding System describes it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dyads.demo.face_points import (
    LOWER_LIDS,
    LOWER_LIP_ROWS,
    MESH_POINTS,
    MIDDLE_X,
    UPPER_LIDS,
    UPPER_LIP_ROWS,
    FaceModel,
    FloatArray,
    around,
    fitted_model,
)

NEUTRAL_WIDTH = 173.5
"""Width of the average neutral face (points 234 to 454) in the model's units."""

PLS_GAIN = np.array([0.9, 0.9, 0.6])
"""The fitted model's depth is noisier than its outline, so depth counts less."""


class LocalMove(NamedTuple):
    """A displacement of the skin around some points, mirrored to the other side of the face.

    ``shift`` is (outwards, up, forwards) in the model's units at full intensity.
    """

    unit: str
    points: tuple[int, ...]
    shift: tuple[float, float, float]
    reach: float


LOCAL_MOVES = (
    LocalMove("AU01", (107, 55, 66), (0.0, 8.5, 1.0), 12.0),
    LocalMove("AU02", (70, 63, 105, 53, 46), (0.5, 9.0, 1.0), 12.0),
    LocalMove("AU04", (107, 55, 9), (-5.0, -5.0, 2.0), 11.0),
    LocalMove("AU04", (105, 52, 63), (-2.5, -3.0, 1.5), 11.0),
    LocalMove("AU06", (50, 117, 118, 205), (0.5, 4.5, 5.0), 16.0),
    LocalMove("AU09", (48, 129, 64, 98), (1.5, 5.0, 2.0), 9.0),
    LocalMove("AU09", (55, 8, 193), (-2.5, -4.0, 1.0), 9.0),
    LocalMove("AU10", (37, 39, 40, 0), (0.5, 6.0, 2.0), 9.0),
    LocalMove("AU10", (129, 203, 206), (1.5, 3.5, 2.0), 9.0),
    LocalMove("AU11", (203, 206), (0.5, 3.0, 4.0), 9.0),
    LocalMove("AU12", (61, 76, 62, 78), (8.5, 6.0, -1.0), 12.0),
    LocalMove("AU12", (205, 50, 187), (1.0, 3.0, 4.0), 14.0),
    LocalMove("AU14", (61, 57, 43), (4.5, -4.0, -5.0), 8.0),
    LocalMove("AU15", (61, 76, 62, 78, 57), (1.0, -10.0, 0.0), 10.0),
    LocalMove("AU17", (200, 199, 201), (0.0, 3.0, 7.0), 12.0),
    LocalMove("AU20", (61, 76, 62, 78, 57), (9.0, 2.0, -2.0), 12.0),
    LocalMove("AU23", (61, 76, 62, 78), (-5.0, 0.0, 1.0), 9.0),
)
LIP_PARTING = {"AU25": 12.0, "AU26": 17.0, "AU10": 3.0, "AU20": 2.0}
"""How far apart the middles of the lips are at full intensity; nothing else parts them."""
LIP_PRESSING = {"AU24": 0.7, "AU28": 0.95, "AU23": 0.3, "AU17": 0.3}
"""The part of that distance that is closed again at full intensity."""
JAW_SHIFTS = {"AU26": (-9.0, 0.0)}
LIP_THINNING = {"AU23": 0.45, "AU24": 0.5, "AU28": 0.92}
"""The part of the lip's red that is hidden at full intensity."""


@lru_cache(maxsize=1)
def face_model() -> FaceModel:
    """Read py-feat's AU-to-mesh model and add the local displacements.

    Returns
    -------
    FaceModel
        With closed lips at rest. Read once and shared; the arrays must not be written to.

    Raises
    ------
    StudyError
        If py-feat is not installed.

    References
    ----------
    Cheong et al. (2023). Py-Feat: Python Facial Expression Analysis Toolbox. Affective Science 4.
    Ekman, Friesen and Hager (2002). Facial Action Coding System.
    """
    stored = fitted_model()
    units, neutral = stored.units, stored.neutral
    moves = stored.moves * PLS_GAIN
    # eyelids and lips are moved by rule below; the fitted traces of the same would double them
    moves[units.index("AU43")] *= 0.15
    moves[units.index("AU25")] *= 0.3
    moves[units.index("AU26"), :, 2] *= 0.3
    moves += _local_displacements(units, neutral)
    neutral = neutral + _closing_of_the_lips(neutral)
    return FaceModel(units, neutral, moves, stored.triangles)


def expressed_shape(action_units: FloatArray, build: FloatArray) -> FloatArray:
    """Move a person's face by action units.

    Parameters
    ----------
    action_units : ndarray (20,)
        Intensities in [0, 1].
    build : ndarray (478, 3)
        The person's departure from the average face, in the model's units.

    Returns
    -------
    ndarray (478, 3)
        Points in the model's units, before the head is turned.
    """
    model = face_model()
    shape = model.neutral + build + np.tensordot(action_units, model.moves, axes=1)
    level = dict(zip(model.units, action_units.tolist(), strict=True))
    _move_lids(shape, level)
    _part_lips(shape, level)
    _thin_lips(shape, level)
    return shape


def _local_displacements(units: tuple[str, ...], neutral: FloatArray) -> FloatArray:
    moves = np.zeros((len(units), MESH_POINTS, 3))
    side = np.tanh((neutral[:, 0] - MIDDLE_X) / 4.0)
    is_upper, is_lower = np.zeros(MESH_POINTS, bool), neutral[:, 1] < -188.0
    is_upper[UPPER_LIP_ROWS], is_lower[LOWER_LIP_ROWS] = True, True
    is_upper[LOWER_LIP_ROWS[:, [0, -1]]] = is_lower[LOWER_LIP_ROWS[:, [0, -1]]] = True
    for move in LOCAL_MOVES:
        weight = around(move.points, move.reach)
        if move.unit == "AU10":
            weight = weight * ~(is_lower & ~is_upper)
        outwards, up, forwards = move.shift
        moves[units.index(move.unit)] += np.stack(
            [weight * side * outwards, weight * up, weight * forwards], axis=1
        )
    across = np.exp(-0.5 * (np.abs(neutral[:, 0] - MIDDLE_X) / 42.0) ** 4)
    is_jaw = is_lower & ~(is_upper & is_lower)
    for unit, (up, forwards) in JAW_SHIFTS.items():
        moves[units.index(unit), :, 1] += np.where(is_jaw, across * up, 0.0)
        moves[units.index(unit), :, 2] += np.where(is_jaw, across * forwards, 0.0)
    return moves


def _closing_of_the_lips(neutral: FloatArray) -> FloatArray:
    """Bring the lips together, which the average of the fitted photographs leaves ajar."""
    change = np.zeros((MESH_POINTS, 3))
    gap = neutral[UPPER_LIP_ROWS[-1], 1] - neutral[LOWER_LIP_ROWS[-1], 1]
    for share, upper, lower in zip(
        (0.15, 0.4, 0.75, 1.0), UPPER_LIP_ROWS, LOWER_LIP_ROWS, strict=True
    ):
        change[upper, 1] -= 0.42 * share * gap
        change[lower, 1] += 0.55 * share * gap
    return change


def _move_lids(shape: FloatArray, level: dict[str, float]) -> None:
    upper, lower = shape[UPPER_LIDS], shape[LOWER_LIDS]
    opening = np.maximum(upper[..., 1] - lower[..., 1], 0.0)
    widened = opening * 1.25 * (1.0 + 0.3 * level["AU05"])
    from_above = 0.86 * level["AU43"] + 0.12 * level["AU07"] * (1 - level["AU43"])
    from_below = 0.13 * level["AU43"] + (0.22 * level["AU07"] + 0.14 * level["AU06"]) * (
        1 - level["AU43"]
    )
    top = upper[..., 1] + (widened - opening) * 0.8
    bottom = lower[..., 1] - (widened - opening) * 0.2
    shape[UPPER_LIDS, 1] = top - from_above * widened
    shape[LOWER_LIDS, 1] = bottom + from_below * widened


def _thin_lips(shape: FloatArray, level: dict[str, float]) -> None:
    hidden = 1.0 - np.prod([1.0 - part * level[unit] for unit, part in LIP_THINNING.items()])
    for rows in (UPPER_LIP_ROWS, LOWER_LIP_ROWS):
        inner = shape[rows[-1]]
        for share, row in zip((0.8, 0.7, 0.5), rows[:-1], strict=True):
            shape[row] += hidden * share * (inner - shape[row]) * [0.0, 1.0, 0.6]


def _part_lips(shape: FloatArray, level: dict[str, float]) -> None:
    """Set the distance between the lips, which the fitted model ties to too many other units."""
    pressed = np.prod([1.0 - part * level[unit] for unit, part in LIP_PRESSING.items()])
    apart = pressed * sum(level[unit] * gap for unit, gap in LIP_PARTING.items())
    bell = np.sin(np.pi * np.arange(11) / 10) ** 0.6
    found = shape[UPPER_LIP_ROWS[-1], 1] - shape[LOWER_LIP_ROWS[-1], 1]
    excess = found - apart * bell
    for share, upper, lower in zip(
        (0.45, 0.65, 0.85, 1.0), UPPER_LIP_ROWS, LOWER_LIP_ROWS, strict=True
    ):
        is_shared = upper == lower
        shape[upper, 1] -= np.where(is_shared, 0.0, 0.4 * share * excess)
        shape[lower, 1] += np.where(is_shared, 0.0, 0.6 * share * excess)
