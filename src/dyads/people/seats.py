"""Where people sit in a picture, who is in a seat when, and when seats may have been exchanged.

A seat is a place in which a face stays for long. Who sits there is knowledge of the study
(`place` in recordings.tsv) and holds as long as the film shows no opportunity to change seats: a
moment in which nobody is in either seat, both having been seen to leave, a longer time in which
nobody is seen there at all, or a cut of the film.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SETTLED, MOVING, UNTOLD = 2, 3, 4
"""Where a face is that is in neither seat (0: the left one, 1: the right one)."""

SPEED_SIDES_PER_S: Final = 0.7
"""A face that is faster over about a second is moving."""
SPEED_WINDOW_S: Final = 0.5
PIECE_S: Final = 20.0
"""Length (s) of the pieces whose middles are gathered into seats."""
SEAT_SIDES: Final = 0.75
"""Pieces this near to a seat's middle make the seat."""
REACH_SIDES: Final = 1.25
"""A face this near to a seat is in it, unless it is nearer to the other one."""
CORE_SIDES: Final = 0.75
"""A face this near surely keeps a seat from being taken."""
REACH_SHARE, CORE_SHARE = 0.4, 0.3
"""The same, at most so much of the way to the other seat."""
SIZE_RATIO: Final = 1.6
"""A face in a seat is at most so many times larger or smaller than usual there."""
SECOND_SHARE: Final = 0.25
"""The second seat is taken for at least this part of the time of the first ..."""
TOGETHER_SHARE: Final = 0.3
"""... and for at least this part of its own time while the first is taken, too."""
CROWD_SHARE: Final = 0.3
"""With a third face in more of the pictures, seats do not tell people from others."""
UNSEEN_S: Final = 5.0
"""Two people who are both unseen for longer (s) may have changed seats."""
EXCHANGE_S: Final = 0.2
"""Both seats are free for at least this long (s) when people change seats ..."""
_JUST_BEFORE_S: Final = 1e-6
EMPTY_S: Final = 1.0
"""... where one was seen to be left, and the other too or nobody is seen there for so long (s)."""


@dataclass(frozen=True)
class Seats:
    """Up to two seats, from left to right.

    Parameters
    ----------
    middle
        Shape (seats, 2), px.
    side
        Usual side of a face there, shape (seats,), px.
    is_ordered
        Whether left and right can be told.
    """

    middle: FloatArray
    side: FloatArray
    is_ordered: bool

    def __len__(self) -> int:
        return len(self.side)


NO_SEATS: Final = Seats(np.empty((0, 2)), np.empty(0), is_ordered=False)


def speeds(seen: pd.DataFrame) -> FloatArray:
    """Speed of each sight within its stretch (sides/s); NaN where the stretch is too short."""
    speed = np.full(len(seen), np.nan)
    time_s, x, y, side = (seen[name].to_numpy(float) for name in ("time_s", "x", "y", "side"))
    starts = np.flatnonzero(np.diff(seen["stretch"].to_numpy(), prepend=-1))
    for first, stop in zip(starts, np.append(starts[1:], len(seen)), strict=True):
        own = time_s[first:stop]
        before_s = np.maximum(own - SPEED_WINDOW_S, own[0])
        after_s = np.minimum(own + SPEED_WINDOW_S, own[-1])
        dx, dy = (
            np.interp(after_s, own, part[first:stop]) - np.interp(before_s, own, part[first:stop])
            for part in (x, y)
        )
        moved = np.hypot(dx, dy)
        long_s = after_s - before_s
        is_long = long_s >= 0.6 * SPEED_WINDOW_S
        speed[first:stop][is_long] = (moved / side[first:stop])[is_long] / long_s[is_long]
    return speed


