"""Is the quality of the data the same for everybody? Equivalence tests by group, sex and age.

A detector that loses the faces of one group makes a finding of its own. That no difference was
found is no proof of the contrary, so each difference is held against the largest one that does
not matter, by two one-sided Welch tests (`dyads.models.equivalence`). Claiming that quality is
alike needs every one of these tests, so that they are not corrected for their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.cohort import NO_CONSENT
from dyads.analysis.comparisons import named_pairs
from dyads.models.equivalence import difference_p, equivalence_tests
from dyads.models.welch import welch_difference

ALPHA: Final = 0.05
EVERYBODY: Final = "all"
ALIKE: Final = "alike"
DIFFERENT: Final = "different"
SMALL: Final = "different, within the bound"
OPEN: Final = "left open"

_STATISTICS: Final = ["people", "mean", "sd"]


def quality_of_people(
    cohort: pd.DataFrame, quality: pd.DataFrame, measures: Sequence[str]
) -> pd.DataFrame:
    """Give each participant one value of each measure of data quality.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    quality
        `Quality` of all sessions.
    measures
        `analysed_share` (share of the person's rows that could be analysed), `seen_share` (mean
        over segments), and measures of `Quality`, taken over whole recordings (mean over
        sessions).

    Returns
    -------
    DataFrame
        `person`, `measure`, `value`; rows without a value are not there.
    """
    own = cohort[cohort["role"].eq("participant") & cohort["exclusion"].ne(NO_CONSENT)]
    segments = own.drop_duplicates(["person", "session_id", "segment_id"])
    of_cohort = {
        "analysed_share": own["exclusion"].eq("").groupby(own["person"]).mean(),
        "seen_share": segments.groupby("person")["seen_share"].mean(),
    }
    whole = quality[
        quality["segment_id"].eq("")
        & quality["measure"].isin(list(measures))
        & quality["person_id"].isin(own["person"])
    ]
    values = whole.groupby(["person_id", "measure"])["value"].mean()
    parts = [values.rename_axis(["person", "measure"]).reset_index(name="value")]
    parts += [
        shares.rename("value").rename_axis("person").reset_index().assign(measure=measure)
        for measure, shares in of_cohort.items()
        if measure in measures
    ]
    known = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    return known[["person", "measure", "value"]]


def quality_by_cell(
    values: pd.DataFrame, people: pd.DataFrame, measures: Sequence[str]
) -> pd.DataFrame:
    """Describe each measure in each cell of group, sex and age.

    Returns
    -------
    DataFrame
        `measure`, `group`, `sex`, `age_half` (each also `all`), `people`, `mean`, `sd`.
    """
    table = _joined(values, people)
    parts = []
    for sexes, halves in ((False, False), (True, False), (False, True), (True, True)):
        held = table.assign(
            sex=table["sex"] if sexes else EVERYBODY,
            age_half=table["age_half"] if halves else EVERYBODY,
        )
        keys = ["measure", "group", "sex", "age_half"]
        cells = held.groupby(keys, observed=True, sort=True)["value"]
        parts.append(cells.agg(people="size", mean="mean", sd="std").reset_index())
    whole = pd.concat(parts, ignore_index=True)
    order = {measure: place for place, measure in enumerate(measures)}
    return whole.sort_values("measure", key=lambda names: names.map(order), kind="stable",
                             ignore_index=True)  # fmt: skip


def compare_quality(
    values: pd.DataFrame,
    people: pd.DataFrame,
    bounds: Mapping[str, float],
    groups: Sequence[str],
) -> pd.DataFrame:
    """Test whether groups, sexes and ages have data of the same quality.

    Parameters
    ----------
    values
        As `quality_of_people` gives them.
    people
        Participants: `person`, `group`, `sex`, `age_half`.
    bounds
        Largest difference that does not matter, by measure, in its units.
    groups
        Groups in their order.

    Returns
    -------
    DataFrame
        `measure`, `factor` (`group`, `sex`, `age`), `within` (`all`, or the sex, the age or both
        in which groups are compared), `contrast`, `people_1`, `people_0`, `estimate`, `bound`,
        `lower`, `upper` (90 % interval, which lies within the bounds where p is below .05),
        `p_equivalence`, `p_difference` and `verdict`. Missing where a side has fewer than two
        people.
    """
    table = _joined(values, people)
    table = table[table["group"].isin(list(groups))]
    sexes = sorted(table["sex"].dropna().unique())
    halves = list(people["age_half"].cat.categories)
    parts = [_tested(table, "group", groups, EVERYBODY, bounds)]
    parts += [
        _tested(table[table["sex"].eq(sex)], "group", groups, f"sex {sex}", bounds) for sex in sexes
    ]
    parts += [
        _tested(table[table["age_half"].eq(half)], "group", groups, f"age {half}", bounds)
        for half in halves
    ]
    parts += [
        _tested(
            table[table["sex"].eq(sex) & table["age_half"].eq(half)],
            "group", groups, f"sex {sex}, age {half}", bounds,
        )
        for sex, half in product(sexes, halves)
    ]  # fmt: skip
    parts.append(_tested(table, "sex", sexes, EVERYBODY, bounds))
    by_age = table.rename(columns={"age_half": "age"})
    parts.append(_tested(by_age, "age", halves, EVERYBODY, bounds))
    return pd.concat(parts, ignore_index=True)


def two_one_sided(cells: pd.DataFrame) -> pd.DataFrame:
    """Test differences of two means against bounds, with Welch's degrees of freedom.

    Parameters
    ----------
    cells
        `mean_1`, `sd_1`, `people_1`, `mean_0`, `sd_0`, `people_0`, `bound`.

    Returns
    -------
    DataFrame
        `estimate` (1 - 0), `lower`, `upper` (90 %), `p_equivalence` (the larger of the two
        one-sided p), `p_difference` (two-sided, against zero), `verdict`.
    """
    mean, sd, size = (
        (cells[f"{name}_1"].to_numpy(float), cells[f"{name}_0"].to_numpy(float))
        for name in ("mean", "sd", "people")
    )
    estimate, se, df = welch_difference(mean, (sd[0] ** 2, sd[1] ** 2), size)
    bound = cells["bound"].to_numpy(float)
    differences = pd.DataFrame({"estimate": estimate, "se": se, "df": df}, index=cells.index)
    table = equivalence_tests(differences, -bound, bound, ALPHA).rename(
        columns={"equivalence_lower": "lower", "equivalence_upper": "upper"}
    )
    table["p_difference"] = difference_p(estimate, se, df)
    differs = table["p_difference"].lt(ALPHA)
    table["verdict"] = np.select(
        [
            table["p_equivalence"].isna(),
            table["is_equivalent"] & differs,
            table["is_equivalent"],
            differs,
        ],
        ["", SMALL, ALIKE, DIFFERENT],
        OPEN,
    )
    return table[["estimate", "lower", "upper", "p_equivalence", "p_difference", "verdict"]]


def _joined(values: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    return values.merge(people[["person", "group", "sex", "age_half"]], on="person")


def _tested(
    table: pd.DataFrame,
    factor: str,
    levels: Sequence[str],
    within: str,
    bounds: Mapping[str, float],
) -> pd.DataFrame:
    by_level = table.groupby(["measure", factor], observed=True)["value"]
    cells = by_level.agg(people="size", mean="mean", sd="std").reset_index()
    parts = []
    for contrast, (later, earlier) in named_pairs(levels).items():
        pair = pd.DataFrame({"measure": list(bounds), "bound": list(bounds.values())})
        for level, side in ((later, "1"), (earlier, "0")):
            own = cells[cells[factor].eq(level)].set_index("measure")[_STATISTICS]
            pair = pair.join(own.add_suffix(f"_{side}"), on="measure")
        pair[["people_1", "people_0"]] = pair[["people_1", "people_0"]].fillna(0).astype(int)
        parts.append(pair.join(two_one_sided(pair)).assign(contrast=contrast))
    columns = [
        "measure", "factor", "within", "contrast", "people_1", "people_0", "estimate", "lower",
        "upper", "bound", "p_equivalence", "p_difference", "verdict",
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).assign(factor=factor, within=within)[columns]
