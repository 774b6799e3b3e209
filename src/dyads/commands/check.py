"""`dyads check`: find everything that is wrong with a study, without running anything."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dyads import config
from dyads.extraction.weights import lock_beside
from dyads.plan.lock import plan_lock_beside
from dyads.report.study_page import faults_page, study_page
from dyads.study.readiness import StudyNotReady, check_readiness
from dyads.study.study import summary
from dyads.tables import write_text

TEMPLATES: Final = Path(__file__).parents[3] / "workflow/report"
_PAGE: Final = "private/study_check.html"


def add(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command to the program's."""
    parser = commands.add_parser(
        "check",
        help="find everything that is wrong with a study, without running anything",
        description="Check settings, tables, recordings and weights of a study, all at once. What "
        f"is found is printed, and written to {_PAGE} in the folder of the results.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.yaml"),
        metavar="FILE",
        help="configuration of the study (default: config.yaml)",
    )
    parser.set_defaults(command=check)


def check(asked: Namespace) -> None:
    """Check a study, write the page, and say what was found.

    Raises
    ------
    StudyError
        With everything that is wrong.
    """
    raw = config.read(asked.config)
    page = _results(raw) / _PAGE
    try:
        ready = check_readiness(
            raw,
            asked.config.name,
            lock_beside(asked.config),
            [asked.config],
            plan_lock_beside(asked.config),
            films=True,
        )
    except StudyNotReady as found:
        text = faults_page(_title(raw), found.sentences, found.faults, TEMPLATES)
        try:
            _write(text, page)
            sys.stderr.write(f"As a page: {page}\n")
        except OSError as refusal:
            sys.stderr.write(f"{page}: the page cannot be written ({refusal.strerror}).\n")
        raise
    held = summary(ready.study, minimum_cell=1)
    title, said = ready.settings.study.name, [*ready.licences, *ready.remarks]
    _write(study_page(title, held, TEMPLATES, ready.licences, remarks=ready.remarks), page)
    for row in held.itertuples(index=False):
        sys.stdout.write(f"{row.table}: {row.rows} rows ({row.read_as}). {row.remarks}\n")
    sys.stdout.write("".join(f"{sentence}\n" for sentence in said))
    sys.stdout.write(f"No fault was found. As a page: {page}\n")


def _results(raw: object) -> Path:
    """Name the folder of the results, also where other settings are wrong."""
    own = raw.get("results") if isinstance(raw, Mapping) else None
    return Path(own) if isinstance(own, str) and own else Path("results")


def _title(raw: object) -> str:
    study = raw.get("study") if isinstance(raw, Mapping) else None
    return str(study.get("name") or "") if isinstance(study, Mapping) else ""


def _write(text: str, page: Path) -> None:
    """Write a page that its owner alone may read, for it quotes cells and counts few people."""
    page.parent.parent.mkdir(parents=True, exist_ok=True)
    mask = os.umask(0o077)
    try:
        write_text(text, page)
    finally:
        os.umask(mask)
