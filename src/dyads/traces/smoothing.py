"""Smooth a trace within its unbroken stretches, and never across a gap."""

from __future__ import annotations

import math

import numpy as np

from dyads.traces.arrays import FloatArray

CUT_SD = 3
"""Standard deviations at which the curve is cut."""


def reach_steps(sd_steps: float) -> int:
    """Give the number of steps on either side that enter a smoothed value."""
    return math.ceil(CUT_SD * sd_steps)


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
    known = np.isfinite(readings)
    values = np.where(known, readings, 0.0)
    gaps_before = np.cumsum(~known, axis=0)
    total, weights = np.zeros_like(values), np.zeros_like(values)
    reach = min(reach_steps(sd_steps), len(readings) - 1)
    # Neighbour by neighbour and not step by step: every value is summed in the same order,
    # wherever it stands, so that a trace made in pieces is the same to the last digit.
    for apart in range(-reach, reach + 1):
        here = slice(max(-apart, 0), len(readings) - max(apart, 0))
        there = slice(max(apart, 0), len(readings) - max(-apart, 0))
        is_joined = known[there] & (gaps_before[here] == gaps_before[there])
        weight = math.exp(-0.5 * (apart / sd_steps) ** 2) * is_joined
        total[here] += weight * values[there]
        weights[here] += weight
    return np.divide(total, weights, out=np.full_like(values, np.nan), where=known)
