"""A film that shows both people goes through the workflow, and so does an answer about it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import studies
from composed_tracks import Actor, World, film
from face_models import stand_ins
from film_making import make_film
from runs import snakemake, write_config

from dyads import tables
from dyads.channels import ChannelType
from dyads.contracts import Frames, Trace
from dyads.tables import About

pytestmark = pytest.mark.workflow

SHARED = studies.RECORDINGS.replace("\tleft\t", "\tauto\t").replace("\tright\t", "\tauto\t")
TRACE = "results/private/traces/D02/S1.parquet"
FRAMES = "results/private/frames/D02_S1"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    consent = studies.CONSENT + "P02\treview_images\tyes\t\t2\nQ02\treview_images\tyes\t\t2\n"
    studies.write_study(tmp_path, recordings=SHARED, consent=consent)
    write_config(tmp_path)
    stand_ins(tmp_path / "cache", tmp_path / "models.lock.yaml")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    make_film(tmp_path / "recordings/D02/S1.mp4", np.arange(200) / 10, size=(720, 1280))
    return tmp_path


def as_if_extracted(folder: Path) -> None:
    """Frames of two faces, as the extraction would have written them after the check."""
    actors = tuple(
        Actor(name, ((0.0, seat), (20.0, seat)))
        for name, seat in (("P02", (300.0, 300.0)), ("Q02", (900.0, 300.0)))
    )
    world = World(actors, duration_s=20.0, broken_per_min=0.0)
    frames, truth = film(world, np.random.default_rng(1))
    frames["AU12"] = np.where(truth.eq("P02"), 0.2, np.where(truth.eq("Q02"), 0.8, np.nan))
    about = About(channel_types={"AU12": ChannelType.PROBABILITY}, detector="made for a test")
    tables.write(frames, folder / FRAMES / "D02_S1.parquet", Frames, about)


def test_only_sessions_with_a_shared_film_assign_people(study: Path) -> None:
    ended = snakemake(study, "--configfile", "config.yaml", "--dry-run")
    assert ended.returncode == 0, ended.stdout
    # of the two sessions, one has a film that shows both people
    assert re.search(r"assign.people\s+1\s", ended.stdout), ended.stdout
    assert re.search(r"clean.frames\s+2\s", ended.stdout)


def test_unknown_faces_are_missing_until_somebody_answers(study: Path) -> None:
    run = ("--configfile", "config.yaml")
    ended = snakemake(study, "results/private/recordings/D02/S1.json", *run)
    assert ended.returncode == 0, ended.stdout
    as_if_extracted(study)
    ended = snakemake(study, TRACE, *run)
    assert ended.returncode == 0, ended.stdout
    trace = tables.read(study / TRACE, Trace)
    assert set(trace["person_id"]) == {"P02", "Q02"}
    assert trace["reason"].eq("unknown_person").mean() > 0.95
    review = pd.read_csv(study / "results/private/people/D02/S1/review.tsv", sep="\t")
    sheet = study / "results/private/people/D02/S1" / review["picture"][0]
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert sheet.stat().st_mode & 0o077 == 0

    answer = review.sort_values("track").iloc[:1].assign(face_of="P02")
    answer.to_csv(study / "study/faces.tsv", sep="\t", index=False)
    ended = snakemake(study, TRACE, *run)
    assert ended.returncode == 0, ended.stdout
    assert "extract_frames" not in ended.stdout.replace(" ", "_")
    trace = tables.read(study / TRACE, Trace)
    # the first track is the left face, which shows 0.2; the other one must be the other person
    means = trace[trace["state"].eq("seen")].groupby("person_id")["AU12"].mean()
    assert means.to_dict() == pytest.approx({"P02": 0.2, "Q02": 0.8})

    answer.assign(first_time_s=1.0).to_csv(study / "study/faces.tsv", sep="\t", index=False)
    ended = snakemake(study, TRACE, *run)
    assert ended.returncode != 0
    assert "Copy whole rows from review.tsv" in ended.stdout
