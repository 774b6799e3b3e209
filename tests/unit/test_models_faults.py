"""Data and questions that a model cannot answer are refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from model_cases import fitted, table

from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed
from dyads.models.two_stage import two_stage_slopes, welch_contrasts

FORMULA = "y ~ group * session + age_c + (1 | person)"


def study() -> pd.DataFrame:
    return table("seg.csv.gz").copy()


def refused(complaint: str, data: pd.DataFrame, formula: str = FORMULA) -> None:
    with pytest.raises(StudyError, match=complaint):
        fit_mixed(formula, data)


def test_an_unknown_variable_is_named_with_the_nearest_column() -> None:
    refused(r"'grup' \(did you mean 'group'\?\)", study(), "y ~ grup + (1 | person)")


def test_a_constant_outcome_is_refused() -> None:
    refused("'y' is 2 in all 1025 rows", study().assign(y=2.0))


def test_an_outcome_that_is_no_number_is_refused() -> None:
    refused("'sex' is not a number", study(), "sex ~ group + (1 | person)")


def test_a_transformed_outcome_must_be_finite() -> None:
    refused(r"log\(y\): no finite number", study(), "log(y) ~ group + (1 | person)")


def test_dependent_columns_are_named_with_their_source() -> None:
    data = study().assign(months=lambda d: 12 * d["age_c"] + 3)
    complaint = r"months follows from \(Intercept\), age_c"
    refused(complaint, data, "y ~ group + age_c + months + (1 | person)")


def test_a_group_of_one_person_is_named() -> None:
    data = study()
    only = data.loc[data["group"] == "SCZ", "person"].iloc[0]
    refused("group = SCZ has one person", data[(data["group"] != "SCZ") | (data["person"] == only)])


def test_a_group_whose_values_are_all_missing_is_named() -> None:
    data = study()
    data.loc[data["group"] == "ASD", "y"] = np.nan
    refused("group = ASD has 34. rows, none complete .all values of y are missing", data)


def test_an_empty_cell_of_an_interaction_is_named() -> None:
    data = study()
    empty = (data["group"] == "SCZ") & (data["session"] == 2)
    data.loc[empty, "y"] = np.nan
    refused("group = SCZ, session = 2", data)
    assert fit_mixed("y ~ group + session + (1 | person)", data).is_converged


def test_a_column_without_values_is_named() -> None:
    refused("'age_c' has no value in any of 1025 rows", study().assign(age_c=np.nan))


def test_a_crossed_unit_that_is_alone_in_its_level_is_named() -> None:
    data = table("crossed.csv")
    lonely = data.assign(place=np.where(data["confederate"] == "c01", "field", "lab"))
    refused(
        "place = field has one confederate", lonely, "y ~ place + (1 | person) + (1 | confederate)"
    )


def test_a_site_with_one_confederate_and_several_persons_is_fitted() -> None:
    data = table("crossed.csv")
    number = data["person"].str[1:].astype(int) % 2
    own = data[
        data["confederate"].isin(["c01", "c02"]) & (number.eq(0) == data["confederate"].eq("c01"))
    ]
    rest = data[~data["confederate"].isin(["c01", "c02"])]
    several = pd.concat([own.assign(site=own["confederate"]), rest.assign(site="rest")])
    several = several.assign(person=several["person"] + several["site"])
    fit = fit_mixed("y ~ site + x + (1 | person) + (1 | confederate)", several, ladder=False)
    assert fit.is_converged


def test_an_outcome_that_is_the_same_within_persons_is_refused() -> None:
    data = study().assign(y=lambda d: d.groupby("person")["y"].transform("mean"))
    refused("none is left within person", data, "y ~ group + (1 | person)")


def test_a_copy_of_the_outcome_among_the_predictors_is_refused() -> None:
    refused(
        "follows exactly from group",
        study().assign(z=lambda d: d["y"] * 2 + 1),
        "y ~ group + z + (1 | person)",
    )


def test_a_predictor_that_never_varies_is_named() -> None:
    refused(
        "one is the same in every row", study().assign(one=3.0), "y ~ group + one + (1 | person)"
    )


def test_two_columns_of_one_name_are_refused() -> None:
    data = study()
    refused("more than one column age_c", pd.concat([data, data[["age_c"]]], axis=1))


def test_no_rows_are_said_to_be_none() -> None:
    refused("no rows", study().iloc[:0])


def test_numbers_that_came_as_objects_are_numbers() -> None:
    data = study()
    objects = data.assign(age_c=data["age_c"].astype(object), y=data["y"].astype(object))
    np.testing.assert_allclose(
        fit_mixed(FORMULA, objects).coefficients, fit_mixed(FORMULA, data).coefficients
    )


def test_numbers_that_came_as_text_are_named_by_a_few_cells() -> None:
    data = study().assign(age_c=lambda d: d["age_c"].astype(str) + " years")
    with pytest.raises(StudyError, match=r"and \d+ more") as refusal:
        fit_mixed("y ~ group * age_c + (1 | person)", data)
    assert len(str(refusal.value)) < 1500


def test_infinite_values_are_refused() -> None:
    data = study()
    data.loc[data.index[3], "age_c"] = np.inf
    refused("Infinite values in age_c", data)


@pytest.mark.parametrize(
    ("random", "complaint"),
    [
        ("(1 | row)", "1025 random effects cannot be told from the residual"),
        ("(1 | everyone)", "'everyone' has one level"),
        ("(1 + everyone_number | person)", "not independent"),
    ],
)
def test_random_terms_that_the_data_cannot_tell_apart_are_refused(
    random: str, complaint: str
) -> None:
    data = study().assign(row=lambda d: np.arange(len(d)), everyone="all", everyone_number=1.0)
    refused(complaint, data, f"y ~ group + {random}")


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda fit: fit.trends("group"), "numeric predictor"),
        (lambda fit: fit.trends("age"), "numeric predictor"),
        (lambda fit: fit.marginal_means("iq_c"), "no fixed predictor"),
        (lambda fit: fit.marginal_means("group", at={"group": "XX"}), "no level 'XX'"),
        (lambda fit: fit.predict(pd.DataFrame({"group": ["XX"]})), "XX is no level"),
        (lambda fit: fit.contrasts("group", method={"a": {"XX": 1}}), "weighs XX"),
        (lambda fit: fit.contrasts("group", method={"a": [1, -1]}), "2 weights for 3 levels"),
        (lambda fit: fit.contrasts("group", method="all"), "Unknown contrasts"),
        (lambda fit: fit.contrasts("group", adjust="scheffe"), "Unknown correction"),
        (lambda fit: fit.contrasts("group", method="reference", adjust="tukey"), "pairwise"),
        (lambda fit: fit.fixed_effects(df_method="z"), "Unknown df_method"),
        (lambda fit: fit.fixed_effects(covariance="HC3"), "Unknown covariance"),
        (lambda fit: fit.fixed_effects(level=95), "between 0 and 1"),
        (lambda fit: fit.cluster_robust("site"), "no column site"),
        (lambda fit: fit.cluster_robust("session"), "'person' reach across"),
    ],
)
def test_questions_that_the_model_cannot_answer_are_refused(
    ask: Callable[[MixedFit], pd.DataFrame], complaint: str
) -> None:
    with pytest.raises(StudyError, match=complaint):
        ask(fitted("M1"))


def test_kenward_roger_needs_restricted_likelihood() -> None:
    fit = fit_mixed("y ~ group + (1 | person)", study(), reml=False)
    with pytest.raises(StudyError, match="REML"):
        fit.fixed_effects(df_method="kenward-roger")


def test_two_stage_slopes_are_least_squares_person_by_person() -> None:
    """Expected: numpy.polyfit on the rows of each person."""
    data = table("targets")
    slopes = two_stage_slopes(data, "y", "x_wp", "person").set_index("person")
    for person in ("d001t", "d050t", "d099t"):
        rows = data[data["person"] == person]
        expected = np.polyfit(rows["x_wp"], rows["y"], 1)[0]
        assert slopes.loc[person, "slope"] == pytest.approx(expected)
        assert slopes.loc[person, "n_rows"] == len(rows)


def test_nuisance_that_all_share_does_not_reach_two_stage_slopes() -> None:
    data = table("targets")
    drift = data["emotion"].map({"joy": 0.0, "anger": 5.0, "sadness": -3.0, "surprise": 1.0})
    drifted = data.assign(y=data["y"] + drift.astype(float))
    plain = two_stage_slopes(data, "y", "x_wp", "person", "emotion")
    moved = two_stage_slopes(drifted, "y", "x_wp", "person", "emotion")
    np.testing.assert_allclose(moved["slope"], plain["slope"], atol=1e-10)


def test_a_person_without_spread_has_no_slope() -> None:
    data = table("targets").copy()
    data.loc[data["person"] == "d001t", "x_wp"] = 1.0
    slopes = two_stage_slopes(data, "y", "x_wp", "person").set_index("person")
    assert np.isnan(slopes.loc["d001t", "slope"])
    assert slopes["slope"].notna().sum() == len(slopes) - 1


def test_welch_contrasts_are_scipys() -> None:
    """Expected: scipy.stats.ttest_ind(a, b, equal_var=False)."""
    from scipy import stats

    generator = np.random.default_rng(5)
    values = {"a": generator.normal(0, 1, 9), "b": generator.normal(1, 3, 14)}
    rows = [(group, value) for group, own in values.items() for value in own]
    row = welch_contrasts(pd.DataFrame(rows, columns=["group", "slope"]), "slope", "group").iloc[0]
    expected = stats.ttest_ind(values["a"], values["b"], equal_var=False)
    assert row["contrast"] == "a - b"
    assert row["statistic"] == pytest.approx(expected.statistic)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert row["df"] == pytest.approx(expected.df)
    interval = expected.confidence_interval()
    assert (row["lower"], row["upper"]) == pytest.approx((interval.low, interval.high))


def test_welch_contrasts_need_two_persons_a_group() -> None:
    data = pd.DataFrame({"group": ["a", "a", "b"], "slope": [1.0, 2.0, 3.0]})
    with pytest.raises(StudyError, match="group = b has fewer than two persons"):
        welch_contrasts(data, "slope", "group")


def test_a_function_that_formulas_do_not_have_is_named_with_those_they_have() -> None:
    with pytest.raises(StudyError, match="offset is no function of formulas, which are log, "):
        fit_mixed("y ~ offset(age_c) + (1 | person)", study())
