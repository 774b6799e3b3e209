"""A made REDCap project: two dyads, each person a record, two visits, moments that repeat."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

HEADINGS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip

# name, form, kind, label, choices or calculation, validation, minimum, maximum, identifier,
# shown if
FIELDS = (
    ("record_id", "person", "text", "Record", "", "", "", "", "", ""),
    ("full_name", "person", "text", "Name", "", "", "", "", "y", ""),
    ("mail", "person", "text", "E-mail", "", "email", "", "", "", ""),
    ("dob", "person", "text", "Born", "", "date_dmy", "", "", "y", ""),
    ("dyad_no", "person", "text", "Dyad", "", "integer", "", "", "", ""),
    ("role", "person", "radio", "Role", "1, Participant | 2, Partner", "", "", "", "", ""),
    ("dx", "person", "dropdown", "Group", "0, Control | 1, Autism | 9, Partner", "", "", "", "",
     ""),
    ("age", "person", "calc", "Age", "rounddown(datediff([dob],'today','y'))", "", "", "", "", ""),
    ("sex", "person", "radio", "Sex", "0, Female | 1, Male", "", "", "", "", ""),
    ("iq", "person", "text", "IQ", "", "number_1dp_comma_decimal", "", "", "", ""),
    ("site_text", "person", "text", "Site", "", "", "", "", "", ""),
    ("meds", "person", "checkbox", "Medication", "1, None | -2, Other | A, Lithium", "", "", "",
     "", ""),
    ("film_ok", "person", "yesno", "May we film?", "", "", "", "", "", ""),
    ("share_ok", "person", "radio", "May we share?", "1, Refused | 2, Agreed", "", "", "", "", ""),
    ("withdrew", "person", "text", "Withdrew on", "", "date_ymd", "", "", "", ""),
    ("remarks", "person", "notes", "Remarks", "", "", "", "", "", ""),
    ("met_on", "visit", "text", "Date of visit", "", "datetime_ymd", "", "", "y", ""),
    ("segment", "moment", "dropdown", "Moment", "1, Joyful | 2, Sad", "", "", "", "", ""),
    ("joy", "moment", "slider", "Joy", "none | some | most", "", "0", "100", "", ""),
    ("grief", "moment", "slider", "Sadness", "none | some | most", "", "0", "100", "", ""),
    ("why_1", "moment", "radio", "Was it because of …?", "1, No | 2, A bit | 3, Yes", "", "", "",
     "", "[grief] > 50"),
    ("sum_joy", "moment", "calc", "Sum", "[joy]+[grief]", "", "", "", "", ""),
)  # fmt: skip

FIRST, SECOND = "visit_1_arm_1", "visit_2_arm_1"
COLUMNS = (
    "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
    "redcap_data_access_group", "full_name", "mail", "dob", "dyad_no", "role", "dx", "age", "sex",
    "iq", "site_text", "meds___1", "meds____2", "meds___a", "film_ok", "share_ok", "withdrew",
    "remarks", "person_complete", "met_on", "visit_complete", "segment", "joy", "grief", "why_1",
    "sum_joy", "moment_complete",
)  # fmt: skip


def people() -> list[dict[str, str]]:
    """Rows of the first visit that hold what is known of each person."""
    one = {"redcap_event_name": FIRST, "redcap_data_access_group": "north",
           "person_complete": "2", "visit_complete": "2", "remarks": "see, she said:\n\"no\"",
           "full_name": "Ada Example", "mail": "ada@example.org", "dob": "1990-05-01",
           "meds___1": "0", "meds____2": "0", "meds___a": "0"}  # fmt: skip
    return [
        {**one, "record_id": "1-1", "dyad_no": "7", "role": "1", "dx": "1", "age": "31.5",
         "sex": "0", "iq": "101,5", "site_text": "=1+1", "meds___a": "1", "film_ok": "1",
         "share_ok": "2", "met_on": "2024-03-01 10:30"},
        {**one, "record_id": "1-2", "dyad_no": "7", "role": "2", "dx": "9", "age": "-99",
         "sex": "1", "iq": "-99", "film_ok": "1", "share_ok": "1", "met_on": "2024-03-01 10:30"},
        {**one, "record_id": "1-3", "dyad_no": "8", "role": "1", "dx": "0", "age": "40",
         "sex": "1", "iq": "98", "film_ok": "0", "met_on": "2024-04-10 09:00"},
        {**one, "record_id": "1-4", "dyad_no": "8", "role": "2", "dx": "9", "age": "44",
         "sex": "0", "film_ok": "1", "withdrew": "2024-05-01", "met_on": "2024-04-10 09:00"},
    ]  # fmt: skip


def others() -> list[dict[str, str]]:
    """Rows of the second visit and of the moments."""
    moment = {"redcap_event_name": FIRST, "redcap_repeat_instrument": "moment"}
    return [
        {"record_id": "1-1", "redcap_event_name": SECOND, "met_on": "2024-03-29 10:00",
         "visit_complete": "2"},
        # planned, never held
        {"record_id": "1-3", "redcap_event_name": SECOND, "visit_complete": "0"},
        {**moment, "record_id": "1-1", "redcap_repeat_instance": "1", "segment": "1", "joy": "80",
         "grief": "5", "sum_joy": "85", "moment_complete": "2"},
        {**moment, "record_id": "1-1", "redcap_repeat_instance": "2", "segment": "2", "joy": "-99",
         "grief": "70", "why_1": "3", "sum_joy": "", "moment_complete": "2"},
        {**moment, "record_id": "1-2", "redcap_repeat_instance": "1", "segment": "1", "joy": "66",
         "moment_complete": "1"},
        # opened by nobody
        {**moment, "record_id": "1-2", "redcap_repeat_instance": "2", "segment": "2",
         "moment_complete": "0"},
    ]  # fmt: skip


MAPPING = """\
checked: true
missing_codes: ["-99"]
study_start: 2024-02-01
participants:
  - event: visit_1_arm_1
    columns:
      participant_id: {field: record_id, plain: true, prefix: P}
      group: {field: dx, recode: {"0": control, "1": ASD, "9": partner}}
      age: {field: age}
      sex: {field: sex, recode: {"0": female, "1": male}}
      iq: {field: iq}
      site: {field: redcap_data_access_group}
      lithium: {field: meds___a}
      note: {field: site_text}
