"""Worlds for `composed_tracks`: what two people and a stranger do before one camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from composed_tracks import AWAY, SIDE_PX, Actor, World

DURATION_S = 120.0
FIRST, SECOND = "P01", "Q01"

Place = tuple[float, float]


@dataclass(frozen=True)
class Room:
    """Where the seats are, when something happens, and how fast people walk."""

    left: Place
    right: Place
    at_s: float
    walk_s: float

    def between(self, share: float, lift_sides: float = 0.0) -> Place:
        """A place on the way from the left seat to the right one, or above it."""
        (x0, y0), (x1, y1) = self.left, self.right
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0) - lift_sides * SIDE_PX

    @property
    def door(self) -> Place:
        """Where people come in, beside and above the left seat."""
        return self.left[0] - 2.3 * SIDE_PX, self.left[1] - 1.8 * SIDE_PX


def make_room(rng: np.random.Generator) -> Room:
    """Draw a room: seats from 3.5 to 7 faces apart, and an event in the middle third."""
    left = (rng.uniform(350, 450), rng.uniform(280, 340))
    apart = rng.uniform(3.5, 7) * SIDE_PX
    right = (left[0] + apart, left[1] + rng.uniform(-60, 60))
    return Room(left, right, rng.uniform(40, 70), rng.uniform(1.5, 4))


def _stays(name: str, place: Place) -> Actor:
    return Actor(name, ((0.0, place), (DURATION_S, place)))


def _goes_out(room: Room, back_s: float | None) -> Actor:
    at, out = room.at_s, room.at_s + room.walk_s
    way = [(0.0, room.left), (at, room.left), (out, room.door), (out + 0.01, AWAY)]
    if back_s is not None:
        back = out + back_s
        way += [(back, AWAY), (back + 0.01, room.door), (back + room.walk_s, room.left)]
    return Actor(FIRST, (*way, (DURATION_S, way[-1][1])))


def _passes(room: Room, lift_sides: float, late_s: float = 0.0) -> Actor:
    begin, end = room.between(-0.6, lift_sides), room.between(1.6, lift_sides)
    at = room.at_s + late_s
    out = at + 2 * room.walk_s
    return Actor(
        "nobody",
        ((0.0, AWAY), (at, AWAY), (at + 0.01, begin), (out, end), (out + 0.01, AWAY),
         (DURATION_S, AWAY)),
    )  # fmt: skip


def both_sit(room: Room) -> World:
    return World((_stays(FIRST, room.left), _stays(SECOND, room.right)))


def one_leaves(room: Room) -> World:
    return World((_goes_out(room, None), _stays(SECOND, room.right)))


def one_leaves_and_comes_back(room: Room) -> World:
    return World((_goes_out(room, 20.0), _stays(SECOND, room.right)))


def stranger_behind(room: Room) -> World:
    return World((_stays(FIRST, room.left), _stays(SECOND, room.right), _passes(room, 0.2)))


def stranger_in_front(room: Room) -> World:
    return World((_passes(room, -0.2), _stays(FIRST, room.left), _stays(SECOND, room.right)))


def stranger_above(room: Room) -> World:
    return World((_stays(FIRST, room.left), _stays(SECOND, room.right), _passes(room, 1.9)))


def stranger_while_one_is_out(room: Room) -> World:
    return World((_goes_out(room, 25.0), _stays(SECOND, room.right), _passes(room, 1.9, 10.0)))


def one_crosses_over_and_returns(room: Room) -> World:
    at, there = room.at_s, room.between(0.9)
    way = ((at + room.walk_s, there), (at + room.walk_s + 3, there), (at + 3 + 2 * room.walk_s,
                                                                      room.left))  # fmt: skip
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), *way, (DURATION_S, room.left))),
         _stays(SECOND, room.right))
    )  # fmt: skip


def they_cross_and_change_seats(room: Room) -> World:
    at, then = room.at_s, room.at_s + room.walk_s
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (then, room.right),
                       (DURATION_S, room.right))),
         Actor(SECOND, ((0.0, room.right), (at, room.right), (then, room.left),
                        (DURATION_S, room.left))))
    )  # fmt: skip


def they_change_seats_one_after_the_other(room: Room) -> World:
    at, walk = room.at_s, room.walk_s
    beside = room.between(1 - 1.2 * SIDE_PX / (room.right[0] - room.left[0]))
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (at + walk, beside),
                       (at + walk + 2, beside), (at + walk + 3, room.right),
                       (DURATION_S, room.right))),
         Actor(SECOND, ((0.0, room.right), (at + walk + 0.5, room.right),
                        (at + 2 * walk + 1, room.left), (DURATION_S, room.left))))
    )  # fmt: skip


def they_change_seats_without_meeting(room: Room) -> World:
    at, walk = room.at_s, room.walk_s
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (at + walk, room.between(0.5, -1.8)),
                       (at + 2 * walk, room.right), (DURATION_S, room.right))),
         Actor(SECOND, ((0.0, room.right), (at, room.right), (at + walk, room.between(0.5, 1.8)),
                        (at + 2 * walk, room.left), (DURATION_S, room.left))))
    )  # fmt: skip


def they_change_seats_unseen(room: Room) -> World:
    at = room.at_s
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (at + 0.01, AWAY), (at + 8, AWAY),
                       (at + 8.01, room.right), (DURATION_S, room.right))),
         Actor(SECOND, ((0.0, room.right), (at - 1, room.right), (at - 0.99, AWAY), (at + 7, AWAY),
                        (at + 7.01, room.left), (DURATION_S, room.left))))
    )  # fmt: skip


def both_walk_in(room: Room) -> World:
    way = ((10.01, room.door), (14.0, room.left), (DURATION_S, room.left))
    return World(
        (Actor(FIRST, ((0.0, AWAY), (10.0, AWAY), *way)),
         Actor(SECOND, ((0.0, AWAY), (5.0, AWAY), (5.01, room.door), (9.0, room.right),
                        (DURATION_S, room.right))))
    )  # fmt: skip


def a_chair_is_moved(room: Room) -> World:
    away = room.left[0] - 1.9 * SIDE_PX, room.left[1]
    at = room.at_s
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (at + 2, away), (DURATION_S, away))),
         _stays(SECOND, room.right))
    )  # fmt: skip


def halves_are_exchanged(room: Room) -> World:
    """From a cut on, each person is exactly where the other one was."""
    at = room.at_s
    return World(
        (Actor(FIRST, ((0.0, room.left), (at, room.left), (at + 1e-4, room.right),
                       (DURATION_S, room.right))),
         Actor(SECOND, ((0.0, room.right), (at, room.right), (at + 1e-4, room.left),
                        (DURATION_S, room.left))))
    )  # fmt: skip


SCENARIOS: dict[str, Callable[[Room], World]] = {
    scenario.__name__: scenario
    for scenario in (
        both_sit, one_leaves, one_leaves_and_comes_back, stranger_behind, stranger_in_front,
        stranger_above, stranger_while_one_is_out, one_crosses_over_and_returns,
        they_cross_and_change_seats, they_change_seats_one_after_the_other,
        they_change_seats_without_meeting, they_change_seats_unseen, both_walk_in,
        a_chair_is_moved,
    )
}  # fmt: skip
"""What faces in place and time can tell apart, or know that they cannot."""
