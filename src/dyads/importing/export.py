"""The rows of a REDCap export, and what a field says in each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from dyads.errors import StudyError
from dyads.importing.dictionary import (
    EVENT,
    INSTANCE,
    REPEATED,
    Dictionary,
    RedcapField,
    box_column,
)
from dyads.importing.sheet import read_sheet
from dyads.study.faults import Fault

_BOX_WORDS = {"checked": "1", "unchecked": "0", "1": "1", "0": "0"}
_REMEDY = "List it under missing_codes if it means no answer, or correct it in REDCap."
_LABEL_REMEDY = "The cell holds a label: write `export: labels`, or export the raw data."


@dataclass(frozen=True)
class Export:
    """An export.

    Parameters
    ----------
    file
        Name of the file.
    cells
        Text of all cells; the index is the row as a spreadsheet shows it.
    dictionary
        The project's fields.
    """

    file: str
    cells: pd.DataFrame
    dictionary: Dictionary

    @cached_property
    def record(self) -> pd.Series[str]:
        """Record of each row."""
        return self.cells[self.dictionary.record_id]

    @cached_property
    def event(self) -> pd.Series[str]:
        """Event of each row; empty in a project without events."""
        return self._or_empty(EVENT)

    @cached_property
    def repeated(self) -> pd.Series[str]:
        """Repeating form that a row belongs to; empty where no form is repeated."""
        return self._or_empty(REPEATED)

    @cached_property
    def instance(self) -> pd.Series[str]:
        """Number of the repeat."""
        return self._or_empty(INSTANCE)

    def _or_empty(self, column: str) -> pd.Series[str]:
        return self.cells.get(column, pd.Series("", index=self.cells.index, dtype="str"))


def read_export(path: Path, dictionary: Dictionary) -> Export:
    """Read an export of records in one file, with the variables' names as headings.

    Raises
    ------
    StudyError
        If it cannot be read, is of another project, has labels as headings, or a row twice.
    """
    cells = read_sheet(path)
    if dictionary.record_id not in cells:
        labels = {each.label for each in dictionary.fields.values()}
        remedy = f"Is {dictionary.file} the dictionary of this project?"
        if len(labels & set(cells.columns)) > 1:
            remedy = "The headings are labels: export with variable names (CSV, raw data)."
        raise StudyError(
            f"{path}: found no column {dictionary.record_id}, which names the records. {remedy}"
        )
    if not set(dictionary.columns()) & set(cells.columns) - {dictionary.record_id}:
        raise StudyError(
            f"{path}: found no field of {dictionary.file} but {dictionary.record_id}. Take data "
            "and dictionary of the same project."
        )
    export = Export(path.name, cells, dictionary)
    key = pd.DataFrame([export.record, export.event, export.repeated, export.instance]).T
    twice = key.index[key.duplicated()]
    if len(twice) or export.record.eq("").any():
        row = twice[0] if len(twice) else export.record.index[export.record.eq("")][0]
        raise StudyError(
            f"{path}, row {row}: found a record, event and repeat that an earlier row has, or a "
            "record without a name. Export the data anew."
        )
    return export


def decoded(
    export: Export,
    column: str,
    *,
    holds_labels: bool,
    missing_codes: Collection[str],
    also_known: Collection[str] = (),
) -> tuple[pd.Series[str], list[Fault]]:
    """Read what a field says in every row.

    A box says `1` or `0`. Where no box of its field is ticked, none says anything: REDCap writes
    zeros for boxes that nobody was asked about. A field of choices says a code. Numbers that are
    validated with a decimal comma get a point.

    Parameters
    ----------
    export
        The rows.
    column
        Column of the export.
    holds_labels
        Whether choices are given by their labels.
    missing_codes
        Cells that mean no answer; ticked as a box of the field, they empty all its boxes.
    also_known
        Cells that are no code of the field and are understood all the same.

    Returns
    -------
    Series
        Text for each row; empty: no answer.
    list of Fault
        Cells that are not among the choices of the field.
    """
    field = export.dictionary.of_column(column)
    assert field is not None
    cells = export.cells[column].mask(export.cells[column].isin(list(missing_codes)), "")
    if field.is_ticked:
        return _ticked(export, field, column, cells, missing_codes)
    if field.has_decimal_comma:
        return cells.str.replace(",", ".", regex=False), []
    if not field.choices:
        return cells, []
    labels = {label: code for code, label in field.choices.items()}
    if holds_labels:
        if len(labels) < len(field.choices):
            return cells, [_ambiguous(export, field)]
        cells = cells.map(lambda cell: labels.get(cell, cell))
    is_wrong = cells.ne("") & ~cells.isin([*field.choices, *also_known])
    codes = ", ".join(f"{code} ({label})" for code, label in field.choices.items())
    faults = [
        Fault(
            export.file, row, column, cell, f"one of {codes}",
            _LABEL_REMEDY if cell in labels and not holds_labels else _REMEDY,
        )
        for row, cell in zip(cells.index[is_wrong].astype(int), cells[is_wrong], strict=True)
    ]  # fmt: skip
    return cells, faults


def _ticked(
    export: Export,
    field: RedcapField,
    column: str,
    cells: pd.Series[str],
    missing_codes: Collection[str],
) -> tuple[pd.Series[str], list[Fault]]:
    boxes = [box for box in field.boxes if box in export.cells]
    label = field.choices[field.boxes[column]].lower()

    def tick(box: pd.Series[str], own: str) -> pd.Series[str]:
        return box.str.lower().map({**_BOX_WORDS, own: "1", "": "0"})

    own = tick(cells, label)
    faults = [
        Fault(export.file, row, column, str(cells[row]), "1 (ticked) or 0", _REMEDY)
        for row in own.index[own.isna()].astype(int).tolist()
    ]
    ticks = pd.DataFrame(
        {box: tick(export.cells[box], field.choices[code].lower()) for box, code
         in field.boxes.items() if box in boxes}
    )  # fmt: skip
    says_something = ticks.isin(["1"]).any(axis=1)
    for code in missing_codes:
        box = box_column(field.name, code)
        if box in export.cells:
            says_something &= export.cells[box].str.lower().isin(["", "0", "unchecked"])
    return own.fillna("").where(says_something, ""), faults


def _ambiguous(export: Export, field: RedcapField) -> Fault:
    return Fault(
        export.file, None, field.name, None, "labels that differ from each other",
        "Two codes have the same label: export the raw data.",
    )  # fmt: skip
