"""Who may be opened, shown and shared, and what is deleted once they no longer may."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pandas as pd
import pytest
import studies
from figure_tables import GROUPS, StudyTables, model_results, study_tables
from matplotlib.text import Text
from trace_tables import make_trace

from dyads.analysis import cohort
from dyads.config import EmotionPair, SpeechSettings
from dyads.figures import congruence_by_group, congruence_slopes, expressivity, seen_time, synchrony
from dyads.recordings import speech
from dyads.recordings.clock import RecordingClock, SessionClock
from dyads.recordings.probing import CheckedRecording, ProbedSession
from dyads.study.consent import (
    dyads_with_consent,
    people_with_consent,
    sessions_with_consent,
    usable_recordings,
    withheld_recordings,
)
from dyads.study.faults import StudyFaults
from dyads.study.study import Study, checked_tables, load_study
from dyads.study.tables import CONSENT_USES
from dyads.study.withdrawal import left_behind, remove

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    written = studies.write_study(tmp_path_factory.mktemp("study"))
    return load_study(written, recordings_expected=True)


def granting(**uses: str) -> pd.DataFrame:
    """Consent in which the people named, parted by blanks, granted each use."""
    rows = [(person, use) for use, people in uses.items() for person in people.split()]
    table = pd.DataFrame(rows, columns=["participant_id", "use"], dtype=str)
    return table.assign(granted=True, version="1", withdrawn_on=float("nan"))


def opened(study: Study, consent: pd.DataFrame, use: str = "process") -> list[str]:
    return usable_recordings(study.recordings, study.sessions, consent, use)["person_id"].tolist()


@pytest.mark.parametrize("use", CONSENT_USES)
def test_a_use_that_nobody_spoke_of_is_granted_by_nobody(use: str) -> None:
    assert people_with_consent(granting(), use) == frozenset()


def test_whoever_withdrew_processing_has_granted_nothing_else_either() -> None:
    consent = granting(process="P01 Q01", share_features="P01 Q01 P02")
    consent.loc[consent["participant_id"].eq("Q01") & consent["use"].eq("process"),
                "withdrawn_on"] = 40.0  # fmt: skip
    assert people_with_consent(consent, "share_features") == {"P01"}


def test_a_refused_use_is_not_granted() -> None:
    consent = granting(process="P01", review_images="P01")
    consent["granted"] = [True, False]
    assert people_with_consent(consent, "review_images") == frozenset()


def test_a_film_of_two_people_is_shown_only_if_both_allow_its_pictures(study: Study) -> None:
    everybody = "P01 P02 Q01 Q02"
    consent = granting(process=everybody, review_images="P01 P02 Q01", publish_frames="Q02")
    # D02 is one film of P02 and Q02; D01 has a film of each
    assert opened(study, consent) == ["P01", "Q01", "P02", "Q02"]
    assert opened(study, consent, "review_images") == ["P01", "Q01"]
    assert opened(study, consent, "publish_frames") == []


@pytest.mark.parametrize(
    "spelling", ["D02/S1.mp4", "D02//S1.mp4", "D02/../D02/S1.mp4", "d02/s1.MP4", "./D02/S1.mp4"]
)
def test_a_shared_film_stays_closed_however_its_path_is_written(
    study: Study, spelling: str
) -> None:
    rows = study.recordings.assign(view="full")
    rows.loc[rows["person_id"].eq("P02"), "path"] = spelling
    assert opened(study, granting(process="P01 Q01 Q02")) == ["P01", "Q01"]
    kept = usable_recordings(rows, study.sessions, granting(process="P01 Q01 Q02"))
    assert kept["person_id"].tolist() == ["P01", "Q01"]


@pytest.mark.parametrize("view", ["left", "right", "top", "bottom", "auto", "0,0,320,240"])
def test_a_part_of_a_picture_needs_the_partner_even_if_they_have_no_row(
    study: Study, view: str
) -> None:
    own = study.recordings[study.recordings["person_id"].eq("P01")]
    both, alone = granting(process="P01 Q01"), granting(process="P01")
    assert len(usable_recordings(own.assign(view=view), study.sessions, both)) == 1
    assert usable_recordings(own.assign(view=view), study.sessions, alone).empty
    assert len(usable_recordings(own.assign(view="full"), study.sessions, alone)) == 1


def test_one_face_of_several_in_a_table_needs_the_partner_too(study: Study) -> None:
    own = study.recordings[study.recordings["person_id"].eq("P01")]
    own = own.assign(path="", frames_path="D01/S1.csv", face_id="0")
    assert usable_recordings(own, study.sessions, granting(process="P01")).empty
    assert len(usable_recordings(own, study.sessions, granting(process="P01 Q01"))) == 1


def test_a_partner_without_a_name_has_granted_nothing(study: Study) -> None:
    sessions = study.sessions.assign(partner_id="")
    consent = granting(process="P01 P02")
    assert sessions_with_consent(sessions, consent).empty
    kept = usable_recordings(study.recordings, sessions, consent)
    assert kept["person_id"].tolist() == ["P01"]  # alone in the picture


def test_two_recordings_of_a_session_are_open_only_if_both_people_agreed(study: Study) -> None:
    # so the sound that puts them on one clock holds no voice of somebody who did not
    for consent in (granting(process="P01 P02 Q02"), granting(process="P01 P02 Q01 Q02")):
        kept = usable_recordings(study.recordings, study.sessions, consent)
        both = sessions_with_consent(study.sessions, consent)
        counted = kept.value_counts(["dyad_id", "session_id"])
        shared = set(counted.index[counted > 1])
        assert shared <= set(both[["dyad_id", "session_id"]].itertuples(index=False, name=None))


def test_sound_is_not_read_where_one_of_two_voices_did_not_agree(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = study.recordings[study.recordings["person_id"].eq("P01")]
    name = own["path"].iloc[0]
    clock = SessionClock(
        dyad_id="D01",
        session_id="S1",
        people={"P01": RecordingClock(offset_s=0, source="table")},
        left_out={},
    )
    checked = CheckedRecording.model_construct()
    probed = ProbedSession.model_construct(recordings={name: checked}, tables=(), refused={})
    trace = make_trace({"AU25": [0.1] * 50, "AU26": [0.1] * 50})
    monkeypatch.setattr(speech, "read_sound", lambda path: pytest.fail(f"{path} was heard"))
    found = speech.find_speech(own, probed, Path(), clock, trace, SpeechSettings(), is_heard=False)
    assert set(found["state"]) == {"unknown"}


def test_a_second_name_of_a_film_is_a_fault(tmp_path: Path) -> None:
    rows = studies.RECORDINGS.replace("D02/S1.mp4\tright", "D02/again.mp4\tfull")
    settings = studies.write_study(tmp_path, recordings=rows)
    again = settings.recordings_folder / "D02/again.mp4"
    for link in (again.symlink_to, again.hardlink_to):
        again.unlink(missing_ok=True)
        link(settings.recordings_folder / "D02/S1.mp4")
        with pytest.raises(StudyFaults) as caught:
            load_study(settings, recordings_expected=True)
        (fault,) = caught.value.faults
        assert (fault.row, fault.column, fault.value) == (5, "path", "D02/again.mp4")
        assert "D02/S1.mp4" in fault.expected


def test_every_recording_is_either_usable_or_withheld(study: Study) -> None:
    consent = granting(process="P01 P02")
    parts = [
        choose(study.recordings, study.sessions, consent)
        for choose in (usable_recordings, withheld_recordings)
    ]
    assert [len(part) for part in parts] == [1, 3]
    assert set(pd.concat(parts)["person_id"]) == {"P01", "Q01", "P02", "Q02"}


def test_a_dyad_shares_only_if_both_do(study: Study) -> None:
    consent = granting(process="P01 P02 Q01 Q02", share_features="P01 P02 Q02")
    assert dyads_with_consent(study.sessions, consent, "share_features") == {"D02"}


def test_of_a_person_who_refuses_only_identifier_and_group_are_kept(tmp_path: Path) -> None:
    refusing = studies.CONSENT.replace("P01\tprocess\tyes", "P01\tprocess\tno")
    study = load_study(studies.write_study(tmp_path, consent=refusing), recordings_expected=True)
    tables = checked_tables(study)
    person = tables["participants"].set_index("participant_id").loc["P01"]
    assert person["group"] == "control"
    assert person.drop("group").isna().all()
    assert set(tables["ratings"]["person_id"]) == {"P02", "Q01"}
    other = tables["participants"].set_index("participant_id").loc["P02"]
    assert (other["age"], other["iq"]) == (31.5, 98)
    assert len(study.ratings) == 9  # what the lab handed in is not touched


def test_of_a_session_that_nobody_allowed_no_covariate_is_kept(tmp_path: Path) -> None:
    refusing = studies.CONSENT.replace("P02\tprocess\tyes", "P02\tprocess\tno")
    refusing = refusing.replace("Q02\tprocess\tyes", "Q02\tprocess\tno")
    sessions = "\n".join(
        f"{line}\t{'room' if number == 0 else 7}"
        for number, line in enumerate(studies.SESSIONS.splitlines())
    )
    written = studies.write_study(tmp_path, consent=refusing, sessions=sessions)
    kept = checked_tables(load_study(written, recordings_expected=True))["sessions"]
    assert kept["room"].isna().tolist() == [False, False, True]
    assert kept["date_offset_days"].isna().tolist() == [False, False, True]
    assert kept["session_number"].tolist() == [1, 2, 1]


@pytest.mark.parametrize("person", ["P02", "Q02"])
def test_a_film_that_was_deleted_after_a_withdrawal_is_not_asked_for(
    tmp_path: Path, person: str
) -> None:
    withdrawn = studies.CONSENT.replace(f"{person}\tprocess\tyes\t", f"{person}\tprocess\tyes\t9")
    settings = studies.write_study(tmp_path, consent=withdrawn)
    (settings.recordings_folder / "D02/S1.mp4").unlink()
    study = load_study(settings, recordings_expected=True)
    assert set(study.withheld_recordings()["path"]) == {"D02/S1.mp4"}


def test_a_film_that_may_be_opened_must_be_there_whatever_else_is_withdrawn(tmp_path: Path) -> None:
    withdrawn = studies.CONSENT.replace("Q02\tprocess\tyes\t", "Q02\tprocess\tyes\t9")
    settings = studies.write_study(tmp_path, consent=withdrawn)
    (settings.recordings_folder / "D01/S1_P01.mp4").unlink()
    with pytest.raises(StudyFaults, match=r"row 2, column path: .* a file that exists"):
        load_study(settings, recordings_expected=True)


def test_a_closed_film_must_still_lie_in_its_folder(tmp_path: Path) -> None:
    withdrawn = studies.CONSENT.replace("P01\tprocess\tyes\t", "P01\tprocess\tyes\t9")
    outside = studies.RECORDINGS.replace("D01/S1_P01.mp4", "../film.mp4")
    settings = studies.write_study(tmp_path, consent=withdrawn, recordings=outside)
    with pytest.raises(StudyFaults, match="inside the recordings folder"):
        load_study(settings, recordings_expected=True)


def test_a_film_closed_for_the_others_sake_counts_as_want_of_consent(study: Study) -> None:
    consent = granting(process="P01 P02 Q01")
    segments = study.segments
    keys = ["dyad_id", "session_id", "segment_id"]
    shown = study.recordings.merge(segments[[*keys, "label"]], on=keys[:2]).assign(
        channel="AU12", channel_type="probability", measure="level", value=0.5, seen_share=1.0,
        stratum="all",
        reason="", unit="",
    )  # fmt: skip
    scores = shown[[*keys, "person_id"]].assign(
        instrument="feelings", scale="joy", score=50.0, reason=""
    )
    pair = EmotionPair(emotion="joy", instrument="feelings", scale="joy", channel="AU12")
    rows = cohort.assemble(
        study.participants,
        study.sessions,
        segments,
        study.recordings,
        shown,
        scores,
        [pair],
        people_with_consent(consent),
        pd.DataFrame(columns=[*keys[:2], "person_id", "reason", "sentence"], dtype=str),
        withheld_recordings(study.recordings, study.sessions, consent),
    )
    why = rows[rows["session"].eq("1")].groupby("person")["exclusion"].first()
    # P02 agreed, and shares a film with Q02, who did not; S2 of D01 was never recorded
    assert why.to_dict() == {"P01": "", "Q01": "", "P02": cohort.NO_CONSENT,
                             "Q02": cohort.NO_CONSENT}  # fmt: skip
    assert set(rows.loc[rows["session"].eq("2"), "exclusion"]) == {cohort.NO_RECORDING}


@pytest.fixture(scope="module")
def shown() -> StudyTables:
    return study_tables(people=5)


def drawn(name: str, shown: StudyTables, sharing: list[str]) -> pd.DataFrame:
    match name:
        case "expressivity":
            figure, table = expressivity.draw(
                shown.expressions, shown.participants, channel="smile", groups=GROUPS,
                sharing=sharing,
            )  # fmt: skip
        case "congruence_slopes":
            figure, table = congruence_slopes.draw(
                shown.cohort, model_results(), groups=GROUPS, unit="probability", sharing=sharing
            )
        case "congruence_by_group":
            figure, table = congruence_by_group.draw(
                shown.persons, shown.congruence, model_results(), groups=GROUPS, sharing=sharing
            )
        case _:
            figure, table = synchrony.draw(
                shown.synchrony, shown.sessions, shown.participants, channel="smile",
                groups=GROUPS, sharing=sharing,
            )  # fmt: skip
    said = "".join(text.get_text() for text in figure.findobj(Text))
    assert "did not agree" in " ".join(said.split())
    return table


@pytest.mark.parametrize(
    "name", ["expressivity", "congruence_slopes", "congruence_by_group", "synchrony"]
)
def test_only_who_shares_is_shown_singly_and_everybody_counts_in_the_means(
    shown: StudyTables, name: str
) -> None:
    dyad = "dyad_id" if name == "synchrony" else "participant_id"
    one = [str(shown.sessions[dyad].iloc[0])]
    kinds = {"person", "row", "dyad"}
    nobody, single = drawn(name, shown, []), drawn(name, shown, one)
    assert not nobody["kind"].isin(kinds).any()
    of_one = single[single["kind"].isin(kinds)]
    assert len(of_one)
    assert set(of_one["dyad" if name == "synchrony" else "person"].dropna()) == {1}
    summary = [table[~table["kind"].isin(kinds)].reset_index(drop=True)
               for table in (nobody, single)]  # fmt: skip
    pd.testing.assert_frame_equal(*summary)


def test_a_recording_of_somebody_who_does_not_share_has_no_name(shown: StudyTables) -> None:
    one = str(shown.sessions["participant_id"].iloc[0])
    figure, table = seen_time.draw(
        shown.expressions, shown.segments, minimum_seen_share=0.6, sharing=[one]
    )
    _, everybody = seen_time.draw(shown.expressions, shown.segments, minimum_seen_share=0.6)
    assert set(table["person_id"]) == {one, ""}
    assert table["seen_share"].tolist() == everybody["seen_share"].tolist()
    said = "".join(text.get_text() for text in figure.findobj(Text))
    assert str(shown.sessions["participant_id"].iloc[1]) not in said


def test_every_figure_that_can_show_people_singly_is_told_who_shares() -> None:
    rules = (ROOT / "rules/figures.smk").read_text(encoding="utf-8")
    # the figure of a dyad is drawn of a sharing one or not at all; quality cannot be joined to
    # anybody, since each of its measures is sorted by itself
    found, others = [], ("paired_traces", "quality")
    for recipe in sorted((ROOT / "workflow/scripts").glob("figure_*.py")):
        name = recipe.stem.removeprefix("figure_")
        if name in others:
            continue
        draw = importlib.import_module(f"dyads.figures.{name}").draw
        columns = set(re.findall(r"\w+", inspect.getdoc(draw).split("Returns")[1]))
        if columns & {"person", "person_id", "dyad", "dyad_id"}:
            found.append(name)
            assert "sharing=job.params.sharing" in recipe.read_text(encoding="utf-8"), name
            rule = rules.split(f"rule figure_{name}:")[1].split("rule ")[0]
            assert "sharing=SHARING" in rule, name
    assert found == ["congruence_by_group", "congruence_slopes", "continuous", "expressivity",
                     "influence", "judgements", "seen_time", "synchrony"]  # fmt: skip


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("made earlier")


CLOSED = (
    "private/recordings/D02/S1.json",
    "private/traces/D02/S1.parquet",
    "private/traces/D02/S1.parquet.ledger.json",
    "private/people/D02/S1/review.tsv",
    "private/logs/clean_frames/D02/S1/log.txt",
    "private/benchmarks/clean_frames/D02/S1/benchmark.tsv",
)
OLD_BATCH = (
    "private/frames/D02_S1/D02_S1.parquet",
    "private/frames/D02_S1/D03_S1.parquet",
    "private/frames/D02_S1.ledger.json",
    "private/unfinished/D02_S1/D02_S1/0/rows.parquet",
    "private/logs/extract_frames/D02_S1/log.txt",
)
KEPT = (
    "private/traces/D02/S2.parquet",
    "private/traces/D02/S11.parquet",
    "private/traces/D01/S1.parquet",
    "private/frames/D01_S1/D01_S1.parquet",
    "private/logs/extract_frames/D01_S1/log.txt",
    "private/demo/D02/S1_P02.mp4",
    "shareable/figures/synchrony.svg",
)


def sessions(*keys: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(keys, columns=["dyad_id", "session_id"], dtype=str)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_was_made_from_a_closed_session_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    touch(tmp_path, *CLOSED, *OLD_BATCH, *KEPT, "shareable/figures/paired_traces.svg")
    found = left_behind(
        tmp_path,
        sessions(("D02", "S1"), ("D02", "S1")),
        sessions(("D01", "S1"), ("D02", "S2")),
        ["D01_S1"],
        shows_a_dyad=True,
    )
    remove(found)
    assert files(tmp_path) == {*KEPT, "shareable/figures/paired_traces.svg"}


def test_of_a_session_that_stays_open_only_frames_in_an_old_folder_are_deleted(
    tmp_path: Path,
) -> None:
    # one of two people withdrew: files of the same name are made anew by the run itself
    touch(tmp_path, *CLOSED, *OLD_BATCH, "private/frames/D01_S1/D02_S1.parquet")
    found = left_behind(
        tmp_path, sessions(("D02", "S1")), sessions(("D02", "S1")), ["D01_S1"], shows_a_dyad=True
    )
    remove(found)
    assert files(tmp_path) == {*CLOSED, "private/frames/D01_S1/D02_S1.parquet"}


def test_without_a_withdrawal_nothing_is_deleted_whatever_else_lies_there(tmp_path: Path) -> None:
    # sessions that the tables do not name may belong to a run with fewer rows: hours of work
    touch(tmp_path, *CLOSED, *OLD_BATCH, *KEPT)
    assert left_behind(tmp_path, sessions(), sessions(), [], shows_a_dyad=True) == []


def test_the_figure_of_a_dyad_goes_when_no_dyad_may_be_shown(tmp_path: Path) -> None:
    names = [f"shareable/figures/paired_traces.{end}" for end in ("svg", "csv", "pdf.ledger.json")]
    touch(tmp_path, *names, *KEPT)
    remove(left_behind(tmp_path, sessions(), sessions(), [], shows_a_dyad=False))
    assert files(tmp_path) == set(KEPT)


def test_a_link_is_deleted_and_not_what_it_leads_to(tmp_path: Path) -> None:
    touch(tmp_path, "films/film.mp4", "private/traces/D02/other.txt")
    (tmp_path / "private/traces/D02/S1").symlink_to(tmp_path / "films")
    remove(left_behind(tmp_path, sessions(("D02", "S1")), sessions(), [], shows_a_dyad=True))
    assert not (tmp_path / "private/traces/D02/S1").is_symlink()
    assert (tmp_path / "films/film.mp4").is_file()
