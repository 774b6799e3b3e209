"""Models of people who are not independent: both of a dyad, several dyads, confederates."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from cohorts import GROUPS, analysis_rows, participants
from pydantic import ValidationError

from dyads.analysis.answers import answer
from dyads.analysis.cohort import centre
from dyads.analysis.sensitivity import check_model
from dyads.analysis.session_rows import NOT_MEASURED, rows_of_sessions
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import AnalysisRows
from dyads.errors import StudyError
from dyads.models import fit_mixed
from dyads.plan.primary import primary_family
from dyads.plan.products import Scope, touches
from dyads.tables import About, check

DOCS = Path(__file__).parents[2] / "docs/statistics.md"
EXAMPLES = {
    name: ModelSettings.model_validate(model)
    for block in re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    for name, model in (yaml.safe_load(block).get("models") or {}).items()
}
CONGRUENCE = ModelSettings(
    title="Does expression follow experience?",
    formula="e ~ group * x_w + emotion + segment + (1 + x_w | person)",
    compare="slopes",
    variable="x_w",
)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Eight participants a group, two sessions."""
    return analysis_rows(participants(8))


@pytest.fixture(scope="module")
def met_twice(rows: pd.DataFrame) -> pd.DataFrame:
    """The same, the second session of each with somebody else, which makes another dyad."""
    return rows.assign(
        dyad_id=rows["dyad_id"].where(rows["session"].eq("1"), "E" + rows["dyad_id"])
    )


@pytest.fixture(scope="module")
def with_confederates(rows: pd.DataFrame) -> pd.DataFrame:
    """Four confederates, each of whom met people of all groups and shows in their faces."""
    own = (rows["dyad_id"].str[1:].astype(int) + rows["session"].astype(int)) % 4
    shown = np.array([-0.1, 0.0, 0.05, 0.1])[own]
    return rows.assign(other_person="K" + own.astype(str), e=rows["e"] + shown)


@pytest.fixture(scope="module")
def both(rows: pd.DataFrame) -> pd.DataFrame:
    """Participants with their partners; a face follows the other's experience by 0.05 an SD."""
    partner = analysis_rows(participants(8, seed=5), seed=6).assign(role="partner")
    partner["person"] = "Q" + partner["person"].str[1:]
    people = pd.concat([rows, partner], ignore_index=True)
    is_own = people["role"].eq("participant")
    people["other_person"] = np.where(is_own, "Q", "P") + people["person"].str[1:]
    people = centre(people)
    return people.assign(e=people["e"] + 0.05 * people["x_other"])


def test_somebody_who_met_two_partners_is_one_cluster(
    rows: pd.DataFrame, met_twice: pd.DataFrame
) -> None:
    found = answer("m", met_twice, CONGRUENCE, GROUPS, About())
    expected = answer("m", rows, CONGRUENCE, GROUPS, About())
    pd.testing.assert_frame_equal(found.contrasts_cr2, expected.contrasts_cr2)
    assert (found.summary.dyads, expected.summary.dyads) == (48, 24)
    assert "CR2 takes 24 sets of dyads" in " ".join(found.summary.remarks)
    assert not expected.summary.remarks


def test_confederates_who_meet_everybody_leave_no_cluster_robust_test(
    with_confederates: pd.DataFrame,
) -> None:
    found = answer("m", with_confederates, EXAMPLES["confederates"], GROUPS, About())
    assert "(1 | other_person)" in found.summary.formula
    assert found.contrasts["p_value"].notna().all()
    assert found.contrasts_cr2.empty
    assert found.estimates_cr2.empty
    assert "no independent clusters" in " ".join(found.summary.remarks)


def test_a_plan_that_rests_on_a_test_which_is_not_there_is_refused(
    with_confederates: pd.DataFrame,
) -> None:
    found = answer("m", with_confederates, EXAMPLES["confederates"], GROUPS, About())
    with pytest.raises(StudyError, match=r"plan.headline is CR2, which m cannot give"):
        primary_family([found], PlanSettings(headline="CR2"))
    family = primary_family([found], PlanSettings(headline="satterthwaite"))
    assert set(family["covariance"]) == {"satterthwaite"}


def test_a_model_without_cluster_robust_tests_is_still_checked_dyad_by_dyad(
    with_confederates: pd.DataFrame,
) -> None:
    few = with_confederates[with_confederates["dyad_id"].str[1:].astype(int) % 8 < 3]
    found = check_model(few, EXAMPLES["confederates"], GROUPS).without_dyad
    assert found["reason"].eq("").all()
    assert found["p_value"].notna().all()
    assert found["p_value_cr2"].isna().all()


def test_the_other_persons_experience_is_that_of_the_same_segment_and_emotion(
    both: pd.DataFrame,
) -> None:
    one = both.iloc[100]
    at = ["dyad_id", "session_id", "segment_id", "emotion"]
    same = both[both[at].eq(one[at]).all(axis=1) & both["person"].eq(one["other_person"])]
    assert same["x_w"].tolist() == [one["x_other"]]


def test_a_dyad_answers_how_far_a_face_follows_the_other_ones_experience(
    both: pd.DataFrame,
) -> None:
    found = answer("m", both, EXAMPLES["other_ones_feelings"], GROUPS, About())
    assert found.estimates["estimate"].to_numpy() == pytest.approx(0.05, abs=0.01)
    assert (found.summary.people, found.summary.dyads) == (48, 24)
    by_hand = fit_mixed(found.summary.formula, both.assign(group=both["group"].astype("category")))
    own = by_hand.trends("x_other", by="group").set_index("group").loc[list(GROUPS), "estimate"]
    np.testing.assert_allclose(found.estimates["estimate"], own, rtol=1e-4)


