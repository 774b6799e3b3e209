"""The adapter of py-feat's `Detectorv1`. py-feat is imported when a detector is built."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dyads.channels import DETECTOR_CHANNELS
from dyads.errors import StudyError
from dyads.extraction.detectors import Reading
from dyads.extraction.feat_parts import (
    GivenBox,
    crops_of,
    cut_out,
    described,
    inside_share,
    read_at,
    served,
    standing_in,
)
from dyads.extraction.finders import FaceFinder
from dyads.extraction.opening import refuse_what_runs
from dyads.extraction.published import PublishedFile
from dyads.extraction.retinaface import box_of_landmarks
from dyads.recordings.views import Image
from dyads.tables import About

if TYPE_CHECKING:
    from feat.detector import Detectorv1
    from torch import Tensor

FloatArray = npt.NDArray[np.float64]

_LANDMARKS: Final = 68


class FeatDetectorv1:
    """py-feat's `Detectorv1` with its default parts, less identity and gaze.

    Parameters
    ----------
    files
        Verified weights, from :func:`dyads.extraction.weights.verified`.
    finder
        What finds the faces, in place of py-feat's own search.
    finder_name
        The finder in words.
    device
        Device of the networks.

    Raises
    ------
    StudyError
        If a file holds more than it may.

    Notes
    -----
    py-feat's object is built by its own constructor and reads with its own code: values equal
    `Detectorv1.detect` on the same picture and box. Landmarks come from MobileFaceNet, pose from
    the landmarks, action units from boosted trees on gradients of the aligned face, emotions from
    ResMaskNet; there is no valence and no arousal, and no mesh. Following takes the place of the
    next box from the landmarks.

    py-feat cuts landmarks to whole pixels on the way to the action units, so that a difference in
    the last digit of a landmark may change them by a step. Networks round differently from batch
    to batch; faces are therefore read one at a time, and no value depends on its neighbours.

    The published weights were not at hand when this was written: it is tested with weights of
    the same layout and other values.
    """

    tiers: Final = ("landmarks",)

    def __init__(
        self,
        files: Mapping[PublishedFile, Path],
        finder: FaceFinder,
        finder_name: str,
        device: str = "cpu",
    ) -> None:
        refuse_what_runs(files)
        self._finder = finder
        self._given = GivenBox()
        self.feat = _build(files, self._given, device)
        self._pose = _pose_network(files, str(self.feat.device))
        self.about = About(
            channel_types=DETECTOR_CHANNELS["Detectorv1"],
            detector=described("Detectorv1", files, finder_name),
        )

    def find(self, image: Image, near: FloatArray | None = None) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5)."""
        return self._finder.find(image, near)

    def read(self, images: Sequence[Image], boxes: FloatArray) -> Reading:
        """Read one face in each picture, at boxes of shape (n, 4)."""
        from feat.utils import face_pose_mlp

        with standing_in(face_pose_mlp, "_load_pose_mlp", lambda **_: self._pose):
            said = read_at(self.feat, self._given, images, boxes, batch_faces=1)
        places = [f"{axis}_{point}" for point in range(_LANDMARKS) for axis in "xy"]
        landmarks = said[places].to_numpy(np.float64).reshape(-1, _LANDMARKS, 2)
        crop = crops_of(said)
        return Reading(
            channels=said[list(self.about.channel_types)].to_numpy(np.float64),
            pose_deg=np.degrees(said[["Pitch", "Roll", "Yaw"]].to_numpy(np.float64)),
            crop=crop,
            next_box=box_of_landmarks(landmarks),
            inside_share=inside_share(landmarks, crop),
            points_px={"landmarks": landmarks},
        )

    def identity_crops(self, images: Sequence[Image], boxes: FloatArray) -> Tensor:
        """Cut out what py-feat shows its identity network: 0 to 1, shape (n, 3, 112, 112)."""
        import torch

        faces = cut_out(self.feat, self._given, images, boxes)
        return torch.cat([face["faces"] for face in faces])


def _build(files: Mapping[PublishedFile, Path], given: GivenBox, device: str) -> Detectorv1:
    from feat import detector

    with (
        served(files, detector),
        standing_in(detector, "Retinaface", lambda **_: given),
        warnings.catch_warnings(),
    ):
        # It warns that pose comes from the landmarks.
        warnings.simplefilter("ignore")
        return detector.Detectorv1(identity_model=None, gaze_model=None, device=device)


def _pose_network(files: Mapping[PublishedFile, Path], device: str) -> Any:
    """Load what gives pose, past the places in which py-feat would look before the hub."""
    from feat.utils import face_pose_mlp

    with (
        served(files),
        standing_in(face_pose_mlp, "_CACHE", {}),
        standing_in(face_pose_mlp, "_resolve_weights_path", lambda: None),
    ):
        network = face_pose_mlp._load_pose_mlp(device=device)
    if network is None:
        raise StudyError("The weights of Detectorv1's head pose could not be loaded by py-feat.")
    return network
