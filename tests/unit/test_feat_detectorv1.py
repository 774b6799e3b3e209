"""The adapter gives what py-feat's own `Detectorv1` gives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from detector_cases import (
    Cascade,
    Image,
    embeddings_of,
    every_frame,
    hub_is,
    ours,
    painted,
    said_by,
    said_embeddings,
    with_arcface,
)
from face_models import as_hub_file
from stand_in_weights import published_stand_ins

from dyads.channels import ACTION_UNITS, EMOTIONS, ChannelType
from dyads.config import ExtractionSettings
from dyads.errors import StudyError
from dyads.extraction.detectors import Detector, load_detector
from dyads.extraction.published import TREES
from dyads.extraction.retinaface import box_of_landmarks
from dyads.extraction.weights import read_lock

pytestmark = pytest.mark.detector

NEWS = Path(os.environ.get("DYADS_REAL_DATA", "../shared/data")) / "pyfeat_news/detector_v1"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return published_stand_ins("Detectorv1", tmp_path_factory.mktemp("v1"))


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return painted(3)


@pytest.fixture(scope="module")
def detector(published: tuple[Path, Path]) -> Detector:
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise OSError("no network in tests")

        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        return ours("Detectorv1", *published)


@pytest.fixture(scope="module")
def said_by_feat(published: tuple[Path, Path], images: list[Image], arcface: Path) -> pd.DataFrame:
    """What py-feat says whose constructor found the same files at the hub."""
    from feat import detector as module
    from feat.utils import face_pose_mlp

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Retinaface", Cascade)
        patch.setattr(face_pose_mlp, "_CACHE", {})
        with hub_is(published[0], "Detectorv1", module):
            theirs = module.Detectorv1(identity_model=None, gaze_model=None, device="cpu")
            return said_by(with_arcface(theirs, arcface), images)


def test_searching_every_frame_gives_py_feats_own_numbers(
    detector: Detector, images: list[Image], said_by_feat: pd.DataFrame
) -> None:
    faces = every_frame(detector, images)
    channels = np.stack([face.channels for face in faces])
    names = [*ACTION_UNITS, *EMOTIONS]
    np.testing.assert_array_equal(channels, said_by_feat[names].to_numpy(float))
    # Equal numbers say something only where numbers differ from picture to picture.
    assert np.ptp(channels[:, : len(ACTION_UNITS)], axis=0).max() > 0.01
    assert np.ptp(channels[:, len(ACTION_UNITS) :], axis=0).max() > 0.001
    np.testing.assert_allclose(
        np.radians([face.pose_deg for face in faces]),
        said_by_feat[["Pitch", "Roll", "Yaw"]].to_numpy(float),
        rtol=1e-12,
    )
    crops = np.stack([face.crop for face in faces])
    np.testing.assert_array_equal(
        np.column_stack([crops[:, :2], crops[:, 2:] - crops[:, :2]]),
        said_by_feat[["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]].to_numpy(float),
    )


def test_no_value_depends_on_the_faces_beside_it(detector: Detector, images: list[Image]) -> None:
    boxes = np.array([[90.0, 60, 210, 180], [100, 50, 215, 190]])
    together = detector.read(images[:2], boxes)
    alone = detector.read(images[1:2], boxes[1:])
    np.testing.assert_array_equal(alone.channels[0], together.channels[1])


def test_the_face_would_be_found_where_its_landmarks_are(
    detector: Detector, images: list[Image]
) -> None:
    reading = detector.read(images[:1], np.array([[90.0, 60, 210, 200]]))
    landmarks = reading.points_px["landmarks"][0]
    crop = reading.crop[0]
    # py-feat looks at 1.2 times the box, and rounds to whole pixels.
    assert crop.tolist() == [78, 46, 222, 214]
    assert reading.inside_share[0] == 1
    left, top, right, bottom = reading.next_box[0]
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    assert crop[0] < left < right < crop[2]
    assert crop[1] < top < low[1]
    assert high[1] - 1 < bottom < crop[3]
    # The shape that `box_of_landmarks` states.
    np.testing.assert_allclose((right - left) / (high - low)[0], 0.970)
    np.testing.assert_allclose((bottom - top) / (high - low)[1], 1.354)


@pytest.mark.real_data
@pytest.mark.skipif(not NEWS.is_dir(), reason=f"no output of py-feat at {NEWS}")
def test_real_boxes_of_retinaface_are_where_landmarks_put_them() -> None:
    """py-feat's own output on ten clips; it writes 1.2 times RetinaFace's box."""
    table = pd.concat([pd.read_csv(path) for path in sorted(NEWS.glob("*.csv"))])
    points = table[[f"{axis}_{point}" for point in range(68) for axis in "xy"]].to_numpy(float)
    names = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]
    left, top, width, height = table[names].to_numpy(float).T
    expected = box_of_landmarks(points.reshape(-1, 68, 2))
    sides = expected[:, 2:] - expected[:, :2]
    middles = (expected[:, :2] + expected[:, 2:]) / 2
    assert len(table) == 213
    np.testing.assert_allclose(sides[:, 0] / (width / 1.2), 1, atol=0.06)
    np.testing.assert_allclose(sides[:, 1] / (height / 1.2), 1, atol=0.12)
    apart = np.hypot(*(middles - np.column_stack([left + width / 2, top + height / 2])).T)
    assert (apart / (height / 1.2)).max() < 0.06


def test_a_box_at_the_edge_of_the_picture_is_read(detector: Detector, images: list[Image]) -> None:
    reading = detector.read(images[:1], np.array([[-40.0, -30, 60, 80]]))
    assert np.isfinite(reading.channels).all()
    assert reading.crop[0].tolist() == [-50, -41, 70, 91]


def test_embeddings_are_those_that_py_feat_gives_by_default(
    detector: Detector, images: list[Image], said_by_feat: pd.DataFrame, arcface: Path
) -> None:
    ours = embeddings_of(detector, arcface, images)
    np.testing.assert_allclose(ours, said_embeddings(said_by_feat), rtol=1e-3, atol=1e-5)
    # Equal numbers say something only where numbers differ from picture to picture.
    assert np.ptp(ours, axis=0).max() > 0.01


def test_channels_have_the_projects_names_and_types(
    detector: Detector, published: tuple[Path, Path]
) -> None:
    types = detector.about.channel_types
    assert list(types) == [*ACTION_UNITS, *EMOTIONS]
    assert set(types.values()) == {ChannelType.PROBABILITY}
    assert detector.about.stamp == ""
    for entry in read_lock(published[1]).files[1:]:
        assert f"{entry.file} (SHA-256 {entry.sha256[:12]})" in detector.about.detector


def test_a_changed_byte_stops_before_anything_is_loaded(
    published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dyads.extraction import feat_detectorv1

    monkeypatch.setattr(feat_detectorv1, "_build", lambda *_: pytest.fail("it was loaded"))
    cache, lock = published
    path = as_hub_file(cache, TREES)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(StudyError, match=r"xgb_au_classifier_v2\.skops: SHA-256 is"):
            load_detector(ExtractionSettings(detector="Detectorv1"), lock=lock, hub_cache=cache)
    finally:
        path.write_bytes(content)


def test_py_feat_gets_no_file_that_is_not_locked(published: tuple[Path, Path]) -> None:
    from feat import detector as module

    from dyads.extraction.feat_parts import served

    own = module.hf_hub_download
    with served({}, module), pytest.raises(StudyError, match=r"asks for a\.bin of py-feat/b"):
        module.hf_hub_download_with_fallback(
            repo_id="py-feat/b", filename="a.bin", fallback_filename="a.pkl", cache_dir="x"
        )
    assert module.hf_hub_download is own
