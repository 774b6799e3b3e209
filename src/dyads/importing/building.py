"""Build the study tables from a REDCap export, as a mapping says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from dyads.errors import StudyError
from dyads.importing.cells import Cells
from dyads.importing.export import Export
from dyads.importing.mapping import ConsentRows, Mapping, RatingRows, Rows, Source
from dyads.study.cell_words import NAME
from dyads.study.faults import SHOWN_FAULTS, Fault
from dyads.study.tables import CONSENT_USES, RESERVED_NAMES, STUDY_TABLES

_MAY_BE_LEFT_OUT: Final = frozenset({"age", "sex", "partner_id", "path", "segment_id"})
_MADE_HERE: Final = {"ratings": ("instrument", "item", "value"), "consent": ("use", "granted")}
_OPENED: Final = ("1", "2")
"""Status of a form that somebody has saved as looked at."""
_YES: Final = {"1": "yes", "0": "no"}


@dataclass
class Built:
    """Study tables as text, and what is to be reported of their making.

    Parameters
    ----------
    tables
        Study tables by name, all cells text.
    uses
        Columns of study tables by the export's column that they come from.
    rows
        Rows of the export by the table that they were used for.
    counts
        How often something was left out, by what it is.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, set[int]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def build(export: Export, mapping: Mapping, file: str = "mapping.yaml") -> Built:
    """Build the study tables.

    Parameters
    ----------
    export
        Rows of the project.
    mapping
        Which fields become which columns.
    file
        Name of the mapping's file, for the faults.

    Raises
    ------
    StudyError
        With every field that is unknown or must not come along, and every cell that cannot be
        understood.
    """
    cells = Cells(export, mapping, file)
    built = Built(uses=cells.uses)
    parts: dict[str, list[pd.DataFrame]] = {}
    for table, place, rows in mapping.rows_of():
        cells.faults += _column_faults(table, rows, place, file)
        index = cells.chosen(rows, place)
        base = pd.DataFrame(
            {
                name: _column(cells, source, index, rows, (place, table, name))
                for name, source in rows.columns.items()
            },
            index=index,
        )
        match rows:
            case RatingRows():
                part = _ratings(cells, rows, base, place, built.counts)
            case ConsentRows():
                part = _consent(cells, rows, base, place)
            case _:
                part = _filled(cells, rows, base, table, built.counts)
        built.rows.setdefault(table, set()).update(part.index.astype(int))
        parts.setdefault(table, []).append(part)
    _refuse(cells.faults)
    for table, found in parts.items():
        built.tables[table] = _whole(table, found)
    return built


def _column(
    cells: Cells, source: Source, index: pd.Index[int], rows: Rows, where: tuple[str, str, str]
) -> pd.Series[str]:
    """Fill a column. A withdrawal counts wherever the record has it, unless the mapping says."""
    place, table, name = where
    key, target = f"{place}.columns.{name}", f"{table}.{name}"
    is_anywhere = source.field is not None and not source.at and source.of_other is None
    if name == "withdrawn_on" and is_anywhere:
        return cells.first_day(source, index, key, target)
    return cells.column(source, index, rows, key, target)


def _filled(
    cells: Cells, rows: Rows, base: pd.DataFrame, table: str, counts: Counter[str]
) -> pd.DataFrame:
    """Leave out rows whose own fields are all empty: nothing was entered there.

    Of a person who has no other row, one stays: somebody is in the project, if nothing more.
    """
    own = [name for name, source in rows.columns.items() if _is_own(cells, rows, source)]
    if not own:
        return base
    is_filled = (~base[own].isin([""])).any(axis=1)
    if table == "participants":
        person = base["participant_id"]
        is_filled |= person.ne("") & ~person.isin(person[is_filled])
    counts[f"{table}: rows of the export in which nothing was entered"] += int((~is_filled).sum())
    return base[is_filled]


def _is_own(cells: Cells, rows: Rows, source: Source) -> bool:
    is_here = source.field is not None and not source.at and source.of_other is None
    return is_here and cells.is_own(str(source.field), rows)


