"""Power: what is assumed, that the simulation is the study's own analysis, and its uncertainty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from profile_cases import GROUPS, cohort_of

from dyads.analysis.answers import answer
from dyads.analysis.comparisons import group_pairs
from dyads.config import AssumedEffects, ModelSettings, PowerSettings
from dyads.errors import StudyError
from dyads.figures import power as figure
from dyads.models import fit_mixed
from dyads.power.assumptions import Assumptions, assumptions, shared_experience, within_reliability
from dyads.power.curves import power_of
from dyads.power.results import COLUMNS, read_power, smallest_enough
from dyads.power.simulation import FORMULA, Size, analyse, draw_study
from dyads.report.power_tables import enough
from dyads.tables import About, write_csv

WORLD = Assumptions(
    slopes={"control": 0.14, "ASD": 0.10, "SCZ": 0.06}, person_sd=0.05, slope_sd=0.03,
    correlation=0.3, residual_sd=0.08, shared_experience=0.5, emotions=2, correction="holm",
    source="assumed",
)  # fmt: skip
SIZE = Size(8, 6, 0.8)


def test_the_quick_fit_is_the_engines_own() -> None:
    study = draw_study(WORLD, SIZE, SIZE.generator(1, 2))
    quick = analyse(study, "holm")
    whole = fit_mixed(FORMULA, study.table()).contrasts(
        "group",
        trend="x_w",
        method=group_pairs(GROUPS),
        adjust="holm",
        covariance="CR2",
        cluster="dyad_id",
    )
    assert quick is not None
    pd.testing.assert_frame_equal(quick[whole.columns.drop("p_unadjusted")],
                                  whole.drop(columns="p_unadjusted"), rtol=1e-6)  # fmt: skip


def test_a_drawn_study_has_the_moments_that_were_assumed() -> None:
    size = Size(4000, 8, 0.6)
    study = draw_study(WORLD, size, np.random.default_rng(1))
    rows = study.table()
    by = rows.groupby(["person", "emotion"])
    e_w = rows["e"] - by["e"].transform("mean")
    slope = (e_w * rows["x_w"]).groupby(rows["group"], observed=True).mean()
    slope = slope / (rows["x_w"] ** 2).groupby(rows["group"], observed=True).mean()
    np.testing.assert_allclose(slope, [0.14, 0.10, 0.06], atol=0.003)
    assert rows["x_w"].std() == pytest.approx(1, abs=1e-3)
    # Spread within people: slopes, true residual and error, which has a share of 0.4; what is
    # estimated within 8 segments has 7/8 of the residual's variance.
    noise = WORLD.residual_sd**2 + WORLD.error_sd(0.6) ** 2
    expected = np.mean(np.square([0.14, 0.10, 0.06])) + 0.03**2 + noise * 7 / 8
    assert np.mean(e_w**2) == pytest.approx(expected, rel=0.03)


def test_error_of_reading_gives_the_reliability_that_was_asked_for() -> None:
    error = WORLD.error_sd(0.6) ** 2
    assert WORLD.true_variance / (WORLD.true_variance + error) == pytest.approx(0.6)
    assert WORLD.error_sd(1.0) == 0


def test_a_study_is_the_same_whatever_is_drawn_before_it() -> None:
    alone = draw_study(WORLD, SIZE, SIZE.generator(5, 7))
    for study in range(7):
        draw_study(WORLD, SIZE, SIZE.generator(5, study))
    again = draw_study(WORLD, SIZE, SIZE.generator(5, 7))
    np.testing.assert_array_equal(alone.e, again.e)
    assert not np.array_equal(alone.e, draw_study(WORLD, SIZE, SIZE.generator(5, 8)).e)


def test_power_grows_with_dyads_and_with_reliability() -> None:
    small, large = (power_of(WORLD, Size(n, 6, 0.8), 25, 1) for n in (5, 20))
    rough, fine = (power_of(WORLD, Size(8, 6, r), 25, 1) for r in (0.2, 1.0))
    assert (large["power"] >= small["power"]).all()
    assert large["power"].sum() > small["power"].sum()
    assert fine["power"].sum() > rough["power"].sum()
    assert ((small["lower"] <= small["power"]) & (small["power"] <= small["upper"])).all()


def test_without_a_difference_few_studies_find_one() -> None:
    null = WORLD.model_copy(update={"slopes": dict.fromkeys(GROUPS, 0.1), "correction": "none"})
    table = power_of(null, Size(12, 6, 0.8), 120, 3)
    # Binomial: more than 16 of 120 at 5 % has a probability below 0.0005.
    assert table["power"].max() <= 16 / 120
    assert table["coverage"].min() >= 1 - 16 / 120


def test_the_interval_of_the_simulation_is_wilsons() -> None:
    table = power_of(WORLD, Size(8, 6, 0.8), 20, 1)
    row = table.iloc[2]
    # Wilson (1927), written out
    z, n, p = 1.959963985, 20, row["power"]
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert row["lower"] == pytest.approx(middle - half)
    assert row["upper"] == pytest.approx(middle + half)


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return cohort_of(people=30, segments=20, level_sd=0.06, noise=0.1, seed=4)


@pytest.fixture(scope="module")
def model(cohort: pd.DataFrame):
    settings = ModelSettings(
        title="Congruence", formula="e ~ group * x_w + segment + (1 + x_w | person)",
        compare="slopes", variable="x_w",
    )  # fmt: skip
    return answer("congruence", cohort, settings, GROUPS, About(stamp="demo weights"))


def test_a_fitted_world_is_the_one_that_the_rows_were_drawn_from(cohort, model) -> None:
    world = assumptions(PowerSettings(), GROUPS, "holm", model, cohort)
    np.testing.assert_allclose(list(world.slopes.values()), [0.15, 0.10, 0.05], atol=0.02)
    assert world.person_sd == pytest.approx(0.06, rel=0.25)
    # The halves differ by all that is noise, so next to nothing of the residual is true.
    assert world.residual_sd < 0.04
    assert world.shared_experience < 0.1
    assert world.emotions == 1
    assert world.stamp == "demo weights"
    assert "flattering" in world.remarks[0]


def test_reliability_of_a_segment_agrees_with_theory(cohort) -> None:
    # Truth 0.15, 0.1, 0.05 per SD, mean square 0.01167; error 0.01: 0.01167 / 0.02167 = 0.54.
    assert within_reliability(cohort) == pytest.approx(0.54, abs=0.04)


def test_experience_that_segments_bring_about_is_shared() -> None:
    generator = np.random.default_rng(3)
    segment, person = (codes.ravel() for codes in np.indices((40, 50)))
    x_w = generator.normal(size=40)[segment] * 0.8 + generator.normal(size=2000) * 0.6
    rows = pd.DataFrame(
        {"session_id": "S1", "segment_id": segment, "emotion": "joy", "person": person, "x_w": x_w}
    )
    # 0.64 of a variance of 1, by construction
    assert shared_experience(rows) == pytest.approx(0.64, abs=0.12)


def test_assumed_slopes_must_name_the_groups_of_the_study() -> None:
    given = AssumedEffects(
        slopes={"control": 0.1, "autism": 0.05}, person_sd=0.1, slope_sd=0.05, residual_sd=0.1
    )
    settings = PowerSettings(source="assumed", assumed=given)
    with pytest.raises(StudyError, match="names control, autism; the study's groups are"):
        assumptions(settings, GROUPS, "holm")
    world = assumptions(settings, ("control", "autism"), "bh")
    assert (world.slope_sd, world.correction, world.source) == (0.05, "bh", "assumed")


def test_assumed_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the section `assumed`"):
        PowerSettings(source="assumed")


def test_a_fit_without_slopes_of_persons_is_refused(cohort) -> None:
    settings = ModelSettings(
        title="Level", formula="e ~ group * x_w + (1 | person)", compare="slopes", variable="x_w"
    )
    fit = answer("level", cohort, settings, GROUPS, About())
    with pytest.raises(StudyError, match="slopes that differ between persons"):
        assumptions(PowerSettings(), GROUPS, "holm", fit, cohort)


def curves() -> pd.DataFrame:
    rows = [
        (n, m, r, contrast, -0.04, 100, 0, power, power - 0.08, min(power + 0.08, 1), -0.04, 0.01,
         0.01, 0.95)
        for contrast in group_pairs(GROUPS)
        for m in (8, 16)
        for r in (0.7, 0.9)
        for n, power in ((10, 0.2 + 0.01 * m), (20, 0.5 + 0.02 * m), (40, 0.6 + 0.02 * m))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_the_smallest_study_with_enough_power_is_named_or_said_to_be_larger() -> None:
    needed = smallest_enough(curves())
    # 8 segments reach 0.76 at the most, 16 reach 0.82 at 20 dyads (see `curves`).
    assert needed.loc[needed["segments"].eq(8), "dyads_per_group"].isna().all()
    assert set(needed.loc[needed["segments"].eq(16), "dyads_per_group"]) == {20}
    page = enough(curves())
    assert {row[3] for row in page.rows if row[1] == "8"} == {"more than 40"}


def test_results_of_several_sizes_are_read_together(tmp_path) -> None:
    table = curves()
    write_csv(table.iloc[:6], tmp_path / "a.csv")
    write_csv(table.iloc[6:], tmp_path / "b.csv")
    read = read_power([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    pd.testing.assert_frame_equal(read, table)
    assert read_power([]).empty


def test_the_figure_names_what_was_assumed_and_its_uncertainty() -> None:
    drawn, table = figure.draw(curves(), WORLD.model_copy(update={"stamp": "demo weights"}))
    drawn.draw_without_rendering()
    said = " ".join(t.get_text() for t in drawn.findobj(match=lambda a: hasattr(a, "get_text")))
    assert "95 % interval of the simulation" in " ".join(said.split())
    assert "n = 100" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "demo weights" in said
    assert len(table) == len(curves())
    assert drawn.get_figwidth() * 25.4 == pytest.approx(174.0)


def test_no_curve_gives_a_figure_that_says_so() -> None:
    drawn, table = figure.draw(read_power([]), WORLD)
    drawn.draw_without_rendering()
    assert table.empty
