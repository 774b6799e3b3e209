from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trace_tables import Offsets, make_frames

from dyads.config import CleaningSettings
from dyads.contracts import Trace
from dyads.errors import StudyError
from dyads.tables import check
from dyads.traces.cleaning import regular_trace

SETTINGS = CleaningSettings(rate_hz=10, fill_gap_s=0.5)
CLOCK = Offsets()


def smile(trace: pd.DataFrame) -> np.ndarray:
    return trace["AU12"].to_numpy()


def with_hole(lost: slice, status: str = "no_face", length: int = 30) -> pd.DataFrame:
    """A film at 10 frames a second whose smile rises by 0.01 a frame, with a hole."""
    states = np.full(length, "face", dtype=object)
    states[lost] = status
    return make_frames(np.arange(length) / 10, {"AU12": np.arange(length) / 100}, states)


@st.composite
def films(draw: st.DrawFn) -> pd.DataFrame:
    """Films with any spacing of frames and any faces lost."""
    spacing = draw(st.lists(st.integers(1, 400), min_size=1, max_size=80))
    time_s = draw(st.integers(0, 2000)) / 1000 + np.cumsum(spacing) / 1000
    status = draw(
        st.lists(
            st.sampled_from(["face", "face", "face", "no_face", "lost"]),
            min_size=len(spacing),
            max_size=len(spacing),
        )
    )
    value = np.random.default_rng(draw(st.integers(0, 1000))).uniform(size=len(spacing))
    return make_frames(time_s, {"AU12": value}, status)


def test_a_film_on_the_grid_comes_out_as_it_is():
    value = np.random.default_rng(1).uniform(size=50)
    trace = regular_trace(make_frames(np.arange(50) / 10, {"AU12": value}), CLOCK, SETTINGS)
    assert smile(trace) == pytest.approx(value, abs=0)
    assert (trace["state"] == "seen").all()
    assert trace["step"].tolist() == list(range(50))


def test_a_trace_keeps_its_contract_also_when_the_face_is_never_seen():
    for status in ("face", "lost"):
        frames = make_frames([0.0, 0.1], {"AU12": [0.1, 0.2], "valence": [0.0, 0.0]}, status)
        check(regular_trace(frames, CLOCK, SETTINGS), Trace, status)
    check(regular_trace(frames.iloc[:0], CLOCK, SETTINGS), Trace, "no frames")


@given(
    st.lists(st.integers(1, 450), min_size=5, max_size=60),
    st.floats(-3, 3, allow_nan=False),
)
@settings(max_examples=40, deadline=None)
def test_a_straight_line_stays_that_line_at_any_spacing_of_frames(spacing_ms, slope):
    # The mean of a line over some times is the line at their mean.
    time_s = np.cumsum(spacing_ms) / 1000
    trace = regular_trace(make_frames(time_s, {"AU12": slope * time_s}), CLOCK, SETTINGS)
    known = trace[trace["state"] != "missing"]
    joined = known[known["time_s"].between(time_s[0] + 0.1, time_s[-1] - 0.1)]
    assert smile(joined) == pytest.approx(slope * joined["time_s"].to_numpy(), abs=1e-9)


def test_a_sine_between_the_steps_is_read_to_the_accuracy_of_linear_interpolation():
    # Linear interpolation errs by at most max|f''| d^2 / 8: f = sin(2 pi 0.5 t), d = 0.1 s.
    frames = make_frames(np.arange(100) / 10, {"AU12": np.sin(np.pi * (np.arange(100) / 10))})
    trace = regular_trace(frames, Offsets({"P01": 0.05}), SETTINGS)
    truth = np.sin(np.pi * (trace["time_s"] - 0.05))
    inner = trace["state"] != "missing"
    assert inner.sum() == 99
    assert np.abs(trace["AU12"] - truth)[inner].max() <= np.pi**2 * 0.1**2 / 8


def test_a_fast_film_is_averaged_before_it_is_thinned():
    # 100 frames a second that flicker between 0 and 1: ten frames a step, mean 0.5. Taking
    # every tenth frame would give a constant 0.
    frames = make_frames(np.arange(500) / 100, {"AU12": np.arange(500) % 2})
    trace = regular_trace(frames, CLOCK, SETTINGS)
    inner = trace["time_s"].between(0.1, 4.8)
    assert smile(trace[inner]) == pytest.approx(0.5, abs=1e-9)


