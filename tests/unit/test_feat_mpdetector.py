"""The adapter gives what py-feat's own `MPDetector` gives."""

from __future__ import annotations

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
from stand_in_weights import canonical_mesh, published_stand_ins, write_map

from dyads.channels import ACTION_UNITS, EMOTIONS, ChannelType
from dyads.errors import StudyError
from dyads.extraction.detectors import Detector
from dyads.extraction.published import NEEDED

pytestmark = pytest.mark.detector


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return published_stand_ins("MPDetector", tmp_path_factory.mktemp("mp"))


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return painted(3)


@pytest.fixture(scope="module")
def detector(published: tuple[Path, Path]) -> Detector:
    return ours("MPDetector", *published)


@pytest.fixture(scope="module")
def said_by_feat(published: tuple[Path, Path], images: list[Image], arcface: Path) -> pd.DataFrame:
    """What py-feat says whose constructor found the same files at the hub."""
    import feat.MPDetector
    from feat.utils import blendshape_to_au

    module = feat.MPDetector

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Retinaface", Cascade)
        patch.setattr(blendshape_to_au, "_PLS_WEIGHTS", None)
        with hub_is(published[0], "MPDetector", module, blendshape_to_au):
            theirs = module.MPDetector(
                emotion_model="resmasknet", identity_model=None, gaze_model=None
            )
            return said_by(with_arcface(theirs, arcface), images)


def test_searching_every_frame_gives_py_feats_own_numbers(
    detector: Detector, images: list[Image], said_by_feat: pd.DataFrame
) -> None:
    faces = every_frame(detector, images)
    channels = np.stack([face.channels for face in faces])
    names = [*ACTION_UNITS, *EMOTIONS]
    np.testing.assert_allclose(channels, said_by_feat[names].to_numpy(float), atol=1e-5)
    # Equal numbers say something only where numbers differ from picture to picture.
    assert np.ptp(channels[:, : len(ACTION_UNITS)], axis=0).max() > 0.001
    assert np.ptp(channels[:, len(ACTION_UNITS) :], axis=0).max() > 0.001
    # py-feat writes the tilt as Yaw and the turn as Roll, and turns to the person's left.
    pitch, tilt, turn = np.radians([face.pose_deg for face in faces]).T
    np.testing.assert_allclose(
        np.column_stack([-pitch, -turn, tilt]),
        said_by_feat[["Pitch", "Roll", "Yaw"]].to_numpy(float),
        atol=1e-5,
    )
    crops = np.stack([face.crop for face in faces])
    np.testing.assert_array_equal(
        np.column_stack([crops[:, :2], crops[:, 2:] - crops[:, :2]]),
        said_by_feat[["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]].to_numpy(float),
    )


def test_embeddings_are_those_that_py_feat_gives_by_default(
    detector: Detector, images: list[Image], said_by_feat: pd.DataFrame, arcface: Path
) -> None:
    ours = embeddings_of(detector, arcface, images)
    np.testing.assert_allclose(ours, said_embeddings(said_by_feat), rtol=1e-3, atol=1e-5)
    # Equal numbers say something only where numbers differ from picture to picture.
    assert np.ptp(ours, axis=0).max() > 0.01


def test_channels_have_the_projects_names_and_types(detector: Detector) -> None:
    types = detector.about.channel_types
    assert list(types) == [*ACTION_UNITS, *EMOTIONS]
    assert types["AU12"] == ChannelType.INTENSITY_0_1
    assert types["sadness"] == ChannelType.PROBABILITY
    assert "face_landmarks_detector.pt (SHA-256 " in detector.about.detector


def test_a_face_at_the_edge_of_the_picture_is_read_with_its_points(
    detector: Detector, images: list[Image]
) -> None:
    reading = detector.read(images[:2], np.array([[90.0, 60, 210, 200], [-40, -30, 60, 80]]))
    assert np.isfinite(reading.channels).all()
    assert reading.points_px["mesh"].shape == (2, 478, 2)
    # Landmark 30, the nose, is point 4 of the mesh by py-feat's own list.
    nose = reading.points_px["mesh"][:, 4]
    np.testing.assert_array_equal(reading.points_px["landmarks"][:, 30], nose)
    assert reading.inside_share.tolist() == [1, 1]
    assert (reading.next_box[:, :2] > reading.crop[:, :2]).all()
    assert (reading.next_box[:, 2:] < reading.crop[:, 2:]).all()


@pytest.mark.parametrize(
    ("axis", "place", "sign"),
    [("x", 0, 1), ("z", 1, 1), ("y", 2, 1)],
)
def test_pose_has_the_directions_of_the_other_detectors(axis: str, place: int, sign: int) -> None:
    """Turn the canonical face itself; where its points go shows the direction.

    Points of MediaPipe's mesh: 1 the tip of the nose, 10 the top of the forehead.
    """
    from dyads.extraction.feat_mpdetector import mesh_pose_deg

    face = canonical_mesh().numpy().astype(float) - [0.5, 0.5, 0.0]
    angle = np.radians(20.0) * sign
    cos, sin = np.cos(angle), np.sin(angle)
    # In the picture's axes: x right, y down, z into the picture.
    turned = (
        face
        @ {
            "x": np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]]).T,  # nose up
            "y": np.array(
                [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]
            ).T,  # nose to the picture's left
            "z": np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]).T,  # forehead to the left
        }[axis]
    )
    nose, forehead = turned[1] - face[1], turned[10] - face[10]
    moved = {"x": nose[1], "y": nose[0], "z": forehead[0]}[axis]
    assert moved < 0
    expected = np.zeros(3)
    expected[place] = 20.0
    np.testing.assert_allclose(mesh_pose_deg(turned[None])[0], expected, atol=0.01)


def test_a_map_to_other_action_units_is_refused(tmp_path: Path) -> None:
    from dyads.extraction.feat_mpdetector import _units_of_blendshapes

    path = tmp_path / "bs_to_au_pls_v2.npz"
    write_map(path, ("AU99", *ACTION_UNITS[1:]))
    file = next(one for one in NEEDED["MPDetector"] if one.format == "npz")
    with pytest.raises(StudyError, match="names AU99"):
        _units_of_blendshapes({file: path})
