"""Say what a plan holds: outcomes, what is compared, covariates, in words from the settings."""

from __future__ import annotations

from typing import NamedTuple

from dyads import wording
from dyads.config import Config, ModelSettings
from dyads.models.formula import parse_formula, variables_of


class PlannedModel(NamedTuple):
    """A model of the plan.

    Parameters
    ----------
    name
        Its name in the settings.
    role
        `primary` or `secondary`, and whether of matched participants.
    outcome
        What it explains.
    compared
        What is compared between groups.
    covariates
        Every other predictor.
    random
        Random terms, as in the formula.
    correction
        Over the contrasts of this model.
    """

    name: str
    role: str
    outcome: str
    compared: str
    covariates: tuple[str, ...]
    random: tuple[str, ...]
    correction: str


def planned_models(config: Config) -> list[PlannedModel]:
    """Describe every model of a configuration, the primary ones first.

    Raises
    ------
    StudyError
        If a formula cannot be read.
    """
    primary = config.primary_models
    names = [*primary, *(name for name in config.models if name not in primary)]
    return [_planned(name, config.models[name], name in primary) for name in names]


def _planned(name: str, settings: ModelSettings, is_primary: bool) -> PlannedModel:
    formula = parse_formula(settings.formula)
    compared = {"group", settings.variable, settings.moderator}
    role = "primary" if is_primary else "secondary"
    return PlannedModel(
        name=name,
        role=role if settings.sample == "all" else f"{role}, matched participants",
        outcome=formula.response,
        compared=wording.compared(settings.compare, settings.variable, settings.moderator),
        covariates=tuple(word for word in variables_of(formula.fixed) if word not in compared),
        random=tuple(map(str, formula.random)),
        correction=settings.correction,
    )
