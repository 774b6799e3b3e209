"""Find frontal faces in a picture without a trained network.

The cascade of local binary patterns that scikit-image ships finds faces that look towards the
camera, in films of people and in painted ones. Between two searches a face is followed by its mesh;
:func:`box_from_mesh` turns a mesh into the box that the cascade would have given.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

Picture = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

SKIN_POINTS = 468
"""Points of the mesh before those of the irises."""
BOX_SIDE = 1.055
BOX_CENTRE_DOWN = -0.112
"""Side of the cascade's box, and how far its middle lies below the mean of the mesh, in face sizes.

Means over 120 painted frames of 20 people (size: square root of the mesh's width times height).
The cascade's own boxes scatter about them: side with a standard deviation of 7 %, middle of 4 %.
"""


class FaceFinder(Protocol):
    """Whatever finds faces in a picture."""

    def find(self, image_rgb: Picture, near: FloatArray | None = None) -> FloatArray:
        """Return the boxes of faces, shape (n, 5): x1, y1, x2, y2 in pixels and a score.

        With `near`, the box of a face a moment ago, it is enough to look around it.
        """
        ...


class CascadeFinderSettings(BaseModel):
    """How the cascade searches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search_width_px: int = Field(
        default=320, ge=80, description="Pictures wider than this are reduced to it for the search."
    )
    scale_step: float = Field(
        default=1.15, gt=1.0, description="Ratio of one searched face size to the next."
    )
    step_ratio: float = Field(
        default=1.0,
        gt=0.0,
        description="Step between searched places, in units of the cascade's default.",
    )
    min_face_fraction: float = Field(
        default=0.17,
        gt=0.0,
        le=1.0,
        description="Smallest face, as a part of the picture's shorter side.",
    )
    min_neighbours: int = Field(
        default=2, ge=1, description="Overlapping finds that are needed before a face is believed."
    )
    min_contrast: float = Field(
        default=12.0,
        ge=0.0,
        description="Standard deviation of a face's grey values, of 255. The cascade compares "
        "neighbours only, and finds faces in the grain of a dark wall.",
    )


class CascadeFinder:
    """Frontal faces by scikit-image's cascade of local binary patterns.

    Parameters
    ----------
    settings : CascadeFinderSettings
        How to search.
    """

    def __init__(self, settings: CascadeFinderSettings | None = None) -> None:
        from skimage import data
        from skimage.feature import Cascade

        self.settings = settings or CascadeFinderSettings()
        self._cascade = Cascade(data.lbp_frontal_face_cascade_filename())  # type: ignore[no-untyped-call]  # scikit-image has no types

    def find(
        self,
        image_rgb: Picture,
        near: FloatArray | None = None,  # noqa: ARG002  # other finders save time by it
    ) -> FloatArray:
        """Find the faces in one picture.

        Parameters
        ----------
        image_rgb : ndarray (height, width, 3) of uint8
            Red, green, blue.
        near : ndarray (4,), optional
            Not used: the cascade sees the whole picture in a few milliseconds.

        Returns
        -------
        ndarray (n, 5)
            Square boxes x1, y1, x2, y2 in pixels, largest first, and a score of 1: the cascade
            says yes or no.

        References
        ----------
        Liao et al. (2007). Learning multi-scale block local binary patterns for face recognition.
        """
        height, width = image_rgb.shape[:2]
        reduction = max(1.0, width / self.settings.search_width_px)
        grey = Image.fromarray(image_rgb).convert("L")
        if reduction > 1.0:
            size = (round(width / reduction), round(height / reduction))
            grey = grey.resize(size, Image.Resampling.BOX)
        searched = np.asarray(grey)
        shorter = min(searched.shape)
        smallest = max(24, round(self.settings.min_face_fraction * shorter))
        found = self._cascade.detect_multi_scale(
            img=searched,
            scale_factor=self.settings.scale_step,
            step_ratio=self.settings.step_ratio,
            min_size=(smallest, smallest),
            max_size=(shorter, shorter),
            min_neighbor_number=self.settings.min_neighbours,
        )
        boxes = np.array(
            [[f["c"], f["r"], f["c"] + f["width"], f["r"] + f["height"]] for f in found],
            dtype=float,
        ).reshape(-1, 4)
        contrast = np.array([searched[y1:y2, x1:x2].std() for x1, y1, x2, y2 in boxes.astype(int)])
        boxes = boxes[contrast >= self.settings.min_contrast]
        boxes *= width / searched.shape[1]
        boxes = _one_box_per_face(boxes)
        return np.column_stack([boxes, np.ones(len(boxes))])


def box_from_mesh(mesh_xy: npt.ArrayLike) -> FloatArray:
    """Give the boxes that the cascade would put around faces with these meshes.

    Parameters
    ----------
    mesh_xy : array (..., 478, 2)
        Points of the faces in pixels.

    Returns
    -------
    ndarray (..., 4)
        x1, y1, x2, y2 in pixels; squares.
    """
    skin = np.asarray(mesh_xy, dtype=float)[..., :SKIN_POINTS, :]
    size = np.sqrt(np.prod(np.ptp(skin, axis=-2), axis=-1, keepdims=True))
    middle = skin.mean(axis=-2) + size * [0.0, BOX_CENTRE_DOWN]
    half = BOX_SIDE * size / 2
    return np.concatenate([middle - half, middle + half], axis=-1)


def _one_box_per_face(boxes: FloatArray) -> FloatArray:
    """Keep the largest of boxes whose middles lie within one another."""
    boxes = boxes[np.argsort(-(boxes[:, 2] - boxes[:, 0]), kind="stable")]
    kept: list[int] = []
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    for index, middle in enumerate(middles):
        is_inside = (boxes[kept, :2] <= middle) & (middle <= boxes[kept, 2:])
        if not is_inside.all(axis=1).any():
            kept.append(index)
    return boxes[kept]
