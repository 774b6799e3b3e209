from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from face_models import as_hub_file, lock_what_is_there, random_face_model
from huggingface_hub.errors import LocalEntryNotFoundError

from dyads.channels import ACTION_UNITS, AFFECT, EMOTIONS, ChannelType
from dyads.config import ExtractionSettings
from dyads.demo.faces import draw_identity, levels, paint_face, paint_nobody
from dyads.errors import StudyError
from dyads.extraction.detectors import load_detector
from dyads.extraction.following import FaceFollower
from dyads.extraction.published import FACE_FINDER, FACE_MODEL, NEEDED, PublishedFile
from dyads.extraction.weights import read_lock
from dyads.recordings.media import Picture

if TYPE_CHECKING:
    import pandas as pd

    from dyads.extraction.feat_detectorv2 import FeatDetectorv2

pytestmark = pytest.mark.detector

DEMO = ExtractionSettings(weights="demo")
HUB = ExtractionSettings(weights="hub")
FRAMES = 8


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> FeatDetectorv2:
    checkpoint = random_face_model(tmp_path_factory.mktemp("model") / "face.safetensors")
    return load_detector(DEMO, checkpoint=checkpoint)


@pytest.fixture(scope="module")
def images() -> list[npt.NDArray[np.uint8]]:
    person = draw_identity(np.random.default_rng(5))
    nobody = paint_nobody((240, 320), person)
    return [
        paint_face(
            nobody,
            levels(AU12=index / FRAMES, AU25=0.3),
            (0.0, 2.0 * index - 8, 0.0),
            (150 + 3 * index, 110),
            100,
            person,
        ).image
        for index in range(FRAMES)
    ]


@pytest.fixture(scope="module")
def said_by_feat(detector: FeatDetectorv2, images: list[npt.NDArray[np.uint8]]) -> pd.DataFrame:
    import torch

    frames = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return detector.feat.detect(frames, data_type="tensor", batch_size=3, progress_bar=False)


