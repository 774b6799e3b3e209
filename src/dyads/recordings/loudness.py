"""How loud the voices in a recording are from step to step, against the noise of that recording.

Only the power between 200 and 3500 Hz is kept, where speech lies. The noise of room and microphone
is the level that the quietest tenth of the surrounding minute stays below: it follows a fan that
is switched on, and it lies between the words of somebody who speaks for long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage, signal

from dyads.recordings.sound import RATE_HZ, Samples, Sound

FloatArray = npt.NDArray[np.float64]

STEP_S: Final = 0.02
"""Length of a step (s): a tenth of a syllable."""
_HOP: Final = round(STEP_S * RATE_HZ)
_FFT: Final = 256
_SPEECH_HZ: Final = (200.0, 3500.0)
_BLOCK_HOPS: Final = 3000
"""Sound is taken apart a minute at a time, so that memory does not grow with its spectrum."""
_NOISE_WITHIN_S: Final = 60.0
_NOISE_EVERY: Final = 5
_QUIETEST_PERCENT: Final = 10
_RANGE_DB: Final = 50.0
"""Sound that much below the loudest is taken for none, whatever lies below it."""
_LEAST_DB: Final = -85.0
"""Below this there is no sound but what the coding of silence leaves."""
_NO_POWER: Final = 1e-14


@dataclass(frozen=True)
class Loudness:
    """Loudness of a recording in steps of the session clock.

    Parameters
    ----------
    first
        Number of the first step; step k lasts from k to k + 1 times `STEP_S`.
    level_db
        Power between 200 and 3500 Hz (dB), shape (steps,).
    noise_db
        The same of the noise of this recording around each step (dB), shape (steps,).
    """

    first: int
    level_db: FloatArray
    noise_db: FloatArray

    @property
    def stop(self) -> int:
        """Number of the first step after the last."""
        return self.first + len(self.level_db)

    @property
    def over_noise_db(self) -> FloatArray:
        """Level above the noise (dB), shape (steps,)."""
        return self.level_db - self.noise_db


def loudness(sound: Sound, to_session: Callable[[FloatArray], FloatArray]) -> Loudness:
    """Measure how loud a recording is in each step of the session clock.

    Parameters
    ----------
    sound
        Sound of the recording.
    to_session
        Gives the session time (s) of times in the recording (s).
    """
    level_db = _level_db(sound.samples)
    own_s = sound.start_s + np.arange(len(level_db)) * STEP_S
    time_s = to_session(np.asarray(own_s, dtype=np.float64))
    first = int(np.ceil(time_s[0] / STEP_S - 0.5))
    stop = max(int(np.floor(time_s[-1] / STEP_S - 0.5)) + 1, first)
    level_db = np.interp((np.arange(first, stop) + 0.5) * STEP_S, time_s, level_db)
    return Loudness(first, level_db, _noise_db(level_db))


def _level_db(samples: Samples) -> FloatArray:
    hops = len(samples) // _HOP + 1
    padded = np.pad(samples, (_FFT // 2, _FFT // 2 + _HOP))
    window = signal.get_window("hann", _FFT).astype(np.float32)
    low, high = np.searchsorted(np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT, _SPEECH_HZ)
    power = np.empty(hops)
    for begin in range(0, hops, _BLOCK_HOPS):
        end = min(begin + _BLOCK_HOPS, hops)
        block = padded[begin * _HOP : (end - 1) * _HOP + _FFT]
        cuts = np.lib.stride_tricks.sliding_window_view(block, _FFT)[::_HOP]
        spectrum = np.abs(fft.rfft(cuts * window, axis=1)) ** 2
        power[begin:end] = spectrum[:, low:high].sum(axis=1)
    return np.asarray(10 * np.log10(power / float((window**2).sum()) / _FFT + _NO_POWER))


def _noise_db(level_db: FloatArray) -> FloatArray:
    if not len(level_db):
        return level_db
    every = np.arange(0, len(level_db), _NOISE_EVERY)
    size = round(_NOISE_WITHIN_S / STEP_S / _NOISE_EVERY)
    quiet = ndimage.percentile_filter(level_db[every], _QUIETEST_PERCENT, size, mode="reflect")
    least = max(float(np.quantile(level_db, 0.95)) - _RANGE_DB, _LEAST_DB)
    return np.asarray(np.maximum(np.interp(np.arange(len(level_db)), every, quiet), least))
