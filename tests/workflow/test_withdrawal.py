"""What a run does once a consent no longer stands."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import studies
from runs import snakemake, write_config

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
