from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from trace_tables import make_about, make_segments, make_trace

from dyads.config import ExpressionSettings, SynchronySettings
from dyads.contracts import Synchrony
from dyads.errors import StudyError
from dyads.measures.lagged_correlation import Windows, lagged_z, summarise
from dyads.measures.pairs import SessionTraces
from dyads.measures.pseudo_dyads import pseudo_dyads
from dyads.measures.responses import Shown, count_responses
from dyads.measures.synchrony import MEASURES, measure_synchrony
from dyads.tables import check

EXPRESSIONS = ExpressionSettings()
SETTINGS = SynchronySettings(channels=("AU12",))
WINDOWS = Windows.of(window_s=8, step_s=4, lag_s=2, lag_step_s=0.2, grid_s=0.1)
TO_PARTNER, TO_PARTICIPANT = "participant_to_partner", "partner_to_participant"


def session(
    participant: np.ndarray | None,
    partner: np.ndarray | None,
    number: int = 1,
    onset_s: float = 0.0,
    duration_s: float = 40.0,
) -> SessionTraces:
    """A session with one segment, `talk`, that begins at `onset_s` of the traces."""
    traces = [
        make_trace({"AU12": series}, person_id=f"{role}{number:02}")
        for role, series in (("P", participant), ("Q", partner))
        if series is not None
    ]
    dyad = f"D{number:02}"
    return SessionTraces(
        dyad_id=dyad,
        session_id="S1",
        participant_id=f"P{number:02}",
        partner_id=f"Q{number:02}",
        trace=pd.concat(traces, ignore_index=True),
        segments=make_segments(("talk", onset_s, duration_s), dyad_id=dyad),
        about=make_about("AU12"),
    )


def pulses(*onsets: int, steps: int = 400, length: int = 10) -> np.ndarray:
    """Ten-step smiles from these steps on."""
    series = np.full(steps, 0.1)
    for onset in onsets:
        series[onset : onset + length] = 0.9
    return series


def smooth_noise(rng: np.random.Generator, steps: int = 400) -> np.ndarray:
    """Noise that changes over about a second, between 0 and 1."""
    noise = np.convolve(rng.normal(size=steps + 20), np.hanning(21) / 10, mode="valid")
    return np.clip(0.4 + 0.3 * noise, 0, 1)


def values_of(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("measure")


def test_a_partner_who_follows_by_a_second_has_the_peak_at_that_lag():
    # The partner is the participant one second later: r = 1 at lag +1 s, z = arctanh(0.999).
    series = smooth_noise(np.random.default_rng(1), 410)
    found = values_of(
        measure_synchrony(session(series[10:], series[:-10]), [], SETTINGS, EXPRESSIONS)
    )
    assert found.loc["lead_s", "value"] == pytest.approx(1.0)
    assert found.loc["peak_z", "value"] == pytest.approx(np.arctanh(0.999))


@given(st.integers(0, 1000), st.integers(-10, 10))
@settings(max_examples=30, deadline=None)
def test_a_known_shift_is_found_in_either_direction(seed, lag):
    series = smooth_noise(np.random.default_rng(seed), 500)
    first, second = series[50:450], series[50 - 2 * lag : 450 - 2 * lag]
    assert summarise(lagged_z(first, second, WINDOWS, 0.6), WINDOWS).lead == 2 * lag


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_changing_places_turns_the_lead_round_and_keeps_the_rest(seed):
    rng = np.random.default_rng(seed)
    first, second = smooth_noise(rng), smooth_noise(rng)
    one_way = summarise(lagged_z(first, second, WINDOWS, 0.6), WINDOWS)
    other_way = summarise(lagged_z(second, first, WINDOWS, 0.6), WINDOWS)
    assert other_way.lead == -one_way.lead
    assert other_way.mean_z == pytest.approx(one_way.mean_z)
    assert other_way.peak_z == pytest.approx(one_way.peak_z)


def test_each_correlation_is_pearsons_of_the_window_and_its_lag():
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=150), rng.normal(size=150)
    second[[5, 60]] = np.nan
    z = lagged_z(first, second, WINDOWS, 0.6)
    assert z.shape == (2, 21)  # windows at 0 and 4 s: 15 s hold 8 + 2 s twice
    for window, start in enumerate((0, 40)):
        for column, lag in enumerate(range(-20, 21, 2)):
            x = first[start + max(-lag, 0) :][:80]
            y = second[start + max(lag, 0) :][:80]
            both = np.isfinite(y)
            expected = np.arctanh(stats.pearsonr(x[both], y[both]).statistic)
            assert z[window, column] == pytest.approx(expected)


