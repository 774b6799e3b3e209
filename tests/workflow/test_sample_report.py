"""Description of the sample, matched models and checks of models, from the analysis rows on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cohorts import EMOTIONS, GROUPS, SEGMENTS, analysis_rows, participants
from runs import ROOT, snakemake, write_config

from dyads import tables
from dyads.analysis.checks import read_checks
from dyads.analysis.results import read_model
from dyads.analysis.sample import read_sample
from dyads.channels import ChannelType
from dyads.contracts import Cohort, MatchedSets, Quality, Synchrony, WithoutDyad
from dyads.report.answer_text import answer
from dyads.study.tables import STUDY_TABLES
from dyads.tables import About

pytestmark = pytest.mark.workflow

RULES = (
    "assemble_sessions", "match_groups", "describe_sample", "fit_models", "check_models",
    "check_bounds",
    "figure_sample_balance", "figure_model_checks", "figure_influence",
)  # fmt: skip
FIGURES = ("sample_balance", "model_checks", "influence")
ABOUT = About(channel_types={"AU12": ChannelType.PROBABILITY}, stamp="made up")
SYNCHRONY = {
    "title": "Do dyads differ in synchrony?",
    "formula": "mean_z ~ group + session + age + (1 | dyad_id)",
    "rows": "sessions",
    "compare": "means",
}
SLOPES = {
    "title": "Slopes?",
    "formula": "e ~ group * x_w + emotion + (1 + x_w | person)",
    "compare": "slopes",
    "variable": "x_w",
}


def write_study(folder: Path) -> pd.DataFrame:
    """Write tables of eighteen participants, and what the stages before have made of them."""
    people = participants(6)
    rows = analysis_rows(people)
    (folder / "study").mkdir(parents=True)
    (folder / "recordings").mkdir()
    (folder / "recordings/frames.csv").write_text("frame\n0\n", encoding="utf-8")
    one = rows.drop_duplicates(["person", "session_id"])
    session = one[["dyad_id", "session_id"]]
    segments = session.merge(pd.DataFrame({"label": SEGMENTS}), how="cross")
    study = {
        "participants": people,
        "sessions": session.assign(
            participant_id=one["person"],
            partner_id="",
            session_number=one["session"].astype(int),
            date_offset_days=one["days_since_first"],
        ),
        "recordings": session.assign(
            person_id=one["person"], path="", frames_path="frames.csv", frame_rate_hz=10.0
        ),
        "segments": segments.assign(
            segment_id=segments["label"],
            onset_s=[5.0 * SEGMENTS.index(label) for label in segments["label"]],
            duration_s=5.0,
        ),
        "ratings": rows[["dyad_id", "session_id", "segment_id"]].assign(
            person_id=rows["person"], instrument="feelings", item=rows["emotion"], value=rows["x"]
        ),
        "consent": people[["participant_id"]].assign(use="process", granted="yes"),
    }
    for name, table in study.items():
        table.to_csv(folder / f"study/{name}.tsv", sep="\t", index=False)
    instruments = (ROOT / "demo/study/instruments.yaml").read_text(encoding="utf-8")
    (folder / "study/instruments.yaml").write_text(instruments, encoding="utf-8")
    private = folder / "results/private"
    tables.write(people, private / "study/participants.parquet", STUDY_TABLES["participants"])
    tables.write(rows, private / "cohort/cohort.parquet", Cohort, ABOUT)
    tables.write(synchrony(one), private / "cohort/synchrony.parquet", Synchrony, ABOUT)
    for dyad_id, session_id, person in one[["dyad_id", "session_id", "person"]].itertuples(
        index=False, name=None
    ):
        quality = pd.DataFrame(
            {
                "dyad_id": [dyad_id], "session_id": session_id, "person_id": person,
                "segment_id": "", "label": "", "measure": "face_share", "unit": "share",
                "value": 0.9 + 0.001 * len(person),
            }
        )  # fmt: skip
        tables.write(quality, private / f"quality/{dyad_id}/{session_id}.parquet", Quality, ABOUT)
    return rows


def synchrony(sessions: pd.DataFrame) -> pd.DataFrame:
    """One segment a session: 0.3 in controls and 0.1 in the others, where chance is 0.1."""
    generator = np.random.default_rng(1)
    excess = 0.2 * sessions["group"].eq("control") + generator.normal(0, 0.03, len(sessions))
    return sessions[["dyad_id", "session_id"]].assign(
        segment_id="joyful", channel="AU12", measure="mean_z", value=0.1 + excess, null_value=0.1,
        n_null=5, reason="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_study(folder)
    write_config(
        folder,
        study={
            "name": "A small study", "folder": "study", "recordings_folder": "recordings",
            "groups": list(GROUPS),
        },
        congruence={
            "pairs": [
                {"emotion": emotion, "instrument": "feelings", "scale": emotion, "channel": "AU12"}
                for emotion in EMOTIONS
            ]
        },
        sample={
            "covariates": ["age", "sex", "iq", "site"],
            "matching": {"exact": ["sex"], "calipers": {"age": 1.5}},
        },
        models={
            "all_people": SLOPES,
            "matched": SLOPES | {"sample": "matched"},
            "synchrony": SYNCHRONY,
        },
        report={"minimum_cell": 3},
    )  # fmt: skip
    wanted = [
        "results/shareable/sample",
        *(f"results/shareable/figures/{figure}.svg" for figure in FIGURES),
        *(f"results/shareable/bounds/{name}.csv" for name in ("all_people", "matched")),
    ]
    ended = snakemake(
        folder, *wanted, "--configfile", "config.yaml", "--allowed-rules", *RULES,
        "--rerun-triggers", "mtime",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-6000:]
    return folder


def test_the_sample_is_described_before_and_after_matching(folder: Path) -> None:
    sample = read_sample(folder / "results/shareable/sample")
    assert set(sample.balance["sample"]) == {"recruited", "analysed", "matched"}
    assert "made up" in sample.summary.stamp
    assert set(sample.covariates["covariate"]) == {"age", "sex", "iq", "site"}


def test_only_the_model_that_asks_for_matched_participants_sees_them_alone(folder: Path) -> None:
    sets = tables.read(folder / "results/private/cohort/sets.parquet", MatchedSets)
    kept = int(sets["set_number"].notna().sum())
    models = folder / "results/shareable/models"
    assert 6 <= kept < 18
    assert read_model(models / "matched").summary.people == kept
    assert read_model(models / "all_people").summary.people == 18


def test_every_model_is_checked_without_each_of_its_dyads(folder: Path) -> None:
    for name in ("all_people", "matched"):
        checks = read_checks(
            folder / f"results/shareable/checks/{name}",
            folder / f"results/shareable/bounds/{name}.csv",
        )
        people = read_model(folder / f"results/shareable/models/{name}").summary.dyads
        fits = checks.leave_one_out["refits"] + checks.leave_one_out["failed"]
        assert (fits == people).all()
        assert set(checks.bounds["check"]) >= {"as analysed", "logit of the outcome"}
        private = folder / f"results/private/checks/{name}/without_dyad.parquet"
        assert tables.read(private, WithoutDyad)["dyad_id"].nunique() == people


def test_nobody_is_named_in_what_may_leave_the_lab(folder: Path) -> None:
    people = participants(6)["participant_id"]
    names = {*people, *people.str.replace("P", "D")}
    for file in (folder / "results/shareable").rglob("*.csv"):
        cells = set(pd.read_csv(file, dtype=str).to_numpy().ravel())
        assert not names & cells, file


def test_a_model_of_sessions_compares_synchrony(folder: Path) -> None:
    model = read_model(folder / "results/shareable/models/synchrony")
    assert (model.summary.rows, model.summary.dyads) == (36, 18)
    found = model.contrasts.set_index("contrast")["estimate"]
    truth = {"ASD - control": -0.2, "SCZ - control": -0.2, "SCZ - ASD": 0.0}
    assert found.to_dict() == pytest.approx(truth, abs=0.06)
    said = answer(model, "probability")
    assert said[0].startswith("Mean correlation beyond that of strangers, other terms")
    assert "expression" not in " ".join(said)
