from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyads import tables
from dyads.errors import StudyError
from dyads.recordings import clock


def recordings(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "dyad_id": "D01",
                "session_id": "S1",
                "person_id": person_id,
                "path": path,
                "frames_path": "",
                "offset_s": offset_s,
            }
            for person_id, path, offset_s in rows
        ]
    )


def test_each_recording_takes_its_offset_from_the_table() -> None:
    session = clock.from_table(recordings(("P1", "a.mp4", 0.0), ("P2", "b.mp4", 1.25)))
    assert session.to_session("P1", np.array([3.0])) == pytest.approx([3.0])
    assert session.to_session("P2", np.array([3.0])) == pytest.approx([4.25])
    assert session.people["P2"].source == "table"


def test_the_only_recording_needs_no_offset() -> None:
    session = clock.from_table(recordings(("P1", "ab.mp4", np.nan), ("P2", "ab.mp4", np.nan)))
    assert [one.offset_s for one in session.people.values()] == [0.0, 0.0]
    assert session.people["P1"].source == "only recording"


def test_people_in_one_recording_share_the_offset_that_one_row_gives() -> None:
    session = clock.from_table(recordings(("P1", "ab.mp4", 2.0), ("P2", "ab.mp4", np.nan)))
    assert session.people["P2"].offset_s == 2.0


def test_a_missing_offset_among_several_recordings_is_named() -> None:
    with pytest.raises(StudyError, match=r"dyad D01, session S1: offset_s of b\.mp4 is empty"):
        clock.from_table(recordings(("P1", "a.mp4", 0.0), ("P2", "b.mp4", np.nan)))


def test_two_offsets_for_one_recording_are_refused() -> None:
    with pytest.raises(StudyError, match=r"ab\.mp4 has different offsets"):
        clock.from_table(recordings(("P1", "ab.mp4", 0.0), ("P2", "ab.mp4", 1.0)))


def test_frames_extracted_earlier_count_as_recordings() -> None:
    rows = recordings(("P1", "", 0.0), ("P2", "", np.nan))
    rows["frames_path"] = ["p1.csv", "p2.csv"]
    with pytest.raises(StudyError, match=r"p2\.csv is empty"):
        clock.from_table(rows)


def test_a_person_without_a_recording_is_refused() -> None:
    session = clock.from_table(recordings(("P1", "a.mp4", 0.0)))
    with pytest.raises(StudyError, match="P9 has no recording"):
        session.to_session("P9", np.zeros(1))


def test_a_clock_survives_being_written(tmp_path: Path) -> None:
    session = clock.from_table(recordings(("P1", "a.mp4", 0.5), ("P2", "b.mp4", -1.0)))
    tables.write_json(session, tmp_path / "clock.json")
    assert clock.load(tmp_path / "clock.json") == session


def test_a_file_that_is_no_clock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text("{}")
    with pytest.raises(StudyError, match="not a session clock"):
        clock.load(tmp_path / "clock.json")


@given(
    offset_s=st.floats(-200, 200),
    drift_ppm=st.floats(-300, 300),
    times_s=st.lists(st.floats(0, 1e4), min_size=2),
)
def test_the_session_clock_keeps_the_order_of_times(
    offset_s: float, drift_ppm: float, times_s: list[float]
) -> None:
    person = clock.RecordingClock(offset_s=offset_s, drift_ppm=drift_ppm, source="table")
    session = clock.SessionClock(dyad_id="D", session_id="S", people={"P": person})
    translated = session.to_session("P", np.sort(times_s))
    assert (np.diff(translated) >= 0).all()


def test_drift_adds_up_over_the_recording() -> None:
    person = clock.RecordingClock(offset_s=1.0, drift_ppm=100.0, source="table")
    session = clock.SessionClock(dyad_id="D", session_id="S", people={"P": person})
    # 100 millionths of an hour are 0.36 s.
    assert session.to_session("P", np.array([3600.0])) == pytest.approx([3601.36])
