"""Equivalence of data quality, and who was lost, by group, sex and age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cohorts import GROUPS, analysis_rows, participants
from figure_tables import model_results
from pingouin import tost
from scipy import stats

from dyads.analysis.disclosure import without_few_compared
from dyads.analysis.equivalence import (
    ALIKE,
    DIFFERENT,
    OPEN,
    SMALL,
    compare_quality,
    quality_by_cell,
    quality_of_people,
    two_one_sided,
)
from dyads.analysis.missingness import ANY_REASON, attrition, missing_values
from dyads.analysis.sample import people_of_study
from dyads.config import PlanSettings
from dyads.models.equivalence import equivalence_p, equivalence_tests
from dyads.plan.primary import primary_family

X = np.array([0.91, 0.95, 0.88, 0.97, 0.93, 0.90, 0.99, 0.94])
Y = np.array([0.93, 0.96, 0.90, 0.98, 0.95, 0.97, 0.99])


def cells(x: np.ndarray, y: np.ndarray, bound: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mean_1": [x.mean()], "sd_1": [x.std(ddof=1)], "people_1": [len(x)],
            "mean_0": [y.mean()], "sd_0": [y.std(ddof=1)], "people_0": [len(y)],
            "bound": [bound],
        }
    )  # fmt: skip


def test_the_two_one_sided_tests_are_rs_welch_tests() -> None:
    # Base R 4.2: t.test(x, y, mu = -0.05, alternative = "greater")$p.value = 0.0577254990,
    # t.test(x, y, mu = 0.05, alternative = "less")$p.value = 0.0007038364,
    # t.test(x, y)$p.value = 0.2607781772, t.test(x, y, conf.level = .9)$conf.int.
    row = two_one_sided(cells(X, Y, 0.05)).iloc[0]
    assert row["estimate"] == pytest.approx(-0.0205357143, abs=1e-9)
    assert row["p_equivalence"] == pytest.approx(0.0577254990, abs=1e-9)
    assert row["p_difference"] == pytest.approx(0.2607781772, abs=1e-9)
    assert row["lower"] == pytest.approx(-0.0514673817, abs=1e-9)
    assert row["upper"] == pytest.approx(0.0103959531, abs=1e-9)
    assert row["verdict"] == OPEN


def test_models_quality_and_plan_have_one_test_of_equivalence() -> None:
    # R as above: the larger of the two one-sided Welch tests, 0.0577254990.
    test = stats.ttest_ind(X, Y, equal_var=False)
    estimate = X.mean() - Y.mean()
    effect = {"estimate": estimate, "se": estimate / test.statistic, "df": test.df}
    of_models = equivalence_tests(pd.DataFrame([effect]), -0.05, 0.05)["p_equivalence"]
    of_quality = two_one_sided(cells(X, Y, 0.05))["p_equivalence"]
    # An effect size of its estimate over 0.1 makes the bound of 0.5 one of 0.05.
    model = model_results(groups=("control", "ASD"))
    one = replace(model, contrasts=model.contrasts.assign(**effect, effect_size=estimate / 0.1))
    plan = PlanSettings.model_validate({"headline": "satterthwaite", "equivalence_d": 0.5})
    of_plan = primary_family([one], plan)["p_equivalence"]
    for found in (of_models, of_quality, of_plan):
        assert found.tolist() == pytest.approx([0.0577254990], abs=1e-9)


def test_each_effect_has_bounds_of_its_own_and_a_missing_part_leaves_p_missing() -> None:
    # R: pt(-2, 10) = 0.03669402 and pt(-1, 10) = 0.17044657.
    p = equivalence_p(
        [0.02, 0.02, 0.02, 0.02, 0.02], [0.01, 0.01, np.nan, 0.01, 0.01],
        [10.0, 10.0, 10.0, np.nan, 10.0], [-1, -1, -1, -1, np.nan], [0.04, 0.03, 1, 1, np.nan],
    )  # fmt: skip
    np.testing.assert_allclose(p, [0.03669402, 0.17044657, np.nan, np.nan, np.nan], atol=1e-8)


def test_an_effect_without_error_is_within_its_bounds_or_not() -> None:
    # By definition: known exactly, whatever its degrees of freedom.
    p = equivalence_p([0.0, 0.1, 0.3], [0.0, 0.0, 0.0], [np.nan, 5.0, 5.0], -0.2, 0.2)
    np.testing.assert_array_equal(p, [0.0, 0.0, 1.0])


@pytest.mark.parametrize("bound", [0.03, 0.06, 0.2])
def test_the_p_of_equivalence_is_pingouins(bound: float) -> None:
    found = two_one_sided(cells(X, Y, bound)).iloc[0]["p_equivalence"]
    assert found == pytest.approx(float(tost(X, Y, bound, correction=True).iloc[0]["pval"]))


@pytest.mark.parametrize(
    ("shift", "bound", "verdict"),
    [(0.0, 0.2, ALIKE), (0.3, 0.2, DIFFERENT), (0.1, 0.2, SMALL), (0.02, 0.02, OPEN)],
)
def test_a_verdict_needs_a_test_of_its_own(shift: float, bound: float, verdict: str) -> None:
    row = two_one_sided(cells(np.r_[X, X, Y] + shift, np.r_[X, X, Y], bound)).iloc[0]
    assert row["verdict"] == verdict


def test_sides_in_which_nobody_differs_are_compared_as_they_are() -> None:
    same = two_one_sided(cells(np.ones(5), np.ones(5), 0.05)).iloc[0]
    apart = two_one_sided(cells(np.ones(5) - 0.2, np.ones(5), 0.05)).iloc[0]
    assert same["verdict"] == ALIKE
    assert same["p_difference"] == 1
    assert apart["verdict"] == DIFFERENT


def test_one_person_on_a_side_has_no_verdict() -> None:
    row = two_one_sided(cells(X[:1], Y, 0.05)).iloc[0]
    assert row["verdict"] == ""
    assert np.isnan(row["p_equivalence"])


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Participants and rows; one woman of ASD lost a session, one man of SCZ everything."""
    people = participants(12)
    rows = analysis_rows(people)
    of_asd = people.loc[people["group"].eq("ASD") & people["sex"].eq("f"), "participant_id"]
    of_scz = people.loc[people["group"].eq("SCZ") & people["sex"].eq("m"), "participant_id"]
    lost = rows["person"].eq(of_asd.iloc[0]) & rows["session"].eq("2")
    rows.loc[lost, ["e", "x_w", "e_w", "x_pm", "seen_share"]] = [np.nan] * 4 + [0.2]
    rows.loc[lost, "exclusion"] = "face not measured"
    gone = rows["person"].eq(of_scz.iloc[0])
    rows.loc[gone, ["x", "x_w", "e_w", "x_pm"]] = np.nan
    rows.loc[gone, "exclusion"] = "not rated"
    return people, rows


