"""Give the columns of a table their types: numbers, answers of yes and no, words, covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from pandera.api.pandas.components import Column
from pandera.api.pandas.container import DataFrameSchema

from dyads.study.layout import Layout
from dyads.study.remedies import MISSING_LIKE

NUMBER: Final = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
WHOLE_NUMBER: Final = r"[+-]?\d+(\.0*)?"
DECIMAL_COMMA: Final = r"[+-]?\d+,\d+"
DECIMAL_POINT: Final = r"[+-]?\d+\.\d+"
ANSWERS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class TypedColumn(NamedTuple):
    """Cells of a column with their type, those that cannot have it, and those that are coded."""

    content: pd.Series
    is_wrong: pd.Series[bool]
    is_coded: pd.Series[bool]


def decimal_sign(cells: pd.DataFrame, schema: DataFrameSchema, layout: Layout) -> str:
    """Tell the decimal sign of a table, which may be a comma where semicolons part the cells.

    It is the sign that more cells with a fraction have; the others are then at fault.

    Parameters
    ----------
    cells
        The cells as text.
    schema
        The table's contract; columns that it does not know are covariates.
    layout
        How the file is laid out.
    """
    if layout.separator != ";":
        return "."
    of_numbers = [
        cells[name]
        for name in cells.columns
        if name not in schema.columns or str(schema.columns[name].dtype) == "float64"
    ]
    commas, points = (
        sum(int(column.str.fullmatch(look).sum()) for column in of_numbers)
        for look in (DECIMAL_COMMA, DECIMAL_POINT)
    )
    return "," if commas >= points and commas else "."


def typed_column(
    cells: pd.Series[str], column: Column | None, decimal: str, codes: Sequence[float]
) -> TypedColumn:
    """Give the cells of a column their type, and say which of them cannot have it.

    Parameters
    ----------
    cells
        The cells as text.
    column
        What the contract says of the column; None: a covariate.
    decimal
        Decimal sign of the file.
    codes
        Numbers that stand for a missing value, in a column of numbers that may be empty.
    """
    nowhere = pd.Series(data=False, index=cells.index)
    if column is None:
        return _covariate(cells, decimal, codes)
    kind = str(column.dtype)
    is_empty = cells.eq("")
    if kind == "bool":
        answers = cells.str.lower().map(ANSWERS)
        return TypedColumn(answers.eq(True), answers.isna(), nowhere)
    if kind in ("float64", "int64"):
        pattern = NUMBER if kind == "float64" else WHOLE_NUMBER
        numbers = read_numbers(cells, pattern, decimal)
        is_wrong = numbers.isna() & ~(is_empty & column.nullable)
        is_coded = numbers.isin(list(codes)) if codes and column.nullable else nowhere
        if kind == "int64":
            return TypedColumn(numbers.fillna(0).astype("int64"), is_wrong, nowhere)
        return TypedColumn(numbers.mask(is_coded), is_wrong, is_coded)
    default = (column.metadata or {}).get("default", "")
    values = cells.mask(is_empty, default) if default else cells
    if column.nullable:
        values = values.mask(is_empty)
    return TypedColumn(values, nowhere, nowhere)


def read_numbers(
    cells: pd.Series[str], pattern: str = NUMBER, decimal: str = "."
) -> pd.Series[float]:
    """Read numbers with all their digits; whatever is no finite number is missing.

    Parameters
    ----------
    cells
        The cells as text.
    pattern
        What a number looks like, with a decimal point.
    decimal
        Decimal sign of the file.
    """
    if decimal == ",":
        cells = cells.str.replace(".", " ", regex=False).str.replace(",", ".", regex=False)
    matches = cells.str.fullmatch(pattern).to_numpy(dtype=bool)
    numbers = np.full(len(cells), np.nan)
    numbers[matches] = cells[matches].to_numpy(dtype=object).astype(float)
    numbers[np.isinf(numbers)] = np.nan
    return pd.Series(numbers, index=cells.index)


def _covariate(cells: pd.Series[str], decimal: str, codes: Sequence[float]) -> TypedColumn:
    """Read a covariate as numbers or as words; a word among numbers is a mistake.

    So is a number that looks like a code for a missing value and is farther from the others
    than these are from each other.
    """
    is_filled = cells.ne("")
    nowhere = pd.Series(data=False, index=cells.index)
    numbers = read_numbers(cells, decimal=decimal)
    is_number = numbers.notna()
    if not (is_filled.any() and 2 * is_number.sum() > is_filled.sum()):
        return TypedColumn(cells.mask(~is_filled), nowhere, nowhere)
    is_coded = numbers.isin(list(codes))
    looks_coded = cells.str.fullmatch(MISSING_LIKE) & ~is_coded
    others = numbers[~looks_coded & ~is_coded]
    span = others.max() - others.min()
    is_far = numbers.gt(others.max() + span) | numbers.lt(others.min() - span)
    is_wrong = (is_filled & ~is_number) | (looks_coded & is_far & (span > 0))
    return TypedColumn(numbers.mask(is_coded), is_wrong, is_coded)
