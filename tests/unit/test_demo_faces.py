from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyads.demo.checkpoint import (
    STAMP,
    CheckpointNote,
    FaceModelConfig,
    is_demo_checkpoint,
    read_note,
    save_checkpoint,
)
from dyads.demo.face_model_check import (
    TESTED_UNITS,
    FaceModelCheck,
    UnitCheck,
    as_markdown,
    check_face_model,
)
from dyads.demo.face_points import LOWER_LIP_ROWS, UPPER_LIP_ROWS
from dyads.demo.face_shape import expressed_shape, face_model
from dyads.demo.faces import PaintedFace, draw_identity, levels, paint_face, paint_nobody
from dyads.demo.paintings import draw_expression, paint_film, paint_person
from dyads.demo.viewpoint import projected, turned
from dyads.errors import StudyError
from dyads.extraction.finders import CascadeFinder

STILL = (0.0, 0.0, 0.0)
CHECKPOINT = Path(__file__).parents[2] / "demo/face_model/demo_face.safetensors"


def painted(units: np.ndarray, pose: tuple[float, float, float] = STILL) -> PaintedFace:
    person = draw_identity(np.random.default_rng(4))
    return paint_face(paint_nobody((240, 320), person), units, pose, (160, 105), 110, person)


def lip_gap(units: np.ndarray) -> float:
    shape = expressed_shape(units, np.zeros((478, 3)))
    return float((shape[UPPER_LIP_ROWS[-1], 1] - shape[LOWER_LIP_ROWS[-1], 1]).max())


def test_the_painted_units_are_those_of_py_feats_model_in_its_order() -> None:
    # the order of `au_columns` in py-feat 2.1.5's au_to_mesh_pls_v4.npz
    assert face_model().units == (
        "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU11", "AU12",
        "AU14", "AU15", "AU17", "AU20", "AU23", "AU24", "AU25", "AU26", "AU28", "AU43",
    )  # fmt: skip


def test_a_unit_that_is_not_painted_is_named_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="AU99 is not painted; painted are AU01"):
        levels(AU99=1.0)


def test_the_same_seed_gives_the_same_picture_to_the_last_pixel() -> None:
    one, other = painted(levels(AU12=0.7)), painted(levels(AU12=0.7))
    assert np.array_equal(one.image, other.image)
    assert np.array_equal(one.mesh_xy, other.mesh_xy)


def test_the_picture_painted_into_is_left_as_it_was() -> None:
    person = draw_identity(np.random.default_rng(4))
    room = paint_nobody((240, 320), person)
    before = room.copy()
    paint_face(room, levels(), STILL, (160, 105), 110, person)
    assert np.array_equal(room, before)


def test_a_room_without_its_person_differs_from_one_with_only_where_the_person_is() -> None:
    person = draw_identity(np.random.default_rng(4))
    room = paint_nobody((240, 320), person)
    face = paint_face(room, levels(), STILL, (160, 105), 60, person)
    is_changed = (face.image != room).any(axis=2)
    assert is_changed[105, 160]
    assert not is_changed[:20].any()
    assert not is_changed[:, :60].any()


@pytest.mark.parametrize("unit", face_model().units)
def test_every_unit_shows_in_the_picture_and_shows_more_when_it_is_stronger(unit: str) -> None:
    rest = painted(levels()).image.astype(float)
    change = [
        float(np.abs(painted(levels(**{unit: level})).image - rest).sum()) for level in (0.5, 1.0)
    ]
    # 30,000 grey values are what 100 pixels changed by 100 in each colour make
    assert change[1] > 30_000
    assert change[1] > 1.2 * change[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=20, max_size=20))
def test_only_the_units_that_part_the_lips_part_them(values: list[float]) -> None:
    units = np.array(values)
    for name in ("AU10", "AU20", "AU25", "AU26"):
        units[face_model().units.index(name)] = 0.0
    assert abs(lip_gap(units)) < 1e-6


