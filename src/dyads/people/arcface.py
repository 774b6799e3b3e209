"""The adapter of py-feat's ArcFace, which is loaded when it is built.

The published weights were not at hand when this was written: it is tested with weights of the same
layout and random values.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from dyads.extraction.embedding import load_arcface
from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

SIDE_PX = 112


class ArcFaceEmbedder:
    """py-feat's ArcFace (ResNet-50), as the identity branch of `Detectorv2` uses it.

    Parameters
    ----------
    weights
        A safetensors file.
    device
        Device of the network.

    Raises
    ------
    StudyError
        If the file does not hold the weights of this network.

    References
    ----------
    Deng, Guo, Xue and Zafeiriou (2019). ArcFace: additive angular margin loss for deep face
    recognition. IEEE/CVF Conference on Computer Vision and Pattern Recognition.
    """

    def __init__(self, weights: Path, device: str = "cpu") -> None:
        self._network = load_arcface(weights, device)
        self._device = device

    def embed(self, faces: Sequence[Image]) -> FloatArray:
        """Turn square pictures of faces into vectors, shape (faces, 512)."""
        import torch

        small = [
            np.asarray(Picture.fromarray(face).resize((SIDE_PX, SIDE_PX)), dtype=np.float32)
            for face in faces
        ]
        pixels = torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2) / 255.0
        with torch.inference_mode():
            vectors = self._network(pixels.to(self._device))
        return np.asarray(vectors.cpu().numpy(), dtype=np.float64)
