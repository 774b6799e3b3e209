"""Find a person's face in a film and follow it from search to search.

Searching costs more than reading, so a face is searched at an interval. Between two searches
that both found it, it is followed: its box is interpolated between the meshes at both ends,
and a frame whose own mesh shows that the crop was off is read once more. Wherever a search
fails, every frame around it is searched. So a frame is called faceless only if it was
searched, and a face that leaves is not read on into the void. What a search cannot see is a
face that leaves and comes back to its place within one interval.

What is found does not depend on how many pictures are handed over at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from dyads.config import ExtractionSettings
from dyads.extraction.appearance import light_and_sharpness
from dyads.extraction.detectors import Detector
from dyads.extraction.unfinished import FollowerState
from dyads.recordings.media import Picture
from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

MOST_FOLLOWED_FRAMES: Final = 60
"""A search at least this often bounds the pictures that are kept, whatever the interval."""

CROP_SHIFT_MAX: Final = 0.08
CROP_SCALE_MAX: Final = 1.12
"""A face is read once more where its mesh asks for a box that differs by more than this from
the box it was read at: the middle by a part of the side, the side by a factor."""

SAME_FACE_SHIFT_MAX: Final = 1.0
SAME_FACE_SCALE_MAX: Final = 1.6
"""Two boxes this close, in the same terms, may be one face between two searches."""

INSIDE_SHARE_MIN: Final = 0.9
"""A followed face of whose mesh a smaller share lies within the crop is doubtful."""


@dataclass(frozen=True)
class FaceRead:
    """What the detector says about one face; boxes are left, top, right, bottom (px)."""

    channels: FloatArray
    pose_deg: FloatArray
    crop: FloatArray
    next_box: FloatArray
    inside_share: float
    light: float
    sharpness: float


@dataclass(eq=False)
class Sight:
    """A frame as one person's view shows it, and what was found there.

    Parameters
    ----------
    index, time_s
        Of the picture.
    image
        The view's pixels, until the frame is settled; None if it could not be decoded.
    is_lost
        True if the frame could not be decoded.
    found_by, score
        How the face was found, and the finder's score where it was searched.
    box
        Where the face was found or is expected: left, top, right, bottom (px).
    face
        What was read; None without a face.
    loss
        Why the frame could not be decoded; empty if it was.
    """

    index: int
    time_s: float
    image: Image | None
    is_lost: bool
    found_by: str = ""
    score: float = np.nan
    box: FloatArray | None = None
    face: FaceRead | None = None
    loss: str = ""

    @property
    def status(self) -> str:
        """What the table of frames says of this frame."""
        if self.face is not None:
            return "face"
        return "lost" if self.is_lost else "no_face"

    @property
    def reason(self) -> str:
        """Why nothing is said of the person; empty with a face."""
        if self.face is not None:
            return ""
        if self.is_lost:
            return self.loss
        return "no_face" if np.isnan(self.score) else "low_score"


class FaceFollower:
    """One person's face through a film.

    Parameters
    ----------
    detector
        What finds and reads faces.
    settings
        Interval of search, least score, frames read at once.
    """

    def __init__(self, detector: Detector, settings: ExtractionSettings) -> None:
        self._detector = detector
        self._settings = settings
        self._waiting: list[Sight] = []
        self._last_searched: Sight | None = None
        self._due_s = -np.inf
        self._since_due = 0

    def see(self, pictures: Sequence[Picture]) -> list[Sight]:
        """Take the next pictures of this person's view and give what is settled by them.

        Parameters
        ----------
        pictures
            In order of display.

        Returns
        -------
        list of Sight
            In order of display, up to the last search; later ones wait for the next search.
        """
        sights = [_sight(picture) for picture in pictures]
        self._waiting += sights
        return self._settle([sight for sight in sights if self._is_due(sight)])

    def finish(self) -> list[Sight]:
        """Search the last picture and give everything that is still waiting."""
        decoded = [sight for sight in self._waiting if not sight.is_lost]
        settled = self._settle(decoded[-1:])
        rest, self._waiting = self._waiting, []
        return settled + rest

    @property
    def state(self) -> FollowerState:
        """What must be known to go on from here."""
        last = self._last_searched
        return FollowerState(
            waiting=len(self._waiting),
            due_s=None if np.isinf(self._due_s) else self._due_s,
            since_due=self._since_due,
            searched_index=None if last is None else last.index,
            searched_s=0.0 if last is None else last.time_s,
            box=_plain(last.box) if last is not None else None,
            next_box=_plain(last.face.next_box) if last is not None and last.face else None,
        )

    def go_on(self, state: FollowerState, waiting: Sequence[Picture]) -> None:
        """Take up a film where another job left it.

        Parameters
        ----------
        state
            What that job's follower knew.
        waiting
            The pictures that waited there for the next search.
        """
        self._waiting = [_sight(picture) for picture in waiting]
        self._due_s = -np.inf if state.due_s is None else state.due_s
        self._since_due = state.since_due
        if state.searched_index is not None:
            last = Sight(state.searched_index, state.searched_s, None, is_lost=False)
            last.box = None if state.box is None else np.array(state.box)
            if state.next_box is not None:
                nothing, box = np.empty(0), np.array(state.next_box)
                last.face = FaceRead(nothing, nothing, nothing, box, 1.0, np.nan, np.nan)
            self._last_searched = last

    def _is_due(self, sight: Sight) -> bool:
        """Say whether this frame is to be searched, and count on from it if so."""
        if sight.is_lost:
            return False
        self._since_due += 1
        is_due = sight.time_s >= self._due_s - 1e-9 or self._since_due > MOST_FOLLOWED_FRAMES
        if is_due:
            self._due_s = sight.time_s + self._settings.search_interval_s
            self._since_due = 0
        return is_due

    def _settle(self, searched: list[Sight]) -> list[Sight]:
        """Read everything up to the last of the frames that are to be searched."""
        if not searched:
            return []
        last = next(i for i, sight in enumerate(self._waiting) if sight is searched[-1])
        settled, self._waiting = self._waiting[: last + 1], self._waiting[last + 1 :]
        ends = ([self._last_searched] if self._last_searched else []) + searched
        self._search_all(searched, self._last_searched)
        self._read(searched)
        for begin, end in pairwise(ends):
            between = [
                sight
                for sight in settled
                if begin.index < sight.index < end.index and not sight.is_lost
            ]
            if begin.face and end.face and _may_be_one_face(begin, end):
                _expect_between(between, begin, begin.face, end, end.face)
            else:
                self._search_all(between, begin)
        self._read([sight for sight in settled if sight.face is None])
        self._search_doubtful(settled)
        self._last_searched = searched[-1]
        for sight in settled:
            sight.image = None
        return settled

    def _search_all(self, sights: list[Sight], before: Sight | None) -> None:
        """Search frames; of several faces take the one nearest to the last, or the largest."""
        known_box = before.box if before is not None else None
        for sight in sights:
            assert sight.image is not None
            found = self._detector.find(sight.image)
            good = found[found[:, 4] >= self._settings.face_score_min]
            sight.box, sight.found_by = None, ""
            sight.score = float(found[:, 4].max()) if len(found) else np.nan
            if len(good):
                chosen = good[_chosen(good, known_box)]
                sight.box, sight.score, sight.found_by = chosen[:4], float(chosen[4]), "search"
            known_box = sight.box

    def _read(self, sights: list[Sight]) -> None:
        """Read faces, and where the crop was off, read once more at the mesh's own box."""
        boxed = [(sight, sight.box) for sight in sights if sight.box is not None]
        self._read_at(boxed)
        if self._settings.search_interval_s > 0:
            self._read_at(
                [
                    (sight, sight.face.next_box)
                    for sight, box in boxed
                    if sight.face is not None
                    and not _are_close(box, sight.face.next_box, CROP_SHIFT_MAX, CROP_SCALE_MAX)
                ]
            )

    def _read_at(self, boxed: list[tuple[Sight, FloatArray]]) -> None:
        size = self._settings.batch_frames
        for start in range(0, len(boxed), size):
            batch = boxed[start : start + size]
            images = [sight.image for sight, _ in batch if sight.image is not None]
            reading = self._detector.read(images, np.stack([box for _, box in batch]))
            for place, (sight, _) in enumerate(batch):
                sight.face = FaceRead(
                    reading.channels[place],
                    reading.pose_deg[place],
                    reading.crop[place],
                    reading.next_box[place],
                    float(reading.inside_share[place]),
                    *light_and_sharpness(images[place], reading.crop[place]),
                )

    def _search_doubtful(self, sights: list[Sight]) -> None:
        """Search the frames in which a followed mesh is implausible."""
        doubtful = [sight for sight in sights if sight.found_by == "followed" and _is_odd(sight)]
        for sight in doubtful:
            sight.face = None
            self._search_all([sight], sight)
        self._read(doubtful)


