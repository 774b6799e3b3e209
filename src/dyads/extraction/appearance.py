"""How a face looks to the camera: how light it is, and how sharp."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

SIDE_PX: Final = 96
"""Faces are brought to this size, so that sharpness means the same near and far."""


def light_and_sharpness(image: Image, crop: FloatArray) -> tuple[float, float]:
    """Measure the part of a picture in which a face was read.

    Parameters
    ----------
    image
        Red, green and blue, shape (height, width, 3), uint8.
    crop
        Left, top, right, bottom (px); what lies beyond the picture is left out.

    Returns
    -------
    light, sharpness
        Mean brightness, 0 (black) to 1 (white); variance of the Laplacian of the brightness (0 to
        255) at `SIDE_PX` pixels. NaN if the crop lies outside the picture.

    References
    ----------
    Pech-Pacheco, Cristóbal, Chamorro-Martínez and Fernández-Valdivia (2000). Diatom autofocusing in
    brightfield microscopy: a comparative study. International Conference on Pattern Recognition 3.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = np.clip(crop, 0, [width, height, width, height]).round().astype(int)
    if right - left < 2 or bottom - top < 2:
        return float("nan"), float("nan")
    face = Picture.fromarray(np.ascontiguousarray(image[top:bottom, left:right])).convert("L")
    grey = np.asarray(
        face.resize((SIDE_PX, SIDE_PX), Picture.Resampling.BILINEAR), dtype=np.float32
    )
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(grey.mean() / 255), float(laplacian.var())
