"""However a program lays its table out as text, the same numbers arrive."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from other_programs import facereader, facereader_text, openface, saved, written

from dyads.readers.reading import read_frames
from dyads.readers.sheets import open_sheet, read_columns


def laid_out(
    table: pd.DataFrame, separator: str, *, comma: bool, blanks: str, preamble: str, ends: str
) -> str:
    text = table.rename(columns=lambda name: blanks + name.strip()).to_csv(
        sep=separator, index=False, decimal="," if comma else ".", lineterminator=ends
    )
    return preamble + text


@cache
def plain() -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as name:
        return read_frames(saved(openface(), Path(name), "plain.csv"), "P01")[0]


@trials(max_examples=60, deadline=None)
@given(
    separator=st.sampled_from([",", ";", "\t"]),
    comma=st.booleans(),
    blanks=st.sampled_from(["", " ", "  "]),
    preamble=st.sampled_from(["", "Study;A\n\n\n", "#a, b\n#Müller\tb\n", "frame of mind\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_no_layout_changes_a_number(
    separator: str, comma: bool, blanks: str, preamble: str, encoding: str, ends: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = laid_out(
            openface(), separator, comma=comma, blanks=blanks, preamble=preamble, ends=ends
        )
        other, _ = read_frames(written(text, folder, "other.txt", encoding), "P01")
    pd.testing.assert_frame_equal(plain(), other)


def test_clock_times_with_a_decimal_comma_are_times(tmp_path: Path) -> None:
    table = facereader()
    table["Video Time"] = table["Video Time"].str.replace(".", ",")
    frames, _ = read_frames(written(facereader_text(table, ";"), tmp_path), "P01")
    assert frames["time_s"].iloc[-1] == pytest.approx(0.2)


def test_columns_that_nobody_asked_for_may_hold_anything(tmp_path: Path) -> None:
    table = openface().assign(note='Müller said "1,5"')
    path = tmp_path / "a.csv"
    path.write_bytes(table.to_csv(index=False).encode("cp1252"))
    assert len(read_frames(path, "P01")[0]) == 6


def test_a_letter_of_an_old_code_page_far_down_does_not_stop_the_reading(tmp_path: Path) -> None:
    # The heading's 64 kB are ASCII; the first byte that is no UTF-8 comes in a column of words.
    rows = 5_000
    table = pd.DataFrame({"name": "somebody", "number": range(rows)})
    table.loc[rows - 1, "name"] = "Jörg"
    path = tmp_path / "a.csv"
    path.write_bytes(table.to_csv(index=False).encode("cp1252"))
    sheet = open_sheet(path, {"name", "number"})
    cells, faults = read_columns(sheet, {"name", "number"}, texts={"name"})
    assert not faults
    assert cells["name"].iloc[-1] == "Jörg"
    assert cells["number"].tolist() == list(range(rows))


def test_blank_lines_at_the_end_are_no_rows(tmp_path: Path) -> None:
    path = written(openface().to_csv(index=False) + "\n\n", tmp_path)
    assert len(read_frames(path, "P01")[0]) == 6


@pytest.mark.parametrize("word", ["", "NA", "nan", "-nan(ind)", "NaN"])
def test_a_missing_number_is_missing_and_no_fault(tmp_path: Path, word: str) -> None:
    table = openface().astype(object)
    table.loc[3, " AU12_r"] = word
    frames, _ = read_frames(saved(table, tmp_path), "P01")
    assert pd.isna(frames.loc[3, "AU12"])
    assert frames["AU12"].notna().sum() == 5
