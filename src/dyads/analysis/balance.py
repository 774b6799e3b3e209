"""How alike groups are: every covariate by group, and standardised differences between groups.

Balance is a property of these people, not of a population, so nothing here is tested: a
difference that matters is one that is large, whatever its p would be.

References
----------
Austin, P. C. (2009). Statistics in Medicine 28(25), 3083-3107. Hedges, L. V., and Olkin, I.
(1985). Statistical Methods for Meta-Analysis, ch. 5. Stuart, E. A. (2010). Statistical Science
25(1), 1-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.special import ndtri

from dyads.analysis.comparisons import named_pairs

LARGEST_DIFFERENCE: Final = 0.25
"""Standardised difference from which groups count as unlike in a covariate."""
VARIANCE_RATIOS: Final = (0.5, 2.0)
"""Ratios of variances between which groups count as alike."""

_KEYS: Final = ["covariate", "level"]
_NORMAL: Final = float(ndtri(0.975))


def describe(
    people: pd.DataFrame, covariates: Sequence[str], groups: Sequence[str]
) -> pd.DataFrame:
    """Describe each covariate in each group.

    Parameters
    ----------
    people
        One row per person: `group` and the covariates.
    covariates
        Columns of numbers or of words.
    groups
        Groups in the order of the table.

    Returns
    -------
    DataFrame
        `covariate`, `level` (empty for numbers), `group`, `people`, `known` (people with a
        value), `mean`, `sd` (divisor n - 1), `count`, `share` (of those known). Numbers have a
        mean, the levels of words a count and a share.
    """
    parts = []
    for covariate in covariates:
        values = people[covariate]
        levels = [] if is_numeric_dtype(values) else sorted(values.dropna().astype(str).unique())
        if levels:
            parts += [_level(people, covariate, level, groups) for level in levels]
        else:
            parts.append(_number(people, covariate, groups))
    columns = [*_KEYS, "group", "people", "known", "mean", "sd", "count", "share"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def balance(described: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Compare each group with each earlier one in every covariate.

    Parameters
    ----------
    described
        As `describe` gives it.
    groups
        Groups in their order.

    Returns
    -------
    DataFrame
        `covariate`, `level`, `contrast` (`later - earlier`), `smd`, `lower`, `upper`,
        `variance_ratio` (later over earlier; numbers only), `is_balanced`. The standardised mean
        difference is that of the means over the root of the mean of both variances, for a share p
        with variance p(1 - p); of two levels the second alone is compared, since the first is its
        mirror image. The 95 % interval is Hedges and Olkin's for large samples.
    """
    wide = described[~_is_mirror(described)]
    parts = []
    for contrast, (later, earlier) in named_pairs(groups).items():
        pair = wide[wide["group"].eq(later)].merge(
            wide[wide["group"].eq(earlier)], on=_KEYS, suffixes=("_1", "_0")
        )
        parts.append(_compared(pair).assign(contrast=contrast))
    order = {key: place for place, key in enumerate(_pairs(wide))}
    table = pd.concat(parts, ignore_index=True)
    table = table.iloc[np.argsort([order[key] for key in _pairs(table)], kind="stable")]
    columns = [*_KEYS, "contrast", "smd", "lower", "upper", "variance_ratio", "is_balanced"]
    return table[columns].reset_index(drop=True)


def _compared(pair: pd.DataFrame) -> pd.DataFrame:
    is_share = pair["share_1"].notna()
    centre = {side: pair[f"mean_{side}"].where(~is_share, pair[f"share_{side}"]) for side in "01"}
    spread = {
        side: (pair[f"sd_{side}"] ** 2).where(~is_share, centre[side] * (1 - centre[side]))
        for side in "01"
    }
    root = np.sqrt((spread["0"] + spread["1"]) / 2)
    difference = centre["1"] - centre["0"]
    smd = (difference / root.where(root > 0)).mask(root.eq(0) & difference.eq(0), 0.0)
    n0, n1 = pair["known_0"].astype(float), pair["known_1"].astype(float)
    se = np.sqrt((n0 + n1) / (n0 * n1) + smd**2 / (2 * (n0 + n1)))
    ratio = (spread["1"] / spread["0"].where(spread["0"] > 0)).mask(is_share)
    is_near = smd.abs().lt(LARGEST_DIFFERENCE)
    return pair[_KEYS].assign(
        smd=smd,
        lower=smd - _NORMAL * se,
        upper=smd + _NORMAL * se,
        variance_ratio=ratio,
        is_balanced=is_near & (ratio.isna() | ratio.between(*VARIANCE_RATIOS)),
    )


def _is_mirror(described: pd.DataFrame) -> pd.Series[bool]:
    """Mark the first of two levels."""
    of_words = described[described["level"].ne("")]
    levels = of_words.groupby("covariate")["level"].agg(["nunique", "min"])
    first = levels.loc[levels["nunique"].eq(2), "min"]
    return described["level"].eq(described["covariate"].map(first))


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["covariate"], table["level"], strict=True))


def _number(people: pd.DataFrame, covariate: str, groups: Sequence[str]) -> pd.DataFrame:
    values = pd.to_numeric(people[covariate]).astype(float)
    by_group = values.groupby(people["group"]).agg(["size", "count", "mean", "std"])
    by_group = by_group.reindex(list(groups))
    return pd.DataFrame(
        {
            "covariate": covariate,
            "level": "",
            "group": list(groups),
            "people": by_group["size"].fillna(0).astype(int).to_numpy(),
            "known": by_group["count"].fillna(0).astype(int).to_numpy(),
            "mean": by_group["mean"].to_numpy(float),
            "sd": by_group["std"].to_numpy(float),
            "count": np.nan,
            "share": np.nan,
        }
    )


def _level(people: pd.DataFrame, covariate: str, level: str, groups: Sequence[str]) -> pd.DataFrame:
    known = people[covariate].notna()
    here = known & people[covariate].astype(str).eq(level)
    counts = pd.DataFrame({"size": 1, "known": known, "here": here})
    by_group = counts.groupby(people["group"]).sum().reindex(list(groups), fill_value=0)
    n = by_group["known"].to_numpy(float)
    return pd.DataFrame(
        {
            "covariate": covariate,
            "level": level,
            "group": list(groups),
            "people": by_group["size"].to_numpy(int),
            "known": by_group["known"].to_numpy(int),
            "mean": np.nan,
            "sd": np.nan,
            "count": by_group["here"].to_numpy(float),
            "share": np.divide(by_group["here"], n, out=np.full(len(n), np.nan), where=n > 0),
        }
    )
