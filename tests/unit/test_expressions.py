from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from trace_tables import make_about, make_segments, make_trace

from dyads.channels import ChannelType
from dyads.config import ExpressionSettings
from dyads.contracts import Expressions
from dyads.errors import StudyError
from dyads.measures.composites import with_composites
from dyads.measures.expressions import UNITS, measure_expressions
from dyads.tables import About, check

SETTINGS = ExpressionSettings(half_block_s=1.0)
WHOLE = make_segments(("talk", 0, 10))


def measure(
    trace: pd.DataFrame,
    segments: pd.DataFrame = WHOLE,
    settings: ExpressionSettings = SETTINGS,
    about: About | None = None,
) -> pd.DataFrame:
    channels = [name for name in trace.columns if name.startswith("AU")]
    about = about or make_about(*channels)
    return measure_expressions(trace, segments, settings, about, "D01", "S1")


def values_of(table: pd.DataFrame, channel: str = "AU12", segment: str = "talk") -> pd.Series:
    """Value of each measure of a channel in a segment."""
    rows = table[(table["channel"] == channel) & (table["segment_id"] == segment)]
    return rows.set_index("measure")["value"]


def reasons_of(table: pd.DataFrame, channel: str = "AU12", segment: str = "talk") -> pd.Series:
    rows = table[(table["channel"] == channel) & (table["segment_id"] == segment)]
    return rows.set_index("measure")["reason"]


def pulses() -> np.ndarray:
    """Ten seconds at 10 Hz: 0.1, but 0.9 in 2.0 to 3.0 s and in 6.0 to 8.0 s."""
    series = np.full(100, 0.1)
    series[20:30] = series[60:80] = 0.9
    return series


def test_square_pulses_give_the_level_time_and_number_that_they_were_made_with():
    # 30 of 100 steps at 0.9, the rest at 0.1: mean 0.34, SD 0.8 * sqrt(0.3 * 0.7 * 100 / 99);
    # two events in 10 s are 12 per minute; lengths 1 and 2 s; one step up of 0.8 in 0.1 s.
    found = values_of(measure(make_trace({"AU12": pulses()})))
    expected = {
        "level": 0.34,
        "variability": 0.8 * np.sqrt(0.21 * 100 / 99),
        "range": 0.8,
        "time_on": 0.3,
        "events": 2,
        "rate": 12,
        "duration": 1.5,
        "onset_apex": 0,
        "apex_offset": 1.5,
        "rise": 8,
    }
    assert found[list(expected)].to_dict() == pytest.approx(expected)


def test_a_sine_over_whole_periods_has_its_mean_and_spread():
    # 0.5 + 0.4 sin over 10 whole periods: mean 0.5, SD 0.4 / sqrt(2) (times sqrt(n / (n - 1))).
    series = 0.5 + 0.4 * np.sin(2 * np.pi * np.arange(1000) / 100)
    trace = make_trace({"AU12": series})
    found = values_of(measure(trace, make_segments(("talk", 0, 100))))
    assert found["level"] == pytest.approx(0.5)
    assert found["variability"] == pytest.approx(0.4 / np.sqrt(2) * np.sqrt(1000 / 999))


