"""Look for subgroups of people, and say so where there are none.

A mixture of normal distributions always finds components: several of them describe one skewed or
elongated heap better than one does. So a subgroup is claimed only if every check of `CHECKS` is
passed, in this order, and components without a valley between them count as one.

References
----------
Fraley and Raftery (2002). Journal of the American Statistical Association 97(458). Hennig (2010).
Methods for merging Gaussian mixture components. Advances in Data Analysis and Classification
4(1). Hennig (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data
Analysis 52(1). Hubert and Arabie (1985). Journal of Classification 2(1).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from dyads.analysis.profile_results import CHECKS
from dyads.analysis.unimodality import dip, dip_p_value
from dyads.config import ProfileSettings

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Shape = Literal["spherical", "diag", "tied", "full"]

SHAPES_OF_ONE: Final[tuple[Shape, ...]] = ("spherical", "diag")
SHAPES_OF_SEVERAL: Final[tuple[Shape, ...]] = ("spherical", "tied", "full")
"""Shapes that are tried; the axes are principal components, so one component needs no tilt."""
ALPHA: Final = 0.05
SMALLEST_SHARE: Final = 0.1
_RIDGE: Final = 1e-3
_CANDIDATE: Final = ["dimensions", "components", "shape", "bic", "gain"]


@dataclass(frozen=True)
class Subgroups:
    """What the search for subgroups found.

    Attributes
    ----------
    labels
        Subgroup of each person from 0, the largest first; all 0 where there are none.
    probabilities
        How sure that is, shape (people,).
    checks
        check, question, found, limit, passed: a row for each check that was made.
    candidates
        dimensions, components, shape, bic, gain: every mixture that was fitted; `gain` is how
        much lower its BIC is than that of the best single component in as many dimensions.
    """

    labels: Labels
    probabilities: Floats
    checks: pd.DataFrame
    candidates: pd.DataFrame

    @property
    def number(self) -> int:
        """Number of subgroups; one means that there are none."""
        return int(self.labels.max(initial=0)) + 1


@dataclass(frozen=True)
class _Solution:
    """A mixture whose components have been joined into subgroups."""

    mixture: GaussianMixture
    subgroup_of: Labels

    def probabilities(self, scores: Floats) -> Floats:
        """Probability of each subgroup, shape (people, subgroups)."""
        parts = self.mixture.predict_proba(scores)
        return np.stack(
            [parts[:, self.subgroup_of == s].sum(axis=1) for s in range(self.number)], axis=1
        )

    def labels(self, scores: Floats) -> Labels:
        return np.asarray(self.probabilities(scores).argmax(axis=1), dtype=np.int64)

    @property
    def number(self) -> int:
        return int(self.subgroup_of.max()) + 1


def find_subgroups(
    scores: Floats, settings: ProfileSettings, generator: np.random.Generator
) -> Subgroups:
    """Look for subgroups of people among their scores.

    Parameters
    ----------
    scores
        Shape (people, dimensions), as `dyads.analysis.profiles.components` gives them.
    settings
        Limits and numbers of samples.
    generator
        Source of starts and samples.

    Returns
    -------
    Subgroups
        Components are joined, those with the shallowest valley first, until each pair has a dip
        (along the axis that tells the two apart best) that even spread reaches in at most
        `ALPHA` of samples.
    """
    n, everything = len(scores), scores
    one = np.zeros(n, dtype=np.int64), np.ones(n)
    checks = [("people", float(n), float(settings.people_min), n >= settings.people_min)]
    if n < settings.people_min:
        return Subgroups(*one, _checks(checks), pd.DataFrame(columns=_CANDIDATE))
    table, mixtures = _search(scores, settings.subgroups_max, generator)
    several = table[table["components"].gt(1)]
    chosen = several.index[int(several["gain"].to_numpy().argmax())]
    best, gain = mixtures[chosen], float(several.loc[chosen, "gain"])
    scores = scores[:, : best.n_features_in_]
    checks.append(("mixture", gain, 0.0, gain > 0))
    solution, depth = _joined(best, scores)
    for check in ("valley", "size", "null", "stability"):
        if not checks[-1][-1]:
            return Subgroups(*one, _checks(checks), table)
        if check == "valley":
            checks.append((check, depth, ALPHA, depth <= ALPHA))
        elif check == "size":
            smallest = int(np.bincount(solution.labels(scores), minlength=solution.number).min())
            limit = max(settings.smallest_subgroup, int(np.ceil(SMALLEST_SHARE * n)))
            checks.append((check, float(smallest), float(limit), smallest >= limit))
        elif check == "null":
            p_value = _against_null(gain, everything, settings, generator)
            checks.append((check, p_value, ALPHA, p_value <= ALPHA))
        else:
            rand = _stability(solution, scores, settings, generator)
            checks.append((check, rand, settings.stability_min, rand >= settings.stability_min))
    if not checks[-1][-1]:
        return Subgroups(*one, _checks(checks), table)
    chances = solution.probabilities(scores)
    order = np.argsort(-np.bincount(chances.argmax(axis=1), minlength=solution.number))
    chances = chances[:, order]
    return Subgroups(chances.argmax(axis=1), chances.max(axis=1), _checks(checks), table)


def _search(
    scores: Floats, subgroups_max: int, generator: np.random.Generator
) -> tuple[pd.DataFrame, list[GaussianMixture]]:
    """Fit mixtures in the first one, two ... dimensions and hold each against one component."""
    seed = int(generator.integers(2**31))
    rows, mixtures = [], []
    for dimensions in range(1, scores.shape[1] + 1):
        places = scores[:, :dimensions]
        ridge = _RIDGE * float(places.var(axis=0).mean())
        single = np.inf
        for number in range(1, subgroups_max + 1):
            shapes = SHAPES_OF_ONE if number == 1 else SHAPES_OF_SEVERAL
            for shape in shapes[:1] if dimensions == number == 1 else shapes:
                if dimensions == 1 and shape == "full":
                    continue
                mixture = _fitted(places, number, shape, ridge, seed)
                bic = float(mixture.bic(places))
                single = min(single, bic) if number == 1 else single
                rows.append((dimensions, number, shape, bic, single - bic))
                mixtures.append(mixture)
    return pd.DataFrame(rows, columns=_CANDIDATE), mixtures


def _fitted(places: Floats, number: int, shape: Shape, ridge: float, seed: int) -> GaussianMixture:
    mixture = GaussianMixture(number, covariance_type=shape, reg_covar=ridge, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(places)


def _joined(
    mixture: GaussianMixture, scores: Floats, until: int | None = None
) -> tuple[_Solution, float]:
    """Join components, those with the shallowest valley first.

    Parameters
    ----------
    mixture
        Components to join.
    scores
        Shape (people, dimensions).
    until
        Number of subgroups to stop at; None: stop when every pair has a valley.

    Returns
    -------
    _Solution
        At least one subgroup.
    float
        p of the shallowest valley that was looked at last.
    """
    own = mixture.predict(scores)
    subgroup_of = np.arange(mixture.n_components)
    p_value = 1.0
    while len(names := np.unique(subgroup_of)) > 1:
        valleys = {
            (one, two): _across(scores, subgroup_of[own] == one, subgroup_of[own] == two)
            for one, two in combinations(names, 2)
        }
        one, two = min(valleys, key=lambda pair: np.sqrt(len(valleys[pair])) * dip(valleys[pair]))
        if until is None:
            p_value = dip_p_value(valleys[one, two])
        if len(names) == until or p_value <= ALPHA:
            break
        subgroup_of = np.where(subgroup_of == two, one, subgroup_of)
    dense = np.unique(subgroup_of, return_inverse=True)[1]
    return _Solution(mixture, dense.astype(np.int64)), p_value


def _across(scores: Floats, is_one: NDArray[np.bool_], is_two: NDArray[np.bool_]) -> Floats:
    """Places of people around the border of two sets, along the axis that parts them (Fisher's).

    Of the larger set only as many as the smaller one has count, those nearest to it: the part of
    a single heap between two places is a single heap too, and a small set keeps its say.
    """
    one, two = sorted((scores[is_one], scores[is_two]), key=len)
    if len(one) < 2:
        return np.zeros(len(one) + len(two))
    centred = np.concatenate([one - one.mean(axis=0), two - two.mean(axis=0)])
    within = centred.T @ centred / len(centred)
    within += _RIDGE * float(scores.var(axis=0).mean()) * np.eye(len(within))
    axis = np.linalg.solve(within, one.mean(axis=0) - two.mean(axis=0))
    nearest = np.sort(two @ axis)[-len(one) :]
    return np.concatenate([one @ axis, nearest])


def _against_null(
    gain: float, scores: Floats, settings: ProfileSettings, generator: np.random.Generator
) -> float:
    """How often one normal distribution of the same covariance gains as much.

    The answer stands as soon as that is more often than `ALPHA` allows; no more are drawn then.
    """
    spread = np.atleast_2d(np.cov(scores, rowvar=False))
    centre = np.zeros(scores.shape[1])
    enough = ALPHA * (1 + settings.null_samples)
    reached = 0
    for drawn in range(1, settings.null_samples + 1):
        sample = generator.multivariate_normal(centre, spread, size=len(scores))
        table, _ = _search(sample, settings.subgroups_max, generator)
        reached += int(table.loc[table["components"].gt(1), "gain"].max() >= gain)
        if reached >= enough:
            return (1 + reached) / (1 + drawn)
    return (1 + reached) / (1 + settings.null_samples)


def _stability(
    solution: _Solution,
    scores: Floats,
    settings: ProfileSettings,
    generator: np.random.Generator,
) -> float:
    """Mean adjusted Rand index between the subgroups and those of bootstrap samples.

    A sample's mixture has the same shape and number of components, joined to the same number of
    subgroups; both solutions are compared over all people.
    """
    mixture, own = solution.mixture, solution.labels(scores)
    ridge = float(mixture.reg_covar)
    found = []
    for _ in range(settings.bootstrap_samples):
        sample = scores[generator.integers(len(scores), size=len(scores))]
        seed = int(generator.integers(2**31))
        again = _fitted(sample, mixture.n_components, mixture.covariance_type, ridge, seed)
        joined, _ = _joined(again, sample, solution.number)
        found.append(adjusted_rand_score(own, joined.labels(scores)))
    return float(np.mean(found))


def _checks(rows: Sequence[tuple[str, float, float, bool]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["check", "found", "limit", "passed"])
    table.insert(1, "question", table["check"].map(CHECKS))
    return table.assign(passed=table["passed"].astype(bool))
