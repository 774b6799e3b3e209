"""Continuous ratings on the session clock, and what they go with (C7)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import studies
import yaml
from trace_tables import make_about, make_trace

from dyads.analysis import continuous
from dyads.analysis.agreement import by_group
from dyads.config import ContinuousPair, ContinuousSettings
from dyads.errors import StudyError
from dyads.ratings.continuous import on_session_clock, read_streams
from dyads.ratings.instruments import Instruments
from dyads.study.faults import StudyFaults
from dyads.traces.arrays import FloatArray

INSTRUMENTS = Instruments.model_validate(yaml.safe_load(studies.INSTRUMENTS))
PAIR = ContinuousPair(emotion="joy", instrument="feelings", scale="joy", channel="AU12")
MEETING = {"dyad_id": "D01", "session_id": "S1", "participant_id": "P01", "partner_id": "Q01"}
SECONDS = 300


def stream_rows(*people: tuple[str, str], offset_s: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame(
        [("D01", "S1", person, target, "feelings", "joy", f"{person}_{target}.tsv", offset_s)
         for person, target in people],
        columns=["dyad_id", "session_id", "person_id", "target", "instrument", "scale", "path",
                 "offset_s"],
    )  # fmt: skip


def wandering(generator: np.random.Generator, seconds: int = SECONDS) -> FloatArray:
    """A course at 10 Hz that keeps its value for some seconds, from 0 to 1."""
    noise = generator.normal(size=10 * seconds + 29)
    course = np.convolve(noise, np.ones(30) / 30, mode="valid")
    return np.asarray((course - course.min()) / np.ptp(course), dtype=float)


def rated(course: FloatArray, lag_s: float, rate_hz: float, noise: float = 0.0) -> pd.DataFrame:
    """A file of a rating that follows a course so much later, at its own rate."""
    time_s = np.arange(0, len(course) / 10 - 0.2, 1 / rate_hz)
    value = np.interp(time_s - lag_s, np.arange(len(course)) / 10, course)
    value = value + noise * np.random.default_rng(8).normal(size=len(value))
    return pd.DataFrame({"time_s": time_s, "value": 100 * np.clip(value, 0, 1)})


def agreement(
    faces: dict[str, FloatArray],
    people: list[tuple[str, str]],
    files: list[pd.DataFrame],
    settings: ContinuousSettings | None = None,
    offset_s: float = 0.0,
) -> pd.DataFrame:
    trace = pd.concat(
        [make_trace({"AU12": face}, person_id=person) for person, face in faces.items()]
    )
    ratings = on_session_clock(stream_rows(*people, offset_s=offset_s), files, 10.0, 1.0)
    used = settings or ContinuousSettings(pairs=(PAIR,))
    return continuous.continuous_agreement(ratings, trace, make_about("AU12"), used, {}, MEETING)


def test_a_rating_stands_on_the_session_clock_on_the_steps_of_the_traces() -> None:
    file = pd.DataFrame({"time_s": [0.0, 0.5, 1.0], "value": [10.0, 20.0, 40.0]})
    table = on_session_clock(stream_rows(("P01", "self"), offset_s=2.05), [file], 10.0, 1.0)
    # first value at 2.05 s, so the first step is 2.1 s; straight lines of 20 and 40 points a second
    assert table["time_s"].iloc[[0, -1]].tolist() == pytest.approx([2.1, 3.0])
    value = table.set_index(table["step"])["value"]
    assert value[23] == pytest.approx(15.0)  # 0.25 s after the beginning
    assert value[28] == pytest.approx(30.0)  # 0.75 s
    assert set(table["state"]) == {"seen", "interpolated"}


def test_a_gap_longer_than_the_limit_stays_missing_with_its_reason() -> None:
    file = pd.DataFrame({"time_s": [0.0, 0.5, 1.0, 3.0, 3.5], "value": [10.0, 20.0, np.nan, 5, 5]})
    table = on_session_clock(stream_rows(("P01", "self")), [file], 10.0, 1.0)
    # the row without a value counts as not there, so nothing is known from 0.5 to 3.0 s
    gone = table[table["state"].eq("missing")]
    assert (gone["step"].min(), gone["step"].max()) == (6, 29)
    assert set(gone["reason"]) == {"gap"}
    assert gone["value"].isna().all()


def test_a_rating_that_ends_before_the_session_begins_is_refused() -> None:
    file = pd.DataFrame({"time_s": [0.0, 1.0], "value": [1.0, 2.0]})
    with pytest.raises(StudyError, match=r"P01_self\.tsv: with offset_s -60"):
        on_session_clock(stream_rows(("P01", "self"), offset_s=-60.0), [file], 10.0, 1.0)


def test_everything_wrong_in_the_files_is_named_together(tmp_path: Path) -> None:
    rows = stream_rows(("P01", "self"), ("Q01", "self"), ("Q01", "other"))
    (tmp_path / "P01_self.tsv").write_text("time_s\tvalue\n0\t10\n0.5\t20\n0.5\t101\n")
    (tmp_path / "Q01_self.tsv").write_text("time_s\tvalue\n0\tten\n0.5\t20\n")
    (tmp_path / "Q01_other.tsv").write_text("time_s\tvalue\n0\t10\n0.5\t\n")
    with pytest.raises(StudyFaults) as caught:
        read_streams(rows, tmp_path, INSTRUMENTS)
    assert [(it.file, it.row, it.column) for it in caught.value.faults] == [
        ("P01_self.tsv", 4, "time_s"),
        ("P01_self.tsv", 4, "value"),
        ("Q01_self.tsv", 2, "value"),
        ("Q01_other.tsv", None, "value"),
    ]


def test_a_missing_code_at_which_the_handle_can_stand_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "P01_self.tsv").write_text("time_s\tvalue\n0\t10\n0.5\t99\n1\t999\n1.5\t20\n")
    rows = stream_rows(("P01", "self"))
    with pytest.raises(StudyFaults) as caught:
        read_streams(rows, tmp_path, INSTRUMENTS, missing_codes=(99.0, 999.0))
    assert [(it.row, it.value) for it in caught.value.faults] == [(3, "99")]
    (read,) = read_streams(rows, tmp_path, INSTRUMENTS, missing_codes=(999.0,))
    assert read["value"].isna().tolist() == [False, False, True, False]


def test_a_file_outside_the_folder_is_not_read_even_through_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (tmp_path / "secret.tsv").write_text("time_s\tvalue\n0\t1\n1\t2\n")
    (folder / "P01_self.tsv").symlink_to(tmp_path / "secret.tsv")
    with pytest.raises(StudyFaults, match="links followed"):
        read_streams(stream_rows(("P01", "self")), folder, INSTRUMENTS)


def test_a_known_reaction_lag_comes_out_and_taking_it_off_leaves_none() -> None:
    face = wandering(np.random.default_rng(1))
    settings = ContinuousSettings(pairs=(PAIR,), delay_variants_s=(1.5,))
    file = rated(face, lag_s=1.5, rate_hz=4.0, noise=0.05)
    table = agreement({"P01": face}, [("P01", "self")], [file], settings).set_index("delay_s")
    # simulated: the rating follows the face by 1.5 s; the grid is 0.1 s
    assert table.loc[0.0, "lag_s"] == pytest.approx(1.5, abs=0.11)
    assert table.loc[1.5, "lag_s"] == pytest.approx(0.0, abs=0.11)
    assert table.loc[0.0, "peak_z"] == pytest.approx(table.loc[1.5, "peak_z"], rel=0.02)
    assert table.loc[1.5, "fisher_z"] > table.loc[0.0, "fisher_z"]
    assert (table["p"] == 1 / (table["shifts"] + 1)).all()


def test_a_file_that_started_by_itself_is_joined_by_its_offset_and_not_by_its_rows() -> None:
    face = wandering(np.random.default_rng(2))
    late = rated(face, lag_s=0.0, rate_hz=5.0).query("time_s >= 40")
    late = late.assign(time_s=late["time_s"] - 40)
    (row,) = agreement({"P01": face}, [("P01", "self")], [late], offset_s=40.0).to_dict("records")
    assert row["lag_s"] == pytest.approx(0.0, abs=0.11)
    assert row["known_s"] == pytest.approx(SECONDS - 40, abs=1.0)


def test_a_rating_of_the_other_one_is_held_against_their_face_and_their_own_rating() -> None:
    generator = np.random.default_rng(3)
    faces = {"P01": wandering(generator), "Q01": wandering(generator)}
    felt = rated(faces["Q01"], 1.0, 4.0)
    table = agreement(
        faces,
        [("P01", "other"), ("Q01", "self")],
        [rated(faces["Q01"], 2.0, 4.0), felt],
    ).set_index(["person_id", "comparison"])
    # simulated: the judge is 2 s behind the other's face and 1 s behind the other's own rating
    assert table.loc[("P01", "expression"), "lag_s"] == pytest.approx(2.0, abs=0.11)
    assert table.loc[("P01", "own_rating"), "lag_s"] == pytest.approx(1.0, abs=0.11)
    assert table.loc[("Q01", "expression"), "lag_s"] == pytest.approx(1.0, abs=0.11)
    assert ("Q01", "own_rating") not in table.index


@pytest.mark.parametrize(
    ("face", "file", "reason"),
    [
        (None, "follows", continuous.NO_FACE),
        ("unseen", "follows", continuous.LITTLE_KNOWN),
        ("moves", "still", continuous.NOTHING_MOVES),
        ("short", "follows", continuous.TOO_SHORT),
    ],
)
def test_what_cannot_be_measured_says_why(face: str | None, file: str, reason: str) -> None:
    course = wandering(np.random.default_rng(4))
    shown = {"unseen": course.copy(), "moves": course, "short": course[:700], None: course}[face]
    if face == "unseen":
        shown[: len(shown) // 2] = np.nan
    told = rated(course, 0.5, 4.0)
    if file == "still":
        told["value"] = 50.0
    person = "Q01" if face is None else "P01"
    (row,) = agreement({person: shown}, [("P01", "self")], [told]).to_dict("records")
    assert row["reason"] == reason
    assert np.isnan(row["p"])


def test_a_channel_that_nobody_measured_is_named() -> None:
    settings = ContinuousSettings(pairs=(PAIR.model_copy(update={"channel": "AU13"}),))
    with pytest.raises(StudyError, match=r"continuous\.pairs: AU13 was not measured"):
        agreement({"P01": wandering(np.random.default_rng(5))}, [("P01", "self")],
                  [rated(np.zeros(3000), 0, 4.0)], settings)  # fmt: skip


def people(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = [f"{number:02d}" for number in range(count)]
    sessions = pd.DataFrame(
        {"dyad_id": [f"D{n}" for n in names], "session_id": "S1", "session_number": 1,
         "participant_id": [f"P{n}" for n in names], "partner_id": [f"Q{n}" for n in names]}
    )  # fmt: skip
    groups = ["control", "ASD"] * (count // 2)
    participants = pd.DataFrame({"participant_id": sessions["participant_id"], "group": groups})
    return sessions, participants


def test_people_are_averaged_over_sessions_and_groups_over_people() -> None:
    sessions, participants = people(4)
    more = sessions.assign(session_id="S2", session_number=2)
    table = pd.DataFrame(
        {"dyad_id": ["D00", "D00", "D02"], "session_id": ["S1", "S2", "S1"],
         "person_id": ["P00", "P00", "P02"], "target": "self", "comparison": "expression",
         "emotion": "joy", "delay_s": 0.0, "known_s": 100.0, "fisher_z": [0.2, 0.4, 0.1],
         "peak_z": [0.5, 0.9, 0.3], "lag_s": [1.0, 2.0, 0.0], "null_z": [0.1, 0.3, np.nan],
         "p": 0.1, "shifts": 100, "reason": ["", "", continuous.TOO_SHORT]}
    )  # fmt: skip
    persons = continuous.by_person(
        table, pd.concat([sessions, more], ignore_index=True), participants
    )
    persons = persons.set_index("person")
    # by hand: mean of 0.5 - 0.1 and 0.9 - 0.3; mean z of 0.2 and 0.4
    assert persons.loc["P00", ["sessions", "excess_z", "lag_s"]].tolist() == pytest.approx(
        [2, 0.5, 1.5]
    )
    assert persons.loc["P00", "r"] == pytest.approx(np.tanh(0.3))
    assert persons.loc["P02", "reason"] == continuous.TOO_SHORT
    assert np.isnan(persons.loc["P02", "excess_z"])
    groups = by_group(
        persons.reset_index(), continuous.MEASURES, ["control", "ASD"], 1, 0, seed=1
    ).set_index("measure")
    assert groups.loc["excess_z", "value"] == pytest.approx(0.5)
    assert groups.loc["r", "value"] == pytest.approx(np.tanh(0.3))
    assert groups.loc["excess_z", "people"] == 1
