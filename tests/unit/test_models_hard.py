"""Models that are hard to read or to fit, against R.

Formulas, calls and data are those of `tests/data/models/fit_hard.R`, which wrote every expected
value: `coef(summary(fit, ddf))`, `anova(fit, type = 3, ddf)`, `coef_test(fit, vcovCR(fit, cluster =
d$dyad, type = "CR2"))`, `contrast(emmeans(...))`.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from model_cases import DATA, r_values

from dyads.models import MixedFit, fit_mixed

FORMULAS = dict(
    re.findall(r'^  (\w+) = "([^"]+)"', (DATA / "fit_hard.R").read_text(), re.MULTILINE)
)
LEVELS = {
    "group": ["HC", "ASD", "SCZ"],
    "dx": ["T.x (n=3)", "a: [b]", "other 'z' + 1"],
    "role": ["target", "partner"],
    "emotion": ["joy", "anger"],
}
LEFT_BY_LME4 = ["far_from_zero", "calendar"]
"""lme4 stops well above the optimum, because the slope's variable is far from zero."""

SAME_AS_R = [name for name in FORMULAS if name not in LEFT_BY_LME4]
WITH_CR2 = [name for name in SAME_AS_R if "confederate" not in FORMULAS[name]]


@cache
def table() -> pd.DataFrame:
    data = pd.read_csv(DATA / "hard.csv")
    for column, levels in LEVELS.items():
        data[column] = pd.Categorical(data[column], levels)
    return data


@cache
def fitted(name: str) -> MixedFit:
    return fit_mixed(FORMULAS[name], table(), ladder=False)


def expected(values: str, name: str) -> pd.DataFrame:
    found = r_values(values)
    return found[found.iloc[:, 0] == name].reset_index(drop=True)


def numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values).to_numpy(float)


def test_all_of_the_programs_models_are_read() -> None:
    assert len(FORMULAS) == 27
    assert set(FORMULAS) == set(r_values("hard_effects")["model"])


@pytest.mark.parametrize("name", SAME_AS_R)
def test_effects_are_lmertests_and_pbkrtests(name: str) -> None:
    theirs = expected("hard_effects", name)
    ours = fitted(name).fixed_effects()
    assert list(ours["term"]) == list(theirs["term"])
    excess = (ours["estimate"] - numbers(theirs["est"])).abs() / numbers(theirs["se"])
    assert excess.max() < 1e-5
    np.testing.assert_allclose(ours["se"], numbers(theirs["se"]), rtol=1e-5)
    np.testing.assert_allclose(ours["df"], numbers(theirs["df"]), rtol=1e-5)
    ours = fitted(name).fixed_effects(df_method="kenward-roger")
    np.testing.assert_allclose(ours["se"], numbers(theirs["seKR"]), rtol=1e-5)
    np.testing.assert_allclose(ours["df"], numbers(theirs["dfKR"]), rtol=1e-5)


@pytest.mark.parametrize("name", list(FORMULAS))
def test_the_deviance_is_never_above_lme4s(name: str) -> None:
    limit = numbers(expected("hard_effects", name)["deviance"])[0]
    assert fitted(name).deviance <= limit + 1e-4
    assert fitted(name).is_converged


def test_a_slopes_distance_from_zero_changes_no_fit() -> None:
    """`far` is `range` plus 100: with correlated random effects the model is the same one."""
    far, near = fitted("far_from_zero"), fitted("named_like_a_function")
    assert far.deviance == pytest.approx(near.deviance, abs=1e-5)
    np.testing.assert_allclose(
        far.trends("far", by="group")["se"], near.trends("range", by="group")["se"], rtol=1e-4
    )


@pytest.mark.parametrize("name", WITH_CR2)
def test_cluster_robust_errors_are_clubsandwichs(name: str) -> None:
    theirs = expected("hard_effects", name)
    ours = fitted(name).cluster_robust("dyad")
    np.testing.assert_allclose(ours["se"], numbers(theirs["seCR2"]), rtol=1e-5)
    np.testing.assert_allclose(ours["df"], numbers(theirs["dfCR2"]), rtol=1e-5)


@pytest.mark.parametrize("name", SAME_AS_R)
def test_joint_tests_are_lmertests_and_pbkrtests(name: str) -> None:
    theirs = expected("hard_tests", name)
    ours, rogers = fitted(name).joint_tests(), fitted(name).joint_tests("kenward-roger")
    assert list(ours["term"]) == list(theirs["term"])
    np.testing.assert_array_equal(ours["num_df"], numbers(theirs["num"]))
    np.testing.assert_allclose(ours["statistic"], numbers(theirs["F"]), rtol=1e-5)
    np.testing.assert_allclose(ours["den_df"], numbers(theirs["den"]), rtol=1e-5)
    np.testing.assert_allclose(rogers["statistic"], numbers(theirs["FKR"]), rtol=1e-5)
    np.testing.assert_allclose(rogers["den_df"], numbers(theirs["denKR"]), rtol=1e-5)


