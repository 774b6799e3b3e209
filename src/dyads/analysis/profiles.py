"""A profile of each person: how much is shown, how much is felt, and how the two go together.

Features have different units and are known with different certainty. Each is set off against the
median of all people in units of the median absolute deviation, and drawn towards the median by
its reliability, so that a feature that another half of the same recordings would not confirm
weighs little.

References
----------
Kelley (1947). Fundamentals of Statistics, Harvard University Press (the estimated true score).
Brown (1910), Spearman (1910). British Journal of Psychology 3(3). Pronk, Molenaar, Wiers and
Murre (2022). Psychonomic Bulletin & Review 29(1) (random splits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from dyads.analysis.cohort import experience_sd
from dyads.analysis.congruence import LARGEST_R
from dyads.analysis.profile_results import FEATURES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MAD_TO_SD: Final = 1.4826
"""Median absolute deviations times this are standard deviations where values are normal."""
KNOWN_SHARE: Final = 0.8
"""A feature that is known of a smaller share of people does not enter."""
KEPT_VARIANCE: Final = 0.95
DIMENSIONS_MAX: Final = 6
_FEWEST_DEGREES: Final = 2
_ID: Final = ["dyad_id", "person", "group"]


@dataclass(frozen=True)
class Profiles:
    """Profiles of the people of a study.

    Attributes
    ----------
    people
        dyad_id, person, group, the features in their units (missing where unknown), the same
        with `_z` in robust standard deviations from the median, and `component_1` ...: the
        places that subgroups are looked for in; missing for a person who lacks a feature.
    features
        feature, median, deviation (the robust SD), reliability, used, and the loading of each
        component.
    """

    people: pd.DataFrame
    features: pd.DataFrame

    @property
    def scores(self) -> Floats:
        """Places of the people who have all features, shape (people, components)."""
        names = [name for name in self.people if str(name).startswith("component_")]
        return self.people[names].dropna().to_numpy(float)

    @property
    def is_complete(self) -> pd.Series[bool]:
        """Whether each person has all features that are used."""
        return self.people["component_1"].notna()


def profiles(
    cohort: pd.DataFrame, minimum_rows: int, splits: int, generator: np.random.Generator
) -> Profiles:
    """Describe each participant by a few features, robustly scaled and weighted.

    Parameters
    ----------
    cohort
        `Cohort` rows; participants' analysed rows are used.
    minimum_rows
        Fewest rows of a person for a spread, a slope or a correlation.
    splits
        Random splits of each person's rows in two halves, within each emotion, for reliability:
        the Spearman correlation of both halves over people, averaged and stepped up to the whole
        length.
    generator
        Source of the splits.

    Returns
    -------
    Profiles
        Features that hardly vary, or are known of fewer than `KNOWN_SHARE` of the people, are not
        used; where none is, nobody has a component. Components are principal components of the
        weighted features: as many as hold `KEPT_VARIANCE` of their variance, at most
        `DIMENSIONS_MAX`.
    """
    rows = _rows(cohort)
    names = rows.people
    everything = np.ones(len(rows.x))
    raw = pd.DataFrame(_features(rows, minimum_rows, everything), columns=list(FEATURES))
    reliability = _reliability(rows, splits, generator)
    median = raw.median()
    deviation = MAD_TO_SD * (raw - median).abs().median()
    is_used = (deviation > 0) & (raw.notna().mean() >= KNOWN_SHARE) & (reliability > 0)
    used = list(raw.columns[is_used])
    z = (raw - median) / deviation.where(deviation > 0)
    weighted = (z[used] * reliability[used]).dropna()
    scores, loadings = principal_components(weighted.to_numpy(float))
    numbers = [f"component_{number + 1}" for number in range(scores.shape[1])]
    placed = pd.DataFrame(scores, index=weighted.index, columns=numbers).reindex(raw.index)
    features = pd.DataFrame(
        {
            "feature": raw.columns,
            "median": median.to_numpy(),
            "deviation": deviation.to_numpy(),
            "reliability": reliability.to_numpy(),
            "used": is_used.to_numpy(),
        }
    )
    own = pd.DataFrame(loadings, index=used, columns=numbers).reindex(raw.columns)
    return Profiles(
        people=pd.concat([names, raw, z.add_suffix("_z"), placed], axis=1),
        features=pd.concat([features, own.reset_index(drop=True)], axis=1),
    )


@dataclass(frozen=True)
class _Rows:
    """Analysed rows of participants: whose, of which emotion, x in SD, e in its unit."""

    people: pd.DataFrame
    person: Codes
    emotion: Codes
    x: Floats
    e: Floats


def _rows(cohort: pd.DataFrame) -> _Rows:
    used = cohort[cohort["role"].eq("participant") & cohort["exclusion"].eq("")]
    people = used[_ID].drop_duplicates("person").reset_index(drop=True)
    numbers = pd.Series(people.index, index=people["person"])
    x = used["x"].to_numpy(float) / experience_sd(cohort)
    e = used["e"].to_numpy(float)
    emotion = pd.factorize(used["emotion"])[0].astype(np.int64)
    person = used["person"].map(numbers).to_numpy(np.int64)
    x, e = (values - _means(values, emotion)[emotion] for values in (x, e))
    return _Rows(people, person, emotion, x, e)


def _features(rows: _Rows, minimum_rows: int, weight: Floats) -> Floats:
    """Features of each person, shape (people, features), missing where they cannot be known.

    `weight` has a one for each row that counts and a zero for the others.
    """
    n, emotions = len(rows.people), int(rows.emotion.max(initial=0)) + 1
    cell = rows.person * emotions + rows.emotion

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(rows.person, weight * values, n), dtype=float)

    x, e = (values - _means(values, cell, weight)[cell] for values in (rows.x, rows.e))
    cells = np.bincount(cell, weight, n * emotions).reshape(n, emotions) > 0
    count, xx, ee, xe = total(np.ones(len(x))), total(x * x), total(e * e), total(x * e)
    degrees = count - cells.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.clip(xe / np.sqrt(xx * ee), -LARGEST_R, LARGEST_R)
        table = np.stack(
            [total(rows.e) / count, np.sqrt(ee / degrees), total(rows.x) / count,
             np.sqrt(xx / degrees), xe / xx, np.arctanh(r)],
            axis=1,
        )  # fmt: skip
    is_short = (count < minimum_rows) | (degrees < _FEWEST_DEGREES)
    table[np.ix_(is_short, [not name.endswith("level") for name in FEATURES])] = np.nan
    return np.where(np.isfinite(table), table, np.nan)


def _means(values: Floats, codes: Codes, weight: Floats | None = None) -> Floats:
    """Mean of each code's values; missing where nothing counts."""
    weight = np.ones(len(values)) if weight is None else weight
    with np.errstate(invalid="ignore"):
        return np.bincount(codes, weight * values) / np.bincount(codes, weight)


