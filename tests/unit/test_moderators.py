"""Change of slopes and means with a moderator, against R and against a known truth."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from cohorts import GROUPS, SLOPES, analysis_rows, participants
from model_cases import table

from dyads.analysis.answers import answer
from dyads.analysis.comparisons import group_contrasts, group_estimates, moderator_steps
from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import fit_mixed
from dyads.report.answer_text import answer as answer_words
from dyads.tables import About

DOCS = Path(__file__).parents[2] / "docs/sample.md"
EXAMPLES = {
    name: ModelSettings.model_validate(model)
    for block in re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    for name, model in (yaml.safe_load(block).get("models") or {}).items()
}

# R 4.2, lmerTest and emmeans, on the targets of sim.csv.gz (time: number of the session - 1):
#   m <- lmer(y ~ group * x_wp * sex + emotion + (1 + x_wp | person), d)
#   e <- emtrends(m, ~ group * sex, var = "x_wp")
#   contrast(e, list("ASD - HC" = c(1, -1, 0, -1, 1, 0), ...))
#   m2 <- lmer(y ~ group * x_wp * time + emotion + (1 + x_wp | person), d)
#   emtrends(m2, ~ group * time, var = "x_wp", at = list(time = c(0, 1)))
# Estimate, standard error, degrees of freedom (Satterthwaite).
BY_R = {
    "sex": {
        "HC": (-0.002563534, 0.07476561, 97.85),
        "ASD": (0.010292425, 0.07732174, 92.96),
        "SCZ": (-0.019901781, 0.07690572, 96.96),
        "ASD - HC": (0.012855959, 0.10755719, 95.28),
        "SCZ - HC": (-0.017338247, 0.10725850, 97.39),
        "SCZ - ASD": (-0.030194205, 0.10905568, 94.92),
    },
    "time": {
        "HC": (-0.01904741, 0.03893995, 3755.40),
        "ASD": (0.03107777, 0.03767425, 3756.96),
        "SCZ": (-0.08992719, 0.03881078, 3752.74),
        "ASD - HC": (0.05012518, 0.05415773, 3757.19),
        "SCZ - HC": (-0.07087978, 0.05496125, 3754.53),
        "SCZ - ASD": (-0.12100496, 0.05406974, 3755.84),
    },
}


@pytest.mark.parametrize("moderator", ["sex", "time"])
def test_changes_of_slopes_are_emmeans_interaction_contrasts(moderator: str) -> None:
    data = table("targets").assign(
        time=lambda rows: rows["session"].astype(int) - 1, dyad_id=lambda rows: rows["person"]
    )
    settings = ModelSettings(
        title="", compare="slopes", variable="x_wp", moderator=moderator, correction="none",
        formula=f"y ~ group * x_wp * {moderator} + emotion + (1 + x_wp | person)",
    )  # fmt: skip
    fit = fit_mixed(settings.formula, data)
    groups = ["HC", "ASD", "SCZ"]
    estimates = group_estimates(fit, settings, groups, "model").set_index("group")
    contrasts = group_contrasts(fit, settings, groups, "model").set_index("contrast")
    for label, (estimate, se, df) in BY_R[moderator].items():
        found = (contrasts if " - " in label else estimates).loc[label]
        assert found["estimate"] == pytest.approx(estimate, abs=1e-5 * se), label
        assert found["se"] == pytest.approx(se, rel=1e-4), label
        assert found["df"] == pytest.approx(df, rel=2e-4), label


def fitted(settings: ModelSettings, **effects: object) -> pd.DataFrame:
    people = participants(16)
    rows = analysis_rows(people, sessions=3, **effects)  # type: ignore[arg-type]  # by name
    results = answer("model", rows, settings, GROUPS, About())
    return results.estimates.set_index("group"), results.contrasts.set_index("contrast"), results


def near(row: pd.Series, truth: float) -> bool:
    """An estimate is nearer to the truth than three and a half of its standard errors."""
    return abs(row["estimate"] - truth) < 3.5 * row["se"]


def test_the_documented_model_of_sessions_finds_how_expression_changes() -> None:
    truth = {"control": 0.03, "ASD": 0.0, "SCZ": -0.04}
    estimates, contrasts, _ = fitted(EXAMPLES["expression_over_sessions"], level_per_session=truth)
    for group in GROUPS:
        assert near(estimates.loc[group], truth[group]), group
    assert near(contrasts.loc["SCZ - control"], -0.07)
    assert contrasts.loc["SCZ - control", "p_adjusted"] < 0.001


def test_the_documented_model_of_sessions_finds_how_congruence_changes() -> None:
    truth = {"control": 0.02, "ASD": 0.02, "SCZ": -0.03}
    estimates, contrasts, results = fitted(
        EXAMPLES["congruence_over_sessions"], slope_per_session=truth
    )
    for group in GROUPS:
        assert near(estimates.loc[group], truth[group]), group
    assert contrasts.loc["ASD - control", "p_adjusted"] > 0.01
    assert near(contrasts.loc["SCZ - control"], -0.05)
    assert contrasts.loc["SCZ - control", "p_adjusted"] < 0.001
    assert results.summary.moderator_step == "per unit of sessions_before"
    assert results.lines.empty


def test_the_documented_model_of_sites_finds_where_slopes_differ() -> None:
    truth = {"control": 0.0, "ASD": 0.0, "SCZ": 0.05}
    estimates, contrasts, results = fitted(EXAMPLES["congruence_by_site"], slope_at_south=truth)
    for group in GROUPS:
        assert near(estimates.loc[group], truth[group]), group
    assert near(contrasts.loc["SCZ - control"], 0.05)
    assert results.summary.moderator_step == "site from north to south"


def test_the_documented_model_of_alexithymia_finds_the_change_per_point() -> None:
    truth = {"control": 0.0, "ASD": -0.002, "SCZ": 0.0}
    estimates, contrasts, _ = fitted(EXAMPLES["congruence_by_alexithymia"], slope_per_tas20=truth)
    assert near(estimates.loc["ASD"], -0.002)
    assert near(contrasts.loc["ASD - control"], -0.002)


def test_the_documented_model_of_matched_participants_keeps_the_slopes() -> None:
    # Nothing is confounded here, so matched people have the slopes of all.
    estimates, _, results = fitted(EXAMPLES["congruence_matched"])
    for group in GROUPS:
        assert near(estimates.loc[group], SLOPES[group]), group
    assert results.summary.sample == "matched"
    assert any("matched participants" in remark for remark in results.summary.remarks)


def test_a_model_with_a_moderator_says_what_changed() -> None:
    _, _, results = fitted(EXAMPLES["congruence_by_site"], slope_at_south={"SCZ": 0.05})
    text = " ".join(answer_words(results, "probability")).lower()
    assert "changed, site from north to south, by" in text
    assert "the slope change was higher in scz than in control" in text


def test_a_moderator_of_three_categories_is_compared_with_its_first() -> None:
    people = participants(15).assign(site=["a", "b", "c"] * 15)
    settings = EXAMPLES["congruence_by_site"]
    results = answer("model", analysis_rows(people), settings, GROUPS, About())
    assert list(results.estimates["group"].str.split(", ").str[1].unique()) == [
        "site from a to b", "site from a to c",
    ]  # fmt: skip
    assert len(results.contrasts) == 6


def test_a_moderator_outside_the_formula_is_named() -> None:
    settings = EXAMPLES["congruence_by_site"].model_copy(update={"moderator": "iq"})
    rows = analysis_rows(participants(4))
    with pytest.raises(StudyError, match="moderator iq is no predictor of its own"):
        answer("model", rows, settings, GROUPS, About())
    with pytest.raises(StudyError, match=r"group \* x_w \* iq"):
        moderator_steps(fit_mixed(settings.formula, rows), settings)
