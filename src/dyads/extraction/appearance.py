"""How a face looks to the camera: how light it is, how sharp, and whether it is another one."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

SIDE_PX: Final = 96
"""Faces are brought to this size, so that sharpness means the same near and far."""

LOOK_SIDE_PX: Final = 8
CHANGE_MAX: Final = 17.0
"""Looks of one face in two pictures that follow each other differ by less than this, of 255.

In 900 steps of four people of the demo at ten pictures a second the largest difference was 16.3;
pictures of any two of them differed by at least 18.2.
"""


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
    face = _cut_out(image, crop)
    if face is None:
        return float("nan"), float("nan")
    size = (SIDE_PX, SIDE_PX)
    grey = np.asarray(face.convert("L").resize(size, Picture.Resampling.BILINEAR), dtype=np.float32)
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(grey.mean() / 255), float(laplacian.var())


def look(image: Image, crop: FloatArray) -> tuple[float, ...]:
    """Give the coarse colours of a part of a picture, to tell a cut of the film from movement.

    Parameters
    ----------
    image, crop
        As for :func:`light_and_sharpness`.

    Returns
    -------
    tuple of float
        Red, green and blue, 0 to 255, of `LOOK_SIDE_PX` rows and columns; empty if the crop lies
        outside the picture.
    """
    face = _cut_out(image, crop)
    if face is None:
        return ()
    small = face.resize((LOOK_SIDE_PX, LOOK_SIDE_PX), Picture.Resampling.BOX)
    return tuple(np.asarray(small, dtype=np.float64).ravel().tolist())


def has_changed(before: tuple[float, ...], after: tuple[float, ...]) -> bool:
    """Say whether two looks, of pictures that follow each other, are of different things."""
    if not before or not after:
        return False
    return float(np.abs(np.subtract(before, after)).mean()) > CHANGE_MAX


def _cut_out(image: Image, crop: FloatArray) -> Picture.Image | None:
    height, width = image.shape[:2]
    left, top, right, bottom = np.clip(crop, 0, [width, height, width, height]).round().astype(int)
    if right - left < 2 or bottom - top < 2:
        return None
    return Picture.fromarray(np.ascontiguousarray(image[top:bottom, left:right]))
