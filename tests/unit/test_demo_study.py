import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dyads.config import StudySettings
from dyads.demo.study import (
    ABSENCE,
    UNANSWERED,
    is_demo_study,
    read_truth,
    shown_levels,
    study_tables,
    write_study,
)
from dyads.demo.truth import EMOTION_UNITS, SEGMENTS, Truth
from dyads.errors import StudyError
from dyads.ratings.scores import score_ratings
from dyads.study.study import load_study

COMMITTED = Path(__file__).parents[2] / "demo" / "study"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "study"
    write_study(folder, Truth())
    return folder


@pytest.fixture
def copied(folder, tmp_path) -> Path:
    copy = tmp_path / "study"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    (tmp_path / "truth.json").write_bytes((folder.parent / "truth.json").read_bytes())
    return copy


def test_the_committed_tables_are_what_the_program_writes(folder):
    for file in sorted(folder.iterdir()):
        assert (COMMITTED / file.name).read_bytes() == file.read_bytes(), file.name
    truth = COMMITTED.parent / "truth.json"
    assert truth.read_bytes() == (folder.parent / "truth.json").read_bytes()


def test_the_study_loads_without_a_fault(folder):
    settings = StudySettings(
        name="demo", folder=folder, recordings_folder=folder, groups=("control", "ASD", "SCZ")
    )
    study = load_study(settings, recordings_expected=False)
    assert len(study.recorded_sessions()) == 28
    assert study.recorded_sessions()["n_withheld"].eq(0).all()


def test_each_group_has_eight_dyads_and_some_meet_twice():
    tables = study_tables(Truth())
    group = tables["participants"].set_index("participant_id")["group"]
    dyads = tables["sessions"].drop_duplicates("dyad_id")
    assert dyads["participant_id"].map(group).value_counts().to_dict() == {
        "control": 8,
        "ASD": 8,
        "SCZ": 8,
    }
    assert set(dyads["partner_id"].map(group)) == {"partner"}
    assert tables["sessions"]["session_number"].eq(2).sum() == 4


def test_groups_are_matched_in_age_and_iq():
    people = study_tables(Truth())["participants"]
    people = people[people["group"].ne("partner")]
    for covariate in ("age", "iq"):
        means = people.groupby("group")[covariate].mean()
        # the usual limit of matching: a standardised mean difference below 0.25
        assert (means.max() - means.min()) / people[covariate].std() < 0.25


def test_two_cameras_have_offsets_and_split_screens_share_a_file():
    recordings = study_tables(Truth())["recordings"]
    split = recordings[recordings["view"].ne("full")]
    assert split["path"].value_counts().eq(2).all()
    assert split["path"].nunique() >= 4
    assert split["offset_s"].eq(0).all()
    cameras = recordings[recordings["view"].eq("full")]
    assert cameras["path"].is_unique
    assert cameras["offset_s"].gt(0).sum() == len(cameras) / 2
    # the second camera must not miss the first segment
    assert cameras["offset_s"].max() <= SEGMENTS["neutral"][0]


def test_the_person_without_answers_is_counted_and_nobody_else(folder):
    settings = StudySettings(
        name="demo", folder=folder, recordings_folder=folder, groups=("control", "ASD", "SCZ")
    )
    study = load_study(settings, recordings_expected=False)
    scores = score_ratings(study.ratings, study.sessions, study.instruments)
    missing = scores[scores["score"].isna()]
    cells = missing[["person_id", "session_id", "segment_id"]].drop_duplicates()
    assert cells.to_numpy().tolist() == [list(UNANSWERED)]
    assert set(missing["scale"]) == set(EMOTION_UNITS)
    assert set(missing["reason"]) == {"no answer"}


def test_reported_ratings_are_what_the_people_felt():
    tables, shown = study_tables(Truth()), shown_levels(Truth())
    keys = ["person_id", "session_id", "segment_id"]
    both = tables["ratings"].merge(
        shown, left_on=[*keys, "item"], right_on=[*keys, "emotion"], validate="one_to_one"
    )
    assert len(both) == len(shown) - len(EMOTION_UNITS)
    assert both["value"].eq(both["rating"]).all()


def test_the_absent_person_and_the_silent_one_are_participants():
    people = set(study_tables(Truth())["sessions"]["participant_id"])
    assert {ABSENCE[0], UNANSWERED[0]} <= people


def test_the_truth_reads_back_with_its_differences(folder):
    record = read_truth(folder)
    assert record.parameters == Truth()
    # 0.32 - 0.60, 0.12 - 0.60 and 0.12 - 0.32
    assert record.differences_per_100 == {
        "ASD - control": -0.28,
        "SCZ - control": -0.48,
        "SCZ - ASD": -0.20,
    }


def test_the_demo_study_is_known_by_its_tables(folder):
    assert is_demo_study(folder)


def test_a_changed_rating_leaves_it_the_demo_study(copied):
    ratings = pd.read_csv(copied / "ratings.tsv", sep="\t")
    ratings.loc[0, "value"] += 1
    ratings.to_csv(copied / "ratings.tsv", sep="\t", index=False)
    assert is_demo_study(copied)


@pytest.mark.parametrize("name", ["participants", "sessions", "recordings", "segments"])
def test_a_study_with_other_tables_is_not_the_demo_study(copied, name):
    path = copied / f"{name}.tsv"
    path.write_text(path.read_text() + "\n")
    assert not is_demo_study(copied)


def test_a_study_without_truth_is_not_the_demo_study(copied):
    (copied.parent / "truth.json").unlink()
    assert not is_demo_study(copied)
    with pytest.raises(StudyError, match="known truth"):
        read_truth(copied)


def test_a_damaged_truth_is_not_the_demo_study(copied):
    (copied.parent / "truth.json").write_text("{}")
    assert not is_demo_study(copied)
    with pytest.raises(StudyError, match="not the truth"):
        read_truth(copied)


def test_the_tables_need_neither_painter_nor_detector():
    program = (
        "import sys, dyads.demo.study; "
        "print([m for m in ('torch', 'matplotlib', 'av', 'feat', 'statsmodels', 'scipy') "
        "if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
