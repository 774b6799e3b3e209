"""Find what belongs into each cell of a study table, wherever the export has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Final

import pandas as pd

from dyads.importing.dictionary import ACCESS_GROUP, RedcapField
from dyads.importing.export import Export, decoded
from dyads.importing.mapping import Condition, Mapping, Rows, Source
from dyads.study.faults import Fault

DATE_COLUMNS: Final = ("date_offset_days", "withdrawn_on")
"""Columns of study tables that hold days from the start of the study."""

_DAY: Final = r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?"


@dataclass
class Cells:
    """What the fields say, and every fault and use that is met on the way.

    Parameters
    ----------
    export
        The rows.
    mapping
        What the lab says of them.
    file
        Name of the mapping's file, for the faults.
    faults
        What was found wrong so far.
    uses
        Columns of study tables by the export's column that they come from.
    """

    export: Export
    mapping: Mapping
    file: str
    faults: list[Fault] = field(default_factory=list)
    uses: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[str, ...]], pd.Series[str]] = field(default_factory=dict)

    def chosen(self, rows: Rows, place: str) -> pd.Index[int]:
        """Name the rows of the export that a part of the mapping speaks of."""
        export = self.export
        for key, asked, known in (
            ("event", rows.event, export.event),
            ("repeat_instrument", (rows.repeat_instrument,), export.repeated),
        ):
            for name in asked:
                if not known.eq(name).any():
                    there = ", ".join(sorted(set(known) - {""})) or "none at all"
                    self._fault(f"{place}.{key}", name, f"what the export has ({there})")
        is_chosen = export.repeated.eq(rows.repeat_instrument)
        if rows.event:
            is_chosen &= export.event.isin(rows.event)
        index = export.cells.index[is_chosen]
        for number, condition in enumerate(rows.where, 1):
            index = index[self._holds(condition, index, rows, f"{place}.where.{number}")]
        return index

    def column(
        self, source: Source, index: pd.Index[int], rows: Rows, place: str, target: str
    ) -> pd.Series[str]:
        """Fill a column of a study table.

        Parameters
        ----------
        source
            Where the cells come from.
        index
            Rows of the export, one for each row of the study table.
        rows
            The part of the mapping that the source belongs to.
        place
            Key in the mapping, for faults.
        target
            Table and column, such as `participants.age`.

        Returns
        -------
        Series
            Text for each row; empty where there is nothing.
        """
        cells = self._taken(source, index, rows, place, target)
        if target.partition(".")[2] in DATE_COLUMNS:
            cells = self._days(cells, source, place)
        if source.recode:
            is_unknown = cells.ne("") & ~cells.isin(list(source.recode))
            expected = f"one of the recoded {', '.join(source.recode)}"
            self._report(is_unknown, source, cells, expected, f"{place}.recode")
            cells = cells.map(lambda cell: source.recode.get(cell, cell))
        if source.plain:
            plain = cells.str.replace("[^A-Za-z0-9]", "", regex=True)
            merged = plain.map(cells.groupby(plain).nunique()).gt(1)
            expected = "values that still differ without their signs"
            self._report(merged, source, cells, expected, f"{place}.plain")
            cells = plain
        return (source.prefix + cells).where(cells.ne(""), "")

    def first_day(
        self, source: Source, index: pd.Index[int], place: str, target: str
    ) -> pd.Series[str]:
        """Give the first day that a date field of the record says, in whichever of its rows.

        Parameters
        ----------
        source, index, place, target
            As for `column`.
        """
        nothing = pd.Series("", index=index, dtype="str")
        if self.may_take(str(source.field), place, target) is None:
            return nothing
        says = self.says(str(source.field))
        days = self._days(says[says.ne("")], source, place)
        if self.mapping.study_start is None:
            return nothing
        numbers = days[days.ne("")].astype(float)
        first = numbers.groupby(self.export.record[numbers.index]).min().map("{:.0f}".format)
        return self.export.record.loc[index].map(first).fillna("").astype("str")

    def is_own(self, column: str, rows: Rows) -> bool:
        """Whether the chosen rows themselves hold a field, and it is not the record's name."""
        owner = self.export.dictionary.of_column(column)
        return (
            owner is not None
            and column != self.export.dictionary.record_id
            and (rows.repeat_instrument in ("", owner.form))
        )

    def may_take(self, column: str, place: str, target: str) -> RedcapField | None:
        """Find the field of a column, unless it must not come along; a fault says why not."""
        dictionary = self.export.dictionary
        owner = dictionary.of_column(column)
        takes_date = target.partition(".")[2] in DATE_COLUMNS
        if owner is None:
            near = get_close_matches(column, dictionary.columns(), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else "Correct the name."
            self._fault(place, column, f"a field of {dictionary.file}", hint)
        elif owner.is_ticked and column == owner.name:
            boxes = ", ".join(owner.boxes)
            self._fault(place, column, f"one of its boxes: {boxes}", "Name each box by itself.")
        elif owner.secret and not (owner.is_date and takes_date):
            expected = "a field that may come along"
            self._fault(place, column, expected, f"It is {owner.secret}: leave it out.")
        elif column not in self.export.cells:
            expected = f"a column of {self.export.file}"
            self._fault(place, column, expected, "Export this field as well.")
        else:
            self.uses.setdefault(column, []).append(target)
            return owner
        return None

    def says(self, column: str, also_known: tuple[str, ...] = ()) -> pd.Series[str]:
        """What a field says in every row of the export; see `decoded`."""
        if (column, also_known) not in self._known:
            cells, faults = decoded(
                self.export,
                column,
                holds_labels=self.mapping.export == "labels",
                missing_codes=self.mapping.missing_codes,
                also_known=also_known,
            )
            self.faults += faults
            self._known[column, also_known] = cells
        return self._known[column, also_known]

    def _taken(
        self, source: Source, index: pd.Index[int], rows: Rows, place: str, target: str
    ) -> pd.Series[str]:
        if source.value is not None:
            return pd.Series(source.value, index=index, dtype="str")
        if source.instance:
            return self.export.instance.loc[index]
        if source.event is not None:
            events = self.export.event.loc[index]
            for event in sorted(set(events) - set(source.event)):
                self._fault(f"{place}.event", event, "an event that is named here")
            return events.map(source.event).fillna("")
        assert source.field is not None
        if self.may_take(source.field, place, target) is None:
            return pd.Series("", index=index, dtype="str")
        return self._found(source, index, rows, place)

    def _found(
        self, source: Source, index: pd.Index[int], rows: Rows, place: str
    ) -> pd.Series[str]:
        """Read a field on the row itself, or on the row of the record that holds it."""
        export, column = self.export, str(source.field)
        says = self.says(column, tuple(source.recode))
        records = export.record.loc[index]
        if source.of_other is not None:
            if self.may_take(source.of_other, f"{place}.of_other", "(joins two records)") is None:
                return pd.Series("", index=index, dtype="str")
            records = records.map(self._partners(source.of_other, place)).fillna("")
        if column == export.dictionary.record_id:
            return records
        is_here = self.is_own(column, rows) or column == ACCESS_GROUP
        if is_here and not source.at and source.of_other is None:
            return says.loc[index]
        is_base = export.repeated.eq("") & export.instance.eq("") & says.ne("")
        if not source.at:
            key = export.record + "\t" + export.event
            held = pd.Series(says[is_base].to_numpy(), index=key[is_base], dtype="str")
            return (records + "\t" + export.event.loc[index]).map(held).fillna("")
        is_base &= export.event.isin(source.at)
        per_record = says[is_base].groupby(export.record[is_base])
        for record in per_record.nunique().loc[lambda count: count.gt(1)].index:
            expected = f"one value for record {record} in the events {', '.join(source.at)}"
            self._fault(f"{place}.at", column, expected, "Name the event that counts.")
        return records.map(per_record.first()).fillna("")

    def _partners(self, column: str, place: str) -> dict[str, str]:
        """Name for each record the one other record that has the same value in a field."""
        says = self.says(column)
        pairs = pd.DataFrame({"record": self.export.record, "value": says})[says.ne("")]
        pairs = pairs.drop_duplicates()
        both = pairs.merge(pairs, on="value", suffixes=("", "_other"))
        both = both[both["record"].ne(both["record_other"])]
        for value in sorted(set(both.loc[both.duplicated("record"), "value"])):
            expected = f"two records with {column} = {value}"
            self._fault(f"{place}.of_other", column, expected, "Correct the field in REDCap.")
        return dict(zip(both["record"], both["record_other"], strict=True))

    def _holds(
        self, condition: Condition, index: pd.Index[int], rows: Rows, place: str
    ) -> pd.Series[bool]:
        source = Source(field=condition.field, at=condition.at)
        cells = self._taken(source, index, rows, place, "(chooses rows)")
        return cells.isin(condition.codes)

    def _days(self, cells: pd.Series[str], source: Source, place: str) -> pd.Series[str]:
        """Turn days of the calendar into days from the start of the study."""
        start: date | None = self.mapping.study_start
        if start is None:
            expected = "study_start, the day that all dates are counted from"
            self._fault("study_start", None, expected, "Write it as 2024-01-31.")
            return cells
        days = pd.to_datetime(
            cells.str.extract(f"^{_DAY}$", expand=False), format="%Y-%m-%d", errors="coerce"
        )
        self._report(cells.ne("") & days.isna(), source, cells, "a day as 2024-01-31", place)
        offset = (days - pd.Timestamp(start)).dt.days
        return offset.map("{:.0f}".format, na_action="ignore").fillna("").astype("str")

    def _report(
        self, is_wrong: pd.Series[bool], source: Source, cells: pd.Series[str], expected: str,
        place: str,
    ) -> None:  # fmt: skip
        column = source.field or "(the row)"
        self.faults += [
            Fault(self.export.file, row, column, cell, expected, f"See {place} in {self.file}.")
            for row, cell in zip(
                cells.index[is_wrong].astype(int), cells[is_wrong].astype(str), strict=True
            )
        ]

    def _fault(
        self, place: str, value: str | None, expected: str, remedy: str = "Correct the entry."
    ) -> None:
        fault = Fault(self.file, None, place, value, expected, remedy)
        if fault not in self.faults:
            self.faults.append(fault)
