"""The sound of a recording as one regular series, with the time of its first sample.

A sample's time comes from the time stamps of the packets. Sound that starts late or pauses
leaves silence, so that what comes after it stays in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from dyads.errors import StudyError
from dyads.recordings.containers import opened_sound

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

RATE_HZ: Final = 8000
"""Samples kept per second: speech lies below 4 kHz, and an hour fits in 115 MB."""

_JUMP_S: Final = 0.015
"""Time stamps this far from the count of samples are a gap; less is rounding in the container."""


@dataclass(frozen=True)
class Sound:
    """The sound of a recording, all channels in one.

    Parameters
    ----------
    start_s
        Time of the first sample on the recording's own clock (s).
    samples
        Sound pressure in parts of full scale, `RATE_HZ` per second, shape (samples,).
    """

    start_s: float
    samples: Samples

    @property
    def duration_s(self) -> float:
        """From the first sample to the end of the last (s)."""
        return len(self.samples) / RATE_HZ


def read_sound(path: str | Path) -> Sound | None:
    """Decode the sound that a player would play.

    Parameters
    ----------
    path
        A film, or sound alone.

    Returns
    -------
    Sound or None
        None if the recording has no sound.

    Raises
    ------
    StudyError
        If the file cannot be opened.
    """
    with opened_sound(path) as opened:
        if opened is None:
            return None
        runs = list(_runs(*opened))
    if not runs:
        return None
    start_s = min(begin_s for begin_s, _ in runs)
    places = [round((begin_s - start_s) * RATE_HZ) for begin_s, _ in runs]
    length = max(place + len(part) for place, (_, part) in zip(places, runs, strict=True))
    samples = np.zeros(length, dtype=np.float32)
    for place, (_, part) in zip(places, runs, strict=True):
        samples[place : place + len(part)] = part
    return Sound(start_s, samples)


def _runs(container: InputContainer, stream: AudioStream) -> Iterator[tuple[float, Samples]]:
    """Give stretches of sound without a gap: the time of the first sample, and the samples."""
    from av.audio.resampler import AudioResampler

    resampler: AudioResampler | None = None
    parts: list[Samples] = []
    begin_s = due_s = 0.0
    for frame in _decoded(container, stream):
        if frame.time is None:
            raise StudyError(
                f"{container.name}: the sound carries no time stamps. Rewrite the film with them."
            )
        if resampler is None or abs(frame.time - due_s) > _JUMP_S:
            if resampler is not None:
                yield begin_s, np.concatenate([*parts, *_pushed(resampler, None)])
            resampler = AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
            parts, begin_s = [], frame.time
        due_s = frame.time + frame.samples / frame.sample_rate
        frame.pts = None
        parts += _pushed(resampler, frame)
    if resampler is not None:
        yield begin_s, np.concatenate([*parts, *_pushed(resampler, None)])


def _pushed(resampler: object, frame: AudioFrame | None) -> list[Samples]:
    made = resampler.resample(frame)  # type: ignore[attr-defined]  # av is imported in functions
    return [np.asarray(part.to_ndarray()[0], dtype=np.float32) for part in made]


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode on past damaged packets."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue
