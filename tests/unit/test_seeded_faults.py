"""Every fault put into a good study is named by file, row, column and value, nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import studies

from dyads.config import StudySettings
from dyads.report.study_page import faults_page
from dyads.study.faults import Fault, StudyFaults
from dyads.study.study import load_study

LAST = {
    "participants": "Q02\tpartner\t\tfemale\t\tsouth\n",
    "sessions": "D02\tS1\tP02\tQ02\t1\t3.5\n",
    "recordings": "D02\tS1\tQ02\tD02/S1.mp4\tright\t0\n",
    "segments": "D02\tS1\tsad\tsad\t6.5\t5\n",
    "ratings": "P02\tD02\tS1\t\trapport\tbored\t2\n",
    "consent": "P01\tshare_features\tno\t\t2\n",
}


def faults_of(settings: StudySettings) -> tuple[Fault, ...]:
    with pytest.raises(StudyFaults) as caught:
        load_study(settings, recordings_expected=True)
    return caught.value.faults


def changed(*changes: tuple[str, str, str]) -> dict[str, str]:
    """Tables of the tiny study with texts replaced, each of which is there once."""
    texts: dict[str, str] = {}
    for table, old, new in changes:
        text = texts.get(table, studies.FILES[table])
        assert text.count(old) == 1, f"{old!r} must be there once to be replaced"
        texts[table] = text.replace(old, new)
    return texts


def row_added(table: str, row: str) -> tuple[str, str, str]:
    return table, LAST[table], f"{LAST[table]}{row}\n"


AGE, IQ = ("participants", "31.5"), ("participants", "\t98\t")
VALUE = ("ratings", "\t66")
PEOPLE, MET, FILMED = "participants.tsv", "sessions.tsv", "recordings.tsv"
PARTS, ANSWERS, AGREED = "segments.tsv", "ratings.tsv", "consent.tsv"

# What is replaced in which table, by what; then file, row, column and value of the one fault.
CELLS = {
    "identifier with a sign": (
        [row_added("participants", "Q-03\tpartner\t\t\t\t")], PEOPLE, 6, "participant_id", "Q-03"),
    "identifier with a blank": (
        [row_added("participants", "Q 03\tpartner\t\t\t\t")], PEOPLE, 6, "participant_id", "Q 03"),
    "person without an identifier": (
        [row_added("participants", "\tpartner\t30\t\t\t")], PEOPLE, 6, "participant_id", ""),
    "person twice": (
        [row_added("participants", "P01\tcontrol\t30\t\t\t")],
        PEOPLE, 6, "participant_id", "P01"),
    "unknown group": ([("participants", "ASD", "ADS")], PEOPLE, 3, "group", "ADS"),
    "partner who is of a group": (
        [("participants", "Q02\tpartner", "Q02\tASD")], PEOPLE, 5, "group", "ASD"),
    "empty group": ([("participants", "ASD", "")], PEOPLE, 3, "group", ""),
    "age in words": ([(*AGE, "thirty")], PEOPLE, 3, "age", "thirty"),
    "age below 0": ([(*AGE, "-5")], PEOPLE, 3, "age", "-5"),
    "age of a missing code": ([(*AGE, "999")], PEOPLE, 3, "age", "999"),
    "decimal comma among points": ([(*AGE, "31,5")], PEOPLE, 3, "age", "31,5"),
    "number kept as text": ([(*AGE, "'31.5")], PEOPLE, 3, "age", "'31.5"),
    "number with its unit": ([(*AGE, "31.5 years")], PEOPLE, 3, "age", "31.5 years"),
    "formula instead of its value": ([(*AGE, "=30+1.5")], PEOPLE, 3, "age", "=30+1.5"),
    "formula that failed": ([(*AGE, "#REF!")], PEOPLE, 3, "age", "#REF!"),
    "word for a missing value": ([(*AGE, "NaN")], PEOPLE, 3, "age", "NaN"),
    "word among a covariate's numbers": ([(*IQ, "\t9o\t")], PEOPLE, 3, "iq", "9o"),
    "covariate of a missing code": ([(*IQ, "\t999\t")], PEOPLE, 3, "iq", "999"),
    "covariate of a negative missing code": ([(*IQ, "\t-9\t")], PEOPLE, 3, "iq", "-9"),
    "number with signs between thousands": (
        [(*IQ, "\t1,098\t"), ("participants", "\t101\t", "\t1010\t"),
         ("participants", "\t104\t", "\t1040\t")], PEOPLE, 3, "iq", "1,098"),
    "missing column": ([("participants", "\tgroup\t", "\tarm\t")], PEOPLE, 1, "group", None),
    "covariate that breaks a formula": (
        [("participants", "\tiq\t", "\tas\t")], PEOPLE, 1, "as", "as"),
    "covariate with a blank": (
        [("participants", "\tiq\t", "\tIQ total\t")], PEOPLE, 1, "IQ total", "IQ total"),
    "column without a heading": ([("participants", "\tiq\t", "\t\t")], PEOPLE, 1, None, ""),
    "column twice": ([("participants", "\tiq\t", "\tage\t")], PEOPLE, 1, "age", "age"),
    "heading in another writing": (
        [("participants", "\tage\t", "\tAge\t")], PEOPLE, 1, "age", None),
    "headings once more": (
        [row_added("participants", "participant_id\tgroup\tage\tsex\tiq\tsite")],
        PEOPLE, 6, None, "participant_id group age sex iq site"),
    "title above the headings": (
        [("participants", "participant_id\tgroup", "My study\nparticipant_id\tgroup")],
        PEOPLE, 1, None, "My study"),
    "no headings": (
        [("participants", "participant_id\tgroup\tage\tsex\tiq\tsite\n", "")],
        PEOPLE, 1, None, "P01 control 25 female 101 north"),
    "sex spelt in two ways": ([("participants", "27\tmale", "27\tMale")], PEOPLE, 4, "sex", "Male"),
    "covariate spelt in two ways": (
        [("participants", "104\tnorth", "104\tNorth")], PEOPLE, 4, "site", "North"),
    "surplus cell": (
        [("participants", "104\tnorth", "104\tnorth\tlate")], PEOPLE, 4, None, "late"),
    "identifier with a letter of another alphabet": (
        [("sessions", "D02\tS1\tP02", "D02\tS1\t\N{CYRILLIC CAPITAL LETTER ER}02")],
        MET, 4, "participant_id", "\N{CYRILLIC CAPITAL LETTER ER}02"),
    "identifier with a sign that is not seen": (
        [("sessions", "D02\tS1\tP02", "D02\tS1\tP02\N{ZERO WIDTH SPACE}")],
        MET, 4, "participant_id", "P02\N{ZERO WIDTH SPACE}"),
    "identifier in small letters": (
        [("sessions", "D02\tS1\tP02", "D02\tS1\tp02")], MET, 4, "participant_id", "p02"),
    "person of another alphabet": (
        [("participants", "P02", "\N{CYRILLIC CAPITAL LETTER ER}02")],
        PEOPLE, 3, "participant_id", "\N{CYRILLIC CAPITAL LETTER ER}02"),
    "own partner": (
        [("sessions", "S2\tP01\tQ01", "S2\tP01\tP01")], MET, 3, "partner_id", "P01"),
    "unknown partner": (
        [("sessions", "S2\tP01\tQ01", "S2\tP01\tQ03")], MET, 3, "partner_id", "Q03"),
    "dyad with another partner": (
        [("sessions", "S2\tP01\tQ01", "S2\tP01\tQ02")], MET, 3, "partner_id", "Q02"),
    "partner in the participant's place": (
        [("participants", "P02\tASD", "P02\tpartner")], MET, 4, "participant_id", "P02"),
    "session number twice": ([("sessions", "\t2\t28", "\t1\t28")], MET, 3, "session_number", "1"),
    "session number with a fraction": (
        [("sessions", "\t2\t28", "\t1.5\t28")], MET, 3, "session_number", "1.5"),
    "session number 0": ([("sessions", "\t2\t28", "\t0\t28")], MET, 3, "session_number", "0"),
    "date instead of days": (
        [("sessions", "\t28", "\t2024-03-01")], MET, 3, "date_offset_days", "2024-03-01"),
    "session twice": (
        [row_added("sessions", "D02\tS1\tP02\tQ02\t2\t9")], MET, 5, "session_id", "S1"),
    "film that does not exist": (
        [("recordings", "S1_Q01.mp4", "S1_Q1.mp4")], FILMED, 3, "path", "D01/S1_Q1.mp4"),
    "film in the folder above": (
        [("recordings", "D01/S1_Q01.mp4", "../study/a.mp4")],
        FILMED, 3, "path", "../study/a.mp4"),
    "film from the root": (
        [("recordings", "D01/S1_Q01.mp4", "/film.mp4")], FILMED, 3, "path", "/film.mp4"),
    "film from a drive": (
        [("recordings", "D01/S1_Q01.mp4", r"C:\film.mp4")], FILMED, 3, "path", r"C:\film.mp4"),
    "folders parted the wrong way": (
        [("recordings", "D01/S1_Q01.mp4", r"D01\S1_Q01.mp4")],
        FILMED, 3, "path", r"D01\S1_Q01.mp4"),
    "no film at all": ([("recordings", "D01/S1_Q01.mp4", "")], FILMED, 3, "path", ""),
    "unknown view": ([("recordings", "\tright\t", "\trihgt\t")], FILMED, 5, "view", "rihgt"),
    "box without a width": (
        [("recordings", "\tright\t", "\t0,0,0,240\t")], FILMED, 5, "view", "0,0,0,240"),
    "view of somebody else": (
        [("recordings", "\tright\t", "\tleft\t")], FILMED, 5, "view", "left"),
    "person filmed twice in a session": (
        [row_added("recordings", "D02\tS1\tQ02\tD02/S1.mp4\tbottom\t0")],
        FILMED, 6, "person_id", "Q02"),
    "recording of an unknown person": (
        [("recordings", "Q02", "Q03")], FILMED, 5, "person_id", "Q03"),
    "recording of another dyad's person": (
        [("recordings", "S1\tQ02", "S1\tQ01")], FILMED, 5, "person_id", "Q01"),
    "recording of an unknown session": (
        [("recordings", "D02\tS1\tQ02", "D02\tS9\tQ02")], FILMED, 5, "session_id", "S9"),
    "minus that is another sign": (
        [("recordings", "-0.75", "\N{MINUS SIGN}0.75")],
        FILMED, 3, "offset_s", "\N{MINUS SIGN}0.75"),
    "offset in words": ([("recordings", "-0.75", "early")], FILMED, 3, "offset_s", "early"),
    "frame rate of 0": (
        [("recordings", "offset_s\n", "offset_s\tframe_rate_hz\n"),
         ("recordings", "\t-0.75", "\t-0.75\t0")], FILMED, 3, "frame_rate_hz", "0"),
    "unknown column": (
        [("recordings", "\toffset_s", "\tofset_s")], FILMED, 1, "ofset_s", "ofset_s"),
    "overlapping segments": (
        [("segments", "D02\tS1\tsad\tsad\t6.5", "D02\tS1\tsad\tsad\t5.5")],
        PARTS, 6, "onset_s", "5.5"),
    "negative onset": (
        [("segments", "S2\tjoyful\tjoyful\t1", "S2\tjoyful\tjoyful\t-1")],
        PARTS, 4, "onset_s", "-1"),
    "onset in minutes and seconds": (
        [("segments", "S2\tjoyful\tjoyful\t1", "S2\tjoyful\tjoyful\t0:01")],
        PARTS, 4, "onset_s", "0:01"),
    "segment without length": (
        [("segments", "S2\tjoyful\tjoyful\t1\t5", "S2\tjoyful\tjoyful\t1\t0")],
        PARTS, 4, "duration_s", "0"),
    "segment without onset": (
        [("segments", "S2\tjoyful\tjoyful\t1", "S2\tjoyful\tjoyful\t")],
        PARTS, 4, "onset_s", ""),
    "segment without a label": (
        [("segments", "S2\tjoyful\tjoyful\t1", "S2\tjoyful\t\t1")], PARTS, 4, "label", ""),
    "label spelt in two ways": (
        [("segments", "S2\tjoyful\tjoyful", "S2\tjoyful\tJoyful")],
        PARTS, 4, "label", "Joyful"),
    "label of two lines": (
        [("segments", "S2\tjoyful\tjoyful", 'S2\tjoyful\t"joy\nful"')],
        PARTS, 4, "label", "joy\nful"),
    "segment twice": (
        [row_added("segments", "D02\tS1\tsad\tsad\t20\t5")], PARTS, 7, "segment_id", "sad"),
    "segment of an unknown dyad": (
        [("segments", "D01\tS2", "D09\tS2")], PARTS, 4, "dyad_id", "D09"),
    "answers side by side": (
        [("ratings", "instrument\titem\tvalue", "instrument\tjoy\tsadness")],
        ANSWERS, 1, "item", None),
    "rating of an unknown person": (
        [("ratings", "Q01\tD01\tS1\tjoyful\tfeelings\tjoy",
          "X01\tD01\tS1\tjoyful\tfeelings\tjoy")], ANSWERS, 6, "person_id", "X01"),
    "rating of a person of another dyad": (
        [("ratings", "Q01\tD01\tS1\tjoyful\tfeelings\tjoy",
          "Q02\tD01\tS1\tjoyful\tfeelings\tjoy")], ANSWERS, 6, "person_id", "Q02"),
    "rating of an unknown session": (
        [("ratings", "Q01\tD01\tS1\tjoyful\tfeelings\tjoy",
          "Q01\tD01\tS7\tjoyful\tfeelings\tjoy")], ANSWERS, 6, "session_id", "S7"),
    "rating of an unknown segment": (
        [("ratings", "joyful\tfeelings\tjoy\t66", "happy\tfeelings\tjoy\t66")],
        ANSWERS, 6, "segment_id", "happy"),
    "rating above the range": ([(*VALUE, "\t101")], ANSWERS, 6, "value", "101"),
    "rating below the range": (
        [("ratings", "close\t4", "close\t0")], ANSWERS, 9, "value", "0"),
    "rating of a missing code": ([(*VALUE, "\t-99")], ANSWERS, 6, "value", "-99"),
    "rating between two answers": (
        [("instruments", "maximum: 5", "maximum: 5\n  step: 1"),
         ("ratings", "close\t4", "close\t4.5")], ANSWERS, 9, "value", "4.5"),
    "label instead of a code": ([(*VALUE, "\tvery much")], ANSWERS, 6, "value", "very much"),
    "per cent": ([(*VALUE, "\t66%")], ANSWERS, 6, "value", "66%"),
    "number too large to be one": ([(*VALUE, "\t1e999")], ANSWERS, 6, "value", "1e999"),
    "unknown instrument": (
        [("ratings", "feelings\tjoy\t66", "feeling\tjoy\t66")],
        ANSWERS, 6, "instrument", "feeling"),
    "unknown item": (
        [("ratings", "feelings\tjoy\t66", "feelings\tjoyful\t66")], ANSWERS, 6, "item", "joyful"),
    "item answered twice": (
        [("ratings", "rapport\tbored", "rapport\tclose")], ANSWERS, 10, "item", "close"),
    "unknown use": ([("consent", "share_features", "share")], AGREED, 6, "use", "share"),
    "use decided twice": (
        [row_added("consent", "P01\tshare_features\tyes\t\t2")], AGREED, 7, "use",
        "share_features"),
    "consent neither granted nor refused": (
        [("consent", "share_features\tno", "share_features\tasked")],
        AGREED, 6, "granted", "asked"),
    "consent left open": (
        [("consent", "share_features\tno", "share_features\t")], AGREED, 6, "granted", ""),
    "date of withdrawal": (
        [("consent", "share_features\tno\t", "share_features\tno\t2024-05-01")],
        AGREED, 6, "withdrawn_on", "2024-05-01"),
    "consent of an unknown person": (
        [("consent", "Q02", "Q09")], AGREED, 5, "participant_id", "Q09"),
    "scale without items": (
        [("instruments", "items: [joy]", "items: []")],
        "instruments.yaml", 7, "feelings.scales.joy.items", None),
    "reverse key that is no item": (
        [("instruments", "reverse: [bored]", "reverse: [boring]")],
        "instruments.yaml", 16, "rapport.scales.rapport", None),
    "range upside down": (
        [("instruments", "minimum: 1\n", "minimum: 6\n")], "instruments.yaml", 10, "rapport", None),
    "step that misses the maximum": (
        [("instruments", "maximum: 5", "maximum: 5\n  step: 3")],
        "instruments.yaml", 10, "rapport", None),
    "name that YAML takes for no": (
        [("instruments", "rapport:\n  title", "no:\n  title")], "instruments.yaml", 9, "no", "no"),
    "sign that is not seen in YAML": (
        [("instruments", "Rapport", "Rap\x07port")], "instruments.yaml", 10, None, None),
    "items that are no list": (
        [("instruments", "[close, bored]", "close")], "instruments.yaml", 16,
        "rapport.scales.rapport.items", "close"),
    "key twice": (
        [("instruments", "title: Rapport", "title: Rapport\n  title: Closeness")],
        "instruments.yaml", 11, "rapport.title", "title"),
    "instrument that the library lacks": (
        [("instruments", "title: Rapport", "library: pannas\n  title: Rapport")],
        "instruments.yaml", 10, "rapport.library", "pannas"),
    "text that is no YAML": (
        [("instruments", "items: [joy]", "items: [joy")], "instruments.yaml", 7, None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS.values(), ids=CELLS.keys())
def test_a_seeded_fault_is_named_and_nothing_else_is(
    tmp_path: Path, case: tuple[list[tuple[str, str, str]], str, int, str | None, str | None]
) -> None:
    changes, *expected = case
    faults = faults_of(studies.write_study(tmp_path, **changed(*changes)))
    assert [[it.file, it.row, it.column, it.value] for it in faults] == [expected]
    assert all(it.expected and it.remedy.endswith((".", "?", "…")) for it in faults)


COVARIATES = ("iq", "site", "date_offset_days")
"""Columns that may have any name, or be left out."""
HEADINGS = [
    (name, heading)
    for name, text in studies.FILES.items()
    if name != "instruments"
    for heading in text.splitlines()[0].split("\t")
    if heading not in COVARIATES
]


@pytest.mark.parametrize(("name", "heading"), HEADINGS)
def test_a_table_without_one_of_its_headings_gives_faults_and_no_traceback(
    tmp_path: Path, name: str, heading: str
) -> None:
    first, rest = studies.FILES[name].split("\n", 1)
    headings = [f"x{it}x" if it == heading else it for it in first.split("\t")]
    faults = faults_of(studies.write_study(tmp_path, **{name: "\t".join(headings) + "\n" + rest}))
    assert (f"{name}.tsv", 1) in {(it.file, it.row) for it in faults}


def test_there_are_at_least_forty_kinds() -> None:
    assert len(CELLS) >= 40


# What a good study's ratings.tsv becomes; then file, row and what the remedy says.
FILES = {
    "commas in a .tsv file": (
        "ratings.tsv", studies.RATINGS.replace("\t", ",").encode(), 1, "name the file ratings.csv"),
    "not UTF-8": (
        "ratings.tsv", studies.RATINGS.replace("joy\t66", "joie é\t66").encode("latin-1"), 6,
        "CSV UTF-8"),
    "UTF-16 without its mark": ("ratings.tsv", studies.RATINGS.encode("utf-16-le"), 1, "CSV UTF-8"),
    "separator named above the headings": (
        "ratings.csv", ("sep=;\n" + studies.RATINGS.replace("\t", ";")).encode(), 1,
        "above row 2"),
    "title above the headings of a .csv file": (
        "ratings.csv", ("Study of 2024\n" + studies.RATINGS.replace("\t", ",")).encode(), 1,
        "above row 2"),
    "ending of text": ("ratings.txt", studies.RATINGS.encode(), None, "Rename it to ratings.tsv"),
    "ending that is hidden": (
        "ratings.csv.txt", studies.RATINGS.encode(), None, "Rename it to ratings.csv"),
    "name in capitals": (
        "Ratings.TSV", studies.RATINGS.encode(), None, "Rename it to ratings.tsv"),
    "open quotation mark": (
        "ratings.tsv", studies.RATINGS.replace("\t66", '\t"66').encode(), 6, "quotation mark"),
    "empty file": ("ratings.tsv", b"", None, "fill it in"),
    "broken workbook": ("ratings.xlsx", b"PK\x03\x04...", None, "under the name ratings.csv"),
    "workbook of another kind": ("ratings.ods", b"PK\x03\x04...", None, "as ratings.xlsx"),
    "workbook under another name": ("ratings.csv", b"PK\x03\x04...", None, "CSV UTF-8"),
    "comma that parts a number": (
        "ratings.csv", studies.RATINGS.replace("\t", ",").replace("12.5", "12,5").encode(), 4,
        "decimal comma"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES.values(), ids=FILES.keys())
def test_a_file_that_cannot_be_read_says_what_to_do(
    tmp_path: Path, case: tuple[str, bytes, int | None, str]
) -> None:
    name, content, row, remedy = case
    settings = studies.write_study(tmp_path, ratings=None)
    (settings.folder / name).write_bytes(content)
    (fault,) = faults_of(settings)
    assert (fault.file, fault.row) == (name, row)
    assert remedy in fault.remedy


def test_the_cell_that_is_not_utf8_is_shown_as_it_was_meant(tmp_path: Path) -> None:
    text = studies.RATINGS.replace("joy\t66", "joie é\t66").encode("latin-1")
    (fault,) = faults_of(studies.write_study(tmp_path, ratings=text))
    assert fault.value == "joie é"


def test_two_files_for_one_table_are_a_fault_and_neither_is_read(tmp_path: Path) -> None:
    settings = studies.write_study(tmp_path)
    (settings.folder / "ratings.csv").write_text("nothing of the kind\n")
    (fault,) = faults_of(settings)
    assert (fault.file, fault.row) == ("ratings.csv", None)
    assert "ratings.tsv" in fault.expected


@pytest.mark.parametrize("name", ["ratings.tsv", "instruments.yaml"])
def test_a_table_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    settings = studies.write_study(tmp_path)
    file = settings.folder / name
    shutil.move(file, tmp_path / name)
    file.symlink_to(tmp_path / name)
    (fault,) = faults_of(settings)
    assert (fault.file, fault.row) == (name, None)
    assert "links followed" in fault.expected


def test_a_link_within_the_folder_and_a_linked_folder_are_followed(tmp_path: Path) -> None:
    settings = studies.write_study(tmp_path)
    (settings.folder / "versions").mkdir()
    file = settings.folder / "ratings.tsv"
    shutil.move(file, settings.folder / "versions/2.tsv")
    file.symlink_to("versions/2.tsv")
    (tmp_path / "linked").symlink_to(settings.folder)
    linked = settings.model_copy(update={"folder": tmp_path / "linked"})
    assert len(load_study(linked, recordings_expected=True).ratings) == 9


REMEDIES = {
    "31,5": "decimal sign as a point",
    "'31.5": "kept as text",
    "=30+1.5": "values instead of formulas",
    "#DIV/0!": "formula of the spreadsheet failed",
    "NA": "Leave the cell empty",
    "1 031.5": "between its thousands",
    "31.5 years": "without",
    "999": "study.missing_codes",
    "-99": "study.missing_codes",
    "\N{MINUS SIGN}5": "minus sign as a hyphen",
}


@pytest.mark.parametrize(("cell", "words"), REMEDIES.items())
def test_the_remedy_is_that_of_the_cells_own_look(tmp_path: Path, cell: str, words: str) -> None:
    remedy = "alone" if words == "without" else words
    (fault,) = faults_of(studies.write_study(tmp_path, **changed((*AGE, cell))))
    assert remedy in fault.remedy


def test_a_label_is_answered_by_its_code(tmp_path: Path) -> None:
    answers = "maximum: 5\n  responses: {1: not at all, 3: somewhat, 5: very much}"
    change = changed(
        ("instruments", "maximum: 5", answers),
        ("ratings", "close\t4", "close\tVery much"),
        ("ratings", "bored\t2", "bored\thardly"),
    )
    first, second = faults_of(studies.write_study(tmp_path, **change))
    assert first.remedy == "Enter 5, the code of this answer."
    assert second.remedy == ("Enter the code of the answer: 1 not at all, 3 somewhat, 5 very much.")


def test_a_missing_code_is_read_as_empty_where_the_settings_name_it(tmp_path: Path) -> None:
    change = changed((*AGE, "999"), (*IQ, "\t999\t"), (*VALUE, "\t999"))
    settings = studies.write_study(tmp_path, **change)
    named = settings.model_copy(update={"missing_codes": (-99.0, 999.0)})
    study = load_study(named, recordings_expected=True)
    assert study.participants.loc[1, ["age", "iq"]].isna().all()
    assert study.ratings["value"].isna().tolist() == [False] * 4 + [True, True] + [False] * 3
    assert study.files["participants"].remark.endswith("missing codes read as empty: 2")


def test_a_missing_code_that_could_be_an_answer_is_asked_about(tmp_path: Path) -> None:
    change = changed((*AGE, "99"), (*VALUE, "\t99"))
    settings = studies.write_study(tmp_path, **change)
    named = settings.model_copy(update={"missing_codes": (99.0,)})
    assert [(it.file, it.row, it.column, it.value) for it in faults_of(named)] == [
        ("participants.tsv", 3, "age", "99"),
        ("ratings.tsv", 6, "value", "99"),
    ]


def test_a_missing_code_is_an_answer_however_it_is_written(tmp_path: Path) -> None:
    settings = studies.write_study(tmp_path, **changed((*VALUE, "\t99.0")))
    (fault,) = faults_of(settings.model_copy(update={"missing_codes": (99.0,)}))
    assert (fault.file, fault.row, fault.value) == ("ratings.tsv", 6, "99.0")


def test_a_true_value_that_looks_like_a_code_can_be_entered(tmp_path: Path) -> None:
    study = load_study(
        studies.write_study(tmp_path, **changed((*IQ, "\t999.0\t"))), recordings_expected=True
    )
    assert study.participants.loc[1, "iq"] == 999


def test_a_cell_cannot_steer_the_screen_or_fill_it() -> None:
    fault = Fault("a.tsv", 2, "x", "\x1b[2J\n" + "9" * 500, "a number", "Correct it.")
    assert str(fault).isprintable()
    assert len(str(fault)) < 200


def test_what_is_quoted_beside_the_cell_cannot_steer_the_screen_either() -> None:
    ugly = "\x1b[2J" + "9" * 5000
    fault = Fault("a.tsv", 1, ugly, "x", f"the partner of {ugly}", f"Rename {ugly}.")
    assert str(fault).isprintable()
    assert len(str(fault)) < 2000


def test_the_page_does_not_cut_off_where_the_other_row_is(tmp_path: Path) -> None:
    row = "P01\tD01\tS1\tjoyful\tfeelings\tjoy\t70"
    (fault,) = faults_of(studies.write_study(tmp_path, **changed(row_added("ratings", row))))
    templates = Path(__file__).parents[2] / "workflow/report"
    assert "row 2 has the same" in faults_page("A study", (), [fault], templates)


def test_a_file_that_may_not_be_read_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = studies.write_study(tmp_path)
    opened = Path.open

    def locked(path: Path, *how: str, **more: str) -> object:
        if path.name in ("ratings.tsv", "instruments.yaml"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *how, **more)

    monkeypatch.setattr(Path, "open", locked)
    faults = faults_of(settings)
    assert [it.file for it in faults] == ["ratings.tsv", "instruments.yaml"]
    assert all("Close it in every other program" in it.remedy for it in faults)


def test_instruments_under_another_ending_are_found(tmp_path: Path) -> None:
    settings = studies.write_study(tmp_path)
    (settings.folder / "instruments.yaml").rename(settings.folder / "instruments.yml")
    (fault,) = faults_of(settings)
    assert (fault.file, fault.remedy) == ("instruments.yml", "Rename it to instruments.yaml.")


@pytest.mark.parametrize("code", ["99", "99.0"])
def test_a_day_of_withdrawal_is_never_taken_for_a_missing_one(tmp_path: Path, code: str) -> None:
    change = changed(("consent", "P02\tprocess\tyes\t", f"P02\tprocess\tyes\t{code}"))
    named = studies.write_study(tmp_path, **change).model_copy(update={"missing_codes": (99.0,)})
    (fault,) = faults_of(named)
    assert (fault.file, fault.row, fault.column) == ("consent.tsv", 3, "withdrawn_on")
    assert "only if the consent stands" in fault.remedy


def test_aliases_within_aliases_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    # nine to the power of twelve words, if anybody wrote them out
    nested = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    nested += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    nested += ["b: {title: *a11, minimum: *a11, library: *a11, scales: {s: {items: *a11}}}", ""]
    faults = faults_of(studies.write_study(tmp_path, instruments="\n".join(nested)))
    assert {fault.file for fault in faults} == {"instruments.yaml"}
    assert len(str(StudyFaults(faults))) < 10_000
