import subprocess
import sys

import pandas as pd
import pytest
import studies
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dyads import tables
from dyads.ratings.scores import score_ratings
from dyads.study.checks import overlapping_segments
from dyads.study.faults import SHOWN_FAULTS, Fault, StudyFaults, fault_table
from dyads.study.reading import StudyTable, read_table
from dyads.study.study import (
    checked_tables,
    load_study,
    people_with_consent,
    summary,
    usable_recordings,
)
from dyads.study.tables import CHECKED_TABLES, RESERVED_NAMES, STUDY_TABLES, Segments


def faults_of(settings, *, recordings_expected=True):
    with pytest.raises(StudyFaults) as caught:
        load_study(settings, recordings_expected=recordings_expected)
    return caught.value.faults


def changed(table, old, new):
    text = studies.FILES[table]
    assert text.count(old) == 1, f"{old!r} must be there once to be replaced"
    return {table: text.replace(old, new)}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    written = studies.write_study(tmp_path_factory.mktemp("study"))
    return load_study(written, recordings_expected=True)


def test_all_faults_of_all_tables_are_told_at_once_in_the_order_of_files_and_rows(tmp_path):
    settings = studies.write_study(
        tmp_path,
        **changed("participants", "ASD", "ADS"),
        **changed("segments", "S2\tjoyful\tjoyful\t1", "S2\tjoyful\tjoyful\t-1"),
        **changed("ratings", "\t66", "\t101"),
        **changed("instruments", "title: Rapport", "titel: Rapport"),
        consent=None,
    )
    faults = faults_of(settings)
    # The misspelt title makes the instruments unreadable: ratings are not judged by them.
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [
        ("participants.tsv", 3, "group"),
        ("segments.tsv", 4, "onset_s"),
        ("consent.tsv", None, None),
        ("instruments.yaml", 10, "rapport.title"),
        ("instruments.yaml", 10, "rapport.titel"),
    ]


def test_a_fault_reads_as_one_line_that_says_where_what_and_what_to_do():
    fault = Fault("ratings.tsv", 14, "value", "130", "a number from 0 to 100", "Correct it.")
    assert str(fault) == (
        "ratings.tsv, row 14, column value: found '130'; expected a number from 0 to 100. "
        "Correct it."
    )


def test_a_fault_of_a_text_file_speaks_of_lines_and_keys():
    fault = Fault("instruments.yaml", 3, "mood.title", None, "this key", "Add it.")
    assert str(fault) == "instruments.yaml, line 3, key mood.title: expected this key. Add it."


def test_a_column_that_is_wrong_throughout_does_not_fill_the_screen():
    faults = [Fault("a.tsv", row, "x", "?", "a number", "Mend it.") for row in range(2, 1000)]
    message = str(StudyFaults(faults))
    # one line as heading, the shown ones, and one line for the 998 - 200 others
    assert len(message.splitlines()) == 1 + SHOWN_FAULTS + 1
    assert "a.tsv: 798 more" in message
    assert len(fault_table(faults)) == 998


@pytest.mark.parametrize("name", [*STUDY_TABLES, "instruments"])
def test_a_missing_file_is_a_fault_of_its_own_and_causes_no_others(tmp_path, name):
    faults = faults_of(studies.write_study(tmp_path, **{name: None}))
    suffix = "yaml" if name == "instruments" else "tsv"
    assert [(fault.file, fault.row) for fault in faults] == [(f"{name}.{suffix}", None)]


def test_a_study_without_people_or_sessions_is_a_fault_but_one_without_ratings_is_none(tmp_path):
    empty = {name: text.splitlines()[0] for name, text in studies.FILES.items()}
    names = ("participants", "sessions", "recordings", "segments", "ratings", "consent")
    faults = faults_of(studies.write_study(tmp_path / "a", **{name: empty[name] for name in names}))
    assert [fault.file for fault in faults] == [
        f"{name}.tsv" for name in names if name != "ratings"
    ]
    settings = studies.write_study(tmp_path / "b", ratings=empty["ratings"])
    study = load_study(settings, recordings_expected=True)
    assert study.ratings.empty
    assert study.ratings["value"].dtype == "float64"
    assert score_ratings(study.ratings, study.sessions, study.instruments).empty


