"""Read a study table from a workbook (.xlsx or .xlsm), whatever state it is in.

Nothing in a workbook is run or followed: of a formula the value counts that was saved with it,
and macros and links to other files are not loaded.
"""

from __future__ import annotations

import codecs
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree.ElementTree import iterparse
from zipfile import BadZipFile, ZipFile

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from dyads.study.faults import Fault, shown
from dyads.study.layout import HEADING_ROW, Layout
from dyads.study.text import Sheet, not_opened, tidy

UNPACKED_MAX_MB: Final = 256
ROWS_MAX: Final = 200_000
COLUMNS_MAX: Final = 1_000

_CELLS_MAX: Final = 20_000_000
"""Cells that are looked at, empty ones included."""
_LAST_ROW: Final = 1_048_576
"""Row in which every spreadsheet ends; a file can claim rows beyond it."""
_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS: Final = re.compile(rb"mergeCell|hidden|[<:]f[\s/>]")
"""What a sheet's text holds if it has merged cells, hidden parts or formulas."""
_FAILED: Final = "A formula of the spreadsheet failed here: mend it there, or leave the cell empty."
_UNSAVED: Final = (
    "Open the workbook in the spreadsheet program and save it, or put the value in place of the "
    "formula."
)
_MERGED: Final = "Unmerge the cells, and write the value into each of them."


class _TooMuchError(Exception):
    """A limit of this module, in words."""


class _Place(NamedTuple):
    """A cell, by its row and column from 1, and what stands there."""

    row: int
    column: int
    text: str


