"""Read a tab-separated file as text, cell by cell, whatever state it is in."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.study.faults import Fault

HEADING_ROW: Final = 1
UNKNOWN: Final = ("n/a", "N/A")
"""Words that stand for an empty cell."""


def read_text(path: Path, headings: list[str]) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read all cells of a table.

    Parameters
    ----------
    path
        The file: UTF-8 with or without a mark, tabs between the cells.
    headings
        Columns to name when there is no table to read.

    Returns
    -------
    DataFrame or None
        Every row, the heading first; blanks at the ends of a cell are taken off, and the index
        is the row as a spreadsheet shows it. None if the file is no such table.
    list of Fault
        What is wrong with the file or with the length of its rows.
    """
    try:
        return _read(path, headings)
    except OSError:
        problem = "Add the file to the folder of the study's tables."
    except pd.errors.EmptyDataError:
        problem = "The file is empty: fill it in."
    except UnicodeError:
        return None, [_not_utf8(path)]
    expected = f"a table with the columns {', '.join(headings)}"
    return None, [Fault(path.name, None, None, None, expected, problem)]


def _read(path: Path, headings: list[str]) -> tuple[pd.DataFrame | None, list[Fault]]:
    text: pd.DataFrame | None
    faults: list[Fault] = []
    try:
        text = pd.read_csv(
            path,
            sep="\t",
            header=None,
            dtype=str,
            index_col=False,
            keep_default_na=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
        )
    except pd.errors.ParserError:
        text, faults = _read_uneven(path)
    if text is None:
        return None, faults
    text = text.fillna("").apply(lambda column: column.str.strip()).replace(list(UNKNOWN), "")
    text.index = pd.RangeIndex(HEADING_ROW, HEADING_ROW + len(text))
    heading = str(text.iloc[0, 0])
    if text.shape[1] == 1 and len(headings) > 1 and re.search("[,;]", heading):
        remedy = "Save the table as tab-separated text."
        return None, [
            Fault(path.name, HEADING_ROW, None, heading, "tabs between the columns", remedy)
        ]
    return text, faults


def _read_uneven(path: Path) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a table in which some rows are longer than the heading, or a quote never ends."""
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows.extend(csv.reader(stream, delimiter="\t", strict=True))
    except csv.Error:
        expected = 'a closing quotation mark (")'
        remedy = "Remove or close the quotation mark that opens a cell."
        return None, [Fault(path.name, len(rows) + 1, None, None, expected, remedy)]
    width = len(rows[0])
    faults = [
        Fault(
            path.name,
            number,
            None,
            " ".join(row[width:]).strip(),
            f"{width} cells, as in the heading",
            "Remove the surplus cells or the tab within a cell.",
        )
        for number, row in enumerate(rows, HEADING_ROW)
        if any(cell.strip() for cell in row[width:])
    ]
    even = [row[:width] + [""] * (width - len(row)) for row in rows]
    return pd.DataFrame(even, dtype="str"), faults


def _not_utf8(path: Path) -> Fault:
    content = path.read_bytes()
    row = None
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
    return Fault(path.name, row, None, None, "text in UTF-8", "Save the table as UTF-8 text.")