QUESTIONS = {
    "slopes": ("slope_and_session", {"specs": "group", "trend": "x", "adjust": "holm"}),
    "slopes_tukey": ("slope_and_session", {"specs": "group", "trend": "x", "adjust": "tukey"}),
    "means_at_one": ("slope_and_session", {"specs": "group", "at": {"x": 1}, "adjust": "bh"}),
    "means_over_emotions": ("squared", {"specs": "group"}),
    "cells": ("squared", {"specs": ["group", "emotion"], "adjust": "holm"}),
    "two_valued_numbers": ("numeric_codes", {"specs": "session"}),
    "polynomial_means": ("polynomial", {"specs": "group"}),
    "reference": ("odd_levels", {"specs": "dx", "trend": "x", "method": "reference"}),
}


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_contrasts_are_emmeans(question: str) -> None:
    name, asked = QUESTIONS[question]
    theirs = expected("hard_contrasts", question)
    ours = fitted(name).contrasts(**asked)
    # emmeans puts a level that holds a sign into parentheses.
    assert list(ours["contrast"]) == list(
        theirs["contrast"].str.replace("(other 'z' + 1)", "other 'z' + 1")
    )
    np.testing.assert_allclose(ours["estimate"], numbers(theirs["est"]), rtol=1e-5)
    np.testing.assert_allclose(ours["se"], numbers(theirs["se"]), rtol=1e-5)
    np.testing.assert_allclose(ours["df"], numbers(theirs["df"]), rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], numbers(theirs["p"]), rtol=1e-5)


def test_explained_variance_is_nakagawas() -> None:
    """From VarCorr, sigma and var(model.matrix(fit) %*% fixef(fit)) in R."""
    theirs = r_values("hard_r_squared").iloc[0]
    ours = fit_mixed("y ~ group + emotion + x + (1 | person)", table()).r_squared().iloc[0]
    assert ours["marginal"] == pytest.approx(float(theirs["marginal"]), rel=1e-6)
    assert ours["conditional"] == pytest.approx(float(theirs["conditional"]), rel=1e-6)


def test_sum_coding_changes_no_joint_test() -> None:
    """Type III is averaged over levels, whatever they are coded as."""
    treatment = fitted("squared").joint_tests()
    formula = FORMULAS["squared"].replace("group", "C(group, Sum)")
    summed = fit_mixed(formula, table(), ladder=False).joint_tests()
    assert list(summed["term"].str.replace("C(group, Sum)", "group")) == list(treatment["term"])
    np.testing.assert_allclose(summed["statistic"], treatment["statistic"], rtol=1e-5)
    np.testing.assert_allclose(summed["den_df"], treatment["den_df"], rtol=1e-5)


def test_a_main_effect_beside_its_interaction_alone_is_averaged_whatever_the_reference() -> None:
    formula = "y ~ group + group:emotion + x + (1 | person)"
    turned = table().assign(emotion=lambda d: d["emotion"].cat.reorder_categories(["anger", "joy"]))
    one = fit_mixed(formula, table()).joint_tests()
    two = fit_mixed(formula, turned).joint_tests()
    np.testing.assert_allclose(one["statistic"], two["statistic"], rtol=1e-5)


@pytest.mark.parametrize(
    ("outcome", "shift", "unit"), [("y", 1e7, 1.0), ("y", 5.0, 1e-6), ("y", -3e5, 1e5)]
)
def test_neither_zero_nor_unit_of_the_outcome_matters(
    outcome: str, shift: float, unit: float
) -> None:
    data = table().assign(y=table()[outcome] * unit + shift)
    plain, moved = fitted("slope_and_session"), fit_mixed(FORMULAS["slope_and_session"], data)
    one, two = plain.trends("x", by="group"), moved.trends("x", by="group")
    np.testing.assert_allclose(two["estimate"], one["estimate"] * unit, rtol=1e-5)
    np.testing.assert_allclose(two["se"], one["se"] * unit, rtol=1e-5)
    np.testing.assert_allclose(two["df"], one["df"], rtol=1e-4)
    degrees = moved.n_rows - len(moved.coefficients)
    change = 2 * degrees * np.log(unit)
    assert moved.deviance == pytest.approx(plain.deviance + change, abs=1e-4)


def test_the_deeper_of_two_valleys_is_found() -> None:
    """lme4's bobyqa, Nelder_Mead and nloptwrap, the lowest of the three; starts of one size for
    all terms end 0.0115 above."""
    data = pd.read_csv(DATA / "valleys.csv")
    fit = fit_mixed("y ~ x + (1 + x | dyad/person)", data, reml=False, ladder=False)
    assert fit.deviance <= float(r_values("hard_valleys")["deviance"].iloc[0]) + 1e-4


def test_a_valley_of_wide_effects_is_found() -> None:
    """Outcome with heavy tails. lme4's REMLcrit: Nelder_Mead 2267.54858182845, and by bobyqa and
    nloptwrap 2275.42249113, where starts of up to one residual standard deviation end too."""
    data = pd.read_csv(DATA / "tails.csv")
    fit = fit_mixed("y ~ x + z + (1 + x || person) + (1 + z || conf)", data, ladder=False)
    assert fit.deviance <= 2267.54858182845 + 1e-4


@pytest.mark.parametrize(
    ("formula", "den_df"),
    [
        ("y ~ group + (1 | person)", 26.9357965048),
        ("y ~ group + (1 + x | person)", 26.6301821963),
        ("y ~ group + (1 | dyad)", 12.0506241548),
        ("y ~ group:x + (1 + x | dyad)", 9.66652954233),
    ],
)
def test_a_term_that_stands_alone_has_lmertests_degrees_of_freedom(
    formula: str, den_df: float
) -> None:
    """R: anova(lmerTest::lmer(formula, hard))$DenDF"""
    found = fit_mixed(formula, table(), ladder=False).joint_tests()
    assert found["den_df"].item() == pytest.approx(den_df, rel=1e-5)
