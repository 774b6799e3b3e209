"""How an expression of a known mean level unfolds within a segment: rest, events, rest.

A course rises from a resting value to an apex in smooth ramps and comes back, once or a few
times. Its mean over the segment is the wanted level exactly: ramps are symmetric, so that each
counts half, and the resting value follows from the apex and the share of time at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RISE_S: Final = (0.25, 0.45)
FALL_S: Final = (0.30, 0.60)
EDGE_S: Final = 0.15
"""Time at either end of a segment without events."""

APART_S: Final = 0.35
"""Shortest rest between two events."""

SHORTEST_APEX_S: Final = 0.1
SHORTEST_EVENT_S: Final = 0.5
"""Shortest time of an event at half its height or above."""

ANSWER_APEX_MIN: Final = 0.7
ANSWER_REST_MAX: Final = 0.45
"""An answer must stand out from the resting value to be one."""

_PLACEMENTS_TRIED: Final = 12


@dataclass(frozen=True)
class Event:
    """A rise from rest to the apex, a stay there, and a fall back (s)."""

    onset_s: float
    rise_s: float
    stay_s: float
    fall_s: float

    @property
    def end_s(self) -> float:
        """When the face is at rest again."""
        return self.onset_s + self.rise_s + self.stay_s + self.fall_s


@dataclass(frozen=True)
class Course:
    """The level of one expression in one segment."""

    start_s: float
    end_s: float
    rest: float
    apex: float
    events: tuple[Event, ...]

    def shape(self, time_s: FloatArray) -> FloatArray:
        """How far the course is from rest (0) to the apex (1) at each time."""
        return sum(
            (
                _ramp((time_s - event.onset_s) / event.rise_s)
                - _ramp((time_s - event.end_s + event.fall_s) / event.fall_s)
                for event in self.events
            ),
            start=np.zeros_like(time_s),
        )

    def mean(self) -> float:
        """Mean over the segment."""
        active_s = sum(e.stay_s + (e.rise_s + e.fall_s) / 2 for e in self.events)
        share = active_s / (self.end_s - self.start_s)
        return self.rest + (self.apex - self.rest) * share


def plan_course(
    level: float,
    segment_s: tuple[float, float],
    rng: np.random.Generator,
    *,
    apex_min: float = 0.0,
    beside: tuple[Course, ...] = (),
) -> Course:
    """Draw a course with a known mean.

    Parameters
    ----------
    level
        Mean over the segment, in (0, 1).
    segment_s
        Start and end of the segment.
    rng
        Source of what is drawn.
    apex_min
        Height that the apex reaches at least, unless the event would be a mere flash.
    beside
        Other courses of the same face; of several drawings the one whose events meet theirs
        least is taken, so that a face rarely shows two things at once.
    """
    start, end = segment_s
    fullness = rng.uniform(0.75, 0.9)
    # little is shown gently rather than in a flash
    gentlest = fullness * level * (end - start) / SHORTEST_EVENT_S
    apex = min(max(_usual_apex(level), apex_min), gentlest)
    share = fullness * level / apex
    active_s = share * (end - start)
    most = min(int(active_s / SHORTEST_EVENT_S), 3 if share < 0.4 else 2)
    n_events = 1 if most < 2 or share > 0.6 else int(rng.integers(2, most + 1))
    rises, falls = rng.uniform(*RISE_S, n_events), rng.uniform(*FALL_S, n_events)
    free_s = end - start - 2 * EDGE_S - (n_events - 1) * APART_S - active_s
    longest_ramps = 2 * min(active_s / n_events - SHORTEST_APEX_S, free_s / n_events)
    quicker = np.minimum(longest_ramps / (rises + falls), 1.0)
    rises, falls = rises * quicker, falls * quicker
    stays = active_s / n_events - (rises + falls) / 2
    durations = rises + stays + falls
    room_s = max(free_s + active_s - durations.sum(), 0.0)
    drawn = []
    for _ in range(_PLACEMENTS_TRIED):
        gaps = rng.dirichlet(np.ones(n_events + 1))[:-1] * room_s
        before = np.concatenate([[0.0], np.cumsum(durations + APART_S)[:-1]])
        onsets = start + EDGE_S + np.cumsum(gaps) + before
        events = tuple(
            Event(*map(float, event)) for event in zip(onsets, rises, stays, falls, strict=True)
        )
        drawn.append(_course(level, segment_s, apex, events))
    clashes = [sum(_shared_s(course, other) for other in beside) for course in drawn]
    return drawn[int(np.argmin(clashes))]


def plan_answers(
    level: float,
    segment_s: tuple[float, float],
    onsets_s: tuple[float, ...],
    rng: np.random.Generator,
) -> Course | None:
    """Draw a course with a known mean whose events begin at given times.

    Parameters
    ----------
    level
        Mean over the segment, in (0, 1).
    segment_s
        Start and end of the segment.
    onsets_s
        When an event should begin, in order; those that find no room are left out.
    rng
        Source of what is drawn.

    Returns
    -------
    Course or None
        None where the segment leaves no room for an event that could be seen.
    """
    start, end = segment_s
    apex = max(_usual_apex(level) + 0.1, ANSWER_APEX_MIN)
    ramps = [(float(rng.uniform(*RISE_S)), float(rng.uniform(*FALL_S))) for _ in onsets_s]
    wanted = [(onset, *ramp) for onset, ramp in zip(onsets_s, ramps, strict=True)]
    while wanted:
        limits = [onset - APART_S for onset, _, _ in wanted[1:]] + [end - EDGE_S]
        most_s = 0.8 * level / apex * (end - start) / len(wanted)
        events = tuple(
            Event(onset, rise, min(most_s - (rise + fall) / 2, limit - onset - rise - fall), fall)
            for (onset, rise, fall), limit in zip(wanted, limits, strict=True)
        )
        cramped = [place for place, e in enumerate(events) if e.stay_s < SHORTEST_APEX_S]
        if not cramped:
            course = _course(level, segment_s, apex, events)
            return course if course.rest < ANSWER_REST_MAX else None
        wanted.pop(cramped[-1])
    return None


def _usual_apex(level: float) -> float:
    return min(0.30 + 0.75 * level, 0.97)


def _course(
    level: float, segment_s: tuple[float, float], apex: float, events: tuple[Event, ...]
) -> Course:
    start, end = segment_s
    active_s = sum(event.stay_s + (event.rise_s + event.fall_s) / 2 for event in events)
    share = active_s / (end - start)
    return Course(start, end, (level - apex * share) / (1 - share), apex, events)


def _shared_s(one: Course, other: Course) -> float:
    return sum(
        max(0.0, min(a.end_s, b.end_s) - max(a.onset_s, b.onset_s))
        for a in one.events
        for b in other.events
    )


def _ramp(progress: FloatArray) -> FloatArray:
    """Smooth step from 0 to 1 whose mean over its course is one half."""
    inside = np.clip(progress, 0.0, 1.0)
    return inside**2 * (3 - 2 * inside)