def test_a_missing_consent_table_comes_with_what_to_write_into_it(tmp_path):
    (fault,) = faults_of(studies.write_study(tmp_path, consent=None))
    assert "participant_id" in fault.remedy
    assert "granted" in fault.remedy


def test_a_missing_folder_is_told_by_its_setting(tmp_path):
    settings = studies.write_study(tmp_path)
    nowhere = tmp_path / "nowhere"
    (fault,) = faults_of(settings.model_copy(update={"folder": nowhere}))
    assert "study.folder" in fault.remedy
    (fault,) = faults_of(settings.model_copy(update={"recordings_folder": nowhere}))
    assert "study.recordings_folder" in fault.remedy


def test_films_may_be_missing_before_they_are_rendered_but_not_lie_elsewhere(tmp_path):
    change = changed("recordings", "D01/S1_Q01.mp4", "D01/later.mp4")
    settings = studies.write_study(tmp_path, **change)
    assert len(load_study(settings, recordings_expected=False).recordings) == 4
    change = changed("recordings", "D01/S1_Q01.mp4", "../later.mp4")
    settings = studies.write_study(tmp_path / "other", **change)
    (fault,) = faults_of(settings, recordings_expected=False)
    assert fault.value == "../later.mp4"


def test_a_link_that_leaves_the_recordings_folder_is_refused(tmp_path):
    settings = studies.write_study(tmp_path)
    film = settings.recordings_folder / "D01" / "S1_Q01.mp4"
    film.unlink()
    (tmp_path / "elsewhere.mp4").write_bytes(b"film")
    film.symlink_to(tmp_path / "elsewhere.mp4")
    (fault,) = faults_of(settings)
    assert (fault.row, fault.column, fault.value) == (3, "path", "D01/S1_Q01.mp4")


@pytest.mark.parametrize(
    ("content", "row", "expected"),
    [
        (studies.RATINGS.replace("\t", ",").encode(), 1, "tabs"),
        (studies.RATINGS.replace("joy\t66", "joie é\t66").encode("latin-1"), 6, "UTF-8"),
        (studies.RATINGS.replace("\t66", '\t"66').encode(), 6, "quotation mark"),
        (b"", None, "a table with the columns person_id"),
    ],
    ids=["commas", "encoding", "open quotation mark", "empty file"],
)
def test_a_file_that_is_no_such_table_is_told_with_the_line(tmp_path, content, row, expected):
    (fault,) = faults_of(studies.write_study(tmp_path, ratings=content))
    assert (fault.file, fault.row) == ("ratings.tsv", row)
    assert expected in fault.expected


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path, study):
    lines = studies.RATINGS.replace("\t66", "\t 66 ").splitlines()
    text = "\r\n".join([lines[0], "", *lines[1:], "\t\t", ""])
    settings = studies.write_study(tmp_path / "other", ratings="\ufeff" + text)
    other = load_study(settings, recordings_expected=True)
    # all but the rows of the file, which are one further down behind the blank line
    moved = study.ratings.assign(row=study.ratings["row"] + 1)
    pd.testing.assert_frame_equal(other.ratings, moved)


def test_rows_are_counted_as_a_spreadsheet_shows_them_when_lines_are_blank(tmp_path):
    text = studies.RATINGS.replace("\t66", "\t166").replace("P01", "\nP01", 1)
    (fault,) = faults_of(studies.write_study(tmp_path, ratings=text))
    # the rating stands in row 6; the blank line before the first row makes it row 7
    assert fault.row == 7


