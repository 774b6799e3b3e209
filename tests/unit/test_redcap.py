"""From a REDCap project to study tables; `redcap_projects` makes the project."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
import redcap_projects as made
import yaml

from dyads.cli import main
from dyads.errors import StudyError
from dyads.importing.dictionary import box_column, read_dictionary
from dyads.importing.mapping import Mapping, load_mapping
from dyads.importing.project import REPORT_FILE, Imported, draft_mapping, import_project
from dyads.study.tables import PARTNER


def imported(folder: Path, **changes: object) -> Imported:
    return import_project(*made.write_project(folder, **changes), folder / "tables")


def table(done: Imported, name: str) -> pd.DataFrame:
    path = next(path for path in done.files if path.name == f"{name}.tsv")
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def rows(done: Imported, name: str) -> list[list[str]]:
    return table(done, name).to_numpy().tolist()


def refusal(folder: Path, **changes: object) -> str:
    with pytest.raises(StudyError) as caught:
        imported(folder, **changes)
    assert not (folder / "tables").exists()
    return str(caught.value)


def mapped(old: str, new: str) -> str:
    assert made.MAPPING.count(old) == 1, old
    return made.MAPPING.replace(old, new)


def changed(record: str, **cells: str) -> list[dict[str, str]]:
    """All rows, with cells of a record's first row replaced."""
    return [{**row, **cells} if row["record_id"] == record and "dx" in row else row
            for row in [*made.people(), *made.others()]]  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return imported(tmp_path_factory.mktemp("redcap"))


def test_people_come_with_their_codes_in_words_and_numbers_with_a_point(done: Imported) -> None:
    # by hand from redcap_projects: record 1-1 of dictionary code 1 is P11 of the group ASD
    assert rows(done, "participants") == [
        ["P11", "ASD", "31.5", "female", "101.5", "north", "1", "'=1+1"],
        ["P12", "partner", "", "male", "", "north", "", ""],
        ["P13", "control", "40", "male", "98", "north", "", ""],
        ["P14", "partner", "44", "female", "", "north", "", ""],
    ]


def test_sessions_find_the_other_record_of_the_dyad_and_count_days(done: Imported) -> None:
    # 2024 is a leap year: 1 March is 29 days after 1 February, 29 March 57, 10 April 69
    assert rows(done, "sessions") == [
        ["D7", "S1", "P11", "P12", "1", "29"],
        ["D8", "S1", "P13", "P14", "1", "69"],
        ["D7", "S2", "P11", "P12", "2", "57"],
    ]


def test_a_repeating_form_becomes_a_row_for_each_item_that_was_asked(done: Imported) -> None:
    found = {(*row[:1], row[3], row[5]): row[6] for row in rows(done, "ratings")}
    assert found == {
        ("P11", "joyful", "joy"): "80",
        ("P11", "joyful", "sadness"): "5",
        ("P11", "sad", "joy"): "",  # -99
        ("P11", "sad", "sadness"): "70",
        ("P11", "sad", "because"): "3",  # shown only where sadness is above 50
        ("P12", "joyful", "joy"): "66",
        ("P12", "joyful", "sadness"): "",  # left open on a form that was saved
    }


def test_consent_is_what_was_answered_and_no_answer_is_no_row(done: Imported) -> None:
    assert rows(done, "consent") == [
        ["P11", "process", "yes", ""],
        ["P12", "process", "yes", ""],
        ["P13", "process", "no", ""],
        ["P14", "process", "yes", "90"],  # 1 May
        ["P11", "share_features", "yes", ""],
        ["P12", "share_features", "no", ""],
    ]


