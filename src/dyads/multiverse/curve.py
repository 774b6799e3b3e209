"""What the whole curve of specifications says, and whether chance alone would say it.

For each contrast the labels of its two groups are dealt out anew among their participants, every
specification is fitted to the same labels, and the curve as a whole is held against such curves.
So it does not matter that specifications of one study are not independent of each other. Other
groups keep their labels: were they dealt out too, their differences would swell the spread of
chance, and a difference between two groups that are alike would be hidden behind a third.

References
----------
Simonsohn, Simmons and Nelson (2020). Nature Human Behaviour 4, 1208-1214.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from dyads.analysis.comparisons import named_pairs
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import Curve, PermutedCurves
from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.multiverse.fits import p_values, relabelling_of
from dyads.multiverse.relabelling import Relabelling
from dyads.multiverse.specifications import Specification
from dyads.plan.primary import ALPHA
from dyads.tables import check

STATISTICS: Final = ("median_effect", "share_significant", "stouffer_z")
_SMALLEST_P: Final = 1e-300
_ROUNDING: Final = 1e-9


def curve_statistics(effect: FloatArray, p_value: FloatArray, p_family: FloatArray) -> FloatArray:
    """Sum up a curve in three numbers.

    Parameters
    ----------
    effect, p_value, p_family
        Shape (..., specifications): contrast in SD, its p alone, and corrected over the contrasts
        of the model. Missing where a specification could not be fitted.

    Returns
    -------
    ndarray
        Shape (..., 3): median effect; share of specifications that are significant after
        correction in the direction of most estimates; Stouffer's Z over p alone. Missing where
        nothing could be fitted.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020). Nature Human Behaviour 4, 1208-1214.
    """
    known = np.isfinite(effect)
    count = known.sum(axis=-1)
    median = np.full(count.shape, np.nan)
    some = count > 0
    median[some] = np.nanmedian(effect[some], axis=-1)
    sign = np.where(known, np.sign(effect), 0.0)
    direction = predominant(sign.sum(axis=-1), median)
    is_there = known & (p_family < ALPHA) & (sign == direction[..., None])
    z = sign * stats.norm.isf(np.clip(np.where(known, p_value, 1.0), _SMALLEST_P, 1.0) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = is_there.sum(axis=-1) / count
        stouffer = z.sum(axis=-1) / np.sqrt(count)
    return np.stack([median, share, stouffer], axis=-1)


def predominant(balance: FloatArray, median: FloatArray) -> FloatArray:
    """Direction of most estimates; where as many point either way, that of the median."""
    return np.asarray(np.where(balance != 0, np.sign(balance), np.sign(median)))


def permuted_curves(
    cohorts: Mapping[str, pd.DataFrame],
    specifications: Sequence[Specification],
    model: ModelSettings,
    groups: Sequence[str],
    plan: PlanSettings,
    numbers: Sequence[int],
    seed: int,
) -> pd.DataFrame:
    """Sum up the curve under permuted labels of the groups.

    Parameters
    ----------
    cohorts
        `Cohort` rows of each branch.
    specifications
        All of them.
    model, groups, plan
        As in `fit_specifications`.
    numbers
        Which permutations; each is the same whoever works it out.
    seed
        Seed of the study.

    Returns
    -------
    DataFrame
        `PermutedCurves`: a row for each permutation and contrast.
    """
    own = groups_of_dyads(pd.concat(cohorts.values(), ignore_index=True))
    pairs = named_pairs(groups)
    labels = [
        [permuted(own, (earlier, later), seed, number) for later, earlier in pairs.values()]
        for number in numbers
    ]
    found = np.full((3, len(numbers), len(pairs), len(specifications)), np.nan)
    for place, one in enumerate(specifications):
        try:
            fitted = relabelling_of(cohorts[one.cohort], one, model, groups, plan)
        except (StudyError, np.linalg.LinAlgError):
            continue
        for row, of_pairs in enumerate(labels):
            for contrast, given in enumerate(of_pairs):
                found[:, row, contrast, place] = _effect(fitted, given, plan, contrast)
    values = curve_statistics(*found)
    names = list(pairs)
    table = pd.DataFrame(values.reshape(-1, len(STATISTICS)), columns=list(STATISTICS)).assign(
        permutation=np.repeat(np.asarray(numbers), len(names)),
        contrast=names * len(numbers),
        fitted=np.isfinite(found[0]).sum(axis=-1).ravel(),
    )
    return check(table, PermutedCurves, "permutations")


def groups_of_dyads(cohort: pd.DataFrame) -> pd.DataFrame:
    """List each dyad with its participant and the participant's group."""
    own = cohort[cohort["role"].eq("participant")]
    return own[["dyad_id", "person", "group"]].drop_duplicates().sort_values(["dyad_id", "person"])


