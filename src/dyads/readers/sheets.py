"""Read tables that programs wrote as text, whatever their separator, encoding and preamble.

Only the columns that are asked for are turned into numbers: a file of 700 columns costs little
more than its few channels.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from dyads.errors import StudyError

_HEADING_WITHIN: Final = 60
"""Lines among which the heading is looked for; exports put up to some thirty before it."""

_SEPARATORS: Final = (",", "\t", ";")
_NO_NUMBER: Final = ("", "nan", "NaN", "NAN", "NA", "N/A", "null", "None", "-nan", "-nan(ind)")
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_DECIMAL_COMMA: Final = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"
_SHOWN: Final = 5


@dataclass(frozen=True)
class Sheet:
    """A table in a text file, before its cells are read.

    Parameters
    ----------
    path
        The file.
    encoding
        Of the text.
    separator
        Between cells.
    heading_line
        Line of the column names, from 1.
    names
        Column names without blanks around them, in order.
    """

    path: Path
    encoding: str
    separator: str
    heading_line: int
    names: tuple[str, ...]


def open_sheet(path: str | Path, known: Collection[str]) -> Sheet:
    """Find out how a file lays out its table.

    Parameters
    ----------
    path
        The file.
    known
        Column names that would be understood. The heading is the line that has most of them.

    Raises
    ------
    StudyError
        If there is no such file, or if it holds no text.
    """
    file = Path(path)
    if not file.is_file():
        raise StudyError(f"{path}: no such file. Correct `frames_path` in recordings.tsv.")
    encoding = _encoding(file)
    with file.open(encoding=encoding, errors="replace", newline=None) as text:
        lines = list(islice(text, _HEADING_WITHIN))
    if not "".join(lines).strip():
        raise StudyError(f"{path}: the file is empty. Export it again.")
    place, separator, names = _heading(lines, frozenset(known))
    return Sheet(file, encoding, separator, place + 1, names)


def read_columns(
    sheet: Sheet,
    columns: Collection[str],
    texts: Collection[str] = (),
    nothing: Collection[str] = (),
) -> tuple[pd.DataFrame, list[str]]:
    """Read columns of a sheet, numbers as numbers.

    Parameters
    ----------
    sheet
        From :func:`open_sheet`.
    columns
        Names of the columns; those that the sheet lacks are left out.
    texts
        Columns among these that hold words.
    nothing
        Words that stand where a number is missing.

    Returns
    -------
    DataFrame
        The columns, in the order of the sheet; a missing number is NaN, a missing word "".
    list of str
        What is wrong, a sentence each: columns that stand there twice, lines with too many or
        too few cells, cells that are no numbers. Such cells are NaN, such lines left out.
    """
    faults = _repeated_names(sheet, columns)
    places = {name: place for place, name in enumerate(sheet.names) if name in columns}
    table, ragged = _read(sheet, list(places.values()))
    faults += _ragged(sheet, ragged, table.num_rows)
    absent = pa.array([*_NO_NUMBER, *nothing])
    read: dict[str, pd.Series[float] | pd.Series[str]] = {}
    wrong: dict[str, pd.Series[str]] = {}
    for name, place in places.items():
        cells = pc.utf8_trim_whitespace(table[str(place)])
        if name in texts:
            read[name] = pd.Series(cells.to_pylist(), dtype=object).fillna("")
            continue
        cells = pc.if_else(pc.is_in(cells, value_set=absent), pa.scalar(None, pa.string()), cells)
        read[name], bad = _numbers(cells)
        if len(bad):
            wrong[name] = bad
    return pd.DataFrame(read), [*faults, *_wrong_cells(sheet, wrong)]


def _encoding(file: Path) -> str:
    with file.open("rb") as raw:
        start = raw.read(65_536)
    if start.startswith(b"PK\x03\x04"):
        raise StudyError(
            f"{file}: an Excel or zip file. Save the table as text (CSV) and name that file."
        )
    if start.startswith(_UTF_16_MARKS):
        return "utf-16"
    if b"\0" in start:
        raise StudyError(f"{file}: not a table of text. Export the table as CSV.")
    try:
        # A character may be cut in two at the end of what was read.
        start[:-3].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _heading(lines: Sequence[str], known: frozenset[str]) -> tuple[int, str, tuple[str, ...]]:
    """Choose the line and the separator that give most known names, or else most names."""
    best: tuple[int, str, tuple[str, ...]] = (0, _SEPARATORS[0], ())
    best_worth = (-1, -1)
    for place, line in enumerate(lines):
        for separator in _SEPARATORS:
            if separator not in line:
                continue
            names = tuple(name.strip() for name in next(csv.reader([line], delimiter=separator)))
            worth = (len(known.intersection(names)), len(names) if place == 0 else 0)
            if worth > best_worth:
                best, best_worth = (place, separator, names), worth
    return best if best[2] else (0, _SEPARATORS[0], (lines[0].strip(),))


def _repeated_names(sheet: Sheet, columns: Collection[str]) -> list[str]:
    count = Counter(name for name in sheet.names if name in columns)
    repeated = [name for name, times in count.items() if times > 1]
    if not repeated:
        return []
    return [
        f"{sheet.path}: {_listed(repeated)} {'stands' if len(repeated) == 1 else 'stand'} in the "
        "heading more than once, so that it is not known which column is meant. Export again."
    ]


def _read(sheet: Sheet, places: list[int]) -> tuple[pa.Table, list[pacsv.InvalidRow]]:
    ragged: list[pacsv.InvalidRow] = []

    def leave_out(row: pacsv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    columns = [str(place) for place in range(len(sheet.names))]
    asked = [str(place) for place in places]
    encodings = (sheet.encoding.removesuffix("-sig"), "cp1252")
    for encoding in encodings:
        try:
            table = pacsv.read_csv(
                sheet.path,
                read_options=pacsv.ReadOptions(
                    # The row numbers of broken lines are told only to a single thread.
                    use_threads=False,
                    skip_rows=sheet.heading_line,
                    column_names=columns,
                    encoding=encoding,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=sheet.separator, invalid_row_handler=leave_out
                ),
                convert_options=pacsv.ConvertOptions(
                    include_columns=asked,
                    column_types=dict.fromkeys(asked, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as fault:
            # A letter of an old code page that stands far below the heading.
            if "UTF8" in str(fault) and encoding != encodings[-1]:
                ragged.clear()
                continue
            raise StudyError(f"{sheet.path}: not a readable table ({fault}).") from None
        return table, ragged
    raise AssertionError("the last encoding reads any byte")


def _ragged(sheet: Sheet, ragged: Sequence[pacsv.InvalidRow], rows: int) -> list[str]:
    """Say which lines have not as many cells as the heading; the last may have been cut off."""
    if not ragged:
        return []
    width = len(sheet.names)
    if not rows:
        return [
            f"{sheet.path}: the heading (line {sheet.heading_line}) has {width} columns, the lines "
            f"below it have {ragged[0].actual_columns} cells. Export again."
        ]
    last = sheet.heading_line + rows + len(ragged)
    faults = []
    if ragged[-1].number == last and ragged[-1].actual_columns < width:
        faults.append(
            f"{sheet.path}: cut off in its last line ({last}), which has "
            f"{ragged[-1].actual_columns} of {width} cells: the rest of the film is not there. "
            "Copy or export the file again."
        )
        ragged = ragged[:-1]
    if ragged:
        lines = _listed(str(row.number) for row in ragged)
        faults.append(
            f"{sheet.path}: {len(ragged)} lines have not the {width} cells of the heading "
            f"(line {lines}). Export again."
        )
    return faults


def _numbers(cells: pa.ChunkedArray) -> tuple[pd.Series[float], pd.Series[str]]:
    """Turn text into numbers; also give the cells that are none, by row."""
    nothing = pd.Series([], dtype=object)
    try:
        return cells.cast(pa.float64()).to_pandas(), nothing
    except pa.ArrowInvalid:
        pointed = pc.replace_substring_regex(cells, pattern=_DECIMAL_COMMA, replacement=r"\1.\2")
    try:
        return pointed.cast(pa.float64()).to_pandas(), nothing
    except pa.ArrowInvalid:
        words = pointed.to_pandas()
        numbers = pd.to_numeric(words, errors="coerce").astype(float)
        return numbers, words[numbers.isna() & words.notna()]


def _wrong_cells(sheet: Sheet, wrong: dict[str, pd.Series[str]]) -> list[str]:
    """Say what is no number, a sentence for each of the first columns, the rest counted."""
    faults = []
    for name, cells in islice(wrong.items(), _SHOWN):
        line = sheet.heading_line + 1 + int(cells.index[0])
        more = f" and {len(cells) - 1} more of this column" if len(cells) > 1 else ""
        faults.append(
            f"{sheet.path}: line {line}, column {name}: {str(cells.iloc[0])!r}{more} is not a "
            "number. Export again."
        )
    if len(wrong) > _SHOWN:
        faults.append(f"{sheet.path}: {len(wrong) - _SHOWN} more columns hold such cells.")
    return faults


def _listed(words: Iterable[str]) -> str:
    """Name the first few."""
    told = list(words)
    shown = re.sub(r", (?=[^,]*$)", " and ", ", ".join(told[:_SHOWN]))
    return shown if len(told) <= _SHOWN else f"{', '.join(told[:_SHOWN])} …"
