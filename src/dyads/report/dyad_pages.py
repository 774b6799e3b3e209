"""A page for each dyad, and an index of those. They hold data about people and stay private."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dyads.config import Config
from dyads.errors import StudyError
from dyads.report import (
    dyad_tables,
    score_tables,
)
from dyads.report.page_figures import FigureItem
from dyads.report.templates import render
from dyads.tables import About


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
    scores
        `Scores`; other dyads may be in it.
    items
        `ScoredItems`; other dyads may be in it.
    """

    config: Config
    about: About
    dyad_id: str
    cohort: pd.DataFrame
    left_out: pd.DataFrame
    figures: Sequence[FigureItem]
    scores: pd.DataFrame
    items: pd.DataFrame


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
        scores=score_tables.scores_of_dyad(
            content.scores[content.scores["dyad_id"] == content.dyad_id],
            content.items[content.items["dyad_id"] == content.dyad_id],
        ),
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
