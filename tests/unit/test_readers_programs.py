"""Each program's numbers arrive under the project's names, in its units and directions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from other_programs import (
    facereader,
    facereader_text,
    imotions_affdex,
    imotions_facet,
    libreface,
    openface,
    openface_3,
    openwillis,
    pyfeat_0_6,
    saved,
    written,
)

from dyads.channels import EMOTIONS, ChannelType
from dyads.readers.reading import read_frames
from dyads.tables import About


def read(path: Path, rate_hz: float | None = None, **choices: str) -> tuple[pd.DataFrame, About]:
    return read_frames(path, "P01", rate_hz, **choices)  # type: ignore[arg-type]


def angles(frames: pd.DataFrame) -> list[float]:
    return frames[["pitch_deg", "roll_deg", "yaw_deg"]].iloc[0].round(6).tolist()


def test_the_roll_of_pyfeat_0_6_is_turned_and_its_degrees_stay_degrees(tmp_path: Path) -> None:
    frames, about = read(saved(pyfeat_0_6(), tmp_path), 25.0)
    assert about.detector.startswith("py-feat 0.6")
    assert angles(frames) == [5.0, -10.0, 15.0]


def test_openface_intensities_are_taken_unless_presences_are_asked_for(tmp_path: Path) -> None:
    path = saved(openface(), tmp_path)
    frames, about = read(path)
    assert set(about.channel_types.values()) == {ChannelType.INTENSITY_0_5}
    # The maker gives AU06_r 0.05 x 6.
    assert frames["AU06"].to_numpy() == pytest.approx(0.3)
    assert "AU28" not in frames
    frames, about = read(path, action_units="presence")
    assert set(about.channel_types.values()) == {ChannelType.PRESENCE}
    assert frames["AU07"].eq(1).all()
    assert "AU28" in frames


def test_openface_radians_turn_into_degrees_up_and_to_the_persons_right(tmp_path: Path) -> None:
    frames, _ = read(saved(openface(), tmp_path))
    # pose_Rx 0.1 bends down, pose_Rz 0.3 tilts to the person's left, pose_Ry 0.2 turns right.
    assert np.radians(angles(frames)) == pytest.approx([-0.1, -0.3, 0.2])


def test_openface_times_scores_and_the_outline_arrive(tmp_path: Path) -> None:
    frames, about = read(saved(openface(), tmp_path))
    assert frames["time_s"].to_numpy() == pytest.approx(np.arange(6) / 25)
    assert frames["frame"].tolist() == list(range(6))
    assert frames["score"].eq(0.98).all()
    # Points 0 to 24 of the outline lie at x = 100 + 10 point, y = 200 + point.
    box = frames[["box_left_px", "box_top_px", "box_width_px", "box_height_px"]].iloc[0]
    assert box.tolist() == [100.0, 200.0, 240.0, 24.0]
    assert any("variable rate" in remark for remark in about.remarks)


def test_a_row_without_success_says_nothing_whatever_numbers_stand_there(tmp_path: Path) -> None:
    table = openface()
    table.loc[2, [" success", " AU12_r"]] = [0, 4.5]
    frames, _ = read(saved(table, tmp_path))
    lost = frames.loc[2]
    assert lost[["status", "reason", "found_by"]].tolist() == ["no_face", "no_face", ""]
    silent = ["AU12", "score", "pitch_deg", "box_left_px"]
    assert lost[silent].isna().all()
    assert frames.loc[[0, 1, 3, 4, 5], silent].notna().all(axis=None)


def test_the_older_openface_without_faces_is_read_too(tmp_path: Path) -> None:
    frames, _ = read(saved(openface().drop(columns=" face_id"), tmp_path))
    assert len(frames) == 6


def test_impossible_times_of_openface_give_way_to_the_frame_rate(tmp_path: Path) -> None:
    table = openface()
    table[" timestamp"] = 0.001 * np.arange(6)
    frames, about = read(saved(table, tmp_path), 30.0)
    assert frames["time_s"].to_numpy() == pytest.approx(np.arange(6) / 30)
    assert "no camera" in about.remarks[0]


def test_openface_3_gives_the_likeliest_emotion_and_no_unnamed_action_units(
    tmp_path: Path,
) -> None:
    table = openface_3()
    table.loc[3, ["face_id", "face_detection", "emotion", "action_units"]] = np.nan
    table.loc[4, "emotion"] = 7
    frames, about = read(saved(table, tmp_path), 25.0)
    assert not any(name.startswith("AU") for name in frames)
    assert set(about.channel_types.values()) == {ChannelType.PRESENCE}
    # Index 1 is Happy, 7 Contempt by the README of OpenFace 3.
    assert frames["happiness"].fillna(-1).tolist() == [1, 1, 1, -1, 0, 1]
    assert frames.loc[4, "contempt"] == 1
    box = frames[["box_left_px", "box_top_px", "box_width_px", "box_height_px", "score"]]
    assert box.iloc[0].tolist() == [10, 20, 60, 70, 0.97]
    assert frames.loc[3, "status"] == "no_face"


def test_facereader_emotions_are_intensities_and_valence_has_two_sides(tmp_path: Path) -> None:
    frames, about = read(written(facereader_text(facereader()), tmp_path))
    types = about.channel_types
    assert types["happiness"] == types["AU12"] == types["arousal"] == ChannelType.INTENSITY_0_1
    assert types["valence"] == ChannelType.BIPOLAR
    # Numbers of the maker, in the order of its columns.
    said = frames[["happiness", "fear", "contempt", "valence", "AU06", "AU12", "score"]]
    assert said.iloc[0].tolist() == [0.4, 0.06, 0.08, -0.3, 0.6, 0.7, 0.9]
    assert frames["time_s"].to_numpy() == pytest.approx(np.arange(6) / 25)
    assert frames["yaw_deg"].isna().all()


@pytest.mark.parametrize("word", ["FIND_FAILED", "FIT_FAILED"])
def test_a_face_that_facereader_failed_to_find_or_fit_is_no_face(tmp_path: Path, word: str) -> None:
    table = facereader().astype(object)
    table.iloc[2, 1:] = word
    frames, _ = read(written(facereader_text(table), tmp_path))
    assert frames["status"].tolist() == ["face", "face", "no_face", "face", "face", "face"]


def test_of_two_rows_with_one_time_the_one_with_a_face_stays(tmp_path: Path) -> None:
    table = facereader().astype(object)
    table.loc[2, "Video Time"] = table.loc[1, "Video Time"]
    table.iloc[1, 1:] = "FIND_FAILED"
    frames, about = read(written(facereader_text(table), tmp_path))
    assert frames["time_s"].to_numpy() == pytest.approx([0, 0.04, 0.12, 0.16, 0.20])
    assert frames["status"].eq("face").all()
    assert any(remark.startswith("1 rows repeat the time") for remark in about.remarks)


def test_evidence_of_facet_becomes_a_probability_by_powers_of_ten(tmp_path: Path) -> None:
    frames, about = read(written(imotions_facet().to_csv(sep="\t", index=False), tmp_path))
    assert set(about.channel_types.values()) == {ChannelType.PROBABILITY}
    # Odds of 1 to 1 at evidence 0, of 10 to 1 at 1, of 1 to 100 at -2.
    assert frames[["AU06", "AU12", "happiness"]].iloc[0].tolist() == pytest.approx(
        [1 / 2, 10 / 11, 1 / 101]
    )


def test_rows_in_which_imotions_repeats_facet_are_left_out(tmp_path: Path) -> None:
    frames, _ = read(written(imotions_facet().to_csv(sep="\t", index=False), tmp_path))
    # Six rows of FACET, 40 ms apart; the eye tracker's lie between them.
    assert frames["time_s"].to_numpy() == pytest.approx(0.04 * np.arange(6))


def test_facet_without_a_face_and_its_directions(tmp_path: Path) -> None:
    table = imotions_facet()
    table.loc[table["Timestamp"].eq(80), "NoOfFaces"] = -1
    frames, _ = read(written(table.to_csv(sep="\t", index=False), tmp_path))
    assert frames["status"].tolist() == ["face", "face", "no_face", "face", "face", "face"]
    # Pitch 2 looks down, roll 1 tilts to the person's right, yaw 3 turns to the left.
    assert angles(frames) == [-2.0, 1.0, -3.0]


def test_likelihoods_of_affdex_become_probabilities_and_its_own_rows_alone_count(
    tmp_path: Path,
) -> None:
    text = "#INFO,\n#Study,A\n#DATA,\n" + imotions_affdex().to_csv(index=False)
    frames, about = read(written(text, tmp_path))
    assert len(frames) == 6
    assert frames[["happiness", "AU12", "AU04", "valence"]].iloc[0].tolist() == pytest.approx(
        [0.8, 0.9, 0.12, -0.4]
    )
    assert about.channel_types["valence"] == ChannelType.BIPOLAR
    assert any("none was at hand" in remark for remark in about.remarks)


def test_libreface_gives_one_of_its_two_numbers_and_the_emotion_that_it_names(
    tmp_path: Path,
) -> None:
    table = libreface()
    table.loc[1, "facial_expression"] = "Contempt"
    path = saved(table, tmp_path)
    frames, about = read(path)
    # 0.1 x 12, and Happiness in the first row.
    assert frames["AU12"].to_numpy() == pytest.approx(1.2)
    assert frames.loc[0, ["happiness", "contempt"]].tolist() == [1, 0]
    assert frames.loc[1, ["happiness", "contempt"]].tolist() == [0, 1]
    assert about.channel_types["AU12"] == ChannelType.INTENSITY_0_5
    assert about.channel_types["happiness"] == ChannelType.PRESENCE
    assert "AU24" not in frames
    assert frames["pitch_deg"].isna().all()
    assert frames["time_s"].to_numpy() == pytest.approx(0.04 * np.arange(6))
    frames, about = read(path, action_units="presence")
    assert about.channel_types["AU24"] == ChannelType.PRESENCE
    assert "AU25" not in frames


def test_openwillis_emotions_are_brought_back_from_hundred(tmp_path: Path) -> None:
    frames, about = read(saved(openwillis(), tmp_path))
    assert set(about.channel_types.values()) == {ChannelType.PROBABILITY}
    # The maker's shares of 100.
    assert frames["happiness"].eq(0.6).all()
    assert frames[list(EMOTIONS)].sum(axis=1).to_numpy() == pytest.approx(1)
    # Every sixth frame of 25 a second.
    assert frames["time_s"].to_numpy() == pytest.approx(0.24 * np.arange(6))
