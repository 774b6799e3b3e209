"""What was shown while somebody spoke or listened, apart from the rest of a segment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trace_tables import make_about, make_segments, make_trace

from dyads.config import ExpressionSettings, Stratum
from dyads.contracts import Expressions
from dyads.measures.expressions import LITTLE_SEEN, OUTSIDE, measure_expressions
from dyads.tables import check
from dyads.traces.strata import NO_TIME, NOT_KNOWN

SETTINGS = ExpressionSettings(half_block_s=1.0)
STRATA: tuple[Stratum, ...] = ("all", "speaking", "listening")
WHOLE = make_segments(("talk", 0, 10))


def speech(*stretches: tuple[float, float, str], person_id: str = "P01") -> pd.DataFrame:
    """Contract `Speech` from (onset_s, offset_s, state)."""
    return pd.DataFrame(
        [
            {
                "dyad_id": "D01",
                "session_id": "S1",
                "person_id": person_id,
                "onset_s": onset_s,
                "offset_s": offset_s,
                "state": state,
                "source": "none" if state == "unknown" else "own_sound",
            }
            for onset_s, offset_s, state in stretches
        ]
    )


TURNS = speech((0, 4, "speaking"), (4, 9, "listening"), (9, 10, "silence"))


def measured(
    series: np.ndarray,
    who_speaks: pd.DataFrame | None = TURNS,
    segments: pd.DataFrame = WHOLE,
    strata: Sequence[Stratum] = STRATA,
) -> pd.DataFrame:
    trace = make_trace({"AU12": series})
    about = make_about("AU12")
    table = measure_expressions(trace, segments, SETTINGS, about, "D01", "S1", strata, who_speaks)
    return check(table, Expressions, "expressions")


def value(table: pd.DataFrame, stratum: str, measure: str, column: str = "value") -> object:
    rows = table[(table["stratum"] == stratum) & (table["measure"] == measure)]
    assert len(rows) == 1
    return rows[column].iloc[0]


def turns_of_smiling() -> np.ndarray:
    """0.2 while speaking (0 to 4 s), 0.8 while listening (to 9 s), 0.5 in silence."""
    return np.repeat([0.2, 0.8, 0.5], [40, 50, 10])


def test_a_stratum_has_the_level_of_its_own_steps() -> None:
    # By hand: 0.2 × 40 + 0.8 × 50 + 0.5 × 10 = 53 over 100 steps.
    found = measured(turns_of_smiling())
    assert value(found, "speaking", "level") == pytest.approx(0.2)
    assert value(found, "listening", "level") == pytest.approx(0.8)
    assert value(found, "all", "level") == pytest.approx(0.53)
    assert value(found, "speaking", "level", "seen_s") == pytest.approx(4.0)


def test_the_whole_segment_is_measured_the_same_with_and_without_strata() -> None:
    series = np.random.default_rng(1).uniform(size=100)
    series[40:47] = np.nan
    alone = measured(series, None, strata=("all",))
    beside = measured(series)
    pd.testing.assert_frame_equal(beside[beside["stratum"] == "all"].reset_index(drop=True), alone)


@given(st.lists(st.booleans(), min_size=10, max_size=10), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_speaking_and_listening_together_make_up_a_segment_without_silence(
    speaks: list[bool], seed: int
) -> None:
    series = np.random.default_rng(seed).uniform(size=100)
    turns = speech(
        *(
            (second, second + 1, "speaking" if on else "listening")
            for second, on in enumerate(speaks)
        )
    )
    found = measured(series, turns).set_index(["stratum", "measure"])
    whole = found.loc[("all", "level")]
    parts = [found.loc[(name, "level")] for name in STRATA[1:]]
    assert sum(part["seen_s"] for part in parts) == pytest.approx(whole["seen_s"])
    total = sum(part["value"] * part["seen_s"] for part in parts if part["seen_s"] > 0)
    assert total == pytest.approx(whole["value"] * whole["seen_s"])
    counted = found["value"].xs("rate", level="measure") * found["seen_s"].xs(
        "rate", level="measure"
    )
    assert counted[list(STRATA[1:])].sum() == pytest.approx(counted["all"])


def test_an_event_across_a_change_of_turn_is_one_event_of_its_full_length() -> None:
    # On from 3.0 to 6.0 s, speech to 4.0 s: the onset lies in speech, 1 s of 4 s and 2 s of 5 s.
    series = np.full(100, 0.1)
    series[30:60] = 0.9
    found = measured(series)
    assert value(found, "speaking", "events") == 1
    assert value(found, "listening", "events") == 1
    assert value(found, "speaking", "rate") == pytest.approx(60 / 4)
    assert value(found, "listening", "rate") == 0
    assert value(found, "speaking", "duration") == pytest.approx(3.0)
    assert value(found, "speaking", "time_on") == pytest.approx(1 / 4)
    assert value(found, "listening", "time_on") == pytest.approx(2 / 5)


def test_an_event_that_barely_reaches_into_a_stratum_does_not_count_there() -> None:
    # From 3.0 to 4.3 s: 0.3 s of it in listening, less than event_min_s of 0.5 s.
    series = np.full(100, 0.1)
    series[30:43] = 0.9
    found = measured(series)
    assert value(found, "speaking", "events") == 1
    assert value(found, "listening", "events") == 0


def test_the_least_seen_share_holds_within_the_time_of_the_stratum() -> None:
    # Unseen from 0 to 2 s: half of the 4 s of speech, a fifth of the segment, nothing of listening.
    series = turns_of_smiling()
    series[:20] = np.nan
    found = measured(series)
    assert value(found, "speaking", "level", "reason") == LITTLE_SEEN
    assert value(found, "speaking", "level", "seen_share") == pytest.approx(0.5)
    assert value(found, "listening", "level") == pytest.approx(0.8)
    assert value(found, "listening", "level", "seen_share") == 1
    assert value(found, "all", "level", "seen_share") == pytest.approx(0.8)


def test_a_segment_in_which_somebody_never_speaks_is_missing_and_says_so() -> None:
    found = measured(turns_of_smiling(), speech((0, 10, "listening")))
    assert set(found.loc[found["stratum"] == "speaking", "reason"]) == {NO_TIME["speaking"]}
    assert found.loc[found["stratum"] == "speaking", "value"].isna().all()
    assert value(found, "speaking", "level", "seen_s") == 0
    assert value(found, "listening", "level") == pytest.approx(0.53)


@pytest.mark.parametrize(
    "who_speaks",
    [None, speech((0, 10, "unknown")), speech((20, 30, "speaking")),
     speech((0, 10, "speaking"), person_id="Q01")],
)  # fmt: skip
def test_where_who_speaks_is_not_known_a_stratum_is_missing_and_says_so(
    who_speaks: pd.DataFrame | None,
) -> None:
    found = measured(turns_of_smiling(), who_speaks)
    for stratum in ("speaking", "listening"):
        assert set(found.loc[found["stratum"] == stratum, "reason"]) == {NOT_KNOWN}
    assert value(found, "all", "level") == pytest.approx(0.53)


def test_a_segment_beyond_the_recording_says_that_first() -> None:
    found = measured(turns_of_smiling(), segments=make_segments(("later", 50, 10)))
    assert set(found["reason"]) == {OUTSIDE}


def test_the_resting_face_is_that_of_the_whole_resting_segment() -> None:
    # Rest at 0.1 for 5 s, in which nobody speaks; then 0.4 while speaking.
    series = np.repeat([0.1, 0.4], [50, 50])
    rest = SETTINGS.model_copy(update={"resting_segment": "rest"})
    found = measure_expressions(
        make_trace({"AU12": series}), make_segments(("rest", 0, 5), ("talk", 5, 5)), rest,
        make_about("AU12"), "D01", "S1", STRATA, speech((0, 5, "silence"), (5, 10, "speaking")),
    )  # fmt: skip
    talked = found[(found["segment_id"] == "talk") & (found["stratum"] == "speaking")]
    level_rest = talked.set_index("measure")["value"]["level_rest"]
    assert level_rest == pytest.approx(0.3)


def test_halves_are_taken_within_the_stratum() -> None:
    # Blocks of 1 s: of speech (0 to 4 s) the first and third are 0.2, the second and fourth 0.6.
    series = np.tile(np.repeat([0.2, 0.6], 10), 5)
    found = measured(series)
    assert value(found, "speaking", "level_odd") == pytest.approx(0.2)
    assert value(found, "speaking", "level_even") == pytest.approx(0.6)
