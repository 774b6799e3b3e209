"""Is the quality of the data the same for everybody? Equivalence tests by group, sex and age.

A detector that loses the faces of one group makes a finding of its own. That no difference was
found is no proof of the contrary, so each difference is held against the largest one that does
not matter, by two one-sided Welch tests. Claiming that quality is alike needs every one of these
tests, so that they are not corrected for their number.

References
----------
Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680.
Lakens, D. (2017). Social Psychological and Personality Science 8(4), 355-362.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from dyads.analysis.cohort import NO_CONSENT

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


def equivalence_tests(
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
        `measure`, `factor` (`group`, `sex`, `age`), `within` (`all`, or one sex or age in which
        groups are compared), `contrast`, `people_1`, `people_0`, `estimate`, `bound`,
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
    n1, n0 = cells["people_1"].to_numpy(float), cells["people_0"].to_numpy(float)
    part1, part0 = cells["sd_1"].to_numpy(float) ** 2 / n1, cells["sd_0"].to_numpy(float) ** 2 / n0
    estimate = (cells["mean_1"] - cells["mean_0"]).to_numpy(float)
    bound = cells["bound"].to_numpy(float)
    se = np.sqrt(part1 + part0)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = (part1 + part0) ** 2 / (part1**2 / (n1 - 1) + part0**2 / (n0 - 1))
        # Where nobody differs within a side there is no error, and the difference is what it is.
        df = np.where(se > 0, df, np.inf)
        below = stats.t.sf(_ratio(estimate + bound, se), df)
        above = stats.t.cdf(_ratio(estimate - bound, se), df)
        p_difference = 2 * stats.t.sf(np.abs(_ratio(estimate, se)), df)
        half = np.where(se == 0, 0.0, stats.t.isf(ALPHA, df) * se)
    p_equivalence = np.maximum(below, above)
    is_unknown = ~np.isfinite(se)
    p_equivalence[is_unknown], p_difference[is_unknown] = np.nan, np.nan
    verdict = np.select(
        [
            is_unknown,
            (p_equivalence < ALPHA) & (p_difference < ALPHA),
            p_equivalence < ALPHA,
            p_difference < ALPHA,
        ],
        ["", SMALL, ALIKE, DIFFERENT],
        OPEN,
    )
    return pd.DataFrame(
        {
            "estimate": estimate,
            "lower": estimate - half,
            "upper": estimate + half,
            "p_equivalence": p_equivalence,
            "p_difference": p_difference,
            "verdict": verdict,
        },
        index=cells.index,
    )


def _ratio(
    effect: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    se: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Effect over its standard error; without any error infinite, or zero for no effect."""
    return np.where(se > 0, effect / se, np.where(effect == 0, 0.0, np.sign(effect) * np.inf))


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
    for earlier, later in combinations(levels, 2):
        pair = pd.DataFrame({"measure": list(bounds), "bound": list(bounds.values())})
        for level, side in ((later, "1"), (earlier, "0")):
            own = cells[cells[factor].eq(level)].set_index("measure")[_STATISTICS]
            pair = pair.join(own.add_suffix(f"_{side}"), on="measure")
        pair[["people_1", "people_0"]] = pair[["people_1", "people_0"]].fillna(0).astype(int)
        contrast = f"{later} - {earlier}"
        parts.append(pair.join(two_one_sided(pair)).assign(contrast=contrast))
    columns = [
        "measure", "factor", "within", "contrast", "people_1", "people_0", "estimate", "lower",
        "upper", "bound", "p_equivalence", "p_difference", "verdict",
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).assign(factor=factor, within=within)[columns]
