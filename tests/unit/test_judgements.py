"""Empathic accuracy, assumed similarity, and their summary by group."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dyads.analysis.agreement import NO_ROW, NO_VARIATION, by_group, within_person
from dyads.analysis.judgements import MEASURES, by_judge, judgement_rows
from dyads.config import EmotionPair

DYADS, SEGMENTS = 30, 40
PAIRS = (EmotionPair(emotion="joy", instrument="feelings", scale="joy", channel="AU12"),)


def rows(
    accuracy: float, similarity: float, alike: float = 0.0, task: float = 0.0, noise: float = 1.0
) -> pd.DataFrame:
    """Judgements that follow what the other and what oneself felt so much.

    `alike` is how far both feel the same, `task` the spread of what a segment does to everybody.
    """
    generator = np.random.default_rng(7)
    shape = (DYADS, SEGMENTS)
    common = task * generator.normal(size=(1, SEGMENTS))
    both = np.sqrt(alike) * generator.normal(size=shape)
    own, truth = (
        common + both + np.sqrt(1 - alike) * generator.normal(size=shape) for _ in range(2)
    )
    expected = common if task else 0.0
    judged = expected + accuracy * (truth - expected) + similarity * (own - expected)
    judged = judged + noise * generator.normal(size=shape)
    dyad = np.repeat([f"D{number:02d}" for number in range(DYADS)], SEGMENTS)
    return pd.DataFrame(
        {
            "dyad_id": dyad,
            "session_id": "S1",
            "session": "1",
            "segment_id": np.tile([f"g{number}" for number in range(SEGMENTS)], DYADS),
            "segment": np.tile([f"g{number}" for number in range(SEGMENTS)], DYADS),
            "person": [f"P{name[1:]}" for name in dyad],
            "role": "participant",
            "group": np.where(dyad < "D15", "control", "ASD"),
            "target": "other",
            "about": [f"Q{name[1:]}" for name in dyad],
            "emotion": "joy",
            "judged": judged.ravel() + 5.0,
            "truth": truth.ravel(),
            "own": own.ravel(),
            "shown": truth.ravel() * 0.1,
        }
    )


def means(table: pd.DataFrame) -> pd.DataFrame:
    return table.groupby("comparison")[["slope", "partial_slope", "r", "bias"]].mean()


def test_slope_correlation_and_bias_of_a_judge_are_those_of_numpy() -> None:
    table = rows(0.6, 0.2)
    one = table[table["person"].eq("P07")]
    judged = by_judge(table, 6).set_index(["person", "comparison"]).loc[("P07", "accuracy")]
    assert judged["slope"] == pytest.approx(np.polyfit(one["truth"], one["judged"], 1)[0])
    r = np.corrcoef(one["truth"], one["judged"])[0, 1]
    assert judged["r"] == pytest.approx(r)
    assert judged["fisher_z"] == pytest.approx(np.arctanh(r))
    assert judged["bias"] == pytest.approx((one["judged"] - one["truth"]).mean())


def test_the_partial_slopes_are_those_of_a_regression_on_both() -> None:
    table = rows(0.6, 0.2, alike=0.5)
    one = table[table["person"].eq("P07")]
    design = np.column_stack([np.ones(len(one)), one["truth"], one["own"]])
    _, of_truth, of_own = np.linalg.lstsq(design, one["judged"].to_numpy(), rcond=None)[0]
    judged = by_judge(table, 6).set_index(["person", "comparison"])["partial_slope"]
    assert judged["P07", "accuracy"] == pytest.approx(of_truth)
    assert judged["P07", "assumed_similarity"] == pytest.approx(of_own)


def test_somebody_who_takes_themselves_for_the_other_looks_accurate_until_that_is_held() -> None:
    # simulated: judgement = what the judge felt + noise of SD 1; both feel half alike (r = 0.5),
    # so the standard error of a mean of 30 slopes over 40 segments is about 0.035
    found = means(by_judge(rows(0.0, 1.0, alike=0.5), 6))
    assert found.loc["accuracy", "slope"] == pytest.approx(0.5, abs=0.1)
    assert found.loc["accuracy", "partial_slope"] == pytest.approx(0.0, abs=0.1)
    assert found.loc["assumed_similarity", "partial_slope"] == pytest.approx(1.0, abs=0.1)
    assert found.loc["similarity", "slope"] == pytest.approx(0.5, abs=0.1)


def test_somebody_who_only_knows_the_task_is_accurate_and_not_distinctively_so() -> None:
    # simulated: judgements follow what a segment does to everybody and nothing of the other one
    found = means(by_judge(rows(0.0, 0.0, task=2.0, noise=0.5), 6))
    assert found.loc["accuracy", "r"] > 0.8
    assert found.loc["distinctive_accuracy", "slope"] == pytest.approx(0.0, abs=0.05)
    knows = means(by_judge(rows(0.7, 0.0, task=2.0, noise=0.5), 6))
    assert knows.loc["distinctive_accuracy", "slope"] == pytest.approx(0.7, abs=0.05)


def test_distinctive_accuracy_needs_a_second_dyad() -> None:
    alone = rows(0.7, 0.0).query("dyad_id == 'D00'")
    table = by_judge(alone, 6)
    assert "distinctive_accuracy" not in set(table["comparison"])
    assert "accuracy" in set(table["comparison"])


def test_few_rows_no_rows_and_no_variation_say_so() -> None:
    table = rows(0.6, 0.2)
    few = table.groupby("person").head(5).copy()
    few.loc[few["person"].eq("P00"), "truth"] = np.nan
    found = within_person(few, "accuracy", "judged", "truth", 6).set_index("person")
    assert found.loc["P01", "reason"] == "fewer than 6 rows"
    assert np.isfinite(found.loc["P01", "slope"])
    assert (found.loc["P00", "reason"], found.loc["P00", "rows"]) == (NO_ROW, 0)
    still = table.assign(judged=3.0)
    assert set(within_person(still, "a", "judged", "truth", 6)["reason"]) == {NO_VARIATION}


def cohort() -> pd.DataFrame:
    """Two segments of one dyad: what both felt (x) and showed (e)."""
    return pd.DataFrame(
        {
            "dyad_id": "D01", "session_id": "S1", "session": "1",
            "segment_id": ["a", "a", "b", "b"], "segment": ["sad", "sad", "joyful", "joyful"],
            "person": ["P01", "Q01"] * 2, "role": ["participant", "partner"] * 2, "group": "ASD",
            "emotion": "joy", "x": [10.0, 20.0, 30.0, np.nan], "e": [0.1, 0.2, 0.3, 0.4],
            "exclusion": ["", "", "face not measured", "not rated"],
        }
    )  # fmt: skip


def judged(*entries: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [("D01", "S1", person, segment, "feelings", "joy", score)
         for person, segment, score in entries],
        columns=["dyad_id", "session_id", "person_id", "segment_id", "instrument", "scale",
                 "score"],
    )  # fmt: skip


def test_a_judgement_stands_beside_what_both_felt_and_what_the_other_showed() -> None:
    table = judgement_rows(
        cohort(), judged(("P01", "a", 25.0), ("Q01", "a", 5.0), ("P01", "b", 60.0)), PAIRS
    )
    told = table.set_index(["person", "segment_id"])
    assert told.loc[("P01", "a"), ["about", "judged", "truth", "own", "shown"]].tolist() == [
        "Q01", 25.0, 20.0, 10.0, 0.2,
    ]  # fmt: skip
    assert told.loc[("Q01", "a"), ["about", "judged", "truth", "own", "shown"]].tolist() == [
        "P01", 5.0, 10.0, 20.0, 0.1,
    ]  # fmt: skip
    assert np.isnan(told.loc[("P01", "b"), "truth"])


def test_a_judgement_of_a_whole_session_is_no_row() -> None:
    assert judgement_rows(cohort(), judged(("P01", "", 25.0)), PAIRS).empty


def test_a_group_below_the_smallest_cell_is_not_there_and_roles_stay_apart() -> None:
    table = rows(0.6, 0.2)
    table.loc[table["dyad_id"].lt("D04"), "role"] = "partner"
    groups = by_group(by_judge(table, 6), MEASURES, ["control", "ASD"], 5, 200, seed=1)
    counts = groups[groups["measure"].eq("r") & groups["comparison"].eq("accuracy")]
    assert counts[["group", "role", "people"]].to_numpy().tolist() == [
        ["control", "participant", 11],
        ["ASD", "participant", 15],
    ]


def test_the_interval_is_as_wide_as_theory_says_and_depends_on_no_other_line() -> None:
    persons = by_judge(rows(0.6, 0.2), 6)
    groups = by_group(persons, MEASURES, ["control", "ASD"], 5, 2000, seed=1)
    line = groups[groups["comparison"].eq("accuracy") & groups["measure"].eq("slope")]
    line = line.set_index("group").loc["ASD"]
    own = persons[persons["comparison"].eq("accuracy") & persons["group"].eq("ASD")]
    # percentile limits of a mean: 1.96 standard errors with divisor n
    half_width = 1.96 * own["slope"].std(ddof=0) / np.sqrt(len(own))
    assert (line["upper"] - line["lower"]) / 2 == pytest.approx(half_width, rel=0.1)
    alone = by_group(own, {"slope": "slope"}, ["control", "ASD"], 5, 2000, seed=1)
    assert alone[["value", "lower", "upper"]].to_numpy().tolist() == [
        [line["value"], line["lower"], line["upper"]]
    ]


def test_the_worked_example_of_the_page_is_what_comes_out() -> None:
    one = rows(0.0, 0.0).query("person == 'P00'").head(6).copy()
    one["truth"] = [20.0, 40, 60, 80, 30, 70]
    one["own"] = [10.0, 50, 30, 60, 40, 80]
    one["judged"] = [35.0, 45, 50, 70, 40, 65]
    table = by_judge(one, 6).set_index("comparison")
    # numpy.linalg.lstsq of the judgements on both, with a constant
    design = np.column_stack([np.ones(6), one["truth"], one["own"]])
    partial = np.linalg.lstsq(design, one["judged"].to_numpy(), rcond=None)[0][1:]
    found = table.loc[["accuracy", "assumed_similarity"], "partial_slope"]
    assert found.tolist() == pytest.approx(partial)
    page = (Path(__file__).parents[2] / "docs/ratings.md").read_text(encoding="utf-8")
    for comparison, column in (
        ("accuracy", "slope"), ("accuracy", "r"), ("accuracy", "partial_slope"),
        ("accuracy", "bias"), ("assumed_similarity", "slope"),
        ("assumed_similarity", "partial_slope"), ("similarity", "r"),
    ):  # fmt: skip
        assert f"{table.loc[comparison, column]:.2f}" in page.split("worked example")[1]