def _ratings(
    cells: Cells, rows: RatingRows, base: pd.DataFrame, place: str, counts: Counter[str]
) -> pd.DataFrame:
    """Make a row for each item that a person was asked."""
    dictionary = cells.export.dictionary
    columns, forms, conditional = {}, set(), []
    for column, item in rows.items.items():
        where, source = f"{place}.items.{column}", Source(field=column, recode=rows.recode)
        owner = dictionary.of_column(column)
        if owner is not None and owner.calculation:
            expected = "an item that somebody answered"
            remedy = "REDCap computes it: name its items; scores are computed from them here."
            cells.faults.append(Fault(cells.file, None, where, column, expected, remedy))
            continue
        columns[item] = cells.column(source, base.index, rows, where, f"ratings ({item})")
        forms |= {owner.form} if owner is not None else set()
        conditional += [item] if owner is not None and owner.is_conditional else []
    answers = pd.DataFrame(columns, index=base.index, dtype="str")
    was_opened = (~answers.isin([""])).any(axis=1)
    for status in (f"{form}_complete" for form in sorted(forms)):
        if status in cells.export.cells:
            was_opened |= cells.says(status).loc[base.index].isin(_OPENED)
    counts["ratings: forms that nobody opened"] += int((~was_opened).sum())
    long = (
        base[was_opened]
        .assign(instrument=rows.instrument)
        .join(answers[was_opened])
        .melt(
            id_vars=[*base.columns, "instrument"],
            value_vars=list(answers.columns),
            var_name="item",
            ignore_index=False,
        )
    )
    is_unasked = long["value"].eq("") & long["item"].isin(conditional)
    counts["ratings: empty items that are shown only under a condition"] += int(is_unasked.sum())
    return long[~is_unasked]


def _consent(cells: Cells, rows: ConsentRows, base: pd.DataFrame, place: str) -> pd.DataFrame:
    """Make a row for each use that a person was asked about; no answer gives no row."""
    parts = [base.iloc[:0].assign(use="", granted="")]
    for use, source in rows.uses.items():
        where = f"{place}.uses.{use}"
        owner = cells.export.dictionary.of_column(source.field or "")
        if use not in CONSENT_USES:
            expected = f"one of {', '.join(CONSENT_USES)}"
            cells.faults.append(Fault(cells.file, None, where, use, expected, "Correct the name."))
        if source.field is None:
            expected = "a field in which the person answered"
            remedy = "Consent is what somebody said: name the field."
            cells.faults.append(Fault(cells.file, None, where, None, expected, remedy))
            continue
        is_yes_no = owner is not None and (owner.is_ticked or owner.kind in ("yesno", "truefalse"))
        if not source.recode and not is_yes_no:
            expected = "recode, with yes or no for each code"
            remedy = "The field is no yes/no field: say which of its codes mean yes."
            cells.faults.append(Fault(cells.file, None, where, source.field, expected, remedy))
        said = source if source.recode else source.model_copy(update={"recode": _YES})
        granted = cells.column(said, base.index, rows, where, f"consent ({use})")
        parts.append(base.assign(use=use, granted=granted)[granted.ne("")])
    return pd.concat(parts)


def _whole(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of a table together, its columns in their order, each row once."""
    columns = STUDY_TABLES[table].to_schema().columns
    whole = pd.concat(parts).fillna("")
    for name, column in columns.items():
        if name not in whole and column.required:
            whole[name] = ""
    known = [name for name in columns if name in whole]
    whole = whole[[*known, *(name for name in whole if name not in known)]]
    for name in whole:
        whole[name] = whole[name].str.replace(r"\s+", " ", regex=True)
    return whole.drop_duplicates(ignore_index=True)


def _column_faults(table: str, rows: Rows, place: str, file: str) -> list[Fault]:
    """Find columns that the study table lacks, or does not know."""
    schema, made = STUDY_TABLES[table].to_schema(), _MADE_HERE.get(table, ())
    faults = []
    for name, column in schema.columns.items():
        if column.required and name not in (*rows.columns, *made, *_MAY_BE_LEFT_OUT):
            where = f"{place}.columns.{name}"
            faults.append(Fault(file, None, where, None, f"where {name} comes from", "Add it."))
    known = [name for name in schema.columns if name not in made]
    for name in rows.columns:
        if name in known:
            continue
        where, expected = f"{place}.columns.{name}", f"one of {', '.join(known)}"
        if not schema.strict and name not in made:
            expected += ", or a covariate's name of letters, digits and _"
            if re.match(NAME, name) and name not in RESERVED_NAMES:
                continue
        faults.append(Fault(file, None, where, name, expected, "Rename the column."))
    return faults


def _refuse(faults: list[Fault]) -> None:
    """Tell all faults; a cell that is wrong in the same way in many rows is told once."""
    if not faults:
        return
    faults = sorted(faults, key=lambda fault: fault.row is not None)
    alike = Counter((it.file, it.column, it.value, it.expected) for it in faults)
    first = {(it.file, it.column, it.value, it.expected): it for it in reversed(faults)}
    lines = []
    for key, count in alike.items():
        more = f" ({count - 1} more rows say the same.)" if count > 1 else ""
        lines.append(f"  {first[key]}{more}")
    untold = len(lines) - SHOWN_FAULTS
    lines = lines[:SHOWN_FAULTS] + ([f"  {untold} more of these."] if untold > 0 else [])
    raise StudyError("Nothing was imported:\n" + "\n".join(lines))