def test_two_sines_a_quarter_period_apart_correlate_as_their_cosine():
    # sin(a) and sin(a - pi/2) over whole periods: r = cos(2 pi lag / 4 s - pi / 2) at period 4 s;
    # at lag 0 it is 0, at +1 s it is 1.
    time_s = np.arange(400) / 10
    first, second = np.sin(np.pi / 2 * time_s), np.sin(np.pi / 2 * (time_s - 1))
    z = lagged_z(first, second, WINDOWS, 0.6)
    by_lag = np.tanh(z.mean(axis=0))
    assert by_lag == pytest.approx(
        np.clip(np.cos(np.pi / 2 * (WINDOWS.lags / 10 - 1)), -0.999, 0.999), abs=1e-9
    )


@given(arrays(bool, 200), st.floats(0.1, 5), st.floats(-1, 1))
@settings(max_examples=30, deadline=None)
def test_scale_and_level_of_a_series_change_no_correlation(is_lost, scale, level):
    rng = np.random.default_rng(1)
    first, second = smooth_noise(rng, 200), np.where(is_lost, np.nan, smooth_noise(rng, 200))
    one = lagged_z(first, second, WINDOWS, 0.6)
    two = lagged_z(first * scale + level, second, WINDOWS, 0.6)
    assert two == pytest.approx(one, nan_ok=True)


def test_a_window_seen_too_little_or_without_movement_says_nothing():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=100), rng.normal(size=100)
    assert np.isnan(lagged_z(first, np.full(100, 0.3), WINDOWS, 0.6)).all()
    second[10:90:2] = np.nan
    assert np.isnan(lagged_z(first, second, WINDOWS, 0.6)).all()
    assert np.isfinite(lagged_z(first, second, WINDOWS, 0.4)).all()


def test_a_segment_shorter_than_the_window_and_its_lag_says_so():
    series = smooth_noise(np.random.default_rng(1))
    found = values_of(
        measure_synchrony(session(series, series, duration_s=9.9), [], SETTINGS, EXPRESSIONS)
    )
    for measure in ("mean_z", "peak_z", "lead_s"):
        assert found.loc[measure, "reason"] == "segment shorter than the window and its lag"
        assert np.isnan(found.loc[measure, "value"])


def test_every_segment_channel_and_measure_has_one_row_in_contract():
    own = session(pulses(50), pulses(60))
    table = measure_synchrony(own, [session(pulses(9), pulses(99), 2)], SETTINGS, EXPRESSIONS)
    checked = check(table, Synchrony, "test")
    assert checked["measure"].tolist() == list(MEASURES)


def test_the_share_of_answered_onsets_is_counted_in_each_direction():
    # The partner smiles 1 s after two of the participant's four smiles (medians of 1 s) and
    # alone at step 350. Nobody smiles within 3 s after the partner.
    own = session(pulses(50, 150, 250, 320), pulses(60, 160, 350))
    found = values_of(measure_synchrony(own, [], SETTINGS, EXPRESSIONS))["value"]
    assert found[f"response_share_{TO_PARTNER}"] == pytest.approx(3 / 4)
    assert found[f"response_latency_s_{TO_PARTNER}"] == pytest.approx(1.0)
    assert found[f"onsets_{TO_PARTNER}"] == 4
    assert found[f"response_share_{TO_PARTICIPANT}"] == 0
    # At steps 60 and 160 the participant's smile (ten steps from 50, 150) has just ended.
    assert found[f"onsets_{TO_PARTICIPANT}"] == 3


