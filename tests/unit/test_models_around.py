"""What stands around the mixed model: bounds, people one by one, shares, bootstrap, refits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pingouin
import pytest
from model_cases import fitted, table
from scipy import optimize, stats
from scipy.special import expit, gammaln

from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed, refit
from dyads.models.alternatives import compare_all, compare_people
from dyads.models.bootstrap import bootstrap_intervals
from dyads.models.equivalence import equivalence_tests
from dyads.models.shares import fit_shares
from dyads.models.transforms import squeezed


def people() -> pd.DataFrame:
    generator = np.random.default_rng(4)
    sizes = {"HC": 15, "ASD": 12, "SCZ": 18}
    rows = [(g, v) for i, (g, n) in enumerate(sizes.items()) for v in generator.normal(i / 2, 1, n)]
    data = pd.DataFrame(rows, columns=["group", "slope"])
    return data.assign(group=pd.Categorical(data["group"], list(sizes)))


def shares(seed: int = 6) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    person = np.repeat(np.arange(40), 8)
    x = generator.normal(size=320)
    mean = expit(-0.5 + 0.6 * (person % 2) + 0.4 * x + 0.3 * generator.normal(size=40)[person])
    share = generator.beta(8 * mean, 8 * (1 - mean)).round(2)
    group = np.array(["a", "b"])[person % 2]
    return pd.DataFrame({"person": person, "group": group, "x": x, "share": share})


FORMULA = "share ~ group * x + (1 + x | person)"


def test_equivalence_is_two_one_sided_tests() -> None:
    """Expected: pingouin.tost and the pooled t test it is made of."""
    data = people()
    a, b = (data.loc[data["group"] == g, "slope"].to_numpy() for g in ("HC", "ASD"))
    test = stats.ttest_ind(a, b)
    estimate = a.mean() - b.mean()
    row = {"estimate": [estimate], "se": [estimate / test.statistic], "df": [test.df]}
    found = equivalence_tests(pd.DataFrame(row), -1.5, 1.5).iloc[0]
    expected = pingouin.tost(a, b, bound=1.5, correction=False)["pval"].item()
    assert found["p_equivalence"] == pytest.approx(expected, rel=1e-8)


def test_an_interval_inside_the_bounds_and_an_equivalence_are_the_same() -> None:
    effects = fitted("M2").fixed_effects()
    for bound in (0.05, 0.1, 0.3, 0.6):
        found = equivalence_tests(effects, -bound, bound)
        inside = (found["equivalence_lower"] > -bound) & (found["equivalence_upper"] < bound)
        assert list(found["is_equivalent"]) == list(inside)


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(StudyError, match="in order"):
        equivalence_tests(fitted("M2").fixed_effects(), 0.3, -0.3)
    with pytest.raises(StudyError, match="in order"):
        compare_people(people(), "slope", "group", bounds=(0.3, -0.3))


def test_people_are_compared_by_four_tests() -> None:
    """Expected: scipy's Welch and rank tests; Hedges' g and its correction by hand."""
    data = people()
    row = compare_people(data, "slope", "group", bounds=(-3.0, 3.0)).iloc[1]
    a, b = (data.loc[data["group"] == g, "slope"].to_numpy() for g in ("HC", "SCZ"))
    assert row["contrast"] == "HC - SCZ"
    assert (row["n_first"], row["n_second"]) == (15, 18)
    pooled = np.sqrt((14 * a.var(ddof=1) + 17 * b.var(ddof=1)) / 31)
    corrected = (a.mean() - b.mean()) / pooled * (1 - 3 / (4 * 33 - 9))
    assert row["hedges_g"] == pytest.approx(corrected)
    assert row["g_lower"] < row["hedges_g"] < row["g_upper"]
    assert row["p_welch"] == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert row["p_mann_whitney"] == pytest.approx(stats.mannwhitneyu(a, b).pvalue)
    assert row["p_equivalence"] < 0.05


def test_bounds_that_are_not_symmetric_test_the_nearer_side() -> None:
    """By hand: Welch's t of each one-sided test."""
    data = people()
    a, b = (data.loc[data["group"] == g, "slope"].to_numpy() for g in ("HC", "ASD"))
    above = stats.ttest_ind(a + 2.0, b, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind(a - 0.5, b, equal_var=False, alternative="less").pvalue
    found = compare_people(data, "slope", "group", bounds=(-2.0, 0.5))["p_equivalence"].iloc[0]
    assert found == pytest.approx(max(above, below), rel=1e-6)


def test_a_bayes_factor_is_rouders() -> None:
    """Rouder et al. (2009): t = 0.69 with 100 in each of two samples gives 5.0 for no effect,
    with a Cauchy prior of scale 1; here the scale is 0.707, so the integral is done anew."""
    generator = np.random.default_rng(1)
    values = pd.DataFrame({"g": ["a"] * 20 + ["b"] * 25, "v": generator.normal(size=45)})
    a, b = values["v"][:20], values["v"][20:]
    t, n, df = stats.ttest_ind(a, b).statistic, 20 * 25 / 45, 43

    def weighed(g: float) -> float:
        spread = 1 + n * g * 0.707**2
        density = (2 * np.pi) ** -0.5 * g**-1.5 * np.exp(-1 / (2 * g))
        return float(spread**-0.5 * (1 + t**2 / (spread * df)) ** (-(df + 1) / 2) * density)

    grid = np.exp(np.linspace(-12, 12, 40_001))
    whole = np.trapezoid([weighed(g) * g for g in grid], np.log(grid))
    expected = whole / (1 + t**2 / df) ** (-(df + 1) / 2)
    found = compare_people(values, "v", "g")["bayes_factor"].item()
    assert found == pytest.approx(expected, rel=1e-3)


def test_all_groups_at_once_by_ranks_are_scipys() -> None:
    data = people()
    found = compare_all(data, "slope", "group").set_index("test")
    expected = stats.kruskal(*(own["slope"] for _, own in data.groupby("group", observed=True)))
    assert found.loc["kruskal-wallis", "statistic"] == pytest.approx(expected.statistic)
    assert found.loc["kruskal-wallis", "p_value"] == pytest.approx(expected.pvalue)
    assert found.loc["welch", "num_df"] == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d[(d["group"] != "SCZ") | (d.index > 42)], "SCZ has 2"),
        (lambda d: d.assign(slope=d["slope"].where(d["group"] != "ASD", 1.0)), "everybody in ASD"),
        (lambda d: d[d["group"] == "HC"], "group has 1 level"),
    ],
)
def test_people_that_cannot_be_compared_are_named(
    change: Callable[[pd.DataFrame], pd.DataFrame], complaint: str
) -> None:
    with pytest.raises(StudyError, match=complaint):
        compare_people(change(people()), "slope", "group")


