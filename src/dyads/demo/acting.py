"""What the face of each simulated person does at every moment of a session.

The mean of an emotion's action units over a segment is the level that the known truth says;
speech, blinks, gaze and the movement of the head come on top and touch none of these units.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from dyads.channels import ACTION_UNITS
from dyads.demo.timecourse import Course, FloatArray, plan_answers, plan_course
from dyads.demo.truth import EMOTION_UNITS, FILM_END_S, SEGMENTS, Truth, generator

RESPONSE_S: Final = (0.6, 2.0)
"""How long after a participant's smile begins the partner's answer to it does."""

VISIBLE_APEX: Final = 0.5
"""An apex at or above this value is a smile that the other one can answer."""

_LAG_S: Final = {"AU06": 0.05, "AU15": 0.05, "AU17": 0.1}
"""How much later than the first unit of the emotion these units move; less than the edge."""

_SLIDE_S: Final = 0.3
"""How long it takes to move out of the picture or back."""


class Pose(NamedTuple):
    """What a face does at n times.

    Attributes
    ----------
    action_units : ndarray (n, 20)
        Intensities in [0, 1], in the order of `channels.ACTION_UNITS`.
    pose_deg : ndarray (n, 3)
        Pitch, yaw and roll.
    gaze_deg : ndarray (n, 2)
        Up and to the person's right, relative to the head.
    shift : ndarray (n, 2)
        How far the head is from its place, right and down, in face widths.
    away : ndarray (n,)
        How far the person has left the picture: 0 in place, 1 out of view.
    """

    action_units: FloatArray
    pose_deg: FloatArray
    gaze_deg: FloatArray
    shift: FloatArray
    away: FloatArray


@dataclass(frozen=True)
class Wave:
    """A slow movement: a sum of sines around a mean."""

    mean: float
    amplitudes: tuple[float, ...]
    periods_s: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, time_s: FloatArray) -> FloatArray:
        """Value at each time."""
        waves = zip(self.amplitudes, self.periods_s, self.phases, strict=True)
        moved = [a * np.sin(2 * np.pi * time_s / period + p) for a, period, p in waves]
        return np.asarray(self.mean + np.sum(moved, axis=0))


@dataclass(frozen=True)
class Performance:
    """All that one person does in a session; `at` gives it at any time.

    Parameters
    ----------
    courses
        Course of each emotion in each segment, in order of time.
    turns
        Start and end of each stretch of speech (s).
    syllables
        Movement of the mouth in speech.
    blinks_s
        Middle of each blink.
    head
        Pitch, yaw, roll (degrees), shift right and down (face widths).
    fixations
        Time of each jump of the eyes, and where to (degrees up, right).
    absence_s
        When the person is out of view, if ever.
    """

    courses: dict[str, tuple[Course, ...]]
    turns: tuple[tuple[float, float], ...]
    syllables: Wave
    blinks_s: tuple[float, ...]
    head: tuple[Wave, ...]
    fixations: tuple[tuple[float, float, float], ...]
    absence_s: tuple[float, float] | None = None

    def at(self, time_s: FloatArray) -> Pose:
        """Pose at each time of the session clock."""
        shown = {
            unit: self.level(emotion, time_s, _LAG_S.get(unit, 0.0))
            for emotion, units in EMOTION_UNITS.items()
            for unit in units
        }
        shown |= self._mouth(time_s, smile=shown["AU12"], chin=shown["AU17"])
        shown["AU43"] = self._lids(time_s)
        still = np.zeros_like(time_s)
        moved = [wave.at(time_s) for wave in self.head]
        jumps = np.array(self.fixations)
        gaze = jumps[np.searchsorted(jumps[:, 0], time_s, side="right") - 1, 1:]
        return Pose(
            action_units=np.stack([shown.get(unit, still) for unit in ACTION_UNITS], axis=1),
            pose_deg=np.stack(moved[:3], axis=1),
            gaze_deg=gaze,
            shift=np.stack(moved[3:], axis=1),
            away=self._away(time_s),
        )

    def level(self, emotion: str, time_s: FloatArray, lag_s: float = 0.0) -> FloatArray:
        """Level of an emotion at each time, its events later by a lag.

        Between segments it glides from rest to rest.
        """
        courses = self.courses[emotion]
        knots = [edge for course in courses for edge in (course.start_s, course.end_s)]
        rests = [course.rest for course in courses for _ in range(2)]
        level = np.interp(time_s, knots, rests)
        for course in courses:
            level = level + (course.apex - course.rest) * course.shape(time_s - lag_s)
        return np.asarray(level)

    def _mouth(
        self, time_s: FloatArray, *, smile: FloatArray, chin: FloatArray
    ) -> dict[str, FloatArray]:
        speaking = np.zeros_like(time_s)
        for start, end in self.turns:
            speaking += np.clip(np.minimum(time_s - start, end - time_s) / 0.15, 0, 1)
        # a raised chin presses the lips together
        speaking *= np.clip(1.2 - 1.6 * chin, 0.0, 1.0)
        syllables = np.clip(self.syllables.at(time_s), 0, 1)
        parted = np.maximum(speaking * (0.2 + 0.45 * syllables), 0.9 * np.clip(smile - 0.5, 0, 1))
        return {"AU25": parted, "AU26": speaking * (0.08 + 0.4 * syllables)}

    def _lids(self, time_s: FloatArray) -> FloatArray:
        distance = np.abs(time_s[:, None] - np.array(self.blinks_s)[None, :])
        return np.asarray(np.clip(1.4 - distance / 0.12, 0, 1).max(axis=1, initial=0.0))

    def _away(self, time_s: FloatArray) -> FloatArray:
        if self.absence_s is None:
            return np.zeros_like(time_s)
        left, back = self.absence_s
        return np.clip(1 - np.maximum(left - time_s, time_s - back) / _SLIDE_S, 0, 1)


def perform(
    shown: pd.DataFrame,
    dyad_id: str,
    session_id: str,
    truth: Truth,
    absence: tuple[str, str, str] | None = None,
) -> dict[str, Performance]:
    """Let the two people of a session show what the truth says they show.

    Parameters
    ----------
    shown
        Levels as given by `behaviour.felt_and_shown`.
    dyad_id, session_id
        Which session.
    truth
        Seed, mimicry and smiles of the groups.
    absence
        Person, session and segment of somebody who leaves the picture for half of a segment.

    Returns
    -------
    dict
        `Performance` by person. It depends on the truth, the dyad and the session alone.
    """
    rows = shown[shown["dyad_id"].eq(dyad_id) & shown["session_id"].eq(session_id)]
    group = str(rows.loc[rows["role"].eq("participant"), "group"].iloc[0])
    smiles: tuple[Course, ...] = ()
    talk = generator(truth.seed, "talk", dyad_id, session_id)
    turns = _turns(talk)
    played = {}
    for speaker, role in enumerate(("participant", "partner")):
        own = rows[rows["role"].eq(role)]
        person_id = str(own["person_id"].iloc[0])
        rng = generator(truth.seed, "acting", dyad_id, session_id, person_id)
        levels = own.set_index(["emotion", "segment_id"])["level"]
        apex_min = truth.groups[str(own["group"].iloc[0])].smile_apex_min
        mimicry = truth.groups[group].mimicry if role == "partner" else 0.0
        courses = _courses(levels, rng, apex_min, smiles, mimicry)
        smiles = courses["joy"]
        left = None
        if absence is not None and absence[:2] == (person_id, session_id):
            middle = sum(SEGMENTS[absence[2]]) / 2
            left = (middle - 1.25, middle + 1.25)
        played[person_id] = _performance(courses, turns[speaker::2], rng, left)
    return played


def _courses(
    levels: pd.Series[float],
    rng: np.random.Generator,
    apex_min: float,
    others_smiles: tuple[Course, ...],
    mimicry: float,
) -> dict[str, tuple[Course, ...]]:
    """Plan all emotions of one person, smiles first, in answer to the other one's smiles."""
    planned: dict[str, list[Course]] = {emotion: [] for emotion in EMOTION_UNITS}
    for number, (segment, stretch) in enumerate(SEGMENTS.items()):
        smile = None
        if others_smiles:
            smile = _answer(float(levels["joy", segment]), others_smiles[number], mimicry, rng)
        beside: tuple[Course, ...] = ()
        for emotion, courses in planned.items():
            course = smile if emotion == "joy" else None
            if course is None:
                lowest = apex_min if emotion == "joy" else 0.0
                level = float(levels[emotion, segment])
                course = plan_course(level, stretch, rng, apex_min=lowest, beside=beside)
            courses.append(course)
            beside = (*beside, course)
    return {emotion: tuple(courses) for emotion, courses in planned.items()}