def test_optional_columns_are_filled_and_types_are_those_of_the_contracts(study):
    assert list(study.recordings.columns) == [
        "dyad_id", "session_id", "person_id", "path", "view", "offset_s", "frames_path",
        "face_id", "place", "reference", "frame_rate_hz",
    ]  # fmt: skip
    assert study.recordings["view"].tolist() == ["full", "full", "left", "right"]
    assert study.recordings["frames_path"].eq("").all()
    assert study.recordings["frame_rate_hz"].isna().all()
    assert study.sessions["session_number"].dtype == "int64"
    assert study.ratings["segment_id"].tolist()[-2:] == ["", ""]
    assert study.consent["granted"].tolist() == [True] * 4 + [False]


def test_a_person_without_a_partner_is_no_fault(tmp_path):
    sessions = studies.SESSIONS.replace("P02\tQ02", "P02\t")
    recordings = studies.RECORDINGS.replace("D02\tS1\tQ02\tD02/S1.mp4\tright\t0\n", "")
    settings = studies.write_study(tmp_path, sessions=sessions, recordings=recordings)
    study = load_study(settings, recordings_expected=True)
    assert study.people().query("dyad_id == 'D02'")["person_id"].tolist() == ["P02"]


def test_covariates_are_numbers_if_all_cells_are_and_words_otherwise(study):
    assert study.participants["iq"].tolist()[:3] == [101, 98, 104]
    assert pd.isna(study.participants["iq"].iloc[3])
    assert study.participants["site"].tolist() == ["north", "south", "north", "south"]


def test_numbers_keep_all_their_digits(tmp_path):
    change = changed("participants", "31.5", "31.123456789012345")
    study = load_study(studies.write_study(tmp_path, **change), recordings_expected=True)
    assert study.participants["age"].iloc[1] == 31.123456789012345


def test_each_table_survives_being_written_and_read_under_its_contract(tmp_path, study):
    for name, table in checked_tables(study).items():
        path = tmp_path / f"{name}.parquet"
        tables.write(table, path, CHECKED_TABLES[name])
        pd.testing.assert_frame_equal(tables.read(path, CHECKED_TABLES[name]), table)


def test_people_carry_their_role_and_the_group_of_the_dyads_participant(study):
    people = study.people().set_index(["dyad_id", "session_id", "person_id"])
    assert people.loc[("D02", "S1", "Q02"), ["role", "group"]].tolist() == ["partner", "ASD"]
    assert people.loc[("D01", "S2", "P01"), ["role", "group"]].tolist() == [
        "participant",
        "control",
    ]
    assert study.sessions_of("Q01")["session_id"].tolist() == ["S1", "S2"]


def test_only_sessions_with_a_recording_are_listed_as_recorded(study):
    recorded = study.recorded_sessions().drop(columns=["session_number", "group"])
    assert recorded.to_numpy().tolist() == [["D01", "S1", 2, 0], ["D02", "S1", 2, 0]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Q01\tprocess\tyes", "Q01\tprocess\tno"),
        ("Q01\tprocess\tyes\t", "Q01\tprocess\tyes\t40"),
        ("Q01\tprocess", "Q01\treview_images"),
        ("Q01\tprocess\tyes\t\t2\n", ""),
    ],
    ids=["refused", "withdrawn", "for another use", "never said"],
)
def test_a_person_who_did_not_allow_processing_is_not_opened_and_counted(tmp_path, old, new):
    settings = studies.write_study(tmp_path, **changed("consent", old, new))
    study = load_study(settings, recordings_expected=True)
    assert study.consented() == {"P01", "P02", "Q02"}
    assert "Q01" not in set(study.usable_recordings()["person_id"])
    recorded = study.recorded_sessions().set_index("dyad_id")
    assert recorded.loc["D01", ["n_recordings", "n_withheld"]].tolist() == [1, 1]


def test_a_film_that_shows_somebody_who_did_not_consent_is_closed_for_both(tmp_path):
    change = changed("consent", "Q02\tprocess\tyes", "Q02\tprocess\tno")
    study = load_study(studies.write_study(tmp_path, **change), recordings_expected=True)
    assert study.usable_recordings()["person_id"].tolist() == ["P01", "Q01"]
    assert study.recorded_sessions()["dyad_id"].tolist() == ["D01"]