@pytest.mark.parametrize("events", ["  - event: visit_1_arm_1\n    columns", "  - columns"])
def test_a_withdrawal_noted_at_a_later_visit_counts(tmp_path: Path, events: str) -> None:
    later = {"record_id": "1-1", "redcap_event_name": made.SECOND, "withdrew": "2024-04-01"}
    others = [{**row, **later} if "met_on" in row else row for row in made.others()]
    mapping = mapped("consent:\n  - event: visit_1_arm_1\n    columns", f"consent:\n{events}")
    done = imported(tmp_path, rows=[*made.people(), *others], mapping=mapping)
    # 60 days after 1 February 2024, a leap year
    assert ["P11", "process", "yes", "60"] in rows(done, "consent")
    assert ["P11", "share_features", "yes", "60"] in rows(done, "consent")
    assert ["P12", "process", "yes", ""] in rows(done, "consent")


def test_an_event_that_the_mapping_names_is_the_only_one_asked_for_a_withdrawal(
    tmp_path: Path,
) -> None:
    later = {"record_id": "1-1", "redcap_event_name": made.SECOND, "withdrew": "2024-04-01"}
    others = [{**row, **later} if "met_on" in row else row for row in made.others()]
    mapping = mapped("{field: withdrew}", "{field: withdrew, at: visit_1_arm_1}")
    done = imported(tmp_path, rows=[*made.people(), *others], mapping=mapping)
    assert ["P11", "process", "yes", ""] in rows(done, "consent")


def test_no_cell_of_an_identifier_reaches_any_file(done: Imported) -> None:
    for path in done.files:
        text = path.read_text(encoding="utf-8")
        for secret in ("Ada", "example.org", "1990", "she said", "2024-03-01"):
            assert secret not in text, path


def test_the_report_says_of_every_column_what_became_of_it(done: Imported) -> None:
    listed = done.report[done.report["what"].eq("field")].set_index("name")
    assert set(made.COLUMNS) - set(listed.index) == {
        "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
    }  # fmt: skip
    fates = listed["fate"].to_dict()
    assert {name for name, fate in fates.items() if fate == "dropped"} == {
        "full_name", "mail", "dob", "remarks"
    }  # fmt: skip
    assert fates["sum_joy"] == fates["meds___1"] == fates["meds____2"] == "not mapped"
    assert "computed by REDCap" in listed.loc["age", "detail"]
    assert "look through it for names" in listed.loc["site_text", "detail"]
    assert "days" in listed.loc["met_on", "detail"]
    cells = done.report[done.report["what"].eq("cells")]
    counted = dict(zip(cells["name"] + ": " + cells["detail"], cells["cells"], strict=True))
    assert counted["joy: a missing code: no answer"] == 1
    assert counted["ratings: forms that nobody opened"] == 1
    assert counted["ratings: empty items that are shown only under a condition"] == 2
    assert counted["meds___a: no box of the field is ticked: no answer"] == 3
    assert counted["sessions: rows of the export in which nothing was entered"] == 1


def test_what_the_study_check_still_asks_for_is_told(done: Imported) -> None:
    # two items of 0 to 100 and one of 1 to 3: an instrument has one range, so it is asked for
    assert {(fault.file, fault.column) for fault in done.remaining} == {
        ("recordings.tsv", None), ("segments.tsv", None),
        ("instruments.yaml", "feelings.minimum"), ("instruments.yaml", "feelings.maximum"),
    }  # fmt: skip


def test_with_films_segments_and_one_range_the_study_check_is_content(tmp_path: Path) -> None:
    mapping = mapped(", why_1: because", "")
    paths = made.write_project(tmp_path, mapping=mapping)
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "recordings.tsv").write_text(
        "dyad_id\tsession_id\tperson_id\tpath\nD7\tS1\tP11\tfilm.mp4\n"
    )
    (tables / "segments.tsv").write_text(
        "dyad_id\tsession_id\tsegment_id\tlabel\tonset_s\tduration_s\n"
        "D7\tS1\tjoyful\tjoyful\t0\t5\nD7\tS1\tsad\tsad\t5\t5\n"
    )
    assert import_project(*paths, tables).remaining == ()
    described = yaml.safe_load((tables / "instruments.yaml").read_text())
    assert (described["feelings"]["minimum"], described["feelings"]["maximum"]) == (0, 100)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separator_and_byte_order_mark_change_nothing(
    tmp_path: Path, done: Imported, separator: str, encoding: str
) -> None:
    other = imported(tmp_path, separator=separator, encoding=encoding)
    for name in ("participants", "sessions", "ratings", "consent"):
        assert rows(other, name) == rows(done, name)


def test_an_export_of_labels_gives_the_same_tables(tmp_path: Path, done: Imported) -> None:
    labels = {
        "role": {"1": "Participant", "2": "Partner"},
        "dx": {"0": "Control", "1": "Autism", "9": "Partner"},
        "sex": {"0": "Female", "1": "Male"},
        "film_ok": {"1": "Yes", "0": "No"},
        "share_ok": {"1": "Refused", "2": "Agreed"},
        "segment": {"1": "Joyful", "2": "Sad"},
        "why_1": {"1": "No", "2": "A bit", "3": "Yes"},
        "moment_complete": {"0": "Incomplete", "1": "Unverified", "2": "Complete"},
    }
    for box in ("meds___1", "meds____2", "meds___a"):
        labels[box] = {"0": "Unchecked", "1": "Checked"}
    shown = [
        {name: labels.get(name, {}).get(cell, cell) for name, cell in row.items()}
        for row in [*made.people(), *made.others()]
    ]
    other = imported(tmp_path, rows=shown, mapping=made.MAPPING + "export: labels\n")
    for name in ("participants", "sessions", "ratings", "consent"):
        assert rows(other, name) == rows(done, name)
    said = refusal(tmp_path / "raw", rows=shown)
    assert "found 'Autism'; expected one of 0 (Control), 1 (Autism), 9 (Partner)" in said
    assert "export: labels" in said


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("full_name", "marked as an identifier"),
        ("mail", "an identifier by its validation"),
        ("dob", "marked as an identifier"),
        ("remarks", "free text"),
        ("withdrew", "a date"),
    ],
)
def test_a_field_that_must_not_come_along_is_refused_when_it_is_mapped(
    tmp_path: Path, column: str, reason: str
) -> None:
    said = refusal(tmp_path, mapping=mapped("{field: age}", f"{{field: {column}}}"))
    assert f"participants.1.columns.age: found '{column}'" in said
    assert reason in said


def test_a_record_that_is_an_identifier_is_no_pseudonym(tmp_path: Path) -> None:
    marked = ("record_id", "person", "text", "Hospital number", "", "", "", "", "y", "")
    said = refusal(tmp_path, fields=(marked, *made.FIELDS[1:]))
    assert "found 'record_id'; expected a field that may come along" in said


