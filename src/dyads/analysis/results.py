"""The results of one model as one object, and the folder it is kept in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from dyads import tables
from dyads.errors import StudyError

TABLES: Final = (
    "fixed_effects",
    "variance_components",
    "joint_tests",
    "estimates",
    "contrasts",
    "estimates_cr2",
    "contrasts_cr2",
    "lines",
    "log",
)
WELCH: Final = "welch"
_SUMMARY: Final = "summary.json"


class ModelSummary(BaseModel):
    """What was asked of a model, on how many people, and how the fit ended.

    Parameters
    ----------
    title
        What the model answers.
    formula
        Formula that was fitted at last, as lme4 users write it.
    outcome
        What is modelled; `e` is expression.
    rows_of
        Whose rows entered, or `sessions`.
    compare
        Whether slopes on `variable` or marginal means are compared between groups.
    variable
        Predictor whose slope is compared; empty for means.
    moderator
        Predictor whose change of the slope or mean is compared instead; empty: none.
    moderator_step
        The step of the moderator, in words, such as `per unit of iq` or `from no to yes`.
    sample
        `matched`: only participants in matched sets entered.
    rows, people, dyads
        What the model was fitted on.
    singular
        A variance component was estimated as zero.
    gradient
        Largest derivative of the deviance at the optimum.
    df_method
        Degrees of freedom of the tests, such as `satterthwaite`; `welch` where slopes person by
        person took the place of a mixed model without an optimum.
    correction
        Correction of p over the contrasts: `holm`, `bh` or `none`.
    sd_x
        SD of the predictor before it was scaled, in its own points.
    r2_marginal, r2_conditional
        Share of variance explained by fixed effects, and by fixed and random effects.
    stamp, remarks
        As in `tables.About`.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    formula: str
    outcome: str = "e"
    rows_of: Literal["participants", "everyone", "sessions"] = "participants"
    compare: Literal["slopes", "means"]
    variable: str | None = None
    moderator: str | None = None
    moderator_step: str = ""
    sample: Literal["all", "matched"] = "all"
    rows: int
    people: int
    dyads: int
    singular: bool
    gradient: float | None = None
    df_method: str
    correction: str
    sd_x: float | None = None
    r2_marginal: float | None = None
    r2_conditional: float | None = None
    stamp: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def is_two_stage(self) -> bool:
        """Whether slopes person by person took the place of the mixed model."""
        return self.df_method == WELCH


@dataclass(frozen=True)
class ModelResults:
    """Tables and summary of one model.

    Parameters
    ----------
    name
        Name of the model in the settings.
    summary
        What was asked and how the fit ended.
    fixed_effects, variance_components, joint_tests, log
        As the fit gives them; after slopes person by person only the log has rows, and the
        cluster-robust tables below have none. Nor have they where dyads are no clusters.
    estimates, estimates_cr2
        group, estimate, se, df, lower, upper: slope or mean of each group.
    contrasts, contrasts_cr2
        contrast, estimate, se, df, statistic, p_value, p_adjusted, lower, upper, effect_size.
    lines
        group, x, estimate, lower, upper; no rows where means are compared.
    """

    name: str
    summary: ModelSummary
    fixed_effects: pd.DataFrame
    variance_components: pd.DataFrame
    joint_tests: pd.DataFrame
    estimates: pd.DataFrame
    contrasts: pd.DataFrame
    estimates_cr2: pd.DataFrame
    contrasts_cr2: pd.DataFrame
    lines: pd.DataFrame
    log: pd.DataFrame


def by_headline(results: ModelResults, headline: Literal["satterthwaite", "CR2"]) -> ModelResults:
    """Put the tables of the test that decides in the first place, and the other's in the second.

    A model without CR2 stays as it is: its summary and its remarks say which test it has.
    """
    if headline != "CR2" or results.contrasts_cr2.empty:
        return results
    return replace(
        results,
        summary=results.summary.model_copy(update={"df_method": headline}),
        estimates=results.estimates_cr2,
        contrasts=results.contrasts_cr2,
        estimates_cr2=results.estimates,
        contrasts_cr2=results.contrasts,
    )


def read_model(folder: str | Path) -> ModelResults:
    """Read the folder of a model.

    Raises
    ------
    StudyError
        If a file is missing or the summary cannot be read.
    """
    place = Path(folder)
    missing = [name for name in (_SUMMARY, *map(_csv, TABLES)) if not (place / name).is_file()]
    if missing:
        raise StudyError(
            f"model {place.name}: {', '.join(missing)} not found. Run the model again."
        )
    try:
        summary = ModelSummary.model_validate_json((place / _SUMMARY).read_bytes())
    except ValidationError as faults:
        raise StudyError(f"model {place.name}: {_SUMMARY} cannot be read: {faults}") from None
    content = {name: _read_csv(place / _csv(name)) for name in TABLES}
    return ModelResults(name=place.name, summary=summary, **content)


def write_model(results: ModelResults, folder: str | Path) -> None:
    """Write the results of a model as CSV tables and a JSON summary."""
    place = Path(folder)
    for name in TABLES:
        tables.write_csv(getattr(results, name), place / _csv(name))
    tables.write_json(results.summary, place / _SUMMARY)


def _csv(name: str) -> str:
    return f"{name}.csv"


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        # A group may be called NA or None: only an empty cell is missing.
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