def test_a_view_that_finds_people_by_itself_needs_the_consent_of_both(study):
    consent = study.consent[study.consent["participant_id"].ne("Q01")]
    own = study.recordings.assign(view="auto").query("person_id == 'P01'")
    assert usable_recordings(own, study.sessions, study.consent)["person_id"].tolist() == ["P01"]
    assert usable_recordings(own, study.sessions, consent).empty
    assert "Q01" not in people_with_consent(consent)


def test_the_summary_names_nobody_and_hides_small_counts(study):
    table = summary(study, minimum_cell=2).set_index("table")
    assert table.loc["participants", "remarks"] == (
        "control: fewer than 2, ASD: fewer than 2, partner: 2."
    )
    assert table.loc["ratings", "rows"] == 9
    assert not table["remarks"].str.contains(r"[PQ]0\d").any()


def test_tables_are_checked_without_loading_statistics_or_the_detector():
    heavy = "{'scipy', 'statsmodels', 'pingouin', 'matplotlib', 'torch', 'feat', 'av'}"
    modules = "dyads.study.study, dyads.ratings.scores"
    program = f"import sys, {modules}; print({heavy} & set(sys.modules) or '')"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_every_column_of_a_contract_is_described_in_words():
    for contract in STUDY_TABLES.values():
        for name, column in contract.to_schema().columns.items():
            assert column.description, f"{contract.__name__}.{name}"


def test_a_covariate_cannot_take_a_name_that_analysis_rows_use():
    assert {"x_w", "emotion", "person", "role", "segment", "C", "lambda"} <= RESERVED_NAMES
    assert not {"iq", "site", "medication_cpz"} & RESERVED_NAMES


@trials(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), min_size=1, max_size=6),
)
def test_overlaps_are_found_exactly_where_an_earlier_segment_has_not_ended(segments):
    typed = pd.DataFrame(segments, columns=["onset_s", "duration_s"], dtype=float)
    typed = typed.assign(dyad_id="D01", session_id="S1", segment_id="a")
    table = StudyTable("segments.tsv", typed.astype(str), typed)
    # expected from the definition: sorted by onset, a segment begins before the latest end so far
    by_onset = sorted(segments, key=lambda segment: segment[0])
    expected = sum(
        onset < max((start + length for start, length in by_onset[:place]), default=0)
        for place, (onset, _) in enumerate(by_onset)
    )
    assert len(list(overlapping_segments({"segments": table}))) == expected


@trials(deadline=None, max_examples=25)
@given(st.text(max_size=60))
def test_any_text_in_a_cell_gives_a_table_or_a_fault_but_no_traceback(tmp_path_factory, cell):
    path = tmp_path_factory.mktemp("any") / "segments.tsv"
    text = "\n".join([studies.SEGMENTS.splitlines()[0], f"D01\tS1\tsad\tsad\t{cell}\t5", ""])
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    table, faults = read_table(path, Segments)
    assert table is not None or faults
    assert all(str(fault) for fault in faults)


def test_a_partner_who_is_the_participant_of_another_dyad_has_a_group(tmp_path):
    # P01 and P02 meet each other as well: each is of a group, and one of them is the partner.
    sessions = studies.SESSIONS + "D03\tS1\tP02\tP01\t1\t9\n"
    study = load_study(studies.write_study(tmp_path, sessions=sessions), recordings_expected=True)
    met = study.people().query("dyad_id == 'D03'")
    assert met[["person_id", "role", "group"]].to_numpy().tolist() == [
        ["P02", "participant", "ASD"],
        ["P01", "partner", "ASD"],
    ]


def test_people_who_were_exchanged_are_one_fault_and_not_two(tmp_path):
    sessions = studies.SESSIONS.replace("P02\tQ02", "Q02\tP02")
    (fault,) = faults_of(studies.write_study(tmp_path, sessions=sessions))
    assert (fault.file, fault.column, fault.value) == ("sessions.tsv", "participant_id", "Q02")
