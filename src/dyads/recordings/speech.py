"""Who speaks when: each person of a session speaks, listens, is silent with the other, or unknown.

Only whether somebody speaks is kept, never what is said.

- **A microphone each.** Speech is what lies `over_noise_db` above a recording's own noise. Each
  microphone also hears the other person, so that the difference of the two levels decides: over a
  session it has two heaps, one for each person's voice, wherever the gains of the cameras stand.
  Towards a person's own heap it is that person, and in the middle third between the heaps both
  speak. Where there are no two heaps (one person alone speaks, or both cameras hear the same)
  the microphones do not tell the people apart.
- **One sound for both.** It tells that somebody speaks, and the mouths tell who
  (`dyads.recordings.mouths`).
- **Neither**: unknown. Nothing is guessed, and the source of every stretch is written down.

Pauses up to `pause_s` belong to the speech around them; what is then shorter than `speech_min_s`
is none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from scipy import ndimage

from dyads.config import SpeechSettings
from dyads.recordings.clock import SessionClock
from dyads.recordings.findings import RecordingError
from dyads.recordings.heaps import two_heaps
from dyads.recordings.loudness import STEP_S, FloatArray, Loudness, loudness
from dyads.recordings.mouths import HEAP_S, MOUTH, movement, who_moves
from dyads.recordings.probing import ProbedSession, recording_names
from dyads.recordings.sound import read_sound
from dyads.traces.arrays import BoolArray, IntArray, PersonTrace, channel_columns, person_traces

_log = logging.getLogger(__name__)
_STATES: Final = np.array(["unknown", "silence", "listening", "speaking"])
_UNKNOWN, _SILENCE, _LISTENING, _SPEAKING = range(len(_STATES))
_COLUMNS: Final = ["dyad_id", "session_id", "person_id", "onset_s", "offset_s", "state", "source"]
_APART_DB: Final = 3.0
"""Two voices are told apart by microphones if their levels differ by this much in all."""
_SMOOTH_STEPS: Final = 11
"""A syllable: echoes of a room blur the difference of two microphones over less."""


def find_speech(
    recordings: pd.DataFrame,
    probed: ProbedSession,
    folder: Path,
    clock: SessionClock,
    trace: pd.DataFrame,
    settings: SpeechSettings,
    *,
    is_heard: bool = True,
) -> pd.DataFrame:
    """Find who speaks when in a session.

    Parameters
    ----------
    recordings
        Rows of one session with `person_id`, `path` and `frames_path`.
    probed
        What was found in the recordings.
    folder
        What paths start from.
    clock
        Clock of the session; whoever has no place on it has no rows.
    trace
        Traces of the session (contract `Trace`), for the movement of mouths.
    settings
        What counts as speech.
    is_heard
        Whether the sound may be used: it holds the voices of both people, whoever is filmed.
        Otherwise everything is unknown.

    Returns
    -------
    DataFrame
        Contract `Speech`: for each person stretches without gap or overlap, by time.
    """
    names = zip(recordings["person_id"].astype(str), recording_names(recordings), strict=True)
    files = {person: str(name) for person, name in names if person in clock.people}
    owners = {name: person for person, name in files.items() if name in probed.recordings}
    heard = {
        name: found
        for name, person in owners.items()
        if is_heard and (found := _loudness(folder / name, clock, person)) is not None
    }
    own = {person: heard[name] for person, name in files.items() if name in heard}
    stretches = speech_of(list(files), own, trace, settings)
    return stretches.assign(dyad_id=clock.dyad_id, session_id=clock.session_id)[_COLUMNS]


def speech_of(
    people: Sequence[str],
    heard: Mapping[str, Loudness],
    trace: pd.DataFrame,
    settings: SpeechSettings,
) -> pd.DataFrame:
    """Tell from sound and mouths who speaks when.

    Parameters
    ----------
    people
        One or two people.
    heard
        Sound of each person's recording; the same object where two share a recording.
    trace
        Their traces (contract `Trace`).
    settings
        What counts as speech.

    Returns
    -------
    DataFrame
        `person_id`, `onset_s`, `offset_s` (session clock), `state`, `source`.
    """
    sounds = list({id(sound): sound for sound in heard.values()}.values())
    seen = person_traces(trace, tuple(n for n in MOUTH if n in channel_columns(trace)))
    first, stop = _span(sounds, seen)
    states = np.full((len(people), stop - first), _UNKNOWN)
    source = "none"
    if len(sounds) == len(people) == 2:
        inner = max(one.first for one in sounds), min(one.stop for one in sounds)
        one, other = (_part(heard[person], *inner) for person in people)
        voices = _by_microphones(one, other, settings)
        if voices is not None:
            states[:, inner[0] - first : inner[1] - first] = _states_of(voices)
            source = "own_sound"
    if sounds and source == "none":
        is_loud = np.zeros(stop - first, dtype=bool)
        is_heard = np.zeros(stop - first, dtype=bool)
        for sound in sounds:
            place = slice(sound.first - first, sound.stop - first)
            is_loud[place] |= sound.over_noise_db >= settings.over_noise_db
            is_heard[place] = True
        is_loud = _joined(is_loud, settings)
        moved = [
            movement(seen.get(person), first, stop, settings.mouth_window_s) for person in people
        ]
        mouths = who_moves(moved, is_loud, is_heard, settings.mouth_window_s)
        told = np.where(mouths.is_speaking, _SPEAKING, _LISTENING)
        states[mouths.is_told] = told[mouths.is_told]
        states[:, is_heard & ~is_loud] = _SILENCE
        source = "mouth"
    _log.info("who speaks is told by: %s", source)
    tables = [
        _stretches(row, first, source).assign(person_id=person)
        for person, row in zip(people, states, strict=True)
    ]
    columns = ["person_id", *_COLUMNS[3:]]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )


def _loudness(path: Path, clock: SessionClock, person_id: str) -> Loudness | None:
    try:
        sound = read_sound(path)
    except RecordingError as fault:
        _log.warning("%s", fault)
        return None
    if sound is None or not sound.samples.any():
        return None
    return loudness(sound, partial(clock.to_session, person_id))


def _span(sounds: Sequence[Loudness], seen: Mapping[str, PersonTrace]) -> tuple[int, int]:
    """Give the steps from the first to after the last of anything that is known."""
    ends = [(sound.first, sound.stop) for sound in sounds]
    ends += [
        (int(one.first_step * one.step_s / STEP_S),
         int(np.ceil((one.first_step + len(one.readings)) * one.step_s / STEP_S)))
        for one in seen.values()
    ]  # fmt: skip
    return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (0, 0)


def _part(sound: Loudness, first: int, stop: int) -> Loudness:
    place = slice(first - sound.first, max(stop, first) - sound.first)
    return Loudness(first, sound.level_db[place], sound.noise_db[place])


def _by_microphones(one: Loudness, other: Loudness, settings: SpeechSettings) -> BoolArray | None:
    """Say who speaks in each step, shape (2, steps); None if the levels do not tell."""
    is_loud = np.stack([part.over_noise_db >= settings.over_noise_db for part in (one, other)])
    difference = _smoothed(one.level_db - other.level_db)
    if not any(_joined(row, settings).any() for row in is_loud):
        return np.zeros_like(is_loud)
    heaps = two_heaps(difference[is_loud.any(axis=0)], _APART_DB, HEAP_S / STEP_S)
    if heaps is None:
        return None
    towards = np.stack([difference > heaps.lower_third, difference < heaps.upper_third])
    return np.stack([_joined(row, settings) for row in is_loud & towards])


def _states_of(voices: BoolArray) -> IntArray:
    return np.where(voices, _SPEAKING, np.where(voices[::-1], _LISTENING, _SILENCE))


def _smoothed(values: FloatArray) -> FloatArray:
    return np.asarray(ndimage.uniform_filter1d(values, _SMOOTH_STEPS, mode="nearest"))


def _joined(is_on: BoolArray, settings: SpeechSettings) -> BoolArray:
    """Fill short pauses, then drop what is too short to be speech."""
    joined = is_on | _short(~is_on, settings.pause_s, keep_ends=True)
    return joined & ~_short(joined, settings.speech_min_s, keep_ends=False)


def _short(is_on: BoolArray, limit_s: float, *, keep_ends: bool) -> BoolArray:
    """Mark the runs that are shorter than a limit; at the ends a run may go on unseen."""
    turns = np.diff(is_on.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    is_short = (stops - starts) * STEP_S < limit_s - 1e-9
    if keep_ends:
        is_short &= (starts > 0) & (stops < len(is_on))
    marks = np.zeros(len(is_on) + 1, dtype=np.int8)
    marks[starts[is_short]] += 1
    marks[stops[is_short]] -= 1
    return np.asarray(np.cumsum(marks[:-1]) > 0)


def _stretches(states: IntArray, first: int, source: str) -> pd.DataFrame:
    starts = np.flatnonzero(np.diff(states, prepend=-1))
    stops = np.append(starts[1:], len(states))[: len(starts)]
    state = _STATES[states[starts]]
    return pd.DataFrame(
        {
            "onset_s": (starts + first) * STEP_S,
            "offset_s": (stops + first) * STEP_S,
            "state": state,
            "source": np.where(state == "unknown", "none", source),
        }
    )
