from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from other_programs import openface, pyfeat_0_7, pyfeat_2, saved

from dyads.channels import ACTION_UNITS, AFFECT, EMOTIONS, ChannelType
from dyads.errors import StudyError
from dyads.readers import reading as readers


def test_time_is_frame_over_the_given_rate_and_a_remark_says_so(tmp_path: Path) -> None:
    frames, about = readers.read_frames(saved(pyfeat_2(step=2), tmp_path), "P01", 25.0)
    # Every second frame of 25 a second.
    assert frames["time_s"].to_numpy() == pytest.approx([0, 0.08, 0.16, 0.24, 0.32, 0.40])
    assert "25 frames per second" in about.remarks[0]


def test_a_file_without_times_needs_a_rate(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="Enter the film's frames per second as frame_rate_hz"):
        readers.read_frames(saved(pyfeat_2(), tmp_path), "P01", None)


def test_names_and_types_become_the_projects(tmp_path: Path) -> None:
    frames, about = readers.read_frames(saved(pyfeat_2(), tmp_path), "P01", 25.0)
    assert set(about.channel_types) == {*ACTION_UNITS, *EMOTIONS, *AFFECT}
    assert about.channel_types["AU12"] == ChannelType.PROBABILITY
    assert about.channel_types["valence"] == ChannelType.BIPOLAR
    # Positions in the file's order of emotions: Happy is second, Anger last.
    assert (frames["happiness"] == 0.01).all()
    assert (frames["anger"] == 0.06).all()
    assert (frames["found_by"] == "given").all()


def test_both_kinds_give_the_same_channels_but_for_valence_and_arousal(tmp_path: Path) -> None:
    new, _ = readers.read_frames(saved(pyfeat_2(), tmp_path, "new.csv"), "P01", 25.0)
    old, about = readers.read_frames(saved(pyfeat_0_7(), tmp_path, "old.csv"), "P01", 25.0)
    assert set(new.columns) - set(old.columns) == set(AFFECT)
    assert "valence" not in about.channel_types
    shared = [*ACTION_UNITS, *EMOTIONS, "time_s"]
    pd.testing.assert_frame_equal(new[shared], old[shared])


def test_the_angles_of_0_7_are_put_right(tmp_path: Path) -> None:
    frames, _ = readers.read_frames(saved(pyfeat_0_7(), tmp_path), "P01", 25.0)
    # Radians in the file: pitch 0.1 down, tilt 0.3 under "Yaw" with its sign turned, turn 0.2
    # under "Roll"; by feat/detector.py of py-feat 2.
    angles = frames[["pitch_deg", "roll_deg", "yaw_deg"]].iloc[0]
    assert np.radians(angles.to_numpy()) == pytest.approx([-0.1, -0.3, 0.2])


@pytest.mark.parametrize(("direction", "sign"), [("down", -1), ("up", 1)])
def test_the_mesh_tells_which_way_pitch_was_written(
    tmp_path: Path, direction: str, sign: int
) -> None:
    bent_down = np.linspace(-0.2, 0.3, 6)
    table = pyfeat_2().assign(
        Pitch=bent_down if direction == "down" else -bent_down,
        mesh_y_10=20.0,
        mesh_y_152=80.0,
        mesh_z_10=0.0,
        mesh_z_152=bent_down,
    )
    frames, about = readers.read_frames(saved(table, tmp_path), "P01", 25.0)
    assert np.radians(frames["pitch_deg"].to_numpy()) == pytest.approx(-bent_down)
    assert np.radians(frames["pitch_deg"].to_numpy()) == pytest.approx(sign * table["Pitch"])
    assert any(direction in remark for remark in about.remarks)


def test_without_a_mesh_the_direction_of_pitch_stays_unknown(tmp_path: Path) -> None:
    _, about = readers.read_frames(saved(pyfeat_2(), tmp_path), "P01", 25.0)
    assert any("cannot be known" in remark for remark in about.remarks)


def test_a_frame_without_a_face_stays_a_row(tmp_path: Path) -> None:
    table = pyfeat_2()
    table.loc[2, ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]] = np.nan
    table.loc[2, list(ACTION_UNITS)] = np.nan
    frames, _ = readers.read_frames(saved(table, tmp_path), "P01", 25.0)
    assert frames["status"].tolist() == ["face", "face", "no_face", "face", "face", "face"]
    assert frames.loc[2, "found_by"] == ""


def test_of_several_faces_in_a_frame_the_largest_is_taken_and_told(tmp_path: Path) -> None:
    table = pyfeat_2()
    small = table.loc[[3]].assign(FaceRectWidth=20.0, FaceRectHeight=20.0, AU12=0.0)
    table = pd.concat([table.loc[:2], small, table.loc[3:]])
    frames, about = readers.read_frames(saved(table, tmp_path), "P01", 25.0)
    assert len(frames) == 6
    assert frames.loc[3, "box_width_px"] == 60
    assert any(remark.startswith("1 frames hold several faces") for remark in about.remarks)


