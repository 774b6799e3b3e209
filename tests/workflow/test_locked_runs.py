"""One study taken from a blind start over the lock to an amendment, by commands and runs."""

from __future__ import annotations

import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from other_programs import pyfeat_2
from runs import ROOT, snakemake, write_config

from dyads import cli, tables
from dyads.analysis.results import read_model
from dyads.contracts import Cohort, Expressions, Synchrony
from dyads.plan.lock import LOCK_NAME
from dyads.plan.state import BLINDED, NO_LOCK
from dyads.steps import digest_file

pytestmark = pytest.mark.workflow

DYADS = ("D02", "D03", "D05", "D09", "D11", "D17")
FIGURES = ("congruence_by_group", "congruence_slopes", "data_flow", "expressivity",
           "model_contrasts", "quality", "seen_time", "synchrony")  # fmt: skip
REASON = "A reviewer asked for it"
AMENDED = f"exploratory (amendment 1: {REASON})"


def settings(folder: Path, *, correction: str = "holm") -> None:
    slopes = {
        "title": "Slopes?",
        "formula": "e ~ group * x_w + (1 | person)",
        "compare": "slopes",
        "variable": "x_w",
    }
    means = {
        "title": "Means?",
        "formula": "e ~ group + (1 | person)",
        "compare": "means",
        "correction": correction,
    }
    write_config(
        folder,
        study={
            "name": "A small study",
            "folder": "study",
            "recordings_folder": "recordings",
            "groups": list(groups_of(folder)),
            "seed": 1,
        },
        extraction={"sessions_per_job": 12},
        synchrony={"window_s": 3.0, "step_s": 1.0, "lag_s": 1.0},
        models={"slopes": slopes, "means": means},
        plan={"blind": True, "primary": ["slopes"], "equivalence_d": 0.2},
        report={"minimum_cell": 1},
    )


def groups_of(folder: Path) -> dict[str, int]:
    people = pd.read_csv(folder / "study/participants.tsv", sep="\t", dtype=str)
    own = people[people["group"].ne("partner")]
    return {str(group): int(size) for group, size in own["group"].value_counts().items()}


def write_study(folder: Path) -> None:
    """Write one session of six dyads of the demo, with frames that were read elsewhere."""
    (folder / "study").mkdir(parents=True)
    (folder / "recordings").mkdir()
    shutil.copy(ROOT / "demo/study/instruments.yaml", folder / "study")
    participants: set[str] = set()
    for name in ("sessions", "recordings", "segments", "ratings", "consent", "participants"):
        rows = pd.read_csv(
            ROOT / f"demo/study/{name}.tsv", sep="\t", dtype=str, keep_default_na=False
        )
        if "dyad_id" in rows:
            rows = rows[rows["dyad_id"].isin(DYADS) & rows["session_id"].eq("S1")]
        if name == "sessions":
            participants = {*rows["participant_id"], *rows["partner_id"]}
        if name in ("consent", "participants"):
            rows = rows[rows["participant_id"].isin(participants)]
        if name == "participants":
            # three of one group and three of another, whoever they are in the demo
            own = rows["group"].ne("partner")
            rows.loc[own, "group"] = ["control", "ASD"] * 3
        if name == "recordings":
            names = rows["dyad_id"] + "_" + rows["person_id"] + ".csv"
            rows = rows.assign(frames_path=names, path="", frame_rate_hz="10")
            for file in names:
                rng = np.random.default_rng(zlib.crc32(file.encode()))
                frames = pyfeat_2(240).assign(AU12=rng.uniform(0, 1, 24).repeat(10))
                frames.to_csv(folder / "recordings" / file, index=False)
        rows.to_csv(folder / "study" / f"{name}.tsv", sep="\t", index=False)
    settings(folder)