def test_both_people_of_a_dyad_are_compared_over_sessions(both: pd.DataFrame) -> None:
    found = answer("m", both, EXAMPLES["both_people"], GROUPS, About())
    assert (found.summary.people, found.summary.dyads) == (48, 24)
    assert len(found.contrasts_cr2) == 3


def synchronies(rows: pd.DataFrame) -> pd.DataFrame:
    """Two segments a session: synchrony of 0.3 in controls and 0.1 in the others, chance 0.1."""
    generator = np.random.default_rng(3)
    sessions = rows.drop_duplicates(["dyad_id", "session_id"])[["dyad_id", "session_id", "group"]]
    table = sessions.merge(pd.DataFrame({"segment_id": ["joyful", "sad"]}), how="cross")
    own = generator.normal(0, 0.03, len(sessions) // 2).repeat(4)
    value = 0.1 + 0.2 * table["group"].eq("control") + own + generator.normal(0, 0.03, len(table))
    return table.assign(
        channel="smile", measure="mean_z", value=value, null_value=0.1, n_null=5, reason=""
    ).drop(columns="group")


def test_groups_are_compared_in_synchrony_beyond_strangers(rows: pd.DataFrame) -> None:
    meetings = rows_of_sessions(rows, synchronies(rows), "smile")
    assert len(meetings) == 48
    check(meetings, AnalysisRows, "sessions")
    found = answer("synchrony", meetings, EXAMPLES["synchrony"], GROUPS, About())
    truth = {"ASD - control": -0.2, "SCZ - control": -0.2, "SCZ - ASD": 0.0}
    contrasts = found.contrasts_cr2.set_index("contrast")
    for contrast, difference in truth.items():
        assert contrasts.loc[contrast, "estimate"] == pytest.approx(difference, abs=0.05)
    assert (found.summary.rows, found.summary.outcome) == (48, "mean_z")


def test_a_sessions_synchrony_is_the_mean_excess_of_its_known_segments(rows: pd.DataFrame) -> None:
    table = synchronies(rows)
    first, second = (table["dyad_id"].eq(dyad) & table["session_id"].eq("S1")
                     for dyad in ("D000", "D001"))  # fmt: skip
    table.loc[first & table["segment_id"].eq("sad"), "value"] = np.nan
    table.loc[second, "value"] = np.nan
    found = rows_of_sessions(rows, table, "smile").set_index(["dyad_id", "session_id"])
    known = table.loc[first & table["segment_id"].eq("joyful"), "value"].item()
    assert found.loc[("D000", "S1"), "mean_z"] == pytest.approx(known - 0.1)
    assert found["exclusion"].value_counts().to_dict() == {"": 47, NOT_MEASURED: 1}


def test_synchrony_that_was_not_measured_is_named(rows: pd.DataFrame) -> None:
    with pytest.raises(StudyError, match=r"AU12 was not measured. Measured were: smile"):
        rows_of_sessions(rows, synchronies(rows), "AU12")


def test_a_category_of_one_level_is_said_to_take_no_part(rows: pd.DataFrame) -> None:
    once = rows[rows["session"].eq("1")]
    formula = CONGRUENCE.formula.replace("segment", "segment * session")
    found = answer("m", once, CONGRUENCE.model_copy(update={"formula": formula}), GROUPS, About())
    assert found.summary.remarks == ("session is 1 in all rows and takes no part in the model.",)


@pytest.mark.parametrize(
    "changed", [{"compare": "slopes", "variable": "age"}, {"sample": "matched"}]
)
def test_a_model_of_sessions_compares_means_of_all(changed: dict[str, str]) -> None:
    asked = EXAMPLES["synchrony"].model_dump() | changed
    with pytest.raises(ValidationError, match="rows: sessions goes with compare: means"):
        ModelSettings.model_validate(asked)


def test_only_models_of_sessions_read_the_settings_of_synchrony() -> None:
    scope = Scope(sessions=["together"])
    assert touches("synchrony.window_s", "models.together", scope)
    assert not touches("synchrony.window_s", "models.congruence", scope)


def test_dyads_that_met_once_are_compared_in_synchrony_too(rows: pd.DataFrame) -> None:
    once = rows_of_sessions(rows[rows["session"].eq("1")], synchronies(rows), "smile")
    settings = EXAMPLES["synchrony"].model_copy(
        update={"formula": "mean_z ~ group + age + (1 | dyad_id)"}
    )
    found = answer("synchrony", once, settings, GROUPS, About())
    assert (found.summary.rows, found.summary.dyads) == (24, 24)
    # three groups and age
    assert found.contrasts["df"].to_numpy() == pytest.approx(20.0)
    assert found.contrasts_cr2["p_value"].notna().all()
    assert "Each dyad_id has one row" in " ".join(found.summary.remarks)
    checked = check_model(once, settings, GROUPS)
    assert checked.without_dyad["reason"].eq("").all()


def test_a_singular_fit_without_slopes_speaks_of_no_slopes(rows: pd.DataFrame) -> None:
    # what is centred within a person has the same mean in all people
    alike = rows.assign(e=rows["e_w"])
    settings = ModelSettings(title="Means?", formula="e ~ group + (1 | person)", compare="means")
    found = answer("means", alike, settings, GROUPS, About())
    assert found.summary.singular
    (remark,) = [text for text in found.summary.remarks if "singular" in text]
    assert "slope" not in remark
