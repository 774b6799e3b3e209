"""Read one study table, give its cells their types, and say of each wrong cell where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
from pandera.api.pandas.components import Column

from dyads.contracts import Contract
from dyads.study.columns import TypedColumn, decimal_sign, read_numbers, typed_column
from dyads.study.faults import Fault
from dyads.study.headings import headed
from dyads.study.identifiers import odd_sign
from dyads.study.layout import WORKBOOKS, Layout
from dyads.study.remedies import coded_remedy, number_remedy
from dyads.study.text import read_text
from dyads.study.workbook import read_workbook

_AS_TSV: Final = Layout()
_CODED: Final = (
    "Leave the cell empty if the value is missing; otherwise take the code out of "
    "study.missing_codes."
)
_ANSWER: Final = "value"
"""Column of answers. Whether a missing code could be one is known where the instrument is."""


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
    layout
        How the file is laid out.
    coded
        Number of cells that hold one of the study's missing codes.
    """

    file: str
    cells: pd.DataFrame
    typed: pd.DataFrame
    layout: Layout = _AS_TSV
    coded: int = 0

    def has(self, *columns: str) -> bool:
        """Whether the table has all of these columns."""
        return set(columns) <= set(self.cells.columns)

    def faults(
        self,
        is_wrong: pd.Series[bool],
        column: str,
        expected: str | pd.Series[str],
        remedy: str | pd.Series[str],
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
            What to do, for all rows or row by row.
        """
        rows = is_wrong.index[is_wrong.to_numpy(dtype=bool)]
        if rows.empty:
            return
        words = (
            text.loc[rows] if isinstance(text, pd.Series) else [text] * len(rows)
            for text in (expected, remedy)
        )
        for row, value, *told in zip(rows, self.cells.loc[rows, column], *words, strict=True):
            yield Fault(self.file, int(row), column, str(value), *map(str, told))


def read_table(
    path: Path, contract: type[Contract], missing_codes: Sequence[float] = ()
) -> tuple[StudyTable | None, list[Fault]]:
    """Read a table and check it against its contract.

    Parameters
    ----------
    path
        The file: headings in the first row; a workbook, or text laid out as `layout.recognise`
        knows it.
    contract
        Columns, types and ranges.
    missing_codes
        Numbers that stand for a missing value in columns that may be empty.

    Returns
    -------
    StudyTable or None
        The table with the columns that it has; none if the file cannot be read as a table.
        Optional columns that the file lacks are added, empty.
    list of Fault
        Everything that is wrong with this table by itself.
    """
    schema = contract.to_schema()
    is_workbook = path.suffix.lower() in WORKBOOKS
    read_cells = read_workbook if is_workbook else read_text
    sheet, faults = read_cells(path, list(schema.columns))
    if sheet is None:
        return None, faults
    cells, heading_faults = headed(path.name, sheet, schema)
    faults += heading_faults
    if cells is None:
        return None, faults
    for name, column in schema.columns.items():
        if name not in cells and not column.required:
            cells[name] = ""
    known = [name for name in schema.columns if name in cells]
    cells = cells[[*known, *(name for name in cells if name not in known)]]
    layout = replace(sheet.layout, decimal=decimal_sign(cells, schema, sheet.layout))
    columns = {
        name: typed_column(cells[name], schema.columns.get(name), layout.decimal, missing_codes)
        for name in cells.columns
    }
    table = StudyTable(
        path.name,
        cells,
        pd.DataFrame({name: column.content for name, column in columns.items()}, index=cells.index),
        layout,
        coded=sum(int(column.is_coded.sum()) for column in columns.values()),
    )
    for name, found in columns.items():
        faults += _cell_faults(table, name, schema.columns.get(name), found)
    faults += _repeated_keys(table, schema.unique or [])
    return table, faults


def _cell_faults(
    table: StudyTable, name: str, column: Column | None, found: TypedColumn
) -> Iterator[Fault]:
    """Report the cells of one column that have the wrong type or break a check."""
    cells, is_wrong = table.cells[name], found.is_wrong
    if column is not None:
        is_wrong = is_wrong | _breaks(table.typed[name], column)
    if not is_wrong.any() and not found.is_coded.any():
        return
    words = (column.metadata if column is not None else None) or {}
    expected = words.get("expected", "a number, as in the other rows of this column")
    remedy = words.get("remedy", "Correct the cell or leave it empty.")
    is_text = column is not None and str(column.dtype) not in ("float64", "int64")
    wrong = cells[is_wrong]
    is_number = read_numbers(wrong, decimal=table.layout.decimal).notna()
    remedies = pd.Series(
        [
            remedy + odd_sign(cell)
            if is_text
            else coded_remedy(cell, remedy)
            if fits
            else number_remedy(cell, remedy, table.layout)
            for cell, fits in zip(wrong, is_number, strict=True)
        ],
        index=wrong.index,
        dtype=object,
    )
    yield from table.faults(is_wrong, name, expected, remedies)
    if column is not None and name != _ANSWER and found.is_coded.any():
        coded = cells[found.is_coded]
        breaks = _breaks(read_numbers(coded, decimal=table.layout.decimal), column)
        is_possible = found.is_coded & ~breaks.reindex(cells.index, fill_value=True)
        yield from table.faults(
            is_possible,
            name,
            "no value that is also one of study.missing_codes",
            words.get("coded", _CODED),
        )


def _breaks(values: pd.Series, column: Column) -> pd.Series[bool]:
    """Say of each value whether it breaks a check, or is missing where one is needed.

    The checks are asked one by one: validating a column also looks for types and coerces them,
    which the values have already, and costs three times as much.
    """
    is_wrong: pd.Series[bool] = values.isna() & (not column.nullable)
    for check in column.checks:
        # of missing values a check says nothing
        is_kept = check(values).check_output.reindex(values.index, fill_value=True)
        is_wrong |= ~is_kept
    return is_wrong


def _repeated_keys(table: StudyTable, key: list[str]) -> Iterator[Fault]:
    """Report every row whose key an earlier row has."""
    if not key or not set(key) <= set(table.cells.columns):
        return
    # Rows with one key are equal by their types too, which is told sooner.
    if not table.typed.duplicated(key).any():
        return
    meant, typed = table.typed[key].notna(), table.typed[key].astype(object)
    keys = typed.where(meant, table.cells[key])
    is_repeated = keys.duplicated()
    first = keys.reset_index().groupby(key, sort=False)["index"].transform("first")
    first.index = keys.index
    expected = f"each {', '.join(key)} once; row " + first.astype(str) + " has the same"
    yield from table.faults(is_repeated, key[-1], expected, "Keep one of the two rows.")