def test_parted_lips_open_by_the_painters_own_measure() -> None:
    # LIP_PARTING: AU25 alone parts the middle of the lips by 12 of the model's units
    assert lip_gap(levels(AU25=1.0)) == pytest.approx(12.0, abs=1e-6)
    assert lip_gap(levels(AU25=0.5)) == pytest.approx(6.0, abs=1e-6)


def test_a_dropped_jaw_lowers_the_chin_and_parted_lips_do_not() -> None:
    chin = 152
    rest, parted, dropped = (
        expressed_shape(units, np.zeros((478, 3)))[chin, 1]
        for units in (levels(), levels(AU25=1.0), levels(AU26=1.0))
    )
    assert rest - dropped > 15.0
    assert abs(rest - parted) < 2.0


def test_closed_eyes_leave_less_than_a_tenth_of_the_opening() -> None:
    upper, lower = 159, 145
    openings = [
        np.diff(expressed_shape(levels(AU43=level), np.zeros((478, 3)))[[lower, upper], 1])[0]
        for level in (0.0, 1.0)
    ]
    assert 0.0 <= openings[1] < 0.1 * openings[0]


@pytest.mark.parametrize(
    ("pose", "point", "axis"),
    [
        # the nose (4) lies in front of the pivot, the forehead (10) above it; y grows downwards,
        # and the person's own right is the picture's left
        pytest.param((10.0, 0.0, 0.0), 4, 1, id="pitch"),
        pytest.param((0.0, 10.0, 0.0), 4, 0, id="yaw"),
        pytest.param((0.0, 0.0, 10.0), 10, 0, id="roll"),
    ],
)
def test_positive_angles_look_up_and_go_to_the_persons_own_right(
    pose: tuple[float, float, float], point: int, axis: int
) -> None:
    moved = painted(levels(), pose).mesh_xy - painted(levels()).mesh_xy
    assert moved[point, axis] < -2.0


@settings(max_examples=40, deadline=None)
@given(*[st.floats(-40, 40)] * 3)
def test_turning_a_head_keeps_all_distances(pitch: float, yaw: float, roll: float) -> None:
    shape = face_model().neutral
    placed = turned(shape, (pitch, yaw, roll))
    before = np.linalg.norm(shape[4] - shape, axis=1)
    assert np.allclose(np.linalg.norm(placed[4] - placed, axis=1), before)


def test_a_frontal_face_at_rest_has_the_width_that_was_asked_for() -> None:
    # 4 %: the pivot's depth has the asked scale, and the cheeks lie 45 of 1400 units behind it
    face = painted(levels())
    width = face.mesh_xy[454, 0] - face.mesh_xy[234, 0]
    assert width == pytest.approx(110.0, rel=0.04)


def test_a_point_at_the_pivot_falls_on_the_centre() -> None:
    assert projected(np.zeros((1, 3)), (160.0, 105.0), 0.5).tolist() == [[160.0, 105.0]]


def test_two_people_fit_on_a_split_screen() -> None:
    left, right = (draw_identity(np.random.default_rng(seed)) for seed in (1, 2))
    screen = np.hstack([paint_nobody((240, 320), who) for who in (left, right)])
    face = paint_face(screen[:, 320:], levels(), STILL, (160, 105), 110, right)
    assert face.image.shape == (240, 320, 3)
    assert ((face.mesh_xy > 0) & (face.mesh_xy < [320, 240])).all()


def test_people_differ_from_one_another() -> None:
    people = [draw_identity(np.random.default_rng(seed)) for seed in range(20)]
    widths = [person.build[454, 0] - person.build[234, 0] for person in people]
    assert np.std(widths) > 3.0
    assert np.std([person.skin[0] for person in people]) > 0.1
    assert len({person.hair_style for person in people}) >= 4