def durations(seen: pd.DataFrame) -> FloatArray:
    """How long each sight stands for (s): until the next one of its stretch."""
    time_s = seen["time_s"].to_numpy(float)
    step_s = np.diff(np.unique(time_s))
    usual_s = float(np.median(step_s)) if len(step_s) else 0.0
    lasts_s = np.diff(time_s, append=time_s[-1:])
    is_last = np.diff(seen["stretch"].to_numpy(), append=-1) != 0
    return np.where(is_last, usual_s, np.clip(lasts_s, 0.0, max(0.5, 1.5 * usual_s)))


def find_seats(seen: pd.DataFrame, speed: FloatArray, people: int) -> Seats:
    """Find where people sit for most of a film.

    Parameters
    ----------
    seen
        From :func:`dyads.people.stretches.cut`.
    speed
        From :func:`speeds`.
    people
        How many people the film shows.
    """
    faces = seen.groupby("frame").size()
    if seen.empty or (faces > max(people, 2)).mean() > CROWD_SHARE:
        return NO_SEATS
    still = seen.assign(lasts_s=durations(seen))[speed <= SPEED_SIDES_PER_S]
    piece = [still["stretch"], np.floor(still["time_s"] / PIECE_S)]
    grouped = still.groupby(piece)
    pieces = grouped[["x", "y", "side"]].median().assign(lasts_s=grouped["lasts_s"].sum())
    clusters = _gathered(pieces.sort_values("lasts_s", ascending=False, kind="stable"))
    if not clusters:
        return NO_SEATS
    middle = np.array([[one[0], one[1]] for one in clusters])
    side = np.array([one[2] for one in clusters])
    weight = np.array([one[3] for one in clusters])
    chosen = [int(np.argmax(weight))]
    second = _second(still, middle, side, weight, chosen[0])
    if second is not None:
        chosen.append(second)
    chosen.sort(key=lambda one: middle[one, 0])
    apart = np.ptp(middle[chosen, 0]) / side[chosen].mean()
    return Seats(
        middle[chosen], side[chosen], is_ordered=len(chosen) == 2 and bool(apart >= SEAT_SIDES)
    )


def _gathered(pieces: pd.DataFrame) -> list[tuple[float, float, float, float]]:
    """Join pieces that lie near each other, the longest first: x, y, side, time."""
    clusters: list[tuple[float, float, float, float]] = []
    for x, y, side, lasts_s in pieces.itertuples(index=False, name=None):
        apart = [np.hypot(x - one[0], y - one[1]) / one[2] for one in clusters]
        if apart and min(apart) <= SEAT_SIDES:
            place = int(np.argmin(apart))
            old = clusters[place]
            share = lasts_s / (lasts_s + old[3])
            mixed = [(1 - share) * a + share * b for a, b in zip(old, (x, y, side), strict=False)]
            clusters[place] = (mixed[0], mixed[1], mixed[2], old[3] + lasts_s)
        else:
            clusters.append((x, y, side, lasts_s))
    return clusters


def _second(
    still: pd.DataFrame, middle: FloatArray, side: FloatArray, weight: FloatArray, first: int
) -> int | None:
    """The seat that is taken longest while the first is taken, if it is one."""
    x, y = still["x"].to_numpy(float), still["y"].to_numpy(float)

    def pictures(one: int) -> IntArray:
        near = np.hypot(x - middle[one, 0], y - middle[one, 1]) <= SEAT_SIDES * side[one]
        return np.unique(still["frame"].to_numpy(np.int64)[near])

    taken = pictures(first)
    best, most = None, 0
    for other in np.flatnonzero(weight >= SECOND_SHARE * weight[first]):
        apart = np.hypot(*(middle[other] - middle[first])) / max(side[other], side[first])
        if other == first or apart < 1.0:
            continue
        own = pictures(int(other))
        together = len(np.intersect1d(own, taken, assume_unique=True))
        if together > most and together >= TOGETHER_SHARE * len(own):
            best, most = int(other), together
    return best