def test_all_faults_of_mapping_and_cells_are_told_at_once_and_each_once(tmp_path: Path) -> None:
    people = [{**row, "sex": "7"} for row in made.people()]
    mapping = mapped("{field: iq}", "{field: iqq}").replace("moment\n    inst", "moments\n    inst")
    said = refusal(tmp_path, rows=[*people, *made.others()], mapping=mapping).splitlines()
    assert "Did you mean 'iq'?" in said[1]
    assert "column sex: found '7'; expected one of 0 (Female), 1 (Male)" in said[3]
    assert "(3 more rows say the same.)" in said[3]
    assert "found 'moments'; expected what the export has (moment)" in said[2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("checked: true", "checked: false", ("checked", "every line")),
        ("missing_codes:", "mising_codes:", ("mising_codes", "Remove it")),
        ("study_start: 2024-02-01\n", "", ("study_start",)),
        ("      group: {field: dx, recode: {\"0\": control, \"1\": ASD, \"9\": partner}}\n", "",
         ("participants.1.columns.group", "Add it")),
        ("      note: {", "      as: {", ("participants.1.columns.as", "covariate")),
        ("      session_id: {value: S1}", "      moment: {value: S1}", ("ratings.1", "moment")),
        ("{field: met_on}", "{field: met_on, value: x}", ("one of field, value",)),
        ("{field: share_ok, recode: {\"1\": \"no\", \"2\": \"yes\"}}", "{field: share_ok}",
         ("share_ok", "yes or no for each code")),
        ("process: {field: film_ok}", "process: {value: \"yes\"}", ("what somebody said",)),
        ("process: {field: film_ok}", "proces: {field: film_ok}", ("consent.1.uses.proces",)),
        ("participants:\n  - event", "participants:\n    event",
         ("participants", "each of its entries after a dash")),
        ("joy: joy,", "joy: joy, sum_joy: total,", ("sum_joy", "REDCap computes it")),
        ("lithium: {field: meds___a}", "lithium: {field: meds}", ("meds____2",)),
        ("S1, visit_2_arm_1: S2}", "S1}", ("found 'visit_2_arm_1'",)),
        ("\"9\": partner", "\"8\": partner", ("column dx", "found '9'", "recode")),
        ("      age: {field: age}", "      age: {field: age}\n      age: {field: iq}",
         ("each key once",)),
    ],
)  # fmt: skip
def test_what_a_mapping_must_not_say_is_told_by_its_key(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    said = refusal(tmp_path, mapping=mapped(old, new))
    for word in words:
        assert word in said


def test_a_field_that_was_not_exported_is_asked_for(tmp_path: Path) -> None:
    fields = (*made.FIELDS, ("later", "person", "text", "Later", "", "", "", "", "", ""))
    said = refusal(tmp_path, fields=fields, mapping=mapped("{field: iq}", "{field: later}"))
    assert "Export this field as well." in said


def test_a_date_that_is_none_is_named_with_its_row(tmp_path: Path) -> None:
    said = refusal(tmp_path, rows=changed("1-3", met_on="10/04/2024"))
    assert "export.csv, row 4, column met_on: found '10/04/2024'; expected a day" in said


def test_a_third_record_in_a_dyad_is_a_fault(tmp_path: Path) -> None:
    extra = {**made.people()[3], "record_id": "1-5"}
    said = refusal(tmp_path, rows=[*made.people(), extra, *made.others()])
    assert "expected two records with dyad_no = 8" in said


def test_records_that_only_signs_tell_apart_are_not_made_one(tmp_path: Path) -> None:
    said = refusal(tmp_path, rows=[*made.people(), {**made.people()[0], "record_id": "11"}])
    assert "values that still differ without their signs" in said


def test_a_box_of_a_missing_code_empties_its_field(tmp_path: Path) -> None:
    fields = tuple(
        (*it[:4], "1, None | A, Lithium | -99, Unknown", *it[5:]) if it[0] == "meds" else it
        for it in made.FIELDS
    )
    export = made.export_text(changed("1-1", meds___1="1")).replace("meds____2", "meds____99")
    ticked = made.export_text(changed("1-1", meds___1="1", meds____2="1"))
    for text, lithium in ((export, "1"), (ticked.replace("meds____2", "meds____99"), "")):
        folder = tmp_path / (lithium or "none")
        data, dictionary, mapping = made.write_project(folder, fields=fields)
        data.write_text(text, encoding="utf-8", newline="")
        done = import_project(data, dictionary, mapping, folder / "tables")
        assert table(done, "participants")["lithium"].iloc[0] == lithium


def test_columns_of_boxes_are_named_as_redcap_names_them() -> None:
    # REDCap's help page on checkboxes: field___code, code in small letters, a minus as _
    assert box_column("meds", "A") == "meds___a"
    assert box_column("meds", "-2") == "meds____2"


def test_a_cell_stays_text_whatever_it_could_be_run_as(tmp_path: Path) -> None:
    for number, cell in enumerate(("=HYPERLINK(1)", "+1+1", "@SUM(A1)", "-x", "\t=1", "a\n=1\tb")):
        done = imported(tmp_path / str(number), rows=changed("1-1", site_text=cell))
        note = table(done, "participants")["note"].iloc[0]
        assert note[0] not in "=+-@\t\n", note
        assert "\n" not in note
        assert "\t" not in note
    done = imported(tmp_path / "number", rows=changed("1-1", site_text="-0.125"))
    assert table(done, "participants")["note"].iloc[0] == "-0.125"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda text: text.replace("record_id", "Record", 1), "variable names"),
        (lambda _: "a,b\n1,2\n", "record_id"),
        (lambda _: "record_id,b\n1,2\n", "same project"),
        (lambda text: text.replace("north", "nörth").encode("latin-1"), "UTF-8"),
        (lambda _: "", "empty"),
        (lambda text: text.replace(",mail,", ",dob,", 1), "dob twice"),
        (lambda text: text + text.splitlines()[-1] + "\r\n", "row 12"),
    ],
    ids=["labels as headings", "no record", "other project", "latin-1", "empty", "column twice",
         "row twice"],
)  # fmt: skip
def test_a_file_that_is_no_such_export_is_told(tmp_path: Path, change: object, word: str) -> None:
    data, dictionary, mapping = made.write_project(tmp_path)
    text = change(made.export_text())
    if word == "variable names":
        text = text.replace("full_name", "Name", 1).replace(",mail,", ",E-mail,", 1)
    data.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StudyError, match=word):
        import_project(data, dictionary, mapping, tmp_path / "tables")


