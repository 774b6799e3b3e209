"""Find the file of a study table and recognise how its cells are laid out."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dyads.study.faults import Fault

HEADING_ROW: Final = 1
TEXT_FILES: Final = (".tsv", ".csv")
WORKBOOKS: Final = (".xlsx", ".xlsm")
OTHER_WORKBOOKS: Final = (".xls", ".xlsb", ".ods", ".numbers")
"""Files of spreadsheet programs that are refused."""

HEADING_SOUGHT: Final = 20
"""Rows that are searched for the headings."""
UTF8_REMEDY: Final = (
    "Save the table as UTF-8 (in a spreadsheet program: 'CSV UTF-8'), then look at its accents."
)

_SEPARATORS: Final = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_ENCODINGS: Final = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
_DECIMALS: Final = {".": "decimal points", ",": "decimal commas"}
_PACKED: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of the files of spreadsheet programs."""
_HEAD_BYTES: Final = 1 << 16


@dataclass(frozen=True)
class Layout:
    """How the cells of a table's file are written.

    Parameters
    ----------
    separator
        Sign between cells: tab, comma or semicolon.
    encoding
        Python's name of the encoding.
    decimal
        Decimal sign: point, or comma where semicolons part the cells.
    workbook
        Which sheet of a workbook was read, in words; empty if the file is text.
    """

    separator: str = "\t"
    encoding: str = "utf-8-sig"
    decimal: str = "."
    workbook: str = ""

    def __str__(self) -> str:
        """Say it in words."""
        if self.workbook:
            return self.workbook
        parts = (_SEPARATORS[self.separator], _ENCODINGS[self.encoding], _DECIMALS[self.decimal])
        return ", ".join(parts)


def find_table(folder: Path, name: str) -> tuple[Path | None, list[Fault]]:
    """Find the one file of a table.

    Parameters
    ----------
    folder
        The study's folder.
    name
        Name of the table, such as `ratings`.

    Returns
    -------
    Path or None
        The file; none if it is missing or may not be read.
    list of Fault
        Why it may not be read. Empty if there is none.
    """
    there = sorted(
        path
        for path in folder.iterdir()
        if path.stem == name and path.suffix.lower() in (*TEXT_FILES, *WORKBOOKS, *OTHER_WORKBOOKS)
    )
    if not there:
        return None, _misnamed(folder, name)
    file, *others = there
    if others:
        also = " and ".join(path.name for path in others)
        expected = f"one file for this table, not also {also}"
        remedy = "Keep the one that counts, and move every other out of the folder."
        return None, [Fault(file.name, None, None, None, expected, remedy)]
    fault = outside(folder, file)
    if fault is None and file.suffix.lower() in OTHER_WORKBOOKS:
        fault = _spreadsheet(file.name, name)
    return (file, []) if fault is None else (None, [fault])


def misnamed(folder: Path, name: str, kinds: Collection[str]) -> tuple[str, str] | None:
    """Find a file that is meant for another name: `Name.TSV`, `name.txt`, `name.tsv.txt`.

    Parameters
    ----------
    folder
        Where to look.
    name
        Name without its ending.
    kinds
        Endings that are read, the usual one first.

    Returns
    -------
    tuple of str or None
        The name that it has and the one that it should have.
    """
    for path in sorted(folder.iterdir()):
        stem, *endings = path.name.casefold().split(".")
        known = [f".{ending}" for ending in endings if f".{ending}" in kinds]
        unread = ("txt", "yml") if ".yaml" in kinds else ("txt",)
        if stem == name and (known or any(ending in unread for ending in endings[-1:])):
            return path.name, f"{name}{(known or list(kinds))[0]}"
    return None


def _misnamed(folder: Path, name: str) -> list[Fault]:
    names = misnamed(folder, name, (*TEXT_FILES, *WORKBOOKS))
    if names is None:
        return []
    remedy = f"Rename it to {names[1]}, or move it out of the folder if it is no such table."
    return [Fault(names[0], None, None, None, f"a table with the name {names[1]}", remedy)]


def outside(folder: Path, file: Path) -> Fault | None:
    """Say so if a file of the study leads out of its folder, or is no file."""
    try:
        resolved = file.resolve()
        if not resolved.is_relative_to(folder.resolve()):
            expected = "a file inside the study's folder, links followed"
            remedy = "Put the file itself there instead of a link."
            return Fault(file.name, None, None, None, expected, remedy)
        is_file = resolved.is_file()
    except (OSError, RuntimeError):
        is_file = False
    if is_file:
        return None
    return Fault(file.name, None, None, None, "a file", "Put the table itself there.")


def recognise(path: Path, headings: Collection[str]) -> tuple[Layout | None, list[Fault]]:
    """Recognise encoding and separator of a table from its first bytes and its headings.

    Parameters
    ----------
    path
        The file. The name of a tab-separated one ends in `.tsv`; in a `.csv` file the separator
        is the one that yields most of the known headings.
    headings
        Columns of the table's contract.

    Returns
    -------
    Layout or None
        The decimal sign is not known yet and given as a point.
    list of Fault
        Why the file cannot be text.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(_PACKED):
        return None, [_spreadsheet(path.name, path.stem)]
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if is_wide else "utf-8-sig"
    if b"\0" in head and not is_wide:
        row = head.count(b"\n", 0, head.index(b"\0")) + 1
        return None, [Fault(path.name, row, None, None, "text in UTF-8", UTF8_REMEDY)]
    if path.suffix.lower() != ".csv":
        return Layout("\t", encoding), []
    lines = re.split(r"[\r\n]+", head.decode(encoding, errors="replace"))[:HEADING_SOUGHT]
    known = {separator: _known(lines, separator, headings) for separator in _SEPARATORS}
    return Layout(max(known, key=lambda separator: known[separator]), encoding), []


def heading_below(rows: Iterable[tuple[int, Collection[str]]], headings: Collection[str]) -> int:
    """Find the headings of a table that something stands above.

    Parameters
    ----------
    rows
        Number and cells of the first rows.
    headings
        Columns of the table's contract.

    Returns
    -------
    int
        Row of the headings; 0 if they are nowhere.
    """
    known = ((number, len(set(headings) & set(cells))) for number, cells in rows)
    return next((number for number, count in known if count > 1), 0)


def _known(lines: Sequence[str], separator: str, headings: Collection[str]) -> tuple[int, int]:
    """Count the headings that a separator yields, and the cells of the first line."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    found = max((len(set(row) & set(headings)) for row in rows), default=0)
    return found, len(rows[0]) if rows else 0


def _spreadsheet(file: str, name: str) -> Fault:
    remedy = (
        f"Open it in the spreadsheet program, save it as {name}.xlsx or the sheet as 'CSV UTF-8' "
        f"under the name {name}.csv, and move {file} out of the folder."
    )
    if file == f"{name}.csv":
        remedy = "Open it in the spreadsheet program and save the sheet as 'CSV UTF-8'."
    return Fault(file, None, None, None, "a table saved as text or as .xlsx", remedy)