def test_beta_regression_maximises_the_beta_likelihood() -> None:
    """Expected: scipy's optimiser on the density written out."""
    data = shares()
    fit = fit_shares(FORMULA, data)
    y, x = squeezed(data["share"].to_numpy()), fit.fixed.matrix

    def minus_log_likelihood(theta: np.ndarray) -> float:
        mean, phi = expit(x @ theta[:-1]), np.exp(theta[-1])
        a, b = mean * phi, (1 - mean) * phi
        constant = gammaln(phi) - gammaln(a) - gammaln(b)
        return -float((constant + (a - 1) * np.log(y) + (b - 1) * np.log(1 - y)).sum())

    best = optimize.minimize(minus_log_likelihood, np.zeros(x.shape[1] + 1), method="BFGS")
    np.testing.assert_allclose(fit.coefficients, best.x[:-1], atol=1e-4)
    assert fit.precision == pytest.approx(np.exp(best.x[-1]), rel=1e-3)


def test_beta_regression_takes_persons_as_the_units() -> None:
    """Each row entered four times adds nothing about persons: the errors hardly move."""
    data = shares()
    once = fit_shares(FORMULA, data)
    often = fit_shares(FORMULA, pd.concat([data] * 4, ignore_index=True))
    np.testing.assert_allclose(often.coefficients, once.coefficients, atol=0.02)
    np.testing.assert_allclose(often.fixed_effects()["se"], once.fixed_effects()["se"], rtol=0.03)
    assert (once.fixed_effects()["df"] == 39).all()


