from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from square_faces import SquareDetector, room, with_face

from dyads.config import ExtractionSettings
from dyads.extraction.following import MOST_FOLLOWED_FRAMES, FaceFollower
from dyads.extraction.sights import CROP_SHIFT_MAX, FaceRead, View
from dyads.recordings.media import Picture

RATE_HZ = 10.0


RUNS = st.one_of(
    st.tuples(st.just("f"), st.integers(1, 14)),
    st.tuples(st.just("l"), st.integers(1, 3)),
    # A face that is away for less than the interval of search may go unnoticed.
    st.tuples(st.just("n"), st.integers(11, 15)),
)
"""Stretches of a film: face, lost frames, nobody; with their frames."""


def pictures(images: Sequence[npt.NDArray[np.uint8] | None]) -> list[Picture]:
    return [Picture(index, index / RATE_HZ, image) for index, image in enumerate(images)]


def follow(
    images: Sequence[npt.NDArray[np.uint8] | None],
    *,
    detector: SquareDetector | None = None,
    chunk: int = 16,
    interval_s: float = 1.0,
    batch: int = 4,
) -> list[View]:
    follower = FaceFollower(
        detector or SquareDetector(),
        ExtractionSettings(search_interval_s=interval_s, batch_frames=batch),
    )
    film = pictures(images)
    sights = []
    for start in range(0, len(film), chunk):
        sights += follower.see(film[start : start + chunk])
    return sights + follower.finish()


def face_of(view: View) -> FaceRead | None:
    return view.sights[0].face if view.sights else None


def found_by(view: View) -> str:
    return view.sights[0].found_by if view.sights else ""


def levels_of(views: Sequence[View]) -> list[float]:
    return [float(face.channels[0]) for view in views if (face := face_of(view))]


def still(frames: int) -> list[npt.NDArray[np.uint8]]:
    return [with_face(room(), 60, 40, level=(index % 10) / 10) for index in range(frames)]


def test_a_still_face_is_searched_at_the_interval_and_followed_in_between() -> None:
    detector = SquareDetector()
    sights = follow(still(31), detector=detector)
    # Every tenth frame of 31 at 10 a second, the last one included.
    assert detector.searches == 4
    assert [one.index for one in sights if found_by(one) == "search"] == [0, 10, 20, 30]
    assert {one.status for one in sights} == {"face"}


def test_what_a_followed_face_shows_is_read_in_its_own_frame() -> None:
    sights = follow(still(25))
    levels = levels_of(sights)
    # The levels that were painted.
    assert levels == pytest.approx([(index % 10) / 10 for index in range(25)], abs=0.004)


def test_an_interval_of_zero_searches_every_frame_and_reads_it_once() -> None:
    detector = SquareDetector()
    sights = follow(still(12), detector=detector, interval_s=0.0)
    assert (detector.searches, detector.reads) == (12, 12)
    assert {found_by(one) for one in sights} == {"search"}


def test_a_known_face_is_searched_around_its_place_and_a_lost_one_everywhere() -> None:
    detector = SquareDetector()
    follow(still(31), detector=detector)
    # All but the first, which knows no place yet.
    assert (detector.searches, detector.near_searches) == (4, 3)
    gone = SquareDetector()
    follow(still(11) + [room()], detector=gone)
    # The last picture: near the face's place, and then everywhere.
    assert (gone.searches, gone.near_searches) == (4, 2)


def test_every_frame_is_searched_whole_where_every_frame_is_searched() -> None:
    detector = SquareDetector()
    follow(still(12), detector=detector, interval_s=0.0)
    assert detector.near_searches == 0


def test_a_face_that_leaves_between_two_searches_is_not_read_on() -> None:
    images = still(14) + [room()] * 12 + still(10)
    sights = follow(images)
    assert [one.index for one in sights if one.status == "no_face"] == list(range(14, 26))


def test_every_frame_without_a_face_was_searched() -> None:
    images = still(14) + [room()] * 12 + still(10)
    detector = SquareDetector()
    sights = follow(images, detector=detector)
    without = sum(one.status == "no_face" for one in sights)
    # Besides them only the first picture, the first with the face again and the next search
    # after that at the interval: the last one before them found nobody.
    assert detector.searches - detector.near_searches == without + 3


