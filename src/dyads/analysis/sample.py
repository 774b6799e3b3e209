"""Who is in the sample: covariates, balance, missing data, losses and data quality by group.

What leaves this module may leave the lab: numbers of few people are hidden in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import pandas as pd
from pydantic import BaseModel, ConfigDict

from dyads import tables
from dyads.analysis.balance import balance, describe
from dyads.analysis.disclosure import (
    blanked,
    hidden_levels,
    is_small,
    touches_hidden,
    without_few_compared,
    without_few_in_cells,
    without_few_lost,
    without_few_missing,
)
from dyads.analysis.equivalence import compare_quality, quality_by_cell, quality_of_people
from dyads.analysis.missingness import attrition, missing_values
from dyads.config import SampleSettings
from dyads.errors import StudyError

RECRUITED: Final = "recruited"
ANALYSED: Final = "analysed"
MATCHED: Final = "matched"
NOT_KNOWN: Final = "not known"

_SUMMARY: Final = "summary.json"
_WORDS: Final = ("level", "verdict", "sex", "age_half")


class SampleSummary(BaseModel):
    """What the tables of a sample must say of themselves.

    Parameters
    ----------
    groups
        Groups in their order.
    minimum_cell
        Numbers of fewer people are hidden.
    stamp
        As in `tables.About`.
    """

    model_config = ConfigDict(frozen=True)

    groups: tuple[str, ...]
    minimum_cell: int
    stamp: str = ""


@dataclass(frozen=True)
class SampleDescription:
    """The tables that describe a sample; each says in `is_hidden` which rows were emptied.

    Parameters
    ----------
    summary
        What they say of themselves.
    people
        `sample` (`recruited`, `analysed` or `matched`), `group`, `people`.
    covariates
        `sample`, then as `balance.describe`.
    balance
        `sample`, then as `balance.balance`.
    missing
        As `missingness.missing_values`.
    attrition
        As `missingness.attrition`.
    quality
        As `equivalence.quality_by_cell`.
    equivalence
        As `equivalence.compare_quality`.
    """

    summary: SampleSummary
    people: pd.DataFrame
    covariates: pd.DataFrame
    balance: pd.DataFrame
    missing: pd.DataFrame
    attrition: pd.DataFrame
    quality: pd.DataFrame
    equivalence: pd.DataFrame


def people_of_study(
    participants: pd.DataFrame, cohort: pd.DataFrame, groups: Sequence[str]
) -> pd.DataFrame:
    """List the participants of the compared groups, with their covariates.

    Returns
    -------
    DataFrame
        `person`, the columns of the participants table, `is_analysed` (at least one row of theirs
        is), and `age_half`: up to, or above, the median age of all of them.
    """
    people = participants[participants["group"].isin(list(groups))].reset_index(drop=True)
    people = people.rename(columns={"participant_id": "person"})
    used = cohort[cohort["exclusion"].eq("") & cohort["role"].eq("participant")]
    middle = people["age"].median()
    halves = [f"up to {middle:g}", f"above {middle:g}"] if pd.notna(middle) else []
    age_half = pd.Series(pd.NA, index=people.index, dtype=object)
    if halves:
        age_half = age_half.mask(people["age"].le(middle), halves[0])
        age_half = age_half.mask(people["age"].gt(middle), halves[1])
    return people.assign(
        is_analysed=people["person"].isin(used["person"]),
        age_half=pd.Categorical(age_half, categories=halves),
    )


def analysed_people(
    participants: pd.DataFrame, cohort: pd.DataFrame, groups: Sequence[str]
) -> pd.DataFrame:
    """List the participants of whom at least one row is analysed, with their covariates."""
    people = people_of_study(participants, cohort, groups)
    return people[people["is_analysed"]].reset_index(drop=True)


def describe_sample(
    participants: pd.DataFrame,
    cohort: pd.DataFrame,
    quality: pd.DataFrame,
    sets: pd.DataFrame | None,
    settings: SampleSettings,
    groups: Sequence[str],
    minimum_cell: int,
    stamp: str = "",
) -> SampleDescription:
    """Describe the participants of a study.

    Parameters
    ----------
    participants
        Checked study table.
    cohort
        `Cohort` of all participants.
    quality
        `Quality` of all sessions.
    sets
        `MatchedSets`, or None where nobody is matched.
    settings
        Covariates and bounds.
    groups
        Groups in their order.
    minimum_cell
        Numbers of fewer people are hidden.
    stamp
        As in `tables.About`.

    Raises
    ------
    StudyError
        If a covariate is no column of the participants table.
    """
    _refuse_unknown(settings, participants)
    people = people_of_study(participants, cohort, groups)
    samples = {RECRUITED: people, ANALYSED: people[people["is_analysed"]]}
    if sets is not None:
        kept = sets.loc[sets["set_number"].notna(), "person"]
        samples[MATCHED] = people[people["person"].isin(kept)]
    covariates, balanced = _described(samples, settings.covariates, groups, minimum_cell)
    strata = people.assign(sex=people["sex"].astype(object).where(people["sex"].notna(), NOT_KNOWN))
    bounds = {str(measure): bound for measure, bound in settings.quality_bounds.items()}
    measures = list(bounds)
    values = quality_of_people(cohort, quality, measures)
    missing = missing_values(people, cohort, settings.covariates, groups)
    return SampleDescription(
        summary=SampleSummary(groups=tuple(groups), minimum_cell=minimum_cell, stamp=stamp),
        people=_people(samples, groups, minimum_cell),
        covariates=covariates,
        balance=balanced,
        missing=without_few_missing(missing, minimum_cell),
        attrition=without_few_lost(attrition(strata, cohort, groups), minimum_cell),
        quality=without_few_in_cells(quality_by_cell(values, strata, measures), minimum_cell),
        equivalence=without_few_compared(
            compare_quality(values, strata, bounds, groups), minimum_cell
        ),
    )


def write_sample(description: SampleDescription, folder: str | Path) -> None:
    """Write the tables of a sample as CSV files and a summary."""
    place = Path(folder)
    for name in _table_names():
        tables.write_csv(getattr(description, name), place / f"{name}.csv")
    tables.write_json(description.summary, place / _SUMMARY)


def read_sample(folder: str | Path) -> SampleDescription:
    """Read the folder of a sample.

    Raises
    ------
    StudyError
        If a file is missing.
    """
    place = Path(folder)
    wanted = [_SUMMARY, *(f"{name}.csv" for name in _table_names())]
    missing = [name for name in wanted if not (place / name).is_file()]
    if missing:
        raise StudyError(f"sample: {', '.join(missing)} not found. Describe the sample again.")
    return SampleDescription(
        summary=SampleSummary.model_validate_json((place / _SUMMARY).read_bytes()),
        **{name: _read(place / f"{name}.csv") for name in _table_names()},
    )


def _table_names() -> list[str]:
    return [field.name for field in fields(SampleDescription) if field.name != "summary"]


def _read(path: Path) -> pd.DataFrame:
    # A group or a level may be called NA: only an empty cell is missing.
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    return table.assign(
        **{name: table[name].fillna("").astype(str) for name in _WORDS if name in table}
    )


def _refuse_unknown(settings: SampleSettings, participants: pd.DataFrame) -> None:
    unknown = [name for name in settings.covariates if name not in participants]
    if unknown:
        raise StudyError(
            f"sample.covariates: participants have no column {', '.join(unknown)}, but "
            f"{', '.join(map(str, participants.columns))}. Correct the name."
        )


def _people(
    samples: dict[str, pd.DataFrame], groups: Sequence[str], minimum_cell: int
) -> pd.DataFrame:
    lines = [
        (sample, group, int(people["group"].eq(group).sum()))
        for sample, people in samples.items()
        for group in groups
    ]
    table = pd.DataFrame(lines, columns=["sample", "group", "people"])
    return blanked(table, is_small(table["people"], minimum_cell), ["people"])


def _described(
    samples: dict[str, pd.DataFrame],
    covariates: Sequence[str],
    groups: Sequence[str],
    minimum_cell: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Covariates and balance of each sample, few people hidden."""
    numbers = ["people", "known", "mean", "sd", "count", "share"]
    described, compared = [], []
    sizes = {
        name: people["group"].value_counts().reindex(list(groups), fill_value=0).astype(float)
        for name, people in samples.items()
    }
    for sample, people in samples.items():
        table = describe(people, covariates, groups)
        few = hidden_levels(table, minimum_cell) | is_small(table["people"], minimum_cell)
        other = MATCHED if sample == MATCHED else RECRUITED
        near = (sizes[other] - sizes[ANALYSED]).abs()
        # Two samples that differ by a few people would give those people away.
        too_near = near.index[is_small(near, minimum_cell)]
        is_near = table["group"].isin(too_near) & (sample != ANALYSED)
        shown = blanked(table, few | is_near, numbers[1:])
        shown["people"] = (
            shown["people"].astype(float).mask(is_small(table["people"], minimum_cell))
        )
        missing = table["people"] - table["known"]
        shown["known"] = shown["known"].mask(is_small(missing, minimum_cell))
        shown.insert(0, "sample", sample)
        described.append(shown)
        hidden_cells = table.loc[few, ["covariate", "level", "group"]]
        pairs = balance(table, groups)
        is_hidden = touches_hidden(pairs, hidden_cells)
        columns = ["smd", "lower", "upper", "variance_ratio"]
        result = blanked(pairs, is_hidden, columns)
        result["is_balanced"] &= ~result["is_hidden"]
        result.insert(0, "sample", sample)
        compared.append(result)
    return pd.concat(described, ignore_index=True), pd.concat(compared, ignore_index=True)