def run(folder: Path) -> Path:
    """Run the whole study and give a copy of what it wrote."""
    ended = snakemake(folder, "--configfile", "config.yaml", "--keep-going")
    assert ended.returncode == 0, ended.stdout[-5000:]
    count = len(list(folder.glob("run*")))
    return Path(shutil.copytree(folder / "results", folder / f"run{count}"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the study wrote blind, locked, and after an amendment of one model."""
    folder = tmp_path_factory.mktemp("plan")
    write_study(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = {"blind": run(folder)}
        assert cli.main(["plan", "lock"]) == 0
        found["locked"] = run(folder)
        settings(folder, correction="bh")
        assert cli.main(["plan", "amend", "--reason", REASON]) == 0
        found["amended"] = run(folder)
    return found


def figure_texts(results: Path, figure: str) -> dict[str, str]:
    stem = results / "shareable/figures" / figure
    pdf = re.sub(rb"\\([()])", rb"\1", stem.with_suffix(".pdf").read_bytes())
    return {
        "pdf": pdf.decode("latin-1"),
        "svg": stem.with_suffix(".svg").read_text(encoding="utf-8"),
        "csv": stem.with_suffix(".csv").read_text(encoding="utf-8"),
    }


def pages(results: Path) -> dict[str, str]:
    files = [
        results / "shareable/report/index.html",
        results / "shareable/study_check.html",
        results / "private/quality/index.html",
        *(results / "private/report").glob("*.html"),
    ]
    return {str(file.relative_to(results)): file.read_text(encoding="utf-8") for file in files}


def stamps_of_tables(results: Path) -> dict[str, str]:
    names = ("cohort", "flow", "expressions", "synchrony", "persons", "groups")
    return {
        name: tables.read_about(results / f"private/cohort/{name}.parquet").stamp for name in names
    }


def test_before_the_lock_every_product_says_that_it_is_blind_and_exploratory(
    runs: dict[str, Path],
) -> None:
    stamp = f"{BLINDED}; {NO_LOCK}"
    for figure in FIGURES:
        for form, text in figure_texts(runs["blind"], figure).items():
            assert stamp in text, (figure, form)
    for name, page in pages(runs["blind"]).items():
        assert stamp in page, name
    assert set(stamps_of_tables(runs["blind"]).values()) == {stamp}
    for model in ("slopes", "means"):
        assert read_model(runs["blind"] / f"shareable/models/{model}").summary.stamp == stamp
    for folder in (runs["blind"] / "shareable").iterdir():
        for table in folder.rglob("*.csv"):
            summary = table.with_name("summary.json")
            said = summary if summary.is_file() else table
            assert stamp in said.read_text(encoding="utf-8"), table


def test_a_locked_run_says_of_nothing_that_it_is_exploratory(runs: dict[str, Path]) -> None:
    for figure in FIGURES:
        for form, text in figure_texts(runs["locked"], figure).items():
            assert "exploratory" not in text, (figure, form)
            assert "blinded" not in text, (figure, form)
    for name, page in pages(runs["locked"]).items():
        assert 'class="stamp"' not in page, name
    assert set(stamps_of_tables(runs["locked"]).values()) == {""}


def test_a_blind_run_differs_from_the_real_one_in_groups_and_in_nothing_else(
    runs: dict[str, Path],
) -> None:
    blind, real = (
        tables.read(runs[name] / "private/cohort/cohort.parquet", Cohort)
        for name in ("blind", "locked")
    )
    assert not blind["group"].equals(real["group"])
    pd.testing.assert_frame_equal(blind.drop(columns="group"), real.drop(columns="group"))
    people = [table.drop_duplicates("dyad_id")["group"] for table in (blind, real)]
    assert people[0].value_counts().to_dict() == people[1].value_counts().to_dict()
    shown = [
        tables.read(runs[name] / "private/cohort/expressions.parquet", Expressions)
        for name in ("blind", "locked")
    ]
    pd.testing.assert_frame_equal(*shown)
    # what chance gives is reckoned from pairs within a group, and so differs with the groups
    sync = [
        tables.read(runs[name] / "private/cohort/synchrony.parquet", Synchrony)
        for name in ("blind", "locked")
    ]
    own = ["dyad_id", "session_id", "segment_id", "channel", "measure"]
    assert sync[0][own].equals(sync[1][own])
    is_raw = ~sync[0]["measure"].str.contains("index")
    pd.testing.assert_series_equal(sync[0].loc[is_raw, "value"], sync[1].loc[is_raw, "value"])


def test_an_amendment_stamps_the_model_that_it_changes_and_what_rests_on_it(
    runs: dict[str, Path],
) -> None:
    touched = {
        figure for figure in FIGURES if AMENDED in figure_texts(runs["amended"], figure)["svg"]
    }
    assert touched == {"model_contrasts"}
    summaries = {
        name: read_model(runs["amended"] / f"shareable/models/{name}").summary.stamp
        for name in ("slopes", "means")
    }
    assert summaries == {"slopes": "", "means": AMENDED}
    assert set(stamps_of_tables(runs["amended"]).values()) == {""}
    stamped = {name for name, page in pages(runs["amended"]).items() if 'class="stamp"' in page}
    assert stamped == {"shareable/report/index.html"}
    report = (runs["amended"] / "shareable/report/index.html").read_text(encoding="utf-8")
    assert f"“{AMENDED}” is carried by the model “means”" in report
    assert "models.means.correction: bh (was holm)" in report


def test_the_report_names_the_lock_and_the_audit_trail_holds_it_as_an_input(
    runs: dict[str, Path],
) -> None:
    folder = runs["amended"].parent
    lock = yaml.safe_load((folder / LOCK_NAME).read_text(encoding="utf-8"))
    report = (runs["amended"] / "shareable/report/index.html").read_text(encoding="utf-8")
    trail = (runs["amended"] / "shareable/audit/ledger.jsonl").read_text(encoding="utf-8")
    assert lock["digest"] in report
    assert digest_file(folder / LOCK_NAME) in report
    assert digest_file(folder / LOCK_NAME) in trail


def test_a_lock_that_was_edited_stops_the_run_with_a_sentence(runs: dict[str, Path]) -> None:
    folder = runs["amended"].parent
    path = folder / LOCK_NAME
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(REASON, "It was planned so"), encoding="utf-8")
    ended = snakemake(folder, "--configfile", "config.yaml", "--dry-run")
    path.write_text(before, encoding="utf-8")
    assert ended.returncode != 0
    assert "its seal does not fit what it says" in ended.stdout
    assert "Traceback" not in ended.stdout
