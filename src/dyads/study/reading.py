"""Read one study table, give its cells their types, and say of each wrong cell where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pandera.api.pandas.components import Column
from pandera.api.pandas.container import DataFrameSchema
from pandera.errors import SchemaErrors

from dyads.contracts import Contract
from dyads.study.faults import Fault
from dyads.study.tables import NAME, RESERVED_NAMES
from dyads.study.text import HEADING_ROW, read_text

NUMBER: Final = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
WHOLE_NUMBER: Final = r"[+-]?\d+(\.0*)?"
DECIMAL_COMMA: Final = r"[+-]?\d+,\d+"
ANSWERS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class StudyTable:
    """A table as it was typed and as it is understood.

    Parameters
    ----------
    file
        Name of the file.
    cells
        The cells as text, blanks at the ends taken off. The index is the row as a spreadsheet
        shows it.
    typed
        The same rows with their types. A cell at fault holds no meaning.
    """

    file: str
    cells: pd.DataFrame
    typed: pd.DataFrame

    def faults(
        self, is_wrong: pd.Series[bool], column: str, expected: str | pd.Series[str], remedy: str
    ) -> Iterator[Fault]:
        """Report a column's cell in each row that is wrong.

        Parameters
        ----------
        is_wrong
            A claim for each of `cells`' rows, or for some of them.
        column
            Column whose cell is shown.
        expected
            What should be there, for all rows or row by row.
        remedy
            What to do.
        """
        rows = is_wrong.index[is_wrong.to_numpy(dtype=bool)]
        words = expected.loc[rows] if isinstance(expected, pd.Series) else [expected] * len(rows)
        for row, value, word in zip(rows, self.cells.loc[rows, column], words, strict=True):
            yield Fault(self.file, int(row), column, str(value), str(word), remedy)


def read_table(path: Path, contract: type[Contract]) -> tuple[StudyTable | None, list[Fault]]:
    """Read a tab-separated table and check it against its contract.

    Parameters
    ----------
    path
        The file: UTF-8, tabs between the cells, headings in the first row.
    contract
        Columns, types and ranges.

    Returns
    -------
    StudyTable or None
        The table with the columns that it has; none if the file cannot be read as a table.
        Optional columns that the file lacks are added, empty.
    list of Fault
        Everything that is wrong with this table by itself.
    """
    schema = contract.to_schema()
    text, faults = read_text(path, list(schema.columns))
    if text is None:
        return None, faults
    cells, heading_faults = _headed(path.name, text, schema)
    faults += heading_faults
    for name, column in schema.columns.items():
        if name not in cells and not column.required:
            cells[name] = ""
    known = [name for name in schema.columns if name in cells]
    cells = cells[[*known, *(name for name in cells if name not in known)]]
    typed = {name: _typed(cells[name], schema.columns[name]) for name in known}
    for name in cells.columns.difference(known, sort=False):
        typed[name] = _covariate(cells[name])
    table = StudyTable(
        path.name,
        cells,
        pd.DataFrame({name: values for name, (values, _) in typed.items()}, index=cells.index),
    )
    if any(has_no_type.any() for _, has_no_type in typed.values()) or not _is_kept(schema, table):
        for name, (_, has_no_type) in typed.items():
            faults += _cell_faults(table, name, schema.columns.get(name), has_no_type)
        faults += _repeated_keys(table, schema.unique or [])
    return table, faults


def _is_kept(schema: DataFrameSchema, table: StudyTable) -> bool:
    """Whether the whole table keeps its contract; a good table needs no look at each cell."""
    try:
        schema.validate(table.typed, lazy=True)
    except SchemaErrors:
        return False
    return True


def _headed(
    file: str, text: pd.DataFrame, schema: DataFrameSchema
) -> tuple[pd.DataFrame, list[Fault]]:
    """Take the headings from the first row and leave out rows and columns that are empty."""
    faults = []
    headings = [str(heading) for heading in text.iloc[0]]
    body = text.iloc[1:]
    body = body[(body != "").any(axis=1)]
    kept: dict[str, int] = {}
    for position, heading in enumerate(headings):
        is_empty = not body[position].ne("").any()
        problem = _heading_problem(heading, kept, schema)
        if problem is None:
            kept[heading] = position
        elif heading or not is_empty:
            faults.append(Fault(file, HEADING_ROW, heading or None, heading, *problem))
    for name, column in schema.columns.items():
        if column.required and name not in kept:
            near = get_close_matches(name.lower(), {h.lower(): h for h in headings if h}, n=1)
            hint = f"Add the column, or rename '{near[0]}' to it." if near else "Add the column."
            faults.append(Fault(file, HEADING_ROW, name, None, f"a column {name}", hint))
    return body[list(kept.values())].set_axis(list(kept), axis=1), faults


def _heading_problem(
    heading: str, kept: dict[str, int], schema: DataFrameSchema
) -> tuple[str, str] | None:
    if heading == "":
        return "a heading over every column", "Name the column or empty it."
    if heading in kept:
        return "each heading once", "Remove or rename one of the two columns."
    if heading in schema.columns:
        return None
    if schema.strict:
        near = get_close_matches(heading.lower(), list(schema.columns), n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else "Remove the column."
        return f"one of the columns {', '.join(schema.columns)}", remedy
    if not re.match(NAME, heading):
        return (
            "a covariate's name of letters, digits and _ that begins with a letter",
            "Rename the column.",
        )
    if heading in RESERVED_NAMES:
        return "a name that has no other meaning in formulas and tables", "Rename the column."
    return None


def _typed(cells: pd.Series[str], column: Column) -> tuple[pd.Series, pd.Series[bool]]:
    """Give cells their type and say which of them cannot have it."""
    kind = str(column.dtype)
    is_empty = cells.eq("")
    if kind == "bool":
        answers = cells.str.lower().map(ANSWERS)
        return answers.eq(True), answers.isna()
    if kind in ("float64", "int64"):
        pattern = NUMBER if kind == "float64" else WHOLE_NUMBER
        numbers = _numbers(cells, pattern)
        is_wrong = numbers.isna() & ~(is_empty & column.nullable)
        return numbers.fillna(0).astype("int64") if kind == "int64" else numbers, is_wrong
    default = (column.metadata or {}).get("default", "")
    values = cells.mask(is_empty, default) if default else cells
    if column.nullable:
        values = values.mask(is_empty)
    return values, pd.Series(data=False, index=cells.index)


def _numbers(cells: pd.Series[str], pattern: str = NUMBER) -> pd.Series[float]:
    """Read numbers with all their digits; whatever is no finite number is missing."""
    matches = cells.str.fullmatch(pattern).to_numpy(dtype=bool)
    numbers = np.full(len(cells), np.nan)
    numbers[matches] = cells[matches].to_numpy(dtype=object).astype(float)
    numbers[np.isinf(numbers)] = np.nan
    return pd.Series(numbers, index=cells.index)


def _covariate(cells: pd.Series[str]) -> tuple[pd.Series, pd.Series[bool]]:
    """Read a covariate as numbers or as words; a word among numbers is a mistake."""
    is_filled = cells.ne("")
    numbers = _numbers(cells)
    is_number = numbers.notna()
    if is_filled.any() and 2 * is_number.sum() > is_filled.sum():
        return numbers, is_filled & ~is_number
    return cells.mask(~is_filled), pd.Series(data=False, index=cells.index)


def _cell_faults(
    table: StudyTable, name: str, column: Column | None, has_no_type: pd.Series[bool]
) -> list[Fault]:
    """Report the cells of one column that have the wrong type or break a check."""
    is_wrong = has_no_type
    if column is not None:
        try:
            column.validate(table.typed.loc[~has_no_type, [name]], lazy=True)
        except SchemaErrors as errors:
            rows = errors.failure_cases["index"].dropna()
            is_wrong = has_no_type | pd.Series(table.cells.index.isin(rows), table.cells.index)
    if not is_wrong.any():
        return []
    words = (column.metadata if column is not None else None) or {}
    expected = words.get("expected", "a number, as in the other rows of this column")
    remedy = words.get("remedy", "Correct the cell or leave it empty.")
    has_comma = is_wrong & table.cells[name].str.fullmatch(DECIMAL_COMMA)
    comma = "Write the decimal sign as a point."
    return [
        *table.faults(is_wrong & ~has_comma, name, expected, remedy),
        *table.faults(has_comma, name, expected, comma if has_no_type.any() else remedy),
    ]


def _repeated_keys(table: StudyTable, key: list[str]) -> Iterator[Fault]:
    """Report every row whose key an earlier row has."""
    if not set(key) <= set(table.cells.columns):
        return
    keys = table.cells[key]
    is_repeated = keys.duplicated()
    if not is_repeated.any():
        return
    first = keys.reset_index().groupby(key, sort=False)["index"].transform("first")
    first.index = keys.index
    expected = f"each {', '.join(key)} once; row " + first.astype(str) + " has the same"
    yield from table.faults(is_repeated, key[-1], expected, "Keep one of the two rows.")
