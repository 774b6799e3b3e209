"""Pages for people: the report of the cohort, a page for each dyad, and an index of those.

Pages are whole in themselves: pictures and style are inside, nothing is fetched, no script is
needed, and they print. Text and numbers are written from tables and settings.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.analysis.results import ModelResults
from dyads.config import Config
from dyads.errors import StudyError
from dyads.report import answer_text, dyad_tables, methods_text, model_tables, page_tables
from dyads.report.page_tables import PageTable
from dyads.report.templates import render
from dyads.steps import LedgerEntry
from dyads.tables import About

_ANSWER_FIGURES: Final = ("congruence_slopes", "model_contrasts")
_SAMPLE_FIGURES: Final = ("data_flow", "seen_time", "quality")


@dataclass(frozen=True)
class FigureItem:
    """A figure as a page shows it.

    Parameters
    ----------
    name
        Name of the figure, such as `congruence_slopes`.
    title
        One line.
    caption
        What is seen, in plain text.
    source
        The picture, as a data address.
    """

    name: str
    title: str
    caption: str
    source: str


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
    figures
        In the order in which they are shown.
    ledger
        Entries of the steps of the run.
    unit
        Unit of the expression, such as `probability`.
    """

    config: Config
    about: About
    participants: pd.DataFrame
    sessions: pd.DataFrame
    cohort: pd.DataFrame
    flow: pd.DataFrame
    congruence: pd.DataFrame
    models: Sequence[ModelResults]
    figures: Sequence[FigureItem]
    ledger: Sequence[LedgerEntry]
    unit: str


@dataclass(frozen=True)
class DyadContent:
    """What the page of a dyad is written from.

    Parameters
    ----------
    config
        Settings of the run.
    about
        What the expressions say of themselves.
    dyad_id
        The dyad.
    cohort
        `Cohort`; other dyads may be in it.
    left_out
        `LeftOutPeople`; other dyads may be in it.
    figures
        Paired traces, one a session.
    """

    config: Config
    about: About
    dyad_id: str
    cohort: pd.DataFrame
    left_out: pd.DataFrame
    figures: Sequence[FigureItem]


@dataclass(frozen=True)
class Answer:
    """A question of the study and its answer in paragraphs."""

    question: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class ModelPart:
    """A model with its tables."""

    title: str
    formula: str
    tables: tuple[PageTable, ...]


def figure_item(name: str, svg: str, caption: str, title: str = "") -> FigureItem:
    """Put a figure into a form that a page can hold.

    Parameters
    ----------
    name
        Name of the figure.
    svg
        The picture, as `style.svg_text` or a file gives it.
    caption
        Text of `workflow/report/<name>.rst`: a title in bold, then sentences.
    title
        Instead of the caption's title, such as `Session S2`.
    """
    found = re.match(r"\s*\*\*(?P<title>.+?)\.?\*\*\s*(?P<text>.*)", caption, re.DOTALL)
    own, text = (found["title"], found["text"]) if found else (name.replace("_", " "), caption)
    return FigureItem(
        name=name,
        title=title or own,
        caption=" ".join(text.split()),
        source=f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}",
    )


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
    return render(
        templates,
        "cohort.html",
        title=config.study.name,
        stamp=_stamp(content.about, models),
        stamp_sentence=answer_text.stamp_sentence(_stamp(content.about, models)),
        answers=[
            Answer(model.summary.title, answer_text.answer(model, content.unit)) for model in models
        ],
        sample=page_tables.sample(content.participants, content.sessions, groups, cell),
        exclusions=page_tables.exclusions(content.flow, groups, cell),
        seen=page_tables.seen(content.cohort, groups, cell),
        congruence=page_tables.congruence(content.congruence, groups, cell),
        answer_figures=_chosen(content.figures, _ANSWER_FIGURES),
        sample_figures=_chosen(content.figures, _SAMPLE_FIGURES),
        other_figures=[
            figure
            for figure in content.figures
            if figure.name not in (*_ANSWER_FIGURES, *_SAMPLE_FIGURES)
        ],
        models=[
            ModelPart(model.summary.title, model.summary.formula, model_tables.of_model(model))
            for model in models
        ],
        methods=methods_text.methods(config, content.about, models),
        limits=methods_text.limits(content.about, models),
        software=page_tables.software(content.ledger),
        steps=page_tables.steps(content.ledger),
        seed=config.study.seed,
    )


def dyad_page(content: DyadContent, templates: Path) -> str:
    """Write the page of a dyad. It holds data about two people and stays private.

    Raises
    ------
    StudyError
        If the dyad has no rows.
    """
    own = content.cohort[content.cohort["dyad_id"] == content.dyad_id]
    if own.empty:
        raise StudyError(
            f"dyad {content.dyad_id}: no rows in the cohort table. "
            "Check its sessions and segments in the study tables."
        )
    pairs = content.config.congruence.pairs
    return render(
        templates,
        "dyad.html",
        title=f"Dyad {content.dyad_id}",
        study=content.config.study.name,
        stamp=content.about.stamp,
        figures=list(content.figures),
        people=dyad_tables.people_of_dyad(own),
        segments=dyad_tables.segments_of_dyad(own, pairs),
        exclusions=dyad_tables.exclusions_of_dyad(own),
        recordings=dyad_tables.left_out_of_dyad(
            content.left_out[content.left_out["dyad_id"] == content.dyad_id]
        ),
        minimum_seen_share=content.config.expressions.minimum_seen_share,
        remarks=list(content.about.remarks),
    )


def private_index(
    study: str,
    stamp: str,
    cohort: pd.DataFrame,
    templates: Path,
    pages: Collection[str] | None = None,
) -> str:
    """Write the list of dyads, with links to their pages `<dyad_id>.html` beside this one.

    Parameters
    ----------
    study
        Title of the study.
    stamp
        As in `tables.About`.
    cohort
        `Cohort` of all dyads.
    templates
        Folder of the page templates.
    pages
        Dyads that have a page; by default all.
    """
    return render(
        templates,
        "index.html",
        pages=set(cohort["dyad_id"]) if pages is None else set(pages),
        title="Dyads",
        study=study,
        stamp=stamp,
        dyads=dyad_tables.dyads(cohort),
    )


def _stamp(about: About, models: Sequence[ModelResults]) -> str:
    return about.stamp or next((m.summary.stamp for m in models if m.summary.stamp), "")


def _chosen(figures: Sequence[FigureItem], names: Sequence[str]) -> list[FigureItem]:
    return [figure for name in names for figure in figures if figure.name == name]