def test_shares_answer_the_same_questions_as_a_mixed_model() -> None:
    fit = fit_shares(FORMULA, shares())
    means = fit.marginal_means("group")
    np.testing.assert_allclose(means["share"], expit(means["estimate"]))
    trends = fit.trends("x", by="group")["estimate"]
    contrast = fit.contrasts("group", trend="x")["estimate"].item()
    assert contrast == pytest.approx(trends[0] - trends[1])
    joint = fit.joint_tests().set_index("term")
    single = fit.fixed_effects().set_index("term").loc["groupb:x", "statistic"]
    assert joint.loc["group:x", "statistic"] == pytest.approx(single**2)


@pytest.mark.parametrize(
    ("share", "complaint"),
    [
        (lambda d: d["share"].where(d["group"] != "b", 0.0), "group = b: every share is 0"),
        (lambda d: d["share"].where(d.index != 3, 1.2), "the first is 1.2"),
        (lambda d: d["share"] * 0 + 0.4, "nothing varies"),
    ],
)
def test_shares_without_an_answer_are_refused(
    share: Callable[[pd.DataFrame], pd.Series], complaint: str
) -> None:
    data = shares()
    with pytest.raises(StudyError, match=complaint):
        fit_shares(FORMULA, data.assign(share=share(data)))


def test_a_bootstrap_over_persons_has_the_spread_of_the_estimate() -> None:
    """The interval of a slope is about as long as the model's own, which is right here."""
    fit = fitted("M0")
    found = bootstrap_intervals(
        fit,
        lambda one: pd.Series({"slope": one.coefficients[1]}),
        np.random.default_rng(2),
        n_resamples=60,
    ).iloc[0]
    own = fit.fixed_effects().iloc[1]
    length = (found["upper"] - found["lower"]) / (own["upper"] - own["lower"])
    assert found["n_resamples"] == 60
    assert found["lower"] < own["estimate"] < found["upper"]
    assert 0.6 < length < 1.3


def test_a_bootstrap_draws_as_many_of_each_group_and_tells_copies_apart() -> None:
    data = table("segd.csv.gz")
    small = data[data["dyad"].isin(data["dyad"].unique()[::5])]
    fit = fit_mixed("y ~ group * role + (1 | dyad) + (1 | dyad:person)", small, ladder=False)
    per_group = small.groupby("group", observed=True)["dyad"].nunique()
    seen = []

    def counted(one: MixedFit) -> pd.Series:
        frame = one.frame.source
        seen.append(frame.groupby("group", observed=True)["dyad"].nunique())
        return pd.Series({"persons": float(frame["person"].nunique())})

    bootstrap_intervals(fit, counted, np.random.default_rng(3), n_resamples=5)
    assert all(list(one) == list(per_group) for one in seen)


def test_a_bootstrap_that_can_rarely_be_fitted_is_refused() -> None:
    def never(_: MixedFit) -> pd.Series:
        raise StudyError("no")

    with pytest.raises(StudyError, match="Only 0 of 5 draws"):
        bootstrap_intervals(fitted("M0"), never, np.random.default_rng(3), n_resamples=5)


