"""What may be shared of people's profiles and subgroups, and the folder it is kept in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
from pydantic import BaseModel, ConfigDict

from dyads import tables
from dyads.errors import StudyError

FEATURES: Final = {
    "expression_level": "level of expression",
    "expression_spread": "spread of expression",
    "experience_level": "level of experience",
    "experience_spread": "spread of experience",
    "congruence_slope": "slope (C1)",
    "congruence_z": "correlation (C2)",
}
CHECKS: Final = {
    "people": "enough people",
    "mixture": "several components describe the people better than one (BIC)",
    "valley": "there is a valley between them",
    "size": "each has enough people",
    "null": "a single normal distribution of the same spread hardly ever looks like this",
    "stability": "other samples of the people give the same subgroups",
}
"""What subgroups must pass, in this order; the first failure ends the search."""
TABLES: Final = ("features", "checks", "candidates", "associations", "sizes", "means")
_SUMMARY: Final = "summary.json"


class ProfileSummary(BaseModel):
    """Among how many people subgroups were looked for, and how many there are.

    Parameters
    ----------
    people
        People with all features.
    left_out
        People who lack a feature.
    subgroups
        Number of subgroups; one means that there are none.
    failed
        Check that was not passed, as in `dyads.analysis.clusters.CHECKS`; empty with subgroups.
    stamp, remarks
        As in `tables.About`.
    """

    model_config = ConfigDict(frozen=True)

    people: int
    left_out: int
    subgroups: int
    failed: str
    stamp: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heterogeneity:
    """What may be shared of the people's profiles; no row is a person.

    Attributes
    ----------
    summary
        Numbers of people and of subgroups.
    features
        As `dyads.analysis.profiles.Profiles` has them.
    checks, candidates
        As `dyads.analysis.clusters.Subgroups` has them.
    associations
        As `dyads.analysis.associations.associations` gives them.
    sizes
        subgroup, group, people: only where no count is below the smallest cell.
    means
        kind (group or subgroup), which, feature, n, mean, lower, upper: mean of the robust z of
        the feature with its 95 % interval (Student's t); missing below the smallest cell.
    """

    summary: ProfileSummary
    features: pd.DataFrame
    checks: pd.DataFrame
    candidates: pd.DataFrame
    associations: pd.DataFrame
    sizes: pd.DataFrame
    means: pd.DataFrame


def read_heterogeneity(folder: str | Path) -> Heterogeneity:
    """Read what `write_heterogeneity` wrote."""
    place = Path(folder)
    missing = [n for n in (_SUMMARY, *map(_csv, TABLES)) if not (place / n).is_file()]
    if missing:
        raise StudyError(f"{place.name}: {', '.join(missing)} not found. Run profile_people again.")
    summary = ProfileSummary.model_validate_json((place / _SUMMARY).read_bytes())
    # A group may be called NA or None: only an empty cell is missing.
    content = {
        name: pd.read_csv(place / _csv(name), keep_default_na=False, na_values=[""])
        for name in TABLES
    }
    return Heterogeneity(summary=summary, **content)


def write_heterogeneity(results: Heterogeneity, folder: str | Path) -> None:
    """Write the results as CSV tables and a JSON summary."""
    for name in TABLES:
        tables.write_csv(getattr(results, name), Path(folder) / _csv(name))
    tables.write_json(results.summary, Path(folder) / _SUMMARY)


def _csv(name: str) -> str:
    return f"{name}.csv"
