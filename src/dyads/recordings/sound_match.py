"""Offset and drift between two recordings of one conversation, from their sound.

Two steps. Stretches of one sound are looked for in the whole of the other by the rise and fall
of its frequency bands, which different microphones and rooms change little: every stretch
votes for a lag, and the line of lags over time that most of them agree on is kept. Then the same
stretches are laid over each other as waveforms near that line, to a fraction of a millisecond, and
the line is fitted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage, signal

from dyads.config import SyncSettings
from dyads.recordings.sound import RATE_HZ, Samples, Sound

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_HOP: Final = 80
_FFT: Final = 256
_BLOCK_HOPS: Final = 6000
"""Sound is taken apart a minute at a time, so that memory does not grow with its spectrum."""
_HOP_S: Final = _HOP / RATE_HZ
_BANDS_HZ: Final = np.geomspace(200, 3500, 17)
_SLOW_S: Final = 1.0
"""Changes of loudness slower than this are the room's and the microphone's."""
_COARSE_AGREE_S: Final = 0.05
_FINE_AGREE_S: Final = 0.012
"""Each camera hears the person near it sooner: lags of the two voices lie up to 15 ms apart."""
_SECOND_PEAK_APART_S: Final = 0.3
_NEAR_S: Final = 0.08
"""How far from the coarse line the waveforms are compared."""
_WINDOWS: Final = 40
_AGREED_MIN: Final = 3
_DRIFT_SD: Final = 200e-6
"""Clocks of cameras run apart by tens of millionths: a steeper line needs better evidence."""
_DRIFT_SPAN_S: Final = 20.0
"""Over less than this, drift cannot be told from noise and does not matter: it is taken as 0."""


@dataclass(frozen=True)
class Match:
    """How the time of one recording runs against that of another.

    time of the reference = time of the recording × (1 + drift) + offset

    Parameters
    ----------
    offset_s, drift_ppm
        The line (s; millionths).
    residual_s
        Robust standard deviation of the stretches' lags about the line (s).
    agreement
        Share of the stretches that both recordings hold whose lag lies on the line.
    contrast
        Median over these of the height of the best lag over the best lag elsewhere.
    stretches
        How many stretches both recordings hold.
    refusal
        Why the match is not to be used; empty if it is.
    """

    offset_s: float
    drift_ppm: float
    residual_s: float
    agreement: float
    contrast: float
    stretches: int
    refusal: str


def match_sounds(reference: Sound, other: Sound, settings: SyncSettings) -> Match:
    """Find how the time of a recording runs against that of a reference, from their sound.

    Parameters
    ----------
    reference, other
        Sound of both, from the same conversation.
    settings
        When a match is refused.

    Returns
    -------
    Match
        With `refusal` set where the sound does not tell.

    References
    ----------
    Knapp and Carter (1976). The generalized correlation method for estimation of time delay. IEEE
    Transactions on Acoustics, Speech, and Signal Processing 24(4).
    """
    shorter_s = min(reference.duration_s, other.duration_s)
    length_s = float(np.clip(shorter_s / 6, 2.0, 20.0))
    flipped = other.duration_s > reference.duration_s
    long, short = (other, reference) if flipped else (reference, other)
    if shorter_s < 1.0 or not (long.samples.any() and short.samples.any()):
        return _refused("there is no sound to compare")
    begins_s = _stretches(short, length_s)
    lags_s, contrasts = _coarse_lags(long, short, begins_s, length_s)
    on_line, line = _agreed(begins_s, lags_s, contrasts, _COARSE_AGREE_S, settings.drift_max_ppm)
    if not on_line.any():
        return _refused("no stretch of one is heard in the other")
    middles_s = begins_s + length_s / 2
    for _ in range(2):
        lags_s = _fine_lags(long, short, begins_s, length_s, line)
        on_line, line = _agreed(middles_s, lags_s, contrasts, _FINE_AGREE_S, settings.drift_max_ppm)
    if not on_line.any():
        return _refused("no stretch of one is heard in the other")
    gaps_s = lags_s[on_line] - np.polyval(line, middles_s[on_line])
    residual_s = float(1.4826 * np.median(np.abs(gaps_s)))
    there_s = begins_s + np.polyval(line, middles_s)
    shared = (there_s >= -length_s / 4) & (there_s + length_s * 0.75 <= long.duration_s)
    on_line &= shared
    agreement = float(on_line.sum() / max(shared.sum(), 1))
    contrast = float(np.median(contrasts[on_line])) if on_line.any() else 0.0
    slope, lag_s = float(line[0]), float(line[1] + long.start_s - short.start_s * (1 + line[0]))
    if flipped:
        slope, lag_s = 1 / (1 + slope) - 1, -lag_s / (1 + slope)
    return Match(
        offset_s=lag_s,
        drift_ppm=slope * 1e6,
        residual_s=residual_s,
        agreement=agreement,
        contrast=contrast,
        stretches=int(shared.sum()),
        refusal=_refusal(agreement, contrast, int(on_line.sum()), len(begins_s), settings),
    )


def _refused(why: str) -> Match:
    return Match(float("nan"), 0.0, float("nan"), 0.0, 0.0, 0, why)


def _refusal(
    agreement: float, contrast: float, agreed: int, tried: int, settings: SyncSettings
) -> str:
    if agreement < settings.agreement_min or agreed < min(tried, _AGREED_MIN):
        return (
            f"{agreed} of the stretches that both should hold ({agreement:.0%}) agree on one "
            f"offset; {min(tried, _AGREED_MIN)} and {settings.agreement_min:.0%} are needed"
        )
    if contrast < settings.contrast_min:
        return (
            f"the best offset stands out {contrast:.2f} times from the next; "
            f"{settings.contrast_min:g} times are needed"
        )
    return ""


def _stretches(sound: Sound, length_s: float) -> FloatArray:
    """Begins of evenly spaced stretches that hold more than silence (s from the first sample)."""
    room_s = sound.duration_s - length_s
    count = int(np.clip(np.floor(2 * room_s / length_s) + 1, 1, _WINDOWS))
    begins_s = np.linspace(0, max(room_s, 0.0), count)
    loud = np.array([np.std(_cut(sound.samples, begin, length_s)) for begin in begins_s])
    return begins_s[loud > 0.05 * np.median(loud[loud > 0])] if (loud > 0).any() else begins_s


def _cut(samples: Samples, begin_s: float, length_s: float) -> Samples:
    first = round(begin_s * RATE_HZ)
    return samples[first : first + round(length_s * RATE_HZ)]


def _bands(samples: Samples) -> FloatArray:
    """Loudness of frequency bands over time, slow changes taken out; shape (bands, hops)."""
    hops = len(samples) // _HOP + 1
    padded = np.pad(samples, (_FFT // 2, _FFT // 2 + _HOP))
    window = signal.get_window("hann", _FFT).astype(np.float32)
    edges = np.searchsorted(np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT, _BANDS_HZ)
    sums = np.empty((len(edges) - 1, hops))
    for first in range(0, hops, _BLOCK_HOPS):
        stop = min(first + _BLOCK_HOPS, hops)
        block = padded[first * _HOP : (stop - 1) * _HOP + _FFT]
        cuts = np.lib.stride_tricks.sliding_window_view(block, _FFT)[::_HOP]
        power = np.abs(fft.rfft(cuts * window, axis=1)) ** 2
        for band, (low, high) in enumerate(pairwise(edges)):
            sums[band, first:stop] = power[:, low : max(high, low + 1)].sum(axis=1)
    loudness = np.log(sums + 1e-3 * sums.mean(axis=1, keepdims=True) + 1e-12)
    loudness -= ndimage.uniform_filter1d(loudness, round(_SLOW_S / _HOP_S), axis=1, mode="nearest")
    return np.asarray(loudness / (loudness.std(axis=1, keepdims=True) + 1e-9), dtype=np.float64)


def _coarse_lags(
    long: Sound, short: Sound, begins_s: FloatArray, length_s: float
) -> tuple[FloatArray, FloatArray]:
    """Where each stretch of the shorter sound lies in the longer one: lag (s) and contrast."""
    whole, own = _bands(long.samples), _bands(short.samples)
    hops = round(length_s / _HOP_S)
    size = fft.next_fast_len(whole.shape[1] + hops, real=True)
    spectrum = fft.rfft(whole, size, axis=1)
    energy = np.concatenate([[0.0], np.cumsum((whole**2).sum(axis=0))])
    lags, contrasts = [], []
    for begin_s in begins_s:
        first = round(begin_s / _HOP_S)
        part = own[:, first : first + hops]
        inner = fft.irfft((spectrum * fft.rfft(part, size, axis=1).conj()).sum(axis=0), size)
        # the stretch may hang over either end of the longer sound by half
        half = part.shape[1] // 2
        shifts = np.arange(-half, whole.shape[1] - part.shape[1] + half + 1)
        last = whole.shape[1]
        under = energy[np.clip(shifts + part.shape[1], 0, last)] - energy[np.clip(shifts, 0, last)]
        likeness = inner[shifts] / np.sqrt((part**2).sum() * np.maximum(under, under.max() * 0.05))
        best = int(np.argmax(likeness))
        apart = np.abs(shifts - shifts[best]) > _SECOND_PEAK_APART_S / _HOP_S
        second = float(likeness[apart].max()) if apart.any() else 0.0
        contrasts.append(likeness[best] / max(second, 1e-3))
        lags.append((shifts[best] - first) * _HOP_S)
    return np.array(lags), np.array(contrasts)


def _fine_lags(
    long: Sound, short: Sound, begins_s: FloatArray, length_s: float, line: FloatArray
) -> FloatArray:
    """Lag of each stretch near a line, from the waveforms (s)."""
    count = round(length_s * RATE_HZ)
    reach = round(_NEAR_S * RATE_HZ)
    size = fft.next_fast_len(count + 4 * reach, real=True)
    frequency = fft.rfftfreq(size, 1 / RATE_HZ)
    in_band = (frequency > _BANDS_HZ[0]) & (frequency < _BANDS_HZ[-1])
    place = np.arange(count) - (count - 1) / 2
    lags = []
    for begin_s in begins_s:
        middle_s = begin_s + length_s / 2
        expected_s = float(np.polyval(line, middle_s))
        # the short sound is stretched to the long one's clock, so that drift blurs nothing
        own = _at(short.samples, middle_s * RATE_HZ + place / (1 + line[0]))
        centre = round((middle_s + expected_s) * RATE_HZ)
        other = _at(long.samples, centre + np.arange(-reach, count + reach) - (count - 1) / 2)
        cross = fft.rfft(other, size) * fft.rfft(own, size).conj()
        cross = np.where(in_band, cross / np.maximum(np.abs(cross), 1e-12) ** 0.8, 0)
        likeness = fft.irfft(cross, size)[: 2 * reach + 1]
        best = int(np.argmax(likeness))
        shift = best + _between(likeness, best) - reach
        lags.append((centre + shift) / RATE_HZ - middle_s)
    return np.array(lags)


def _at(samples: Samples, place: FloatArray) -> FloatArray:
    """Read samples at places between them; silence beyond the ends."""
    first, last = int(np.floor(place[0])) - 1, int(np.ceil(place[-1])) + 2
    known = samples[max(first, 0) : max(last, 0)]
    begin = max(first, 0)
    if not len(known):
        return np.zeros(len(place))
    return np.interp(place, begin + np.arange(len(known)), known, 0.0, 0.0)


def _between(height: FloatArray, best: int) -> float:
    """Where between samples a parabola through the peak has its top."""
    if not 0 < best < len(height) - 1:
        return 0.0
    left, top, right = height[best - 1 : best + 2]
    bend = left - 2 * top + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0


def _agreed(
    time_s: FloatArray, lag_s: FloatArray, weight: FloatArray, within_s: float, drift_max_ppm: float
) -> tuple[BoolArray, FloatArray]:
    """Find the line of lags that most stretches agree on, and who does: (slope, lag at 0)."""
    span_s = float(np.ptp(time_s))
    limit = drift_max_ppm * 1e-6
    lines = [(0.0, lag) for lag in lag_s]
    for i, j in combinations(range(len(time_s)), 2):
        if span_s >= _DRIFT_SPAN_S and time_s[j] - time_s[i] > span_s / 3:
            slope = (lag_s[j] - lag_s[i]) / (time_s[j] - time_s[i])
            if abs(slope) <= limit:
                lines.append((slope, lag_s[i] - slope * time_s[i]))
    candidates = np.array(lines)
    gaps = np.abs(lag_s - candidates[:, :1] * time_s - candidates[:, 1:])
    votes = np.where(gaps <= within_s, weight * (1 - (gaps / within_s) ** 2), 0).sum(axis=1)
    likely = np.exp(-0.5 * (candidates[:, 0] / _DRIFT_SD) ** 2)
    line = candidates[int(np.argmax(votes * likely))]
    for _ in range(3):
        gap_s = lag_s - np.polyval(line, time_s)
        on_line = np.abs(gap_s) <= within_s
        if not on_line.any():
            break
        time, lag = time_s[on_line], lag_s[on_line]
        slope, middle_s = 0.0, time.mean()
        if on_line.sum() >= 3 and np.ptp(time) >= _DRIFT_SPAN_S:
            noise_s = 1.4826 * np.median(np.abs(gap_s[on_line]))
            spread = ((time - middle_s) ** 2).sum() + (noise_s / _DRIFT_SD) ** 2
            slope = float(np.clip(((time - middle_s) * lag).sum() / spread, -limit, limit))
        # the mean and not the median, which would settle on one of two voices
        line = np.array([slope, lag.mean() - slope * middle_s])
    return on_line, line