def test_a_face_that_moves_unevenly_is_read_at_its_own_place() -> None:
    # It stands, jumps by two thirds of its side and stands again: a straight line between the
    # two searches misses it.
    images = [with_face(room(), 60 if index < 5 else 80, 40) for index in range(11)]
    sights = follow(images)
    lefts = [face.crop[0] + 3 for one in sights if (face := face_of(one))]
    # The crop is 1.2 sides of 30, so that its edge is 3 pixels left of the face.
    assert lefts == pytest.approx([60.0] * 5 + [80.0] * 6, abs=30 * CROP_SHIFT_MAX)


def test_a_face_that_speeds_up_is_read_at_its_own_place_and_few_frames_twice() -> None:
    lefts = [10 + round(50 * (index / 20) ** 2) for index in range(21)]
    detector = SquareDetector()
    images = [with_face(room(), left, 20, side=80) for left in lefts]
    faces = [face for one in follow(images, detector=detector) if (face := face_of(one))]
    # The crop is 1.2 sides, so that its edge is a tenth of a side left of the face. Whole pixels
    # alone put a face up to one of them beside the line between its neighbours: 1.25 % of a side.
    assert [face.crop[0] + 8 for face in faces] == pytest.approx(lefts, abs=80 * CROP_SHIFT_MAX)
    # A line between the searches, a second apart, misses the middle by 3 pixels; nearer
    # neighbours leave less to miss.
    assert len(images) < detector.reads <= 1.2 * len(images)