sessions:
  - event: [visit_1_arm_1, visit_2_arm_1]
    where: [{field: role, at: visit_1_arm_1, is: "1"}]
    columns:
      dyad_id: {field: dyad_no, at: visit_1_arm_1, prefix: D}
      session_id: {event: {visit_1_arm_1: S1, visit_2_arm_1: S2}}
      participant_id: {field: record_id, plain: true, prefix: P}
      partner_id: {field: record_id, of_other: dyad_no, plain: true, prefix: P}
      session_number: {event: {visit_1_arm_1: "1", visit_2_arm_1: "2"}}
      date_offset_days: {field: met_on}
ratings:
  - event: visit_1_arm_1
    repeat_instrument: moment
    instrument: feelings
    columns:
      person_id: {field: record_id, plain: true, prefix: P}
      dyad_id: {field: dyad_no, prefix: D}
      session_id: {value: S1}
      segment_id: {field: segment, recode: {"1": joyful, "2": sad}}
    items: {joy: joy, grief: sadness, why_1: because}
consent:
  - event: visit_1_arm_1
    columns:
      participant_id: {field: record_id, plain: true, prefix: P}
      withdrawn_on: {field: withdrew}
    uses:
      process: {field: film_ok}
      share_features: {field: share_ok, recode: {"1": "no", "2": "yes"}}
"""


def dictionary_text(fields: Sequence[tuple[str, ...]] = FIELDS) -> str:
    """A data dictionary as REDCap's page gives it."""
    rows = [
        (name, form, "", kind, label, choices, "", validation, low, high, secret, shown, *[""] * 6)
        for name, form, kind, label, choices, validation, low, high, secret, shown in fields
    ]
    return _csv([HEADINGS, *rows], ",")


def export_text(rows: Sequence[dict[str, str]] | None = None, separator: str = ",") -> str:
    """An export of all rows."""
    rows = [*people(), *others()] if rows is None else rows
    return _csv([COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)], separator)


def write_project(
    folder: Path,
    *,
    fields: Sequence[tuple[str, ...]] = FIELDS,
    rows: Sequence[dict[str, str]] | None = None,
    mapping: str = MAPPING,
    separator: str = ",",
    encoding: str = "utf-8",
) -> tuple[Path, Path, Path]:
    """Write export, dictionary and mapping, and give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / "export.csv", folder / "dictionary.csv", folder / "mapping.yaml")
    paths[0].write_text(export_text(rows, separator), encoding=encoding, newline="")
    paths[1].write_text(dictionary_text(fields), encoding="utf-8", newline="")
    paths[2].write_text(mapping, encoding="utf-8")
    return paths


def _csv(rows: Sequence[Sequence[str]], separator: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue()
