"""Broken tables of other programs: each is told in a sentence that says what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from other_programs import (
    FACEREADER_PREAMBLE,
    facereader,
    facereader_text,
    imotions_affdex,
    imotions_facet,
    libreface,
    openface,
    openface_3,
    openwillis,
    pyfeat_2,
)

from dyads.errors import StudyError
from dyads.readers.reading import SCHEMAS, read_frames

Content = str | bytes


def csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def with_cell(table: pd.DataFrame, row: int, column: str, cell: object) -> str:
    changed = table.astype(object)
    changed.loc[row, column] = cell
    return csv(changed)


def without_lines(text: str, keep: int) -> str:
    return "".join(text.splitlines(keepends=True)[:keep])


def broken_line(text: str, line: int, cells: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[line - 1] = cells + "\n"
    return "".join(lines)


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[[0, 1, 4, 5, 2, 3]]


OPENFACE = csv(openface())
LOG = facereader_text(facereader())
NO_UNITS = openface().loc[:, lambda table: ~table.columns.str.contains("AU")]

BROKEN: dict[str, tuple[Content, str]] = {
    "empty file": (b"", "the file is empty. Export it again."),
    "blank lines alone": ("\n\n \n", "the file is empty. Export it again."),
    "one byte": (b"x", "no kind of file that is read here"),
    "bytes of a film": (b"\x1a\x45\xdf\xa3\x00\x01" * 40, "not a table of text."),
    "a workbook": (b"PK\x03\x04" + b"\0" * 200, "Save the table as text (CSV)"),
    "a page of prose": ("The file, as agreed; see below.\n" * 9, "None of their columns was found"),
    "a table of something else": ("id,age\n1,30\n2,31\n", "first line that looks like a heading"),
    "heading alone": (without_lines(OPENFACE, 1), "has a heading and no rows below it"),
    "preamble alone": (FACEREADER_PREAMBLE, "no kind of file that is read here"),
    "state log": (
        FACEREADER_PREAMBLE + "Video Time\tDominant Expression\n00:00:00.000\tHappy\n",
        "is a FaceReader state log. It tells when the strongest expression changed",
    ),
    "column renamed": (
        OPENFACE.replace(" success", " ok"),
        "comes nearest to OpenFace: recognised frame, timestamp, confidence; missing success.",
    ),
    "no action units": (csv(NO_UNITS), "is a file of OpenFace without any channel. Run OpenFace"),
    "column twice": (
        OPENFACE.replace("AU04_r", "AU06_r"),
        "AU06_r stands in the heading more than once",
    ),
    "cut off in a line": (
        OPENFACE[:-200],
        "cut off in its last line (7), which has",
    ),
    "log cut off in a line": (LOG[:-20], "cut off in its last line (16), which has"),
    "line of too few cells": (
        broken_line(OPENFACE, 4, "3,0,0.08"),
        "1 lines have not the 181 cells of the heading (line 4)",
    ),
    "one name too few": (
        OPENFACE.replace(" gaze_0_x,", "", 1),
        "the heading (line 1) has 180 columns, the lines below it have 181 cells",
    ),
    "word among numbers": (
        with_cell(openface(), 2, " AU06_r", "FIND_FAILED"),
        "line 4, column AU06_r: 'FIND_FAILED' is not a number",
    ),
    "word after a preamble": (
        LOG.replace("0.4\t", "high\t", 1),
        "line 11, column Happy: 'high' is not a number",
    ),
    "thousands marked": (
        with_cell(openface(), 1, " pose_Rx", "1.234,5"),
        "line 3, column pose_Rx: '1.234,5' is not a number",
    ),
    "no time in a row": (with_cell(openface(), 1, " timestamp", ""), "1 rows have no time."),
    "no frame number": (with_cell(openface(), 1, " frame", ""), "rows have no frame number."),
    "times go back": (
        csv(openface().assign(**{" timestamp": [0, 0.04, 0.08, 0, 0.04, 0.08]})),
        "times go back 1 times, first to 0 s. Does the file hold several films?",
    ),
    "log sorted by hand": (
        facereader_text(swapped(facereader())),
        "times go back 1 times, first to 0.08 s.",
    ),
    "time from a spreadsheet": (
        LOG.replace("00:00:00.040", "00:00,0"),
        "column Video Time: '00:00,0' (1 such cells) is no time as FaceReader writes it",
    ),
    "milliseconds called seconds": (
        csv(openface().assign(**{" timestamp": [0, 0.001, 0.002, 0.003, 0.004, 0.005]})),
        "its times step by 0.001 s (1000 frames per second), which no camera does",
    ),
    "intensities called probabilities": (
        csv(pyfeat_2().assign(AU12=3.5)),
        "AU12 runs from 3.5 to 3.5, but probability lies between 0 and 1.",
    ),
    "intensity above five": (
        with_cell(openface(), 2, " AU06_r", 7),
        "AU06 runs from 0.3 to 7, but intensity_0_5 lies between 0 and 5.",
    ),
    "frames without times or rate": (csv(pyfeat_2()), "Enter the film's frames per second"),
    "two films in one file": (
        csv(pd.concat([pyfeat_2(), pyfeat_2().assign(input="b.mp4")])),
        "holds 2 films (column input)",
    ),
    "emotion of another list": (
        csv(openface_3().assign(emotion=9)),
        "column emotion: 9 is none of the emotions 0 to 7 of OpenFace 3",
    ),
    "expression of another list": (
        csv(libreface().assign(facial_expression="Bored")),
        "column facial_expression: 'bored' is none of LibreFace's emotions",
    ),
    "relative to a baseline": (
        csv(openwillis().assign(anger=-0.2, AU12=-0.1)),
        "Was it made with a baseline film?",
    ),
    "no hundreds": (
        csv(openwillis().assign(anger=0.1, disgust=0.05, fear=0.05, happiness=0.6, sadness=0.05,
                                surprise=0.05, neutral=0.1)),
        "the emotions of a row sum to 1 and not to 100",
    ),
    "no face data of FACET": (
        imotions_facet().assign(EventSource="ET").to_csv(sep="\t", index=False),
        "no row comes from FACET (column EventSource)",
    ),
    "no face data of AFFDEX": (
        csv(imotions_affdex().assign(SampleNumber="")),
        "no row comes from AFFDEX (column SampleNumber)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_table_is_told_in_a_sentence(tmp_path: Path, fault: str) -> None:
    content, sentence = BROKEN[fault]
    path = tmp_path / "frames.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(StudyError) as caught:
        read_frames(path, "P01")
    told = str(caught.value)
    assert sentence in told
    assert all(line.startswith(str(path)) for line in told.splitlines())


NO_FILES: dict[str, Callable[[Path], object]] = {
    "missing": lambda _: None,
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "frames.csv"
    NO_FILES[kind](path)
    with pytest.raises(StudyError, match=r"no such file\. Correct `frames_path`"):
        read_frames(path, "P01")


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    table = pyfeat_2().astype(object)
    table.loc[1, "AU06"] = "high"
    table.loc[2, "AU12"] = 7
    table["valence"] = -30
    text = csv(table) + "1,2,3"
    path = tmp_path / "frames.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_frames(path, "P01")
    told = str(caught.value).splitlines()
    assert [line.removeprefix(f"{path}: ").split()[:3] for line in told] == [
        ["cut", "off", "in"],
        ["line", "3,", "column"],
        ["AU12", "runs", "from"],
        ["valence", "runs", "from"],
        ["the", "file", "carries"],
    ]


@pytest.mark.parametrize(
    "text", [OPENFACE, LOG, csv(libreface()), csv(openwillis())], ids=lambda text: text[:5].strip()
)
def test_a_file_cut_anywhere_is_told_or_read_up_to_the_cut(tmp_path: Path, text: str) -> None:
    path = tmp_path / "frames.txt"
    path.write_text(text, encoding="utf-8")
    whole, _ = read_frames(path, "P01")
    told = 0
    for end in range(0, len(text), len(text) // 60):
        path.write_text(text[:end], encoding="utf-8")
        try:
            frames, _ = read_frames(path, "P01")
        except StudyError:
            told += 1
            continue
        # The last row may have lost digits of its last cell, which nothing can show.
        pd.testing.assert_frame_equal(frames.iloc[:-1], whole.iloc[: len(frames) - 1])
    assert told > 50


def test_every_kind_that_is_read_can_be_told_from_the_others() -> None:
    for place, schema in enumerate(SCHEMAS):
        hidden = [one.name for one in SCHEMAS[:place] if one.required <= schema.required]
        assert not hidden, f"{schema.name} would be taken for {hidden}"
