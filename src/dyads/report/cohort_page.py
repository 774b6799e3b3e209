"""The report of the cohort.

The page is whole in itself: pictures and style are inside, nothing is fetched, no script is needed,
and it prints. Text and numbers are written from tables and settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.analysis.checks import CheckTables
from dyads.analysis.profile_results import Heterogeneity
from dyads.analysis.results import ModelResults, by_headline
from dyads.analysis.sample import SampleDescription
from dyads.config import Config
from dyads.errors import StudyError
from dyads.multiverse.results import MultiverseResults
from dyads.plan.state import PlanState
from dyads.report import (
    answer_text,
    check_tables,
    methods_text,
    model_tables,
    multiverse_text,
    page_tables,
    plan_tables,
    power_tables,
    profile_tables,
    rated_parts,
    sample_tables,
    score_tables,
)
from dyads.report.page_figures import FigureItem
from dyads.report.page_tables import PageTable
from dyads.report.templates import render
from dyads.steps import LedgerEntry
from dyads.tables import About, joined_stamps
from dyads.wording import channel_unit

_ANSWER_FIGURES: Final = ("congruence_slopes", "model_contrasts")
_SAMPLE_FIGURES: Final = ("data_flow", "sample_balance", "seen_time", "quality")
_CHECK_FIGURES: Final = ("influence", "model_checks")
_PROFILE_FIGURES: Final = ("profiles",)
_POWER_FIGURES: Final = ("power",)
_RATED_FIGURES: Final = ("judgements", "continuous")
_MULTIVERSE_FIGURES: Final = ("specification_curve",)
_PLACED: Final = (
    *_ANSWER_FIGURES, *_SAMPLE_FIGURES, *_CHECK_FIGURES, *_PROFILE_FIGURES, *_POWER_FIGURES,
    *_MULTIVERSE_FIGURES, *_RATED_FIGURES,
)  # fmt: skip


@dataclass(frozen=True)
class CohortContent:
    """What the report of the cohort is written from.

    Parameters
    ----------
    config
        Settings of the run.
    about
        What the expressions say of themselves.
    participants, sessions
        Study tables.
    cohort
        `Cohort`.
    flow
        `Flow`.
    congruence
        `GroupCongruence`.
    models
        Results in the order of the settings; the first answers the study's question.
    sample
        Who is in the sample.
    checks
        Checks of the models.
    scores
        How reliable the scores are.
    figures
        In the order in which they are shown.
    heterogeneity
        The people's profiles, and whether they fall into subgroups.
    power
        As `dyads.power.results.read_power` gives it; no rows where it was not simulated.
    ledger
        Entries of the steps of the run.
    plan
        How the run stands to the plan.
    primary
        `primary_family`: the planned contrasts.
    multiverse
        The answer under other choices; None where none were asked for.
    rated
        Ratings of the other one, of moments and of every instant; None: there are none.
    """

    config: Config
    about: About
    participants: pd.DataFrame
    sessions: pd.DataFrame
    cohort: pd.DataFrame
    flow: pd.DataFrame
    congruence: pd.DataFrame
    models: Sequence[ModelResults]
    sample: SampleDescription
    checks: Sequence[CheckTables]
    scores: score_tables.ScoreQuality
    figures: Sequence[FigureItem]
    heterogeneity: Heterogeneity
    power: pd.DataFrame
    ledger: Sequence[LedgerEntry]
    plan: PlanState
    primary: pd.DataFrame
    multiverse: MultiverseResults | None = None
    rated: rated_parts.FurtherRatings | None = None


@dataclass(frozen=True)
class Answer:
    """A question of the study, its answer in paragraphs, and a stamp that is not everybody's."""

    question: str
    paragraphs: tuple[str, ...]
    stamp: str = ""


@dataclass(frozen=True)
class ModelPart:
    """A model with its tables."""

    title: str
    formula: str
    tables: tuple[PageTable, ...]


def cohort_page(content: CohortContent, templates: Path) -> str:
    """Write the report of the cohort.

    Parameters
    ----------
    content
        Tables, figures and settings.
    templates
        Folder of the page templates.

    Returns
    -------
    str
        A whole HTML page. Numbers of people below `report.minimum_cell` are not in it.

    Raises
    ------
    StudyError
        If there is no model.
    """
    if not content.models:
        raise StudyError(
            "The report needs the results of at least one model and got none. "
            "Name a model in config.yaml and run it."
        )
    config, models = content.config, list(content.models)
    groups, cell = config.study.groups, config.report.minimum_cell
    plan, stamp = content.plan, _stamp(content, models)
    unit = channel_unit(content.about.channel_types[config.congruence.pairs[0].channel])
    return render(
        templates,
        "cohort.html",
        title=config.study.name,
        stamp=stamp,
        stamp_sentence=answer_text.stamp_sentence(stamp, plan_tables.stamp_sentences(plan, stamp)),
        answers=[
            Answer(
                model.summary.title,
                answer_text.answer(by_headline(model, config.plan.headline), unit),
                plan_tables.stamp_of_part(plan, f"models.{model.name}"),
            )
            for model in models
        ],
        plan=plan_tables.plan_sentences(plan),
        primary=plan_tables.primary(content.primary, config.plan),
        planned=plan_tables.planned(config),
        amendments=plan_tables.amendments(plan) if plan.amendments else None,
        sample=sample_tables.of_sample(content.sample, content.sessions, content.participants),
        exclusions=page_tables.exclusions(content.flow, groups, cell),
        seen=page_tables.seen(content.cohort, groups, cell),
        congruence=page_tables.congruence(content.congruence, groups, cell),
        answer_figures=_chosen(content.figures, _ANSWER_FIGURES),
        sample_figures=_chosen(content.figures, _SAMPLE_FIGURES),
        other_figures=[figure for figure in content.figures if figure.name not in _PLACED],
        check_figures=_chosen(content.figures, _CHECK_FIGURES),
        profile_figures=_chosen(content.figures, _PROFILE_FIGURES),
        profile_sentences=profile_tables.sentences(content.heterogeneity),
        profile_tables=profile_tables.of_heterogeneity(content.heterogeneity, groups),
        power_figures=_chosen(content.figures, _POWER_FIGURES),
        power=power_tables.enough(content.power),
        rated_figures=_chosen(content.figures, _RATED_FIGURES),
        rated=rated_parts.parts(
            content.rated, config, content.sessions, content.participants, plan
        ),
        multiverse_figures=_chosen(content.figures, _MULTIVERSE_FIGURES),
        multiverse=multiverse_text.part(content.multiverse),
        checks=[
            ModelPart(
                model.summary.title, model.summary.formula, check_tables.of_checks(checks, cell)
            )
            for model in models
            for checks in content.checks
            if checks.name == model.name
        ],
        models=[
            ModelPart(model.summary.title, model.summary.formula, model_tables.of_model(model))
            for model in models
        ],
        scores=score_tables.of_scores(content.scores, cell),
        methods=methods_text.methods(config, content.about, models),
        limits=methods_text.limits(content.about, models),
        software=page_tables.software(content.ledger),
        steps=page_tables.steps(content.ledger),
        seed=config.study.seed,
    )


def _stamp(content: CohortContent, models: Sequence[ModelResults]) -> str:
    return joined_stamps(
        content.about.stamp,
        *(model.summary.stamp for model in models),
        *(content.plan.stamp(product) for product in content.plan.products),
    )


def _chosen(figures: Sequence[FigureItem], names: Sequence[str]) -> list[FigureItem]:
    return [figure for name in names for figure in figures if figure.name == name]
