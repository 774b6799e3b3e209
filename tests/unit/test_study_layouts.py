"""However a table is saved as text, the same study is read, and how it was read is said."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
import studies

from dyads.study.study import checked_tables, load_study, summary
from dyads.study.tables import STUDY_TABLES

TABLES = tuple(name for name in studies.FILES if name != "instruments")


def with_commas(text: str) -> str:
    return text.replace("\t", ",")


def with_semicolons(text: str) -> str:
    return text.replace("\t", ";")


def with_decimal_commas(text: str) -> str:
    """As a spreadsheet program in Europe saves it: 6.5 becomes 6,5."""
    return re.sub(r"(?<=;)(-?\d+)\.(\d+)(?=;|\n)", r"\1,\2", with_semicolons(text))


def with_quotes(text: str) -> str:
    """As R writes it: words in quotation marks, numbers without."""
    return re.sub(r"(?m)(?<=[,\n])([A-Za-z]\w*)(?=[,\n])", r'"\1"', with_commas(text))


def with_windows_ends(text: str) -> str:
    return text.replace("\n", "\r\n")


LAYOUTS = {
    "commas": (with_commas, "utf-8", "commas, UTF-8, decimal points"),
    "commas and quotes": (with_quotes, "utf-8", "commas, UTF-8, decimal points"),
    "mark and Windows line ends": (
        lambda text: with_windows_ends(with_commas(text)), "utf-8-sig",
        "commas, UTF-8, decimal points"),
    "semicolons with points": (with_semicolons, "utf-8", "semicolons, UTF-8, decimal points"),
    "semicolons with decimal commas": (
        with_decimal_commas, "utf-8-sig", "semicolons, UTF-8, decimal commas"),
    "tabs in a .csv file": (str, "utf-8", "tabs, UTF-8, decimal points"),
    "UTF-16": (with_commas, "utf-16", "commas, UTF-16, decimal points"),
    "old line ends": (
        lambda text: with_commas(text).replace("\n", "\r"), "utf-8",
        "commas, UTF-8, decimal points"),
}  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    settings = studies.write_study(tmp_path_factory.mktemp("plain"))
    return checked_tables(load_study(settings, recordings_expected=True))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_no_layout_changes_what_is_read(
    tmp_path, expected, layout: tuple[Callable[[str], str], str, str]
) -> None:
    laid_out, encoding, words = layout
    settings = studies.write_study(tmp_path, **dict.fromkeys(TABLES))
    for name in TABLES:
        content = laid_out(studies.FILES[name]).encode(encoding)
        (settings.folder / f"{name}.csv").write_bytes(content)
    study = load_study(settings, recordings_expected=True)
    for name, table in checked_tables(study).items():
        pd.testing.assert_frame_equal(table, expected[name])
    # the only table with a fraction in each layout; whole numbers have no decimal sign
    assert study.files["segments"] == ("segments.csv", words)


def test_each_table_may_be_laid_out_in_its_own_way_and_the_summary_says_how(tmp_path) -> None:
    settings = studies.write_study(tmp_path, ratings=None, segments=None)
    (settings.folder / "ratings.csv").write_text(with_commas(studies.RATINGS))
    (settings.folder / "segments.CSV").write_text(with_decimal_commas(studies.SEGMENTS))
    table = summary(load_study(settings, recordings_expected=True)).set_index("table")
    assert table.loc["ratings", "read_as"] == "ratings.csv: commas, UTF-8, decimal points"
    assert table.loc["segments", "read_as"] == "segments.CSV: semicolons, UTF-8, decimal commas"
    assert table.loc["sessions", "read_as"] == "sessions.tsv: tabs, UTF-8, decimal points"


def test_the_rarer_decimal_sign_of_a_file_is_a_fault(tmp_path) -> None:
    settings = studies.write_study(tmp_path, segments=None)
    text = with_decimal_commas(studies.SEGMENTS).replace("6,5;5\nD01;S2", "6.5;5\nD01;S2")
    text = text.replace("joyful;1;5\nD02", "joyful;1,25;5\nD02")
    (settings.folder / "segments.csv").write_text(text)
    with pytest.raises(Exception, match=r"row 3, column onset_s: found '6\.5'.*as a comma"):
        load_study(settings, recordings_expected=True)


def test_unanswered_items_are_counted_whether_their_row_is_there_or_not(tmp_path) -> None:
    # asked: joy and sadness of 4 people-and-segments each answered in part, rapport of D02's two;
    # there are 9 rows, one of them empty. Q01 answered nothing about `sad` (2 rows), P02 not
    # sadness about `joyful` (1), Q02 neither feelings about `joyful` (2) nor rapport (2).
    study = load_study(studies.write_study(tmp_path), recordings_expected=True)
    remarks = summary(study).set_index("table")["remarks"]
    assert remarks["ratings"] == "Items without an answer: 1 empty, 7 without a row."


def test_every_table_is_found_by_its_name(tmp_path) -> None:
    study = load_study(studies.write_study(tmp_path), recordings_expected=True)
    assert set(study.files) <= set(STUDY_TABLES)
    assert {file.name for file in study.files.values()} == {f"{name}.tsv" for name in TABLES}
