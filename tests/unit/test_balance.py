"""Standardised differences, variance ratios, and what is hidden of few people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyads.analysis.balance import balance, describe
from dyads.analysis.disclosure import hidden_levels

# By base R 4.2, with a and b the ages below:
#   d <- (mean(b) - mean(a)) / sqrt((var(a) + var(b)) / 2)
#   se <- sqrt((6 + 5) / (6 * 5) + d^2 / (2 * (6 + 5))); d + c(-1, 1) * qnorm(.975) * se
#   var(b) / var(a)
A, B = (31, 42, 27, 35, 29, 44), (25, 38, 33, 47, 41)
BY_R = {"smd": 0.2774230480, "lower": -0.9150423150, "upper": 1.4698884109,
        "variance_ratio": 1.4103260870}  # fmt: skip


def people(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"group": ["control"] * 6 + ["ASD"] * 5, **columns})


def test_a_difference_of_numbers_is_rs_by_the_written_formula() -> None:
    described = describe(people(age=[*A, *B]), ["age"], ["control", "ASD"])
    row = balance(described, ["control", "ASD"]).iloc[0]
    assert described["mean"].iloc[0] == pytest.approx(34.6666666667)
    assert described["sd"].iloc[0] == pytest.approx(7.0047602862)
    for name, value in BY_R.items():
        assert row[name] == pytest.approx(value, abs=1e-9), name
    assert row["contrast"] == "ASD - control"
    assert not row["is_balanced"]


def test_a_difference_of_shares_has_the_variance_of_shares() -> None:
    # By hand: shares of m are 4/6 and 2/5, so that
    # (2/5 - 4/6) / sqrt((4/6 * 2/6 + 2/5 * 3/5) / 2) = -0.5547001962.
    sex = ["m"] * 4 + ["f"] * 2 + ["m"] * 2 + ["f"] * 3
    described = describe(people(sex=sex), ["sex"], ["control", "ASD"])
    table = balance(described, ["control", "ASD"])
    assert list(table["level"]) == ["m"]
    assert table["smd"].iloc[0] == pytest.approx(-0.5547001962, abs=1e-9)
    assert np.isnan(table["variance_ratio"].iloc[0])


def test_every_level_of_three_is_compared() -> None:
    site = ["a", "a", "b", "b", "c", "c", "a", "b", "b", "c", "c"]
    table = balance(describe(people(site=site), ["site"], ["control", "ASD"]), ["control", "ASD"])
    assert list(table["level"]) == ["a", "b", "c"]


def test_a_ratio_of_variances_beyond_two_is_not_balanced() -> None:
    # Equal means; variances 1 and 25 times 0.7 (by hand).
    ages = [29.0, 31.0, 29.0, 31.0, 30.0, 30.0, 25.0, 35.0, 25.0, 35.0, 30.0]
    row = balance(describe(people(age=ages), ["age"], ["control", "ASD"]), ["control", "ASD"]).iloc[
        0
    ]
    assert row["smd"] == 0
    assert row["variance_ratio"] > 2
    assert not row["is_balanced"]


def test_a_covariate_that_does_not_vary_differs_by_nothing_and_an_empty_one_is_unknown() -> None:
    table = people(dose=[5.0] * 11, score=[np.nan] * 11)
    described = describe(table, ["dose", "score"], ["control", "ASD"])
    smd = balance(described, ["control", "ASD"]).set_index("covariate")["smd"]
    assert smd["dose"] == 0
    assert np.isnan(smd["score"])
    assert (described.loc[described["covariate"].eq("score"), "known"] == 0).all()


def test_people_without_a_value_do_not_count_in_a_share() -> None:
    sex = ["m", "m", None, None, "f", "f", "m", "m", "m", "f", "f"]
    described = describe(people(sex=sex), ["sex"], ["control", "ASD"]).set_index(["level", "group"])
    assert described.loc[("m", "control"), ["people", "known", "count", "share"]].tolist() == [
        6, 4, 2, 0.5,
    ]  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.floats(-5, 5), st.floats(0.1, 9))
def test_a_difference_does_not_depend_on_unit_or_origin(
    values: list[float], shift: float, scale: float
) -> None:
    groups = ["a", "b"]
    table = pd.DataFrame({"group": ["a"] * len(values) + ["b"] * len(values)})
    x = np.round([*values, *(value + 1 for value in values)], 3)
    first = balance(describe(table.assign(x=x), ["x"], groups), groups)
    second = balance(describe(table.assign(x=scale * x + shift), ["x"], groups), groups)
    pd.testing.assert_series_equal(first["smd"], second["smd"], rtol=1e-6, atol=1e-9)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=5, max_size=60),
    st.integers(2, 6),
)
def test_no_hidden_count_of_a_level_can_be_reckoned_from_the_others(
    levels: list[str | None], cell: int
) -> None:
    table = pd.DataFrame({"group": "control", "site": pd.Series(levels, dtype=object)})
    described = describe(table, ["site"], ["control"])
    hidden = hidden_levels(described, cell)
    if described["level"].eq("").all():
        return
    counts = described["count"]
    assert hidden[counts.gt(0) & counts.lt(cell)].all()
    # The number of people without a value is told where it is not small. One secret alone could
    # be reckoned from it, unless everybody known is in it; that number is then hidden itself.
    missing = int(described["people"].iloc[0] - described["known"].iloc[0])
    secrets = int((hidden & counts.gt(0)).sum()) + (0 < missing < cell)
    assert secrets != 1 or counts.gt(0).sum() <= 1
