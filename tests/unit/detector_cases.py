"""What the tests of the adapters share: painted faces, and py-feat's own detector beside ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from face_models import as_hub_file

from dyads.config import ExtractionSettings
from dyads.demo.faces import draw_identity, levels, paint_face, paint_nobody
from dyads.extraction import retinaface
from dyads.extraction.detectors import Detector, load_detector
from dyads.extraction.embedding import ArcFaceOfCrops
from dyads.extraction.finders import CascadeFinder
from dyads.extraction.following import FaceFollower
from dyads.extraction.published import NEEDED
from dyads.extraction.sights import FaceRead
from dyads.recordings.media import Picture

Image = npt.NDArray[np.uint8]


def painted(count: int) -> list[Image]:
    """Paint a person who smiles and turns."""
    person = draw_identity(np.random.default_rng(5))
    nobody = paint_nobody((240, 320), person)
    return [
        paint_face(
            nobody,
            levels(AU12=index / count, AU25=0.3),
            (0.0, 8.0 * index - 8, 0.0),
            (150 + 9 * index, 110),
            100,
            person,
        ).image
        for index in range(count)
    ]


def ours(detector: str, cache: Path, lock: Path) -> Detector:
    """Load our detector, with the cascade as its finder: RetinaFace knows nothing here."""
    settings = ExtractionSettings(detector=detector, weights="hub")  # type: ignore[arg-type]  # one of the three
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retinaface, "RetinafaceFinder", lambda *_: CascadeFinder())
        return load_detector(settings, lock=lock, hub_cache=cache)


@contextmanager
def hub_is(cache: Path, detector: str, *modules: object) -> Iterator[None]:
    """Let py-feat find the stand-ins where it asks the hub."""
    import feat.utils

    places = {(one.repository, one.file): as_hub_file(cache, one) for one in NEEDED[detector]}

    def give(repo_id: str, filename: str, **_: object) -> str:
        return str(places[repo_id, filename])

    with pytest.MonkeyPatch.context() as patch:
        for module in (huggingface_hub, feat.utils, *modules):
            for name in ("hf_hub_download", "hf_hub_download_with_fallback"):
                patch.setattr(module, name, give, raising=False)
        yield


class Cascade:
    """The cascade with RetinaFace's manners."""

    def __init__(self, **_: object) -> None:
        self._finder = CascadeFinder()

    def __call__(self, frames: Any) -> list[list[list[float]]]:
        pictures = frames.round().byte().permute(0, 2, 3, 1).numpy()
        return [self._finder.find(picture).tolist() for picture in pictures]


def said_by(feat: Any, images: list[Image]) -> pd.DataFrame:
    """Let py-feat's own `detect` read pictures."""
    import torch

    frames = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    table = feat.detect(frames, data_type="tensor", progress_bar=False)
    assert len(table) == len(images)
    return pd.DataFrame(table)


def with_arcface(feat: Any, weights: Path) -> Any:
    """Give py-feat's detector its default identity network, by py-feat's own loader."""
    from feat.identity_detectors.arcface import arcface_model

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEAT_ARCFACE_R50_PATH", str(weights))
        feat.identity_detector = arcface_model.load_arcface_identity_detector("cpu")
    return feat


def embeddings_of(
    detector: Detector, weights: Path, images: list[Image]
) -> npt.NDArray[np.float32]:
    """Give the embeddings that a run keeps of the pictures' faces if it searches every frame."""
    follower = FaceFollower(
        detector,
        ExtractionSettings(search_interval_s=0.0),
        embedder=ArcFaceOfCrops(detector, weights),
    )
    film = [Picture(index, index / 10, image) for index, image in enumerate(images)]
    seen = [sight.face for view in follower.see(film) + follower.finish() for sight in view.sights]
    return np.stack([face.embedding for face in seen if face and face.embedding is not None])


def said_embeddings(said: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Give what py-feat's table says of identity, shape (faces, 512)."""
    return said[[f"Identity_{place}" for place in range(1, 513)]].to_numpy(float)


def every_frame(detector: Detector, images: list[Image]) -> list[FaceRead]:
    """Read pictures as a run does that searches every frame."""
    follower = FaceFollower(detector, ExtractionSettings(search_interval_s=0.0))
    film = [Picture(index, index / 10, image) for index, image in enumerate(images)]
    seen = [view.sights for view in follower.see(film) + follower.finish()]
    assert [len(sights) for sights in seen] == [1] * len(images)
    return [sight.face for sights in seen for sight in sights if sight.face is not None]