def _answer(level: float, smile: Course, mimicry: float, rng: np.random.Generator) -> Course | None:
    """Plan a smile that answers each visible event of the other one's with a probability."""
    lags_s = rng.uniform(*RESPONSE_S, len(smile.events))
    is_answered = (rng.random(len(smile.events)) < mimicry) & (smile.apex >= VISIBLE_APEX)
    onsets_s = tuple(
        event.onset_s + float(lag_s)
        for event, lag_s, answered in zip(smile.events, lags_s, is_answered, strict=True)
        if answered
    )
    return plan_answers(level, (smile.start_s, smile.end_s), onsets_s, rng)


def _performance(
    courses: dict[str, tuple[Course, ...]],
    turns: tuple[tuple[float, float], ...],
    rng: np.random.Generator,
    absence_s: tuple[float, float] | None,
) -> Performance:
    return Performance(
        courses=courses,
        turns=turns,
        syllables=_wave(rng, 0.5, (0.4, 0.25), (0.25, 0.45)),
        blinks_s=tuple(_times(rng, 2.0, 5.0)),
        head=(
            _wave(rng, float(rng.normal(0, 1.5)), (2.0, 1.2), (1.5, 6)),
            _wave(rng, float(rng.normal(0, 3.0)), (3.5, 1.5), (2, 8)),
            _wave(rng, float(rng.normal(0, 1.5)), (1.5, 1.0), (2, 8)),
            _wave(rng, 0.0, (0.04, 0.02), (2, 8)),
            _wave(rng, 0.0, (0.02, 0.01), (1.5, 6)),
        ),
        fixations=tuple(
            (time_s, float(rng.normal(0, 3)), float(rng.normal(0, 6)))
            for time_s in (-FILM_END_S, *_times(rng, 0.8, 2.6))
        ),
        absence_s=absence_s,
    )


def _turns(rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Stretches of speech of the two people in turn."""
    starts = [float(rng.uniform(-1.5, 0.5)), *_times(rng, 1.2, 2.8)]
    pairs = pairwise(starts)
    return tuple((start, end - 0.2) for start, end in pairs)


def _times(rng: np.random.Generator, shortest_s: float, longest_s: float) -> list[float]:
    """Times that are a random while apart, from the start of the films to their end."""
    whiles = rng.uniform(shortest_s, longest_s, int(FILM_END_S / shortest_s) + 2)
    times = np.cumsum(whiles)
    return [float(time) for time in times[times < FILM_END_S + longest_s]]


def _wave(
    rng: np.random.Generator,
    mean: float,
    amplitudes: tuple[float, ...],
    periods_s: tuple[float, float],
) -> Wave:
    return Wave(
        mean=mean,
        amplitudes=amplitudes,
        periods_s=tuple(float(p) for p in rng.uniform(*periods_s, len(amplitudes))),
        phases=tuple(float(p) for p in rng.uniform(0, 2 * np.pi, len(amplitudes))),
    )
