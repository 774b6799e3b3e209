"""The adapter of py-feat's `MPDetector`. py-feat is imported when a detector is built."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dyads.channels import ACTION_UNITS, DETECTOR_CHANNELS
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
from dyads.extraction.retinaface import box_of_mesh
from dyads.recordings.views import Image
from dyads.tables import About

if TYPE_CHECKING:
    from feat.MPDetector import MPDetector
    from torch import Tensor

FloatArray = npt.NDArray[np.float64]

_POINTS: Final = 478
_TO_CANONICAL: Final = np.array([1.0, -1.0, -1.0])
"""MediaPipe's mesh has y downwards and z into the picture, its canonical face the reverse."""


class FeatMPDetector:
    """py-feat's `MPDetector` with its default parts and ResMaskNet, less identity and gaze.

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
        If a file holds more than it may, or names other action units.

    Notes
    -----
    py-feat's object is built by its own constructor and reads with its own code: values equal
    `MPDetector.detect` on the same picture and box. MediaPipe's mesh gives 52 blendshapes, and
    these the action units by a linear map; py-feat reports that it explains 24 % of the variance
    of what `Detectorv1` reads, and calls the detector experimental. There is no valence and no
    arousal.

    py-feat takes pose from the mesh with its depth in pixels of the crop (256 across) and its
    width and height in pixels of the picture, so that angles depend on how large the face is:
    a turn of 20 degrees comes out as 28 where the crop is 128 px wide and as 14 where it is 512.
    They are handed over as they are, see :func:`mesh_pose_deg`.

    The published weights were not at hand when this was written: it is tested with weights of
    the same layout and other values.
    """

    tiers: Final = ("landmarks", "mesh")

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
        self._units = _units_of_blendshapes(files)
        self.about = About(
            channel_types=DETECTOR_CHANNELS["MPDetector"],
            detector=described("MPDetector", files, finder_name),
        )

    def find(self, image: Image, near: FloatArray | None = None) -> FloatArray:
        """Find faces: left, top, right, bottom (px) and score, shape (n, 5)."""
        return self._finder.find(image, near)

    def read(self, images: Sequence[Image], boxes: FloatArray) -> Reading:
        """Read one face in each picture, at boxes of shape (n, 4)."""
        from feat.utils import blendshape_to_au

        landmarks = blendshape_to_au.DLIB68_FROM_MP478
        with standing_in(blendshape_to_au, "_PLS_WEIGHTS", self._units):
            said = read_at(self.feat, self._given, images, boxes, batch_faces=len(images))
        places = [f"{axis}_{point}" for point in range(_POINTS) for axis in "xyz"]
        mesh = said[places].to_numpy(np.float64).reshape(-1, _POINTS, 3)
        mesh_xy = mesh[:, :, :2]
        crop = crops_of(said)
        return Reading(
            channels=said[list(self.about.channel_types)].to_numpy(np.float64),
            pose_deg=mesh_pose_deg(mesh),
            crop=crop,
            next_box=box_of_mesh(mesh_xy),
            inside_share=inside_share(mesh_xy, crop),
            points_px={"landmarks": mesh_xy[:, landmarks], "mesh": mesh_xy},
        )

    def identity_crops(self, images: Sequence[Image], boxes: FloatArray) -> Tensor:
        """Cut out what py-feat shows its identity network: 0 to 1, shape (n, 3, 256, 256)."""
        import torch

        faces = cut_out(self.feat, self._given, images, boxes)
        return torch.cat([face["faces"] for face in faces])


def mesh_pose_deg(mesh: FloatArray) -> FloatArray:
    """Turn of the head that lays MediaPipe's canonical face on a mesh.

    Parameters
    ----------
    mesh
        x to the right, y downwards, z into the picture, shape (n, 478, 3).

    Returns
    -------
    ndarray (n, 3)
        Pitch (up), roll (tilt to the person's own right) and yaw (turn to the person's own
        right) in degrees.

    Notes
    -----
    The angles are py-feat's. What `MPDetector` writes as Roll is the turn about the upright axis
    and what it writes as Yaw is the tilt; here each bears its own name, and the signs are those of
    the other detectors.
    """
    import torch
    from feat.utils.face_pose import estimate_face_pose_from_mesh

    points = torch.from_numpy((mesh * _TO_CANONICAL).astype(np.float32))
    angles, _ = estimate_face_pose_from_mesh(points)
    pitch, turn, tilt = np.degrees(angles.numpy().astype(np.float64)).T
    return np.column_stack([-pitch, tilt, -turn])


def _build(files: Mapping[PublishedFile, Path], given: GivenBox, device: str) -> MPDetector:
    import feat.MPDetector

    module = feat.MPDetector
    with (
        served(files, module),
        standing_in(module, "Retinaface", lambda **_: given),
        warnings.catch_warnings(),
    ):
        # torch announces the end of TorchScript; docs/weights.md says so as well.
        warnings.simplefilter("ignore")
        return module.MPDetector(
            emotion_model="resmasknet", identity_model=None, gaze_model=None, device=device
        )


def _units_of_blendshapes(files: Mapping[PublishedFile, Path]) -> Any:
    """Load the map from blendshapes to action units, and look whether it has our order."""
    from feat.utils import blendshape_to_au

    with (
        served(files, blendshape_to_au),
        standing_in(blendshape_to_au, "_PLS_WEIGHTS", None),
    ):
        units = blendshape_to_au._load_pls_weights()
    if tuple(units["au_columns"]) != ACTION_UNITS:
        raise StudyError(
            f"The map from blendshapes to action units names {', '.join(units['au_columns'])}, "
            f"expected {', '.join(ACTION_UNITS)}. It belongs to another version of py-feat."
        )
    return units
