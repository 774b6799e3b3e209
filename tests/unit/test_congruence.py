"""Congruence of persons and groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyads.analysis import cohort, congruence

PEOPLE = 40
SEGMENTS = 40


def simulated(gain: float = 1.0, decoupled: float = 0.0, noise: float = 0.3) -> pd.DataFrame:
    """Rows of one group whose face follows experience with a gain, loosely, and read noisily.

    The halves of e carry the same expression and independent noise of twice the variance.
    """
    generator = np.random.default_rng(3)
    person = np.repeat(np.arange(PEOPLE), SEGMENTS)
    x = generator.normal(size=PEOPLE * SEGMENTS)
    shown = gain * x + decoupled * generator.normal(size=x.size)
    odd, even = (shown + noise * np.sqrt(2) * generator.normal(size=x.size) for _ in range(2))
    rows = pd.DataFrame(
        {
            "dyad_id": [f"D{number}" for number in person],
            "person": [f"P{number}" for number in person],
            "role": "participant",
            "group": "ASD",
            "emotion": "joy",
            "exclusion": "",
            "x": x,
            "e": (odd + even) / 2,
            "e_odd": odd,
            "e_even": even,
        }
    )
    return cohort.centre(rows)


def measured(rows: pd.DataFrame, samples: int = 0) -> pd.DataFrame:
    persons = congruence.by_person(rows, 6, no_smiles())
    groups = congruence.by_group(rows, persons, ["ASD"], samples, np.random.default_rng(1))
    return groups.set_index("measure")


def no_smiles() -> pd.DataFrame:
    return pd.DataFrame({"person": [], "is_negative": [], "smiled": []}).astype(
        {"person": str, "is_negative": bool, "smiled": bool}
    )


def test_slope_and_correlation_of_a_person_are_those_of_numpy() -> None:
    rows = simulated()
    one = rows[rows["person"].eq("P7")]
    person = congruence.by_person(rows, 6, no_smiles()).set_index("person").loc["P7"]
    assert person["slope"] == pytest.approx(np.polyfit(one["x_w"], one["e"], 1)[0])
    r = np.corrcoef(one["x"], one["e"])[0, 1]
    assert person["r"] == pytest.approx(r)
    assert person["fisher_z"] == pytest.approx(np.arctanh(r))


def test_a_flat_face_lowers_the_slope_and_not_the_disattenuated_correlation() -> None:
    normal, flat = measured(simulated(decoupled=0.5)), measured(simulated(0.5, decoupled=0.25))
    assert flat.loc["slope", "value"] == pytest.approx(normal.loc["slope", "value"] / 2, rel=0.05)
    assert flat.loc["disattenuated_r", "value"] == pytest.approx(
        normal.loc["disattenuated_r", "value"], abs=0.05
    )


def test_a_noisy_reading_lowers_r_and_not_the_disattenuated_correlation() -> None:
    # gain 1 and decoupled 0.5: true r = 1 / sqrt(1 + 0.25) = 0.894
    clean, noisy = (measured(simulated(decoupled=0.5, noise=noise)) for noise in (0.1, 1.0))
    assert noisy.loc["r", "value"] < clean.loc["r", "value"] - 0.15
    for table in (clean, noisy):
        assert table.loc["disattenuated_r", "value"] == pytest.approx(0.894, abs=0.04)


def test_the_bootstrap_interval_holds_the_estimate_and_is_as_wide_as_theory_says() -> None:
    rows = simulated()
    slope = measured(rows, samples=2000).loc["slope"]
    slopes = congruence.by_person(rows, 6, no_smiles())["slope"]
    # percentile limits of a mean: 1.96 standard errors with divisor n
    half_width = 1.96 * slopes.std(ddof=0) / np.sqrt(PEOPLE)
    assert slope["lower"] < slope["value"] < slope["upper"]
    assert (slope["upper"] - slope["lower"]) / 2 == pytest.approx(half_width, rel=0.1)


def test_few_rows_give_a_slope_but_no_correlation_and_say_why() -> None:
    rows = simulated()
    few = rows.groupby("person").head(5)
    persons = congruence.by_person(cohort.centre(few), 6, no_smiles())
    assert persons["r"].isna().all()
    assert persons["slope"].notna().all()
    assert set(persons["reason"]) == {"fewer than 6 rows"}


def test_a_person_without_rows_stays_in_the_table_with_the_reason() -> None:
    rows = simulated()
    rows.loc[rows["person"].eq("P3"), "exclusion"] = "not rated"
    persons = congruence.by_person(cohort.centre(rows), 6, no_smiles()).set_index("person")
    assert persons.loc["P3", "reason"] == "no row to analyse"
    assert persons.loc["P3", "rows"] == 0


def test_smiling_in_negative_segments_is_a_log_odds_ratio_with_haldanes_correction() -> None:
    smiles = pd.DataFrame(
        {
            "person": ["P1"] * 8 + ["P2"] * 4,
            "is_negative": [True] * 4 + [False] * 4 + [False] * 4,
            "smiled": [True, True, True, False] + [True, False, False, False] + [True] * 4,
        }
    )
    odds = congruence.smile_log_odds(smiles)
    assert odds["P1"] == pytest.approx(np.log((3.5 / 1.5) / (1.5 / 3.5)))
    assert "P2" not in odds.index


def test_halves_that_do_not_go_together_give_no_disattenuated_correlation() -> None:
    rows = simulated()
    rows["e_even"] = -rows["e_odd"]
    assert np.isnan(measured(cohort.centre(rows)).loc["disattenuated_r", "value"])