def test_tables_with_rows_are_replaced_only_when_that_is_asked_for(tmp_path: Path) -> None:
    paths = made.write_project(tmp_path)
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "participants.tsv").write_text("participant_id\tgroup\n")
    import_project(*paths, tables)
    (tables / "instruments.yaml").write_text("mine: {}\n")
    with pytest.raises(StudyError, match=r"participants\.tsv: is there already"):
        import_project(*paths, tables)
    (tables / "participants.tsv").write_text("participant_id\tgroup\nX\tY\n")
    import_project(*paths, tables, replace=True)
    assert "P11" in (tables / "participants.tsv").read_text()
    assert (tables / "instruments.yaml").read_text() == "mine: {}\n"


def test_an_instrument_of_the_library_takes_its_keys_from_there(tmp_path: Path) -> None:
    mapping = mapped("instrument: feelings", "instrument: sam")
    done = imported(tmp_path, mapping=mapping)
    text = next(path for path in done.files if path.name == "instruments.yaml").read_text()
    assert yaml.safe_load(text) == {"sam": {"library": "sam"}}


def test_a_draft_marks_what_it_guessed_and_cannot_be_used_unread(tmp_path: Path) -> None:
    data, dictionary, _ = made.write_project(tmp_path)
    drafted = tmp_path / "draft.yaml"
    draft_mapping(dictionary, data, drafted)
    text = drafted.read_text()
    for line in text.splitlines():
        if line.strip().startswith(("group:", "age:", "sex:", "- instrument:")):
            assert "guessed" in line
    assert "Events of the export: visit_1_arm_1, visit_2_arm_1" in text
    assert "#   full_name: marked as an identifier" in text
    with pytest.raises(StudyError, match="checked"):
        load_mapping(drafted)
    drafted.write_text(text.replace("checked: false", "checked: true"))
    guessed = load_mapping(drafted)
    assert guessed.participants[0].columns["group"].field == "dx"
    assert guessed.ratings[0].items == {"joy": "joy", "grief": "grief"}
    assert guessed.consent == ()
    with pytest.raises(StudyError, match="<field>"):
        import_project(data, dictionary, drafted, tmp_path / "tables")
    with pytest.raises(StudyError, match="already"):
        draft_mapping(dictionary, data, drafted)


def test_the_mapping_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/redcap.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    people = rows(imported(tmp_path, mapping=example), "participants")
    assert people[0] == ["P11", "ASD", "31.5", "", "1", "north"]


