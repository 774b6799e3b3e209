from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from trace_tables import make_trace

from dyads.config import ExpressionSettings
from dyads.measures.events import find_events

SETTINGS = ExpressionSettings(event_on=0.5, event_off=0.3, event_min_s=0.5, event_join_s=0.3)


def events_of(*values: float | list[float] | np.ndarray, rate_hz: float = 10.0) -> pd.DataFrame:
    """Events of one channel whose pieces are put one after the other."""
    series = np.concatenate([np.atleast_1d(piece) for piece in values])
    return find_events(make_trace({"AU12": series}, rate_hz), ("AU12",), SETTINGS)


def flat(value: float, steps: int) -> np.ndarray:
    return np.full(steps, value)


random_series = arrays(
    float, st.integers(0, 120), elements=st.sampled_from([0.0, 0.2, 0.35, 0.45, 0.6, 0.9, np.nan])
)


def test_a_square_pulse_is_one_event_of_its_length():
    # On from step 20 to step 34 at 10 steps a second: 2.0 s to 3.5 s.
    found = events_of(flat(0, 20), flat(0.8, 15), flat(0, 20)).iloc[0]
    assert found[["onset_s", "offset_s", "duration_s"]].tolist() == pytest.approx([2.0, 3.5, 1.5])
    assert found["step"] == 20
    assert found["apex"] == 0.8
    assert found["is_onset_seen"]
    assert found["is_offset_seen"]


def test_a_triangle_has_its_apex_at_the_top_and_its_slope_as_largest_rise():
    # Up by 0.1 a step from step 10 to 1.0 at step 20, down again: 0.5 is reached at step 15,
    # the first step below 0.3 is step 28; 0.1 a step is 1 per second.
    up = np.arange(11) / 10
    found = events_of(flat(0, 10), up, up[-2::-1], flat(0, 10)).iloc[0]
    times = found[["onset_s", "apex_s", "offset_s"]].astype(float).tolist()
    assert times == pytest.approx([1.5, 2.0, 2.8])
    assert found["rise_per_s"] == pytest.approx(1.0)


def test_the_largest_rise_counts_from_rest_even_if_it_comes_before_the_onset():
    # From 0.0 to 0.4 in one step (4 per second), then to 0.6 in two: the event begins later.
    found = events_of(flat(0, 10), 0.4, 0.5, 0.6, flat(0.6, 5), flat(0, 10)).iloc[0]
    assert found["rise_per_s"] == pytest.approx(4.0)


def test_a_rise_after_the_apex_or_far_before_the_event_is_not_its_rise():
    # A blip of 0.45 before, and a second climb from 0.35 to 0.55 after the apex.
    found = events_of(
        flat(0, 5), 0.45, flat(0, 5), [0.25, 0.5, 0.6], flat(0.35, 4), flat(0.55, 4), flat(0, 5)
    ).iloc[0]
    assert found["rise_per_s"] == pytest.approx(2.5)


def test_a_value_that_trembles_about_one_limit_is_one_event():
    assert len(events_of(flat(0, 5), [0.55, 0.45] * 5, flat(0, 5))) == 1


def test_a_value_between_the_limits_starts_no_event():
    assert events_of(flat(0, 5), flat(0.45, 20), flat(0, 5)).empty


@pytest.mark.parametrize(("steps", "count"), [(4, 0), (5, 1)])
def test_an_event_lasts_at_least_half_a_second(steps, count):
    assert len(events_of(flat(0, 10), flat(0.8, steps), flat(0, 10))) == count


@pytest.mark.parametrize(("gap", "count"), [(2, 1), (3, 2)])
def test_events_closer_than_the_limit_are_one(gap, count):
    found = events_of(flat(0, 10), flat(0.8, 6), flat(0, gap), flat(0.8, 6), flat(0, 10))
    assert len(found) == count


def test_short_pieces_are_joined_before_they_are_judged():
    found = events_of(flat(0, 10), flat(0.8, 3), flat(0, 2), flat(0.8, 3), flat(0, 10))
    assert found["duration_s"].tolist() == pytest.approx([0.8])


