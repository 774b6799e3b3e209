"""A REDCap project's data dictionary: which fields there are, and which must not come along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dyads.errors import StudyError
from dyads.importing.sheet import read_sheet

EVENT: Final = "redcap_event_name"
REPEATED: Final = "redcap_repeat_instrument"
INSTANCE: Final = "redcap_repeat_instance"
ACCESS_GROUP: Final = "redcap_data_access_group"
SURVEY_IDENTIFIER: Final = "redcap_survey_identifier"

_HEADINGS: Final = {
    "Variable / Field Name": "field_name",
    "Form Name": "form_name",
    "Field Type": "field_type",
    "Field Label": "field_label",
    "Choices, Calculations, OR Slider Labels": "select_choices_or_calculations",
    "Text Validation Type OR Show Slider Number": "text_validation_type_or_show_slider_number",
    "Text Validation Min": "text_validation_min",
    "Text Validation Max": "text_validation_max",
    "Identifier?": "identifier",
    "Branching Logic (Show field only if...)": "branching_logic",
}
"""Headings of the file that REDCap's pages give, and those of its programming interface."""

_CHOOSING: Final = ("radio", "dropdown", "checkbox")
_FIXED: Final = {
    "yesno": {"1": "Yes", "0": "No"},
    "truefalse": {"1": "True", "0": "False"},
}
_STATUS: Final = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
_TELLING: Final = re.compile(r"email|phone|ssn|mrn|zipcode|postalcode")
"""Validations of text that can only be who somebody is or where they live."""


@dataclass(frozen=True, slots=True)
class RedcapField:
    """A field of the project.

    Parameters
    ----------
    name, form
        As in the dictionary; the form is empty for what REDCap adds to every row.
    kind
        REDCap's field type, such as `radio`.
    label
        What people were asked.
    choices
        Labels by code; empty if any text may stand there.
    calculation
        What REDCap computes the field from; empty if somebody filled it in.
    validation
        What REDCap checks of a text, such as `date_ymd`.
    minimum, maximum
        Range of a text or slider, as text; empty if there is none.
    is_identifier
        Marked as an identifier in the dictionary.
    is_conditional
        Shown only under a condition, so that an empty cell may mean that nobody was asked.
    """

    name: str
    form: str
    kind: str
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    calculation: str = ""
    validation: str = ""
    minimum: str = ""
    maximum: str = ""
    is_identifier: bool = False
    is_conditional: bool = False

    @property
    def boxes(self) -> dict[str, str]:
        """Codes of a field of checkboxes, by the column of each box."""
        return {box_column(self.name, code): code for code in self.choices if self.is_ticked}

    @property
    def is_ticked(self) -> bool:
        """Whether this is a field of checkboxes."""
        return self.kind == "checkbox"

    @property
    def is_date(self) -> bool:
        """Whether the field holds a day, with or without a time."""
        return self.validation.startswith("date")

    @property
    def has_decimal_comma(self) -> bool:
        """Whether its numbers are written with a decimal comma."""
        return self.validation.endswith("comma_decimal")

    @property
    def secret(self) -> str:
        """Why the field's cells must not enter a study table; empty if they may."""
        if self.is_identifier:
            return "marked as an identifier"
        if self.kind in ("file", "notes"):
            return "a file" if self.kind == "file" else "free text, which may name people"
        if _TELLING.search(self.validation):
            return f"an identifier by its validation ({self.validation})"
        return "a date" if self.is_date else ""


@dataclass(frozen=True)
class Dictionary:
    """The fields of a project.

    Parameters
    ----------
    file
        Name of the file.
    record_id
        The field that names the record: the first one.
    fields
        Fields by name, in the order of the file.
    system
        What REDCap adds: the status and the time of each form, the data access group.
    """

    file: str
    record_id: str
    fields: Mapping[str, RedcapField]
    system: Mapping[str, RedcapField]

    def of_column(self, column: str) -> RedcapField | None:
        """Find the field that a column of the export belongs to; none if it is unknown."""
        known = self.fields.get(column) or self.system.get(column)
        if known is not None:
            return known
        name = column.partition("___")[0]
        owner = self.fields.get(name)
        return owner if owner is not None and column in owner.boxes else None

    def columns(self) -> list[str]:
        """Name the columns that an export has for the project's own fields."""
        return [
            column
            for each in self.fields.values()
            if each.kind != "descriptive"
            for column in (each.boxes if each.is_ticked else (each.name,))
        ]


def read_dictionary(path: Path) -> Dictionary:
    """Read a data dictionary, as REDCap's page or its programming interface gives it.

    Raises
    ------
    StudyError
        If it cannot be read or is no data dictionary.
    """
    cells = read_sheet(path).rename(columns=_HEADINGS)
    missing = [shown for shown, name in _HEADINGS.items() if name not in cells]
    if missing or cells.empty:
        raise StudyError(
            f"{path}: found no data dictionary: {', '.join(missing) or 'any field'} is missing. "
            "In REDCap, choose Project Setup, Data Dictionary, Download the current file."
        )
    for name in set(_HEADINGS.values()) - {"field_name", "field_label"}:
        cells[name] = cells[name].mask(cells[name].eq("NA"), "")
    names = cells["field_name"]
    if names.duplicated().any() or names.eq("").any():
        twice = ", ".join(sorted(set(names[names.duplicated()]))) or "a field without a name"
        raise StudyError(f"{path}: found {twice} more than once. Download the dictionary anew.")
    rows = [dict(zip(cells.columns, row, strict=True)) for row in cells.to_numpy(dtype=object)]
    fields = {row["field_name"]: _field(row) for row in rows}
    forms = dict.fromkeys(each.form for each in fields.values())
    return Dictionary(path.name, str(names.iloc[0]), fields, _system(list(forms)))


def box_column(name: str, code: str) -> str:
    """Name the export's column of a box: REDCap writes codes small and signs as `_`."""
    return f"{name}___{re.sub('[^a-z0-9]', '_', code.lower())}"


def _field(row: Mapping[str, str]) -> RedcapField:
    kind, given = row["field_type"], row["select_choices_or_calculations"]
    choices = _FIXED.get(kind, {})
    if kind in _CHOOSING:
        choices = _choices(given)
    return RedcapField(
        name=row["field_name"],
        form=row["form_name"],
        kind=kind,
        label=row["field_label"],
        choices=choices,
        calculation=given if kind == "calc" else "",
        validation=row["text_validation_type_or_show_slider_number"].lower(),
        minimum=row["text_validation_min"],
        maximum=row["text_validation_max"],
        is_identifier=row["identifier"].lower() == "y",
        is_conditional=row["branching_logic"] != "",
    )


def _choices(given: str) -> dict[str, str]:
    pairs = (part.partition(",") for part in given.split("|") if part.strip())
    return {code.strip(): label.strip() for code, _, label in pairs}


def _system(forms: list[str]) -> dict[str, RedcapField]:
    fields = [
        RedcapField(ACCESS_GROUP, "", "text"),
        RedcapField(SURVEY_IDENTIFIER, "", "text", is_identifier=True),
    ]
    for form in forms:
        fields += [
            RedcapField(f"{form}_complete", form, "radio", choices=_STATUS),
            RedcapField(f"{form}_timestamp", form, "text", validation="datetime_seconds_ymd"),
        ]
    return {each.name: each for each in fields}
