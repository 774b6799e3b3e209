"""What a run does once a consent no longer stands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import studies
from runs import snakemake, write_config

from dyads.extraction.rows import write
from dyads.extraction.tiers import Embedded
from dyads.steps import LEDGER_SUFFIX
from dyads.tables import About

pytestmark = pytest.mark.workflow

PARTICIPANTS = "results/private/study/participants.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small study of detector outputs, with what an earlier run made of D02."""
    recordings = (
        "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
        "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
    )
    studies.write_study(tmp_path, recordings=recordings)
    write_config(tmp_path)
    for name in ("private/traces/D02/S1.parquet", "private/frames/D02_S1/D02_S1.parquet",
                 "private/traces/D01/S1.parquet"):  # fmt: skip
        (tmp_path / "results" / name).parent.mkdir(parents=True)
        (tmp_path / "results" / name).write_text("made earlier")
    return tmp_path


def withdraw(folder: Path) -> None:
    consent = studies.CONSENT.replace("P02\tprocess\tyes\t", "P02\tprocess\tyes\t40")
    (folder / "study/consent.tsv").write_text(consent)


def test_a_person_who_withdrew_is_not_in_the_plan(folder: Path) -> None:
    withdraw(folder)
    planned = snakemake(folder, "--configfile", "config.yaml", "--summary").stdout
    assert "results/private/traces/D01/S1.parquet" in planned
    assert "D02" not in planned
    # a plan deletes nothing
    assert (folder / "results/private/traces/D02/S1.parquet").exists()


def test_a_run_deletes_what_was_made_from_a_person_who_withdrew(folder: Path) -> None:
    withdraw(folder)
    ended = snakemake(folder, PARTICIPANTS, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    assert "consent they were made with no longer stands" in ended.stdout
    assert not (folder / "results/private/traces/D02/S1.parquet").exists()
    assert not (folder / "results/private/frames/D02_S1").exists()
    assert (folder / "results/private/traces/D01/S1.parquet").exists()
    people = pd.read_parquet(folder / PARTICIPANTS).set_index("participant_id")
    assert pd.isna(people.loc["P02", "age"])
    assert people.loc["P02", "group"] == "ASD"


def frames_with_embeddings(path: Path) -> None:
    """A frame with a face of P01, as the extraction would have written it with leave."""
    row = {
        "person_id": "P01", "frame": 0, "time_s": 0.0, "status": "face", "reason": "",
        "found_by": "search", "score": 1.0, "box_left_px": 0.0, "box_top_px": 0.0,
        "box_width_px": 9.0, "box_height_px": 9.0, "pitch_deg": 0.0, "roll_deg": 0.0,
        "yaw_deg": 0.0, "light": 0.5, "sharpness": 1.0, "AU12": 0.5,
        "embedding": np.ones(512, dtype=np.float32),
    }  # fmt: skip
    write([pd.DataFrame([row])], path, About(), Embedded(people=("P01",), network="ArcFace"))


def test_whoever_withdraws_identification_has_no_embeddings_after_the_next_run(
    folder: Path,
) -> None:
    granted = studies.CONSENT + "P01\tidentify\tyes\t\t2\n"
    (folder / "study/consent.tsv").write_text(granted)
    write_config(folder, extraction={"tiers": ["embeddings"]})
    frames = folder / "results/private/frames"
    asked = (frames / "D01_S1").relative_to(folder).as_posix()
    ended = snakemake(folder, asked, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    assert "No embeddings are kept of" not in ended.stdout  # no film is read here
    assert identified(frames) == [["D01", "S1", "P01"]]
    for batch in ("D01_S1", "D09_S1"):
        frames_with_embeddings(frames / batch / "D01_S1.parquet")

    (folder / "study/consent.tsv").write_text(
        granted.replace("identify\tyes\t", "identify\tyes\t4")
    )
    ended = snakemake(folder, asked, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    assert not list(frames.rglob("*.tiers.parquet"))
    assert (frames / "D09_S1/D01_S1.parquet").exists()
    assert identified(frames) == []


def identified(frames: Path) -> object:
    """Say whose embeddings the last extraction of D01 was allowed to keep."""
    entry = json.loads((frames / f"D01_S1{LEDGER_SUFFIX}").read_text(encoding="utf-8"))
    return entry["settings"]["identified"]
