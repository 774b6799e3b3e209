"""Leave-one-dyad-out, residuals, and the outcome within its bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cohorts import GROUPS, analysis_rows, participants
from figure_tables import model_results
from matplotlib.text import Text

from dyads.analysis.answers import answer
from dyads.analysis.bounded import AS_ANALYSED, BETA, LOGIT, as_shares, check_bounds, outcome_range
from dyads.analysis.checks import read_checks, write_checks
from dyads.analysis.sensitivity import ModelChecks, check_model, influence_limit
from dyads.channels import ChannelType
from dyads.config import EmotionPair, ModelSettings
from dyads.errors import StudyError
from dyads.figures import influence, model_checks
from dyads.models import fit_mixed
from dyads.models.transforms import squeezed
from dyads.report.check_tables import of_checks
from dyads.tables import About, write_csv

MODEL = ModelSettings(
    title="Slopes", compare="slopes", variable="x_w",
    formula="e ~ group * x_w + emotion + x_pm + (1 + x_w | person)",
)  # fmt: skip
MEANS = ModelSettings(title="Means", compare="means", formula="e ~ group + emotion + (1 | person)")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Five participants a group; one of SCZ shows the contrary of what the others show."""
    table = analysis_rows(participants(5), noise=0.02)
    odd = table["person"].eq(table.loc[table["group"].eq("SCZ"), "person"].iloc[0])
    table.loc[odd, "e"] -= 0.25 * table.loc[odd, "x_w"]
    return table


@pytest.fixture(scope="module")
def checks(rows: pd.DataFrame) -> ModelChecks:
    return check_model(rows, MODEL, GROUPS)


def test_a_contrast_without_a_dyad_is_that_of_a_model_without_its_rows(
    rows: pd.DataFrame, checks: ModelChecks
) -> None:
    dyad = rows["dyad_id"].iloc[0]
    fit = fit_mixed(MODEL.formula, rows[rows["dyad_id"].ne(dyad)].assign(
        group=lambda t: pd.Categorical(t["group"], GROUPS)))  # fmt: skip
    trends = fit.trends("x_w", by="group").set_index("group")["estimate"]
    own = checks.without_dyad[checks.without_dyad["dyad_id"].eq(dyad)].set_index("contrast")
    assert own.loc["ASD - control", "estimate"] == pytest.approx(
        trends["ASD"] - trends["control"], rel=1e-9
    )
    assert len(checks.without_dyad) == 15 * 3


def test_the_contrast_of_all_dyads_is_the_models_own(
    rows: pd.DataFrame, checks: ModelChecks
) -> None:
    contrasts = answer("slopes", rows, MODEL, GROUPS, About()).contrasts
    assert checks.leave_one_out["estimate"].tolist() == pytest.approx(
        contrasts["estimate"].tolist()
    )
    assert checks.leave_one_out["p_value"].tolist() == pytest.approx(
        contrasts["p_adjusted"].tolist()
    )


def test_the_dyad_that_shows_the_contrary_is_the_one_that_moves_its_group(
    rows: pd.DataFrame, checks: ModelChecks
) -> None:
    odd = rows.loc[rows["group"].eq("SCZ"), "dyad_id"].iloc[0]
    table = checks.without_dyad[checks.without_dyad["contrast"].eq("SCZ - control")]
    assert table.loc[table["shift"].abs().idxmax(), "dyad_id"] == odd
    summed = checks.leave_one_out.set_index("contrast").loc["SCZ - control"]
    assert summed["limit"] == pytest.approx(2 / np.sqrt(15))
    assert summed["influential"] >= 1
    assert summed["lowest"] <= summed["estimate"] <= summed["highest"]
    assert summed["refits"] == 15


def test_a_shift_is_counted_in_standard_errors_of_the_fit_without_the_dyad(
    checks: ModelChecks,
) -> None:
    whole = checks.leave_one_out.set_index("contrast")["estimate"]
    table = checks.without_dyad
    by_hand = (table["contrast"].map(whole) - table["estimate"]) / table["se"]
    assert table["shift"].tolist() == pytest.approx(by_hand.tolist())


