"""A multiverse shares what its specifications have in common, and never reads a film again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import studies
from runs import snakemake, write_config

pytestmark = pytest.mark.workflow

RECORDINGS = (
    "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
    "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
)
"""Two sessions whose frames were read elsewhere, so that no weights are needed."""
CHOICES: dict[str, object] = {
    "settings": {"cleaning.rate_hz": [10, 25], "expressions.minimum_seen_share": [0.6, 0.8]},
    "measures": ["level_floor"],
    "covariates": [["age"], ["sex"]],
    "permutations": 30,
    "permutations_per_job": 20,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    studies.write_study(tmp_path, recordings=RECORDINGS)
    return tmp_path


def planned_jobs(folder: Path, *targets: str, **changes: object) -> dict[str, int]:
    """Count the jobs of each rule that a run of a study would have."""
    write_config(folder, **changes)
    ended = snakemake(folder, *targets, "--configfile", "config.yaml", "-n")
    assert ended.returncode == 0, ended.stdout[-3000:]
    lines = re.findall(r"^ *([a-z][a-z_ ]*?) {2,}(\d+) *$", ended.stdout, re.M)
    return {rule.replace(" ", "_"): int(count) for rule, count in lines}


def test_each_branch_is_one_job_a_session_and_films_are_read_once(folder: Path) -> None:
    without = planned_jobs(folder)
    jobs = planned_jobs(folder, multiverse=CHOICES)
    assert without["clean_frames"] == without["measure_expressions"] == 2
    # 24 specifications: two rates, two shares, two measures, three sets of covariates
    assert {rule: count for rule, count in jobs.items() if "multiverse" in rule} == {
        "multiverse_clean_frames": 2,  # the other rate, two sessions
        "multiverse_measure_expressions": 6,  # three more tables of each of two sessions
        "assemble_multiverse": 7,  # two measures of four tables, without the study's own
        "fit_multiverse": 8,
        "permute_multiverse": 2,
        "summarise_multiverse": 1,
    }
    added = {"total", "figure_specification_curve"}
    rest = {rule: count for rule, count in jobs.items() if "multiverse" not in rule}
    assert {rule: count for rule, count in rest.items() if rule not in added} == {
        rule: count for rule, count in without.items() if rule not in added
    }


def test_the_multiverse_is_a_target_of_its_own(folder: Path) -> None:
    jobs = planned_jobs(folder, "multiverse", multiverse={"covariates": [["age"]]})
    assert jobs["fit_multiverse"] == 1
    assert "assemble_multiverse" not in jobs
    assert "write_report" not in jobs


def test_a_choice_that_is_none_stops_before_any_work(folder: Path) -> None:
    write_config(folder, multiverse={"settings": {"extraction.detector": ["MPDetector"]}})
    ended = snakemake(folder, "--configfile", "config.yaml")
    assert ended.returncode != 0
    assert "extraction.detector is no setting that can be chosen here" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert not (folder / "results").exists()
