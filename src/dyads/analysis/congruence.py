"""How far what a person shows follows what they say they felt.

C1 to C5 of the measures page, for each person and for each group. Flat, decoupled and noisy
faces differ only in slope, correlation and spread together, so these always stand side by side.

References
----------
Mauss, I. B., et al. (2005). The tie that binds? Emotion 5, 175-190.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyads.contracts import GroupCongruence, PersonCongruence
from dyads.errors import StudyError
from dyads.tables import check
from dyads.traces.strata import ALL

Floats = NDArray[np.float64]

LARGEST_R: Final = 0.999
"""A correlation nearer to one is taken for this one before Fisher's transformation."""

_CONTINUITY: Final = 0.5


def by_person(cohort: pd.DataFrame, minimum_rows: int, smiles: pd.DataFrame) -> pd.DataFrame:
    """Measure congruence within each person.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    minimum_rows
        Fewest analysed rows for a correlation of one's own (C2).
    smiles
        `person`, `is_negative`, `smiled`: one row for each measured segment.

    Returns
    -------
    DataFrame
        `PersonCongruence`. `slope` is the least-squares slope of centred e on centred x, in
        units of the channel per standard deviation of experience.
    """
    used = cohort[cohort["exclusion"].eq("")].assign(
        xx=lambda rows: rows["x_w"] ** 2,
        ee=lambda rows: rows["e_w"] ** 2,
        xe=lambda rows: rows["x_w"] * rows["e_w"],
    )
    keys = ["dyad_id", "person", "role", "group"]
    everyone = cohort[keys].drop_duplicates().set_index(keys)
    sums = used.groupby(keys)[["xx", "ee", "xe"]].sum().reindex(everyone.index, fill_value=0.0)
    rows = used.groupby(keys).size().reindex(everyone.index, fill_value=0)
    varies = (sums["xx"] > 0) & (sums["ee"] > 0)
    r: pd.Series[float] = (sums["xe"] / np.sqrt(sums["xx"] * sums["ee"])).where(
        varies & (rows >= minimum_rows)
    )
    table = pd.DataFrame(
        {
            "rows": rows,
            "slope": (sums["xe"] / sums["xx"]).where(sums["xx"] > 0),
            "r": r,
            "fisher_z": np.arctanh(r.clip(-LARGEST_R, LARGEST_R)),
            "sd_x": np.sqrt(sums["xx"] / rows.where(rows > 0)),
            "sd_e": np.sqrt(sums["ee"] / rows.where(rows > 0)),
            "reason": np.select(
                [rows.eq(0), rows.lt(minimum_rows), ~varies],
                ["no row to analyse", f"fewer than {minimum_rows} rows", "no variation"],
                "",
            ),
        }
    ).reset_index()
    table["smile_log_odds"] = table["person"].map(smile_log_odds(smiles))
    return check(table, PersonCongruence, "congruence of persons")


def smile_events(
    expressions: pd.DataFrame, channel: str, negative_segments: Sequence[str]
) -> pd.DataFrame:
    """Say for each measured segment whether the person smiled in it.

    Returns
    -------
    DataFrame
        `person`, `is_negative`, `smiled`: one row for each person, session and segment in which
        the face was seen long enough.

    Raises
    ------
    StudyError
        If nothing was measured of that channel.
    """
    events = expressions[
        expressions["channel"].eq(channel)
        & expressions["measure"].eq("events")
        & expressions["stratum"].eq(ALL)
    ]
    if events.empty:
        known = ", ".join(sorted(expressions["channel"].unique()))
        raise StudyError(
            f"congruence.smile_channel: {channel} was not measured in this study. "
            f"Name one of: {known}."
        )
    seen = events.dropna(subset="value")
    return pd.DataFrame(
        {
            "person": seen["person_id"],
            "is_negative": seen["label"].isin(negative_segments),
            "smiled": seen["value"].gt(0),
        }
    ).reset_index(drop=True)


def smile_log_odds(smiles: pd.DataFrame) -> pd.Series[float]:
    """Log odds ratio of smiling in negative against other segments, for each person (C5).

    A half is added to each of the four counts (Haldane's correction), so that a person who
    never smiled has a value of their own; missing where a person was seen in only one of the
    two kinds of segment. Never the raw share, which follows how often somebody smiles at all.
    """
    counts = smiles.groupby(["person", "is_negative"])["smiled"].agg(["sum", "count"])
    yes = counts["sum"] + _CONTINUITY
    no = counts["count"] - counts["sum"] + _CONTINUITY
    odds = (yes / no).apply(np.log)
    kind = odds.index.get_level_values("is_negative").to_numpy(dtype=bool)
    negative = odds[kind].droplevel("is_negative")
    other = odds[~kind].droplevel("is_negative")
    difference: pd.Series[float] = negative.subtract(other).dropna()
    return difference


