"""Read a CSV file of REDCap as text, cell by cell. No cell is ever evaluated."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.errors import StudyError

FIRST_ROW: Final = 2
"""Row of the first record as a spreadsheet shows it; the heading is row 1."""

_SEPARATORS: Final = ",;\t"


def read_sheet(path: Path) -> pd.DataFrame:
    """Read all cells of a file.

    Commas, semicolons and tabs are understood between cells, and line breaks within quoted ones.
    Blanks at the ends of a cell are taken off.

    Returns
    -------
    DataFrame
        Text in every cell, empty where there is nothing; the index is the row as a spreadsheet
        shows it.

    Raises
    ------
    StudyError
        If the file is missing, empty, not UTF-8, or not rows of cells.
    """
    try:
        separator = _separator(path)
        cells = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            header=None,
            index_col=False,
            keep_default_na=False,
            encoding="utf-8-sig",
        )
    except OSError:
        raise StudyError(f"{path}: no such file, or it may not be read.") from None
    except (pd.errors.EmptyDataError, StopIteration):
        raise StudyError(f"{path}: the file is empty. Export it anew.") from None
    except UnicodeError:
        raise StudyError(
            f"{path}: found text that is not UTF-8. Export it anew from REDCap, and do not save it "
            "in a spreadsheet program before it is imported."
        ) from None
    except (pd.errors.ParserError, csv.Error) as fault:
        raise StudyError(
            f"{path}: found rows of different length or a quotation mark that never ends ({fault})."
            " Export it anew from REDCap."
        ) from None
    cells = cells.fillna("").apply(lambda column: column.str.strip())
    headings = cells.iloc[0].tolist()
    twice = sorted({heading for heading in headings if heading and headings.count(heading) > 1})
    if twice:
        raise StudyError(f"{path}: found the column {', '.join(twice)} twice. Export it anew.")
    body: pd.DataFrame = cells.iloc[1:].set_axis(headings, axis=1)
    body.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(body))
    return body


def _separator(path: Path) -> str:
    """Take the separator that stands most often in the heading, outside of quotation marks."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heading = next(stream)
    return max(_SEPARATORS, key=lambda sign: len(next(csv.reader([heading], delimiter=sign))))
