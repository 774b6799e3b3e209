"""The difference of two means whose spreads may differ.

References
----------
Welch (1947). Biometrika 34(1-2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dyads.models.arrays import FloatArray


def welch_difference(
    means: tuple[ArrayLike, ArrayLike],
    variances: tuple[ArrayLike, ArrayLike],
    sizes: tuple[ArrayLike, ArrayLike],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compare first sides with second sides.

    Parameters
    ----------
    means, variances, sizes
        Of the first and of the second sides, each of shape (differences,).

    Returns
    -------
    tuple of array
        Differences (first minus second), standard errors, degrees of freedom; missing where a
        side has fewer than two values, degrees of freedom also where no side has any spread.
    """
    difference = np.subtract(*(np.asarray(mean, float) for mean in means))
    first, second = (np.asarray(size, float) for size in sizes)
    with np.errstate(invalid="ignore", divide="ignore"):
        one, two = np.divide(variances[0], first), np.divide(variances[1], second)
        df = (one + two) ** 2 / (one**2 / (first - 1) + two**2 / (second - 1))
    return difference, np.sqrt(one + two), df