def test_the_command_writes_tables_and_says_what_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, dictionary, mapping = map(str, made.write_project(tmp_path))
    common = ["import", "redcap", "--dictionary", dictionary]
    assert main([*common, "--map", str(tmp_path / "draft.yaml"), "--draft"]) == 0
    assert "look at every line" in capsys.readouterr().out
    assert main([*common, "--map", mapping]) == 1
    assert "--data and --into" in capsys.readouterr().err
    assert main([*common, "--map", mapping, "--data", data, "--into", str(tmp_path / "t")]) == 0
    said = capsys.readouterr().out
    assert REPORT_FILE in said
    assert "To be done before the study can run" in said
    assert "segments.tsv" in said


REAL = {
    "checkboxes-1": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P},"
        " group: {value: control}, one: {field: check_one___1}, two: {field: check_one___2},"
        " b: {field: check_two___b}}}]",
        # what the project's own field desired_result asks for, a blank being its NA
        [["P1", "control", "", "", "1", "0", "0"], ["P2", "control", "", "", "", "", "1"],
         ["P3", "control", "", "", "1", "1", ""], ["P4", "control", "", "", "", "", ""]],
    ),
    "decimal-comma": (
        "dictionay.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P},"
        " group: {value: control}, height: {field: height}, bmi: {field: bmi}}}]",
        [["P1", "control", "", "", "1.54", "22.1"], ["P2", "control", "", "", "1.84", "27.3"],
         ["P3", "control", "", "", "1.95", "32.5"], ["P4", "control", "", "", "1.61", "17.7"]],
    ),
    "longitudinal": (
        "dictionary.csv",
        "study_start: 2015-01-01\n"
        "participants: [{event: [enrollment_arm_1, enrollment_arm_2], columns: {"
        "participant_id: {field: study_id, prefix: P}, group: {event: {enrollment_arm_1: A,"
        " enrollment_arm_2: B}}, age: {field: age}, sex: {field: sex, recode: {'0': female,"
        " '1': male}}}}]\n"
        "sessions: [{event: [visit_1_arm_1, visit_2_arm_1, first_visit_arm_2], columns: {"
        "dyad_id: {field: study_id, prefix: D}, session_id: {event: {visit_1_arm_1: S1,"
        " visit_2_arm_1: S2, first_visit_arm_2: S1}}, participant_id: {field: study_id, prefix: P},"
        " session_number: {event: {visit_1_arm_1: '1', visit_2_arm_1: '2', first_visit_arm_2:"
        " '1'}}, date_offset_days: {field: date_enrolled, at: [enrollment_arm_1,"
        " enrollment_arm_2]}}}]\n"
        "ratings: [{event: [visit_1_arm_1, first_visit_arm_2], instrument: anxiety, columns: {"
        "person_id: {field: study_id, prefix: P}, dyad_id: {field: study_id, prefix: D},"
        " session_id: {value: S1}}, items: {vob1: nervous, vob2: worried}}]",
        None,
    ),
    "multilevel-model-1": (
        "dictionary.csv",
        "study_start: 2000-01-01\n"
        "participants: [{columns: {participant_id: {field: patient_id, prefix: P}, group: {field:"
        " gender_id, recode: {'1': A, '2': B, '255': unknown}}}}]\n"
        "sessions: [{repeat_instrument: appointment, columns: {dyad_id: {field: patient_id,"
        " prefix: D}, session_id: {instance: true, prefix: S}, participant_id: {field: patient_id,"
        " prefix: P}, session_number: {instance: true}, date_offset_days: {field:"
        " date_at_visit}, county: {field: county_id}}}]\n"
        "ratings: [{repeat_instrument: appointment, instrument: cognition, columns: {person_id:"
        " {field: patient_id, prefix: P}, dyad_id: {field: patient_id, prefix: D}, session_id:"
        " {instance: true, prefix: S}}, items: {cog_1: c1, cog_2: c2, cog_3: c3}}]",
        None,
    ),
    "nonnumeric-record-id": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id}, group: {value: control}}}]",
        [["a", "control", "", ""], ["b", "control", "", ""], ["c", "control", "", ""]],
    ),
    "potentially-problematic-values": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}, time: {field: time_1}}}]",
        [["P1", "control", "", "", "2010-01-02"], ["P2", "control", "", "", "55:02"]],
    ),
    "repeating-instruments": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}, age: {field: age}, sex: {field: sex}}}]\n"
        "ratings: [{repeat_instrument: bp, instrument: pressure, columns: {person_id: {field:"
        " record_id, prefix: P}, dyad_id: {field: record_id, prefix: D}, session_id: {instance:"
        " true, prefix: S}}, items: {bp_systolic: high, bp_diastolic: low}}]",
        [["P1", "control", "8.9", "0"], ["P2", "control", "9.6", "1"]],
    ),
    "repeating-instruments-sparse": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}, age: {field: age}, sex: {field: sex}}}]",
        # of records 3 to 5 nothing is known but that they are there
        [["P1", "control", "8.9", "0"], ["P2", "control", "9.6", "1"],
         *([f"P{number}", "control", "", ""] for number in (3, 4, 5))],
    ),
    "russian": (
        None,
        "missing_codes: [NA]\n"
        "participants: [{columns: {participant_id: {field: record_id}, group: {field:"
        " randomization, recode: {'1': A, '2': B, '999': other}}, age: {field: age}}}]\n"
        "ratings: [{instrument: cesd, columns: {person_id: {field: record_id}, dyad_id: {field:"
        " record_id}, session_id: {value: S1}}, items: {cesd1: i1, cesd2: i2}}]",
        None,
    ),
    "simple": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}, age: {field: age}, sex: {field: sex, recode: {'FALSE': female, 'TRUE':"
        " male}}, white: {field: race___5}}}]",
        [["P1", "control", "11", "female", "1"], ["P2", "control", "11", "male", "1"],
         ["P3", "control", "80", "male", "1"], ["P4", "control", "61", "female", "1"],
         ["P5", "control", "59", "male", "0"]],
    ),
    "survey": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: participant_id, prefix: P}, group:"
        " {field: has_diabetes, recode: {'0': control, '1': diabetes}}}}]\n"
        "consent: [{columns: {participant_id: {field: participant_id, prefix: P}}, uses: {process:"
        " {field: consent___1}}}]",
        [["P1", "diabetes", "", ""], ["P2", "control", "", ""]],
    ),
    "validation-types-1": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}}}]",
        [["P1", "control", "", ""]],
    ),
    "vignette-repeating": (
        "dictionary.csv",
        "participants: [{columns: {participant_id: {field: record_id, prefix: P}, group: {value:"
        " control}, height: {field: height}}}]\n"
        "ratings: [{repeat_instrument: blood_pressure, instrument: pressure, columns: {person_id:"
        " {field: record_id, prefix: P}, dyad_id: {field: record_id, prefix: D}, session_id:"
        " {value: S1}, segment_id: {instance: true}}, items: {sbp: high, dbp: low}}]",
        [["P1", "control", "", "", "1.0"], ["P2", "control", "", "", "2.0"]],
    ),
}  # fmt: skip


