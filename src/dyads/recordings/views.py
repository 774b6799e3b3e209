"""The part of a picture that shows one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dyads.errors import StudyError

Image = npt.NDArray[np.uint8]

AUTO: Final = "auto"
"""The view of people of whom it is not known where in the picture they are."""


@dataclass(frozen=True)
class Region:
    """The part of a picture that shows one person, in pixels of the picture as shown."""

    left: int
    top: int
    width: int
    height: int

    def of(self, image: Image) -> Image:
        """Cut the region out of a picture; no pixels are copied."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


def region(view: str, width: int, height: int) -> Region:
    """Translate a view into pixels.

    Parameters
    ----------
    view
        `full`, `left`, `right`, `top`, `bottom` or a box `x,y,width,height` in pixels.
    width, height
        Size of the picture as shown (px).

    Raises
    ------
    StudyError
        If the view is none of these or lies outside the picture.
    """
    half_width, half_height = width // 2, height // 2
    named = {
        "full": Region(0, 0, width, height),
        "left": Region(0, 0, half_width, height),
        "right": Region(width - half_width, 0, half_width, height),
        "top": Region(0, 0, width, half_height),
        "bottom": Region(0, height - half_height, width, half_height),
    }
    if view in named:
        return named[view]
    try:
        left, top, box_width, box_height = (int(part) for part in view.split(","))
    except ValueError:
        raise StudyError(
            f"view {view!r} is not known. Write full, left, right, top, bottom "
            "or a box of pixels such as 0,0,640,480 (x, y, width, height)."
        ) from None
    inside = left >= 0 and top >= 0 and left + box_width <= width and top + box_height <= height
    if not inside or box_width < 1 or box_height < 1:
        raise StudyError(
            f"view {view!r} lies outside the picture of {width} x {height} pixels. "
            "Give x, y, width and height of a box within it."
        )
    return Region(left, top, box_width, box_height)
