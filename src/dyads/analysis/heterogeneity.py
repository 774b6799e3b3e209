"""Whether the people of a study fall into subgroups, and what goes with their profiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from dyads import tables
from dyads.analysis.associations import associations
from dyads.analysis.clusters import find_subgroups
from dyads.analysis.profile_results import FEATURES, Heterogeneity, ProfileSummary
from dyads.analysis.profiles import profiles
from dyads.config import ProfileSettings
from dyads.contracts import PersonProfiles
from dyads.tables import About


def heterogeneity(
    cohort: pd.DataFrame,
    participants: pd.DataFrame,
    settings: ProfileSettings,
    *,
    groups: Sequence[str],
    minimum_rows: int,
    minimum_cell: int,
    generator: np.random.Generator,
    about: About,
) -> tuple[pd.DataFrame, Heterogeneity]:
    """Describe people, look for subgroups, and hold both against diagnosis and symptoms.

    Parameters
    ----------
    cohort
        `Cohort`; groups are taken from here.
    participants
        Study table; its further columns are the covariates.
    settings
        Limits and numbers of samples.
    groups
        Groups of the study in their order.
    minimum_rows
        Fewest rows of a person for a spread, a slope or a correlation.
    minimum_cell
        Fewest people behind a number that may be shared.
    generator
        Source of random numbers.
    about
        What the expressions say of themselves.

    Returns
    -------
    DataFrame
        `PersonProfiles`; it stays private.
    Heterogeneity
        What may be shared.
    """
    found = profiles(cohort, minimum_rows, settings.splits, generator)
    people, complete = found.people, found.is_complete
    subgroups = find_subgroups(found.scores, settings, generator)
    people["subgroup"] = pd.array([pd.NA] * len(people), dtype="Int64")
    people["subgroup_probability"] = np.nan
    if subgroups.number > 1:
        people.loc[complete, "subgroup"] = subgroups.labels + 1
        people.loc[complete, "subgroup_probability"] = subgroups.probabilities
    own = participants.set_index("participant_id").drop(columns="group")
    covariates = pd.concat(
        [people[["group"]], own.reindex(people["person"]).reset_index(drop=True)], axis=1
    )
    used = found.features.loc[found.features["used"], "feature"]
    wanted = {feature: people[f"{feature}_z"] for feature in used}
    if subgroups.number > 1:
        wanted = {"subgroup": people["subgroup"].astype("string"), **wanted}
    last = subgroups.checks.iloc[-1]
    summary = ProfileSummary(
        people=int(complete.sum()),
        left_out=int((~complete).sum()),
        subgroups=subgroups.number,
        failed="" if last["passed"] else str(last["check"]),
        stamp=about.stamp,
        remarks=about.remarks,
    )
    shared = Heterogeneity(
        summary=summary,
        features=found.features,
        checks=subgroups.checks,
        candidates=subgroups.candidates,
        associations=associations(wanted, covariates, settings.permutations, generator),
        sizes=_sizes(people, groups, minimum_cell),
        means=_means(people, groups, minimum_cell),
    )
    return tables.check(people, PersonProfiles, "profiles"), shared


def _sizes(people: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> pd.DataFrame:
    """Count people by subgroup and group; nothing at all where a count is small.

    One hidden count could be worked out from the others and from the size of its group.
    """
    known = people.dropna(subset=["subgroup"])
    counts = known.groupby(["subgroup", "group"]).size()
    if ((counts > 0) & (counts < minimum_cell)).any():
        counts = counts.iloc[:0]
    table = counts.rename("people").reset_index()
    order = pd.Categorical(table["group"], categories=list(groups))
    return table.assign(order=order).sort_values(["subgroup", "order"]).drop(columns="order")


def _means(people: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> pd.DataFrame:
    rows = []
    kinds = [("group", name, people["group"].eq(name)) for name in groups]
    kinds += [
        ("subgroup", str(name), people["subgroup"].eq(name).fillna(False).astype(bool))
        for name in sorted(people["subgroup"].dropna().unique())
    ]
    for kind, which, is_own in kinds:
        for feature in FEATURES:
            values = people.loc[is_own, f"{feature}_z"].dropna().to_numpy(float)
            rows.append((kind, which, feature, *_mean_interval(values, minimum_cell)))
    columns = ["kind", "which", "feature", "n", "mean", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def _mean_interval(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], minimum_cell: int
) -> tuple[int | None, float, float, float]:
    n = len(values)
    if n < max(minimum_cell, 1):
        return None, np.nan, np.nan, np.nan
    mean = float(values.mean())
    if n == 1:
        return n, mean, np.nan, np.nan
    half = float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return n, mean, mean - half, mean + half
