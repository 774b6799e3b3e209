from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyads import tables
from dyads.errors import StudyError
from dyads.recordings import clock


def session_clock(**people: clock.RecordingClock) -> clock.SessionClock:
    return clock.SessionClock(dyad_id="D01", session_id="S1", people=people)


def test_a_person_without_a_recording_is_refused() -> None:
    session = session_clock(P1=clock.RecordingClock(offset_s=0.0, source="table"))
    with pytest.raises(StudyError, match="P9 has no recording"):
        session.to_session("P9", np.zeros(1))


def test_a_clock_survives_being_written(tmp_path: Path) -> None:
    left_out = {"P3": clock.LeftOut(reason="not on the session clock", sentence="no sound")}
    session = session_clock(
        P1=clock.RecordingClock(offset_s=0.5, source="reference"),
        P2=clock.RecordingClock(offset_s=-1.0, drift_ppm=3.0, source="sound", residual_s=0.001),
    ).model_copy(update={"left_out": left_out})
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
