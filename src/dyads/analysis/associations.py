"""How subgroups and profiles go with diagnosis and symptoms.

Everything is ranked first, so that no scale of a symptom and no single person decides. p comes
from permuting people.

References
----------
Cramér (1946). Mathematical Methods of Statistics, Princeton University Press (V). Tomczak and
Tomczak (2014). Trends in Sport Sciences 21(1) (the share of ranks' variance). Phipson and Smyth
(2010). Statistical Applications in Genetics and Molecular Biology 9(1) (p of permutations).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, rankdata

Floats = NDArray[np.float64]

PEOPLE_MIN: Final = 10
COLUMNS: Final = ("what", "covariate", "people", "measure", "effect", "p_value", "p_adjusted")


def associations(
    wanted: Mapping[str, pd.Series],
    covariates: pd.DataFrame,
    permutations: int,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Hold each of several variables against each covariate.

    Parameters
    ----------
    wanted
        Variables by name, numbers or categories, one value a person.
    covariates
        One row a person, with the index of the variables; text and booleans are categories.
    permutations
        Permutations of people behind p.
    generator
        Source of the permutations.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each pair that at least `PEOPLE_MIN` people tell of and in which both
        vary. measure and effect: `rho` (Spearman) of two numbers; `eta2`, the share of the ranks'
        variance that lies between categories; `V` (Cramér) of two categories. p_adjusted:
        Benjamini-Hochberg over the whole table.
    """
    rows = [
        (what, str(name), *pair)
        for what, values in wanted.items()
        for name, column in covariates.items()
        if (pair := _pair(values, column, permutations, generator)) is not None
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    adjusted = false_discovery_control(table["p_value"]) if len(table) else []
    return table.assign(p_adjusted=adjusted)


def _pair(
    one: pd.Series, two: pd.Series, permutations: int, generator: np.random.Generator
) -> tuple[int, str, float, float] | None:
    known = one.notna() & two.notna()
    one, two = one[known], two[known]
    if len(one) < PEOPLE_MIN or one.nunique() < 2 or two.nunique() < 2:
        return None
    left, right = _columns(one), _columns(two)
    observed = _shared(left, right)
    drawn = np.array(
        [_shared(left, right[generator.permutation(len(right))]) for _ in range(permutations)]
    )
    # Equal values in another order of adding differ in their last digits.
    reached = int(np.sum(drawn >= observed * (1 - 1e-9)))
    p_value = (1 + reached) / (1 + permutations)
    numbers = _is_number(one), _is_number(two)
    if all(numbers):
        return len(one), "rho", float(left[:, 0] @ right[:, 0]), p_value
    if any(numbers):
        return len(one), "eta2", observed, p_value
    fewest = min(left.shape[1], right.shape[1])
    return len(one), "V", float(np.sqrt(observed / fewest)), p_value


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _columns(values: pd.Series) -> Floats:
    """Orthonormal centred columns: the ranks of a number, or what categories span."""
    if _is_number(values):
        ranks = rankdata(values.to_numpy(float))
        centred = ranks - ranks.mean()
        return np.asarray(centred / np.linalg.norm(centred))[:, None]
    codes = pd.factorize(values)[0]
    marks = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    return np.asarray(np.linalg.qr((marks - marks.mean(axis=0))[:, :-1])[0])


def _shared(left: Floats, right: Floats) -> float:
    """Sum of squared canonical correlations: rho², eta² or chi² / n."""
    return float(np.sum((left.T @ right) ** 2))
