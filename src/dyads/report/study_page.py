"""Pages that say what the tables of a study hold, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.report.page_tables import PageTable
from dyads.report.templates import render
from dyads.study.faults import Fault, shown, told

FAULTS_OF_A_FILE: Final = 1000
"""A page lists this many faults of a file; the others look like them."""
_TITLE: Final = "Study check"
_FAULT_HEAD: Final = ("Row", "Column", "Found", "Expected", "What to do")


def study_page(
    study: str,
    summary: pd.DataFrame,
    templates: Path,
    licences: Sequence[str] = (),
    stamp: str = "",
    remarks: Sequence[str] = (),
) -> str:
    """Write the page that says what the checked study tables hold.

    Parameters
    ----------
    study
        Title of the study.
    summary
        `dyads.study.study.summary`: table, rows, columns, read_as, remarks.
    templates
        Folder of the page templates.
    licences
        What the published weights that the study uses may be used for, as sentences.
    stamp
        Words that the page must carry.
    remarks
        What will not be made for want of consent, as sentences; they name people, so that a page
        that is shared has none.
    """
    rows = tuple(tuple(str(cell) for cell in row) for row in summary.itertuples(index=False))
    head = ("Table", "Rows", "Columns", "Read as", "Remarks")
    table = PageTable(title="", head=head, rows=rows, words=head[3:])
    return render(
        templates,
        "study.html",
        title=_TITLE,
        study=study,
        table=table,
        licences=licences,
        stamp=stamp,
        remarks=remarks,
    )


def faults_page(
    study: str, sentences: Sequence[str], faults: Sequence[Fault], templates: Path
) -> str:
    """Write the page that lists everything that is wrong with a study. It quotes cells.

    Parameters
    ----------
    study
        Title of the study.
    sentences
        What is wrong with settings and weights.
    faults
        What is wrong in the tables, those of a file together.
    templates
        Folder of the page templates.
    """
    files = {file: list(found) for file, found in groupby(faults, lambda fault: fault.file)}
    return render(
        templates,
        "faults.html",
        title=_TITLE,
        study=study,
        count=len(faults) + sum(len(sentence.splitlines()) for sentence in sentences),
        sentences=[line for sentence in sentences for line in sentence.splitlines()],
        tables=[_fault_table(file, found) for file, found in files.items()],
    )


def _fault_table(file: str, faults: Sequence[Fault]) -> PageTable:
    rows = tuple(
        (
            "" if fault.row is None else str(fault.row),
            shown(fault.column or ""),
            "(empty)" if fault.value == "" else shown(fault.value or ""),
            told(fault.expected),
            told(fault.remedy),
        )
        for fault in faults[:FAULTS_OF_A_FILE]
    )
    more = len(faults) - len(rows)
    note = f"And {more} more of these." if more else ""
    return PageTable(title=file, head=_FAULT_HEAD, rows=rows, note=note, words=_FAULT_HEAD[1:])