def test_blanks_around_column_names_do_not_matter(tmp_path: Path) -> None:
    table = pyfeat_2().rename(columns=lambda name: f" {name}")
    frames, _ = readers.read_frames(saved(table, tmp_path), "P01", 25.0)
    assert len(frames) == 6


@pytest.mark.parametrize(("rate_hz", "is_right"), [(25.0, True), (30.0, False), (23.0, False)])
def test_a_rate_that_contradicts_the_whole_seconds_is_refused(
    tmp_path: Path, rate_hz: float, is_right: bool
) -> None:
    table = pyfeat_2(100)
    second = table["frame"] // 25
    table["approx_time"] = "00:" + second.astype(str).str.zfill(2)
    path = saved(table, tmp_path)
    if is_right:
        assert len(readers.read_frames(path, "P01", rate_hz)[0]) == 100
    else:
        # Frames 74 and 75 lie in seconds 2 and 3, frames 24 and 25 in 0 and 1.
        with pytest.raises(StudyError, match=r"allow 24\.75 to 25"):
            readers.read_frames(path, "P01", rate_hz)


def test_an_unknown_file_is_told_what_was_recognised_and_what_is_missing(tmp_path: Path) -> None:
    path = saved(pyfeat_0_7().drop(columns=["AU12", "neutral"]), tmp_path)
    with pytest.raises(StudyError) as fault:
        readers.read_frames(path, "P01", 25.0)
    assert "It comes nearest to py-feat 0.7 Detector: recognised FaceRectX" in str(fault.value)
    assert "missing AU12, neutral." in str(fault.value)


def test_intensities_under_the_name_of_probabilities_are_refused(tmp_path: Path) -> None:
    path = saved(pyfeat_2().assign(AU12=3.5), tmp_path)
    with pytest.raises(StudyError, match=r"AU12 runs from 3\.5 to 3\.5, but probability lies"):
        readers.read_frames(path, "P01", 25.0)


def test_a_word_among_numbers_is_named_with_its_line(tmp_path: Path) -> None:
    table = pyfeat_2().astype({"AU06": object})
    table.loc[2, "AU06"] = "FIND_FAILED"
    with pytest.raises(StudyError, match="line 4, column AU06: 'FIND_FAILED' is not a number"):
        readers.read_frames(saved(table, tmp_path), "P01", 25.0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such file"):
        readers.read_frames(tmp_path / "none.csv", "P01", 25.0)


def session(*rows: tuple[str, str | float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person_id", "frames_path"]).assign(frame_rate_hz=25.0)


def test_a_session_holds_the_rows_of_its_people(tmp_path: Path) -> None:
    saved(pyfeat_2(), tmp_path, "p.csv")
    saved(pyfeat_2(4), tmp_path, "q.csv")
    frames, about = readers.read_session(session(("P01", "p.csv"), ("Q01", "q.csv")), tmp_path)
    assert frames["person_id"].value_counts().to_dict() == {"P01": 6, "Q01": 4}
    assert len(about.remarks) == len(set(about.remarks))


def test_a_session_read_by_two_detectors_is_refused(tmp_path: Path) -> None:
    saved(pyfeat_2(), tmp_path, "p.csv")
    saved(pyfeat_0_7(), tmp_path, "q.csv")
    with pytest.raises(StudyError, match="made by different detectors"):
        readers.read_session(session(("P01", "p.csv"), ("Q01", "q.csv")), tmp_path)


def test_the_choice_between_two_numbers_holds_for_every_person(tmp_path: Path) -> None:
    saved(openface(), tmp_path, "p.csv")
    saved(openface(), tmp_path, "q.csv")
    rows = session(("P01", "p.csv"), ("Q01", "q.csv"))
    _, about = readers.read_session(rows, tmp_path, "presence")
    assert set(about.channel_types.values()) == {ChannelType.PRESENCE}


def test_a_channel_that_one_file_lacks_is_missing_for_that_person(tmp_path: Path) -> None:
    saved(openface(), tmp_path, "p.csv")
    saved(openface().drop(columns=" AU45_r"), tmp_path, "q.csv")
    frames, about = readers.read_session(session(("P01", "p.csv"), ("Q01", "q.csv")), tmp_path)
    assert about.channel_types["AU45"] == ChannelType.INTENSITY_0_5
    known = frames.groupby("person_id")["AU45"].count()
    assert known.to_dict() == {"P01": 6, "Q01": 0}


def test_all_faults_of_a_session_are_told_at_once(tmp_path: Path) -> None:
    rows = session(("P01", "none.csv"), ("Q01", "../away.csv"), ("R01", np.nan))
    with pytest.raises(StudyError) as fault:
        readers.read_session(rows, tmp_path)
    told = str(fault.value).splitlines()
    assert len(told) == 3
    assert "no such file" in told[0]
    assert "outside the recordings folder" in told[1]
    assert told[2].startswith("R01: frames_path is empty")
