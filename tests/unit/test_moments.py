"""Ratings of moments and what the face showed around them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from trace_tables import make_about, make_segments, make_trace

from dyads.analysis.moments import by_person, measure_moments, moment_rows
from dyads.config import EmotionPair, ExpressionSettings, MomentSettings

SESSIONS = pd.DataFrame(
    {"dyad_id": ["D01"], "session_id": "S1", "session_number": 1, "participant_id": "P01",
     "partner_id": "Q01"}
)  # fmt: skip
PARTICIPANTS = pd.DataFrame({"participant_id": ["P01", "Q01"], "group": ["ASD", "partner"]})
PAIRS = (EmotionPair(emotion="joy", instrument="feelings", scale="joy", channel="AU12"),)
WINDOW = MomentSettings(before_s=2.0, after_s=1.0)
SETTINGS = ExpressionSettings(resting_segment="neutral", half_block_s=0.5)


def shown(times_s: list[float]) -> pd.DataFrame:
    """Faces of both: the participant's rises by 0.01 a second, the partner's stands at 0.5."""
    time_s = np.arange(600) / 10
    trace = pd.concat(
        [
            make_trace({"AU12": time_s / 100}, person_id="P01"),
            make_trace({"AU12": np.full(600, 0.5)}, person_id="Q01"),
        ]
    )
    return measure_moments(
        trace, times_s, make_segments(("neutral", 0.0, 2.0), ("sad", 10.0, 5.0)), WINDOW, SETTINGS,
        make_about("AU12"), ("D01", "S1"), ("all",), None,
    )  # fmt: skip


def scores(*entries: tuple[str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(entries, columns=["person_id", "target", "time_s", "score"])
    return table.assign(dyad_id="D01", session_id="S1", instrument="feelings", scale="joy")


def test_the_face_is_measured_from_before_the_moment_to_after_it() -> None:
    table = shown([30.0]).query("person_id == 'P01' and channel == 'AU12'").set_index("measure")
    # steps from 28.0 to 30.9 s of a line of 0.01 a second: mean 0.2945
    assert table.loc["level", "value"] == pytest.approx(0.2945)
    # rest: median of 0.0 to 1.9 s, 0.0095
    assert table.loc["level_rest", "value"] == pytest.approx(0.2945 - 0.0095)


def test_segments_of_the_session_are_not_among_the_moments() -> None:
    assert set(shown([30.0, 12.0])["segment_id"]) == {"at30000ms", "at12000ms"}


def test_a_rating_of_oneself_meets_ones_own_face_and_one_of_the_other_theirs() -> None:
    rated = scores(("P01", "self", 30.0, 70.0), ("P01", "other", 30.0, 20.0))
    rows = moment_rows(rated, shown([30.0]), SESSIONS, PARTICIPANTS, PAIRS).set_index("target")
    assert rows.loc["self", ["face_of", "x"]].tolist() == ["P01", 70.0]
    assert rows.loc["self", "e"] == pytest.approx(0.2945)
    assert rows.loc["other", ["face_of", "x", "e"]].tolist() == ["Q01", 20.0, 0.5]
    assert set(rows["group"]) == {"ASD"}


def test_ratings_are_joined_by_time_and_not_by_their_order() -> None:
    times_s = [50.0, 20.0, 35.0]
    rated = scores(*[("P01", "self", time_s, time_s) for time_s in times_s])
    rows = moment_rows(rated, shown(times_s), SESSIONS, PARTICIPANTS, PAIRS)
    # the face rises by 0.01 a second, so at every moment e = (time - 0.55) / 100
    assert rows["e"].tolist() == pytest.approx([(t - 0.55) / 100 for t in sorted(times_s)])


def test_a_moment_beyond_the_film_says_so_and_one_without_an_answer_too() -> None:
    rated = scores(("P01", "self", 90.0, 70.0), ("P01", "self", 30.0, np.nan))
    rows = moment_rows(rated, shown([30.0, 90.0]), SESSIONS, PARTICIPANTS, PAIRS)
    assert rows.set_index("time_s")["exclusion"].to_dict() == {
        90.0: "face not measured",
        30.0: "not rated",
    }


def test_a_person_whose_face_follows_their_ratings_is_congruent() -> None:
    times_s = [float(time_s) for time_s in range(5, 55, 5)]
    rated = scores(*[("P01", "self", time_s, 2 * time_s) for time_s in times_s])
    rows = moment_rows(rated, shown(times_s), SESSIONS, PARTICIPANTS, PAIRS)
    (person,) = by_person(rows, 6).to_dict("records")
    # simulated: the face rises by 0.01 and the rating by 2 points a second
    assert (person["comparison"], person["rows"]) == ("congruence", 10)
    assert person["slope"] == pytest.approx(0.005)
    assert person["r"] == pytest.approx(1.0)


def test_a_window_has_a_length() -> None:
    with pytest.raises(ValueError, match="must not both be 0"):
        MomentSettings(before_s=0, after_s=0)
