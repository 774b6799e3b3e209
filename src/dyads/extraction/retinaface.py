"""py-feat's RetinaFace as a face finder, and the box it would put around a mesh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]


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

    def find(self, image_rgb: Image) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5)."""
        import torch

        pixels = torch.from_numpy(np.ascontiguousarray(image_rgb)).permute(2, 0, 1)[None]
        return np.array(self._net(pixels)[0], dtype=np.float64).reshape(-1, 5)


def retinaface_box(mesh_xy: FloatArray) -> FloatArray:
    """Give the square that RetinaFace's box around a face with this mesh is cropped to.

    Parameters
    ----------
    mesh_xy
        Points of the face (px), shape (points, 2).

    Returns
    -------
    ndarray (4,)
        Left, top, right, bottom (px).

    Notes
    -----
    Means over the 213 frames that py-feat publishes of its own output on ten clips of one
    speaker (`docs/data/news_sample`), which hold both the crop and the mesh: side 1.162 mesh
    heights (SD 0.024), middle 0.077 (0.014) above and 0.011 (0.004) right of the mesh's.
    """
    low, high = mesh_xy.min(axis=0), mesh_xy.max(axis=0)
    height = high[1] - low[1]
    middle = (low + high) / 2 + np.array([0.011, -0.077]) * height
    half = 1.162 * height / 2
    return np.concatenate([middle - half, middle + half])
