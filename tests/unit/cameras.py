"""Two cameras in one room: what each would record of the same conversation."""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from dyads.recordings.sound import RATE_HZ, Sound


@dataclass(frozen=True)
class Pair:
    """Two sounds and how the second's time runs against the first's."""

    first: Sound
    second: Sound
    offset_s: float
    drift_ppm: float


def conversation(duration_s: float, rng: np.random.Generator) -> np.ndarray:
    """Speech-like sound of two people in turns, as somebody between them hears it."""
    return voices(duration_s, rng).sum(axis=0)


def voices(duration_s: float, rng: np.random.Generator) -> np.ndarray:
    """Voiced and unvoiced bursts with pauses, two people in turns; shape (2, samples)."""
    count = int(duration_s * RATE_HZ)
    sound = np.zeros((2, count))
    place, turn = 0, 0
    while place < count:
        for _ in range(rng.integers(3, 14)):
            length = int(rng.uniform(0.06, 0.3) * RATE_HZ)
            stop = min(place + length, count)
            if stop <= place:
                break
            time = np.arange(stop - place) / RATE_HZ
            if rng.uniform() < 0.7:
                pitch = (110 if turn else 200) * rng.uniform(0.85, 1.2)
                glide = 2 * np.pi * np.cumsum(pitch * (1 + rng.uniform(-0.3, 0.3) * time)) / RATE_HZ
                burst = _harmonics(glide, rng.uniform(0, 6, 14))
            else:
                burst = rng.normal(0, 1, len(time))
            formant = np.sort(rng.uniform([300, 900], [900, 3000]))
            burst = signal.sosfilt(_band(*formant), burst) * signal.windows.tukey(len(time), 0.4)
            sound[turn, place:stop] += burst / (burst.std() + 1e-9) * rng.uniform(0.3, 1)
            place = stop + int(rng.exponential(0.03) * RATE_HZ)
        place += int(rng.exponential(0.5) * RATE_HZ)
        turn = 1 - turn
    return sound


def _harmonics(phase: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Sum of sin(k phase + begin) / k over k = 1, 2 and so on: powers of one exponential."""
    turn, total = np.exp(1j * phase), np.zeros(len(phase), dtype=complex)
    for k in range(len(begins), 0, -1):
        total = (total + np.exp(1j * begins[k - 1]) / k) * turn
    return total.imag


def _band(low_hz: float, high_hz: float) -> np.ndarray:
    """`signal.butter(1, (low_hz, high_hz), "bandpass", output="sos")`, in a fiftieth of its time.

    The bilinear transform of w s / (s² + w s + a b), with a and b the warped limits and w = b - a.
    """
    low, high = np.tan(np.pi * np.array([low_hz, high_hz]) / RATE_HZ)
    width, product = high - low, low * high
    scale = 1 + width + product
    second = (1 - width + product) / scale
    return np.array([[width / scale, 0, -width / scale, 1, 2 * (product - 1) / scale, second]])


def _through_a_microphone(
    two: np.ndarray, nearer: int, snr_db: float, rng: np.random.Generator
) -> np.ndarray:
    """A place in the room, its echoes, a microphone's own band, noise, and sometimes clipping."""
    heard = np.zeros(two.shape[1])
    for person, sound in enumerate(two):
        # one person sits about a metre away, the other up to three: 3 ms a metre
        metres = rng.uniform(0.5, 1.2) if person == nearer else rng.uniform(1.5, 3.0)
        tail = int(rng.uniform(0.1, 0.4) * RATE_HZ)
        echo = rng.normal(0, 1, tail) * np.exp(-6 * np.arange(tail) / tail)
        echo *= rng.uniform(0.3, 1.0) / np.linalg.norm(echo)
        echo[0] = 1 / metres
        late = round(metres / 343 * RATE_HZ)
        heard[late:] += signal.fftconvolve(sound, echo)[: len(sound) - late]
    band = signal.butter(2, [rng.uniform(80, 300), rng.uniform(2200, 3800)], "bandpass",
                         fs=RATE_HZ, output="sos")  # fmt: skip
    heard = signal.sosfilt(band, heard)
    heard /= heard.std()
    hiss = signal.sosfilt(signal.butter(1, 1000, fs=RATE_HZ, output="sos"),
                          rng.normal(0, 1, len(heard)))  # fmt: skip
    heard = heard + hiss / hiss.std() * 10 ** (-snr_db / 20)
    heard *= np.exp(rng.uniform(np.log(0.02), np.log(1.0)))
    return np.clip(heard, -0.8, 0.8).astype(np.float32)


def two_cameras(
    rng: np.random.Generator,
    duration_s: float = 300,
    snr_db: float = 0.0,
    offset_max_s: float = 120,
) -> Pair:
    """Draw two cameras that started apart, with clocks that run apart.

    The session's sound is made once, on the first camera's clock; the second camera reads it at
    the times at which its own samples fall. Each camera stands near one of the two people, so
    that what it hears of the other comes later and weaker.
    """
    offset_s = float(rng.uniform(-offset_max_s, offset_max_s))
    drift_ppm = float(rng.uniform(-200, 200))
    before_s = max(0.0, -offset_s) + 1
    after_s = max(0.0, offset_s) + 1
    room = voices(before_s + duration_s + after_s, rng)
    first = room[:, int(before_s * RATE_HZ) : int((before_s + duration_s) * RATE_HZ)]
    own_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    there_s = own_s * (1 + drift_ppm * 1e-6) + offset_s + before_s
    place = np.arange(room.shape[1])
    second = np.array([np.interp(there_s * RATE_HZ, place, sound) for sound in room])
    return Pair(
        Sound(0.0, _through_a_microphone(first, 0, snr_db, rng)),
        Sound(0.0, _through_a_microphone(second, 1, snr_db, rng)),
        offset_s,
        drift_ppm,
    )


def worst_error_s(pair: Pair, offset_s: float, drift_ppm: float) -> float:
    """Largest error of a clock over the second recording (s)."""
    ends_s = np.array([0.0, pair.second.duration_s])
    truth = ends_s * (1 + pair.drift_ppm * 1e-6) + pair.offset_s
    return float(np.abs(ends_s * (1 + drift_ppm * 1e-6) + offset_s - truth).max())
