"""Read the file of a table as text, cell by cell, whatever state it is in."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.study.faults import Fault
from dyads.study.layout import (
    HEADING_ROW,
    HEADING_SOUGHT,
    UTF8_REMEDY,
    Layout,
    heading_below,
    recognise,
)

UNKNOWN: Final = ("n/a", "N/A")
"""Words that stand for an empty cell."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """All cells of a table's file.

    Parameters
    ----------
    cells
        Every row, the heading first; blanks at the ends of a cell are taken off, and the index
        is the row as a spreadsheet shows it.
    layout
        How the file is laid out.
    """

    cells: pd.DataFrame
    layout: Layout


def read_text(path: Path, headings: list[str]) -> tuple[Sheet | None, list[Fault]]:
    """Read all cells of a table.

    Parameters
    ----------
    path
        The file: UTF-8, with or without a mark, or UTF-16 with one; see `layout.recognise`.
    headings
        Columns to look for, and to name when there is no table to read.

    Returns
    -------
    Sheet or None
        None if the file is no such table.
    list of Fault
        What is wrong with the file or with the length of its rows.
    """
    try:
        layout, faults = recognise(path, headings)
        return _read(path, headings, layout) if layout is not None else (None, faults)
    except PermissionError:
        return None, [not_opened(path)]
    except OSError:
        problem = "Add the file to the folder of the study's tables."
    except pd.errors.EmptyDataError:
        problem = "The file is empty: fill it in."
    except UnicodeError:
        return None, [_not_utf8(path)]
    expected = f"a table with the columns {', '.join(headings)}"
    return None, [Fault(path.name, None, None, None, expected, problem)]


def not_opened(path: Path) -> Fault:
    """Say that a file is there and may not be read."""
    remedy = "Close it in every other program, or ask whoever owns it for the right to read it."
    return Fault(path.name, None, None, None, "a file that may be read", remedy)


def tidy(cells: pd.DataFrame) -> pd.DataFrame:
    """Take blanks off the ends of cells, and leave those empty that stand for nothing."""
    tidied = {name: column.str.strip() for name, column in cells.fillna("").items()}
    return pd.DataFrame(
        {name: column.mask(column.isin(UNKNOWN), "") for name, column in tidied.items()},
        index=cells.index,
    )


def _read(path: Path, headings: list[str], layout: Layout) -> tuple[Sheet | None, list[Fault]]:
    text: pd.DataFrame | None
    faults: list[Fault] = []
    try:
        text = pd.read_csv(
            path,
            sep=layout.separator,
            header=None,
            dtype=str,
            index_col=False,
            keep_default_na=False,
            skip_blank_lines=False,
            encoding=layout.encoding,
        )
    except pd.errors.ParserError:
        text, faults = _read_uneven(path, layout, headings)
    if text is None:
        return None, faults
    text = tidy(text)
    text.index = pd.RangeIndex(HEADING_ROW, HEADING_ROW + len(text))
    heading = str(text.iloc[0, 0])
    if text.shape[1] == 1 and len(headings) > 1 and re.search("[,;]", heading):
        remedy = f"Save the table as tab-separated text, or name the file {path.stem}.csv."
        return None, [
            Fault(path.name, HEADING_ROW, None, heading, "tabs between the columns", remedy)
        ]
    return Sheet(text, layout), faults


def _read_uneven(
    path: Path, layout: Layout, headings: list[str]
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a table in which some rows are longer than the heading, or a quote never ends."""
    rows: list[list[str]] = []
    try:
        with path.open(encoding=layout.encoding, newline="") as stream:
            rows.extend(csv.reader(stream, delimiter=layout.separator, strict=True))
    except csv.Error:
        expected = 'a closing quotation mark (")'
        remedy = "Remove or close the quotation mark that opens a cell."
        return None, [Fault(path.name, len(rows) + 1, None, None, expected, remedy)]
    first = [[cell.strip() for cell in row] for row in rows[:HEADING_SOUGHT]]
    is_titled = heading_below(enumerate(first, HEADING_ROW), headings) > HEADING_ROW
    width = max(map(len, rows)) if is_titled else len(rows[0])
    remedy = "Remove the surplus cells or the tab within a cell."
    if layout.separator != "\t":
        remedy = (
            f"Remove the surplus cells, or put a cell that holds '{layout.separator}' (such as a "
            "number with a decimal comma) in quotation marks."
        )
    faults = [
        Fault(
            path.name,
            number,
            None,
            " ".join(row[width:]).strip(),
            f"{width} cells, as in the heading",
            remedy,
        )
        for number, row in enumerate(rows, HEADING_ROW)
        if any(cell.strip() for cell in row[width:])
    ]
    even = [row[:width] + [""] * (width - len(row)) for row in rows]
    return pd.DataFrame(even, dtype="str"), faults


def _not_utf8(path: Path) -> Fault:
    """Name the first line that is not UTF-8, and its cell as a Western computer wrote it."""
    content = path.read_bytes()
    row, cell = None, None
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        before = re.split(rb"[\t,;\r\n]", content[: error.start])[-1]
        after = re.split(rb"[\t,;\r\n]", content[error.start :], maxsplit=1)[0]
        cell = (before + after).decode("cp1252", errors="replace").strip()
    return Fault(path.name, row, None, cell, "text in UTF-8", UTF8_REMEDY)
