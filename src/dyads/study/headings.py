"""Take the headings of a table from its first row, and say of each wrong one what is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Final

import numpy as np
import pandas as pd
from pandera.api.pandas.container import DataFrameSchema

from dyads.study.cell_words import NAME
from dyads.study.faults import Fault
from dyads.study.layout import HEADING_ROW, HEADING_SOUGHT, heading_below
from dyads.study.tables import RESERVED_NAMES
from dyads.study.text import Sheet

_ONE_BY_ONE: Final = ("item", "value")
_LONG: Final = (
    "Turn the table into its long form: a row for each answer, the name of its item in the column "
    "item and the answer in the column value."
)


def headed(
    file: str, sheet: Sheet, schema: DataFrameSchema
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Take the headings from the first row and leave out rows and columns that are empty.

    Parameters
    ----------
    file
        Name of the table's file.
    sheet
        All its cells.
    schema
        The table's contract.

    Returns
    -------
    DataFrame or None
        The rows below the headings, the good ones of which are its columns. None if the first
        row holds no heading at all.
    list of Fault
        What is wrong with the headings, and rows that repeat them.
    """
    headings = [str(heading) for heading in sheet.cells.iloc[0]]
    below = sheet.cells.iloc[1:]
    needed = [name for name, column in schema.columns.items() if column.required]
    meant = _meant([name for name in needed if name not in headings], headings, schema)
    if not set(map(_plain, headings)) & set(schema.columns):
        return None, [_no_headings(file, sheet, needed, list(schema.columns))]
    # column by column: as one array of objects a long table takes a gigabyte
    is_filled = np.column_stack([column.ne("").to_numpy(bool) for _, column in below.items()])
    is_again = below[0].eq(headings[0]).to_numpy(bool, copy=True)
    is_again[is_again] = below[is_again].eq(headings).all(axis=1)
    is_row = is_filled.any(axis=1) & ~is_again
    again = [int(row) for row in below.index[is_again]]
    filled = [bool(column.any()) for column in is_filled[is_row].T]
    kept, faults = _kept(file, headings, filled, set(meant.values()), schema)
    faults += _lacking(file, needed, kept, meant)
    if set(_ONE_BY_ONE) <= set(needed) and not set(_ONE_BY_ONE) & {*kept, *meant}:
        faults = [_wide(file)]
    faults += [
        Fault(file, row, None, " ".join(headings), "a row of the table", "Remove the row: the "
              "headings stand in the first one.")
        for row in again
    ]  # fmt: skip
    return below.loc[is_row, list(kept.values())].set_axis(list(kept), axis=1), faults


def _kept(
    file: str,
    headings: list[str],
    filled: list[bool],
    told: Collection[str],
    schema: DataFrameSchema,
) -> tuple[dict[str, int], list[Fault]]:
    """Give the place of each good heading, and a fault for each other one that is not told yet."""
    kept: dict[str, int] = {}
    faults = []
    for position, heading in enumerate(headings):
        problem = _problem(heading, headings, kept, schema)
        if problem is None:
            kept[heading] = position
        elif (heading or filled[position]) and heading not in told:
            faults.append(Fault(file, HEADING_ROW, heading or None, heading, *problem))
    return kept, faults


def _lacking(
    file: str, needed: list[str], kept: Collection[str], meant: dict[str, str]
) -> Iterator[Fault]:
    for name in needed:
        if name not in kept:
            remedy = f"Rename the column '{meant[name]}'." if name in meant else "Add the column."
            yield Fault(file, HEADING_ROW, name, None, f"a column {name}", remedy)


def _wide(file: str) -> Fault:
    expected = "a row for each answer, with the columns item and value"
    return Fault(file, HEADING_ROW, "item", None, expected, _LONG)


def _meant(missing: list[str], headings: list[str], schema: DataFrameSchema) -> dict[str, str]:
    """Find among the unknown headings those that are nearly one that is missing."""
    others = {_plain(it): it for it in headings if it and it not in schema.columns}
    near = {name: get_close_matches(_plain(name), list(others), n=1) for name in missing}
    return {name: others[found[0]] for name, found in near.items() if found}


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "_", heading).strip("_").lower()


def _no_headings(file: str, sheet: Sheet, needed: list[str], known: list[str]) -> Fault:
    first = sheet.cells.iloc[:HEADING_SOUGHT]
    row = heading_below(zip(map(int, first.index), first.to_numpy(dtype=str), strict=True), known)
    remedy = f"Remove what stands above row {row}, where they are."
    if not row:
        remedy = "Write the names of the columns into the first row."
    if not row and sheet.layout.workbook:
        remedy += f" What was read is the {sheet.layout}: put the sheet of the table first."
    found = " ".join(cell for cell in sheet.cells.iloc[0] if cell)
    expected = f"the headings {', '.join(needed)}"
    return Fault(file, HEADING_ROW, None, found, expected, remedy)


def _problem(
    heading: str, headings: list[str], kept: Collection[str], schema: DataFrameSchema
) -> tuple[str, str] | None:
    if heading == "":
        return "a heading over every column", "Name the column or empty it."
    if heading in kept:
        return "each heading once", "Remove or rename one of the two columns."
    if heading in schema.columns:
        return None
    if schema.strict:
        absent = [name for name in schema.columns if name not in headings]
        near = get_close_matches(_plain(heading), absent, n=1)
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