def shown(*onsets: int, steps: int = 100) -> Shown:
    series = pulses(*onsets, steps=steps)
    return Shown(series, series > 0.5, np.array(onsets, dtype=np.int64))


@pytest.mark.parametrize(
    ("follower", "opportunities", "share"),
    [
        (shown(51), 1, 1),  # the next step
        (shown(80), 1, 1),  # exactly 3 s
        (shown(81), 1, 0),  # too late
        (shown(50), 0, np.nan),  # at the same moment: already smiling
        (shown(45), 0, np.nan),  # smiling before
        (shown(), 1, 0),
    ],
)
def test_an_answer_comes_after_the_onset_and_within_three_seconds(follower, opportunities, share):
    found = count_responses(shown(50), follower, within=30, minimum_share=0.6)
    assert found.opportunities == opportunities
    assert found.share == pytest.approx(share, nan_ok=True)


def test_an_onset_while_the_other_is_hardly_seen_is_no_opportunity():
    series = pulses(steps=100)
    series[55:75] = np.nan
    follower = Shown(series, series > 0.5, np.array([], dtype=np.int64))
    assert count_responses(shown(50), follower, 30, 0.6).opportunities == 0
    assert count_responses(shown(50), follower, 30, 0.3).opportunities == 1


def test_an_onset_at_the_last_step_of_a_segment_is_no_opportunity():
    assert count_responses(shown(99), shown(), 30, 0.6).opportunities == 0


def test_the_index_sets_the_share_against_that_of_strangers():
    # The partner answers 3 of 4; the stranger's smiles answer 1 of 4: (0.75 - 0.25) / 0.75.
    own = session(pulses(50, 150, 250, 350), pulses(60, 160, 260))
    stranger = session(pulses(5), pulses(70), number=2)
    found = values_of(measure_synchrony(own, [stranger], SETTINGS, EXPRESSIONS))
    share, index = (found.loc[f"response_{kind}_{TO_PARTNER}"] for kind in ("share", "index"))
    assert share[["value", "null_value", "n_null"]].tolist() == [0.75, 0.25, 1]
    assert index[["value", "null_value", "n_null"]].tolist() == pytest.approx([2 / 3, 0, 1])


def test_without_strangers_there_is_a_value_and_a_reason_why_it_cannot_be_judged():
    own = session(pulses(50, 150), pulses(60))
    found = values_of(measure_synchrony(own, [], SETTINGS, EXPRESSIONS))
    share = found.loc[f"response_share_{TO_PARTNER}"]
    assert share["value"] == 0.5
    assert share["reason"] == "no pseudo-dyad with this measure"
    assert np.isnan(found.loc[f"response_index_{TO_PARTNER}", "value"])
    assert (found["n_null"] == 0).all()


def test_where_strangers_always_answer_there_is_no_index():
    own = session(pulses(50), pulses(60))
    stranger = session(pulses(5), pulses(55), number=2)
    found = values_of(measure_synchrony(own, [stranger], SETTINGS, EXPRESSIONS))
    assert found.loc[f"response_index_{TO_PARTNER}", "reason"] == "pseudo-dyads always respond"


def test_where_nobody_smiles_there_is_no_onset_to_answer():
    still = session(pulses(), pulses())
    found = values_of(measure_synchrony(still, [], SETTINGS, EXPRESSIONS))
    for kind in ("index", "share", "latency_s"):
        row = found.loc[f"response_{kind}_{TO_PARTNER}"]
        assert row["reason"] == "no onset that could be answered"
    assert found.loc["peak_z", "reason"] == "no window in which both are seen and move"


def test_a_person_without_a_trace_leaves_rows_that_say_so():
    for own, who in (
        (session(pulses(50), None), "partner"),
        (session(None, pulses(50)), "participant"),
    ):
        found = measure_synchrony(own, [], SETTINGS, EXPRESSIONS)
        assert len(found) == len(MEASURES)
        assert (found["reason"] == f"no trace of the {who}").all()


