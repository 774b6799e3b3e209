"""What the place of a face says of whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.people import seats as seating
from dyads.people.chain import Parts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PART_S: Final = 6.0
"""All tracks are parted at this interval (s), so that a change of faces within a stretch, as where
a film is cut, shows in all of them at once."""
LOOK_S: Final = 2.0
LOOKS: Final = 5.0
"""Where somebody sits counts once in so many seconds, and at most so many times in a stretch:
a face that stays where it is says nothing new."""
OWN, OTHER, ANYWHERE, ON_THE_WAY = 0.7, 0.001, 0.15, 0.149
"""A person in their seat, in the other's, settled elsewhere, moving elsewhere."""
STRANGER_SEATED, STRANGER_MOVING = 0.01, 0.83
"""Somebody else in one of the seats, moving elsewhere; they settle elsewhere as often."""
TABLE_WRONG_LOG: Final = -12.0
"""Log probability that `place` is the wrong way round."""


@dataclass(frozen=True)
class WeighedFilm:
    """The parts of a film's tracks, and what place says of them.

    Parameters
    ----------
    table
        `track`, `stretch`, `epoch`, bounds and both ends of each part, by its beginning.
    parts
        The same as the chain reads it.
    row_part
        Part of each sight, or -1 where faces are close.
    place
        Log likelihood, shape (parts, seatings, people + 1); the last label is nobody.
    seating
        Log prior of each seating, shape (seatings,).
    anchor
        The epoch in which it holds.
    """

    table: pd.DataFrame
    parts: Parts
    row_part: IntArray
    place: FloatArray
    seating: FloatArray
    anchor: int


def weigh(seen: pd.DataFrame, cuts_s: FloatArray, people: pd.DataFrame) -> WeighedFilm:
    """Cut stretches into parts, and weigh where each part is.

    Parameters
    ----------
    seen, cuts_s
        From :func:`dyads.people.stretches.cut`.
    people
        Whom the film shows, with `place`.
    """
    speed = seating.speeds(seen)
    found = seating.find_seats(seen, speed, len(people))
    place, core = seating.places(seen, speed, found)
    changes_s = seating.exchanges_s(seen, place, core, found, cuts_s)
    time_s = seen["time_s"].to_numpy(float)
    epoch = np.searchsorted(changes_s, time_s, side="left")
    grouped = seen.assign(epoch=epoch)[~seen["is_close"].to_numpy()]
    grouped["piece"] = np.floor(grouped["time_s"] / PART_S).astype(int)
    by_part = grouped.groupby(["stretch", "epoch", "piece"], sort=True)
    number = by_part.ngroup().to_numpy()
    table = by_part.agg(
        track=("track", "first"), first_s=("time_s", "first"), last_s=("time_s", "last"),
        x0=("x", "first"), y0=("y", "first"), x1=("x", "last"), y1=("y", "last"),
        side=("side", "median"),
    ).reset_index()  # fmt: skip
    order = np.argsort(table["first_s"].to_numpy(), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    follows = np.diff(table["stretch"].to_numpy(), prepend=-1) == 0
    before = np.where(follows, np.append(-1, rank[:-1]) if len(rank) else rank, -1)
    row_part = np.full(len(seen), -1, dtype=np.int64)
    row_part[~seen["is_close"].to_numpy()] = rank[number]
    table = table.iloc[order].reset_index(drop=True)
    looks = _looks(seen, place, row_part, table)
    options = _seatings(found, len(people))
    parts = Parts(
        first_s=table["first_s"].to_numpy(float),
        last_s=table["last_s"].to_numpy(float),
        epoch=table["epoch"].to_numpy(np.int64),
        shot=np.searchsorted(cuts_s, table["first_s"].to_numpy(float) + 1e-9),
        before=before[order],
        begin=table[["x0", "y0"]].to_numpy(float),
        end=table[["x1", "y1"]].to_numpy(float),
        side=table["side"].to_numpy(float),
        room=_room(seen),
    )
    together_s = seating.first_together_s(seen, place) if len(found) == 2 else None
    anchor = int(np.searchsorted(changes_s, together_s)) if together_s is not None else 0
    return WeighedFilm(
        table=table,
        parts=parts,
        row_part=row_part,
        place=_place_evidence(looks, options),
        seating=_prior(options, found, people),
        anchor=anchor,
    )


def _looks(
    seen: pd.DataFrame, place: IntArray, row_part: IntArray, table: pd.DataFrame
) -> FloatArray:
    """How often each part was looked at in each place, shape (parts, places)."""
    looks = np.zeros((len(table), seating.UNTOLD + 1))
    inside = row_part >= 0
    lasts_s = seating.durations(seen)
    np.add.at(looks, (row_part[inside], place[inside]), lasts_s[inside] / LOOK_S)
    looks = looks[:, : seating.UNTOLD]
    whole = pd.Series(looks.sum(axis=1)).groupby(
        [table["stretch"].to_numpy(), table["epoch"].to_numpy()]
    )
    total = whole.transform("sum").to_numpy(float)
    return np.asarray(looks * np.minimum(1.0, LOOKS / np.maximum(total, 1e-9))[:, None])


def _seatings(found: seating.Seats, people: int) -> list[tuple[int, ...]]:
    """Every way to give the seats to people; -1 is a person without a seat."""
    numbers = [*range(len(found)), *[-1] * max(people - len(found), 0)]
    return sorted(set(permutations(numbers, people)))


def _place_evidence(looks: FloatArray, options: Sequence[tuple[int, ...]]) -> FloatArray:
    """Log likelihood of each part under each seating and label."""
    people = len(options[0])
    chance = np.empty((len(options), people + 1, seating.UNTOLD))
    chance[:, :, : seating.SETTLED] = OTHER
    chance[:, :, seating.SETTLED] = ANYWHERE
    chance[:, :, seating.MOVING] = ON_THE_WAY
    chance[:, people, : seating.SETTLED] = STRANGER_SEATED
    chance[:, people, seating.MOVING] = STRANGER_MOVING
    for number, option in enumerate(options):
        for person, seat in enumerate(option):
            if seat >= 0:
                chance[number, person, seat] = OWN
    return np.asarray(np.einsum("ik,slk->isl", looks, np.log(chance)))


def _prior(
    options: Sequence[tuple[int, ...]], found: seating.Seats, people: pd.DataFrame
) -> FloatArray:
    """Log prior of each seating, from what the study says of left and right."""
    even = np.full(len(options), -np.log(len(options)))
    wanted = people["place"].map({"left": 0, "right": 1}).to_numpy(float)
    if len(people) == 2 and np.isnan(wanted).sum() == 1:
        wanted = np.where(np.isnan(wanted), 1 - np.nansum(wanted), wanted)
    if not found.is_ordered or np.isnan(wanted).any():
        return even
    is_told = np.array([np.array_equal(option, wanted) for option in options])
    return np.where(is_told, 0.0, TABLE_WRONG_LOG)


def _room(seen: pd.DataFrame) -> float:
    """Area in which faces are seen, in squared sides."""
    side = float(seen["side"].median())
    wide, high = np.ptp(seen[["x", "y"]].to_numpy(float), axis=0) / side + 2
    return max(float(wide * high), 30.0)
