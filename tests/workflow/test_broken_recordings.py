"""Recordings that cannot be used are data: the rest of the study is analysed and says so."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from other_programs import pyfeat_2
from runs import ROOT, snakemake, write_config

from dyads import tables
from dyads.contracts import Cohort, LeftOutPeople
from dyads.recordings.clock import NOT_ON_CLOCK, RECORDING_REFUSED

pytestmark = pytest.mark.workflow

DYADS = ("D02", "D03", "D04", "D05", "D09", "D11", "D17", "D19")
BROKEN = {
    ("D03", "S1", "P03"): b"",
    ("D02", "S1", "P02"): b"\x00\x01 not a table",
    ("D02", "S1", "Q02"): b"frame,AU12\n",
}
PRODUCTS = (
    "results/private/cohort/left_out.parquet",
    "results/private/report",
    "results/shareable/figures/data_flow.csv",
)
UNPLACED = ("D04", "S1", "Q04")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's tables with frames that were read elsewhere, some of them broken."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "study").mkdir()
    for table in (ROOT / "demo/study").iterdir():
        if table.suffix == ".tsv":
            rows = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False)
            if "dyad_id" in rows:
                rows = rows[rows["dyad_id"].isin(DYADS)]
            if table.stem == "recordings":
                rows = _given(rows, folder / "recordings")
            rows.to_csv(folder / "study" / table.name, sep="\t", index=False)
        else:
            (folder / "study" / table.name).write_bytes(table.read_bytes())
    write_config(
        folder,
        study={
            "name": "A study with broken recordings",
            "folder": "study",
            "recordings_folder": "recordings",
            "groups": ["control", "ASD", "SCZ"],
        },
        extraction={"sessions_per_job": 12},
        synchrony={"window_s": 3.0, "step_s": 1.0, "lag_s": 1.0},
    )
    ended = snakemake(folder, *PRODUCTS, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    return folder


def _given(rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    rows = rows.assign(
        frames_path=[f"{d}_{s}_{p}.csv" for d, s, p in zip(
            rows["dyad_id"], rows["session_id"], rows["person_id"], strict=True)],
        path="",
        frame_rate_hz="10",
    )  # fmt: skip
    folder.mkdir()
    for key, name in zip(
        rows[["dyad_id", "session_id", "person_id"]].itertuples(index=False, name=None),
        rows["frames_path"],
        strict=True,
    ):
        rng = np.random.default_rng(zlib.crc32("".join(key).encode()))
        frames = pyfeat_2(240).assign(AU12=rng.uniform(0, 1, 24).repeat(10))
        frames.to_csv(folder / name, index=False)
        if key in BROKEN:
            (folder / name).write_bytes(BROKEN[key])
    is_unplaced = rows["person_id"].eq(UNPLACED[2]) & rows["session_id"].eq(UNPLACED[1])
    return rows.assign(offset_s=rows["offset_s"].mask(is_unplaced, ""))


def test_the_run_ends_well_and_names_who_was_left_out_and_why(folder: Path) -> None:
    left = tables.read(folder / "results/private/cohort/left_out.parquet", LeftOutPeople)
    found = {(row.dyad_id, row.session_id, row.person_id): row.reason for row in left.itertuples()}
    assert found == {**dict.fromkeys(BROKEN, RECORDING_REFUSED), UNPLACED: NOT_ON_CLOCK}
    assert not left["sentence"].str.contains(str(folder), regex=False).any()


def test_only_the_rows_of_these_people_are_excluded_for_it(folder: Path) -> None:
    cohort = tables.read(folder / "results/private/cohort/cohort.parquet", Cohort)
    reasons = cohort["exclusion"].isin([RECORDING_REFUSED, NOT_ON_CLOCK])
    keys = ["dyad_id", "session_id", "person"]
    assert set(cohort.loc[reasons, keys].itertuples(index=False, name=None)) == {
        *BROKEN,
        UNPLACED,
    }
    others = cohort[~cohort[keys].apply(tuple, axis=1).isin([*BROKEN, UNPLACED])]
    assert others["e"].notna().any()


def test_the_figure_counts_them_and_the_dyads_page_says_what_to_do(folder: Path) -> None:
    flow = (folder / "results/shareable/figures/data_flow.csv").read_text(encoding="utf-8")
    assert RECORDING_REFUSED in flow
    page = (folder / "results/private/report/D03.html").read_text(encoding="utf-8")
    assert "D03_S1_P03.csv" in page
    unplaced = (folder / "results/private/report/D04.html").read_text(encoding="utf-8")
    assert "Enter offset_s" in unplaced
