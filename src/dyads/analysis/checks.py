"""The shareable tables of a model's checks, and the folder they are kept in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dyads import tables
from dyads.analysis.disclosure import blanked, is_small
from dyads.errors import StudyError

_TABLES = ("diagnostics", "spread", "leave_one_out")


@dataclass(frozen=True)
class CheckTables:
    """What is said of a model beside its answer, and of nobody in particular.

    Parameters
    ----------
    name
        Name of the model in the settings.
    diagnostics, spread, leave_one_out
        As in `sensitivity.ModelChecks`; the spread of few people is hidden.
    bounds
        As `bounded.check_bounds` gives them.
    """

    name: str
    diagnostics: pd.DataFrame
    spread: pd.DataFrame
    leave_one_out: pd.DataFrame
    bounds: pd.DataFrame


def write_checks(
    diagnostics: pd.DataFrame,
    spread: pd.DataFrame,
    leave_one_out: pd.DataFrame,
    folder: str | Path,
    minimum_cell: int,
    stamp: str = "",
) -> None:
    """Write the tables of a model's checks as CSV files, the spread of few people hidden."""
    few = is_small(spread["people"], minimum_cell)
    shown = blanked(spread, few, ["people", "rows", "residual_sd", "lag1_correlation"])
    for name, table in zip(_TABLES, (diagnostics, shown, leave_one_out), strict=True):
        tables.write_csv(table, Path(folder) / f"{name}.csv", stamp)


def read_checks(folder: str | Path, bounds: str | Path) -> CheckTables:
    """Read the tables of a model's checks.

    Parameters
    ----------
    folder
        Written by `write_checks`.
    bounds
        CSV file of `bounded.check_bounds`.

    Raises
    ------
    StudyError
        If a file is missing.
    """
    place = Path(folder)
    files = [*(place / f"{name}.csv" for name in _TABLES), Path(bounds)]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise StudyError(
            f"checks of {place.name}: {', '.join(missing)} not found. Check the model again."
        )
    # A group may be called NA or None: only an empty cell is missing.
    diagnostics, spread, leave_one_out, of_bounds = (
        pd.read_csv(file, keep_default_na=False, na_values=[""]).drop(
            columns="stamp", errors="ignore"
        )
        for file in files
    )
    of_bounds["reason"] = of_bounds["reason"].fillna("").astype(str)
    return CheckTables(place.name, diagnostics, spread, leave_one_out, of_bounds)