def by_group(
    cohort: pd.DataFrame,
    persons: pd.DataFrame,
    groups: Sequence[str],
    samples: int,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Measure congruence of the participants of each group, with bootstrap intervals.

    Parameters
    ----------
    cohort, persons
        `Cohort` and `PersonCongruence` rows; partners are left out.
    groups
        Groups in the order of the table.
    samples
        Bootstrap samples of dyads; with none the limits are missing.
    generator
        Source of the samples.

    Returns
    -------
    DataFrame
        `GroupCongruence`; limits are the 2.5 and 97.5 percentiles over samples of dyads.
        `disattenuated_r` is the mean covariance of x and e over the root of mean variance of x
        times mean covariance of the two halves of e (C3): a correlation freed of the noise in
        the expression, missing where the halves do not go together.
    """
    own = persons[persons["role"].eq("participant")].set_index("person")
    halves = _half_moments(cohort)
    lines = []
    for group in groups:
        values = own[own["group"].eq(group)].join(halves)
        for measure, statistic in _STATISTICS.items():
            estimate, lower, upper = _bootstrap(values, statistic, samples, generator)
            lines.append((group, len(values), measure, estimate, lower, upper))
    columns = ["group", "people", "measure", "value", "lower", "upper"]
    return check(pd.DataFrame(lines, columns=columns), GroupCongruence, "congruence of groups")


def _half_moments(cohort: pd.DataFrame) -> pd.DataFrame:
    """Per person: means of x², x·e and e_odd·e_even, all centred within person and emotion."""
    used = cohort[cohort["exclusion"].eq("")].dropna(subset=["e_odd", "e_even"])
    by = used.groupby(["person", "emotion"])
    x, e, odd, even = (
        used[column] - by[column].transform("mean") for column in ("x_w", "e", "e_odd", "e_even")
    )
    moments = pd.DataFrame({"var_x": x * x, "cov_xe": x * e, "cov_halves": odd * even})
    return moments.groupby(used["person"]).mean()


def _mean_of(column: str) -> Callable[[dict[str, Floats]], Floats]:
    return lambda values: _nanmean(values[column])


def _back_transformed(values: dict[str, Floats]) -> Floats:
    return np.tanh(_nanmean(values["fisher_z"]))


def _disattenuated(values: dict[str, Floats]) -> Floats:
    var_x, cov_xe, cov_halves = (
        _nanmean(values[name]) for name in ("var_x", "cov_xe", "cov_halves")
    )
    inner = var_x * cov_halves
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inner > 0, cov_xe / np.sqrt(inner), np.nan)


_STATISTICS: Final[dict[str, Callable[[dict[str, Floats]], Floats]]] = {
    "slope": _mean_of("slope"),
    "r": _back_transformed,
    "disattenuated_r": _disattenuated,
    "sd_x": _mean_of("sd_x"),
    "sd_e": _mean_of("sd_e"),
    "smile_log_odds": _mean_of("smile_log_odds"),
}
_INGREDIENTS: Final = (
    "slope", "fisher_z", "sd_x", "sd_e", "smile_log_odds", "var_x", "cov_xe", "cov_halves",
)  # fmt: skip


def _bootstrap(
    values: pd.DataFrame,
    statistic: Callable[[dict[str, Floats]], Floats],
    samples: int,
    generator: np.random.Generator,
) -> tuple[float, float, float]:
    """Estimate and percentile limits; participants stand for their dyads."""
    columns = {name: values[name].to_numpy(float) for name in _INGREDIENTS}
    people = len(values)
    if people == 0:
        return np.nan, np.nan, np.nan
    estimate = float(statistic({name: column[None, :] for name, column in columns.items()})[0])
    if samples == 0 or people == 1:
        return estimate, np.nan, np.nan
    drawn = generator.integers(people, size=(samples, people))
    spread = statistic({name: column[drawn] for name, column in columns.items()})
    known = spread[np.isfinite(spread)]
    if len(known) < samples / 2:
        return estimate, np.nan, np.nan
    lower, upper = np.quantile(known, [0.025, 0.975])
    return estimate, float(lower), float(upper)


def _nanmean(values: Floats) -> Floats:
    """Mean over the last axis of what is there; missing where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