def test_nothing_is_joined_over_a_missing_step():
    found = events_of(flat(0, 10), flat(0.8, 6), np.nan, flat(0.8, 6), flat(0, 10))
    assert len(found) == 2
    assert found["is_onset_seen"].tolist() == [True, False]
    assert found["is_offset_seen"].tolist() == [False, True]


def test_after_a_missing_stretch_a_value_between_the_limits_is_off():
    found = events_of(flat(0, 10), flat(0.8, 6), np.nan, flat(0.4, 10))
    assert found["duration_s"].tolist() == pytest.approx([0.6])


def test_an_event_at_the_ends_of_the_trace_says_that_its_ends_were_not_seen():
    found = events_of(flat(0.8, 10)).iloc[0]
    assert not found["is_onset_seen"]
    assert not found["is_offset_seen"]
    assert found["duration_s"] == pytest.approx(1.0)


def test_a_series_that_starts_on_and_only_falls_has_no_rise():
    assert np.isnan(events_of(np.linspace(1, 0, 20))["rise_per_s"].iloc[0])


def test_times_are_those_of_the_session_clock():
    trace = make_trace({"AU12": [0, 0, 1, 1, 1, 1, 1, 0]}, rate_hz=10, first_step=100)
    assert find_events(trace, ("AU12",), SETTINGS)["onset_s"].tolist() == pytest.approx([10.2])


def test_channels_and_people_are_kept_apart():
    pulse = np.concatenate([flat(0, 10), flat(0.9, 10), flat(0, 10)])
    own = make_trace({"AU04": np.zeros(30), "AU12": pulse})
    other = make_trace({"AU04": pulse, "AU12": np.zeros(30)}, person_id="Q01")
    found = find_events(pd.concat([own, other]), ("AU04", "AU12"), SETTINGS)
    assert found[["person_id", "channel"]].to_numpy().tolist() == [["P01", "AU12"], ["Q01", "AU04"]]


def test_a_trace_without_rows_has_no_events():
    trace = make_trace({"AU12": np.zeros(3)}).iloc[:0]
    assert find_events(trace, ("AU12",), SETTINGS).empty


def one_by_one(series: np.ndarray) -> list[tuple[int, int]]:
    """The definition of an event, step after step."""
    found: list[list[int]] = []
    start = None
    for row, value in enumerate([*series, np.nan]):
        if start is None and value >= 0.5:
            start = row
        elif start is not None and not value >= 0.3:
            found.append([start, row])
            start = None
    joined: list[list[int]] = []
    for first, stop in found:
        if (
            joined
            and first - joined[-1][1] < 3
            and not np.isnan(series[joined[-1][1] : first]).any()
        ):
            joined[-1][1] = stop
        else:
            joined.append([first, stop])
    return [(first, stop) for first, stop in joined if stop - first >= 5]


@given(random_series)
@settings(max_examples=150, deadline=None)
def test_events_are_those_of_the_definition_taken_step_after_step(series):
    # Step 0 is put before, so that the trace always tells its rate.
    series = np.concatenate([[0.0, 0.0], series])
    found = events_of(series)
    spans = list(zip(found["step"], (found["offset_s"] * 10).round().astype(int), strict=True))
    assert spans == one_by_one(series)


@given(random_series)
@settings(max_examples=60, deadline=None)
def test_an_event_has_onset_apex_and_offset_in_this_order(series):
    found = events_of(0.0, 0.0, series)
    assert (found["apex"] >= SETTINGS.event_on).all()
    assert (found["onset_s"] <= found["apex_s"]).all()
    assert (found["apex_s"] < found["offset_s"]).all()
    assert (found["rise_per_s"].dropna() >= 0).all()


def test_an_hour_of_thirty_channels_is_searched_in_seconds():
    values = np.random.default_rng(1).uniform(size=(36_000, 30))
    trace = make_trace({f"AU{number:02}": values[:, number] for number in range(30)})
    channels = tuple(f"AU{number:02}" for number in range(30))
    started = time.process_time()
    found = find_events(trace, channels, SETTINGS)
    assert time.process_time() - started < 4
    assert len(found) > 1000
