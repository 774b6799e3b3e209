"""The command line says what it did, and one clear line where it could not."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from face_models import as_hub_file, stand_ins
from test_readiness import configuration

from dyads import cli
from dyads.errors import StudyError
from dyads.extraction.published import FACE_MODEL
from dyads.extraction.weights import Lock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(configuration(tmp_path)), encoding="utf-8")
    return path


def test_the_program_is_the_one_that_the_project_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["dyads"].partition(":")
    assert getattr(importlib.import_module(module), name) is cli.main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "weights"),
        ((), "find everything that is wrong"),
        (("init",), "Nothing is ever overwritten"),
        (("check",), "private/study_check.html"),
        (("weights",), "fetch"),
        (("weights", "fetch"), "models.lock.yaml"),
        (("weights", "check"), "--cache DIR"),
    ],
)
def test_help_is_there_at_every_level(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    assert said in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["init", str(tmp_path / "file/my")]) == 1
    said = capsys.readouterr().err
    assert "file/my" in said
    assert "cannot be read or written" in said
    assert said.count("\n") == 1


def test_faults_are_told_also_where_their_page_cannot_be_written(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    raw = {**yaml.safe_load(config.read_text()), "results": str(tmp_path / "file"), "seed": 1}
    config.write_text(yaml.safe_dump(raw))
    assert cli.main(["check", "--config", str(config)]) == 1
    said = capsys.readouterr().err
    assert "the page cannot be written" in said
    assert "seed: unknown setting" in said


def test_check_names_every_file_and_its_licence(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_ins(tmp_path / "cache", tmp_path / "models.lock.yaml")
    words = ["weights", "check", "--config", str(config), "--cache", str(tmp_path / "cache")]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    assert "face_multitask_v28.safetensors: as locked" in said
    assert "model.safetensors: as locked" in said
    assert "may not be used commercially" in said


def test_a_changed_file_ends_with_one_line_and_status_1(config: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    stand_ins(cache, tmp_path / "models.lock.yaml")
    path = as_hub_file(cache, FACE_MODEL)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    words = ["weights", "check", "--config", str(config), "--cache", str(cache)]
    ended = subprocess.run(
        [sys.executable, "-m", "dyads.cli", *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "SHA-256 is" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_fetch_says_what_came_and_how_a_run_finds_it(
    config: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stub(detector: str, lock: Path, cache: Path) -> Lock:
        assert detector == "Detectorv2"
        return stand_ins(cache, lock)

    monkeypatch.setattr(cli, "fetch", stub)
    cache = tmp_path / "cache"
    assert cli.main(["weights", "fetch", "--config", str(config), "--cache", str(cache)]) == 0
    said = capsys.readouterr().out
    assert (tmp_path / "models.lock.yaml").is_file()
    assert f"Locked in {tmp_path / 'models.lock.yaml'}" in said
    assert f"HF_HUB_CACHE={cache}" in said
    assert "may not be used commercially" in said


def test_a_fetch_that_fails_ends_with_status_1(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StudyError("The hub is far away.")

    monkeypatch.setattr(cli, "fetch", fail)
    assert cli.main(["weights", "fetch", "--config", str(config)]) == 1
    assert capsys.readouterr().err == "The hub is far away.\n"


@pytest.mark.parametrize("action", ["fetch", "check"])
def test_the_demo_needs_no_weights(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["weights", action, "--config", str(ROOT / "config.yaml")]) == 0
    assert "comes with the source" in capsys.readouterr().out


def test_a_configuration_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["weights", "check", "--config", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml: no such file" in capsys.readouterr().err
