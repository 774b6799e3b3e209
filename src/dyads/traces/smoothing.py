"""Smooth a trace within its unbroken stretches, and never across a gap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

FloatArray = npt.NDArray[np.float64]


def smoothed(readings: FloatArray, sd_steps: float) -> FloatArray:
    """Average each value with its neighbours, weighted by a normal curve.

    A value next to a gap or an end is averaged with those neighbours that there are, with weights
    that add up to one again: nothing from beyond a gap enters, and nothing is invented.

    Parameters
    ----------
    readings
        Steps × channels; NaN where nothing is known.
    sd_steps
        Standard deviation of the curve, in steps; it is cut at three of these.

    Returns
    -------
    ndarray
        Same shape, NaN where it was NaN.
    """
    if sd_steps <= 0 or not len(readings):
        return readings
    result = np.array(readings)
    for column in range(readings.shape[1]):
        known = np.isfinite(readings[:, column])
        label, _ = ndimage.label(known)
        borders = np.flatnonzero(np.diff(label, prepend=-1))
        for first, stop in zip(borders, np.append(borders[1:], len(label)), strict=True):
            if known[first]:
                result[first:stop, column] = _stretch(readings[first:stop, column], sd_steps)
    return result


def _stretch(values: FloatArray, sd_steps: float) -> FloatArray:
    reach = int(np.ceil(3 * sd_steps))
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sd_steps) ** 2)
    inside = slice(reach, reach + len(values))
    there = np.convolve(np.ones(len(values)), weight)[inside]
    return np.asarray(np.convolve(values, weight)[inside] / there)
