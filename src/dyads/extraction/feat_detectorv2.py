"""The adapter of py-feat's `Detectorv2`. py-feat is imported when a detector is built."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from dyads.channels import AFFECT, DETECTOR_CHANNELS, EMOTION_NAMES
from dyads.extraction import weights
from dyads.extraction.detectors import Reading
from dyads.extraction.feat_parts import standing_in
from dyads.extraction.finders import FaceFinder
from dyads.recordings.views import Image
from dyads.tables import About

if TYPE_CHECKING:
    from feat.detector_v2 import Detectorv2
    from torch import Tensor

FloatArray = npt.NDArray[np.float64]

_CROP_MARGIN_PX: Final = 2
"""Pixels around a crop that bilinear sampling may reach."""


class MeshBox(Protocol):
    """How a face finder would box faces with these meshes."""

    def __call__(self, mesh_xy: FloatArray) -> FloatArray:
        """Turn meshes of shape (n, points, 2) into left, top, right, bottom (px), (n, 4)."""
        ...


class FeatDetectorv2:
    """py-feat's `Detectorv2`.

    Parameters
    ----------
    face_model
        Weights of the multitask model, a safetensors file.
    finder
        What finds the faces, in place of py-feat's own search.
    mesh_box
        How that finder would box a face with a given mesh.
    finder_name
        The finder in words.
    device
        Device of the model.
    precision
        `float32`, or `bfloat16` for the network alone.
    settling
        How often a face that was found is read to put the box of its mesh in place of the
        finder's, for finders whose own boxes scatter.

    Notes
    -----
    py-feat's object is the one that reads: its crop, its preprocessing, its network. Values
    equal `Detectorv2.detect` on the same picture and box. Left out are its identity branch
    and the data frame of 2,183 columns, which costs as much time as a small network.

    `Detectorv2` gives pose in radians, as a rotation vector with pitch down; `detect` turns
    the sign of pitch and roll, and so does this adapter, which gives degrees.
    """

    tiers: Final = ("landmarks", "mesh")

    def __init__(
        self,
        face_model: Path,
        finder: FaceFinder,
        mesh_box: MeshBox,
        finder_name: str,
        device: str = "cpu",
        precision: str = "float32",
        settling: int = 0,
    ) -> None:
        self._finder = finder
        self._settling = settling
        self._device = device
        self._is_halved = precision == "bfloat16"
        self._mesh_box = mesh_box
        self.feat = _build(face_model, self.find, device)
        emotions = tuple(EMOTION_NAMES[name] for name in self.feat.multitask.emotion_names)
        types = DETECTOR_CHANNELS["Detectorv2"]
        self.about = About(
            channel_types={
                name: types[name] for name in (*self.feat.multitask.au_names, *emotions, *AFFECT)
            },
            detector=f"py-feat {version('py-feat')} Detectorv2, weights {face_model.name} "
            f"(SHA-256 {_digest(face_model)[:12]}), faces found by {finder_name}"
            + (", network in bfloat16" if self._is_halved else ""),
            stamp=weights.stamp_of(face_model),
        )

    def find(self, image: Image, near: FloatArray | None = None) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5)."""
        found = self._finder.find(image, near)
        for _ in range(self._settling if len(found) else 0):
            found[:, :4] = self.read([image] * len(found), found[:, :4]).next_box
        return found

    def read(self, images: Sequence[Image], boxes: FloatArray) -> Reading:
        """Read one face in each picture, at boxes of shape (n, 4)."""
        chips, crop = self._chips(images, boxes)
        said = self._said(chips)
        side = (crop[:, 2] - crop[:, 0])[:, None, None]
        mesh = np.asarray(said.mesh478, dtype=np.float64)[:, :, :2]
        mesh_xy = crop[:, None, :2] + mesh * side
        pose = np.asarray(said.pose, dtype=np.float64)
        return Reading(
            channels=np.column_stack([said.au, said.emotion, said.valence, said.arousal]).astype(
                np.float64
            ),
            pose_deg=np.degrees(np.column_stack([-pose[:, 0], -pose[:, 2], pose[:, 1]])),
            crop=crop,
            next_box=self._mesh_box(mesh_xy),
            inside_share=((mesh >= 0) & (mesh <= 1)).all(axis=2).mean(axis=1),
            points_px={
                "landmarks": crop[:, None, :2] + np.asarray(said.landmarks68, np.float64) * side,
                "mesh": mesh_xy,
            },
        )

    def identity_crops(self, images: Sequence[Image], boxes: FloatArray) -> Tensor:
        """Cut out what py-feat shows its identity network: 0 to 1, shape (n, 3, 256, 256)."""
        return self._chips(images, boxes)[0]

    def _said(self, chips: Tensor) -> Any:  # py-feat's result has no type to import
        import torch

        with torch.autocast(self._device, torch.bfloat16, enabled=self._is_halved):
            return self.feat.multitask(chips)

    def _chips(self, images: Sequence[Image], boxes: FloatArray) -> tuple[Tensor, FloatArray]:
        """Cut each face out with py-feat's own crop, moving only the pixels it looks at."""
        import torch
        from feat.multitask.inference import CHIP_SIZE, EXPAND_BBOX
        from feat.utils.image_operations import extract_face_square_pad_torch

        chips, crops = [], []
        for image, box in zip(images, boxes, strict=True):
            left, top, right, bottom = _reach(image, box, EXPAND_BBOX)
            pixels = torch.from_numpy(np.ascontiguousarray(image[top:bottom, left:right]))
            pixels = pixels.to(self.feat.device).permute(2, 0, 1)[None].float() / 255.0
            within = torch.from_numpy(box - [left, top, left, top])[None]
            chip, square = extract_face_square_pad_torch(
                pixels, within, face_size=CHIP_SIZE, expand_bbox=EXPAND_BBOX
            )
            x, y, side = square[0].tolist()
            chips.append(chip)
            crops.append([left + x, top + y, left + x + side, top + y + side])
        return torch.cat(chips), np.array(crops, dtype=np.float64)


def _build(face_model: Path, find: Callable[[Image], FloatArray], device: str) -> Detectorv2:
    """Build py-feat's object around our finder: its own would fetch weights at this point."""
    from feat import detector_v2

    class StandIn:
        """A finder with RetinaFace's manners: a batch in, lists of boxes out."""

        def __init__(self, device: object) -> None:
            self.device = device

        def __call__(self, frames: Tensor) -> list[list[list[float]]]:
            pictures = frames.round().byte().permute(0, 2, 3, 1).cpu().numpy()
            return [find(picture).tolist() for picture in pictures]

    with standing_in(detector_v2, "Retinaface", StandIn):
        return detector_v2.Detectorv2(
            device=device, identity_model=None, multitask_weights=str(face_model)
        )


def _reach(image: Image, box: FloatArray, expand: float) -> tuple[int, int, int, int]:
    """Bounds of the pixels that the crop at a box looks at.

    Where the square leaves the picture, py-feat mirrors the picture's inside, so the whole of
    that axis is kept.
    """
    height, width = image.shape[:2]
    half = max(box[2] - box[0], box[3] - box[1]) * expand / 2
    bounds = []
    for low, high, size in ((box[0], box[2], width), (box[1], box[3], height)):
        first = int(np.floor((low + high) / 2 - half)) - _CROP_MARGIN_PX
        last = int(np.ceil((low + high) / 2 + half)) + _CROP_MARGIN_PX
        bounds.append((first, last) if first >= 0 and last <= size else (0, size))
    return bounds[0][0], bounds[1][0], bounds[0][1], bounds[1][1]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