def permuted(own: pd.DataFrame, pair: tuple[str, str], seed: int, number: int) -> dict[str, str]:
    """Deal out the labels of two groups anew among their participants.

    Parameters
    ----------
    own
        As `groups_of_dyads` gives it. Whoever is in several dyads has one label in all of them.
    pair
        The two groups; whoever is in another keeps their label.
    seed
        Seed of the study.
    number
        Number of the permutation.

    Returns
    -------
    dict
        Group of each dyad.
    """
    people = own.drop_duplicates("person").sort_values("person")
    name = hashlib.sha256(f"multiverse/{pair}/{number}".encode()).digest()
    generator = np.random.default_rng([seed, *np.frombuffer(name, dtype=np.uint32)])
    labels = people["group"].to_numpy(object).copy()
    is_dealt = people["group"].isin(pair).to_numpy()
    labels[is_dealt] = generator.permutation(labels[is_dealt])
    group = dict(zip(people["person"], labels, strict=True))
    return {
        str(dyad): group[person] for dyad, person in zip(own["dyad_id"], own["person"], strict=True)
    }


def summed_up(fits: pd.DataFrame, permutations: pd.DataFrame) -> pd.DataFrame:
    """Describe the curve of each contrast and test it as a whole.

    Parameters
    ----------
    fits
        `SpecificationFits` of all specifications.
    permutations
        `PermutedCurves`.

    Returns
    -------
    DataFrame
        `Curve`: a row for each contrast. A p counts the permutations whose curve is at least as
        far from nothing, (1 + b) / (1 + B); a permutation in which nothing could be fitted
        counts as one of them.
    """
    lines = []
    for name, own in fits.groupby("contrast", sort=False):
        known = own[own["failure"].eq("")]
        effect = known["effect"].to_numpy(float)
        values = curve_statistics(
            effect, known["p_value"].to_numpy(float), known["p_family"].to_numpy(float)
        )
        sign = np.sign(effect)
        same = float(np.mean(sign == predominant(sign.sum(), values[0]))) if len(sign) else np.nan
        chance = permutations[permutations["contrast"].eq(name)][list(STATISTICS)].to_numpy(float)
        lines.append(
            {
                "contrast": name,
                "specifications": len(own),
                "fitted": len(known),
                "share_same_sign": same,
                **dict(zip(STATISTICS, values, strict=True)),
                "smallest_effect": effect.min(initial=np.inf) if len(effect) else np.nan,
                "largest_effect": effect.max(initial=-np.inf) if len(effect) else np.nan,
                "permutations": len(chance),
                **{
                    f"p_{statistic}": _share_beyond(chance[:, place], float(values[place]))
                    for place, statistic in enumerate(STATISTICS)
                },
            }
        )
    return check(pd.DataFrame(lines), Curve, "curve")


def _share_beyond(chance: FloatArray, value: float) -> float:
    if not np.isfinite(value) or not len(chance):
        return np.nan
    is_beyond = ~(np.abs(chance) < abs(value) - _ROUNDING)
    return float((1 + is_beyond.sum()) / (1 + len(chance)))


def _effect(
    fitted: Relabelling, groups: Mapping[str, str], plan: PlanSettings, contrast: int
) -> tuple[float, float, float]:
    """Effect of a contrast under other labels, its p alone and corrected; NaN without a fit."""
    try:
        tests = fitted.again(groups)
    except (StudyError, np.linalg.LinAlgError):
        return np.nan, np.nan, np.nan
    alone, family = p_values(tests, plan)
    return (
        float(tests.estimate[contrast] / tests.unit),
        float(alone[contrast]),
        float(family[contrast]),
    )
