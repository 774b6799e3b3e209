"""Compare the slopes or means of groups, or how these change with a moderator.

A moderator that is a number changes a slope by so much per unit, around the number's mean; one
of categories changes it between a category and the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed
from dyads.models.design import numbered_levels
from dyads.models.formula import parse_formula
from dyads.models.structure import components

Covariance = Literal["model", "CR2"]

DYAD: Final = "dyad_id"
CLUSTER: Final = "cluster_of_dyads"
INTERVAL: Final = ["estimate", "se", "df", "lower", "upper"]


class Step(NamedTuple):
    """A step of a moderator.

    Parameters
    ----------
    start, end
        Values of the moderator.
    name
        The step in words, such as `per unit of iq`.
    """

    start: object
    end: object
    name: str


def named_pairs(levels: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Each level with each earlier one, `(later, earlier)`, by the name of the contrast."""
    return {f"{later} - {earlier}": (later, earlier) for earlier, later in combinations(levels, 2)}


def group_pairs(groups: Sequence[str]) -> dict[str, dict[str, float]]:
    """Weights of each group minus each earlier one, by the name of the contrast."""
    return {
        name: {later: 1.0, earlier: -1.0} for name, (later, earlier) in named_pairs(groups).items()
    }


def with_clusters(rows: pd.DataFrame, formula: str) -> pd.DataFrame:
    """Add what CR2 takes as independent: dyads, joined where a random term reaches across them.

    Whoever is in two dyads joins them, and so does a confederate whom the people of several dyads
    meet. What counts is the formula as written, not what a ladder keeps of it.

    Parameters
    ----------
    rows
        Analysed rows.
    formula
        Formula of the model.

    Returns
    -------
    DataFrame
        The rows with `cluster_of_dyads`; missing where a grouping of the formula is.
    """
    groups = {term.group_variables for term in parse_formula(formula).random}
    names = sorted({DYAD}.union(*groups) & set(rows.columns))
    known = rows.dropna(subset=names)
    codes = [numbered_levels(known, [DYAD])[0]]
    codes += [numbered_levels(known, group)[0] for group in groups if set(group) <= set(names)]
    own = pd.Series(components(codes), index=known.index) if len(known) else pd.Series(dtype=float)
    return rows.assign(**{CLUSTER: own})


def fitted(settings: ModelSettings, rows: pd.DataFrame) -> MixedFit:
    """Fit a model of the study; of sessions, a dyad may have met once.

    Raises
    ------
    StudyError
        As `dyads.models.fit_mixed`.
    """
    return fit_mixed(settings.formula, rows, one_row_each=settings.rows == "sessions")


def has_clusters(rows: pd.DataFrame) -> bool:
    """Whether each group has two clusters or more, without which CR2 cannot compare groups."""
    return bool(rows.groupby("group", observed=True)[CLUSTER].nunique().min() >= 2)


def within_sd(rows: pd.DataFrame) -> float:
    """Unit of the size of a slope: the SD of expression within person and emotion."""
    return float(np.sqrt(np.mean(rows["e_w"] ** 2)))


def moderator_steps(fit: MixedFit, settings: ModelSettings) -> tuple[Step, ...]:
    """Give the steps over which a moderator is looked at; none without a moderator.

    Raises
    ------
    StudyError
        If the moderator is no predictor of the model, or nothing of it varies.
    """
    name = settings.moderator
    if name is None:
        return ()
    if name not in fit.frame.fixed_variables or name == settings.variable:
        raise StudyError(
            f"The moderator {name} is no predictor of its own in {settings.formula}. Write the "
            f"interaction into the formula, such as group * {settings.variable or ''}"
            f"{' * ' if settings.variable else ''}{name}."
        )
    column = fit.frame.table[name]
    if not fit.frame.is_categorical(name):
        middle = float(column.mean())
        return (Step(middle - 0.5, middle + 0.5, f"per unit of {name}"),)
    first, *others = column.cat.categories
    if not others:
        raise StudyError(f"The moderator {name} is {first} in all rows: nothing can change.")
    return tuple(Step(first, other, f"{name} from {first} to {other}") for other in others)


def group_estimates(
    fit: MixedFit, settings: ModelSettings, groups: Sequence[str], covariance: Covariance
) -> pd.DataFrame:
    """Estimate the slope or mean of each group, or its change over the step of the moderator.

    Returns
    -------
    DataFrame
        `group`, `estimate`, `se`, `df`, `lower`, `upper`. Where a moderator has several steps,
        the group's name is followed by the step.
    """
    if settings.moderator is None:
        if settings.variable is None:
            table = fit.marginal_means("group", covariance=covariance, cluster=CLUSTER)
        else:
            table = fit.trends(
                settings.variable, by="group", covariance=covariance, cluster=CLUSTER
            )
        return table[["group", *INTERVAL]]
    parts = []
    steps = moderator_steps(fit, settings)
    for step in steps:
        weights = {group: {group: 1.0} for group in groups}
        table = _over_step(fit, settings, step, weights, covariance)
        table["group"] = [_label(group, step, steps) for group in table["contrast"]]
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[["group", *INTERVAL]]


def group_contrasts(
    fit: MixedFit, settings: ModelSettings, groups: Sequence[str], covariance: Covariance
) -> pd.DataFrame:
    """Compare each group with each earlier one, so that a difference reads `ASD - control`.

    Returns
    -------
    DataFrame
        As `MixedFit.contrasts` gives it, corrected as the model says; the steps of a moderator
        are families of their own.
    """
    pairs = group_pairs(groups)
    if settings.moderator is None:
        return fit.contrasts(
            "group",
            trend=settings.variable,
            method=pairs,
            adjust=settings.correction,
            covariance=covariance,
            cluster=CLUSTER,
        )
    parts = []
    steps = moderator_steps(fit, settings)
    for step in steps:
        table = _over_step(fit, settings, step, pairs, covariance)
        table["contrast"] = [_label(pair, step, steps) for pair in table["contrast"]]
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _over_step(
    fit: MixedFit,
    settings: ModelSettings,
    step: Step,
    weights: dict[str, dict[str, float]],
    covariance: Covariance,
) -> pd.DataFrame:
    """Weigh the groups' changes between the two ends of a step."""
    name = str(settings.moderator)
    specs, at = ["group", name], {name: [step.start, step.end]}
    if settings.variable is None:
        cells = fit.marginal_means(specs, at=at)
    else:
        cells = fit.trends(settings.variable, by=specs, at=at)
    sign = [1.0 if value == step.end else -1.0 for value in cells[name]]
    method = {
        label: [
            own.get(str(group), 0.0) * side
            for group, side in zip(cells["group"], sign, strict=True)
        ]
        for label, own in weights.items()
    }
    return fit.contrasts(
        specs,
        trend=settings.variable,
        method=method,
        at=at,
        adjust=settings.correction,
        covariance=covariance,
        cluster=CLUSTER,
    )


def _label(name: str, step: Step, steps: Sequence[Step]) -> str:
    return name if len(steps) == 1 else f"{name}, {step.name}"
