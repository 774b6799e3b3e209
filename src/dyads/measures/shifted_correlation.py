"""How closely two series go together at nearby lags, against themselves shifted in a circle.

The statistic is the largest correlation within `lag` of each other. Its null is the same
statistic after one series was turned in a circle by `shift_min` steps and more: both keep their
own rhythm, and what is left of their agreement is chance. Neighbouring turns are nearly one and
the same, so that only those count for p whose lags do not overlap.

A straight line through each series is taken off first: two series that both rise over a session
would otherwise go together whatever they are. Steps at which either is missing are left out pair
by pair. The ends of the series never meet within the lags of the observed statistic: a stretch of
nothing as long as the largest lag stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyads.traces.arrays import FloatArray

LARGEST_R = 0.999
"""Larger correlations are taken for this one, so that Fisher z stays finite."""

SMALLEST_VARIANCE = 1e-9
"""A series whose variance is a smaller part of its whole one has no correlation there."""


@dataclass(frozen=True)
class Shifted:
    """The largest correlation of two series, and what it is by chance.

    Parameters
    ----------
    z
        Fisher z at lag 0.
    peak_z
        Largest Fisher z over the lags.
    lag
        Lag (steps) of the largest; positive: the second series comes later.
    null_z
        Mean of the largest over all shifts.
    p
        Share of the shifts whose lags do not overlap, with the series as they are among them,
        whose largest is as large.
    shifts
        Number of shifts behind p.
    """

    z: float
    peak_z: float
    lag: float
    null_z: float
    p: float
    shifts: int


def shifted_correlation(
    first: FloatArray, second: FloatArray, lag: int, shift_min: int, known_min: int
) -> Shifted:
    """Find the largest correlation within a lag and hold it against circular shifts.

    Parameters
    ----------
    first, second
        Series of equal length; NaN where missing.
    lag
        Largest lag in either direction (steps).
    shift_min
        Smallest shift in either direction (steps).
    known_min
        Fewest steps at which both are known for a correlation.

    Returns
    -------
    Shifted
        NaN where there is no correlation, and without null where the series are too short for
        any shift.
    """
    nothing = np.full(lag, np.nan)
    z = _z_by_turn(np.append(first, nothing), np.append(second, nothing), max(known_min, 3))
    peaks = _largest_nearby(z, lag)
    around = np.arange(-lag, lag + 1)
    near = z[around % len(z)]
    is_known = np.isfinite(near)
    highest = float(around[np.argmax(np.where(is_known, near, -np.inf))])
    shifts = np.arange(shift_min, len(z) - shift_min + 1)
    null, apart = peaks[shifts], peaks[shifts[:: 2 * lag + 1]]
    null, apart = null[np.isfinite(null)], apart[np.isfinite(apart)]
    has_null = len(apart) > 0 and is_known.any()
    return Shifted(
        z=float(z[0]),
        peak_z=float(peaks[0]),
        lag=highest if is_known.any() else np.nan,
        null_z=float(null.mean()) if has_null else np.nan,
        p=float((1 + (apart >= peaks[0]).sum()) / (1 + len(apart))) if has_null else np.nan,
        shifts=len(apart),
    )


def _z_by_turn(first: FloatArray, second: FloatArray, known_min: int) -> FloatArray:
    """Correlate the first series with the second one turned back by 0, 1, 2 … steps."""
    (x, has_x), (y, has_y) = _standard(first), _standard(second)
    length = len(x)

    def products(left: FloatArray, right: FloatArray) -> FloatArray:
        spectrum = np.conj(np.fft.rfft(left)) * np.fft.rfft(right)
        return np.asarray(np.fft.irfft(spectrum, length), dtype=np.float64)

    count = np.round(products(has_x, has_y))
    pairs = np.maximum(count, 1)
    mean_x, mean_y = products(x, has_y) / pairs, products(has_x, y) / pairs
    var_x = products(x**2, has_y) / pairs - mean_x**2
    var_y = products(has_x, y**2) / pairs - mean_y**2
    is_known = (count >= known_min) & (var_x > SMALLEST_VARIANCE) & (var_y > SMALLEST_VARIANCE)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (products(x, y) / pairs - mean_x * mean_y) / np.sqrt(var_x * var_y)
    z = np.arctanh(np.clip(r, -LARGEST_R, LARGEST_R))
    return np.where(is_known, z, np.nan)


def _standard(series: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the series without its line, with SD 1, 0 where it is missing; and where it is known."""
    known = np.isfinite(series)
    if not known.any():
        return np.zeros(len(series)), known.astype(float)
    values = series[known]
    step = np.flatnonzero(known) - np.flatnonzero(known).mean()
    slope = step @ values / max(step @ step, 1.0)
    rest = values - values.mean() - slope * step
    spread = rest.std()
    # what the rounding of a straight line leaves is no movement
    moves = spread > SMALLEST_VARIANCE * max(float(np.abs(values).max()), SMALLEST_VARIANCE)
    result = np.zeros(len(series))
    result[known] = rest / spread if moves else 0.0
    return result, known.astype(float)


def _largest_nearby(z: FloatArray, lag: int) -> FloatArray:
    """Give for each turn the largest z within the lag of it, in a circle."""
    around = np.concatenate([z[len(z) - lag :], z, z[:lag]])
    windows = np.lib.stride_tricks.sliding_window_view(
        np.where(np.isfinite(around), around, -np.inf), 2 * lag + 1
    )
    largest = windows.max(axis=1)
    return np.where(np.isfinite(largest), largest, np.nan)
