"""The demo study run once from pixels to the answer, and what must be true of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest
from runs import demo_folder, snakemake

from dyads import tables
from dyads.analysis.cohort import NO_EXPERIENCE, NO_EXPRESSION, experience_sd
from dyads.analysis.results import ModelResults, read_model
from dyads.contracts import Cohort, Flow, Scores
from dyads.demo.study import TruthRecord, read_truth
from dyads.steps import LEDGER_SUFFIX

pytestmark = [pytest.mark.workflow, pytest.mark.detector]

FIGURES = (
    "congruence_by_group", "congruence_slopes", "data_flow", "expressivity", "influence",
    "model_checks", "model_contrasts", "paired_traces", "profiles", "quality", "sample_balance",
    "seen_time", "specification_curve", "synchrony",
)  # fmt: skip
VIDEO_RULES = ("render film", "probe recording", "extract frames", "clean frames")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo has run to its end."""
    folder = demo_folder(tmp_path_factory.mktemp("demo"))
    ended = snakemake(folder)
    assert ended.returncode == 0, ended.stdout[-6000:]
    return folder


@pytest.fixture(scope="module")
def cohort(folder: Path) -> pd.DataFrame:
    return tables.read(folder / "results/private/cohort/cohort.parquet", Cohort)


@pytest.fixture(scope="module")
def model(folder: Path) -> ModelResults:
    return read_model(folder / "results/shareable/models/congruence")


@pytest.fixture(scope="module")
def truth(folder: Path) -> TruthRecord:
    return read_truth(folder / "demo/study")


def test_each_groups_slope_lies_in_its_interval(
    model: ModelResults, cohort: pd.DataFrame, truth: TruthRecord
) -> None:
    per_sd = experience_sd(cohort) / 100
    for table in (model.estimates, model.estimates_cr2):
        for row in table.itertuples():
            assert row.lower < truth.slopes_per_100[row.group] * per_sd < row.upper, row


def test_each_difference_lies_in_its_interval_and_has_the_right_sign(
    model: ModelResults, cohort: pd.DataFrame, truth: TruthRecord
) -> None:
    per_sd = experience_sd(cohort) / 100
    for table in (model.contrasts, model.contrasts_cr2):
        for row in table.itertuples():
            known = truth.differences_per_100[row.contrast] * per_sd
            assert row.lower < known < row.upper, row
            assert row.estimate * known > 0, row


def test_the_gap_and_the_missing_rating_are_counted(folder: Path, cohort: pd.DataFrame) -> None:
    lost = cohort[cohort["exclusion"].ne("") & cohort["role"].eq("participant")]
    found = set(zip(lost["person"], lost["segment_id"], lost["exclusion"], strict=True))
    assert found == {("P12", "sad", NO_EXPRESSION), ("P21", "conflict", NO_EXPERIENCE)}
    flow = tables.read(folder / "results/private/cohort/flow.parquet", Flow)
    assert flow["lost_rows"].sum() == 6


def test_what_was_read_follows_what_was_painted(folder: Path, cohort: pd.DataFrame) -> None:
    from dyads.demo.study import shown_levels

    painted = shown_levels(read_truth(folder / "demo/study").parameters).rename(
        columns={"person_id": "person"}
    )
    keys = ["person", "session_id", "segment_id", "emotion"]
    both = cohort.merge(painted[[*keys, "level"]], on=keys)
    used = both[both["exclusion"].eq("")]
    within = used[["e", "level"]] - used.groupby(["person", "emotion"])[["e", "level"]].transform(
        "mean"
    )
    assert within["e"].corr(within["level"]) > 0.9


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_there_in_every_form_with_its_numbers(folder: Path, figure: str) -> None:
    stem = folder / "results/shareable/figures" / figure
    for form in ("pdf", "svg", "png"):
        assert stem.with_suffix(f".{form}").stat().st_size > 5000
    assert len(pd.read_csv(stem.with_suffix(".csv"))) > 0
    assert "demo weights" in stem.with_suffix(".svg").read_text(encoding="utf-8")


def test_the_demo_weights_are_named_on_every_page(folder: Path) -> None:
    pages = [folder / "results/shareable/report/index.html",
             *(folder / "results/private/report").glob("*.html")]  # fmt: skip
    assert len(pages) == 1 + 24 + 1
    for page in pages:
        assert "demo weights" in page.read_text(encoding="utf-8")


def test_every_output_has_its_ledger_entry_and_the_run_is_sealed(folder: Path) -> None:
    results = folder / "results"
    sealed = json.loads((results / "shareable/audit/seal.json").read_text())
    entries = list(results.rglob(f"*{LEDGER_SUFFIX}"))
    assert sealed["steps"] == len(entries) - 1  # the seal's own entry comes after it
    assert len(list((results / "private/frames").rglob("*.parquet"))) == 28


def test_nothing_shareable_names_the_machine(folder: Path) -> None:
    for path in (folder / "results/shareable").rglob("*"):
        if path.is_file():
            assert str(folder).encode() not in path.read_bytes(), path


def test_private_results_are_closed_to_others(folder: Path) -> None:
    for path in (folder / "results/private").rglob("*.parquet"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_second_run_has_nothing_to_do_and_says_so_quickly(folder: Path) -> None:
    started = time.monotonic()
    ended = snakemake(folder)
    assert "Nothing to be done" in ended.stdout, ended.stdout
    assert time.monotonic() - started < 15


def test_one_figure_can_be_made_alone(folder: Path) -> None:
    picture = folder / "results/shareable/figures/congruence_slopes.pdf"
    picture.unlink()
    ended = snakemake(folder, "figure_congruence_slopes")
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert picture.is_file()
    assert "extract frames" not in ended.stdout


def test_a_changed_rating_reruns_no_video_step(folder: Path) -> None:
    path = folder / "demo/study/ratings.tsv"
    before = path.read_text(encoding="utf-8")
    lines = before.splitlines()
    cells = lines[1].split("\t")
    cells[-1] = str((int(cells[-1]) + 7) % 101)
    path.write_text("\n".join([lines[0], "\t".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    planned = snakemake(folder, "--dry-run").stdout
    assert "score ratings" in planned
    assert "fit models" in planned
    assert not [rule for rule in VIDEO_RULES if rule in planned]
    ended = snakemake(folder, "results/private/ratings.parquet")
    assert ended.returncode == 0, ended.stdout[-4000:]
    scores = tables.read(folder / "results/private/ratings.parquet", Scores)
    changed = dict(zip(lines[0].split("\t"), cells, strict=True))
    row = scores[
        scores["person_id"].eq(changed["person_id"])
        & scores["session_id"].eq(changed["session_id"])
        & scores["segment_id"].eq(changed["segment_id"])
        & scores["scale"].eq(changed["item"])
    ]
    assert row["score"].tolist() == [float(cells[-1])]
