"""A study of frames that py-feat made earlier goes the same way."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from news import BAD, GOOD, RATE_HZ, both_s, write_news_study
from runs import ROOT, snakemake

from dyads import tables
from dyads.contracts import Cohort, Frames
from dyads.recordings import clock

DATA = Path(os.environ.get("DYADS_REAL_DATA", ROOT.parent / "shared/data")) / "pyfeat_news"

COHORT = "results/private/cohort/cohort.parquet"
PAGES = "results/private/report"

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data folder {DATA} is not there"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The study of each of py-feat's two schemas, run to its analysis rows."""
    found = {}
    for detector in ("detector_v2", "detector_v1"):
        folder = tmp_path_factory.mktemp(detector)
        write_news_study(folder, DATA / detector)
        ended = snakemake(folder, COHORT, PAGES, "--configfile", "config.yaml")
        assert ended.returncode == 0, ended.stdout[-4000:]
        found[detector] = folder / "results"
    return found


def test_both_schemas_give_the_same_channels(runs: dict[str, Path]) -> None:
    columns = [
        set(tables.read(results / "private/frames/D1_S1/D1_S1.parquet", Frames).columns)
        for results in runs.values()
    ]
    assert {"AU12", "AU43", "happiness", "neutral"} <= columns[0]
    assert columns[0] - {"valence", "arousal"} == columns[1]


def test_times_come_from_the_rate_that_was_given(runs: dict[str, Path]) -> None:
    # every second frame was read, at 25 frames a second
    for results in runs.values():
        frames = tables.read(results / "private/frames/D1_S1/D1_S1.parquet", Frames)
        steps = frames.groupby("person_id")["time_s"].diff().dropna()
        assert steps.to_numpy() == pytest.approx(0.08)


def test_every_clip_is_analysed(runs: dict[str, Path]) -> None:
    for results in runs.values():
        rows = tables.read(results / "private/cohort/cohort.parquet", Cohort)
        assert len(rows) == 8
        assert rows["exclusion"].eq("").all()
        assert set(rows["x"]) == {1.0, 9.0}


def test_a_dyads_page_says_what_cannot_be_known(runs: dict[str, Path]) -> None:
    for results in runs.values():
        page = (results / "private/report/D1.html").read_text(encoding="utf-8")
        assert "The file carries no times" in page
        assert "25 frames per second" in page
        assert "demo weights" not in page


def test_without_a_frame_rate_the_run_says_that_it_must_be_given(tmp_path: Path) -> None:
    write_news_study(tmp_path, DATA / "detector_v2", frame_rate_hz=None)
    ended = snakemake(tmp_path, "results/private/clock/D1/S1.json", "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    left_out = clock.load(tmp_path / "results/private/clock/D1/S1.json").left_out
    assert all("frame_rate_hz" in one.sentence for one in left_out.values())
    assert left_out


def test_good_news_are_shown_with_more_smiling_by_as_much_as_the_files_say(
    runs: dict[str, Path],
) -> None:
    for detector, results in runs.items():
        rows = tables.read(results / "private/cohort/cohort.parquet", Cohort)
        clips = {
            9.0: [smile(DATA / detector, *pair) for pair in zip(GOOD, BAD, strict=True)],
            1.0: [smile(DATA / detector, *pair) for pair in zip(BAD, GOOD, strict=True)],
        }
        shown = rows.groupby("x")["e"].mean()
        assert shown[9.0] - shown[1.0] == pytest.approx(
            np.mean(clips[9.0]) - np.mean(clips[1.0]), abs=0.03
        )


def smile(clips: Path, name: str, other: str) -> float:
    """Mean of AU12 straight from the file of a clip, as far as the clip beside it reaches."""
    frames = pd.read_csv(clips / f"{name}.csv", usecols=["frame", "AU12"])
    until = both_s(clips, name, other) * RATE_HZ
    return float(frames.loc[frames["frame"] < until, "AU12"].mean())
