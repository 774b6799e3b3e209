"""Slopes person by person where a mixed model has no optimum, from the fit to the report."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cohorts import GROUPS, analysis_rows, participants
from scipy import stats

from dyads.analysis.answers import answer
from dyads.analysis.bounded import AS_ANALYSED, BETA, check_bounds
from dyads.analysis.results import ModelResults, by_headline, read_model, write_model
from dyads.analysis.sensitivity import check_model
from dyads.config import ModelSettings, PlanSettings
from dyads.errors import StudyError
from dyads.figures import congruence_slopes, model_checks, model_contrasts
from dyads.plan.primary import primary_family
from dyads.power.assumptions import fitted
from dyads.report import answer_text, methods_text, model_tables
from dyads.report.plan_tables import primary
from dyads.tables import About

FORMULA = "e ~ group * x_w + segment + (1 + x_w | person)"


@pytest.fixture(autouse=True)
def no_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gradient is flat enough: every rung of the ladder fails."""
    monkeypatch.setattr("dyads.models.optimise.GRADIENT_LIMIT", -1.0)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return analysis_rows(participants(6))


def settings(formula: str = FORMULA, **others: object) -> ModelSettings:
    own = {"title": "Slopes?", "compare": "slopes", "variable": "x_w", "formula": formula}
    return ModelSettings.model_validate(own | others)


def answered(rows: pd.DataFrame, **others: object) -> ModelResults:
    return answer("slopes", rows, settings(**others), GROUPS, About(stamp="stamped"))


def test_slopes_are_those_of_polyfit_and_their_test_is_scipys_welch_test(
    rows: pd.DataFrame,
) -> None:
    # Expected: numpy.polyfit for each person, scipy.stats.ttest_ind(equal_var=False), Holm by hand.
    found = answered(rows, formula="e ~ group * x_w + (1 + x_w | person)")
    slope = {
        group: [np.polyfit(one["x_w"], one["e"], 1)[0] for _, one in own.groupby("person")]
        for group, own in rows.groupby("group")
    }
    estimates = found.estimates.set_index("group")
    contrasts = found.contrasts.set_index("contrast")
    assert list(contrasts.index) == ["ASD - control", "SCZ - control", "SCZ - ASD"]
    for group in GROUPS:
        whole = stats.ttest_1samp(slope[group], 0).confidence_interval()
        assert estimates.loc[group, "estimate"] == pytest.approx(np.mean(slope[group]))
        assert estimates.loc[group, "lower"] == pytest.approx(whole.low)
    for name, row in contrasts.iterrows():
        later, earlier = str(name).split(" - ")
        expected = stats.ttest_ind(slope[later], slope[earlier], equal_var=False)
        assert row["statistic"] == pytest.approx(expected.statistic)
        assert row["df"] == pytest.approx(expected.df)
        assert row["p_value"] == pytest.approx(expected.pvalue)
        assert row["effect_size"] == pytest.approx(
            row["estimate"] / np.sqrt(np.mean(rows["e_w"] ** 2))
        )
    ordered = contrasts["p_value"].sort_values()
    by_hand = (ordered * [3, 2, 1]).cummax().clip(upper=1)
    assert contrasts["p_adjusted"][ordered.index].tolist() == pytest.approx(by_hand.tolist())


def test_what_segments_do_to_everybody_does_not_reach_the_slopes(rows: pd.DataFrame) -> None:
    drift = rows["segment"].map({"joyful": 0.0, "sad": 0.3, "conflict": -0.2, "neutral": 0.1})
    plain = answered(rows).estimates["estimate"]
    moved = answered(rows.assign(e=rows["e"] + drift)).estimates["estimate"]
    assert moved.tolist() == pytest.approx(plain.tolist(), abs=1e-12)