def test_strangers_are_aligned_on_the_onset_of_the_segment():
    # Both segments begin 1 s before the first smile, at different times of the two sessions.
    series = smooth_noise(np.random.default_rng(5), 500)
    own = session(series[:450], series[:450], onset_s=3.0)
    later = session(series[:450], np.concatenate([np.zeros(40), series]), number=2, onset_s=7.0)
    found = values_of(measure_synchrony(own, [later], SETTINGS, EXPRESSIONS))
    assert found.loc["peak_z", "null_value"] == pytest.approx(np.arctanh(0.999))
    assert found.loc["lead_s", "null_value"] == pytest.approx(0.0)


def test_a_segment_is_found_again_in_another_session_by_its_label():
    own, other = session(pulses(50), pulses(60)), session(pulses(50), pulses(60), number=2)
    other.segments["segment_id"] = "otherid"
    found = measure_synchrony(own, [other], SETTINGS, EXPRESSIONS)
    assert found["n_null"].max() == 1
    other.segments["label"] = "otherlabel"
    found = measure_synchrony(own, [other], SETTINGS, EXPRESSIONS)
    assert found["n_null"].max() == 0


def test_a_stranger_whose_segment_is_too_short_is_no_null():
    own = session(pulses(50), pulses(60))
    short = session(pulses(50), pulses(60), number=2, duration_s=5)
    found = values_of(measure_synchrony(own, [short], SETTINGS, EXPRESSIONS))
    assert found.loc["peak_z", "n_null"] == 0


def test_a_session_without_segments_has_a_table_without_rows():
    own = replace(session(pulses(50), pulses(60)), segments=pd.DataFrame())
    found = measure_synchrony(own, [own], SETTINGS, EXPRESSIONS)
    assert check(found, Synchrony, "test").empty


def test_a_composite_can_be_compared():
    own = session(pulses(50), pulses(60))
    smiles = SynchronySettings(channels=("smile",))
    composites = ExpressionSettings(composites={"smile": ("AU12",)})
    found = measure_synchrony(own, [], smiles, composites)
    assert set(found["channel"]) == {"smile"}


def test_a_channel_that_is_not_there_is_named_with_those_that_are():
    own = session(pulses(50), pulses(60))
    with pytest.raises(StudyError, match=r"names AU99.*There are: AU12"):
        measure_synchrony(own, [], SynchronySettings(channels=("AU99",)), EXPRESSIONS)


def greeting_session(rng: np.random.Generator, number: int) -> SessionTraces:
    """Two people who do not look at each other but both smile as the segment begins."""
    greeting = np.exp(-(((np.arange(200) - 40) / 25) ** 2))
    series = [
        np.clip(0.6 * greeting + 0.4 * (smooth_noise(rng, 200) - 0.4) + 0.1, 0, 1) for _ in "PQ"
    ]
    return session(*series, number=number, duration_s=20)


def test_a_shared_greeting_is_synchrony_against_zero_but_not_against_strangers():
    # Ten studies of six dyads without any synchrony, each tested at 5 %. Against zero the
    # greeting makes nearly all of them significant; against strangers 3 or fewer of 10 are to be
    # expected in 99.9 % of cases (binomial).
    rng = np.random.default_rng(11)
    against_zero = against_strangers = 0
    for _ in range(10):
        dyads = [greeting_session(rng, number) for number in range(1, 7)]
        peaks = pd.concat(
            [
                values_of(
                    measure_synchrony(
                        own, [dyad for dyad in dyads if dyad is not own], SETTINGS, EXPRESSIONS
                    )
                ).loc[["peak_z"]]
                for own in dyads
            ]
        )
        against_zero += stats.ttest_1samp(peaks["value"], 0).pvalue < 0.05
        against_strangers += stats.ttest_rel(peaks["value"], peaks["null_value"]).pvalue < 0.05
    assert against_zero >= 9
    assert against_strangers <= 3


