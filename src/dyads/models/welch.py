"""The difference of two means whose spreads may differ.

References
----------
Welch (1947). Biometrika 34(1-2).
"""

from __future__ import annotations

import numpy as np

from dyads.models.arrays import FloatArray


def welch_difference(
    means: tuple[FloatArray, FloatArray],
    variances: tuple[FloatArray, FloatArray],
    sizes: tuple[FloatArray, FloatArray],
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
    with np.errstate(invalid="ignore", divide="ignore"):
        one, two = (variance / size for variance, size in zip(variances, sizes, strict=True))
        df = (one + two) ** 2 / (one**2 / (sizes[0] - 1) + two**2 / (sizes[1] - 1))
    return means[0] - means[1], np.sqrt(one + two), df
