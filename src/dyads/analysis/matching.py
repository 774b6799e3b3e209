"""Match participants of the groups, for an analysis beside the main one.

A set holds one person of each group (or several of the reference group), all the same in the
exact covariates and all within the calipers of one another. Among all assignments that give the
most sets, the one with the smallest total distance is taken, not the first that a walk through
the list finds: a greedy walk loses sets and depends on the order of the rows. For two groups
this is the optimum. For more, no fast method is known to find it; sets are then built group by
group, each step an optimum, from every order of the groups, and the best result is kept.

References
----------
Rosenbaum, P. R. (1989). Optimal matching for observational studies. Journal of the American
Statistical Association 84(408), 1024-1032.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dyads.analysis.cohort import centre
from dyads.config import MatchingSettings
from dyads.contracts import Cohort, MatchedSets
from dyads.errors import StudyError
from dyads.tables import check

Floats = NDArray[np.float64]
Sets = NDArray[np.int64]

NOT_MATCHED = "not in a matched set"


def match(
    people: pd.DataFrame, settings: MatchingSettings, groups: Sequence[str], seed: int
) -> pd.DataFrame:
    """Put participants into sets.

    Parameters
    ----------
    people
        One row per participant who can be analysed: `person`, `group` and the covariates.
    settings
        Covariates and calipers; a caliper is in standard deviations within groups (root of the
        mean of the groups' variances).
    groups
        Groups in their order; the first is the reference.
    seed
        Decides between assignments of equal distance, so that the order of the rows does not.

    Returns
    -------
    DataFrame
        `MatchedSets`, one row per participant. Who is in no set has a reason: no value of a
        covariate, nobody near enough in another group, or others were nearer.

    Raises
    ------
    StudyError
        If a covariate is not there or a caliper is on words, or if fewer than two sets are
        found, so that nothing could be compared.
    """
    _refuse_unknown(people, settings)
    own = people[people["group"].isin(list(groups))].sort_values("person", ignore_index=True)
    order = np.random.default_rng(seed).permutation(len(own))
    own = own.iloc[order].reset_index(drop=True)
    distance, lacking = _distances(own, settings, groups)
    number = own["group"].map(_places(groups)).to_numpy().astype(np.int64)
    sets = _best_sets(distance, number, len(groups), settings.ratio)
    if len(sets) < 2:
        raise StudyError(
            f"sample.matching: {len(sets)} sets could be made of {len(own)} participants. Widen "
            "the calipers, or leave an exact covariate out."
        )
    set_number = pd.Series(0, index=own.index)
    # Numbered by their first names, so that the same sets have the same numbers.
    first = own["person"].to_numpy(object)[sets].min(axis=1)
    for place, members in enumerate(sets[np.argsort(first)], 1):
        set_number.iloc[members] = place
    is_kept = set_number.gt(0)
    is_alone = _is_alone(distance, number, len(groups))
    reason = pd.Series("others were nearer, or a set stayed incomplete", index=own.index)
    reason = reason.mask(is_alone, "nobody near enough in another group")
    reason = reason.mask(lacking.ne(""), lacking).mask(is_kept, "")
    table = own[["person", "group"]].assign(
        set_number=set_number.astype("Int64").mask(~is_kept),
        reason=reason,
        place=own["group"].map(_places(groups)),
    )
    table = table.sort_values(["place", "set_number", "person"]).drop(columns="place")
    return check(table, MatchedSets, "matched sets")


def only_matched(cohort: pd.DataFrame, sets: pd.DataFrame) -> pd.DataFrame:
    """Leave out the dyads of participants who are in no set, and centre the rest anew.

    Returns
    -------
    DataFrame
        `Cohort`; the rows left out stay and say why.
    """
    kept = set(sets.loc[sets["set_number"].notna(), "person"])
    own = cohort[cohort["role"].eq("participant")]
    dyads = set(own.loc[own["person"].isin(kept), "dyad_id"])
    rows = cohort.copy()
    is_lost = ~rows["dyad_id"].isin(dyads) & rows["exclusion"].eq("")
    rows.loc[is_lost, "exclusion"] = NOT_MATCHED
    return check(centre(rows), Cohort, "matched cohort")


def _places(groups: Sequence[str]) -> dict[str, int]:
    return {group: place for place, group in enumerate(groups)}


def _refuse_unknown(people: pd.DataFrame, settings: MatchingSettings) -> None:
    wanted = [*settings.exact, *settings.calipers]
    unknown = [name for name in wanted if name not in people]
    words = [
        name
        for name in settings.calipers
        if name in people and not pd.api.types.is_numeric_dtype(people[name])
    ]
    faults = [f"participants have no column {name}" for name in unknown]
    faults += [f"{name} holds words and can have no caliper: name it in `exact`" for name in words]
    if faults:
        raise StudyError(f"sample.matching: {'; '.join(faults)}.")


def _distances(
    people: pd.DataFrame, settings: MatchingSettings, groups: Sequence[str]
) -> tuple[Floats, pd.Series[str]]:
    """Distances between all people, infinite where two may not share a set; and who lacks what."""
    names = list(settings.calipers)
    values = people[names].to_numpy(float)
    variances = people.groupby("group")[names].var().reindex(list(groups)).mean()
    unit = np.sqrt(variances.to_numpy(float))
    unit[~(unit > 0)] = 1.0
    apart = np.abs(values[:, None, :] - values[None, :, :]) / unit
    limits = np.array(list(settings.calipers.values()))
    # Half a millionth of the limit: the caliper itself is still near enough.
    is_near = (apart <= limits * (1 + 5e-7)).all(axis=2)
    for name in settings.exact:
        codes = pd.factorize(people[name])[0]
        is_near &= (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
    wanted = [*settings.exact, *names]
    gaps = people[wanted].isna()
    lacking = gaps.apply(
        lambda row: "" if not row.any() else f"no value of {', '.join(row.index[row])}", axis=1
    )
    distance = np.sqrt(np.square(np.where(np.isnan(apart), 0.0, apart)).sum(axis=2))
    return np.where(is_near, distance, np.inf), lacking.astype(str)


def _is_alone(distance: Floats, number: NDArray[np.int64], n_groups: int) -> NDArray[np.bool_]:
    """Mark people who have nobody near enough in at least one other group."""
    has = np.stack(
        [np.isfinite(distance[:, number == group]).any(axis=1) for group in range(n_groups)]
    )
    has[number, np.arange(len(number))] = True
    return np.asarray(~has.all(axis=0))


def _best_sets(distance: Floats, number: NDArray[np.int64], n_groups: int, ratio: int) -> Sets:
    """The most sets of smallest total distance, over all orders of groups; shape (sets, size)."""
    found: list[tuple[int, float, Sets]] = []
    for order in _orders(n_groups, ratio):
        sets = np.flatnonzero(number == order[0])[:, None]
        for group in order[1:]:
            free = np.setdiff1d(np.flatnonzero(number == group), sets)
            sets = _joined(sets, free, distance)
        total = sum(
            float(distance[sets[:, a], sets[:, b]].sum())
            for a in range(sets.shape[1])
            for b in range(a)
        )
        found.append((-len(sets), round(total, 9), sets))
    return min(found, key=lambda result: result[:2])[2]


def _orders(n_groups: int, ratio: int) -> Iterator[tuple[int, ...]]:
    """Orders in which groups are added; with several of the reference none begins with it."""
    slots = (0,) * ratio + tuple(range(1, n_groups))
    orders = sorted(set(permutations(slots)))
    return (order for order in orders if ratio == 1 or order[0] != 0)


def _joined(sets: Sets, free: Sets, distance: Floats) -> Sets:
    """Give as many sets as possible one of the free people each, at the smallest distance."""
    if not len(sets) or not len(free):
        return np.empty((0, sets.shape[1] + 1), dtype=np.int64)
    cost = distance[sets[:, :, None], free[None, None, :]].sum(axis=1)
    is_open = np.isfinite(cost)
    # One forbidden pair must cost more than any number of allowed ones.
    forbidden = 1.0 + min(cost.shape) * float(cost[is_open].max(initial=0.0))
    rows, columns = linear_sum_assignment(np.where(is_open, cost, forbidden))
    kept = is_open[rows, columns]
    return np.column_stack([sets[rows[kept]], free[columns[kept]]])
