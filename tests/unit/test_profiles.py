"""Profiles of people: what is measured, how it is scaled, how far it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from profile_cases import GROUPS, cohort_of, participants_of, shared_profiles

from dyads.analysis.associations import associations
from dyads.analysis.heterogeneity import heterogeneity
from dyads.analysis.profile_results import read_heterogeneity, write_heterogeneity
from dyads.analysis.profiles import Profiles, principal_components, profiles
from dyads.config import ProfileSettings
from dyads.figures import profiles as figure
from dyads.figures import style
from dyads.report import profile_tables
from dyads.tables import About

FEW = ProfileSettings(null_samples=19, bootstrap_samples=20, splits=20, permutations=199)


def profiled(cohort: pd.DataFrame, minimum_rows: int = 6, splits: int = 40) -> Profiles:
    return profiles(cohort, minimum_rows, splits, np.random.default_rng(3))


def test_slope_spread_and_level_are_those_of_numpy() -> None:
    cohort = cohort_of(people=3)
    found = profiled(cohort).people.set_index("person").loc["P004"]
    own = cohort[cohort["person"].eq("P004")]
    # numpy's least squares and standard deviation, an independent way; one emotion, so the
    # emotion's mean is the mean of all rows.
    assert found["congruence_slope"] == pytest.approx(np.polyfit(own["x_w"], own["e"], 1)[0])
    assert found["expression_spread"] == pytest.approx(own["e"].std(ddof=1))
    assert found["expression_level"] == pytest.approx(own["e"].mean() - cohort["e"].mean())
    r = np.corrcoef(own["x"], own["e"])[0, 1]
    assert found["congruence_z"] == pytest.approx(np.arctanh(r))


def test_scaling_does_not_follow_one_extreme_person() -> None:
    cohort = cohort_of(people=8)
    is_odd = cohort["person"].eq("P001")
    wild = cohort.assign(e=cohort["e"].where(~is_odd, cohort["e"] + 100))
    tame_z, wild_z = (profiled(c).people.set_index("person") for c in (cohort, wild))
    others = [name for name in tame_z.index if name != "P001"]
    shift = tame_z.loc[others, "expression_level_z"] - wild_z.loc[others, "expression_level_z"]
    assert shift.abs().max() < 0.5
    assert wild_z.loc["P001", "expression_level_z"] > 100


def test_a_feature_that_is_only_noise_has_no_say() -> None:
    # Everybody has the same spread of experience and the same mean: what differs is chance.
    features = profiled(cohort_of(people=20)).features.set_index("feature")
    assert features.loc["expression_level", "reliability"] > 0.9
    assert features.loc["experience_level", "reliability"] < 0.4


def test_reliability_of_a_level_agrees_with_theory() -> None:
    # Level SD 0.1; a row's own spread is noise 0.1 beside slope 0.1: sqrt(0.02) = 0.1414, so that
    # the mean of 24 rows has reliability 0.01 / (0.01 + 0.02 / 24) = 0.923.
    cohort = cohort_of(people=100, level_sd=0.1, noise=0.1, slopes=(0.1, 0.1, 0.1))
    features = profiled(cohort).features.set_index("feature")
    assert features.loc["expression_level", "reliability"] == pytest.approx(0.923, abs=0.03)


def test_a_person_with_few_rows_has_a_level_and_no_slope() -> None:
    cohort = cohort_of(people=8)
    first = cohort["person"].eq("P001")
    short = pd.concat([cohort[first].head(4), cohort[~first]])
    found = profiled(short)
    own = found.people.set_index("person").loc["P001"]
    assert np.isfinite(own["expression_level"])
    assert np.isnan(own["congruence_slope"])
    assert np.isnan(own["component_1"])
    assert len(found.scores) == 23


def test_excluded_rows_and_partners_do_not_count() -> None:
    cohort = cohort_of(people=8)
    more = cohort.assign(person=cohort["person"] + "x", role="partner", e=9.0)
    lost = cohort.assign(e=9.0, exclusion="not rated")
    both = pd.concat([cohort, more, lost])
    pd.testing.assert_frame_equal(profiled(both).people, profiled(cohort).people)


def test_components_are_the_axes_of_the_covariance() -> None:
    data = np.random.default_rng(1).normal(size=(50, 4)) * [3, 2, 1, 0.1]
    scores, loadings = principal_components(data)
    values = np.linalg.eigvalsh(np.cov(data, rowvar=False))[::-1]
    # Variances 9, 4, 1 and 0.01: two hold 13 of 14 parts, three nearly all.
    assert scores.shape == (50, 3)
    np.testing.assert_allclose(scores.var(axis=0, ddof=1), values[:3])
    assert np.all(np.abs(loadings).max(axis=0) == loadings.max(axis=0))


def test_associations_agree_with_scipy() -> None:
    from scipy import stats

    generator = np.random.default_rng(5)
    number, group = pd.Series(generator.normal(size=60)), pd.Series(list("abc") * 20)
    other = number + pd.Series(generator.normal(size=60))
    sex = pd.Series(np.where(generator.random(60) < 0.5 + 0.4 * (group == "a"), "f", "m"))
    table = associations(
        {"number": number, "group": group},
        pd.DataFrame({"other": other, "sex": sex}),
        499,
        np.random.default_rng(1),
    ).set_index(["what", "covariate"])["effect"]
    # spearmanr; Kruskal and Wallis' H / (n - 1), which is the share of the ranks' variance;
    # Cramer's V by scipy.stats.contingency.association
    assert table["number", "other"] == pytest.approx(stats.spearmanr(number, other).statistic)
    parts = [other[group.eq(name)] for name in "abc"]
    assert table["group", "other"] == pytest.approx(stats.kruskal(*parts).statistic / 59)
    counts = pd.crosstab(group, sex).to_numpy()
    assert table["group", "sex"] == pytest.approx(stats.contingency.association(counts))


def test_p_of_an_association_is_small_where_there_is_one_and_uniform_where_not() -> None:
    generator = np.random.default_rng(2)
    found = []
    for number in range(60):
        table = associations(
            {"a": pd.Series(generator.normal(size=30))},
            pd.DataFrame({"b": generator.normal(size=30)}),
            99,
            np.random.default_rng(number),
        )
        found.append(float(table["p_value"].iloc[0]))
    assert 0.35 < np.mean(found) < 0.65
    same = pd.Series(generator.normal(size=30))
    table = associations({"a": same}, pd.DataFrame({"b": same}), 99, generator)
    assert table["p_value"].iloc[0] == 0.01  # 1 / (1 + 99)


def test_a_covariate_of_few_people_or_without_variation_is_left_out() -> None:
    values = pd.Series(np.arange(30.0))
    few = pd.Series([1.0, 2.0] + [np.nan] * 28)
    table = associations(
        {"a": values}, pd.DataFrame({"few": few, "one": "x"}), 99, np.random.default_rng(1)
    )
    assert table.empty


def run(cohort: pd.DataFrame, minimum_cell: int = 5):
    return heterogeneity(
        cohort, participants_of(cohort), FEW, groups=GROUPS, minimum_rows=6,
        minimum_cell=minimum_cell, generator=np.random.default_rng(7),
        about=About(stamp="demo weights"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def clear() -> tuple[pd.DataFrame, object]:
    """Two kinds of people: controls follow what they feel, the others hardly."""
    return run(cohort_of(people=12, slopes=(0.4, 0.02, 0.02), noise=0.04, level_sd=0.02))


def test_clear_subgroups_are_found_and_go_with_diagnosis(clear) -> None:
    people, shared = clear
    assert shared.summary.subgroups == 2
    assert people.groupby("subgroup")["group"].unique().map(sorted).to_list() == [
        ["ASD", "SCZ"],
        ["control"],
    ]
    table = shared.associations.set_index(["what", "covariate"])
    assert table.loc[("subgroup", "group"), "effect"] == pytest.approx(1)
    assert table.loc[("subgroup", "group"), "p_adjusted"] < 0.05
    assert table.loc[("subgroup", "symptoms"), "effect"] < 0.2


def test_people_who_differ_by_degree_are_no_subgroups() -> None:
    people, shared = run(cohort_of(people=12, slopes=(0.1, 0.1, 0.1)))
    assert shared.summary.subgroups == 1
    assert people["subgroup"].isna().all()
    assert "No stable subgroups" in profile_tables.sentences(shared)[0]


def test_results_are_the_same_from_the_same_seed(clear) -> None:
    again, _ = run(cohort_of(people=12, slopes=(0.4, 0.02, 0.02), noise=0.04, level_sd=0.02))
    pd.testing.assert_frame_equal(again, clear[0])


def test_nothing_shared_names_a_person_or_counts_few(clear) -> None:
    people, shared = clear
    names = set(people["person"]) | set(people["dyad_id"])
    for table in vars(shared).values():
        if isinstance(table, pd.DataFrame):
            assert names.isdisjoint(table.astype(str).to_numpy().ravel())
    assert shared.sizes["people"].min() >= 5


def test_counts_of_subgroups_are_hidden_together_where_one_is_small() -> None:
    cohort = cohort_of(people=12, slopes=(0.4, 0.02, 0.02), noise=0.04, level_sd=0.02)
    # Two of the others are like controls: a count of two would be shown.
    is_moved = cohort["person"].isin(["P013", "P014"])
    alike = cohort.assign(e=cohort["e"] + np.where(is_moved, 0.38 * cohort["x_w"], 0))
    _, shared = run(alike.assign(e_w=alike["e"]))
    assert shared.summary.subgroups == 2
    assert shared.sizes.empty


def test_few_people_are_not_searched() -> None:
    _, shared = run(cohort_of(people=3))
    assert shared.summary.failed == "people"
    assert shared.candidates.empty
    drawn, table = figure.draw(shared, groups=GROUPS, minimum_cell=5)
    drawn.draw_without_rendering()
    assert table.empty


def test_results_come_back_from_their_folder(clear, tmp_path) -> None:
    _, shared = clear
    write_heterogeneity(shared, tmp_path)
    again = read_heterogeneity(tmp_path)
    assert again.summary == shared.summary
    pd.testing.assert_frame_equal(again.associations, shared.associations, rtol=1e-8)


@pytest.mark.parametrize("subgroups", [1, 3])
def test_the_figure_says_how_many_subgroups_and_people_there_are(subgroups: int) -> None:
    drawn, table = figure.draw(shared_profiles(subgroups), groups=GROUPS, minimum_cell=5)
    text = style.svg_text(drawn)
    assert text.startswith("<?xml")
    said = " ".join(t.get_text() for t in drawn.findobj(match=lambda a: hasattr(a, "get_text")))
    assert ("3 stable subgroups" if subgroups == 3 else "No stable subgroups") in said
    assert "n = 27" in said
    assert "demo weights" in said
    assert ("subgroup" in set(table["kind"])) == (subgroups == 3)


def test_a_group_below_the_smallest_cell_has_no_mean() -> None:
    _, shared = run(cohort_of(people=8), minimum_cell=9)
    assert shared.means["mean"].isna().all()
    assert shared.means["n"].isna().all()


def test_the_page_names_the_check_that_failed_and_those_not_reached() -> None:
    tables = profile_tables.of_heterogeneity(shared_profiles(1), GROUPS)
    checks = next(table for table in tables if table.title.startswith("What subgroups"))
    assert checks.rows[2][1:] == ("p of the dip test: 0.30", "0.050", "no")
    assert [row[1] for row in checks.rows[3:]] == ["not reached"] * 3