def _sight(picture: Picture) -> Sight:
    return Sight(
        picture.index, picture.time_s, picture.image, picture.image is None, loss=picture.loss
    )


def _plain(box: FloatArray | None) -> tuple[float, ...] | None:
    return None if box is None else tuple(box.tolist())


def _expect_between(
    sights: list[Sight], begin: Sight, first: FaceRead, end: Sight, last: FaceRead
) -> None:
    """Interpolate the boxes of the frames between two that were searched and read."""
    for sight in sights:
        part = (sight.time_s - begin.time_s) / (end.time_s - begin.time_s)
        sight.box = first.next_box + part * (last.next_box - first.next_box)
        sight.found_by = "followed"


def _is_odd(sight: Sight) -> bool:
    """Say whether the mesh leaves the crop, or lies far from where the face was expected."""
    if sight.face is None or sight.box is None:
        return False
    return sight.face.inside_share < INSIDE_SHARE_MIN or not _are_close(
        sight.box, sight.face.next_box, SAME_FACE_SHIFT_MAX / 2, SAME_FACE_SCALE_MAX
    )


def _may_be_one_face(begin: Sight, end: Sight) -> bool:
    if begin.box is None or end.box is None:
        return False
    return _are_close(begin.box, end.box, SAME_FACE_SHIFT_MAX, SAME_FACE_SCALE_MAX)


def _chosen(found: FloatArray, known_box: FloatArray | None) -> int:
    if known_box is None:
        return int(np.argmax((found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])))
    return int(np.argmin([_shift(known_box, box) for box in found[:, :4]]))


def _are_close(one: FloatArray, other: FloatArray, shift_max: float, scale_max: float) -> bool:
    scale = max(_side(one), 1.0) / max(_side(other), 1.0)
    return _shift(one, other) <= shift_max and 1 / scale_max <= scale <= scale_max


def _shift(one: FloatArray, other: FloatArray) -> float:
    """Distance of two boxes' middles in sides of the first."""
    apart = (one[:2] + one[2:] - other[:2] - other[2:]) / 2
    return float(np.hypot(*apart) / max(_side(one), 1.0))


def _side(box: FloatArray) -> float:
    return float(max(box[2] - box[0], box[3] - box[1]))
