"""Detectors behind one interface: find faces in a picture, and read faces at given boxes.

An adapter hands over the numbers of its detector untouched, under the project's names and
with the type of each channel. This module is light; py-feat is imported when a detector is
built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from dyads.config import ExtractionSettings
from dyads.errors import StudyError
from dyads.extraction import weights
from dyads.extraction.finders import CascadeFinder, box_from_mesh
from dyads.extraction.published import FACE_FINDER, FACE_MODEL, PublishedFile
from dyads.recordings.views import Image
from dyads.tables import About

if TYPE_CHECKING:
    from torch import Tensor

FloatArray = npt.NDArray[np.float64]

_DEMO_SETTLING: Final = 2
"""The cascade's boxes scatter by 7 % in size, and the demo's small network would show it."""


@dataclass(frozen=True)
class Reading:
    """What a detector says about n faces.

    Parameters
    ----------
    channels
        Values in the order of the detector's `channel_types`, shape (n, channels).
    pose_deg
        Pitch (up), roll (tilt to the person's own right) and yaw (turn to the person's own
        right) in degrees, shape (n, 3).
    crop
        Part of the picture that the detector looked at: left, top, right, bottom (px), shape
        (n, 4). A square with `Detectorv2`; the other two squeeze an upright box into one.
    next_box
        Box in which the face finder would find this face: left, top, right, bottom (px),
        shape (n, 4).
    inside_share
        Share of the mesh, or of the landmarks, that lies within the crop, shape (n,).
    points_px
        Points of the face in the picture, by tier (`landmarks`, `mesh`), shape (n, points, 2).
    """

    channels: FloatArray
    pose_deg: FloatArray
    crop: FloatArray
    next_box: FloatArray
    inside_share: FloatArray
    points_px: Mapping[str, FloatArray] = field(default_factory=dict)


class Detector(Protocol):
    """Whatever finds faces and reads them."""

    @property
    def about(self) -> About:
        """What made the numbers, with the type of each channel."""
        ...

    @property
    def tiers(self) -> tuple[str, ...]:
        """Names of the points that a reading holds: `landmarks`, `mesh`."""
        ...

    def find(self, image: Image, near: FloatArray | None = None) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5).

        With `near`, the box of a face a moment ago, it is enough to look around it.
        """
        ...

    def read(self, images: Sequence[Image], boxes: FloatArray) -> Reading:
        """Read one face in each picture, at boxes of shape (n, 4)."""
        ...

    def identity_crops(self, images: Sequence[Image], boxes: FloatArray) -> Tensor:
        """Cut out what py-feat shows its identity network: 0 to 1, shape (n, 3, side, side)."""
        ...


def load_detector(
    settings: ExtractionSettings,
    *,
    checkpoint: Path | None = None,
    lock: Path | None = None,
    hub_cache: Path | None = None,
    threads: int = 1,
) -> Detector:
    """Build the detector that the settings ask for. Nothing is fetched.

    Parameters
    ----------
    settings
        Which detector, which weights, which device.
    checkpoint
        The demo's face model; needed with `weights: demo` and not read otherwise.
    lock
        The study's `models.lock.yaml`; needed with `weights: hub` and not read otherwise.
    hub_cache
        Folder laid out as the hub's cache, with `weights: hub`. None: the usual ones.
    threads
        Threads of the network.

    Raises
    ------
    StudyError
        If weights are missing, if they are not of the kind that the settings name, or if a byte
        of them differs from the lock. Nothing was loaded then.

    Notes
    -----
    The published weights were not at hand when this was written: their path is tested with
    weights of the same layout and random values.
    """
    if settings.detector == "Detectorv1":
        # On macOS with Python 3.13 its trees crash where torch came first, says py-feat.
        import xgboost  # noqa: F401
    import torch

    torch.set_num_threads(threads)
    if settings.weights == "demo":
        return _demo_detector(settings, checkpoint)
    if lock is None:
        raise StudyError(
            "extraction.weights is `hub`, but no lock of the weights was named. Run "
            "`dyads weights fetch` once, where there is a network."
        )
    caches = None if hub_cache is None else [hub_cache]
    files = weights.verified(settings.detector, lock, caches)
    with weights.offline():
        return _published_detector(settings, files)


def _published_detector(
    settings: ExtractionSettings, files: Mapping[PublishedFile, Path]
) -> Detector:
    from dyads.extraction.retinaface import RetinafaceFinder, box_of_mesh

    finder = RetinafaceFinder(files[FACE_FINDER], settings.device)
    finder_name = (
        f"py-feat's RetinaFace, weights {FACE_FINDER.file} "
        f"(SHA-256 {weights.digest(files[FACE_FINDER])[:12]})"
    )
    if settings.detector == "Detectorv1":
        from dyads.extraction.feat_detectorv1 import FeatDetectorv1

        return FeatDetectorv1(files, finder, finder_name, settings.device)
    if settings.detector == "MPDetector":
        from dyads.extraction.feat_mpdetector import FeatMPDetector

        return FeatMPDetector(files, finder, finder_name, settings.device)
    from dyads.extraction.feat_detectorv2 import FeatDetectorv2

    return FeatDetectorv2(
        files[FACE_MODEL],
        finder,
        box_of_mesh,
        finder_name,
        settings.device,
        settings.precision,
    )


def _demo_detector(settings: ExtractionSettings, checkpoint: Path | None) -> Detector:
    from dyads.extraction.feat_detectorv2 import FeatDetectorv2

    if checkpoint is None or not checkpoint.is_file():
        raise StudyError(
            f"extraction.weights is `demo`, but there is no face model at {checkpoint}. It comes "
            "with the source in demo/face_model."
        )
    weights.refuse_pickle(checkpoint)
    if not weights.stamp_of(checkpoint):
        raise StudyError(
            f"{checkpoint}: carries no stamp, so it is not the demo's face model. "
            "Use extraction.weights: hub for people."
        )
    return FeatDetectorv2(
        checkpoint,
        CascadeFinder(),
        box_from_mesh,
        "scikit-image's cascade of local binary patterns, then by the mesh",
        settings.device,
        settings.precision,
        settling=_DEMO_SETTLING,
    )
