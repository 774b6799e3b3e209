"""What the adapters of py-feat's detectors share.

py-feat's detectors fetch their weights while they are built, and search every picture whole. Here
they get the verified files instead of the hub, and boxes instead of a finder; cutting faces out
and reading them is left to their own code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dyads.errors import StudyError
from dyads.extraction.published import FACE_FINDER, PublishedFile
from dyads.extraction.weights import digest
from dyads.recordings.views import Image

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

FloatArray = npt.NDArray[np.float64]


class GivenBox:
    """A face finder with RetinaFace's manners that finds the one box it is given."""

    def __init__(self) -> None:
        self.box: FloatArray = np.zeros(4)

    def __call__(self, frames: Tensor) -> list[list[list[float]]]:
        """Find the box, with a score of 1, in each picture of a batch."""
        return [[[*self.box.tolist(), 1.0]] for _ in frames]


@contextmanager
def standing_in(owner: object, name: str, value: object) -> Iterator[None]:
    """Put a value where py-feat looks for its own, and take it away again."""
    own = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, own)


@contextmanager
def served(files: Mapping[PublishedFile, Path], *modules: ModuleType) -> Iterator[None]:
    """Give py-feat the verified files whenever it asks the hub, and nothing else.

    Parameters
    ----------
    files
        From :func:`dyads.extraction.weights.verified`.
    modules
        Modules of py-feat that took the hub's functions in by name.

    Raises
    ------
    StudyError
        If py-feat asks for a file that is not among them.
    """
    import feat.utils
    import huggingface_hub

    paths = {(one.repository, one.file): path for one, path in files.items()}

    def give(repo_id: str, filename: str, **_: object) -> str:
        try:
            return str(paths[repo_id, filename])
        except KeyError:
            raise StudyError(
                f"py-feat {version('py-feat')} asks for {filename} of {repo_id}, which dyads does "
                "not know. Install the version of py-feat that the lock file of dyads names."
            ) from None

    with ExitStack() as stack:
        for module in (huggingface_hub, feat.utils, *modules):
            for name in ("hf_hub_download", "hf_hub_download_with_fallback"):
                if hasattr(module, name):
                    stack.enter_context(standing_in(module, name, give))
        yield


def cut_out(
    feat: Any,  # py-feat has no types
    finder: GivenBox,
    images: Sequence[Image],
    boxes: FloatArray,
) -> list[Any]:
    """Let py-feat cut out the face at one box in each picture.

    Parameters
    ----------
    feat
        `Detectorv1` or `MPDetector`, built around `finder`.
    finder
        The finder that it asks.
    images
        The pictures.
    boxes
        Left, top, right, bottom (px), shape (n, 4).

    Returns
    -------
    list
        What py-feat's `detect_faces` gives, a face each.
    """
    import torch

    faces = []
    for image, box in zip(images, boxes, strict=True):
        finder.box = box
        pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        faces += feat.detect_faces(pixels, face_size=feat.face_size)
    return faces


def read_at(
    feat: Any,  # py-feat has no types
    finder: GivenBox,
    images: Sequence[Image],
    boxes: FloatArray,
    batch_faces: int,
) -> pd.DataFrame:
    """Let py-feat read the face at one box in each picture.

    Parameters
    ----------
    feat, finder, images, boxes
        As for :func:`cut_out`.
    batch_faces
        Faces read at once.

    Returns
    -------
    DataFrame
        What py-feat's `forward` gives, a row for each picture.
    """
    import pandas as pd

    faces = cut_out(feat, finder, images, boxes)
    batches = [faces[at : at + batch_faces] for at in range(0, len(faces), batch_faces)]
    said: pd.DataFrame = pd.concat(
        [feat.forward(batch, _unpadded(len(batch))) for batch in batches]
    )
    return said


def crops_of(table: pd.DataFrame) -> FloatArray:
    """Give the part of the picture that was looked at: left, top, right, bottom (px)."""
    names = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]
    left, top, width, height = table[names].to_numpy(np.float64).T
    return np.column_stack([left, top, left + width, top + height])


def inside_share(points_xy: FloatArray, crop: FloatArray) -> FloatArray:
    """Share of the points of shape (n, points, 2) that lie within crops of shape (n, 4)."""
    is_inside = (points_xy >= crop[:, None, :2]) & (points_xy <= crop[:, None, 2:])
    share: FloatArray = is_inside.all(axis=2).mean(axis=1)
    return share


def described(detector: str, files: Mapping[PublishedFile, Path], finder_name: str) -> str:
    """Name a detector with every file of weights in it."""
    named = ", ".join(
        f"{one.file} (SHA-256 {digest(path)[:12]})"
        for one, path in files.items()
        if one != FACE_FINDER
    )
    return f"py-feat {version('py-feat')} {detector}, weights {named}, faces found by {finder_name}"


def _unpadded(count: int) -> dict[str, object]:
    """Describe pictures that were neither scaled nor padded, as py-feat's loader does."""
    import torch

    none = torch.zeros(count)
    return {
        "Image": torch.empty(count, 3, 1, 1),
        "Padding": {"Left": none, "Top": none, "Right": none, "Bottom": none},
        "Scale": torch.ones(count),
    }