REAL_DATA = Path(os.environ.get("DYADS_REAL_DATA", "../shared/data")) / "redcap"


def real_project(name: str, folder: Path) -> Imported:
    source, (dictionary, mapping, _) = REAL_DATA / name, REAL[name]
    if not source.is_dir():
        pytest.skip(f"{source} is not there")
    (folder / "mapping.yaml").write_text(f"checked: true\n{mapping}\n", encoding="utf-8")
    if dictionary is None:  # the project came without one: these fields are all that is asked for
        fields = [("record_id", "screening", "text"), ("age", "screening", "text"),
                  ("randomization", "screening", "text"), ("cesd1", "cesd", "text"),
                  ("cesd2", "cesd", "text")]  # fmt: skip
        text = made.dictionary_text([(*field, *[""] * 7) for field in fields])
        (folder / "dictionary.csv").write_text(text, encoding="utf-8")
    else:
        shutil.copy(source / dictionary, folder / "dictionary.csv")
    return import_project(
        source / "data.csv", folder / "dictionary.csv", folder / "mapping.yaml", folder / "tables"
    )


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_a_real_project_becomes_tables_of_which_the_check_says_only_what_is_missing(
    tmp_path: Path, name: str
) -> None:
    done = real_project(name, tmp_path)
    expected = REAL[name][2]
    if expected is not None:
        assert rows(done, "participants") == expected
    written = {path.name for path in done.files}
    for fault in done.remaining:
        # files that REDCap does not know of; in tables it wrote, only people and places that the
        # project has not, since none of these studies was one of dyads
        assert fault.file not in written or fault.column in (
            "dyad_id", "session_id", "person_id", "instrument",
        ) or fault.file == "instruments.yaml", fault  # fmt: skip
    listed = set(done.report.loc[done.report["what"].isin(["field", "column"]), "name"])
    heading = pd.read_csv(REAL_DATA / name / "data.csv", nrows=0)
    places = {"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"}
    assert {str(it) for it in heading if not str(it).startswith("Unnamed")} - places <= listed