def test_searching_every_frame_gives_py_feats_own_numbers(
    detector: FeatDetectorv2,
    images: list[npt.NDArray[np.uint8]],
    said_by_feat: pd.DataFrame,
) -> None:
    every_frame = DEMO.model_copy(update={"search_interval_s": 0.0})
    follower = FaceFollower(detector, every_frame)
    film = [Picture(index, index / 10, image) for index, image in enumerate(images)]
    views = follower.see(film) + follower.finish()
    faces = [sight.face for view in views for sight in view.sights]
    names = [*ACTION_UNITS, "Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger",
             "valence", "arousal"]  # fmt: skip
    assert len(said_by_feat) == len(faces) == FRAMES
    ours = np.stack([face.channels for face in faces if face])
    np.testing.assert_allclose(ours, said_by_feat[names].to_numpy(float), atol=1e-5)
    angles = np.stack([face.pose_deg for face in faces if face])
    np.testing.assert_allclose(
        np.radians(angles), said_by_feat[["Pitch", "Roll", "Yaw"]].to_numpy(float), atol=1e-5
    )
    crops = np.stack([face.crop for face in faces if face])
    np.testing.assert_allclose(
        np.column_stack([crops[:, :2], crops[:, 2:] - crops[:, :2]]),
        said_by_feat[["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]].to_numpy(float),
        atol=1e-3,
    )


@pytest.mark.parametrize("box", [(-30, -20, 90, 100), (250, 150, 340, 260), (20, 10, 300, 230)])
def test_a_crop_that_leaves_the_picture_is_mirrored_as_py_feat_does(
    detector: FeatDetectorv2,
    images: list[npt.NDArray[np.uint8]],
    box: tuple[int, int, int, int],
) -> None:
    import torch

    frame = torch.from_numpy(images[0]).permute(2, 0, 1)[None]
    cropped = detector.feat.crop_faces_from_boxes(frame, torch.tensor([box]))
    theirs = detector.feat.multitask(cropped[0]["faces"])
    ours = detector.read([images[0]], np.array([box], dtype=float))
    np.testing.assert_allclose(ours.channels[0, : len(ACTION_UNITS)], theirs.au[0], atol=1e-5)


def test_channels_have_the_projects_names_and_types(detector: FeatDetectorv2) -> None:
    types = detector.about.channel_types
    assert list(types) == [*ACTION_UNITS, *EMOTIONS, *AFFECT]
    assert types["AU12"] == types["sadness"] == ChannelType.PROBABILITY
    assert types["valence"] == types["arousal"] == ChannelType.BIPOLAR


def test_the_stamp_of_the_weights_travels_with_the_numbers(detector: FeatDetectorv2) -> None:
    assert detector.about.stamp == "demo weights"
    assert "face.safetensors" in detector.about.detector


def test_py_feats_own_finder_is_put_back(detector: FeatDetectorv2) -> None:
    from feat import detector_v2

    assert detector_v2.Retinaface.__module__.startswith("feat.")


def test_the_demos_face_model_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no face model at"):
        load_detector(DEMO, checkpoint=tmp_path / "none.safetensors")


def test_weights_without_a_stamp_are_not_the_demos(tmp_path: Path) -> None:
    checkpoint = random_face_model(tmp_path / "face.safetensors", stamp="")
    with pytest.raises(StudyError, match="carries no stamp"):
        load_detector(DEMO, checkpoint=checkpoint)


def test_a_checkpoint_that_py_feat_would_unpickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "face.pt").write_bytes(b"")
    with pytest.raises(StudyError, match=r"face\.pt: weights must be a \.safetensors file"):
        load_detector(DEMO, checkpoint=tmp_path / "face.pt")


def test_published_weights_need_a_lock(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="dyads weights fetch"):
        load_detector(HUB, hub_cache=tmp_path)


def test_the_files_are_those_that_py_feat_itself_would_fetch() -> None:
    import inspect

    from feat.face_detectors.Retinaface import Retinaface_test
    from feat.multitask import inference

    assert (FACE_MODEL.repository, FACE_MODEL.file) == (inference.HF_REPO,
                                                        inference.HF_WEIGHTS_FILE)  # fmt: skip
    source = inspect.getsource(Retinaface_test.Retinaface.__init__)
    assert f'repo_id="{FACE_FINDER.repository}"' in source
    assert f'filename="{FACE_FINDER.file}"' in source


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A cache with weights of the published layout and random values, and its lock."""
    import torch
    from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("published")
    cache, lock = folder / "cache", folder / "models.lock.yaml"
    random_face_model(as_hub_file(cache, FACE_MODEL), stamp="")
    torch.manual_seed(1)
    net = Retinaface(device="cpu", pretrained="given").net
    save_file(net.state_dict(), as_hub_file(cache, FACE_FINDER))
    lock_what_is_there(cache, lock)
    return cache, lock


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever asks for an address or opens a connection is noted and refused."""
    asked: list[object] = []

    def refuse(*where: object, **_: object) -> None:
        asked.append(where)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return asked


def test_published_weights_are_read_from_the_hubs_cache_without_a_network(
    published: tuple[Path, Path], connections: list[object]
) -> None:
    import torch
    from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
    from safetensors.torch import load_file

    cache, lock = published
    detector = load_detector(HUB, lock=lock, hub_cache=cache)
    assert connections == []
    assert detector.about.stamp == ""
    for entry in read_lock(lock).files:
        assert f"{entry.file} (SHA-256 {entry.sha256[:12]})" in detector.about.detector
    found = detector.find(np.full((64, 64, 3), 128, dtype=np.uint8))
    # Random weights find nothing sensible; what is tested is that they are the ones in use.
    finder_of_test = Retinaface(device="cpu", pretrained="given")
    finder_of_test.net.load_state_dict(load_file(as_hub_file(cache, FACE_FINDER)))
    expected = finder_of_test(torch.full((1, 3, 64, 64), 128.0))[0]
    np.testing.assert_allclose(found, np.reshape(expected, (-1, 5)), rtol=1e-5)


def test_whatever_asks_the_hub_while_weights_are_loaded_is_refused(
    published: tuple[Path, Path],
    connections: list[object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from feat.utils import hf_hub_download_with_fallback

    from dyads.extraction import retinaface

    def curious(*_: object) -> None:
        """Fetch as py-feat does, another file name after the first."""
        hf_hub_download_with_fallback(FACE_FINDER.repository, "a.bin", "b.pkl", str(tmp_path))

    monkeypatch.setattr(retinaface, "RetinafaceFinder", curious)
    cache, lock = published
    with pytest.raises(LocalEntryNotFoundError):
        load_detector(HUB, lock=lock, hub_cache=cache)
    assert connections == []


@pytest.mark.parametrize("changed", NEEDED["Detectorv2"], ids=lambda one: one.file)
def test_a_changed_byte_stops_before_anything_is_loaded(
    published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, changed: PublishedFile
) -> None:
    from dyads.extraction import feat_detectorv2, retinaface

    def load(*_: object) -> None:
        raise AssertionError("weights were loaded")

    monkeypatch.setattr(retinaface, "RetinafaceFinder", load)
    monkeypatch.setattr(feat_detectorv2, "FeatDetectorv2", load)
    cache, lock = published
    path = as_hub_file(cache, changed)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    try:
        with pytest.raises(StudyError, match=f"{changed.file}: SHA-256 is"):
            load_detector(HUB, lock=lock, hub_cache=cache)
    finally:
        path.write_bytes(content)
