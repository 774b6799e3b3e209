"""A study with faults stops before any work, with all of them in one list."""

from __future__ import annotations

from pathlib import Path

import pytest
import studies
import yaml
from face_models import as_hub_file, stand_ins
from runs import demo_folder, snakemake, write_config

from dyads.extraction.published import FACE_MODEL

pytestmark = pytest.mark.workflow

GIVEN = (
    "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
    "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
)
"""Recordings whose frames were read elsewhere, so that no weights are needed."""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """A column, a recording and a person that are not there, and a setting nobody knows."""
    folder = tmp_path_factory.mktemp("faulty")
    studies.write_study(
        folder,
        segments=studies.SEGMENTS.replace("duration_s", "length"),
        ratings=studies.RATINGS.replace("Q01", "Q77"),
    )
    (folder / "recordings/D02/S1.mp4").unlink()
    write_config(folder, cleaning={"rate": 10})
    ended = snakemake(folder, "--configfile", "config.yaml")
    return folder, ended.stdout, ended.returncode


@pytest.mark.parametrize(
    "words",
    [
        ("segments.tsv", "duration_s"),
        ("recordings.tsv", "D02/S1.mp4"),
        ("ratings.tsv", "Q77"),
        ("cleaning.rate", "unknown setting"),
    ],
)
def test_every_fault_is_named_in_the_one_list(
    faulty: tuple[Path, str, int], words: tuple[str, str]
) -> None:
    assert any(all(word in line for word in words) for line in faulty[1].splitlines()), faulty[1]


def test_a_faulty_study_ends_with_an_error_and_writes_nothing(
    faulty: tuple[Path, str, int],
) -> None:
    folder, said, code = faulty
    assert code != 0
    assert "Traceback" not in said
    assert not (folder / "results").exists()


def test_demo_weights_are_refused_for_another_study(tmp_path: Path) -> None:
    # somebody says of their own tables that they are the demo
    studies.write_study(tmp_path)
    write_config(tmp_path)
    settings = yaml.safe_load((tmp_path / "config.yaml").read_text())
    settings["study"]["demo"] = True
    settings["extraction"] = {"weights": "demo"}
    (tmp_path / "theirs.yaml").write_text(yaml.safe_dump(settings))
    ended = snakemake(tmp_path, "--configfile", "theirs.yaml")
    assert ended.returncode != 0
    assert "theirs.yaml: study.demo is true" in ended.stdout
    assert "does not hold the demo study" in ended.stdout
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("variant", ["one dyad fewer", "no partner", "no rating", "frames given"])
def test_every_kind_of_study_has_a_plan(
    tmp_path: Path, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {
        "one dyad fewer": {
            "recordings": "\n".join(
                line for line in studies.RECORDINGS.splitlines() if not line.startswith("D02")
            )
            + "\n"
        },
        "no partner": {
            "sessions": studies.SESSIONS.replace("\tQ02\t", "\t\t"),
            "recordings": studies.RECORDINGS.replace("D02\tS1\tQ02\tD02/S1.mp4\tright\t0\n", ""),
            "participants": studies.PARTICIPANTS.replace("Q02\tpartner\t\tfemale\t\tsouth\n", ""),
            "consent": studies.CONSENT.replace("Q02\tprocess\tyes\t\t2\n", ""),
        },
        "no rating": {"ratings": studies.RATINGS.splitlines()[0] + "\n"},
        "frames given": {"recordings": GIVEN},
    }
    studies.write_study(tmp_path, **changes[variant])
    write_config(tmp_path)
    if variant != "frames given":
        with_weights(tmp_path, monkeypatch)
    ended = snakemake(tmp_path, "--configfile", "config.yaml", "--dry-run", "--quiet", "rules")
    assert ended.returncode == 0, ended.stdout
    assert "fit_models" in ended.stdout.replace(" ", "_")


def test_csv_tables_are_read_and_the_page_says_how(tmp_path: Path) -> None:
    studies.write_study(tmp_path, recordings=GIVEN, ratings=None)
    table = studies.RATINGS.replace(".", ",").replace("\t", ";")
    (tmp_path / "study/ratings.csv").write_text(table, encoding="utf-8-sig")
    write_config(tmp_path)
    page = "results/shareable/study_check.html"
    ended = snakemake(tmp_path, page, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    said = (tmp_path / page).read_text(encoding="utf-8")
    assert "ratings.csv: semicolons, UTF-8, decimal commas" in said


def test_the_demo_has_a_plan_for_every_rule(tmp_path: Path) -> None:
    ended = snakemake(demo_folder(tmp_path), "--dry-run")
    assert ended.returncode == 0, ended.stdout
    for rule in ("render film", "extract frames", "measure synchrony", "figure data flow", "seal"):
        assert rule in ended.stdout


def with_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lock stand-ins for the published weights, where a run started by this test finds them."""
    stand_ins(folder / "cache", folder / "models.lock.yaml")
    monkeypatch.setenv("HF_HUB_CACHE", str(folder / "cache"))


def test_the_licence_of_the_weights_is_said_when_the_study_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies.write_study(tmp_path)
    write_config(tmp_path)
    with_weights(tmp_path, monkeypatch)
    page = "results/shareable/study_check.html"
    ended = snakemake(tmp_path, page, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("They may not be used commercially") == 1
    assert "They may not be used commercially" in (tmp_path / page).read_text(encoding="utf-8")


def test_a_changed_byte_of_the_weights_stops_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies.write_study(tmp_path)
    write_config(tmp_path)
    with_weights(tmp_path, monkeypatch)
    path = as_hub_file(tmp_path / "cache", FACE_MODEL)
    path.write_bytes(path.read_bytes()[::-1])
    ended = snakemake(tmp_path, "--configfile", "config.yaml")
    assert ended.returncode != 0
    assert "SHA-256 is" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert not (tmp_path / "results").exists()
