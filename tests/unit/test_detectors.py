from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from face_models import as_hub_file, random_face_model

from dyads.channels import ACTION_UNITS, AFFECT, EMOTIONS, ChannelType
from dyads.config import ExtractionSettings
from dyads.demo.faces import draw_identity, levels, paint_face, paint_nobody
from dyads.errors import StudyError
from dyads.extraction import weights
from dyads.extraction.detectors import load_detector
from dyads.extraction.following import FaceFollower
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
    faces = [sight.face for sight in follower.see(film) + follower.finish()]
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


def test_published_weights_that_were_never_fetched_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as fault:
        load_detector(HUB, hub_cache=tmp_path)
    assert "face_multitask_v28.safetensors of py-feat/face_multitask_v2" in str(fault.value)
    assert "hf download py-feat/face_multitask_v2" in str(fault.value)


def test_published_weights_are_read_from_the_hubs_cache(tmp_path: Path) -> None:
    import torch
    from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
    from safetensors.torch import save_file

    model, finder = weights.FACE_MODEL, weights.FACE_FINDER
    random_face_model(as_hub_file(tmp_path, model.repository, model.name), stamp="")
    torch.manual_seed(1)
    net = Retinaface(device="cpu", pretrained="given").net
    save_file(net.state_dict(), as_hub_file(tmp_path, finder.repository, finder.name))
    detector = load_detector(HUB, hub_cache=tmp_path)
    assert detector.about.stamp == ""
    found = detector.find(np.full((64, 64, 3), 128, dtype=np.uint8))
    # Random weights find nothing sensible; what is tested is that they are the ones in use.
    net.eval()
    finder_of_test = Retinaface(device="cpu", pretrained="given")
    finder_of_test.net.load_state_dict(net.state_dict())
    expected = finder_of_test(torch.full((1, 3, 64, 64), 128.0))[0]
    np.testing.assert_allclose(found, np.reshape(expected, (-1, 5)), rtol=1e-5)
