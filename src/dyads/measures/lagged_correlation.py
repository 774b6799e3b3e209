"""Windowed lagged cross-correlation of two series on the same grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyads.traces.arrays import FloatArray, IntArray

LARGEST_R = 0.999
"""Larger correlations are taken for this one, so that Fisher z stays finite."""

SMALLEST_SD = 1e-9
"""A window in which a series moves less has no correlation."""


@dataclass(frozen=True)
class Windows:
    """How windows and lags are laid, in steps of the grid.

    Parameters
    ----------
    length
        Steps of a window.
    step
        Steps from one window to the next.
    lags
        Lags, from the most negative to the most positive.
    """

    length: int
    step: int
    lags: IntArray

    @classmethod
    def of(
        cls, window_s: float, step_s: float, lag_s: float, lag_step_s: float, grid_s: float
    ) -> Windows:
        """Lay windows and lags given in seconds on a grid with steps of `grid_s`."""
        stride = max(round(lag_step_s / grid_s), 1)
        each_way = round(lag_s / grid_s) // stride
        return cls(
            length=max(round(window_s / grid_s), 2),
            step=max(round(step_s / grid_s), 1),
            lags=np.arange(-each_way, each_way + 1) * stride,
        )

    @property
    def shortest(self) -> int:
        """Fewest steps that hold one window at every lag."""
        return self.length + int(self.lags[-1])


@dataclass(frozen=True)
class LaggedSummary:
    """What the windows of a stretch say together; NaN where no window says anything.

    Parameters
    ----------
    mean_z
        Mean Fisher z over windows and lags.
    peak_z
        Mean over windows of the largest z of each.
    lead
        Lag (steps) at which the mean over windows is largest; positive: the first series leads.
    """

    mean_z: float
    peak_z: float
    lead: float


def lagged_z(
    first: FloatArray, second: FloatArray, windows: Windows, minimum_share: float
) -> FloatArray:
    """Correlate two series in windows and at lags.

    At lag 0 and above, the window of `first` stands at the window's place and that of `second`
    is later by the lag; below 0 it is the other way round. Both stay within the stretch.

    Parameters
    ----------
    first, second
        The series, of equal length; NaN where missing.
    windows
        Windows and lags.
    minimum_share
        A window with a smaller share of steps at which both are known has no correlation.

    Returns
    -------
    numpy.ndarray
        Windows × lags, Fisher z; NaN where there is no correlation. No rows if the series are
        shorter than a window and its lag.
    """
    starts = np.arange(0, len(first) - windows.shortest + 1, windows.step)
    within = np.arange(windows.length)
    rows_first = starts[:, None, None] + np.maximum(-windows.lags, 0)[:, None] + within
    rows_second = starts[:, None, None] + np.maximum(windows.lags, 0)[:, None] + within
    x, y = first[rows_first], second[rows_second]
    known = np.isfinite(x) & np.isfinite(y)
    count = known.sum(axis=-1)
    enough = (count >= 2) & (count >= minimum_share * windows.length - SMALLEST_SD)
    divisor = np.maximum(count, 1)
    x = _centred(x, known, divisor)
    y = _centred(y, known, divisor)
    sd_x = np.sqrt((x**2).sum(axis=-1) / divisor)
    sd_y = np.sqrt((y**2).sum(axis=-1) / divisor)
    moves = (sd_x > SMALLEST_SD) & (sd_y > SMALLEST_SD)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).sum(axis=-1) / divisor / (sd_x * sd_y)
    z = np.arctanh(np.clip(r, -LARGEST_R, LARGEST_R))
    return np.where(enough & moves, z, np.nan)


def summarise(z: FloatArray, windows: Windows) -> LaggedSummary:
    """Sum up the correlations of a stretch (windows × lags, from `lagged_z`)."""
    known = np.isfinite(z)
    if not known.any():
        return LaggedSummary(np.nan, np.nan, np.nan)
    has_any = known.any(axis=1)
    peaks = np.nanmax(z[has_any], axis=1)
    by_lag = np.nansum(z, axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return LaggedSummary(
        mean_z=float(np.nanmean(z)),
        peak_z=float(peaks.mean()),
        lead=float(windows.lags[np.nanargmax(by_lag)]),
    )


def _centred(window: FloatArray, known: np.ndarray, divisor: np.ndarray) -> FloatArray:
    filled = np.where(known, window, 0.0)
    mean = filled.sum(axis=-1) / divisor
    return np.where(known, filled - mean[..., None], 0.0)