def test_the_odd_half_is_the_first_third_and_so_on_block_from_the_onset():
    # Seconds 3 to 9 of a trace whose value is the second: odd 3, 5, 7; even 4, 6, 8.
    trace = make_trace({"AU12": np.arange(100) // 10 / 10})
    found = values_of(measure(trace, make_segments(("talk", 3, 6))))
    assert found["level_odd"] == pytest.approx(0.5)
    assert found["level_even"] == pytest.approx(0.6)


def test_the_mean_of_both_halves_is_the_level_where_all_is_seen_and_blocks_are_full():
    series = np.random.default_rng(1).uniform(size=100)
    found = values_of(measure(make_trace({"AU12": series})))
    assert (found["level_odd"] + found["level_even"]) / 2 == pytest.approx(found["level"])


def test_a_segment_shorter_than_two_blocks_has_no_even_half():
    found = measure(make_trace({"AU12": pulses()}), make_segments(("talk", 0, 1)))
    assert values_of(found)["level_odd"] == pytest.approx(0.1)
    assert reasons_of(found)["level_even"] == "seen share of half the segment below minimum"


def test_the_resting_level_is_the_median_of_the_resting_segment():
    # At rest 0.2 but for a short 0.9: median 0.2; in talk 0.6 throughout.
    series = np.concatenate([np.full(40, 0.2), np.full(10, 0.9), np.full(50, 0.6)])
    segments = make_segments(("neutral", 0, 5), ("talk", 5, 5))
    settings = SETTINGS.model_copy(update={"resting_segment": "neutral"})
    found = values_of(measure(make_trace({"AU12": series}), segments, settings))
    assert found["level_rest"] == pytest.approx(0.4)


def test_without_a_resting_segment_the_level_above_rest_is_missing_and_says_why():
    found = measure(make_trace({"AU12": pulses()}))
    assert reasons_of(found)["level_rest"] == "no resting segment"
    assert np.isnan(values_of(found)["level_rest"])


def test_a_resting_segment_hardly_seen_takes_the_level_above_rest_alone():
    series = np.concatenate([np.full(50, np.nan), np.full(50, 0.6)])
    segments = make_segments(("neutral", 0, 5), ("talk", 5, 5))
    settings = SETTINGS.model_copy(update={"resting_segment": "neutral"})
    found = measure(make_trace({"AU12": series}), segments, settings)
    assert reasons_of(found)["level_rest"] == "seen share of the resting segment below minimum"
    assert values_of(found)["level"] == pytest.approx(0.6)


def test_a_segment_seen_too_little_keeps_its_rows_without_values():
    series = pulses()
    series[30:71] = np.nan
    found = measure(make_trace({"AU12": series}))
    assert len(found) == len(UNITS)
    assert found["value"].isna().all()
    assert (found["reason"] == "seen share below minimum").all()
    assert found["seen_share"].to_numpy() == pytest.approx(0.59)
    assert found["seen_s"].to_numpy() == pytest.approx(5.9)


def test_a_segment_seen_just_enough_is_measured_over_what_was_seen():
    # 60 of 100 steps are left, all 30 steps at 0.9 among them: time on 0.5, two events in 6 s.
    series = pulses()
    series[80:], series[0:19], series[30] = np.nan, np.nan, np.nan
    found = measure(make_trace({"AU12": series}))
    assert values_of(found)[["time_on", "rate"]].tolist() == pytest.approx([0.5, 20])
    assert found["seen_share"].to_numpy() == pytest.approx(0.6)


def test_only_events_seen_from_beginning_to_end_have_a_duration():
    # The first event runs into a missing stretch, the second is whole and 2 s long.
    series = pulses()
    series[28:32] = np.nan
    found = values_of(measure(make_trace({"AU12": series})))
    assert found["events"] == 2
    assert found["duration"] == pytest.approx(2.0)


def test_an_event_over_a_border_is_in_both_segments_and_begins_in_one():
    # The pulse from 6.0 to 8.0 s straddles the border at 7 s: a second of it on either side of
    # two; one onset in 2 s is 30 per minute.
    segments = make_segments(("first", 5, 2), ("second", 7, 2))
    found = measure(make_trace({"AU12": pulses()}), segments)
    names = ["events", "time_on", "rate"]
    assert values_of(found, segment="first")[names].tolist() == pytest.approx([1, 0.5, 30])
    assert values_of(found, segment="second")[names].tolist() == pytest.approx([1, 0.5, 0])
    assert reasons_of(found, segment="second")["duration"] == "no complete event"


def test_the_last_moment_of_an_event_does_not_make_it_one_of_the_next_segment():
    # 0.4 s of the pulse that ends at 8.0 s lie in the segment; an event needs 0.5 s.
    found = values_of(measure(make_trace({"AU12": pulses()}), make_segments(("talk", 7.6, 2))))
    assert found["events"] == 0
    assert found["time_on"] == pytest.approx(0.2)


def test_an_event_that_fills_the_whole_film_is_an_event_without_an_onset():
    found = values_of(measure(make_trace({"AU12": np.full(100, 0.9)})))
    assert found[["events", "rate", "time_on"]].tolist() == [1, 0, 1]


def test_a_segment_outside_the_film_has_rows_that_say_so():
    trace = make_trace({"AU12": pulses()})
    found = measure(trace, make_segments(("talk", 0, 10), ("later", 20, 5)))
    assert (reasons_of(found, segment="later") == "segment outside the recording").all()
    assert values_of(found, segment="later").isna().all()


def test_a_recording_that_ends_before_its_partners_is_outside_and_not_little_seen():
    trace = make_trace({"AU12": np.concatenate([pulses(), np.full(100, np.nan)])})
    trace.loc[100:, "reason"] = "outside_recording"
    found = measure(trace, make_segments(("talk", 0, 10), ("later", 12, 5)))
    assert (reasons_of(found, segment="later") == "segment outside the recording").all()


def test_a_segment_half_within_the_film_has_half_its_time_seen():
    found = measure(make_trace({"AU12": pulses()}), make_segments(("talk", 5, 10)))
    assert found["seen_share"].to_numpy() == pytest.approx(0.5)


def test_every_person_segment_channel_and_measure_has_one_row():
    own = make_trace({"AU06": pulses(), "AU12": pulses()})
    other = make_trace({"AU06": pulses(), "AU12": pulses()}, person_id="Q01")
    segments = make_segments(("talk", 0, 5), ("later", 5, 5))
    settings = SETTINGS.model_copy(update={"composites": {"smile": ("AU06", "AU12")}})
    found = check(measure(pd.concat([own, other]), segments, settings), Expressions, "test")
    assert len(found) == 2 * 2 * 3 * len(UNITS)
    assert not found.duplicated(["person_id", "segment_id", "channel", "measure"]).any()
    assert dict(zip(found["measure"], found["unit"], strict=True)) == UNITS


def test_segments_of_other_sessions_are_left_alone():
    segments = pd.concat([WHOLE, make_segments(("other", 0, 5), session_id="S2")])
    assert set(measure(make_trace({"AU12": pulses()}), segments)["segment_id"]) == {"talk"}


def test_a_session_without_segments_has_a_table_without_rows():
    trace = make_trace({"AU12": pulses()})
    for segments in (pd.DataFrame(), make_segments(("other", 0, 5), session_id="S2")):
        assert check(measure(trace, segments), Expressions, "test").empty


def test_a_composite_is_the_mean_of_its_channels():
    trace = make_trace({"AU06": np.full(100, 0.2), "AU12": pulses()})
    settings = SETTINGS.model_copy(update={"composites": {"smile": ("AU06", "AU12")}})
    found = measure(trace, settings=settings)
    assert values_of(found, "smile")["level"] == pytest.approx((0.2 + 0.34) / 2)
    assert set(found.loc[found["channel"] == "smile", "channel_type"]) == {"probability"}


def test_a_composite_is_missing_where_one_of_its_channels_is():
    trace = make_trace({"AU06": [0.2, 0.2], "AU12": [0.4, 0.4]})
    trace.loc[1, "AU12"] = np.nan
    about = make_about("AU06", "AU12")
    smile = with_composites(trace, {"smile": ("AU06", "AU12")}, about).trace["smile"]
    assert smile.tolist() == pytest.approx([0.3, np.nan], nan_ok=True)


def test_all_faults_of_the_composites_are_named_at_once():
    trace = make_trace({"AU04": [0.1], "AU12": [0.1], "valence": [0.1]})
    about = About(
        channel_types={
            "AU04": ChannelType.PROBABILITY,
            "AU12": ChannelType.PROBABILITY,
            "valence": ChannelType.BIPOLAR,
        }
    )
    composites = {
        "mixed": ("AU12", "valence"),
        "lacking": ("AU12", "AU99"),
        "AU04": ("AU12",),
        "nothing": (),
    }
    with pytest.raises(StudyError) as fault:
        with_composites(trace, composites, about)
    message = str(fault.value)
    assert "mixed: mixes probability (AU12) and bipolar (valence)" in message
    assert "lacking: the detector does not give AU99" in message
    assert "AU04: is the name of a channel" in message
    assert "nothing: names no channel" in message
    assert "The trace has: AU04, AU12, valence" in message


def test_a_channel_of_unknown_type_is_refused():
    with pytest.raises(StudyError, match="AU12: no type known"):
        measure(make_trace({"AU12": pulses()}), about=About())


@given(
    arrays(float, 100, elements=st.floats(0, 1)),
    arrays(bool, 100),
    st.floats(0, 9),
    st.floats(0.2, 9),
)
@settings(max_examples=60, deadline=None)
def test_measures_stay_within_what_they_can_be(series, is_lost, onset_s, duration_s):
    trace = make_trace({"AU12": np.where(is_lost, np.nan, series)})
    found = measure(trace, make_segments(("talk", onset_s, duration_s)))
    value = values_of(found)
    assert found["value"].notna().equals(found["reason"] == "")
    if not np.isnan(value["level"]):
        assert -1e-12 <= value["level"] <= 1 + 1e-12
        assert 0 <= value["time_on"] <= 1
        assert 0 <= value["range"] <= 1
        onsets = value["rate"] * found["seen_s"].iloc[0] / 60
        assert onsets == pytest.approx(round(onsets))


@given(arrays(float, 100, elements=st.floats(0, 1)), st.integers(0, 300))
@settings(max_examples=30, deadline=None)
def test_measures_do_not_depend_on_when_the_segment_is(series, later):
    at_once = values_of(measure(make_trace({"AU12": series})))
    then = make_trace({"AU12": series}, first_step=later)
    found = values_of(measure(then, make_segments(("talk", later / 10, 10))))
    pd.testing.assert_series_equal(found, at_once)


def test_an_hour_with_thirty_channels_and_sixty_segments_takes_seconds():
    values = np.random.default_rng(1).uniform(size=(36_000, 30))
    channels = [f"AU{number:02}" for number in range(30)]
    one = make_trace(dict(zip(channels, values.T, strict=True)))
    trace = pd.concat([one, one.assign(person_id="Q01")])
    segments = make_segments(*[(f"s{minute}", 60 * minute, 60) for minute in range(60)])
    started = time.process_time()
    measure_expressions(trace, segments, SETTINGS, make_about(*channels), "D01", "S1")
    assert time.process_time() - started < 5


def test_a_threshold_that_no_channel_can_reach_is_refused():
    high = SETTINGS.model_copy(update={"event_on": 2.0})
    with pytest.raises(StudyError, match=r"event_on is 2, and no channel here goes beyond 1"):
        measure(make_trace({"AU12": pulses()}), settings=high)


def test_thresholds_are_in_units_of_the_channel():
    high = SETTINGS.model_copy(update={"event_on": 2.0, "event_off": 1.0})
    about = About(channel_types={"AU12": ChannelType.INTENSITY_0_5})
    found = values_of(measure(make_trace({"AU12": 5 * pulses()}), settings=high, about=about))
    # The pulses of 4.5 in 2.0 to 3.0 s and 6.0 to 8.0 s.
    assert found["events"] == 2


def test_the_floor_is_the_lower_quantile_of_the_whole_session():
    series = np.concatenate([np.full(50, 0.2), pulses()])
    trace = make_trace({"AU12": series})
    found = values_of(measure(trace, make_segments(("talk", 5, 10))))
    # A tenth of all 150 steps lies at or below 0.1; the level of the pulses is 0.34.
    assert found["level_floor"] == pytest.approx(0.34 - 0.1)
