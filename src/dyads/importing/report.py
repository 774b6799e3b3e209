"""Say of every field, column and row of an export what became of it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dyads.importing.building import Built
from dyads.importing.dictionary import EVENT, INSTANCE, REPEATED, RedcapField
from dyads.importing.export import Export
from dyads.importing.mapping import Mapping

_COLUMNS = ["what", "name", "form", "fate", "detail", "cells"]
_PLACES = (EVENT, REPEATED, INSTANCE)
_Line = tuple[str, str, str, str, str, int]


def report(export: Export, mapping: Mapping, built: Built) -> pd.DataFrame:
    """List what was taken, what was dropped and what nobody mapped.

    No cell of the export is quoted.

    Returns
    -------
    DataFrame
        `what` (field, column, rows, cells), `name`, `form`, `fate` (mapped, dropped, not mapped,
        not in the export), `detail`, `cells` (how many are filled, or rows, or cells).
    """
    lines = [
        *_fields(export, built),
        *_other_columns(export),
        *_rows(export, built),
        *_cells(export, mapping, built),
    ]
    return pd.DataFrame(lines, columns=_COLUMNS)


def _fields(export: Export, built: Built) -> Iterator[_Line]:
    dictionary = export.dictionary
    for field in [*dictionary.fields.values(), *dictionary.system.values()]:
        if field.kind == "descriptive":
            continue
        for column in field.boxes if field.is_ticked else (field.name,):
            if column in export.cells:
                filled = int(export.cells[column].ne("").sum())
                fate, detail = _fate(field, built.uses.get(column, []))
                yield "field", column, field.form, fate, detail, filled
            elif field.name in dictionary.fields:
                yield "field", column, field.form, "not in the export", "", 0


def _fate(field: RedcapField, uses: list[str]) -> tuple[str, str]:
    if uses:
        remarks = [f"to {', '.join(dict.fromkeys(uses))}"]
        if field.is_date:
            remarks.append("as days from the start of the study")
        elif field.calculation:
            remarks.append("computed by REDCap")
        elif field.kind == "text" and not field.validation and field.form:
            remarks.append("free text: look through it for names")
        return "mapped", "; ".join(remarks)
    return ("dropped", field.secret) if field.secret else ("not mapped", "")


def _other_columns(export: Export) -> Iterator[_Line]:
    for column in map(str, export.cells):
        if column in _PLACES or export.dictionary.of_column(column) is not None:
            continue
        detail = "not in the dictionary" if column else "a column without a heading"
        filled = int(export.cells[column].ne("").sum())
        yield "column", column, "", "dropped", detail, filled


def _rows(export: Export, built: Built) -> Iterator[_Line]:
    kinds = pd.DataFrame({"event": export.event, "repeated": export.repeated})
    for key, part in kinds.groupby(["event", "repeated"], sort=False):
        rows = set(part.index.astype(int))
        used = [table for table, taken in built.rows.items() if rows & taken]
        name = " ".join(word for word in map(str, key) if word) or "(all)"
        detail = f"to {', '.join(used)}" if used else ""
        yield "rows", name, "", "mapped" if used else "not mapped", detail, len(rows)


def _cells(export: Export, mapping: Mapping, built: Built) -> Iterator[_Line]:
    for column in built.uses:
        coded = int(export.cells[column].isin(mapping.missing_codes).sum())
        if coded:
            yield "cells", column, "", "dropped", "a missing code: no answer", coded
        field = export.dictionary.of_column(column)
        if field is not None and field.is_ticked:
            boxes = export.cells[[box for box in field.boxes if box in export.cells]]
            is_there = (~boxes.isin([""])).any(axis=1)
            is_ticked = boxes.isin(["1", "Checked", *field.choices.values()]).any(axis=1)
            blank = int((is_there & ~is_ticked).sum())
            detail = "no box of the field is ticked: no answer"
            yield "cells", column, "", "dropped", detail, blank
    for what, count in built.counts.items():
        table, _, detail = what.partition(": ")
        if count:
            yield "cells", table, "", "dropped", detail, count