def test_a_gap_at_the_limit_is_filled_by_a_straight_line():
    # Frames 10 to 13 are lost: 0.5 s from the last seen frame (9) to the next (14).
    trace = regular_trace(with_hole(slice(10, 14)), CLOCK, SETTINGS)
    assert smile(trace) == pytest.approx(np.arange(30) / 100)
    assert trace["state"].eq("interpolated").to_numpy().nonzero()[0].tolist() == [10, 11, 12, 13]
    assert (trace["reason"] == "").all()


def test_a_gap_longer_than_the_limit_stays_missing():
    trace = regular_trace(with_hole(slice(10, 15)), CLOCK, SETTINGS)
    hole = trace["step"].between(10, 14)
    assert (trace.loc[hole, "state"] == "missing").all()
    assert trace.loc[hole, "AU12"].isna().all()
    assert (trace.loc[~hole, "state"] == "seen").all()


@pytest.mark.parametrize(
    ("status", "reason"),
    [("no_face", "no_face"), ("lost", "not_decoded"), ("unknown", "unknown_person")],
)
def test_a_missing_step_says_why_the_frames_were_not_seen(status, reason):
    trace = regular_trace(with_hole(slice(10, 20), status), CLOCK, SETTINGS)
    assert (trace.loc[trace["state"] == "missing", "reason"] == reason).all()


def test_a_face_scored_below_the_limit_is_told_from_no_face():
    frames = with_hole(slice(10, 20))
    frames.loc[10:14, "reason"] = "low_score"
    reason = regular_trace(frames, CLOCK, SETTINGS)["reason"]
    assert reason[10:20].tolist() == ["low_score"] * 5 + ["no_face"] * 5


def test_a_stretch_without_frames_is_a_gap():
    frames = with_hole(slice(0, 0)).drop(index=range(10, 20))
    trace = regular_trace(frames, CLOCK, SETTINGS)
    assert trace.loc[trace["state"] == "missing", "step"].tolist() == list(range(10, 20))
    assert (trace.loc[trace["state"] == "missing", "reason"] == "gap").all()


def test_nothing_is_invented_before_the_first_and_after_the_last_frame():
    frames = make_frames(np.arange(20) / 10 + 0.53, {"AU12": np.ones(20)})
    trace = regular_trace(frames, CLOCK, SETTINGS, window=(0, 4))
    known = trace["AU12"].notna()
    assert trace.loc[known, "time_s"].agg(["min", "max"]).tolist() == [0.6, 2.4]
    assert (trace.loc[~known, "reason"] == "outside_recording").all()
    assert len(trace) == 40


def test_nothing_is_invented_at_the_edges_of_a_hole():
    # Frames stand 0.03 s before the steps; 0.97 is the last one seen, so step 10 has no frame
    # after it. 2.97 is lost: step 30, seen on neither side, is missing too.
    frames = with_hole(slice(11, 31), length=40)
    trace = regular_trace(frames, Offsets({"P01": -0.03}), SETTINGS)
    missing = trace.loc[trace["state"] == "missing", "step"]
    assert missing.tolist() == list(range(10, 31))


def test_a_film_slower_than_the_grid_is_seen_at_its_frames_and_interpolated_between():
    frames = make_frames([0.0, 0.4, 0.8], {"AU12": [0.0, 0.4, 0.8]})
    trace = regular_trace(frames, CLOCK, SETTINGS)
    assert smile(trace) == pytest.approx(np.arange(9) / 10)
    assert trace.loc[trace["state"] == "seen", "step"].tolist() == [0, 4, 8]


def test_frames_one_step_apart_are_no_gap_even_if_no_gap_is_filled():
    frames = make_frames(np.arange(20) / 10, {"AU12": np.arange(20) / 20})
    no_filling = CleaningSettings(rate_hz=10, fill_gap_s=0)
    trace = regular_trace(frames, Offsets({"P01": 0.05}), no_filling)
    assert trace["state"].eq("seen").sum() == 19


def test_a_number_that_the_detector_did_not_give_is_missing_in_that_channel_alone():
    frames = make_frames(np.arange(5) / 10, {"AU12": np.ones(5), "AU04": [1, 1, np.nan, 1, 1]})
    trace = regular_trace(frames, CLOCK, SETTINGS)
    assert trace["AU04"].isna().tolist() == [False, False, True, False, False]
    assert trace["AU12"].notna().all()