def test_the_fall_is_written_down_in_log_summary_and_messages(
    rows: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = answered(rows)
    assert "models.slopes" in caplog.text
    assert set(found.log["verdict"].iloc[:-1]) == {"not converged"}
    assert found.log.iloc[-1][["step", "verdict"]].tolist() == [
        "slopes person by person", "in place of the mixed model",
    ]  # fmt: skip
    assert found.log["rung"].is_monotonic_increasing
    assert any("no optimum was found" in remark for remark in found.summary.remarks)
    assert found.summary.formula == "e ~ x_w in each person, after group + segment"
    assert (found.summary.people, found.summary.stamp) == (18, "stamped")


def test_people_without_a_slope_are_counted(rows: pd.DataFrame) -> None:
    still = rows["person"].eq(rows["person"].iloc[0])
    found = answered(rows.assign(x_w=rows["x_w"].where(~still, 0.0)),
                     formula="e ~ group * x_w + (1 + x_w | person)")  # fmt: skip
    assert found.summary.people == 17
    assert "People without a slope, who were left out: 1." in found.summary.remarks


def test_the_plan_reports_welchs_test_whatever_its_headline_is(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    write_model(answered(rows), tmp_path / "slopes")
    read = read_model(tmp_path / "slopes")
    assert by_headline(read, "CR2") is read
    for headline in ("satterthwaite", "CR2"):
        plan = PlanSettings.model_validate({"headline": headline, "equivalence_d": 0.2})
        family = primary_family([read], plan)
        assert set(family["covariance"]) == {"welch"}
        assert family["p_value"].tolist() == pytest.approx(read.contrasts["p_value"].tolist())
        assert family["p_equivalence"].notna().all()
        assert "Welch's test of slopes person by person" in primary(family, plan).note


def test_report_and_figures_say_that_there_was_no_optimum(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    write_model(answered(rows), tmp_path / "slopes")
    read = read_model(tmp_path / "slopes")
    said = " ".join(answer_text.answer(read, "probability"))
    assert "The mixed model found no optimum" in said
    assert "CR2" not in said
    assert "restricted maximum likelihood" not in methods_text.model_words(read)
    assert "No mixed model that was tried found an optimum" in methods_text.model_words(read)
    titles = [table.title for table in model_tables.of_model(read)]
    assert "What was tried" in titles
    assert not any("CR2" in title for title in titles)
    for figure, _ in (
        model_contrasts.draw([read]),
        congruence_slopes.draw(rows, read, groups=GROUPS, unit="probability"),
    ):
        figure.draw_without_rendering()
        words = " ".join(" ".join(text.get_text() for text in figure.texts).split())
        assert "found no optimum" in words


def test_a_check_without_each_dyad_takes_slopes_person_by_person_too(rows: pd.DataFrame) -> None:
    checks = check_model(rows, settings(), GROUPS)
    assert checks.leave_one_out["estimate"].tolist() == pytest.approx(
        answered(rows).contrasts["estimate"].tolist()
    )
    dyad = rows["dyad_id"].iloc[0]
    own = checks.without_dyad[checks.without_dyad["dyad_id"].eq(dyad)]
    less = answered(rows[rows["dyad_id"].ne(dyad)]).contrasts
    assert own["estimate"].tolist() == pytest.approx(less["estimate"].tolist())
    assert checks.residuals.empty
    assert checks.random_effects.empty
    shown = model_checks.CheckedModel("Slopes", checks.residuals, checks.random_effects)
    figure, table = model_checks.draw([shown], groups=GROUPS)
    figure.draw_without_rendering()
    assert [axes.texts[0].get_text() for axes in figure.axes] == [
        "the mixed model\nfound no optimum"
    ] * 3
    assert table.empty


def test_the_check_of_bounds_starts_from_what_is_reported(rows: pd.DataFrame) -> None:
    rows = rows.assign(e=rows["e"].clip(0, 1))
    found = check_bounds(rows, settings(), GROUPS, (0.0, 1.0))
    own = found[found["check"].eq(AS_ANALYSED)]
    assert own["estimate"].tolist() == pytest.approx(answered(rows).contrasts["estimate"].tolist())
    assert found.loc[found["check"].eq(BETA), "reason"].eq("").all()


def test_power_is_not_simulated_from_a_fit_that_is_not_there(rows: pd.DataFrame) -> None:
    with pytest.raises(StudyError, match=r"Set power\.source to assumed"):
        fitted(answered(rows), rows, GROUPS, "holm")


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"compare": "means", "variable": None, "formula": "e ~ group + (1 | person)"}, "means"),
        ({"moderator": "iq", "formula": "e ~ group * x_w * iq + (1 + x_w | person)"}, "with iq"),
        ({"formula": "e ~ group * x_w + emotion * x_w + (1 + x_w | person)"}, "on emotion"),
    ],
)
def test_what_slopes_of_people_do_not_answer_is_refused(
    rows: pd.DataFrame, others: dict[str, object], reason: str
) -> None:
    with pytest.raises(StudyError, match=rf"models\.slopes: No optimum .*{reason}"):
        answered(rows, **others)


def test_people_of_one_dyad_are_not_compared_as_if_they_were_independent(
    rows: pd.DataFrame,
) -> None:
    partners = rows.assign(person="Q" + rows["person"].str[1:], role="partner")
    both = pd.concat([rows, partners], ignore_index=True)
    everyone = settings(rows="everyone")
    with pytest.raises(StudyError, match="not independent"):
        answer("slopes", both, everyone, GROUPS, About())