def test_a_refit_is_a_fit_to_the_other_outcome() -> None:
    data = table("flat.csv")
    first = fit_mixed("y ~ group * x + (1 | person)", data, ladder=False)
    again = refit(first, data["z"].to_numpy(), ladder=False)
    whole = fit_mixed("z ~ group * x + (1 | person)", data, ladder=False)
    pd.testing.assert_frame_equal(again.fixed_effects(), whole.fixed_effects(), rtol=1e-5)
    assert again.deviance == pytest.approx(whole.deviance, abs=1e-6)


def test_a_refit_to_other_columns_is_a_fit_to_the_rows_that_have_them() -> None:
    data = table("flat.csv")
    fit = fit_mixed("y ~ group * x + (1 | person)", data)
    swapped = data.assign(group=data["group"].cat.rename_categories({"HC": "ASD", "ASD": "HC"}))
    swapped["group"] = swapped["group"].cat.reorder_categories(list(data["group"].cat.categories))
    whole = fit_mixed("y ~ group * x + (1 | person)", swapped)
    again = refit(fit, matrix=whole.fixed.matrix)
    pd.testing.assert_frame_equal(again.fixed_effects(), whole.fixed_effects(), rtol=1e-5)
    with pytest.raises(StudyError, match="follows from"):
        refit(fit, matrix=whole.fixed.matrix[:, [0, 1, 1, *range(3, whole.fixed.matrix.shape[1])]])


def test_the_size_of_a_slope_is_in_standard_deviations_within_persons() -> None:
    """Expected: slope times SD(x) over the root mean square of y around its means, by hand."""
    data = table("targets")
    contrasts = fitted("M2").contrasts("group", trend="x_wp")
    for within in ("person", "person:emotion"):
        means = data.groupby(within.split(":"), observed=True)["y"].transform("mean")
        unit = np.sqrt(np.mean((data["y"] - means) ** 2)) / data["x_wp"].std()
        sizes = fitted("M2").effect_sizes(contrasts, trend="x_wp", within=within)
        np.testing.assert_allclose(sizes["d"], contrasts["estimate"] / unit)
    default = fitted("M2").effect_sizes(contrasts, trend="x_wp")
    by_person = fitted("M2").effect_sizes(contrasts, trend="x_wp", within="person")
    pd.testing.assert_frame_equal(default, by_person)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"trend": "emotion"}, "no number of the model"),
        ({"trend": "x_pmc"}, "varies over no grouping"),
        ({"trend": "x_wp", "within": "site"}, "no column site"),
    ],
)
def test_a_slope_without_a_unit_is_refused(asked: dict[str, str], complaint: str) -> None:
    fit = fitted("M2")
    with pytest.raises(StudyError, match=complaint):
        fit.effect_sizes(fit.fixed_effects(), **asked)


def test_the_formula_of_a_fit_can_be_fitted_again() -> None:
    data = table("flat.csv").assign(part=lambda d: d["segment"].astype(int) % 3)
    data = data.rename(columns={"x": "felt.x"})
    fit = fit_mixed("y ~ group * felt.x + factor(part) + (1 | person)", data)
    assert fit.formula == "y ~ group * `felt.x` + C(part) + (1 | person)"
    again = fit_mixed(fit.formula, data)
    np.testing.assert_allclose(again.coefficients, fit.coefficients)


def test_a_bootstrap_refits_what_the_ladder_kept_of_a_category() -> None:
    generator = np.random.default_rng(1)
    person, emotion = np.repeat(np.arange(16), 12), np.tile(["joy", "sad", "fear"], 64)
    y = generator.normal(size=16)[person] + generator.normal(size=192)
    data = pd.DataFrame({"person": person, "emotion": emotion, "y": y})
    fit = fit_mixed("y ~ emotion + (1 + emotion | person)", data)
    assert fit.log["step"].iloc[-1] == "uncorrelated"
    drawn = bootstrap_intervals(fit, lambda one: one.r_squared().iloc[0], generator, n_resamples=20)
    assert drawn["n_resamples"].tolist() == [20, 20]
