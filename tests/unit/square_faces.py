"""A detector whose faces are bright squares: where they are and what they show is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dyads.channels import ChannelType
from dyads.extraction.detectors import Reading
from dyads.tables import About

BACKGROUND = 30
MARGIN = 1.2


def room(width: int = 160, height: int = 120) -> npt.NDArray[np.uint8]:
    """An empty picture."""
    return np.full((height, width, 3), BACKGROUND, dtype=np.uint8)


def with_face(
    image: npt.NDArray[np.uint8], left: int, top: int, side: int = 30, level: float = 0.5
) -> npt.NDArray[np.uint8]:
    """Add a face that shows AU12 at a level, as a square of that brightness."""
    added = image.copy()
    added[top : top + side, left : left + side] = round(100 + 150 * level)
    return added


class SquareDetector:
    """Finds bright squares and reads their brightness as AU12; counts what it is asked.

    Parameters
    ----------
    stamp
        What its weights are stamped with.
    """

    tiers = ("landmarks",)

    def __init__(self, stamp: str = "") -> None:
        self.about = About(
            channel_types={"AU12": ChannelType.PROBABILITY}, detector="squares", stamp=stamp
        )
        self.searches = self.near_searches = 0
        self.reads = 0

    def find(
        self, image: npt.NDArray[np.uint8], near: npt.NDArray[np.float64] | None = None
    ) -> npt.NDArray[np.float64]:
        """Boxes of the bright squares, left to right, with score 1; near a box those close to it.

        Searches near a box count twice: among all, and by themselves.
        """
        self.searches += 1
        self.near_searches += near is not None
        squares = _squares(image)
        if near is None:
            return squares
        middles = (squares[:, :2] + squares[:, 2:4] - near[:2] - near[2:]) / 2
        return squares[np.abs(middles).max(axis=1, initial=0.0) <= 1.25 * (near[2] - near[0])]

    def read(
        self, images: Sequence[npt.NDArray[np.uint8]], boxes: npt.NDArray[np.float64]
    ) -> Reading:
        """Read the square nearest to each box; without one, the box itself is believed."""
        self.reads += len(images)
        half = (boxes[:, 2:] - boxes[:, :2]) / 2
        middle = (boxes[:, 2:] + boxes[:, :2]) / 2
        crop = np.hstack([middle - MARGIN * half, middle + MARGIN * half])
        found = [_nearest(image, box) for image, box in zip(images, boxes, strict=True)]
        next_box = np.stack([box for box, _ in found])
        return Reading(
            channels=np.array([[level] for _, level in found]),
            pose_deg=np.zeros((len(images), 3)),
            crop=crop,
            next_box=next_box,
            inside_share=_overlap(next_box, crop),
            points_px={"landmarks": next_box.reshape(-1, 2, 2)},
        )


class LevelEmbedder:
    """Gives as the embedding of a face the level it shows and its box; notes which it was given."""

    name = "levels"

    def __init__(self) -> None:
        self.levels: list[float] = []

    def embed(
        self, images: Sequence[npt.NDArray[np.uint8]], boxes: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float32]:
        """Give the level of the square nearest to each box, and the box, shape (n, 5)."""
        levels = [_nearest(image, box)[1] for image, box in zip(images, boxes, strict=True)]
        self.levels += levels
        return np.column_stack([levels, boxes]).astype(np.float32)


def _squares(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    bright = image[:, :, 0] > 80
    columns = np.flatnonzero(bright.any(axis=0))
    if not len(columns):
        return np.empty((0, 5))
    boxes = []
    for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        rows = np.flatnonzero(bright[:, run].any(axis=1))
        boxes.append([run[0], rows[0], run[-1] + 1, rows[-1] + 1, 1.0])
    return np.array(boxes, dtype=float)


def _nearest(
    image: npt.NDArray[np.uint8], box: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    squares = _squares(image)
    if not len(squares):
        return box, 0.0
    middles = (squares[:, :2] + squares[:, 2:4]) / 2
    middle = (box[:2] + box[2:]) / 2
    nearest = squares[np.argmin(np.hypot(*(middles - middle).T))]
    left, top, right, bottom = nearest[:4].astype(int)
    inside = image[top + 4 : bottom - 4, left + 4 : right - 4, 0]
    return nearest[:4], float((inside.mean() - 100) / 150)


def _overlap(
    boxes: npt.NDArray[np.float64], crops: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    low = np.maximum(boxes[:, :2], crops[:, :2])
    high = np.minimum(boxes[:, 2:], crops[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    whole: npt.NDArray[np.float64] = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return shared / whole
