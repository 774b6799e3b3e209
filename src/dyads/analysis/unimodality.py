"""Whether values have a valley between two heaps, or could come from one.

References
----------
Hartigan and Hartigan (1985). The dip test of unimodality. Annals of Statistics 13(1). Hartigan
(1985). Algorithm AS 217. Applied Statistics 34(3).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SAMPLES: Final = 999
_SIZE_STEP: Final = 10


def dip(values: Floats) -> float:
    """Give the largest distance of the empirical distribution from the nearest unimodal one.

    Parameters
    ----------
    values
        Shape (n,), in any order.

    Returns
    -------
    float
        Between 1 / (2 n) and 1 / 4.
    """
    x = np.sort(values)
    n = len(x)
    if n < 4 or x[0] == x[-1]:
        return 1 / (2 * max(n, 1))
    below, above = _hull(x), (n - 1 - _hull(-x[::-1]))[::-1]
    low, high, found = 0, n - 1, 1.0
    while True:
        minorant, majorant = _path(below, high, low), _path(above, low, high)
        distance, left, right = _widest_gap(x, minorant, majorant)
        if distance < found:
            break
        found = max(found, _below(x, minorant[left:]), _above(x, majorant[right:]))
        if low == minorant[left] and high == majorant[right]:
            break
        low, high = minorant[left], majorant[right]
    return found / (2 * n)


def dip_p_value(values: Floats) -> float:
    """Give the probability of so deep a valley if the values were spread evenly.

    Even spread is the hardest case of a single heap; for a heap with a peak the test errs on the
    side of one heap. The reference is simulated for sizes in steps of ten, 999 samples each.
    """
    size = max(_SIZE_STEP, _SIZE_STEP * round(len(values) / _SIZE_STEP))
    depth = np.sqrt(len(values)) * dip(values)
    return float((1 + np.sum(_even_depths(size) >= depth)) / (1 + _SAMPLES))


@cache
def _even_depths(size: int) -> Floats:
    """Dips of evenly spread samples, times the root of their size, which makes sizes alike."""
    generator = np.random.default_rng(size)
    depths = np.array([dip(generator.random(size)) for _ in range(_SAMPLES)], dtype=float)
    return np.asarray(np.sqrt(size) * depths)


def _hull(x: Floats) -> NDArray[np.int64]:
    """For each place, the place before it on the greatest convex minorant up to there."""
    before = np.zeros(len(x), dtype=np.int64)
    for j in range(1, len(x)):
        at = j - 1
        while at != 0:
            further = before[at]
            if (x[j] - x[at]) * (at - further) < (x[at] - x[further]) * (j - at):
                break
            at = further
        before[j] = at
    return before


def _path(chain: NDArray[np.int64], start: int, end: int) -> list[int]:
    places = [start]
    while places[-1] != end:
        places.append(int(chain[places[-1]]))
    return places


def _widest_gap(x: Floats, minorant: list[int], majorant: list[int]) -> tuple[float, int, int]:
    """Largest distance between both hulls, and where on each of them it is found."""
    last, end = len(minorant) - 1, len(majorant) - 1
    if last == 1 and end == 1:
        return 1.0, last, end
    distance, left, right = 0.0, last, end
    i, j = last - 1, 1
    while True:
        at, beyond = minorant[i], majorant[j]
        if at > beyond:
            start = minorant[i + 1]
            slope = (at - start) / (x[at] - x[start])
            gap = beyond - start + 1 - (x[beyond] - x[start]) * slope
            j += 1
            place = (i + 1, j - 1)
        else:
            start = majorant[j - 1]
            slope = (beyond - start) / (x[beyond] - x[start])
            gap = (x[at] - x[start]) * slope - (at - start - 1)
            i -= 1
            place = (i + 1, j)
        if gap >= distance:
            distance, (left, right) = gap, place
        i, j = max(i, 0), min(j, end)
        if minorant[i] == majorant[j]:
            return distance, left, right


def _below(x: Floats, minorant: list[int]) -> float:
    """Largest height of the steps above the convex part."""
    return max(
        (
            float((np.arange(1, e - s + 2) - (x[s : e + 1] - x[s]) * _slope(x, s, e)).max())
            for e, s in pairwise(minorant)
            if e - s > 1 and x[e] != x[s]
        ),
        default=1.0,
    )


def _above(x: Floats, majorant: list[int]) -> float:
    """Largest height of the concave part above the steps."""
    return max(
        (
            float(((x[s : e + 1] - x[s]) * _slope(x, s, e) - np.arange(-1, e - s)).max())
            for s, e in pairwise(majorant)
            if e - s > 1 and x[e] != x[s]
        ),
        default=1.0,
    )


def _slope(x: Floats, start: int, end: int) -> float:
    return float((end - start) / (x[end] - x[start]))