def test_a_dyad_without_which_nothing_can_be_fitted_is_counted_with_the_reason() -> None:
    people = participants(4)
    drop = people.loc[people["group"].eq("SCZ"), "participant_id"].iloc[2:]
    table = analysis_rows(people[~people["participant_id"].isin(drop)])
    result = check_model(table, MEANS, GROUPS)
    failed = result.without_dyad[result.without_dyad["reason"].ne("")]
    assert set(failed["group"]) == {"SCZ"}
    assert failed["reason"].str.contains("SCZ").all()
    assert result.leave_one_out["failed"].tolist() == [2, 2, 2]
    assert result.leave_one_out["refits"].tolist() == [8, 8, 8]


def test_residuals_and_fitted_values_add_up_to_what_was_shown(
    rows: pd.DataFrame, checks: ModelChecks
) -> None:
    total = checks.residuals["fitted"] + checks.residuals["residual"]
    assert total.tolist() == pytest.approx(rows["e"].tolist())
    assert set(checks.random_effects["effect"]) == {"(Intercept)", "x_w"}
    assert checks.spread["rows"].sum() == len(rows)


def test_the_limit_of_influence_is_two_over_the_root_of_the_dyads() -> None:
    assert influence_limit(25) == pytest.approx(0.4)


def test_squeezed_values_keep_off_both_bounds() -> None:
    # By hand, n = 4: (0 * 3 + 0.5) / 4 = 0.125, (0.5 * 3 + 0.5) / 4 = 0.5, (3 + 0.5) / 4 = 0.875.
    values = squeezed(as_shares(pd.Series([0.0, 2.5, 5.0, 5.0]), (0.0, 5.0)).to_numpy())
    assert values.tolist() == pytest.approx([0.125, 0.5, 0.875, 0.875])
    with pytest.raises(StudyError, match="do not lie between 0 and 1"):
        as_shares(pd.Series([0.2, 1.4]), (0.0, 1.0))


def pair(channel: str, measure: str = "level") -> EmotionPair:
    return EmotionPair(emotion="joy", instrument="f", scale="s", channel=channel, measure=measure)


def test_only_an_outcome_of_one_range_has_bounds() -> None:
    types = {"AU12": ChannelType.PROBABILITY, "AU04": ChannelType.INTENSITY_0_5}
    assert outcome_range([pair("AU12"), pair("AU12", "time_on")], types) == (0.0, 1.0)
    assert outcome_range([pair("AU04")], types) == (0.0, 5.0)
    assert outcome_range([pair("AU12"), pair("AU04")], types) is None
    assert outcome_range([pair("AU12", "rate")], types) is None
    assert outcome_range([pair("unknown")], types) is None


@pytest.mark.parametrize("settings", [MODEL, MEANS], ids=["slopes", "means"])
def test_checks_within_bounds_agree_where_no_value_is_near_them(settings: ModelSettings) -> None:
    table = analysis_rows(participants(8), noise=0.02)
    table["e"] = (table["e"] + 0.06 * table["group"].eq("SCZ")).clip(0.01, 0.99)
    found = check_bounds(table, settings, GROUPS, (0.0, 1.0))
    assert list(dict.fromkeys(found["check"])) == [AS_ANALYSED, LOGIT, BETA]
    by_check = found.pivot_table(index="contrast", columns="check", values="estimate")
    assert len(set(np.sign(by_check.loc["SCZ - control"]))) == 1
    assert (found["p_adjusted"] >= found["p_value"] - 1e-12).all()


def test_on_the_logit_scale_a_difference_of_logits_is_recovered() -> None:
    # Expression is made on the logit scale: control 0, ASD and SCZ half a logit lower.
    table = analysis_rows(participants(12), noise=0.0)
    generator = np.random.default_rng(5)
    person = table["person"].map(dict(zip(table["person"].unique(),
                                          generator.normal(0, 0.1, 36), strict=True)))  # fmt: skip
    logit = -0.5 * table["group"].ne("control") + person + generator.normal(0, 0.2, len(table))
    table["e"] = 1 / (1 + np.exp(-logit))
    found = check_bounds(table, MEANS, GROUPS, (0.0, 1.0)).set_index(["check", "contrast"])
    for check in (LOGIT, BETA):
        row = found.loc[(check, "ASD - control")]
        assert abs(row["estimate"] + 0.5) < 3.5 * row["se"], check


