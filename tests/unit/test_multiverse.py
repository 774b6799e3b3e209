"""The answer under other reasonable choices: which ways there are, their fits, their curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_tables import GROUPS, study_tables
from matplotlib.text import Text
from scipy import stats

from dyads import config
from dyads.analysis.answers import answer
from dyads.analysis.cohort import centre
from dyads.config import Config, ModelSettings, PlanSettings
from dyads.errors import StudyError
from dyads.figures import specification_curve
from dyads.multiverse.curve import (
    curve_statistics,
    groups_of_dyads,
    permuted,
    permuted_curves,
    summed_up,
)
from dyads.multiverse.fits import fit_specifications, recentred, relabelling_of
from dyads.multiverse.leftovers import left_over
from dyads.multiverse.results import (
    MultiverseResults,
    multiverse_results,
    read_multiverse,
    write_multiverse,
)
from dyads.multiverse.specifications import OWN, Multiverse, multiverse_of
from dyads.report import multiverse_text
from dyads.study.withdrawal import left_behind
from dyads.tables import About
from dyads.wording import MINUS

FORMULA = "e ~ group * x_w + emotion + segment + (1 + x_w | person)"
PLAN = PlanSettings(headline="CR2", correction="holm")


def settings(**multiverse: object) -> Config:
    return config.parse(
        {
            "study": {"name": "A study", "folder": "study", "recordings_folder": "films",
                      "groups": list(GROUPS)},
            "expressions": {"composites": {"smile": ["AU06", "AU12"]}},
            "congruence": {"pairs": [
                {"emotion": "joy", "instrument": "f", "scale": "joy", "channel": "smile"},
                {"emotion": "anger", "instrument": "f", "scale": "anger", "channel": "AU04"},
            ]},
            "models": {"slopes": {"title": "Slopes?", "formula": FORMULA, "compare": "slopes",
                                  "variable": "x_w"}},
            "multiverse": {"permutations": 19, **multiverse},
        }
    )  # fmt: skip


def specified(**multiverse: object) -> Multiverse:
    return multiverse_of(settings(**multiverse))


def model(formula: str = FORMULA) -> ModelSettings:
    return ModelSettings(title="Slopes?", formula=formula, compare="slopes", variable="x_w")


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """A study of eight dyads a group whose slopes differ between groups."""
    return centre(study_tables().cohort)


def results_of(cohort: pd.DataFrame, **multiverse: object) -> MultiverseResults:
    ways = specified(**multiverse).specifications
    fits = fit_specifications(cohort, ways, model(), GROUPS, PLAN)
    chance = permuted_curves({OWN: cohort}, ways[:2], model(), GROUPS, PLAN, range(9), seed=1)
    curve = summed_up(fits, chance)
    return multiverse_results("slopes", ways, fits, curve, model(), PLAN, "demo weights")


@pytest.fixture(scope="module")
def results(cohort: pd.DataFrame) -> MultiverseResults:
    """Four specifications, two of which name a covariate that is not there."""
    return results_of(cohort, centring=["person"], covariates=[["ag"]])


def test_every_combination_is_there_once_and_the_studys_own_way_comes_first() -> None:
    found = specified(measures=["level_rest"], centring=["person"], covariates=[["age"], ["sex"]])
    ways = found.specifications
    assert len(ways) == 2 * 2 * 3
    assert len({tuple(way.choices.items()) for way in ways}) == len(ways)
    assert [way.is_own for way in ways] == [True, *[False] * 11]
    assert ways[0].choices == {
        "measures": "level", "centring": "person_emotion", "covariates": "as planned"
    }  # fmt: skip


def test_a_threshold_of_events_is_not_multiplied_for_a_measure_without_events() -> None:
    # level: once; time_on: with each of three thresholds
    ways = specified(
        measures=["time_on"], settings={"expressions.event_on": [0.4, 0.5, 0.6]}
    ).specifications
    assert len(ways) == 1 + 3
    assert {way.choices["expressions.event_on"] for way in ways if way.is_own} == {""}
    assert sorted(way.choices["expressions.event_on"] for way in ways) == ["", "0.4", "0.5", "0.6"]


def test_choices_of_the_model_alone_share_the_studys_own_rows() -> None:
    found = specified(centring=["grand"], covariates=[["age"]])
    assert found.cohort_names == [OWN]
    assert not found.branch_names


def test_a_branch_is_made_once_for_all_that_share_it() -> None:
    found = specified(
        settings={"cleaning.rate_hz": [10, 25], "expressions.minimum_seen_share": [0.6, 0.8]},
        measures=["level_floor"],
        covariates=[["age"], ["sex"]],
    )
    assert len(found.specifications) == 2 * 2 * 2 * 3
    # one other rate; its expressions at two shares and those of the own rate at the other share;
    # two measures of each of four tables of expressions, one of which is the study's own
    assert (len(found.traces), len(found.expressions), len(found.cohorts)) == (1, 3, 7)


def test_another_part_of_a_segment_is_measured_beside_the_own_one() -> None:
    found = specified(strata=["listening"])
    (expressions,) = found.expressions.values()
    assert expressions.traces == OWN
    assert expressions.strata == ("all", "listening")
    (cohort,) = found.cohorts.values()
    assert {pair.stratum for pair in cohort.pairs} == {"listening"}


def test_other_channels_replace_those_of_their_emotions() -> None:
    found = specified(channels={"emotion heads": {"joy": "happiness"}})
    (cohort,) = found.cohorts.values()
    assert [pair.channel for pair in cohort.pairs] == ["happiness", "AU04"]
    assert not found.expressions


def test_listed_specifications_replace_the_combinations() -> None:
    found = specified(
        measures=["level_rest", "time_on"], centring=["person", "grand"],
        only=[{"measures": "time_on"}, {"measures": "level_rest", "centring": "grand"}],
    )  # fmt: skip
    assert [tuple(way.choices.values()) for way in found.specifications] == [
        ("level", "person_emotion"), ("time_on", "person_emotion"), ("level_rest", "grand"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "nothing to choose"),
        ({"settings": {"extraction.device": ["cuda"]}}, "extraction.device is no setting"),
        ({"settings": {"cleaning.rate": [5]}}, "cleaning.rate is no setting"),
        ({"settings": {"cleaning.rate_hz": [-5]}}, "cleaning.rate_hz: -5"),
        ({"settings": {"expressions.event_on": [0.1]}, "measures": ["time_on"]}, "event_off"),
        ({"model": "missing"}, "no model missing"),
        ({"channels": {"other": {"pride": "AU12"}}}, "no pair has the emotion pride"),
        ({"measures": ["level_rest"], "only": [{"measures": "rate"}]}, "level, level_rest"),
        ({"centring": ["person", "grand"], "specifications_max": 2}, "more than 2"),
    ],
)
def test_what_cannot_be_chosen_is_said(wanted: dict[str, object], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        specified(**wanted)


def test_the_own_specification_gives_the_models_own_answer(cohort: pd.DataFrame) -> None:
    # the expected values are those of dyads.analysis.answers, which is held against R
    ways = specified(centring=["person"]).specifications
    own = answer("slopes", cohort, model(), GROUPS, About()).contrasts_cr2
    fits = fit_specifications(cohort, ways, model(), GROUPS, PLAN)
    mine = fits[fits["specification"].eq(ways[0].name)].reset_index(drop=True)
    assert mine["contrast"].tolist() == own["contrast"].tolist()
    for column, theirs in (("estimate", "estimate"), ("se", "se"), ("df", "df"),
                           ("p_value", "p_value"), ("lower", "lower"), ("upper", "upper"),
                           ("effect", "effect_size")):  # fmt: skip
        np.testing.assert_allclose(mine[column], own[theirs], rtol=1e-8)


@pytest.mark.parametrize("headline", ["satterthwaite", "CR2"])
def test_relabelling_is_the_same_as_fitting_relabelled_rows(
    cohort: pd.DataFrame, headline: str
) -> None:
    # expected: the whole way from relabelled rows, by dyads.analysis.answers
    plan = PlanSettings(headline=headline)
    way = specified(centring=["person"]).specifications[0]
    groups = permuted(groups_of_dyads(cohort), ("control", "SCZ"), 1, 5)
    tests = relabelling_of(cohort, way, model(), GROUPS, plan).again(groups)
    relabelled = cohort.assign(group=cohort["dyad_id"].map(groups))
    whole = answer("slopes", relabelled, model(), GROUPS, About())
    expected = whole.contrasts_cr2 if headline == "CR2" else whole.contrasts
    np.testing.assert_allclose(tests.estimate, expected["estimate"], rtol=1e-6)
    np.testing.assert_allclose(tests.se, expected["se"], rtol=1e-6)
    np.testing.assert_allclose(tests.df, expected["df"], rtol=1e-5)


def test_a_specification_that_cannot_be_fitted_stays_with_its_reason(
    results: MultiverseResults,
) -> None:
    failed = results.specifications[results.specifications["covariates"].eq("with ag")]
    assert len(failed) == 2 * 3
    assert failed["failure"].str.contains("names 'ag'").all()
    assert failed["effect"].isna().all()
    assert results.curve["specifications"].tolist() == [4, 4, 4]
    assert results.curve["fitted"].tolist() == [2, 2, 2]
    assert multiverse_text.failures(results).rows[0][1] == "S002, S004"
    assert "2 specifications could not be fitted" in multiverse_text.sentences(results)[0]


def test_centring_within_the_person_leaves_no_difference_of_means_between_people(
    cohort: pd.DataFrame,
) -> None:
    rows = recentred(cohort, "person")
    used = rows[rows["exclusion"].eq("")]
    assert np.allclose(used.groupby("person")["x_w"].mean(), 0)
    assert not np.allclose(used.groupby(["person", "emotion"])["x_w"].mean(), 0)
    own = used.loc[used["role"].eq("participant"), "x_w"]
    assert own.std(ddof=0) == pytest.approx(1)


def test_grand_centring_keeps_differences_between_people(cohort: pd.DataFrame) -> None:
    rows = recentred(cohort, "grand")
    used = rows[rows["exclusion"].eq("")]
    assert np.allclose(used.groupby("emotion")["x_w"].mean(), 0)
    assert used.groupby("person")["x_w"].mean().std() > 0.01


def test_rows_left_out_have_no_centred_experience(cohort: pd.DataFrame) -> None:
    rows = cohort.assign(exclusion=np.where(cohort.index == 3, "not rated", ""))
    for centring in ("person", "grand"):
        assert recentred(rows, centring).loc[[3], ["x_w", "x_pm"]].isna().all(axis=None)


def test_a_permutation_deals_out_the_labels_of_two_groups_and_leaves_the_third() -> None:
    own = groups_of_dyads(study_tables().cohort)
    pair = ("control", "SCZ")
    drawn = [permuted(own, pair, 1, number) for number in range(40)]
    real = own.set_index("dyad_id")["group"]
    for given in drawn:
        labels = pd.Series(given)
        assert labels.value_counts().sort_index().equals(real.value_counts().sort_index())
        assert labels[real[real.eq("ASD")].index].eq("ASD").all()
    assert drawn[7] == permuted(own.sample(frac=1, random_state=2), pair, 1, 7)
    assert drawn[7] != permuted(own, pair, 2, 7)
    assert len({tuple(given.values()) for given in drawn}) == 40


def test_somebody_in_two_dyads_has_one_label() -> None:
    own = pd.DataFrame(
        {"dyad_id": ["D1", "D2", "D3"], "person": ["P1", "P1", "P2"], "group": ["a", "a", "b"]}
    )
    drawn = [permuted(own, ("a", "b"), 1, number) for number in range(9)]
    assert all(given["D1"] == given["D2"] != given["D3"] for given in drawn)


def test_the_curve_is_summed_up_in_three_numbers() -> None:
    # by hand: median of 0.4, 0.2, -0.1; two of three positive, one of them below .05 after
    # correction; Stouffer's Z = (z(.01) + z(.2) - z(.6)) / sqrt(3), z two-sided normal quantiles
    effect = np.array([0.4, 0.2, -0.1, np.nan])
    alone = np.array([0.01, 0.2, 0.6, np.nan])
    family = np.array([0.03, 0.4, 0.01, np.nan])
    z = stats.norm.isf(np.array([0.01, 0.2, 0.6]) / 2) @ [1, 1, -1] / np.sqrt(3)
    np.testing.assert_allclose(curve_statistics(effect, alone, family), [0.2, 1 / 3, z])


def test_a_curve_without_a_fit_has_no_numbers() -> None:
    nothing = np.full(3, np.nan)
    assert np.isnan(curve_statistics(nothing, nothing, nothing)).all()


def test_a_p_counts_curves_as_far_from_nothing_on_either_side(cohort: pd.DataFrame) -> None:
    fits = fit_specifications(
        cohort, specified(centring=["person"]).specifications, model(), GROUPS, PLAN
    )
    fits = fits[fits["contrast"].eq("SCZ - control")].assign(effect=[-0.5, -0.7], p_value=0.5,
                                                             p_family=0.5)  # fmt: skip
    chance = pd.DataFrame(
        {"permutation": range(4), "contrast": "SCZ - control", "fitted": [2, 2, 2, 0],
         "median_effect": [0.61, -0.2, -0.6, np.nan], "share_significant": [0.0, 0.5, 0, np.nan],
         "stouffer_z": [0.0, 0.0, 0.0, np.nan]}
    )  # fmt: skip
    curve = summed_up(fits, chance).iloc[0]
    assert curve["median_effect"] == pytest.approx(-0.6)
    # 0.61, -0.6 and the one without a fit, of four: (1 + 3) / (1 + 4)
    assert curve["p_median_effect"] == pytest.approx(0.8)
    assert curve["p_share_significant"] == 1  # nothing is significant, which is never rare
    assert curve["p_stouffer_z"] == pytest.approx(0.4)


def test_slopes_that_differ_make_a_curve_that_chance_does_not(results: MultiverseResults) -> None:
    # slopes of 0.14 and 0.03 are put in; 9 permutations allow p = .1 at the smallest
    curve = results.curve.set_index("contrast").loc["SCZ - control"]
    assert curve["permutations"] == 9
    assert curve["p_median_effect"] == pytest.approx(0.1)
    assert curve["p_stouffer_z"] == pytest.approx(0.1)
    assert curve["share_same_sign"] == 1
    assert curve["median_effect"] < 0


def test_permutations_do_not_depend_on_how_they_are_shared_out(cohort: pd.DataFrame) -> None:
    ways = specified(centring=["person"]).specifications
    given = ({OWN: cohort}, ways, model(), GROUPS, PLAN)
    whole = permuted_curves(*given, range(2), seed=1)
    parts = [permuted_curves(*given, [number], seed=1) for number in range(2)]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))


def test_a_random_term_over_groups_is_refused_with_a_sentence(cohort: pd.DataFrame) -> None:
    own = model("e ~ group * x_w + (1 | person) + (1 | group:person)")
    way = specified(centring=["person"]).specifications[0]
    way = way.model_copy(update={"formula": own.formula})
    fits = fit_specifications(cohort, [way], own, GROUPS, PLAN)
    assert fits["failure"].str.contains("random term over groups").all()


def test_what_was_written_is_read_again(results: MultiverseResults, tmp_path: Path) -> None:
    # a choice may look like a number, or be empty where it does not matter
    chosen = results.specifications["specification"].map({"S001": "", "S002": "10"}).fillna("0.40")
    summary = results.summary.model_copy(
        update={"choices": {**results.summary.choices, "expressions.event_on": ("10", "0.40")}}
    )
    tables = results.specifications.assign(**{"expressions.event_on": chosen})
    written = MultiverseResults(summary, tables, results.curve)
    write_multiverse(written, tmp_path / "multiverse")
    read = read_multiverse(tmp_path / "multiverse")
    assert read.summary == written.summary
    pd.testing.assert_frame_equal(
        read.specifications, written.specifications, check_dtype=False, rtol=1e-8
    )
    pd.testing.assert_frame_equal(read.curve, written.curve, check_dtype=False, rtol=1e-8)
    with pytest.raises(StudyError, match=r"summary\.json"):
        read_multiverse(tmp_path / "nothing")


def test_the_figure_shows_every_specification_sorted_and_says_what_failed(
    results: MultiverseResults,
) -> None:
    figure, shown = specification_curve.draw(results)
    assert len(shown) == 3 * 4
    for _, own in shown.groupby("contrast"):
        known = own["effect"].dropna()
        assert known.is_monotonic_increasing
        assert own["place"].tolist() == list(range(4))
        assert own["effect"].tail(2).isna().all()
    said = "\n".join(text.get_text() for text in figure.findobj(Text))
    for words in ("demo weights", "2 specifications could not be fitted", f"SCZ {MINUS} control",
                  "within person", "Not fitted"):  # fmt: skip
        assert words in said


def test_branches_that_no_specification_needs_are_left_over(tmp_path: Path) -> None:
    found = specified(measures=["level_rest"])
    (kept,) = found.cohorts
    for name in (f"cohorts/{kept}.parquet", "cohorts/0123456789ab.parquet", "fits/main.parquet",
                 "permutations/0.parquet", "permutations/9.parquet",
                 "traces/0123456789ab/D01/S1.parquet"):  # fmt: skip
        file = tmp_path / "private/multiverse" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("made earlier")
    (tmp_path / "shareable/multiverse").mkdir(parents=True)
    old = left_over(tmp_path, found, ["0"])
    assert [path.relative_to(tmp_path / "private/multiverse").as_posix() for path in old] == [
        "cohorts/0123456789ab.parquet", "permutations/9.parquet", "traces/0123456789ab",
    ]  # fmt: skip
    everything = left_over(tmp_path, None, [])
    assert len(everything) == 7
    assert tmp_path / "shareable/multiverse" in everything


def test_the_shipped_configuration_has_a_multiverse() -> None:
    shipped = config.load(Path(__file__).parents[2] / "config.yaml")
    found = multiverse_of(shipped)
    assert len(found.specifications) == 12
    assert not found.traces
    assert not found.expressions


def test_a_branch_keeps_nothing_of_a_session_that_must_not_be_opened(tmp_path: Path) -> None:
    held = tmp_path / "private/multiverse/traces/0123456789ab/D02/S1.parquet"
    other = tmp_path / "private/multiverse/traces/0123456789ab/D01/S1.parquet"
    for file in (held, other):
        file.parent.mkdir(parents=True)
        file.write_text("made earlier")
    closed = pd.DataFrame({"dyad_id": ["D02"], "session_id": ["S1"]})
    assert left_behind(tmp_path, closed, closed.head(0), [], shows_a_dyad=True) == [held]


def test_what_the_other_one_felt_is_centred_in_the_same_way(cohort: pd.DataFrame) -> None:
    mirrored = cohort.assign(other_person=cohort["person"])
    rows = recentred(mirrored, "person")
    pd.testing.assert_series_equal(rows["x_other"], rows["x_w"], check_names=False)