def quality_of(people: pd.DataFrame, face_share: float = 0.97) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dyad_id": "D1", "session_id": "S1", "person_id": people["participant_id"],
            "segment_id": "", "label": "", "measure": "face_share", "unit": "share",
            "value": face_share + 0.001 * (np.arange(len(people)) % 5),
        }
    )  # fmt: skip


def test_a_person_has_one_value_of_each_measure(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    measures = ["analysed_share", "seen_share", "face_share"]
    values = quality_of_people(rows, quality_of(people), measures)
    assert not values.duplicated(["person", "measure"]).any()
    wide = values.pivot_table(index="person", columns="measure", values="value")
    # By construction: half of her rows are analysed; 4 of 8 segments were seen for 20 %.
    touched = rows.loc[rows["exclusion"].eq("face not measured"), "person"].iloc[0]
    assert wide.loc[touched, "analysed_share"] == pytest.approx(0.5)
    assert wide.loc[touched, "seen_share"] == pytest.approx(0.6)


def test_a_detector_that_loses_one_groups_faces_is_found_out(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    quality = quality_of(people)
    of_scz = people.loc[people["group"].eq("SCZ"), "participant_id"]
    quality.loc[quality["person_id"].isin(of_scz), "value"] -= 0.2
    known = people_of_study(people, rows, GROUPS)
    values = quality_of_people(rows, quality, ["face_share"])
    tests = compare_quality(values, known, {"face_share": 0.05}, GROUPS)
    overall = tests[tests["factor"].eq("group") & tests["within"].eq("all")]
    verdicts = dict(zip(overall["contrast"], overall["verdict"], strict=True))
    assert verdicts["ASD - control"] == ALIKE
    assert verdicts["SCZ - control"] == DIFFERENT
    within = tests[tests["within"].ne("all") & tests["contrast"].eq("SCZ - control")]
    halves = list(known["age_half"].cat.categories)
    assert set(within["within"]) == {
        *(f"sex {sex}" for sex in "fm"),
        *(f"age {half}" for half in halves),
        *(f"sex {sex}, age {half}" for sex in "fm" for half in halves),
    }
    assert set(within.loc[within["people_1"].ge(2), "verdict"]) == {DIFFERENT}


def test_few_people_of_one_sex_and_age_hide_the_other_cells_and_not_the_whole() -> None:
    within = ["all", "sex f", "sex m", "sex f, age young", "sex m, age young"]
    tests = pd.DataFrame(
        {
            "measure": "face_share", "factor": "group", "within": within, "contrast": "B - A",
            "people_1": [20, 12, 8, 3, 9], "people_0": [20, 12, 8, 9, 9], "estimate": 0.1,
            "lower": 0.0, "upper": 0.2, "p_equivalence": 0.5, "p_difference": 0.5, "verdict": OPEN,
        }
    )  # fmt: skip
    shown = without_few_compared(tests, 5)["estimate"].notna()
    assert shown.tolist() == [True, True, True, False, False]


def test_every_person_is_in_one_cell_of_sex_and_age(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    known = people_of_study(people, rows, GROUPS)
    values = quality_of_people(rows, quality_of(people), ["face_share"])
    cells = quality_by_cell(values, known, ["face_share"])
    crossed = cells[cells["sex"].ne("all") & cells["age_half"].ne("all")]
    whole = cells[cells["sex"].eq("all") & cells["age_half"].eq("all")]
    assert crossed["people"].sum() == whole["people"].sum() == len(people)


def test_losses_are_counted_in_people_by_reason_group_and_sex(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    table = attrition(people_of_study(people, rows, GROUPS), rows, GROUPS)
    cell = table.set_index(["reason", "group", "factor", "level"])
    # By construction: one woman of twelve lost half her rows, one man of twelve all of them.
    woman = cell.loc[("face not measured", "ASD", "sex", "f")]
    assert woman[["people", "touched", "gone"]].tolist() == [6, 1, 0]
    assert woman["share"] == pytest.approx(0.5 / 6)
    man = cell.loc[("not rated", "SCZ", "sex", "m")]
    assert man[["touched", "gone"]].tolist() == [1, 1]
    assert cell.loc[(ANY_REASON, "control", "all", ""), "touched"] == 0
    assert cell.loc[(ANY_REASON, "SCZ", "all", ""), "share"] == pytest.approx(1 / 12)


def test_missing_values_are_counted_by_variable_and_group(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    known = people_of_study(people, rows, GROUPS)
    known.loc[known["group"].eq("ASD").idxmax(), "iq"] = np.nan
    table = missing_values(known, rows, ["iq"], GROUPS).set_index(["variable", "group"])
    assert table.loc[("iq", "ASD"), ["total", "missing"]].tolist() == [12, 1]
    # One session of four segments without a face; two sessions of four segments not rated.
    assert table.loc[("expression of joy", "ASD"), "missing"] == 4
    assert table.loc[("experience of joy", "SCZ"), "missing"] == 8
    assert table.loc[("experience of joy", "control"), "share"] == 0


def test_who_gave_no_consent_is_not_counted_as_missing(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    people, rows = study
    refused = people.loc[people["group"].eq("control"), "participant_id"].iloc[0]
    rows = rows.assign(
        exclusion=rows["exclusion"].mask(rows["person"].eq(refused), "no consent to process")
    )
    known = people_of_study(people, rows, GROUPS)
    table = missing_values(known, rows, ["age"], GROUPS).set_index("group")
    control = table.loc["control"]
    assert int(control["total"].iloc[0]) == 11
