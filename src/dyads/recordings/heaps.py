"""Whether numbers lie in two heaps, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

STANDS_OUT: Final = 3.5
"""Least distance of two heaps, in robust standard deviations of the wider one.

One normal heap that is cut in two gives 2.3, an even spread 2.7.
"""
_ROUNDS: Final = 50
_MAD_TO_SD: Final = 1.4826


@dataclass(frozen=True)
class Heaps:
    """Middles of two heaps.

    Parameters
    ----------
    low, high
        Median of each heap.
    """

    low: float
    high: float

    @property
    def lower_third(self) -> float:
        """End of the third between the heaps that lies towards the low one."""
        return self.low + (self.high - self.low) / 3

    @property
    def upper_third(self) -> float:
        """Begin of the third between the heaps that lies towards the high one."""
        return self.high - (self.high - self.low) / 3


def two_heaps(values: npt.NDArray[np.float64], apart: float, count_min: float) -> Heaps | None:
    """Find the two heaps in which values lie.

    Each value goes to the nearer of two medians, until none changes side.

    Parameters
    ----------
    values
        Numbers, all finite.
    apart
        Least distance of the heaps.
    count_min
        Least number of values in each.

    Returns
    -------
    Heaps or None
        None if the values do not clearly lie in two heaps.
    """
    if len(values) < 2 * count_min:
        return None
    low, high = (float(end) for end in np.quantile(values, (0.005, 0.995)))
    is_high = values > (low + high) / 2
    for _ in range(_ROUNDS):
        if min(is_high.sum(), (~is_high).sum()) < count_min:
            return None
        low, high = float(np.median(values[~is_high])), float(np.median(values[is_high]))
        before, is_high = is_high, values > (low + high) / 2
        if np.array_equal(before, is_high):
            break
    spread = _MAD_TO_SD * max(
        float(np.median(np.abs(values[is_high] - high))),
        float(np.median(np.abs(values[~is_high] - low))),
    )
    return Heaps(low, high) if high - low >= max(apart, STANDS_OUT * spread) else None
