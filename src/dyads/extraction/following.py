"""Find faces in a film and follow them from search to search.

Searching costs more than reading, so faces are searched at an interval. Between two searches
that found the same ones, they are followed: the frame in the middle is read at the box that lies
between the meshes at both ends, then the middle of each half, and so on, so that half of all frames
are read between two neighbours whose place is known. A frame whose own mesh shows that the crop
was off is read once more. Wherever two ends differ, every frame between them is searched. So a
frame is called faceless only if it was searched, and a face that leaves is not read on into the
void. What a search cannot see is a face that leaves and comes back to its place within one
interval.

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
from dyads.extraction.appearance import has_changed
from dyads.extraction.detectors import Detector
from dyads.extraction.embedding import Embedder
from dyads.extraction.sights import (
    FaceRead,
    Sight,
    View,
    embed_sights,
    is_odd,
    links,
    read_sights,
    shift,
)
from dyads.extraction.unfinished import FaceState, FollowerState
from dyads.recordings.media import Picture

FloatArray = npt.NDArray[np.float64]

MOST_FOLLOWED_FRAMES: Final = 60
"""A search at least this often bounds the pictures that are kept, whatever the interval."""

TRACK_GAP_MAX_S: Final = 1.0
"""After so long without a picture (s) nobody knows who is where."""


class FaceFollower:
    """The face of one person through a film, or every face.

    Parameters
    ----------
    detector
        What finds and reads faces.
    settings
        Interval of search, least score, frames read at once.
    everybody
        False follows one face: of several the one nearest to the last, or the largest.
        True follows all of them, each with the number of its track. A track ends where a
        face is not found any more, where another comes so near that one could be taken for the
        other, where its looks change from one picture to the next, and where a second passes
        without a picture.
    embedder
        What gives the embedding of each face; None for a person who did not allow it.
    """

    def __init__(
        self,
        detector: Detector,
        settings: ExtractionSettings,
        *,
        everybody: bool = False,
        embedder: Embedder | None = None,
    ) -> None:
        self._detector = detector
        self._settings = settings
        self._everybody = everybody
        self._embedder = embedder
        self._waiting: list[View] = []
        self._last_searched: View | None = None
        self._tracks = 0
        self._due_s = -np.inf
        self._since_due = 0
        rate_hz = settings.sample_rate_hz or np.inf
        self._gap_max_s = max(TRACK_GAP_MAX_S, 1.5 / rate_hz)

    def see(self, pictures: Sequence[Picture]) -> list[View]:
        """Take the next pictures and give what is settled by them.

        Parameters
        ----------
        pictures
            In order of display.

        Returns
        -------
        list of View
            In order of display, up to the last search; later ones wait for the next search.
        """
        views = [View.of(picture) for picture in pictures]
        self._waiting += views
        return self._settle([view for view in views if self._is_due(view)])

    def finish(self) -> list[View]:
        """Search the last picture and give everything that is still waiting."""
        decoded = [view for view in self._waiting if not view.is_lost]
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
            faces=() if last is None else tuple(_face_state(sight) for sight in last.sights),
            tracks=self._tracks,
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
        self._waiting = [View.of(picture) for picture in waiting]
        self._due_s = -np.inf if state.due_s is None else state.due_s
        self._since_due = state.since_due
        self._tracks = state.tracks
        if state.searched_index is not None:
            sights = [_known(face) for face in state.faces]
            self._last_searched = View(state.searched_index, state.searched_s, None, sights=sights)

    def _is_due(self, view: View) -> bool:
        """Say whether this picture is to be searched, and count on from it if so."""
        if view.is_lost:
            return False
        self._since_due += 1
        is_due = view.time_s >= self._due_s - 1e-9 or self._since_due > MOST_FOLLOWED_FRAMES
        if is_due:
            self._due_s = view.time_s + self._settings.search_interval_s
            self._since_due = 0
        return is_due

    def _settle(self, searched: list[View]) -> list[View]:
        """Read everything up to the last of the pictures that are to be searched."""
        if not searched:
            return []
        last = next(i for i, view in enumerate(self._waiting) if view is searched[-1])
        settled, self._waiting = self._waiting[: last + 1], self._waiting[last + 1 :]
        before = self._last_searched
        self._search_all(searched, before)
        self._read(searched)
        ends = [*([before] if before else []), *searched]
        self._follow([_Stretch.of(settled, begin, end) for begin, end in pairwise(ends)])
        if self._embedder is not None:
            embed_sights(settled, self._embedder, self._settings.faces_at_once)
        if self._everybody:
            self._number(settled, before)
        self._last_searched = searched[-1]
        for view in settled:
            view.image = None
        return settled

    def _follow(self, stretches: Sequence[_Stretch]) -> None:
        """Read the pictures between others that were read, halving each stretch again and again."""
        while stretches := [one for one in stretches if one.between]:
            followed = [one for one in stretches if one.expect_middle()]
            searched = [one for one in stretches if one not in followed]
            for one in searched:
                self._search_all(one.between, one.begin)
            middles = [one.middle for one in followed]
            self._read([*middles, *(view for one in searched for view in one.between)])
            self._search_doubtful(middles)
            stretches = [half for one in followed for half in one.halves()]

    def _search_all(self, views: Sequence[View], before: View | None) -> None:
        """Search pictures one after the other, first near the face that was seen before."""
        known = None
        if before is not None and before.sights:
            known = before.sights[0].box
        for view in views:
            good = self._search(view, known)
            chosen = good if self._everybody else good[_chosen(good, known)]
            view.sights = [Sight(row[:4], "search", float(row[4])) for row in chosen]
            known = view.sights[0].box if view.sights else None

    def _search(self, view: View, known: FloatArray | None) -> FloatArray:
        """Give the faces that are good enough, shape (n, 5)."""
        assert view.image is not None
        near = None
        if known is not None and not self._everybody and self._settings.search_interval_s > 0:
            near = known
        found = self._detector.find(view.image, near)
        good = found[found[:, 4] >= self._settings.face_score_min]
        if near is not None and not len(good):
            found = self._detector.find(view.image)
            good = found[found[:, 4] >= self._settings.face_score_min]
        view.best_score = float(found[:, 4].max()) if len(found) else np.nan
        return good

    def _read(self, views: Sequence[View]) -> None:
        """Read the faces that were not read yet."""
        unread = [(view, one) for view in views for one in view.sights if one.face is None]
        read_sights(
            unread,
            self._detector,
            self._settings.faces_at_once,
            adjust=self._settings.search_interval_s > 0,
        )

    def _search_doubtful(self, views: Sequence[View]) -> None:
        """Search the pictures in which a followed mesh is implausible."""
        doubtful = [
            view
            for view in views
            if any(one.found_by == "followed" and is_odd(one) for one in view.sights)
        ]
        for view in doubtful:
            self._search_all([view], view)
        self._read(doubtful)

    def _number(self, views: Sequence[View], before: View | None) -> None:
        """Give each face the number of the face that it was in the picture before."""
        for view in views:
            if view.is_lost:
                continue
            if before is not None and view.time_s - before.time_s <= self._gap_max_s:
                for earlier, later in links(before.sights, view.sights):
                    if not has_changed(_look(earlier), _look(later)):
                        later.track = earlier.track
            for sight in view.sights:
                if sight.track < 0:
                    sight.track = self._tracks
                    self._tracks += 1
            before = view


def _look(sight: Sight) -> tuple[float, ...]:
    return sight.face.look if sight.face else ()


def _face_state(sight: Sight) -> FaceState:
    return FaceState(
        box=tuple(sight.box.tolist()),
        place=tuple(sight.place.tolist()),
        track=sight.track,
        look=_look(sight),
    )


def _known(state: FaceState) -> Sight:
    nothing, place = np.empty(0), np.array(state.place)
    face = FaceRead(nothing, nothing, nothing, place, 1.0, np.nan, np.nan, place, look=state.look)
    return Sight(np.array(state.box), "search", face=face, track=state.track)


@dataclass(frozen=True)
class _Stretch:
    """Pictures between two that were read."""

    begin: View
    between: Sequence[View]
    end: View

    @classmethod
    def of(cls, views: Sequence[View], begin: View, end: View) -> _Stretch:
        """Take the pictures between two, those that could be decoded."""
        between = [one for one in views if begin.index < one.index < end.index]
        return cls(begin, [one for one in between if not one.is_lost], end)

    @property
    def middle(self) -> View:
        return self.between[len(self.between) // 2]

    def expect_middle(self) -> bool:
        """Expect the faces of both ends in the middle; False if they are not surely the same."""
        begin, end = self.begin, self.end
        pairs = links(begin.sights, end.sights)
        if not pairs or not len(pairs) == len(begin.sights) == len(end.sights):
            return False
        part = (self.middle.time_s - begin.time_s) / (end.time_s - begin.time_s)
        self.middle.sights = [
            Sight(first.place + part * (last.place - first.place), "followed")
            for first, last in pairs
        ]
        return True

    def halves(self) -> tuple[_Stretch, _Stretch]:
        half = len(self.between) // 2
        return (
            _Stretch(self.begin, self.between[:half], self.middle),
            _Stretch(self.middle, self.between[half + 1 :], self.end),
        )


def _chosen(found: FloatArray, known: FloatArray | None) -> list[int]:
    """Of several faces take the one nearest to the last, or the largest."""
    if not len(found):
        return []
    if known is None:
        return [int(np.argmax((found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])))]
    return [int(np.argmin([shift(known, box) for box in found[:, :4]]))]
