"""A brush with soft edges: filled outlines, lines and smoothly shaded triangles on a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from dyads.demo.face_points import FloatArray

Picture = npt.NDArray[np.uint8]

CIRCLE = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 20)), np.sin(np.linspace(0, 2 * np.pi, 20))], axis=1
)
"""Outline of radius 1 around the origin, (20, 2)."""


class Brush:
    """Paints on a copy of a picture.

    Parameters
    ----------
    picture : ndarray (height, width, 3) of uint8
        What is there already.
    """

    def __init__(self, picture: Picture) -> None:
        height, width = picture.shape[:2]
        self._renderer = RendererAgg(width, height, 72)  # type: ignore[no-untyped-call]  # Agg has no types
        self._pixels = np.asarray(self._renderer.buffer_rgba())  # type: ignore[no-untyped-call]  # Agg has no types
        self._pixels[..., :3] = picture
        self._pixels[..., 3] = 255
        self._height = height
        self._pen = self._renderer.new_gc()
        self._pen.set_capstyle("round")
        self._pen.set_joinstyle("round")
        self._unmoved = IdentityTransform()

    def picture(self) -> Picture:
        """Give the picture as it is now."""
        return np.ascontiguousarray(self._pixels[..., :3])

    def fill(self, outline: FloatArray, colour: tuple[float, ...]) -> None:
        """Fill a closed outline.

        Parameters
        ----------
        outline : ndarray (n, 2)
            Pixels, y down.
        colour : tuple of float
            Red, green, blue and, if not opaque, opacity, in [0, 1].
        """
        self._pen.set_linewidth(0.0)
        self._draw(outline, colour if len(colour) == 4 else (*colour, 1.0))

    def line(
        self, points: FloatArray, colour: tuple[float, ...], width_px: float, opacity: float
    ) -> None:
        """Draw through points.

        Parameters
        ----------
        points : ndarray (n, 2)
            Pixels, y down.
        colour : (red, green, blue)
            In [0, 1].
        width_px : float
            At least half a pixel is drawn.
        opacity : float
            Limited to [0, 1].
        """
        self._pen.set_linewidth(max(width_px, 0.5))
        red, green, blue = colour[:3]
        self._pen.set_foreground((red, green, blue, min(max(opacity, 0.0), 1.0)), isRGBA=True)
        self._draw(points, None)

    def triangles(self, corners: FloatArray, colours: FloatArray) -> None:
        """Fill triangles with colours that run smoothly from corner to corner.

        Parameters
        ----------
        corners : ndarray (n, 3, 2)
            Pixels, y down; the first is painted first.
        colours : ndarray (n, 3, 4)
            Red, green, blue and opacity in [0, 1].
        """
        self._renderer.draw_gouraud_triangles(
            self._pen, self._upwards(corners), colours, self._unmoved
        )

    def _draw(self, points: FloatArray, filling: tuple[float, ...] | None) -> None:
        path = Path(self._upwards(points))
        self._renderer.draw_path(self._pen, path, self._unmoved, filling)  # type: ignore[no-untyped-call]  # Agg has no types

    def _upwards(self, points: FloatArray) -> FloatArray:
        # the renderer's origin is the lower left corner
        return np.stack([points[..., 0], self._height - points[..., 1]], axis=-1)


def rounded(outline: FloatArray) -> FloatArray:
    """Round a closed outline's corners by cutting them twice (Chaikin).

    Parameters
    ----------
    outline : ndarray (n, 2)
        Corners.

    Returns
    -------
    ndarray (4 n, 2)
    """
    return _corner_cutting(len(outline)) @ outline


@lru_cache(maxsize=32)
def _corner_cutting(corners: int) -> FloatArray:
    cut = np.eye(corners)
    for _ in range(2):
        following = np.roll(cut, -1, axis=0)
        cut = np.stack([0.75 * cut + 0.25 * following, 0.25 * cut + 0.75 * following], 1)
        cut = cut.reshape(-1, corners)
    return cut
