"""py-feat's RetinaFace as a face finder, and the box it would put around a face that was read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

_AROUND_LANDMARKS: Final = (0.970, 1.354, 0.012, -0.179)
_AROUND_MESH: Final = (0.959, 1.162, 0.012, -0.078)
"""RetinaFace's box: its width and its middle's place to the right in widths of the points, its
height and its middle's place downwards in heights of the points."""

_NEAR_SIDES: Final = 2.5
"""Side of the square that is searched near a known face, in sides of its box."""
_GRID_PX: Final = 32
"""Step of the coarsest anchors."""


class RetinafaceFinder:
    """py-feat's RetinaFace with the published weights.

    Parameters
    ----------
    path
        The weights, a safetensors file.
    device
        Device of the network.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
        from safetensors.torch import load_file

        self._net = Retinaface(device=device, pretrained="given")
        self._net.net.load_state_dict(load_file(path), strict=True)

    def find(self, image_rgb: Image, near: FloatArray | None = None) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5).

        The time that this takes grows with the pixels. With `near`, the box of a face a moment
        ago, only a square around it is searched; its corner lies on the coarsest grid of
        anchors, so that a face is held against the same anchors as in the whole picture. If it
        cuts a face, the whole picture is searched after all.
        """
        height, width = image_rgb.shape[:2]
        found, is_cut = self._search(image_rgb, _around(near, height, width))
        return self.find(image_rgb) if is_cut else found

    def _search(
        self, image_rgb: Image, within: tuple[int, int, int, int]
    ) -> tuple[FloatArray, bool]:
        """Find the faces in a part of the picture, and say whether its edge cuts one."""
        import torch

        height, width = image_rgb.shape[:2]
        left, top, right, bottom = within
        part = np.ascontiguousarray(image_rgb[top:bottom, left:right])
        pixels = torch.from_numpy(part).permute(2, 0, 1)[None]
        found = np.array(self._net(pixels)[0], dtype=np.float64).reshape(-1, 5)
        found += [left, top, left, top, 0]
        is_cut = (found[:, :2] <= [left, top]) & (np.array([left, top]) > 0)
        is_cut |= (found[:, 2:4] >= [right, bottom]) & (np.array([right, bottom]) < [width, height])
        return found, bool(is_cut.any())


def _around(near: FloatArray | None, height: int, width: int) -> tuple[int, int, int, int]:
    """Bounds of the pixels that are searched: left, top, right, bottom."""
    if near is None:
        return 0, 0, width, height
    reach = _NEAR_SIDES / 2 * max(near[2] - near[0], near[3] - near[1])
    middle = (near[:2] + near[2:]) / 2
    low = np.clip((middle - reach) // _GRID_PX * _GRID_PX, 0, None).astype(int)
    high = np.minimum(np.ceil((middle + reach) / _GRID_PX) * _GRID_PX, [width, height]).astype(int)
    if (high - low < _GRID_PX).any():
        return 0, 0, width, height
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def box_of_landmarks(landmarks_xy: FloatArray) -> FloatArray:
    """Give the boxes that RetinaFace would put around faces with these 68 landmarks.

    Parameters
    ----------
    landmarks_xy
        Points of the faces (px), shape (n, 68, 2).

    Returns
    -------
    ndarray (n, 4)
        Left, top, right, bottom (px).

    Notes
    -----
    Means over the 213 frames of ten clips of one speaker (`docs/data/news_sample` of py-feat, as
    its version 0.7 wrote them with the same finder and landmarks): width 0.970 of the landmarks'
    (SD 0.014), height 1.354 of theirs (0.043), middle 0.012 widths (0.006) right and 0.179
    heights (0.020) above theirs. How it is with other faces was not measured.
    """
    return _box_around(landmarks_xy, _AROUND_LANDMARKS)


def box_of_mesh(mesh_xy: FloatArray) -> FloatArray:
    """Give the boxes that RetinaFace would put around faces with these meshes.

    Parameters
    ----------
    mesh_xy
        Points of the faces (px), shape (n, 478, 2).

    Returns
    -------
    ndarray (n, 4)
        Left, top, right, bottom (px).

    Notes
    -----
    As :func:`box_of_landmarks`, with the meshes that `Detectorv2` gave for the same frames: width
    0.959 (SD 0.013), height 1.162 (0.024), middle 0.012 (0.005) right and 0.078 (0.014) above.
    """
    return _box_around(mesh_xy, _AROUND_MESH)


def _box_around(points: FloatArray, shape: tuple[float, float, float, float]) -> FloatArray:
    low, high = points.min(axis=1), points.max(axis=1)
    size = high - low
    width, height, right, down = shape
    middle = (low + high) / 2 + size * [right, down]
    half = size * [width, height] / 2
    return np.column_stack([middle - half, middle + half])
