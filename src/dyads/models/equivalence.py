"""Tests that an effect is too small to matter: two one-sided tests against bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dyads.errors import StudyError


def equivalence_tests(
    table: pd.DataFrame, lower: float, upper: float, alpha: float = 0.05
) -> pd.DataFrame:
    """Test each estimate against bounds of equivalence.

    Parameters
    ----------
    table
        Estimates with ``estimate, se, df``: contrasts, slopes or means of any fit.
    lower, upper
        Bounds in the unit of the estimate, fixed before the data are seen.
    alpha
        Level of each one-sided test.

    Returns
    -------
    DataFrame
        The table with ``p_equivalence`` (the larger of the two p-values), ``is_equivalent``
        and the interval of coverage ``1 - 2 alpha`` that lies inside the bounds exactly where
        the test rejects, ``equivalence_lower, equivalence_upper``.

    Raises
    ------
    StudyError
        Where the bounds are not in order.

    References
    ----------
    Schuirmann (1987). Journal of Pharmacokinetics and Biopharmaceutics 15(6). Lakens (2017).
    Social Psychological and Personality Science 8(4).
    """
    if not lower < upper:
        raise StudyError(f"Bounds of equivalence must be in order; got {lower:g} to {upper:g}.")
    estimate, se, df = (table[name].to_numpy(float) for name in ("estimate", "se", "df"))
    above = stats.t.sf((estimate - lower) / se, df)
    below = stats.t.cdf((estimate - upper) / se, df)
    p_value = np.maximum(above, below)
    half = stats.t.isf(alpha, df) * se
    return table.assign(
        p_equivalence=p_value,
        is_equivalent=p_value < alpha,
        equivalence_lower=estimate - half,
        equivalence_upper=estimate + half,
    )
