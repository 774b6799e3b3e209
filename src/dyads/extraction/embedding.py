"""Identity embeddings: what py-feat's own network says of whose face a crop shows.

They identify a person. Nothing here decides of whom they may be made: a face is handed in only if
its person allowed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from dyads.config import ExtractionSettings
from dyads.errors import StudyError
from dyads.extraction import weights
from dyads.extraction.published import IDENTITY
from dyads.recordings.views import Image

if TYPE_CHECKING:
    from feat.identity_detectors.arcface.arcface_model import ArcFace

    from dyads.extraction.detectors import Detector

FloatArray = npt.NDArray[np.float64]


class Embedder(Protocol):
    """Whatever turns faces into vectors that lie near each other for one person."""

    @property
    def name(self) -> str:
        """What makes the vectors, with its weights, in words."""
        ...

    def embed(self, images: Sequence[Image], boxes: FloatArray) -> npt.NDArray[np.float32]:
        """Give the vector of one face in each picture, at boxes of shape (n, 4)."""
        ...


class ArcFaceOfCrops:
    """py-feat's ArcFace on the crops that the identity branch of a detector looks at.

    Parameters
    ----------
    detector
        What cuts faces out.
    path
        The weights, a safetensors file.
    device
        Device of the network.

    Raises
    ------
    StudyError
        If the file does not hold the weights of this network.

    Notes
    -----
    Vectors equal `Identity_1` to `Identity_512` of py-feat's `detect` on the same picture and box,
    with its default `identity_model`. All three detectors of py-feat have this network; they
    show it different crops (`Detectorv2` a square, the other two an upright box that is squeezed
    into one), so that vectors of two detectors are not comparable. They are not of unit length,
    as py-feat leaves them, and float32 whatever `precision` says.

    The published weights were not at hand when this was written: it is tested with weights of
    the same layout and random values.

    References
    ----------
    Deng, Guo, Xue and Zafeiriou (2019). ArcFace: additive angular margin loss for deep face
    recognition. IEEE/CVF Conference on Computer Vision and Pattern Recognition.
    """

    def __init__(self, detector: Detector, path: Path, device: str = "cpu") -> None:
        self._detector = detector
        self._network = load_arcface(path, device)
        self._device = device
        self.name = f"py-feat's ArcFace, weights {path.name} (SHA-256 {weights.digest(path)[:12]})"

    def embed(self, images: Sequence[Image], boxes: FloatArray) -> npt.NDArray[np.float32]:
        """Give the vector of one face in each picture, shape (n, 512), at boxes (n, 4)."""
        import torch

        with torch.inference_mode():
            crops = self._detector.identity_crops(images, boxes)
            vectors = self._network(crops.to(self._device))
        return np.asarray(vectors.cpu().numpy(), dtype=np.float32)


def load_embedder(
    settings: ExtractionSettings,
    detector: Detector,
    lock: Path | None,
    hub_cache: Path | None = None,
) -> Embedder:
    """Build what gives embeddings from the weights that the study has locked.

    Parameters
    ----------
    settings
        The device.
    detector
        What cuts faces out.
    lock
        The study's `models.lock.yaml`.
    hub_cache
        Folder laid out as the hub's cache. None: the usual ones.

    Raises
    ------
    StudyError
        If weights are missing, or if a byte of them differs from the lock. Nothing was loaded
        then.
    """
    if lock is None:
        raise StudyError(
            "extraction.tiers asks for embeddings, but no lock of the weights was named. Run "
            "`dyads weights fetch` once, where there is a network."
        )
    files = weights.verified(IDENTITY, lock, None if hub_cache is None else [hub_cache])
    with weights.offline():
        return ArcFaceOfCrops(detector, next(iter(files.values())), settings.device)


def load_arcface(path: Path, device: str = "cpu") -> ArcFace:
    """Load py-feat's ArcFace (ResNet-50).

    Raises
    ------
    StudyError
        If the file does not hold the weights of this network.
    """
    from feat.identity_detectors.arcface.arcface_model import ArcFace
    from safetensors.torch import load_file

    network = ArcFace(backbone="r50")
    missing, unexpected = network.net.load_state_dict(load_file(path), strict=False)
    lacking = [name for name in missing if "num_batches_tracked" not in name]
    if lacking or unexpected:
        raise StudyError(
            f"{path}: not the weights of py-feat's ArcFace ({len(lacking)} parts are "
            f"missing, {len(unexpected)} are foreign). Run `dyads weights fetch`."
        )
    return network.eval().to(device)
