"""Conversations of which it is known who speaks when, as microphones and mouths tell of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from cameras import voices
from scipy import ndimage
from trace_tables import make_trace

from dyads.config import SpeechSettings
from dyads.recordings.loudness import STEP_S, loudness
from dyads.recordings.sound import RATE_HZ, Sound
from dyads.recordings.speech import speech_of

PAUSE_S = 0.3
NO_TRACE = pd.DataFrame({"person_id": [], "step": [], "time_s": [], "state": [], "reason": []})


def talk(duration_s: float, rng: np.random.Generator, interjections: int = 0) -> np.ndarray:
    """Two people in turns who sometimes break in on each other; shape (2, samples)."""
    sound = _even(voices(duration_s, rng))
    for _ in range(interjections):
        broken_in = _even(voices(2.0, rng))
        begin = int(rng.integers(0, sound.shape[1] - broken_in.shape[1]))
        sound[:, begin : begin + broken_in.shape[1]] += broken_in[::-1]
    return sound


def _even(sound: np.ndarray) -> np.ndarray:
    """Hold back what is far louder than a voice."""
    return np.clip(sound, -3, 3)


def speaks(sound: np.ndarray) -> np.ndarray:
    """Who speaks in each step, pauses up to `PAUSE_S` filled; shape (2, steps)."""
    hop = round(STEP_S * RATE_HZ)
    steps = sound.shape[1] // hop
    is_on = (np.abs(sound[:, : steps * hop]).reshape(2, steps, hop) > 1e-3).any(axis=2)
    size = round(PAUSE_S / STEP_S)
    padded = np.pad(is_on, ((0, 0), (size, size)))
    return ndimage.binary_closing(padded, np.ones((1, size)))[:, size:-size]


def is_clear(truth: np.ndarray, within_s: float = 0.1) -> np.ndarray:
    """Steps farther than this from where anybody begins or ends."""
    edges = (np.diff(truth.astype(int), axis=1, prepend=truth[:, :1]) != 0).any(axis=0)
    return ~ndimage.binary_dilation(edges, np.ones(2 * round(within_s / STEP_S) + 1))


def own_microphones(
    sound: np.ndarray,
    rng: np.random.Generator,
    bleed_db: float = -12.0,
    snr_db: float = 20.0,
    gains: tuple[float, float] = (0.3, 0.03),
) -> np.ndarray:
    """What a microphone at each person hears: the other one fainter, and noise of its own."""
    heard = sound + 10 ** (bleed_db / 20) * np.roll(sound[::-1], 40, axis=1)
    noise = rng.normal(size=sound.shape) * sound.std() * 10 ** (-snr_db / 20)
    return ((heard + noise) * np.array(gains)[:, None]).astype(np.float32)


def mouths(truth: np.ndarray, rng: np.random.Generator, rate_hz: float = 10.0) -> np.ndarray:
    """AU25 of two people at the steps of a trace: in motion while they speak; shape (2, steps)."""
    time_s = np.arange(int(truth.shape[1] * STEP_S * rate_hz)) / rate_hz
    is_on = truth[:, np.minimum((time_s / STEP_S).astype(int), truth.shape[1] - 1)]
    opened = np.abs(rng.normal(0, 0.3, is_on.shape))
    smile = 0.1 * np.sin(2 * np.pi * time_s / 20 + rng.uniform(0, 6, (2, 1)))
    return np.clip(0.2 + smile + is_on * opened + rng.normal(0, 0.03, is_on.shape), 0, 1)


def one_microphone(sound: np.ndarray, rng: np.random.Generator, snr_db: float = 20.0) -> np.ndarray:
    """What one microphone between the two people hears; shape (samples,)."""
    both = sound.sum(axis=0)
    noise = rng.normal(size=both.shape) * both.std() * 10 ** (-snr_db / 20)
    return (0.2 * (both + noise)).astype(np.float32)


def traces(moved: np.ndarray, people: Sequence[str] = ("P01", "Q01")) -> pd.DataFrame:
    """Traces of AU25 and AU26 of some people at 10 Hz."""
    parts = [
        make_trace({"AU25": row, "AU26": 0.5 * row}, person_id=person)
        for person, row in zip(people, moved, strict=False)
    ]
    return pd.concat(parts)


def states_of(truth: np.ndarray) -> np.ndarray:
    """The state of each of two people in each step, from who speaks."""
    return np.where(truth, "speaking", np.where(truth[::-1], "listening", "silence"))


def told(heard: Sequence[np.ndarray], moved: np.ndarray | None = None) -> np.ndarray:
    """The state that is found for each person in each step of sounds that begin together.

    Two sounds are a recording each; one is shared. Without mouths there are two people.
    """
    people = ("P01", "Q01")[: 2 if moved is None else len(moved)]
    found = [loudness(Sound(0.0, np.asarray(samples)), lambda time_s: time_s) for samples in heard]
    sounds = dict(zip(people, found * 2, strict=False))
    trace = NO_TRACE if moved is None else traces(moved, people)
    table = speech_of(people, sounds, trace, SpeechSettings())
    steps = len(heard[0]) // round(STEP_S * RATE_HZ)
    return np.stack([states_at(table, person, steps) for person in people])


def states_at(table: pd.DataFrame, person_id: str, steps: int) -> np.ndarray:
    """The state of a person in each of the first steps of the session; empty where nothing is."""
    states = np.full(steps, "", dtype=object)
    for row in table[table["person_id"] == person_id].itertuples():
        states[max(round(row.onset_s / STEP_S), 0) : round(row.offset_s / STEP_S)] = row.state
    return states
