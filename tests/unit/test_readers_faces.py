"""A file of several faces gives the person's rows, or says that it cannot know them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from other_programs import facereader, facereader_text, openface, pyfeat_2, saved, written

from dyads.errors import StudyError
from dyads.readers.faces import face_of_person
from dyads.readers.reading import read_frames, read_session
from dyads.readers.schema import frames_table


def two_faces(frames: int, second: range) -> pd.DataFrame:
    """Face 0 in every frame with AU12 = 1, face 1 in some of them with AU12 = 2."""
    first = openface(frames).assign(**{" AU12_r": 1.0})
    other = first.iloc[list(second)].assign(**{" face_id": 1, " AU12_r": 2.0})
    return pd.concat([first, other]).sort_values([" frame", " face_id"], ignore_index=True)


def test_the_face_that_is_there_longest_is_the_persons(tmp_path: Path) -> None:
    frames, about = read_frames(saved(two_faces(10, range(3, 6)), tmp_path), "P01")
    assert len(frames) == 10
    assert frames["AU12"].eq(1).all()
    assert any(remark.startswith("3 rows show further faces") for remark in about.remarks)


def test_faces_of_similar_presence_leave_it_open_who_is_who(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as fault:
        read_frames(saved(two_faces(10, range(5)), tmp_path), "P01")
    assert "face 0 in 10 frames, face 1 in 5 frames" in str(fault.value)
    assert "face_id in recordings.tsv" in str(fault.value)


def test_the_face_that_is_asked_for_is_given_and_its_absence_stays(tmp_path: Path) -> None:
    path = saved(two_faces(10, range(2, 7)), tmp_path)
    frames, about = read_frames(path, "P01", face_id="1")
    assert frames["frame"].tolist() == list(range(10))
    seen = frames["status"].eq("face")
    assert seen.tolist() == [False] * 2 + [True] * 5 + [False] * 3
    assert frames.loc[seen, "AU12"].eq(2).all()
    assert frames.loc[~seen, ["AU12", "box_left_px", "score"]].isna().all(axis=None)
    assert not any("further faces" in remark for remark in about.remarks)


def test_a_person_may_have_several_names_one_after_another(tmp_path: Path) -> None:
    table = openface(10)
    table.loc[5:, " face_id"] = 3
    with pytest.raises(StudyError, match="who"):
        read_frames(saved(table, tmp_path), "P01")
    frames, _ = read_frames(saved(table, tmp_path), "P01", face_id="0, 3")
    assert frames["status"].eq("face").all()


def test_names_that_stand_in_one_frame_together_are_not_one_person(tmp_path: Path) -> None:
    path = saved(two_faces(10, range(5)), tmp_path)
    with pytest.raises(StudyError, match="stand in 5 frames together"):
        read_frames(path, "P01", face_id="0,1")


def test_a_face_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = saved(two_faces(10, range(5)), tmp_path)
    with pytest.raises(
        StudyError, match=r"face_id in recordings\.tsv is 7, but the file has face 0"
    ):
        read_frames(path, "P01", face_id="7")


def test_two_people_may_share_a_file(tmp_path: Path) -> None:
    saved(two_faces(10, range(10)), tmp_path, "both.csv")
    recordings = pd.DataFrame(
        {
            "person_id": ["P01", "Q01"],
            "frames_path": "both.csv",
            "frame_rate_hz": float("nan"),
            "face_id": ["0", "1"],
        }
    )
    frames, _ = read_session(recordings, tmp_path)
    assert frames.groupby("person_id")["AU12"].unique().explode().to_dict() == {
        "P01": 1.0,
        "Q01": 2.0,
    }


def test_names_that_pyfeat_gives_are_kept_apart(tmp_path: Path) -> None:
    first = pyfeat_2(8).assign(Identity="Person_0", AU12=0.1)
    other = first.iloc[:3].assign(Identity="Person_1", AU12=0.9, FaceRectWidth=200.0)
    table = pd.concat([first, other]).sort_values("frame")
    frames, _ = read_frames(saved(table, tmp_path), "P01", 25.0)
    # Person_1 is larger, Person_0 is there longer.
    assert frames["AU12"].eq(0.1).all()


def test_analyses_of_one_film_in_a_facereader_log_are_kept_apart(tmp_path: Path) -> None:
    log = facereader()
    both = pd.concat(
        [
            log.assign(**{"Analysis Index": "Analysis 1"}),
            log.iloc[:2].assign(**{"Analysis Index": "Analysis 2", "Happy": 0.9}),
        ]
    )
    path = written(facereader_text(both), tmp_path)
    frames, _ = read_frames(path, "P01")
    assert len(frames) == 6
    assert frames["happiness"].eq(0.4).all()
    frames, _ = read_frames(path, "P01", face_id="Analysis 2")
    assert frames["happiness"].fillna(-1).tolist() == [0.9, 0.9, -1, -1, -1, -1]


def test_a_face_that_stands_twice_in_a_frame_is_one_face(tmp_path: Path) -> None:
    log = facereader()
    log.loc[2, "Video Time"] = log.loc[1, "Video Time"]
    both = pd.concat(
        [
            log.assign(**{"Analysis Index": "Analysis 1"}),
            log.iloc[:2].assign(**{"Analysis Index": "Analysis 2"}),
        ]
    )
    frames, _ = read_frames(written(facereader_text(both), tmp_path), "P01")
    assert frames["time_s"].tolist() == pytest.approx([0, 0.04, 0.12, 0.16, 0.2])


@trials(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from("abc"), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_whoever_is_chosen_each_frame_stays_one_row(rows: list[tuple[int, str, bool]]) -> None:
    table = pd.DataFrame(rows, columns=["frame", "face", "is_face"])
    table = table.drop_duplicates(["frame", "face"], ignore_index=True)
    frames = frames_table(
        pd.DataFrame({"AU12": table["face"].map({"a": 1.0, "b": 2.0, "c": 3.0})}),
        is_face=table["is_face"],
        frame=table["frame"].astype(float),
        face=table["face"],
    )
    kept, _, faults = face_of_person(frames, "")
    if not faults:
        assert kept["frame"].tolist() == sorted(set(table["frame"]))
        seen = kept[kept["status"].eq("face")]
        assert len(set(seen["AU12"])) <= 1
        assert kept.loc[kept["status"].ne("face"), "AU12"].isna().all()
