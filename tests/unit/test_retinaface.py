from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from square_faces import SquareDetector, room, with_face

from dyads.extraction.retinaface import RetinafaceFinder

pytestmark = pytest.mark.detector


class Squares:
    """A network that finds bright squares in a batch of one, and notes the sizes it was given."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, batch) -> list[list[list[float]]]:  # a torch tensor
        image = batch[0].permute(1, 2, 0).numpy()
        self.sizes.append(image.shape[:2])
        return [SquareDetector().find(image).tolist()]


@pytest.fixture
def finder() -> RetinafaceFinder:
    """The finder around a network that needs no weights."""
    made = RetinafaceFinder.__new__(RetinafaceFinder)
    made._net = Squares()  # type: ignore[attr-defined]
    return made


def picture(left: int, top: int) -> npt.NDArray[np.uint8]:
    return with_face(room(1280, 720), left, top, side=120)


def test_near_a_known_face_a_part_is_searched_and_boxes_are_those_of_the_picture(
    finder: RetinafaceFinder,
) -> None:
    near = np.array([600.0, 300, 720, 420])
    found = finder.find(picture(640, 310), near)
    assert found[:, :4].tolist() == [[640, 310, 760, 430]]
    # 2.5 sides of 120, 510 to 810 across and 210 to 510 down, out to the next multiples of 32.
    assert finder._net.sizes == [(512 - 192, 832 - 480)]


def test_the_part_lies_on_the_grid_of_the_coarsest_anchors(finder: RetinafaceFinder) -> None:
    for shift in range(40):
        near = np.array([600.0, 300, 720, 420]) + shift
        assert finder.find(picture(610, 320), near)[:, :4].tolist() == [[610, 320, 730, 440]]


def test_a_face_that_the_part_would_cut_is_searched_in_the_whole_picture(
    finder: RetinafaceFinder,
) -> None:
    near = np.array([600.0, 300, 720, 420])
    found = finder.find(picture(760, 300), near)
    assert found[:, :4].tolist() == [[760, 300, 880, 420]]
    assert finder._net.sizes[-1] == (720, 1280)


def test_at_the_edge_of_the_picture_the_part_ends_with_it(finder: RetinafaceFinder) -> None:
    near = np.array([1150.0, 600, 1270, 720])
    found = finder.find(picture(1160, 600), near)
    assert found[:, :4].tolist() == [[1160, 600, 1280, 720]]
    assert len(finder._net.sizes) == 1


def test_nothing_near_is_nothing_found(finder: RetinafaceFinder) -> None:
    near = np.array([600.0, 300, 720, 420])
    assert finder.find(picture(100, 100), near).shape == (0, 5)
