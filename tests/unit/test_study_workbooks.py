"""A workbook is read like text, and what a spreadsheet does to cells is named where it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
import studies
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from workbooks import edit_part, write_workbook

from dyads.config import StudySettings
from dyads.study import workbook
from dyads.study.faults import Fault, StudyFaults
from dyads.study.study import checked_tables, load_study, summary

TABLES = tuple(name for name in studies.FILES if name != "instruments")
SHEET = "xl/worksheets/sheet1.xml"


def with_participants(
    folder: Path, change: Callable[[Worksheet], object] | None = None, suffix: str = "xlsx"
) -> StudySettings:
    settings = studies.write_study(folder, participants=None)
    write_workbook(settings.folder / f"participants.{suffix}", studies.PARTICIPANTS, change)
    return settings


def faults_of(settings: StudySettings) -> tuple[Fault, ...]:
    with pytest.raises(StudyFaults) as caught:
        load_study(settings, recordings_expected=True)
    return caught.value.faults


def read_as(settings: StudySettings) -> str:
    return load_study(settings, recordings_expected=True).files["participants"].remark


def test_a_study_of_workbooks_is_the_study_of_its_text_tables(tmp_path) -> None:
    expected = checked_tables(
        load_study(studies.write_study(tmp_path / "text"), recordings_expected=True)
    )
    settings = studies.write_study(tmp_path / "books", **dict.fromkeys(TABLES))
    for name in TABLES:
        write_workbook(settings.folder / f"{name}.xlsx", studies.FILES[name])
    study = load_study(settings, recordings_expected=True)
    for name, table in checked_tables(study).items():
        pd.testing.assert_frame_equal(table, expected[name])
    shown = summary(study).set_index("table")["read_as"]
    assert shown["ratings"] == "ratings.xlsx: workbook, sheet Sheet"


def cell(place: str, value: object) -> Callable[[Worksheet], object]:
    return lambda sheet: sheet.__setitem__(place, value)


# What is done to the sheet; then row, column, value of the one fault, and words of its remedy.
CELLS = {
    "date where a number is expected": (
        cell("C3", datetime(2024, 5, 31)), 3, "age", "2024-05-31", "took it for a date"),
    "date and time": (
        cell("C3", datetime(2024, 5, 31, 9, 30)), 3, "age", "2024-05-31 09:30:00",
        "took it for a date"),
    "time of day": (cell("C3", time(0, 1, 30)), 3, "age", "00:01:30", "as seconds"),
    "length of time": (cell("C3", timedelta(hours=25)), 3, "age", "25:00:00", "as seconds"),
    "number kept as text": (cell("C3", "31,5"), 3, "age", "31,5", "'Convert to number'"),
    "truth instead of a number": (cell("C3", True), 3, "age", "TRUE", "Correct the cell"),
    "error of a formula": (cell("C3", "#DIV/0!"), 3, "age", "#DIV/0!", "formula"),
    "error among words": (cell("D3", "#N/A"), 3, "sex", "#N/A", "formula"),
    "formula that was never worked out": (
        cell("C3", "=30+1.5"), 3, "age", "=30+1.5", "save it"),
    "formula among words": (cell("F3", '="so"&"uth"'), 3, "site", '="so"&"uth"', "save it"),
    "merged cells": (
        lambda sheet: sheet.merge_cells("F2:F3"), 2, "site", "F2:F3", "Unmerge"),
    "cell beside the table": (cell("H3", "see above"), 1, None, "", "Name the column"),
    "merged cells beside the table": (
        lambda sheet: sheet.merge_cells("H2:I2"), 2, "H", "H2:I2", "Unmerge"),
    "word among numbers": (cell("C3", "thirty"), 3, "age", "thirty", "Correct the cell"),
    "missing code": (cell("C3", 999), 3, "age", "999", "study.missing_codes"),
    "heading that is a number": (cell("E1", 1), 1, "1", "1", "Rename"),
    "row far below": (
        cell("A90", "Q 9"), 90, "participant_id", "Q 9", "without blanks"),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS.values(), ids=CELLS.keys())
def test_a_seeded_fault_is_named_by_the_row_and_heading_of_the_sheet(tmp_path, case) -> None:
    change, row, column, value, remedy = case
    found = [it for it in faults_of(with_participants(tmp_path, change)) if it.row != 90 or value]
    own = [it for it in found if it.column not in ("group",)]
    assert [(it.file, it.row, it.column, it.value) for it in own] == [
        ("participants.xlsx", row, column, value)
    ]
    assert remedy in own[0].remedy


def test_a_date_in_a_column_of_days_is_told_to_be_a_number_of_days(tmp_path) -> None:
    settings = studies.write_study(tmp_path, sessions=None)
    change = cell("F3", datetime(2024, 3, 1))
    write_workbook(settings.folder / "sessions.xlsx", studies.SESSIONS, change)
    (fault,) = faults_of(settings)
    assert (fault.row, fault.column, fault.value) == (3, "date_offset_days", "2024-03-01")
    assert "days from the start of the study" in fault.remedy


def test_zeros_that_the_spreadsheet_took_off_identifiers_are_explained(tmp_path) -> None:
    texts = {
        name: text.replace("P01", "007") if name != "instruments" else text
        for name, text in studies.FILES.items()
    }
    settings = studies.write_study(tmp_path, **{**texts, "consent": None})
    write_workbook(settings.folder / "consent.xlsx", texts["consent"])
    faults = faults_of(settings)
    first = next(it for it in faults if it.file == "consent.xlsx")
    assert (first.row, first.column, first.value) == (2, "participant_id", "7")
    assert first.remedy.startswith("participants.tsv has 007: a spreadsheet program takes")


def test_the_saved_value_of_a_formula_counts(tmp_path) -> None:
    settings = with_participants(tmp_path, cell("C3", "=[1]Other!A1+1.5"))
    file = settings.folder / "participants.xlsx"
    edit_part(file, SHEET, "A1+1.5</f><v />", "A1+1.5</f><v>31.5</v>")
    study = load_study(settings, recordings_expected=True)
    assert study.participants.loc[1, "age"] == 31.5


def test_a_formula_that_gives_no_text_is_an_empty_cell(tmp_path) -> None:
    settings = with_participants(tmp_path, cell("D3", '=""'))
    file = settings.folder / "participants.xlsx"
    edit_part(file, SHEET, '<c r="D3"><f>""</f><v />', '<c r="D3" t="str"><f>""</f><v></v>')
    assert pd.isna(load_study(settings, recordings_expected=True).participants.loc[1, "sex"])


def test_numbers_keep_their_digits_and_whole_ones_have_no_point(tmp_path) -> None:
    settings = with_participants(tmp_path)
    file = settings.folder / "participants.xlsx"
    edit_part(file, SHEET, "<v>101</v>", "<v>0.30000000000000004</v>")
    edit_part(file, SHEET, "<v>25</v>", "<v>25.0</v>")
    study = load_study(settings, recordings_expected=True)
    assert study.participants["iq"].tolist()[0] == 0.1 + 0.2
    table, _ = workbook.read_workbook(file, [])
    assert table is not None
    assert table.cells.iloc[1].tolist() == [
        "P01", "control", "25", "female", "0.30000000000000004", "north",
    ]  # fmt: skip


def test_a_number_kept_as_text_is_a_number(tmp_path) -> None:
    settings = with_participants(tmp_path, cell("E3", "98"))
    assert load_study(settings, recordings_expected=True).participants.loc[1, "iq"] == 98


def test_the_first_sheet_that_is_shown_is_read_and_the_other_filled_ones_are_named(
    tmp_path,
) -> None:
    def change(sheet: Worksheet) -> None:
        book = sheet.parent
        book.create_sheet("Lists", 0).sheet_state = "hidden"
        book["Lists"]["A1"] = "male"
        book.create_sheet("Notes")["B2"] = "call Q02"
        book.create_sheet("Empty")

    remark = read_as(with_participants(tmp_path, change))
    assert remark == "workbook, sheet Sheet; not read: Lists, Notes"


def test_hidden_rows_and_columns_count_and_are_said(tmp_path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[400].hidden = True
        sheet.column_dimensions["E"].hidden = True

    settings = with_participants(tmp_path, change)
    assert len(load_study(settings, recordings_expected=True).participants) == 4
    assert read_as(settings) == (
        "workbook, sheet Sheet; hidden rows that count like the others: 1; "
        "hidden columns that count like the others: iq"
    )


def test_empty_and_coloured_rows_below_the_table_are_no_rows(tmp_path) -> None:
    def change(sheet: Worksheet) -> None:
        for row in range(6, 60):
            sheet.cell(row, 1).number_format = "0.00"
        sheet.cell(60, 2, "  ")

    study = load_study(with_participants(tmp_path, change), recordings_expected=True)
    assert len(study.participants) == 4


def test_a_workbook_with_macros_is_read_and_they_are_not_loaded(tmp_path) -> None:
    settings = with_participants(tmp_path, suffix="xlsm")
    with ZipFile(settings.folder / "participants.xlsm", "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"not a macro at all")
    assert load_study(settings, recordings_expected=True).files["participants"].name.endswith("m")


def replaced(part: str, content: str) -> Callable[[Path], None]:
    def replace(file: Path) -> None:
        with ZipFile(file) as before:
            parts = {name: before.read(name) for name in before.namelist()}
        with ZipFile(file, "w") as after:
            for name, own in parts.items():
                after.writestr(name, content if name == part else own)

    return replace


LAUGHS = "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "ha">' for n in range(12)
)
BROKEN = {
    "old kind or password": (
        lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1"), "without a password"),
    "no workbook": (lambda file: file.write_bytes(b"participant_id"), "can be opened"),
    "cut off": (
        lambda file: file.write_bytes(file.read_bytes()[:-200]), "can be opened"),
    "no sheet": (replaced(SHEET, ""), "can be opened"),
    "damaged text": (replaced(SHEET, "<worksheet><sheetData><row"), "can be opened"),
    "entities within entities": (
        replaced(SHEET, f"<!DOCTYPE w [{LAUGHS}]><worksheet>&a11;</worksheet>"), "can be opened"),
    "rows beyond the last": (
        replaced(
            SHEET,
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999">'
            '<c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'),
        "at most 1048576 rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_workbook_that_cannot_be_read_is_one_fault(tmp_path, case) -> None:
    damage, expected = case
    settings = with_participants(tmp_path)
    damage(settings.folder / "participants.xlsx")
    (fault,) = faults_of(settings)
    assert (fault.file, fault.row) == ("participants.xlsx", None)
    assert expected in fault.expected
    assert "participants.csv" in fault.remedy


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("UNPACKED_MAX_MB", 0, "MB when unpacked"),
        ("ROWS_MAX", 3, "at most 3 rows"),
        ("COLUMNS_MAX", 5, "at most 5 columns"),
        ("_CELLS_MAX", 20, "rows in a workbook"),
    ],
)
def test_a_workbook_beyond_a_limit_is_refused(tmp_path, monkeypatch, limit, value, words) -> None:
    monkeypatch.setattr(workbook, limit, value)
    (fault,) = faults_of(with_participants(tmp_path))
    assert words in fault.expected


def test_an_empty_first_sheet_is_said_by_its_name(tmp_path) -> None:
    settings = with_participants(tmp_path, lambda sheet: sheet.parent.create_sheet("Cover", 0))
    (fault,) = faults_of(settings)
    assert "The sheet Cover is empty" in fault.remedy


def test_a_workbook_beside_a_text_file_of_the_same_table_is_a_fault(tmp_path) -> None:
    settings = studies.write_study(tmp_path)
    write_workbook(settings.folder / "ratings.xlsx", studies.RATINGS)
    (fault,) = faults_of(settings)
    assert "one file for this table" in fault.expected


def test_the_file_itself_is_left_as_it_is(tmp_path) -> None:
    settings = with_participants(tmp_path)
    file = settings.folder / "participants.xlsx"
    before = file.read_bytes()
    load_study(settings, recordings_expected=True)
    assert file.read_bytes() == before
    assert load_workbook(file).sheetnames == ["Sheet"]