def test_an_outcome_without_bounds_or_of_another_name_is_not_checked(rows: pd.DataFrame) -> None:
    assert check_bounds(rows, MODEL, GROUPS, None).empty
    logged = MODEL.model_copy(update={"formula": "e_w ~ group * x_w + (1 | person)"})
    assert check_bounds(rows, logged, GROUPS, (0.0, 1.0)).empty


def test_the_page_and_the_figures_show_the_checks(
    rows: pd.DataFrame, checks: ModelChecks, tmp_path: Path
) -> None:
    write_checks(checks.diagnostics, checks.spread, checks.leave_one_out, tmp_path / "slopes", 6)
    write_csv(
        check_bounds(rows.assign(e=rows["e"].clip(0, 1)), MODEL, GROUPS, (0.0, 1.0)),
        tmp_path / "bounds.csv",
    )
    read = read_checks(tmp_path / "slopes", tmp_path / "bounds.csv")
    assert read.spread["is_hidden"].all()
    tables = {table.title: table for table in of_checks(read, 6)}
    assert len(tables["Without each dyad"].rows) == 3
    assert len(tables["The outcome within its bounds"].rows) == 9
    assert tables["Residuals by group"].rows[0][1] == "not shown"
    with pytest.raises(StudyError, match=r"spread\.csv"):
        read_checks(tmp_path, tmp_path / "bounds.csv")


def words(figure: object) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))  # type: ignore[attr-defined]


def test_figures_of_checks_name_nobody_and_leave_out_who_does_not_share(
    checks: ModelChecks,
) -> None:
    shown = model_checks.CheckedModel("Slopes", checks.residuals, checks.random_effects)
    people = sorted(checks.residuals["person"].unique())
    figure, table = model_checks.draw([shown], groups=GROUPS, sharing=people[1:], stamp="stamped")
    figure.draw_without_rendering()
    own = checks.residuals["person"].eq(people[0]).sum()
    assert table["panel"].eq("residuals").sum() == len(checks.residuals) - own
    assert "have no dot" in words(figure)
    assert "stamped" in words(figure)
    dyads = sorted(checks.without_dyad["dyad_id"].unique())
    item = influence.WithoutDyads(model_results(), checks.without_dyad)
    figure, left = influence.draw([item], groups=GROUPS, sharing=dyads[1:], stamp="stamped")
    figure.draw_without_rendering()
    assert "dyad_id" not in left
    assert len(left) == 14 * 3
    assert not {*people, *dyads} & set(pd.concat([table, left]).astype(str).to_numpy().ravel())


def test_figures_without_a_model_say_so() -> None:
    for figure, table in (
        model_checks.draw([], groups=GROUPS),
        influence.draw([], groups=GROUPS),
    ):
        figure.draw_without_rendering()
        assert "no model was fitted" in words(figure)
        assert table.empty


def test_random_effects_that_are_all_zero_are_said_to_be(checks: ModelChecks) -> None:
    effects = checks.random_effects.assign(value=0.0)
    shown = model_checks.CheckedModel("Slopes", checks.residuals, effects)
    figure, _ = model_checks.draw([shown], groups=GROUPS)
    assert "estimated as zero" in words(figure)


def test_quantiles_of_normal_residuals_lie_on_the_line(checks: ModelChecks) -> None:
    generator = np.random.default_rng(4)
    residuals = checks.residuals.assign(
        scaled_residual=generator.normal(0, 1, len(checks.residuals))
    )
    shown = model_checks.CheckedModel("Slopes", residuals, checks.random_effects)
    _, table = model_checks.draw([shown], groups=GROUPS)
    dots = table[table["panel"].eq("residuals")].astype({"expected": float, "value": float})
    assert np.corrcoef(dots["expected"], dots["value"])[0, 1] > 0.99
