"""Agreement with R: lme4, lmerTest, emmeans, pbkrtest, clubSandwich.

Every expected value was written by `tests/data/models/fit_reference.R` or `fit_more.R`; the
call is quoted where it is more than `lmer(formula, data, REML = TRUE)`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from model_cases import DATA, MORE, REFERENCE, fitted, r_values, table

from dyads.models import fit_mixed

ALL = [*REFERENCE, *MORE]
WITH_KENWARD_ROGER = ["M0", "M1", "M2", *(name for name in MORE if name != "slopes_within_emotion")]


def fixed_of(name: str) -> pd.DataFrame:
    return r_values(f"R_{name}_fix" if name in REFERENCE else f"more_{name}_fix")


def assert_estimates(ours: pd.DataFrame, theirs: pd.DataFrame, names: tuple[str, ...]) -> None:
    estimate, se, df = (theirs[name].to_numpy(float) for name in names)
    np.testing.assert_array_less(np.abs(ours["estimate"] - estimate) / se, 1e-5)
    np.testing.assert_allclose(ours["se"], se, rtol=1e-4)
    np.testing.assert_allclose(ours["df"], df, rtol=1e-4)


@pytest.mark.parametrize("name", ALL)
def test_fixed_effects_are_lmertests(name: str) -> None:
    """coef(summary(lmerTest::lmer(...), ddf = "Satterthwaite"))"""
    ours, theirs = fitted(name).fixed_effects(), fixed_of(name)
    assert list(ours["term"]) == list(theirs["term"])
    assert_estimates(ours, theirs, ("est", "se", "df"))


@pytest.mark.parametrize("name", WITH_KENWARD_ROGER)
def test_kenward_roger_is_pbkrtests(name: str) -> None:
    """coef(summary(lmerTest::lmer(...), ddf = "Kenward-Roger"))"""
    ours = fitted(name).fixed_effects(df_method="kenward-roger")
    assert_estimates(ours, fixed_of(name), ("est", "seKR", "dfKR"))


@pytest.mark.parametrize("name", ALL)
def test_variance_components_are_lme4s(name: str) -> None:
    """as.data.frame(VarCorr(fit)); lme4 writes groups of a nesting the other way round."""
    ours = fitted(name).variance_components()
    theirs = r_values(f"R_{name}_vc" if name in REFERENCE else f"more_{name}_vc")
    theirs["grp"] = theirs["grp"].replace({"session:person": "person:session"})
    theirs["grp"] = theirs["grp"].str.replace(r"\.\d+$", "", regex=True)
    key = theirs[["grp", "var1", "var2"]].astype(str).replace({"nan": "NA"}).agg("|".join, axis=1)
    own_names = ours[["group", "effect", "with_effect"]].astype(object)
    own_key = own_names.where(own_names.notna(), "NA").agg("|".join, axis=1)
    expected = dict(zip(key, theirs["vcov"], strict=True))
    scale = theirs["vcov"].abs().max()
    assert set(own_key) == set(expected)
    for label, variance in zip(own_key, ours["variance"], strict=True):
        assert variance == pytest.approx(expected[label], rel=2e-5, abs=1e-7 * scale), label


@pytest.mark.parametrize("name", ALL)
def test_joint_tests_are_lmertests_type_three(name: str) -> None:
    """anova(fit, type = 3, ddf = "Satterthwaite")"""
    ours = fitted(name).joint_tests()
    theirs = r_values(f"R_{name}_anova" if name in REFERENCE else f"more_{name}_anova")
    assert list(ours["term"]) == list(theirs.iloc[:, 0])
    np.testing.assert_array_equal(ours["num_df"], theirs["NumDF"])
    np.testing.assert_allclose(ours["statistic"], theirs["F value"], rtol=1e-5)
    np.testing.assert_allclose(ours["den_df"], theirs["DenDF"], rtol=1e-4)


@pytest.mark.parametrize("name", ["M0", "M1", "M2"])
def test_kenward_roger_joint_tests_are_pbkrtests(name: str) -> None:
    """anova(fit, type = 3, ddf = "Kenward-Roger")"""
    ours, theirs = fitted(name).joint_tests("kenward-roger"), r_values(f"R_{name}_anovaKR")
    np.testing.assert_allclose(ours["statistic"], theirs["F value"], rtol=1e-5)
    np.testing.assert_allclose(ours["den_df"], theirs["DenDF"], rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs["Pr(>F)"], rtol=1e-4, atol=1e-15)


@pytest.mark.parametrize("name", list(MORE))
def test_the_deviance_is_never_above_lme4s(name: str) -> None:
    """REMLcrit(fit), five of the models with a variance or correlation at its boundary or near."""
    expected = fixed_of(name)["deviance"].iloc[0]
    assert fitted(name).deviance <= expected + 1e-4
    assert fitted(name).deviance == pytest.approx(expected, abs=1e-3)


def test_marginal_means_are_emmeans() -> None:
    """emmeans(M1, ~group)"""
    ours, theirs = fitted("M1").marginal_means("group"), r_values("R_M1_emm")
    assert list(ours["group"]) == list(theirs["group"])
    columns = {"estimate": "emmean", "se": "SE", "df": "df", "lower": "lower.CL"}
    for own, their in columns.items():
        np.testing.assert_allclose(ours[own], theirs[their], rtol=1e-5)


@pytest.mark.parametrize(
    ("adjust", "column"), [("none", "p.value"), ("holm", "holm"), ("tukey", "tukey")]
)
def test_pairwise_contrasts_are_emmeans(adjust: str, column: str) -> None:
    """contrast(emmeans(M1, ~group), "pairwise", adjust); p.adjust(p.value, "holm")"""
    ours = fitted("M1").contrasts("group", adjust=adjust)
    theirs = r_values("R_M1_con")
    assert list(ours["contrast"]) == list(theirs["contrast"])
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs[column], rtol=1e-4)
    np.testing.assert_allclose(ours["p_unadjusted"], theirs["p.value"], rtol=1e-4)


def test_kenward_roger_contrasts_are_emmeans() -> None:
    """contrast(emmeans(M1, ~group, lmer.df = "kenward-roger"), "pairwise", adjust = "none")"""
    ours = fitted("M1").contrasts("group", df_method="kenward-roger")
    theirs = r_values("R_M1_conKR")
    np.testing.assert_allclose(ours["se"], theirs["SE"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs["p.value"], rtol=1e-5)


def test_trends_and_their_contrasts_are_emtrends() -> None:
    """emtrends(M2, ~group, var = "x_wp") and contrast(..., "pairwise", adjust = "none")"""
    trends, theirs = fitted("M2").trends("x_wp", by="group"), r_values("R_M2_trend")
    np.testing.assert_allclose(trends["estimate"], theirs["x_wp.trend"], rtol=1e-5)
    np.testing.assert_allclose(trends["df"], theirs["df"], rtol=1e-5)
    np.testing.assert_allclose(trends["upper"], theirs["upper.CL"], rtol=1e-5)
    contrasts, theirs = (
        fitted("M2").contrasts("group", trend="x_wp", adjust="holm"),
        r_values("R_M2_con"),
    )
    np.testing.assert_allclose(contrasts["estimate"], theirs["estimate"], rtol=1e-5)
    np.testing.assert_allclose(contrasts["se"], theirs["SE"], rtol=1e-5)
    np.testing.assert_allclose(contrasts["p_value"], theirs["holm"], rtol=1e-4)


def test_a_number_with_two_values_is_averaged_like_a_category() -> None:
    """emmeans(crossed_slopes, ~group); sex is 0 or 1, emmeans weighs both evenly"""
    ours, theirs = fitted("crossed_slopes").marginal_means("group"), r_values("more_crossed_means")
    np.testing.assert_allclose(ours["estimate"], theirs["emmean"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)


def test_contrasts_within_levels_of_another_predictor_are_emmeans() -> None:
    """contrast(emmeans(crossed_slopes, ~ group | sex, at = list(x = 0.5)), "pairwise")"""
    ours = fitted("crossed_slopes").contrasts("group", by="sex", at={"x": 0.5})
    theirs = r_values("more_crossed_contrasts_by_sex")
    assert list(ours["contrast"]) == list(theirs["contrast"])
    np.testing.assert_array_equal(ours["sex"].astype(float), theirs["sex"].astype(float))
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)


def test_slopes_by_group_and_role_are_emtrends() -> None:
    """emtrends(actor_partner, ~ group * role, var = "x_wp"), its pairs by role, its weights
    list(patients = c(1, -0.5, -0.5))"""
    fit = fitted("actor_partner")
    ours = fit.trends("x_wp", by=["group", "role"])
    theirs = r_values("more_actor_partner_trends")
    assert list(ours["group"]) == list(theirs["group"])
    np.testing.assert_allclose(ours["estimate"], theirs["x_wp.trend"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)
    ours = fit.contrasts("group", trend="x_wp", by="role")
    theirs = r_values("more_actor_partner_contrasts")
    np.testing.assert_allclose(ours["se"], theirs["SE"], rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs["p.value"], rtol=1e-5)
    theirs = r_values("more_actor_partner_custom")
    for weights in ([1, -0.5, -0.5], {"HC": 1, "ASD": -0.5, "SCZ": -0.5}):
        ours = fit.contrasts("group", trend="x_wp", method={"patients": weights})
        np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-5)
        np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)


def test_predictions_along_a_curve_are_emmeans() -> None:
    """emmeans(quadratic, ~Days, at = list(Days = c(0, 2, 8)))"""
    theirs = r_values("more_quadratic_means")
    line = fitted("quadratic").predict(pd.DataFrame({"Days": [0.0, 2.0, 8.0]}))
    means = fitted("quadratic").marginal_means("Days", at={"Days": [0, 2, 8]})
    for ours in (line, means):
        np.testing.assert_allclose(ours["estimate"], theirs["emmean"], rtol=1e-6)
        np.testing.assert_allclose(ours["upper"], theirs["upper.CL"], rtol=1e-5)


def test_full_likelihood_is_lmertests() -> None:
    """lmerTest::lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE)"""
    fit = fit_mixed("Reaction ~ Days + (Days | Subject)", table("sleepstudy.csv"), reml=False)
    theirs = r_values("more_full_likelihood_fix")
    assert fit.deviance == pytest.approx(theirs["deviance"].iloc[0], abs=1e-6)
    assert_estimates(fit.fixed_effects(), theirs, ("est", "se", "df"))


def test_cluster_robust_tests_are_clubsandwichs_to_every_printed_digit() -> None:
    """clubSandwich::coef_test(M2, vcov = "CR2", cluster = t$person, test = "Satterthwaite")"""
    lines = (DATA / "r_values" / "CR2_M2_coef_test.txt").read_text().splitlines()[1:]
    printed = {line.split()[0]: line.split()[1:5] for line in lines if line.strip()}
    ours = fitted("M2").cluster_robust("person").set_index("term")
    for term, (estimate, se, statistic, df) in printed.items():
        row = ours.loc[term]
        assert f"{row['estimate']:.4f}" == estimate
        assert f"{row['se']:.4f}" == se
        assert f"{row['statistic']:.2f}" == statistic
        assert f"{row['df']:.1f}" == df


@pytest.mark.parametrize(
    ("name", "cluster", "values"), [("M2", "person", "more_cr2_m2"), ("M4", "dyad", "more_cr2_m4")]
)
def test_cluster_robust_errors_are_clubsandwichs(name: str, cluster: str, values: str) -> None:
    """coef_test(fit, vcov = vcovCR(fit, cluster, type = "CR2"), test = "Satterthwaite")"""
    ours, theirs = fitted(name).cluster_robust(cluster), r_values(values)
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-5)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)


def test_cluster_robust_contrasts_of_slopes_are_clubsandwichs() -> None:
    """linear_contrast(M2, vcov, constrain_equal(c("groupASD:x_wp", "groupSCZ:x_wp")))"""
    ours = fitted("M2").contrasts("group", trend="x_wp", covariance="CR2").iloc[2]
    theirs = r_values("more_cr2_m2_contrast").iloc[0]
    assert ours["contrast"] == "ASD - SCZ"
    assert ours["estimate"] == pytest.approx(-theirs["est"], rel=1e-5)
    assert ours["se"] == pytest.approx(theirs["se"], rel=1e-5)
    assert ours["df"] == pytest.approx(theirs["df"], rel=1e-5)


def test_cluster_robust_joint_tests_are_clubsandwichs_htz() -> None:
    """Wald_test(M2, constrain_zero(<columns of the term>), vcov, test = "HTZ")"""
    ours = fitted("M2").joint_tests(covariance="CR2").set_index("term")
    for row in r_values("more_cr2_m2_joint").itertuples():
        assert ours.loc[row.term, "statistic"] == pytest.approx(row.F, rel=1e-5)
        assert ours.loc[row.term, "den_df"] == pytest.approx(row.den, rel=1e-5)
