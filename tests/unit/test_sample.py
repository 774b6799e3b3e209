"""The description of a sample as it leaves the lab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cohorts import GROUPS, analysis_rows, participants
from matplotlib.text import Text

from dyads.analysis.matching import match
from dyads.analysis.sample import (
    ANALYSED,
    MATCHED,
    RECRUITED,
    SampleDescription,
    analysed_people,
    describe_sample,
    read_sample,
    write_sample,
)
from dyads.config import MatchingSettings, SampleSettings
from dyads.errors import StudyError
from dyads.figures import sample_balance
from dyads.report.sample_tables import of_sample

SETTINGS = SampleSettings(covariates=("age", "sex", "iq", "site"))
TABLES = ("people", "covariates", "balance", "missing", "attrition", "quality", "equivalence")


def quality(people: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dyad_id": "D1", "session_id": "S1", "person_id": people["participant_id"],
            "segment_id": "", "label": "", "measure": "face_share", "unit": "share",
            "value": 0.95 + 0.002 * (np.arange(len(people)) % 7),
        }
    )  # fmt: skip


def described(
    people: pd.DataFrame, rows: pd.DataFrame, cell: int = 5, matched: bool = False
) -> SampleDescription:
    sets = None
    if matched:
        settings = MatchingSettings(calipers={"age": 1.0, "iq": 1.2})
        sets = match(analysed_people(people, rows, GROUPS), settings, GROUPS, 1)
    return describe_sample(people, rows, quality(people), sets, SETTINGS, GROUPS, cell, "stamped")


@pytest.fixture(scope="module")
def whole() -> SampleDescription:
    people = participants(24)
    return described(people, analysis_rows(people), matched=True)


def test_the_folder_gives_back_what_was_written(whole: SampleDescription, tmp_path: Path) -> None:
    write_sample(whole, tmp_path)
    again = read_sample(tmp_path)
    assert again.summary == whole.summary
    for name in TABLES:
        first, second = getattr(whole, name), getattr(again, name)
        pd.testing.assert_frame_equal(
            first.replace({None: ""}), second, check_dtype=False, check_categorical=False
        )


def test_recruited_analysed_and_matched_are_described_each_for_itself(
    whole: SampleDescription,
) -> None:
    assert list(dict.fromkeys(whole.balance["sample"])) == [RECRUITED, ANALYSED, MATCHED]


def test_numbers_of_few_people_leave_no_table() -> None:
    people = participants(6)
    people.loc[:3, "iq"] = np.nan
    rows = analysis_rows(people)
    description = described(people, rows, cell=5)
    control = description.covariates[
        description.covariates["group"].eq("control") & description.covariates["covariate"].eq("iq")
    ]
    assert control["is_hidden"].all()
    assert control[["known", "mean", "sd"]].isna().all().all()
    sexes = description.covariates[description.covariates["covariate"].eq("sex")]
    assert sexes["is_hidden"].all()
    assert sexes[["count", "share"]].isna().all().all()
    crossed = description.quality[description.quality["sex"].ne("all")]
    assert crossed["people"].isna().all()
    few = description.balance[description.balance["covariate"].eq("sex")]
    assert few["smd"].isna().all()


def test_two_samples_that_differ_by_few_people_are_not_both_described() -> None:
    people = participants(12)
    rows = analysis_rows(people)
    gone = rows["person"].isin(people["participant_id"].iloc[:2])
    rows.loc[gone, "exclusion"] = "not rated"
    table = described(people, rows).covariates.set_index(["sample", "covariate", "group"])
    assert np.isnan(table.loc[(RECRUITED, "age", "control"), "mean"])
    assert not np.isnan(table.loc[(ANALYSED, "age", "control"), "mean"])
    assert not np.isnan(table.loc[(RECRUITED, "age", "ASD"), "mean"])


def test_where_one_sex_is_hidden_so_is_the_other() -> None:
    people = participants(12)
    of_control = people["group"].eq("control")
    people.loc[of_control, "sex"] = ["m"] * 2 + ["f"] * 10
    rows = analysis_rows(people)
    lost = rows["person"].isin(people.loc[of_control, "participant_id"].iloc[:7])
    rows.loc[lost & rows["session"].eq("2"), "exclusion"] = "not rated"
    description = described(people, rows)
    table = description.attrition[
        description.attrition["group"].eq("control") & description.attrition["factor"].eq("sex")
    ]
    assert table["is_hidden"].all()
    assert table[["people", "touched"]].isna().all().all()
    cells = description.quality[
        description.quality["group"].eq("control")
        & description.quality["sex"].ne("all")
        & description.quality["age_half"].eq("all")
    ]
    assert cells["mean"].isna().all()


def test_a_covariate_that_is_not_there_is_named() -> None:
    people = participants(5)
    settings = SampleSettings(covariates=("age", "height"))
    with pytest.raises(StudyError, match="no column height"):
        describe_sample(people, analysis_rows(people), quality(people), None, settings, GROUPS, 5)


def test_a_study_without_ages_or_sexes_is_described() -> None:
    people = participants(6).assign(age=np.nan, sex=None)
    description = described(people, analysis_rows(participants(6)), cell=1)
    assert description.attrition["factor"].isin(["all", "sex"]).all()
    assert description.people["people"].notna().all()


def test_the_page_shows_what_the_tables_hold(whole: SampleDescription) -> None:
    people = participants(24)
    sessions = pd.DataFrame({"participant_id": people["participant_id"]})
    shown = of_sample(whole, sessions, people)
    assert [table.title for table in shown.groups] == [
        "Participants",
        "Participants in matched sets",
    ]
    rows = {row[0]: row for row in shown.groups[0].rows}
    own = people[people["group"].eq("control")]
    assert rows["age"][1] == f"{own['age'].mean():.1f} ({own['age'].std():.1f})"
    assert rows["n, analysed"][1:4] == ("24", "24", "24")
    assert all(len(row) == len(shown.groups[0].head) for row in shown.groups[0].rows)
    assert {row[-1] for row in shown.quality.rows} <= {
        "alike", "different", "different, within the bound", "left open", "",
    }  # fmt: skip


def test_a_page_lists_losses_where_there_are_some_and_says_how_many_tests_it_hides() -> None:
    people = participants(12)
    rows = analysis_rows(people)
    lost = rows["group"].eq("SCZ") & rows["sex"].eq("f") & rows["session"].eq("2")
    rows.loc[lost, "exclusion"] = "not rated"
    sessions = pd.DataFrame({"participant_id": people["participant_id"]})
    shown = of_sample(described(people, rows, cell=5), sessions, people)
    named = [row[0] for row in shown.lost.rows]
    assert "not rated" in named
    assert "not rated, sex f" in named
    assert "not rated, sex m" not in named
    hidden = described(people, rows, cell=5).equivalence["is_hidden"].sum()
    assert (f"{hidden} comparisons" in shown.quality.note.replace("\xa0", " ")) == bool(hidden)


def test_the_figure_shows_every_comparison_and_says_how_many_people(
    whole: SampleDescription,
) -> None:
    figure, table = sample_balance.draw(whole)
    figure.draw_without_rendering()
    words = "\n".join(text.get_text() for text in figure.findobj(Text))
    assert "analysed (control 24, ASD 24, SCZ 24)" in words
    assert "stamped" in words
    assert len(table) == len(whole.balance)