def test_partners_who_follow_stand_out_from_strangers_who_share_the_greeting():
    # One study of six dyads in which the partner does what the participant did 0.6 s before.
    rng = np.random.default_rng(12)
    dyads = []
    for number in range(1, 7):
        one = greeting_session(rng, number)
        series = one.trace.loc[one.trace["person_id"] == one.participant_id, "AU12"].to_numpy()
        follows = np.clip(np.roll(series, 6) + rng.normal(scale=0.02, size=200), 0, 1)
        dyads.append(session(series, follows, number, duration_s=20))
    found = pd.concat(
        [
            measure_synchrony(
                own, [dyad for dyad in dyads if dyad is not own], SETTINGS, EXPRESSIONS
            )
            for own in dyads
        ]
    )
    peak, lead = (found[found["measure"] == name] for name in ("peak_z", "lead_s"))
    assert stats.ttest_rel(peak["value"], peak["null_value"]).pvalue < 0.01
    assert lead["value"].median() == pytest.approx(0.6)


def study(groups: dict[str, str], sessions: list[tuple[str, str, int]]) -> tuple:
    """Participants with their group, and (dyad, session, number) of their sessions."""
    participants = pd.DataFrame({"participant_id": list(groups), "group": list(groups.values())})
    table = pd.DataFrame(sessions, columns=["dyad_id", "session_id", "session_number"])
    table["participant_id"] = table["dyad_id"].str.replace("D", "P")
    table["partner_id"] = table["dyad_id"].str.replace("D", "Q")
    return table, participants


def test_strangers_come_from_the_same_group_and_session_number():
    sessions, participants = study(
        {"P1": "ASD", "P2": "ASD", "P3": "SCZ", "P4": "ASD"},
        [("D1", "S1", 1), ("D1", "S2", 2), ("D2", "S1", 1), ("D3", "S1", 1), ("D4", "S2", 2)],
    )
    assert pseudo_dyads(sessions, participants).to_numpy().tolist() == [
        ["D1", "S1", "D2", "S1"],
        ["D1", "S2", "D4", "S2"],
        ["D2", "S1", "D1", "S1"],
        ["D4", "S2", "D1", "S2"],
    ]


def test_nobody_is_a_stranger_to_themselves():
    sessions, participants = study(
        {"P1": "ASD", "P2": "ASD"}, [("D1", "S1", 1), ("D1", "S9", 1), ("D2", "S1", 1)]
    )
    sessions.loc[2, "participant_id"] = "P1"
    assert pseudo_dyads(sessions, participants).empty


def test_a_session_without_a_partner_lends_none():
    sessions, participants = study({"P1": "ASD", "P2": "ASD"}, [("D1", "S1", 1), ("D2", "S1", 1)])
    sessions.loc[1, "partner_id"] = ""
    assert pseudo_dyads(sessions, participants).empty


def test_a_draw_of_strangers_depends_on_neither_order_nor_other_dyads():
    groups = {f"P{number}": "ASD" for number in range(10)}
    sessions, participants = study(groups, [(f"D{number}", "S1", 1) for number in range(10)])
    drawn = pseudo_dyads(sessions, participants, most=3)
    shuffled = pseudo_dyads(sessions[::-1], participants[::-1], most=3)
    pd.testing.assert_frame_equal(drawn, shuffled)
    assert drawn.groupby("dyad_id").size().tolist() == [3] * 10
    others = pseudo_dyads(sessions, participants, most=3, seed=2)
    assert not drawn.equals(others)


def test_a_long_session_with_twenty_strangers_takes_seconds():
    rng = np.random.default_rng(1)
    steps = 6000
    sessions = [
        session(smooth_noise(rng, steps), smooth_noise(rng, steps), number, duration_s=600)
        for number in range(1, 22)
    ]
    started = time.process_time()
    measure_synchrony(sessions[0], sessions[1:], SETTINGS, EXPRESSIONS)
    assert time.process_time() - started < 6