def test_of_two_faces_the_one_nearest_to_the_last_is_kept() -> None:
    small = [with_face(room(), 20 + index // 10, 40, side=24, level=0.2) for index in range(15)]
    both = [
        with_face(with_face(room(), 21, 40, side=24, level=0.2), 100, 30, side=40, level=0.8)
        for _ in range(16)
    ]
    sights = follow([*small, *both])
    levels = levels_of(sights)
    assert levels == pytest.approx([0.2] * 31, abs=0.01)


def test_of_two_faces_at_the_beginning_the_largest_is_taken() -> None:
    image = with_face(with_face(room(), 20, 40, side=24, level=0.2), 100, 30, side=40, level=0.8)
    sights = follow([image])
    assert levels_of(sights) == pytest.approx([0.8], abs=0.01)


def test_a_frame_that_could_not_be_decoded_is_lost_and_the_rest_goes_on() -> None:
    images: list[npt.NDArray[np.uint8] | None] = [*still(21)]
    images[5] = images[10] = images[20] = None
    sights = follow(images)
    assert [one.index for one in sights if one.status == "lost"] == [5, 10, 20]
    assert [one.index for one in sights] == list(range(21))
    assert sum(one.status == "face" for one in sights) == 18


def test_a_film_of_lost_frames_gives_their_rows() -> None:
    assert [one.status for one in follow([None] * 5)] == ["lost"] * 5


def test_a_face_below_the_least_score_is_no_face_and_keeps_its_score() -> None:
    follower = FaceFollower(SquareDetector(), ExtractionSettings(face_score_min=2.0))
    sights = follower.see(pictures(still(3))) + follower.finish()
    assert {(one.status, one.best_score) for one in sights} == {("no_face", 1.0)}


def test_pictures_are_kept_no_longer_than_the_bound_whatever_the_interval() -> None:
    detector = SquareDetector()
    sights = follow(still(3 * MOST_FOLLOWED_FRAMES), detector=detector, interval_s=1e6)
    searched = [one.index for one in sights if found_by(one) == "search"]
    assert max(np.diff(searched)) <= MOST_FOLLOWED_FRAMES + 1
    assert all(one.image is None for one in sights)


@settings(max_examples=25, deadline=None)
@given(
    present=st.lists(RUNS, min_size=1, max_size=6),
    chunk=st.integers(1, 40),
    batch=st.integers(1, 20),
)
def test_chunks_and_batches_change_nothing(
    present: list[tuple[str, int]], chunk: int, batch: int
) -> None:
    kinds = [kind for kind, count in present for _ in range(count)]
    images = [
        {"f": with_face(room(), 40 + index, 40, level=0.5), "n": room(), "l": None}[kind]
        for index, kind in enumerate(kinds)
    ]
    as_one = follow(images, chunk=len(images), batch=16)
    in_parts = follow(images, chunk=chunk, batch=batch)
    assert [(one.index, one.status, found_by(one)) for one in as_one] == [
        (one.index, one.status, found_by(one)) for one in in_parts
    ]
    for one, other in zip(as_one, in_parts, strict=True):
        if (face := face_of(one)) is not None:
            same = face_of(other)
            assert same is not None
            assert face.crop == pytest.approx(same.crop)
    # Every frame is there once, and is what it was made.
    status = {"f": "face", "n": "no_face", "l": "lost"}
    assert [one.status for one in as_one] == [status[kind] for kind in kinds]


def two(left: int, right: int, size: int = 24) -> npt.NDArray[np.uint8]:
    """Two faces that differ in what they show."""
    return with_face(
        with_face(room(), left, 40, side=size, level=0.2), right, 40, side=size, level=0.9
    )


def follow_everybody(
    images: Sequence[npt.NDArray[np.uint8] | None], chunk: int = 16, interval_s: float = 1.0
) -> list[View]:
    follower = FaceFollower(
        SquareDetector(), ExtractionSettings(search_interval_s=interval_s), everybody=True
    )
    views = []
    for start in range(0, len(images), chunk):
        views += follower.see(pictures(images)[start : start + chunk])
    return views + follower.finish()


def tracks(views: Sequence[View]) -> dict[int, set[float]]:
    """What each track shows, to one digit."""
    shown: dict[int, set[float]] = {}
    for view in views:
        for sight in view.sights:
            assert sight.face is not None
            shown.setdefault(sight.track, set()).add(round(float(sight.face.channels[0]), 1))
    return shown


def test_every_face_has_a_track_of_its_own() -> None:
    views = follow_everybody([two(20 + index // 5, 100 - index // 5) for index in range(31)])
    assert tracks(views) == {0: {0.2}, 1: {0.9}}
    assert [len(view.sights) for view in views] == [2] * 31


def test_somebody_who_comes_later_has_a_new_track_from_the_first_picture_on() -> None:
    alone = [with_face(room(), 20, 40, side=24, level=0.2)] * 14
    views = follow_everybody([*alone, *[two(20, 100)] * 17])
    assert [len(view.sights) for view in views] == [1] * 14 + [2] * 17
    assert tracks(views) == {0: {0.2}, 1: {0.9}}


def test_no_track_shows_two_people_who_pass_each_other() -> None:
    # They walk through each other's place, a side in ten pictures, and touch in the middle.
    passing = [two(10 + 2 * index, 120 - 2 * index) for index in range(56)]
    shown = tracks(follow_everybody(passing))
    # While they overlap they are one bright patch, which belongs to neither.
    assert not [levels for levels in shown.values() if {0.2, 0.9} <= levels]


def test_faces_that_are_exchanged_where_the_film_is_cut_have_new_tracks() -> None:
    views = follow_everybody([*[two(20, 100)] * 13, *[two(100, 20)] * 18])
    assert tracks(views) == {0: {0.2}, 1: {0.9}, 2: {0.9}, 3: {0.2}}
    assert [view.sights[0].track for view in views] == [0] * 13 + [2] * 18


def test_after_a_second_without_a_picture_nobody_is_who_they_were() -> None:
    views = follow_everybody([*[two(20, 100)] * 5, *[None] * 12, *[two(20, 100)] * 5])
    assert tracks(views) == {0: {0.2}, 1: {0.9}, 2: {0.2}, 3: {0.9}}


@settings(max_examples=15, deadline=None)
@given(chunk=st.integers(1, 40), away=st.integers(3, 20))
def test_chunks_change_no_track(chunk: int, away: int) -> None:
    images = [
        *[two(20, 100)] * 13,
        *[with_face(room(), 20, 40, side=24, level=0.2)] * away,
        *[two(24, 96)] * 15,
    ]
    as_one, in_parts = follow_everybody(images, len(images)), follow_everybody(images, chunk)
    assert [[one.track for one in view.sights] for view in as_one] == [
        [one.track for one in view.sights] for view in in_parts
    ]