def places(seen: pd.DataFrame, speed: FloatArray, seats: Seats) -> tuple[IntArray, IntArray]:
    """Say where each face is.

    Returns
    -------
    place
        Number of the seat, `SETTLED`, `MOVING` or `UNTOLD`; shape (sights,).
    core
        Number of the seat whose middle the face is so near to that nobody else can sit there,
        or -1; shape (sights,).
    """
    place = np.where(
        np.isnan(speed), UNTOLD, np.where(speed > SPEED_SIDES_PER_S, MOVING, SETTLED)
    ).astype(np.int64)
    core = np.full(len(seen), -1, dtype=np.int64)
    xy = seen[["x", "y"]].to_numpy(float)
    far = np.hypot(*np.ptp(seats.middle, axis=0)) if len(seats) == 2 else np.inf
    for number in range(len(seats)):
        apart = np.hypot(*(xy - seats.middle[number]).T)
        ratio = seen["side"].to_numpy(float) / seats.side[number]
        fits = (ratio <= SIZE_RATIO) & (ratio >= 1 / SIZE_RATIO)
        reach = min(REACH_SIDES * seats.side[number], REACH_SHARE * far)
        place[fits & (apart <= reach)] = number
        core[apart <= min(CORE_SIDES * seats.side[number], CORE_SHARE * far)] = number
    return place, core


def exchanges_s(
    seen: pd.DataFrame, place: IntArray, core: IntArray, seats: Seats, cuts_s: FloatArray
) -> FloatArray:
    """Times (s) after which people may have changed seats, ascending."""
    found = (cuts_s - _JUST_BEFORE_S).tolist()
    time_s = seen["time_s"].to_numpy(float)
    taken_s = np.unique(time_s[place < SETTLED])
    found += taken_s[:-1][np.diff(taken_s) > UNSEEN_S].tolist()
    if len(seats) == 2:
        (seen_left, left), (seen_right, right) = (_free_s(seen, core, seat) for seat in range(2))
        found += _meetings_s(seen_left, right) + _meetings_s(seen_right, left)
    times = np.unique(np.array(found, dtype=float))
    return times[np.diff(times, prepend=-np.inf) >= 1.0]


def _free_s(seen: pd.DataFrame, core: IntArray, number: int) -> tuple[FloatArray, FloatArray]:
    """Begin and end (s) of the times in which a seat is free.

    Returns
    -------
    left
        Somebody was seen to leave it, or nobody has been there yet; shape (times, 2).
    free
        The same, and times in which nobody is seen there.
    """
    time_s = seen["time_s"].to_numpy(float)
    inside = core == number
    taken_s = np.unique(time_s[inside])
    if not len(taken_s):
        always = np.array([[-np.inf, np.inf]])
        return always, always
    goes_on = np.diff(seen["run"].to_numpy(), append=-1) == 0
    leaves = np.flatnonzero(inside & goes_on & np.append(~inside[1:], False))
    after = np.searchsorted(taken_s, time_s[leaves], side="right")
    begun = np.column_stack([time_s[leaves], np.append(taken_s, np.inf)[after]])
    left = np.vstack([[[-np.inf, taken_s[0]]], begun])
    ends_s = np.append(taken_s[1:], np.inf)
    is_long = ends_s - taken_s >= EMPTY_S
    return left, np.vstack([left, np.column_stack([taken_s, ends_s])[is_long]])


def _meetings_s(some: FloatArray, others: FloatArray) -> list[float]:
    """When times of one list and of another begin to overlap for long enough (s)."""
    latest = np.maximum(some[:, None, 0], others[None, :, 0])
    both = np.minimum(some[:, None, 1], others[None, :, 1]) - latest
    return list(map(float, latest[(both >= EXCHANGE_S) & np.isfinite(latest)]))


def first_together_s(seen: pd.DataFrame, place: IntArray) -> float | None:
    """When both seats are taken for the first time (s)."""
    left, right = (np.unique(seen["frame"].to_numpy()[place == number]) for number in range(2))
    both = np.intersect1d(left, right, assume_unique=True)
    if not len(both):
        return None
    return float(seen["time_s"].to_numpy()[np.argmax(seen["frame"].to_numpy() == both[0])])