def _reliability(rows: _Rows, splits: int, generator: np.random.Generator) -> pd.Series[float]:
    """Reliability of each feature, from 0; 0 where halves are too short to tell."""
    cell = rows.person * (int(rows.emotion.max(initial=0)) + 1) + rows.emotion
    found = []
    for _ in range(splits):
        first = _half(cell, generator)
        halves = [_features(rows, 0, weight) for weight in (first, 1 - first)]
        found.append([_spearman(one, two) for one, two in zip(*(h.T for h in halves), strict=True)])
    z = np.arctanh(np.clip(found, -LARGEST_R, LARGEST_R))
    known = np.isfinite(z)
    half = np.tanh(np.where(known, z, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    return pd.Series(np.maximum(2 * half / (1 + half), 0.0), index=list(FEATURES))


def _half(cell: Codes, generator: np.random.Generator) -> Floats:
    """Mark a random half of the rows of each person and emotion; odd ones go either way."""
    order = np.lexsort((generator.random(len(cell)), cell))
    counts = np.bincount(cell)
    place = np.empty(len(cell), dtype=np.int64)
    place[order] = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts, counts)
    return ((place + generator.integers(2, size=len(counts))[cell]) % 2).astype(float)


def _spearman(one: Floats, two: Floats) -> float:
    known = np.isfinite(one) & np.isfinite(two)
    if known.sum() < 3 or np.ptp(one[known]) == 0 or np.ptp(two[known]) == 0:
        return np.nan
    return float(np.corrcoef(rankdata(one[known]), rankdata(two[known]))[0, 1])


def principal_components(weighted: Floats) -> tuple[Floats, Floats]:
    """Place people along the axes in which they differ most.

    Parameters
    ----------
    weighted
        Shape (people, features), all known.

    Returns
    -------
    tuple of arrays
        Scores, shape (people, k), and loadings, (features, k), the largest of each positive.
    """
    if not weighted.size:
        return np.full((len(weighted), 1), np.nan), np.full((weighted.shape[1], 1), np.nan)
    centred = weighted - weighted.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    share = np.cumsum(sizes**2) / np.sum(sizes**2)
    kept = min(int(np.searchsorted(share, KEPT_VARIANCE)) + 1, DIMENSIONS_MAX, len(axes))
    loadings = axes[:kept].T
    largest = np.abs(loadings).argmax(axis=0)
    loadings = loadings * np.sign(loadings[largest, np.arange(kept)])
    return centred @ loadings, loadings