def test_both_people_stand_on_the_same_steps_of_the_session_clock():
    # The partner's camera started 1.23 s later: the same moment is 1.23 s earlier in that film.
    moment = np.arange(60) / 10
    own = make_frames(moment, {"AU12": moment})
    other = make_frames(moment, {"AU12": moment + 1.23}, person_id="Q01")
    trace = regular_trace(pd.concat([own, other]), Offsets({"Q01": 1.23}), SETTINGS)
    both = trace.pivot_table(index="time_s", columns="person_id", values="AU12").dropna()
    assert len(both) == 47
    assert both["P01"].to_numpy() == pytest.approx(both["Q01"].to_numpy())
    assert (trace.groupby("person_id")["step"].agg(list).str.len() == 72).all()


def test_what_lies_before_the_session_clock_begins_is_left_out():
    trace = regular_trace(with_hole(slice(0, 0)), Offsets({"P01": -1.0}), SETTINGS)
    assert trace["step"].tolist() == list(range(20))
    assert trace.loc[0, "AU12"] == pytest.approx(0.10)


def test_frames_without_a_time_are_refused_with_the_person_named():
    frames = make_frames([0.0, np.nan], {"AU12": [0.1, 0.2]})
    with pytest.raises(StudyError, match=r"P01: 1 of 2 frames"):
        regular_trace(frames, CLOCK, SETTINGS)


@given(films(), st.floats(0.0, 8.0))
@settings(max_examples=40, deadline=None)
def test_a_trace_made_in_two_windows_is_the_trace_of_the_whole(film, cut_s):
    whole = regular_trace(film, CLOCK, SETTINGS, window=(0, 20))
    parts = [
        regular_trace(film, CLOCK, SETTINGS, window=bounds) for bounds in ((0, cut_s), (cut_s, 20))
    ]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, check_exact=True)


@given(films(), st.integers(0, 80))
@settings(max_examples=40, deadline=None)
def test_a_film_cut_in_two_and_put_together_in_any_order_gives_the_same_trace(film, cut):
    pieces = pd.concat([film.iloc[cut:], film.iloc[:cut]])
    pd.testing.assert_frame_equal(
        regular_trace(pieces, CLOCK, SETTINGS),
        regular_trace(film, CLOCK, SETTINGS),
        check_exact=True,
    )


@given(films(), st.floats(0.5, 8.0))
@settings(max_examples=40, deadline=None)
def test_frames_far_from_a_step_do_not_touch_its_value(film, cut_s):
    # 0.6 s: the longest gap that is filled and half a step on either side.
    near = film[film["time_s"] < cut_s + 0.6]
    assume(len(near))
    of_near = regular_trace(near, CLOCK, SETTINGS, window=(0, cut_s))
    of_all = regular_trace(film, CLOCK, SETTINGS, window=(0, cut_s))
    pd.testing.assert_series_equal(of_near["AU12"], of_all["AU12"], check_exact=True)
    pd.testing.assert_series_equal(of_near["state"], of_all["state"])


@given(films())
@settings(max_examples=40, deadline=None)
def test_a_value_stands_only_between_seen_frames_and_within_their_range(film):
    trace = regular_trace(film, CLOCK, SETTINGS)
    seen = film[film["status"] == "face"]
    known = trace[trace["state"] != "missing"]
    assert trace["AU12"].notna().equals(trace["state"] != "missing")
    assert (trace["reason"] != "").equals(trace["state"] == "missing")
    for step_s in known["time_s"]:
        before = seen["time_s"][seen["time_s"] <= step_s + 1e-6].max()
        after = seen["time_s"][seen["time_s"] >= step_s - 1e-6].min()
        assert after - before <= 0.5 + 1e-5
    if len(known):
        assert known["AU12"].min() >= seen["AU12"].min() - 1e-12
        assert known["AU12"].max() <= seen["AU12"].max() + 1e-12


def test_an_hour_of_film_of_two_people_is_cleaned_in_seconds():
    count = 25 * 3600
    channels = {f"AU{number:02}": np.zeros(count) for number in range(1, 31)}
    frames = pd.concat(
        [
            make_frames(np.arange(count) / 25, channels, person_id=person)
            for person in ("P01", "Q01")
        ]
    )
    started = time.process_time()
    regular_trace(frames, CLOCK, SETTINGS)
    assert time.process_time() - started < 5