@dataclass(frozen=True)
class _Marks:
    """What the cells of a sheet do not say themselves: columns and rows from 1."""

    unsaved: tuple[_Place, ...] = ()
    merged: tuple[_Place, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Grid:
    """The first sheet of a workbook: its rows that hold anything, by number."""

    title: str
    others: tuple[str, ...]
    rows: dict[int, list[str]]
    errors: tuple[_Place, ...]
    marks: _Marks

    def name_of(self, column: int) -> str:
        """Give the heading over a column, or its letter if there is none."""
        headings = self.rows[HEADING_ROW]
        heading = headings[column - 1].strip() if column <= len(headings) else ""
        return heading or get_column_letter(column)


def read_workbook(path: Path, headings: list[str]) -> tuple[Sheet | None, list[Fault]]:
    """Read all cells of the first visible sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    headings
        Columns to name when there is no table to read.

    Returns
    -------
    Sheet or None
        The cells as text: whole numbers without a point, dates as 2024-03-01, times as 0:01:30.
        None if the file is no such table.
    list of Fault
        What is wrong with the file, and cells that hold no value: errors, formulas that were
        never worked out, merged cells.
    """
    try:
        refusal = _refused(path)
        grid = None if refusal else _grid(path)
    except PermissionError:
        return None, [not_opened(path)]
    except OSError:
        expected = f"a table with the columns {', '.join(headings)}"
        remedy = "Add the file to the folder of the study's tables."
        return None, [Fault(path.name, None, None, None, expected, remedy)]
    except _TooMuchError as limit:
        refusal = _whole(path, str(limit))
    # A damaged file makes openpyxl raise nearly anything, from KeyError to zlib.error.
    except Exception:
        refusal = _whole(path, "a workbook that can be opened")
    if refusal is not None or grid is None:
        return None, [refusal] if refusal else []
    cells = pd.DataFrame(list(grid.rows.values()), index=list(grid.rows), dtype="str")
    if cells.empty:
        expected = f"a table with the columns {', '.join(headings)}"
        remedy = f"The sheet {shown(grid.title)} is empty: fill it in, or put the table first."
        return None, [Fault(path.name, None, None, None, expected, remedy)]
    return Sheet(tidy(cells), Layout(workbook=_remark(grid))), list(_faults(path.name, grid))


def _refused(path: Path) -> Fault | None:
    """Refuse what is no workbook, is locked, or unpacks to more than a table can need."""
    with path.open("rb") as stream:
        if stream.read(len(_OLD_OR_LOCKED)) == _OLD_OR_LOCKED:
            return _whole(path, "a workbook (.xlsx) without a password")
    with ZipFile(path) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    if unpacked > UNPACKED_MAX_MB * 2**20:
        return _whole(path, f"a workbook of at most {UNPACKED_MAX_MB} MB when unpacked")
    return None


def _grid(path: Path) -> _Grid:
    with warnings.catch_warnings():
        # openpyxl warns of drawings, lists to choose from and the like, which no table needs.
        warnings.simplefilter("ignore")
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = book.worksheets
            for sheet in sheets:
                sheet.reset_dimensions()
            first = next((it for it in sheets if it.sheet_state == "visible"), None)
            if first is None:
                raise BadZipFile("no sheet that is shown")
            others = tuple(it.title for it in sheets if it is not first and _is_filled(it))
            rows, errors = _filled_rows(first)
            return _Grid(first.title, others, rows, errors, _marks(first))
        finally:
            book.close()


def _is_filled(sheet: ReadOnlyWorksheet) -> bool:
    rows = islice(sheet.iter_rows(values_only=True), _LAST_ROW)
    return any(value is not None for row in rows for value in row)


def _filled_rows(sheet: ReadOnlyWorksheet) -> tuple[dict[int, list[str]], tuple[_Place, ...]]:
    """Give the rows that hold anything, and the cells whose formula failed."""
    rows: dict[int, list[str]] = {HEADING_ROW: []}
    errors: list[_Place] = []
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(), HEADING_ROW):
        seen += len(cells)
        texts = [_text(cell.value) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            if number > _LAST_ROW:
                raise _TooMuchError(f"at most {_LAST_ROW} rows")
            continue
        rows[number] = texts
        errors += [
            _Place(number, column, texts[column - 1])
            for column, cell in enumerate(cells, 1)
            if cell.data_type == "e"
        ]
        if len(rows) > ROWS_MAX + 1 or seen > _CELLS_MAX:
            raise _TooMuchError(f"at most {ROWS_MAX} rows in a workbook; a text file may be longer")
        if len(texts) > COLUMNS_MAX:
            raise _TooMuchError(f"at most {COLUMNS_MAX} columns")
    return rows, tuple(errors)


def _text(value: object) -> str:
    """Write the value of a cell so that it can be read as a number where it is one."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            is_day = value.time() == time()
            return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case _:
            return str(value)


def _marks(sheet: ReadOnlyWorksheet) -> _Marks:
    """Find merged cells, hidden parts, and formulas that no value was saved with."""
    with sheet._get_source() as source:
        content = source.read()
    if not (_MARKS.search(content) or content.startswith(_WIDE)):
        return _Marks()
    unsaved: list[_Place] = []
    merged: list[_Place] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for name, given, part in _elements(content):
        is_hidden = given.get("hidden") in ("1", "true")
        if name == "c" and part["f"] is not None and not part["v"] and given.get("t") != "str":
            row, column = coordinate_to_tuple(given["r"])
            unsaved.append(_Place(row, column, f"={part['f']}"))
        elif name == "mergeCell":
            left, top, *_ = range_boundaries(given["ref"])
            merged.append(_Place(top or 1, left or 1, given["ref"]))
        elif name == "row" and is_hidden:
            rows.add(int(given["r"]))
        elif name == "col" and is_hidden:
            columns.update(range(int(given["min"]), min(int(given["max"]), COLUMNS_MAX) + 1))
    return _Marks(tuple(unsaved), tuple(merged), frozenset(rows), frozenset(columns))


def _elements(content: bytes) -> Iterator[tuple[str, dict[str, str], dict[str, str | None]]]:
    """Yield the elements of a sheet: name, attributes, and a cell's formula and saved value."""
    parts: dict[str, str | None] = {"f": None, "v": None}
    for _, element in iterparse(BytesIO(content)):
        name = element.tag.rpartition("}")[2]
        if name in parts:
            parts[name] = element.text or ""
        elif name in ("c", "mergeCell", "row", "col"):
            yield name, dict(element.attrib), parts
            parts = {"f": None, "v": None}
        if name == "row":
            element.clear()


def _faults(file: str, grid: _Grid) -> Iterator[Fault]:
    marks = grid.marks
    for places, expected, remedy in (
        (marks.merged, "a cell of its own for each value", _MERGED),
        (marks.unsaved, "a formula whose value was saved", _UNSAVED),
        (grid.errors, "a value", _FAILED),
    ):
        for place in places:
            column = grid.name_of(place.column)
            yield Fault(file, place.row, column, place.text, expected, remedy)


def _remark(grid: _Grid) -> str:
    """Say which sheet was read, which was not, and what of it nobody sees."""
    parts = [f"workbook, sheet {shown(grid.title)}"]
    if grid.others:
        parts.append(f"not read: {', '.join(shown(title) for title in grid.others)}")
    rows = len(grid.marks.hidden_rows & set(grid.rows))
    width = max(map(len, grid.rows.values()))
    columns = [grid.name_of(it) for it in sorted(grid.marks.hidden_columns) if it <= width]
    if rows:
        parts.append(f"hidden rows that count like the others: {rows}")
    if columns:
        parts.append(f"hidden columns that count like the others: {shown(', '.join(columns))}")
    return "; ".join(parts)


def _whole(path: Path, expected: str) -> Fault:
    remedy = (
        "Open it in the spreadsheet program and save it anew as .xlsx, or save the sheet as "
        f"'CSV UTF-8' under the name {path.stem}.csv and move {path.name} out of the folder."
    )
    return Fault(path.name, None, None, None, expected, remedy)