@pytest.mark.real_data
def test_sessions_of_a_real_project_are_its_repeats_on_their_days(tmp_path: Path) -> None:
    done = real_project("multilevel-model-1", tmp_path)
    sessions = table(done, "sessions")
    first = sessions[sessions["dyad_id"].eq("D1001")]
    assert first["session_id"].tolist() == [f"S{number}" for number in range(1, 11)]
    # 2002-02-06 is 767 days after 2000-01-01 (366 + 365 + 31 + 5)
    assert first["date_offset_days"].iloc[0] == "767"
    assert first["county"].unique().tolist() == ["51"]  # from the record's own row
    ratings = table(done, "ratings").set_index(["person_id", "session_id", "item"])["value"]
    assert ratings["P1001", "S2", "c2"] == "7.2"
    assert len(ratings) == 3 * len(sessions)


@pytest.mark.real_data
def test_events_and_arms_of_a_real_project_keep_apart(tmp_path: Path) -> None:
    done = real_project("longitudinal", tmp_path)
    people = table(done, "participants").set_index("participant_id")
    assert people.loc["P100", ["group", "age", "sex"]].tolist() == ["A", "31", "male"]
    assert set(people["group"]) == {"A", "B"}
    sessions = table(done, "sessions").set_index(["dyad_id", "session_id"])
    assert sessions.loc[("D100", "S1"), "date_offset_days"] == "91"  # 2 April 2015
    assert not set(table(done, "ratings")["session_id"]) - {"S1"}


@pytest.mark.real_data
def test_of_a_real_survey_only_who_ticked_has_consented(tmp_path: Path) -> None:
    assert rows(real_project("survey", tmp_path), "consent") == [["P1", "process", "yes"]]


@pytest.mark.real_data
def test_both_ways_to_give_a_dictionary_are_read_alike(tmp_path: Path) -> None:
    real_project("simple", tmp_path)  # skips where the data are not there
    folder = REAL_DATA / "simple"
    page, interface = (
        read_dictionary(folder / f"{name}.csv") for name in ("dictionary", "metadata")
    )
    assert list(page.fields) == list(interface.fields)
    for name, field in page.fields.items():
        other = interface.fields[name]
        assert (field.form, field.choices, field.secret) == (
            other.form, other.choices, other.secret)  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize("name", [name for name, (own, *_) in REAL.items() if own])
def test_the_draft_of_a_real_project_reads_and_names_no_secret_field(
    tmp_path: Path, name: str
) -> None:
    real_project(name, tmp_path)
    draft_mapping(tmp_path / "dictionary.csv", None, tmp_path / "draft.yaml")
    text = (tmp_path / "draft.yaml").read_text().replace("checked: false", "checked: true")
    guessed = Mapping.model_validate(yaml.load(text, yaml.BaseLoader))
    secret = {
        field.name
        for field in read_dictionary(tmp_path / "dictionary.csv").fields.values()
        if field.secret
    }
    for _, _, part in guessed.rows_of():
        assert not secret & {source.field for source in part.columns.values()}
    assert PARTNER in text
