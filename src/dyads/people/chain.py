"""The probability that each part of a film's tracks shows each person.

A hidden Markov model over the parts in order of their beginning. Its state says which part each
person was seen in last and who has which seat. A part shows one of the people or somebody else; a
person has one face at a time. All ways to give the parts to people are summed over (forwards and
backwards), so that what is seen later speaks of what was before.

References
----------
Rabiner (1989). A tutorial on hidden Markov models. Proceedings of the IEEE 77, 257-286.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

OVERLAP_S: Final = 0.1
"""Two parts of one person may overlap by this much (s) where a tracker hands over."""
NOBODY_PRIOR: Final = 0.05
"""Probability that a new face belongs to none of the people, before anything is known of it."""
SWITCH_LOG: Final = -12.0
"""Log probability that an unbroken stretch goes on with another face."""
STRAY_SHARE: Final = 0.1
"""Share of reappearances that have nothing to do with where somebody was last."""
START_SIDES: Final = 0.1
SPREAD_SIDES: Final = 0.7
SPEED_SIDES: Final = 1.5
"""Standard deviation of a person's movement while unseen: at once, per square root of a second,
and per second, since somebody may be on the way (sides)."""
KEPT_LOG: Final = 30.0
KEPT_STATES: Final = 200
"""States that are less probable than the best by this log factor are dropped, and beyond so
many."""

State = tuple[int, ...]


@dataclass(frozen=True)
class Parts:
    """Parts of tracks in order of their beginning; arrays of shape (parts, ...).

    Parameters
    ----------
    first_s, last_s
        Bounds (s).
    epoch
        Number of the time between two opportunities to change seats.
    shot
        Number of the time between two cuts of the film: across a cut nobody stays where they were.
    before
        Row of the part that this one continues without a break, or -1.
    begin, end
        Middle of the face at both ends (px), shape (parts, 2).
    side
        Side of the face (px).
    room
        Area in which faces are seen (squared sides).
    """

    first_s: FloatArray
    last_s: FloatArray
    epoch: IntArray
    shot: IntArray
    before: IntArray
    begin: FloatArray
    end: FloatArray
    side: FloatArray
    room: float


def log_posteriors(
    parts: Parts, evidence: FloatArray, seating: FloatArray, anchor_epoch: int
) -> FloatArray:
    """Give the log probability of each label of each part.

    Parameters
    ----------
    parts
        What is known of place and time.
    evidence
        Log likelihood of each part under each seating and label, shape (parts, seatings,
        people + 1); the last label is nobody.
    seating
        Log prior of each seating, shape (seatings,), which holds in `anchor_epoch`.
    anchor_epoch
        The epoch of which the study knows who sits where.

    Returns
    -------
    ndarray
        Shape (parts, people + 1); each row sums to one as probabilities.
    """
    count, seatings, labels = evidence.shape
    people = labels - 1
    uniform = -math.log(seatings)
    states: list[State] = [(*[-1] * people, number) for number in range(seatings)]
    alpha = np.full(seatings, uniform)
    epoch = -1
    steps: list[_Step] = []
    for part in range(count):
        if parts.epoch[part] != epoch:
            epoch = int(parts.epoch[part])
            states, alpha, mixing = _mixed(states, alpha, seatings)
            if epoch == anchor_epoch:
                told = np.array([seating[state[-1]] for state in states])
                alpha = alpha + told
                mixing = replace(mixing, weight=mixing.weight + told[mixing.target])
            steps.append(mixing)
        states, alpha, step = _taken(states, alpha, parts, part, evidence[part])
        steps.append(step)
    return _backwards(steps, count, labels)


@dataclass(frozen=True)
class _Step:
    """Arcs from the states before to the states after; label -1 where no part is given."""

    source: IntArray
    target: IntArray
    label: IntArray
    weight: FloatArray
    size: int
    alpha: FloatArray | None = None


def _mixed(
    states: list[State], alpha: FloatArray, seatings: int
) -> tuple[list[State], FloatArray, _Step]:
    """Let people sit anywhere anew."""
    index: dict[State, int] = {}
    source, target = [], []
    for place, state in enumerate(states):
        for number in range(seatings):
            new = (*state[:-1], number)
            source.append(place)
            target.append(index.setdefault(new, len(index)))
    arcs = np.array(source), np.array(target)
    weight = np.full(len(source), -math.log(seatings))
    step = _Step(*arcs, np.full(len(source), -1), weight, len(index), alpha)
    return list(index), _forwards(step, alpha), step


def _taken(
    states: list[State], alpha: FloatArray, parts: Parts, part: int, evidence: FloatArray
) -> tuple[list[State], FloatArray, _Step]:
    """Give a part to each of the people who can have it, or to nobody."""
    people = evidence.shape[1] - 1
    index: dict[State, int] = {}
    source, target, label, weight = [], [], [], []
    for place, state in enumerate(states):
        for number in range(people + 1):
            last = state[number] if number < people else -1
            if last >= 0 and parts.last_s[last] > parts.first_s[part] + OVERLAP_S:
                continue
            new = state
            if number < people:
                new = (*state[:number], part, *state[number + 1 :])
            source.append(place)
            target.append(index.setdefault(new, len(index)))
            label.append(number)
            weight.append(
                float(evidence[state[-1], number]) + _link(parts, part, number, last, state[:-1])
            )
    step = _Step(np.array(source), np.array(target), np.array(label), np.array(weight),
                 len(index), alpha)  # fmt: skip
    reached = _forwards(step, alpha)
    kept = np.flatnonzero(reached >= reached.max() - KEPT_LOG)
    kept = kept[np.argsort(-reached[kept], kind="stable")][:KEPT_STATES]
    place_of = np.full(len(index), -1)
    place_of[kept] = np.arange(len(kept))
    stays = place_of[step.target] >= 0
    names = list(index)
    step = _Step(step.source[stays], place_of[step.target[stays]], step.label[stays],
                 step.weight[stays], len(kept), alpha)  # fmt: skip
    return [names[place] for place in kept], reached[kept], step


def _link(parts: Parts, part: int, label: int, last: int, lasts: Sequence[int]) -> float:
    """Log probability of a label, given who was where before."""
    before = int(parts.before[part])
    if before < 0:
        return _appears(parts, part, label == len(lasts), last)
    owner = lasts.index(before) if before in lasts else len(lasts)
    if owner == label:
        return 0.0
    return SWITCH_LOG + _appears(parts, part, label == len(lasts), last)


def _appears(parts: Parts, part: int, is_nobody: bool, last: int) -> float:
    """Log density (per squared side) of a face that appears where this part begins."""
    anywhere = 1 / parts.room
    if is_nobody:
        return math.log(NOBODY_PRIOR * anywhere)
    density = anywhere
    if last >= 0 and parts.shot[last] == parts.shot[part]:
        away_s = max(float(parts.first_s[part] - parts.last_s[last]), 0.0)
        dx, dy = (parts.begin[part] - parts.end[last]) / parts.side[part]
        variance = _spread_sides(away_s) ** 2
        near = math.exp(-(dx * dx + dy * dy) / (2 * variance)) / (2 * math.pi * variance)
        density = (1 - STRAY_SHARE) * near + STRAY_SHARE * anywhere
    return math.log((1 - NOBODY_PRIOR) * density)


def _spread_sides(away_s: float) -> float:
    return START_SIDES + SPREAD_SIDES * math.sqrt(away_s) + SPEED_SIDES * away_s


def _forwards(step: _Step, alpha: FloatArray) -> FloatArray:
    return _summed(alpha[step.source] + step.weight, step.target, step.size)


def _backwards(steps: list[_Step], count: int, labels: int) -> FloatArray:
    beta = np.zeros(steps[-1].size if steps else 0)
    result = np.full((count, labels), -np.inf)
    part = count
    for step in reversed(steps):
        arriving = step.weight + beta[step.target]
        assert step.alpha is not None
        if step.label[0] >= 0:
            part -= 1
            result[part] = _summed(step.alpha[step.source] + arriving, step.label, labels)
        beta = _summed(arriving, step.source, len(step.alpha))
    normal = logsumexp(result, axis=1, keepdims=True)
    return np.asarray(result - normal, dtype=np.float64)


def _summed(weight: FloatArray, group: IntArray, size: int) -> FloatArray:
    """Sum probabilities, given as logarithms, by group."""
    top = np.full(size, -np.inf)
    np.maximum.at(top, group, weight)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        sums = np.bincount(group, np.exp(weight - safe[group]), minlength=size)
        return np.asarray(np.log(sums) + safe, dtype=np.float64)
