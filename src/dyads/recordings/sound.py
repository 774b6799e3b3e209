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

from dyads.recordings.containers import opened_sound
from dyads.recordings.findings import RecordingError, RecordingFault

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

RATE_HZ: Final = 8000
"""Samples kept per second: speech lies below 4 kHz, and an hour fits in 115 MB."""

LONGEST_S: Final = 12 * 3600
"""Sound that spans more is refused: time stamps that leap that far are broken."""

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
    RecordingError
        If the file cannot be opened, or its sound has no time stamps or broken ones.
    """
    with opened_sound(path) as opened:
        parts = [] if opened is None else list(_parts(path, *opened))
    if not parts:
        return None
    start_s = min(begin_s for begin_s, _ in parts)
    places = [round((begin_s - start_s) * RATE_HZ) for begin_s, _ in parts]
    length = max(place + len(part) for place, (_, part) in zip(places, parts, strict=True))
    samples = np.zeros(length, dtype=np.float32)
    for place, (_, part) in zip(places, parts, strict=True):
        samples[place : place + len(part)] = part
    return Sound(start_s, samples)


def _parts(
    path: str | Path, container: InputContainer, stream: AudioStream
) -> Iterator[tuple[float, Samples]]:
    """Give the sound in order, piece by piece, with the time of each piece's first sample (s)."""
    from av.audio.resampler import AudioResampler

    resampler: AudioResampler | None = None
    first_s: float | None = None
    begin_s = 0.0
    heard = given = 0
    for frame in _decoded(container, stream):
        if frame.time is None:
            raise RecordingError(
                RecordingFault.NO_TIME_STAMPS,
                f"{path}: the sound carries no time stamps. Rewrite the film with them.",
            )
        first_s = frame.time if first_s is None else first_s
        if abs(frame.time - first_s) > LONGEST_S:
            raise RecordingError(
                RecordingFault.TOO_LONG,
                f"{path}: the time stamps of the sound span more than {LONGEST_S // 3600} h. "
                "Rewrite the film, or cut it.",
            )
        due_s = begin_s + heard / frame.sample_rate
        if resampler is None or abs(frame.time - due_s) > _JUMP_S:
            for part in _pushed(resampler, None):
                yield begin_s + given / RATE_HZ, part
                given += len(part)
            resampler = AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
            begin_s, heard, given = frame.time, 0, 0
        heard += frame.samples
        frame.pts = None
        for part in _pushed(resampler, frame):
            yield begin_s + given / RATE_HZ, part
            given += len(part)
    for part in _pushed(resampler, None):
        yield begin_s + given / RATE_HZ, part
        given += len(part)


def _pushed(resampler: AudioResampler | None, frame: AudioFrame | None) -> list[Samples]:
    """Resample a frame, or what is left with None."""
    made = [] if resampler is None else resampler.resample(frame)
    return [np.array(part.to_ndarray()[0], dtype=np.float32) for part in made]


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode on past damaged packets."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue
