"""Reliability agrees with R, and with what can be reckoned by hand; too few people are said."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
import score_cases

from dyads.ratings.consistency import (
    NOT_VARYING,
    ONE_ITEM,
    cronbach_alpha,
    item_statistics,
    mcdonald_omega,
)
from dyads.ratings.instruments import Instruments
from dyads.ratings.reliability import (
    EVERYBODY,
    first_sheets,
    retest_reliability,
    scale_reliability,
)
from dyads.ratings.scores import score_ratings
from dyads.report.score_tables import of_scores

# R's data set `attitude` (Chatterjee & Price 1977): 30 departments, 7 items, per cent.
ATTITUDE = pd.read_csv(
    StringIO(
        """
        rating complaints privileges learning raises critical advance
        43 51 30 39 61 92 45
        63 64 51 54 63 73 47
        71 70 68 69 76 86 48
        61 63 45 47 54 84 35
        81 78 56 66 71 83 47
        43 55 49 44 54 49 34
        58 67 42 56 66 68 35
        71 75 50 55 70 66 41
        72 82 72 67 71 83 31
        67 61 45 47 62 80 41
        64 53 53 58 58 67 34
        67 60 47 39 59 74 41
        69 62 57 42 55 63 25
        68 83 83 45 59 77 35
        77 77 54 72 79 77 46
        81 90 50 72 60 54 36
        74 85 64 69 79 79 63
        65 60 65 75 55 80 60
        65 70 46 57 75 85 46
        50 58 68 54 64 78 52
        50 40 33 34 43 64 33
        64 61 52 62 66 80 41
        53 66 52 50 63 80 37
        40 37 42 58 50 57 49
        63 54 42 48 66 75 33
        66 77 66 63 88 76 72
        78 75 58 74 80 78 49
        48 57 44 45 51 83 38
        85 85 71 71 77 74 55
        82 82 39 59 64 78 39
        """
    ),
    sep=r"\s+",
    dtype=float,
)
# R's `ability.cov` (Bartholomew & Knott 1990): covariances of six tests, 112 people.
ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)
# R's `sleep` (Student 1908): ten people under two drugs.
SLEEP = {
    1: [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    2: [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
}


def test_alpha_and_its_interval_are_those_of_r() -> None:
    # S <- cov(attitude); a <- 7/6 * (1 - sum(diag(S)) / sum(S))
    # 1 - (1 - a) * qf(c(.975, .025), 29, 29 * 6); psych::alpha gives 0.84 as well.
    # pingouin rounds the interval to three digits.
    found = cronbach_alpha(ATTITUDE)
    assert found.alpha == pytest.approx(0.8431427696, abs=1e-9)
    assert (found.lower, found.upper) == (0.739, 0.916)


@pytest.mark.parametrize(
    ("covariance", "people", "expected"),
    [
        # close <- list(opt = list(factr = 10, maxit = 1000))
        # f <- factanal(factors = 1, covmat = ability.cov, control = close)
        # s <- sqrt(diag(ability.cov$cov)); l <- f$loadings[, 1] * s
        # sum(l)^2 / (sum(l)^2 + sum(f$uniquenesses * s^2))
        (ABILITY, 112, 0.8007449738),
        # The same with f <- factanal(attitude, 1, control = close); s <- apply(attitude, 2, sd)
        (ATTITUDE.cov().to_numpy(), 30, 0.8563267937),
    ],
)
def test_omega_is_that_of_rs_one_factor(covariance, people, expected) -> None:
    assert mcdonald_omega(covariance, people).omega == pytest.approx(expected, abs=1e-6)


def test_omega_of_known_loadings_is_found_again() -> None:
    # by hand: loadings 1, 2, 3 and errors 1, 1, 2: 36 / (36 + 4)
    loadings = np.array([1.0, 2.0, 3.0])
    covariance = np.outer(loadings, loadings) + np.diag([1.0, 1.0, 2.0])
    assert mcdonald_omega(covariance, 100).omega == pytest.approx(0.9, abs=1e-6)


def test_the_items_are_described_as_by_r() -> None:
    # cor(attitude[, i], rowSums(attitude[, -i])); 6/5 * (1 - sum(diag(S[-i, -i])) / sum(S[-i, -i]))
    table = item_statistics(ATTITUDE, 25, 92).set_index("item")
    assert table["rest_correlation"].to_list() == pytest.approx(
        [0.6712621, 0.7421097, 0.5607111, 0.7144455, 0.7862756, 0.2650343, 0.4608105], abs=1e-7
    )
    assert table["alpha_without"].to_list() == pytest.approx(
        [0.8097602, 0.7969175, 0.8278478, 0.803031, 0.7953866, 0.8638723, 0.8404649], abs=1e-7
    )
    # one department in thirty has 92 in `critical` and one 25 in `advance`
    assert table.loc["critical", "highest_share"] == pytest.approx(1 / 30)
    assert table.loc["advance", "lowest_share"] == pytest.approx(1 / 30)


@pytest.mark.parametrize(
    ("answers", "alpha_reason", "omega_reason"),
    [
        (ATTITUDE[["rating"]], ONE_ITEM, ONE_ITEM),
        (ATTITUDE[["rating", "raises"]], "", "two items"),
        (ATTITUDE.assign(raises=3.0), "", "an item does not vary"),
        (ATTITUDE * 0, NOT_VARYING, "an item does not vary"),
        (ATTITUDE.head(7), "", "fewer people than items"),
        (ATTITUDE.assign(advance=ATTITUDE["rating"]), "", "an item follows from the others"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_has_a_reason(answers, alpha_reason, omega_reason) -> None:
    alpha = cronbach_alpha(answers)
    omega = mcdonald_omega(np.atleast_2d(answers.cov().to_numpy()), len(answers))
    assert (alpha.reason, omega.reason) == (alpha_reason, omega_reason)
    assert np.isnan(alpha.alpha) == bool(alpha_reason)
    assert np.isnan(omega.omega)


def test_an_item_without_any_error_is_no_proper_solution() -> None:
    # by hand: the square of the first loading would be .8 * .8 / .5 = 1.28 (a Heywood case);
    # factanal stops with a uniqueness of .005, its limit
    correlation = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])
    assert mcdonald_omega(correlation, 100).reason == "no proper solution with one factor"


INSTRUMENTS = Instruments.model_validate(
    {
        "mood": {
            "title": "Mood", "minimum": 1, "maximum": 5,
            "scales": {
                "calm": {"items": ["a", "b", "c"], "reverse": ["c"]}, "first": {"items": ["a"]},
            },
        }
    }
)  # fmt: skip
PEOPLE = [f"P{number:02}" for number in range(12)]
PARTICIPANTS = pd.DataFrame(
    {"participant_id": PEOPLE, "group": ["control"] * 5 + ["ASD"] * 6 + ["partner"]}
)
SESSIONS = pd.concat(
    [
        pd.DataFrame(
            {"dyad_id": [f"D{it[1:]}" for it in PEOPLE], "session_id": f"S{number}",
             "participant_id": PEOPLE, "partner_id": "", "session_number": number}
        )
        for number in (1, 2)
    ],
    ignore_index=True,
)  # fmt: skip
SEGMENTS = pd.concat(
    [
        SESSIONS[["dyad_id", "session_id"]].assign(segment_id=name, label=name, onset_s=onset)
        for name, onset in (("zest", 1.0), ("ease", 9.0))
    ],
    ignore_index=True,
)


def ratings(sessions=(1, 2), segments=("ease", "zest")) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    own = pd.DataFrame({"person_id": PEOPLE, "dyad_id": [f"D{it[1:]}" for it in PEOPLE]})
    rows = own.merge(pd.DataFrame({"session_id": [f"S{number}" for number in sessions]}), "cross")
    rows = rows.merge(pd.DataFrame({"segment_id": segments}), "cross").assign(instrument="mood")
    rows = rows.merge(pd.DataFrame({"item": ["a", "b", "c"]}), "cross")
    return rows.assign(value=rng.integers(1, 6, len(rows)).astype(float))


def test_everybody_counts_once_with_the_first_sheet_answered_in_full() -> None:
    rated = ratings()
    is_first = rated["session_id"].eq("S1") & rated["segment_id"].eq("zest")
    # P00 left out an item of the first sheet, so that the second segment is the first whole one.
    rated.loc[is_first & rated["person_id"].eq("P00") & rated["item"].eq("b"), "value"] = np.nan
    sheets = first_sheets(rated, SESSIONS, SEGMENTS, INSTRUMENTS)
    calm = sheets[sheets["scale"].eq("calm")].set_index(["person_id", "item"])["points"]
    assert len(calm) == 3 * len(PEOPLE)
    cells = rated.set_index(["person_id", "session_id", "segment_id", "item"])["value"]
    assert calm["P01", "a"] == cells["P01", "S1", "zest", "a"]
    assert calm["P01", "c"] == 6 - cells["P01", "S1", "zest", "c"]  # reversed: 1 + 5 - answer
    assert calm["P00", "b"] == cells["P00", "S1", "ease", "b"]


def measured(people_min: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    rated = ratings()
    scores = score_ratings(rated, SESSIONS, INSTRUMENTS)
    sheets = first_sheets(rated, SESSIONS, SEGMENTS, INSTRUMENTS)
    return scale_reliability(
        sheets, scores, PARTICIPANTS, INSTRUMENTS, ("control", "ASD"), people_min
    )


def test_every_scale_and_group_is_there_and_too_small_ones_say_so() -> None:
    scales, items = measured(people_min=6)
    calm = scales[scales["scale"].eq("calm")].set_index("group")
    assert calm["people"].to_dict() == {"control": 5, "ASD": 6, "partner": 1, EVERYBODY: 12}
    assert calm["alpha_reason"].to_dict() == {
        "control": "fewer than 6 people", "ASD": "", "partner": "fewer than 6 people",
        EVERYBODY: "",
    }  # fmt: skip
    assert calm["alpha"].notna().to_list() == [False, True, False, True]
    assert calm["lowest_share"].notna().to_list() == [False, True, False, True]
    assert set(items["group"]) == {"ASD", EVERYBODY}
    first = scales[scales["scale"].eq("first")]
    assert set(first["alpha_reason"]) == {ONE_ITEM}
    assert "first" not in set(items["scale"])


def test_the_shares_at_the_ends_are_means_over_people() -> None:
    rated = ratings()
    scales, _ = measured()
    cells = rated[rated["item"].eq("a")]
    # by hand: each person has four answers to `a`; their shares of 1 and of 5, then the mean
    lowest = cells.groupby("person_id")["value"].apply(lambda own: own.eq(1).mean()).mean()
    highest = cells.groupby("person_id")["value"].apply(lambda own: own.eq(5).mean()).mean()
    row = scales[scales["scale"].eq("first") & scales["group"].eq(EVERYBODY)].iloc[0]
    assert (row["lowest_share"], row["highest_share"]) == pytest.approx((lowest, highest))


def retest(values: dict[int, list[float]], people_min: int = 5) -> pd.DataFrame:
    """Scores of one scale about the whole session, by session number."""
    rows = [
        {"dyad_id": f"D{it[1:]}", "session_id": f"S{number}", "person_id": it, "segment_id": "",
         "instrument": "mood", "scale": "calm", "score": score}
        for number, own in values.items()
        for it, score in zip(PEOPLE, own, strict=False)
    ]  # fmt: skip
    return retest_reliability(
        pd.DataFrame(rows), SESSIONS, SEGMENTS, PARTICIPANTS, ("control", "ASD"), people_min
    ).set_index("group")


def test_agreement_and_change_between_sessions_are_those_of_r() -> None:
    # a <- anova(lm(extra ~ ID + group, sleep)): mean squares 6.453111111, 12.482, 0.756444444
    # ICC(A,1) = (6.4531 - 0.7564) / (6.4531 + 0.7564 + 2 * (12.482 - 0.7564) / 10)
    # t.test(extra[group == 2], extra[group == 1], paired = TRUE); sem = sqrt(0.756444444)
    row = retest(SLEEP).loc[EVERYBODY]
    assert row["people"] == 10
    assert row["icc"] == pytest.approx(0.5962182529, abs=1e-9)
    assert row["mean_change"] == pytest.approx(1.58)
    assert (row["change_lower"], row["change_upper"]) == pytest.approx((0.7001142, 2.4598858))
    assert row["sem"] == pytest.approx(0.8697381, abs=1e-7)
    assert row["reliable_change"] == pytest.approx(2.410791, abs=1e-6)


def test_only_people_of_both_sessions_count_and_too_few_are_said() -> None:
    table = retest({1: SLEEP[1], 2: SLEEP[2][:8]}, people_min=6)
    assert table["people"].to_dict() == {"control": 5, "ASD": 3, "partner": 0, EVERYBODY: 8}
    assert table["reason"].ne("").to_list() == [True, True, True, False]
    assert table["icc"].notna().to_list() == [False, False, False, True]


def test_scores_that_do_not_vary_have_no_agreement_and_those_that_never_change_have_one() -> None:
    constant = retest({1: [3.0] * 10, 2: [3.0] * 10}).loc[EVERYBODY]
    assert constant["reason"] == "the scores do not vary"
    same = retest({1: SLEEP[1], 2: SLEEP[1]}).loc[EVERYBODY]
    assert (same["icc"], same["sem"], same["mean_change"]) == pytest.approx((1, 0, 0))


def test_a_segment_of_one_session_alone_is_not_compared() -> None:
    rated = ratings()
    scores = score_ratings(rated, SESSIONS, INSTRUMENTS)
    without = scores[~(scores["session_id"].eq("S2") & scores["segment_id"].eq("ease"))]
    arguments = (SESSIONS, SEGMENTS, PARTICIPANTS, ("control", "ASD"), 5)
    only_zest = scores[scores["segment_id"].eq("zest")]
    pd.testing.assert_frame_equal(
        retest_reliability(without, *arguments), retest_reliability(only_zest, *arguments)
    )


def test_without_answers_there_is_nothing_to_measure() -> None:
    rated = ratings().head(0)
    scores = score_ratings(rated, SESSIONS, INSTRUMENTS)
    sheets = first_sheets(rated, SESSIONS, SEGMENTS, INSTRUMENTS)
    groups = ("control", "ASD")
    for table in scale_reliability(sheets, scores, PARTICIPANTS, INSTRUMENTS, groups, 5):
        assert table.empty
    assert retest_reliability(scores, SESSIONS, SEGMENTS, PARTICIPANTS, groups, 5).empty


def cells_of(table, group: str) -> list[str]:
    (row,) = [row for row in table.rows if row[1] == group]
    return list(row[2:])


def test_a_small_group_is_hidden_and_everybody_with_it() -> None:
    tables = of_scores(score_cases.score_quality(control=12, ASD=3, everybody=15), 5)
    for table in (tables.scales, tables.retest):
        assert set(cells_of(table, "ASD")[1:]) == {"not shown"}
        assert set(cells_of(table, "everybody")[1:]) == {"not shown"}
        assert "not shown" not in cells_of(table, "control")
    assert tables.items == ()


def test_large_groups_are_shown_with_their_number() -> None:
    tables = of_scores(score_cases.score_quality(), 5)
    assert cells_of(tables.scales, "ASD")[0] == "12"
    assert cells_of(tables.scales, "ASD")[2] == "0.81"
    (items,) = tables.items
    assert [row[0] for row in items.rows] == ["rested", "quiet", "even"]
    assert items.note.startswith("24 people")
