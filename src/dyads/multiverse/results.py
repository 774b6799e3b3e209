"""The multiverse of a study as one object, and the folder it is kept in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from dyads import tables
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import Curve, SpecificationFits
from dyads.errors import StudyError
from dyads.multiverse.specifications import Specification

_SUMMARY: Final = "summary.json"
_SPECIFICATIONS: Final = "specifications.csv"
_CURVE: Final = "curve.csv"
_OWN: Final = "is_own"


class MultiverseSummary(BaseModel):
    """What was asked under other choices.

    Parameters
    ----------
    model, title
        The model that was fitted again.
    compare, variable
        What it compares between groups.
    headline, correction
        Test that decides, and correction over the contrasts of the model.
    choices
        Every choice with its alternatives in order.
    stamp
        As in `tables.About`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    title: str
    compare: Literal["slopes", "means"]
    variable: str | None
    headline: Literal["satterthwaite", "CR2"]
    correction: str
    choices: dict[str, tuple[str, ...]]
    stamp: str = ""


@dataclass(frozen=True)
class MultiverseResults:
    """Tables and summary of the multiverse.

    Parameters
    ----------
    summary
        What was asked.
    specifications
        `SpecificationFits` in the order of the specifications, `is_own` for the study's own way,
        and a column for each choice: the alternative, or empty where the choice cannot matter.
    curve
        `Curve`.
    """

    summary: MultiverseSummary
    specifications: pd.DataFrame
    curve: pd.DataFrame


def multiverse_results(
    name: str,
    specifications: Sequence[Specification],
    fits: pd.DataFrame,
    curve: pd.DataFrame,
    model: ModelSettings,
    plan: PlanSettings,
    stamp: str,
) -> MultiverseResults:
    """Put everything about the multiverse together.

    Parameters
    ----------
    name
        Name of the model in the settings.
    specifications
        All of them, in order.
    fits
        `SpecificationFits` of all of them.
    curve
        `Curve`.
    model, plan
        What is compared, by which test and which correction.
    stamp
        As in `tables.About`.
    """
    summary = MultiverseSummary(
        model=name,
        title=model.title,
        compare=model.compare,
        variable=model.variable,
        headline=plan.headline,
        correction=plan.correction,
        choices=alternatives(specifications),
        stamp=stamp,
    )
    return MultiverseResults(summary, with_choices(fits, specifications), curve)


def with_choices(fits: pd.DataFrame, specifications: Sequence[Specification]) -> pd.DataFrame:
    """Put the alternative of each choice beside the fits, in the order of the specifications."""
    chosen = pd.DataFrame(
        [{"specification": s.name, _OWN: s.is_own, **s.choices} for s in specifications]
    )
    return chosen.merge(fits, on="specification", how="left", validate="one_to_many")


def alternatives(specifications: Sequence[Specification]) -> dict[str, tuple[str, ...]]:
    """List the alternatives of each choice that a specification takes; numbers by their size."""
    return {
        name: _in_order(dict.fromkeys(s.choices[name] for s in specifications if s.choices[name]))
        for name in specifications[0].choices
    }


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(names)


def write_multiverse(results: MultiverseResults, folder: str | Path) -> None:
    """Write the multiverse as CSV tables and a JSON summary."""
    place = Path(folder)
    tables.write_csv(results.specifications, place / _SPECIFICATIONS)
    tables.write_csv(results.curve, place / _CURVE)
    tables.write_json(results.summary, place / _SUMMARY)


def read_multiverse(folder: str | Path) -> MultiverseResults:
    """Read the folder of the multiverse.

    Raises
    ------
    StudyError
        If a file is missing or cannot be read.
    """
    place = Path(folder)
    missing = [n for n in (_SUMMARY, _SPECIFICATIONS, _CURVE) if not (place / n).is_file()]
    if missing:
        raise StudyError(f"{place}: {', '.join(missing)} not found. Run `snakemake multiverse`.")
    try:
        summary = MultiverseSummary.model_validate_json((place / _SUMMARY).read_bytes())
    except ValidationError as faults:
        raise StudyError(f"{place / _SUMMARY} cannot be read: {faults}") from None
    words = dict.fromkeys((*summary.choices, "specification", "contrast", "failure"), str)
    # an empty cell is a choice that does not matter, or no failure; only numbers can be missing
    read = pd.read_csv(
        place / _SPECIFICATIONS, dtype=words, keep_default_na=False,
        na_values={name: [""] for name in _numbers(place / _SPECIFICATIONS, set(words))},
    )  # fmt: skip
    tables.check(read.drop(columns=[_OWN, *summary.choices]), SpecificationFits, _SPECIFICATIONS)
    curve = tables.check(pd.read_csv(place / _CURVE), Curve, _CURVE)
    return MultiverseResults(summary, read, curve)


def _numbers(path: Path, words: set[str]) -> list[str]:
    return [str(name) for name in pd.read_csv(path, nrows=0).columns if name not in words]