def test_a_checkpoint_tells_what_it_is_and_is_half_as_large(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    note = CheckpointNote(stamp=STAMP, trained_on="paintings", program="a test", seed=1)
    path = tmp_path / "folder" / "model.safetensors"
    save_checkpoint({"w": torch.ones(50_000)}, path, FaceModelConfig(), note)
    assert read_note(path) == note
    assert is_demo_checkpoint(path)
    assert 100_000 <= path.stat().st_size < 103_000  # 50,000 numbers of two bytes and a header


def test_a_checkpoint_from_elsewhere_bears_no_stamp(tmp_path: Path) -> None:
    save_file = pytest.importorskip("safetensors.numpy").save_file
    save_file({"w": np.ones(3, np.float32)}, tmp_path / "other.safetensors")
    assert read_note(tmp_path / "other.safetensors") is None
    assert not is_demo_checkpoint(tmp_path / "other.safetensors")


def test_a_missing_checkpoint_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"No face model at .*none\.safetensors.*train_face_model"):
        read_note(tmp_path / "none.safetensors")


def test_the_shipped_face_model_is_stamped_and_small_enough_for_git() -> None:
    note = read_note(CHECKPOINT)
    assert note is not None
    assert note.stamp == "demo weights"
    assert note.untrained == ("blendshapes",)
    assert CHECKPOINT.stat().st_size < 10_000_000


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_drawn_expressions_are_intensities_and_closed_eyes_are_not_widened(seed: int) -> None:
    units = draw_expression(np.random.default_rng(seed))
    assert ((units >= 0) & (units <= 1)).all()
    if units[face_model().units.index("AU43")] > 0.4:
        assert units[face_model().units.index("AU05")] == 0


def test_a_painting_for_training_holds_the_face_its_mesh_and_the_heads_own_signs() -> None:
    painted_once = paint_person((1, 2), 3)
    assert painted_once.image.shape == (3, 208, 208, 3)
    middle = (painted_once.box[:, :2] + painted_once.box[:, 2:]) / 2
    assert (np.abs(middle - 104) < 20).all()
    # py-feat: Pitch = -head[0], Yaw = head[1]; looking up lifts the nose above the eyes' level
    nose_below_eyes = painted_once.mesh[:, 4, 1] - painted_once.mesh[:, [33, 263], 1].mean(axis=1)
    assert np.argmax(nose_below_eyes) == np.argmax(painted_once.pose[:, 0])


def test_a_film_does_not_depend_on_the_films_before_it() -> None:
    paint_film((1, 2), 1)
    assert np.array_equal(paint_film((1, 3), 2).image, paint_film((1, 3), 2).image)


def test_the_table_says_which_units_the_demo_lives_on() -> None:
    rows = tuple(
        UnitCheck(unit, {"found": np.array([0.8, 0.9]), "followed": np.array([0.9, 1.0])}, 0.5, 0.1)
        for unit in ("AU12", "AU14")
    )
    check = FaceModelCheck(rows, {"found": 0.02, "followed": 0.01}, (1.0, 2.0, 3.0), 4, 100)
    lines = as_markdown(check).splitlines()
    assert lines[2] == "| **AU12** | 0.85 | 0.95 | 0.80 | 0.50 | 0.10 |"
    assert lines[3].startswith("| AU14 |")
    assert "Faces not found: 4 of 100 frames." in lines[-1]


@pytest.mark.detector
def test_the_shipped_face_model_reads_people_it_never_saw() -> None:
    # the bounds of demo/README.md's table, on 3 people and other frames than the table's
    check = check_face_model(CHECKPOINT, CascadeFinder(), seed=5, people=3, frames=40)
    tested = [row for row in check.units if row.unit in TESTED_UNITS]
    correlations = np.array([row.correlation["followed"].mean() for row in tested])
    assert correlations.mean() > 0.85
    assert correlations.min() > 0.65
    assert check.mesh_error["followed"] < 0.02
    assert check.missed == 0
