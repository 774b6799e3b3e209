"""What every step does besides its work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from dyads.errors import StudyError
from dyads.steps import LEDGER_SUFFIX, describe_file, digest_file, step


class Named(list[str]):
    """Snakemake's list of files, some of which have names."""

    def __init__(self, **items: Any) -> None:
        super().__init__(items.values())
        self._items = items

    def __getattr__(self, name: str) -> Any:
        return self._items[name]

    def get(self, name: str, default: object = None) -> object:
        return self._items.get(name, default)

    def keys(self) -> list[str]:
        return list(self._items)


class FakeSnakemake:
    rule = "double"
    threads = 1

    def __init__(self, folder: Path) -> None:
        (folder / "in.txt").write_text("2")
        self.input = Named(number=str(folder / "in.txt"))
        self.output = Named(number=str(folder / "private" / "out.txt"))
        self.log = Named(log=str(folder / "logs" / "log.txt"))
        self.params = Named(settings={"factor": 2}, code="abc")
        self.wildcards = Named(dyad="D01")


class Factor(BaseModel):
    factor: int


@pytest.fixture
def snakemake(tmp_path: Path) -> FakeSnakemake:
    return FakeSnakemake(tmp_path)


def run(snakemake: FakeSnakemake) -> None:
    with step(snakemake) as job:  # type: ignore[arg-type]
        print("working")
        number = int(Path(job.input.number).read_text()) * job.settings(Factor).factor
        Path(job.output.number).parent.mkdir()
        Path(job.output.number).write_text(str(number))


def test_the_ledger_entry_tells_what_went_in_and_out(snakemake: FakeSnakemake) -> None:
    run(snakemake)
    entry = json.loads(Path(snakemake.output[0] + LEDGER_SUFFIX).read_text())
    assert entry["rule"] == "double"
    assert entry["wildcards"] == {"dyad": "D01"}
    assert entry["settings"] == {"settings": {"factor": 2}}
    assert entry["code"] == "abc"
    assert entry["inputs"][0]["sha256"] == digest_file(snakemake.input[0])
    assert entry["outputs"][0]["sha256"] == digest_file(snakemake.output[0])
    assert Path(snakemake.output[0]).read_text() == "4"


def test_the_ledger_names_no_folder_of_the_machine(
    snakemake: FakeSnakemake, tmp_path: Path
) -> None:
    run(snakemake)
    assert str(tmp_path) not in Path(snakemake.output[0] + LEDGER_SUFFIX).read_text()


def test_what_the_step_prints_goes_to_its_log(
    snakemake: FakeSnakemake, capsys: pytest.CaptureFixture[str]
) -> None:
    run(snakemake)
    assert Path(snakemake.log[0]).read_text() == "working\n"
    assert capsys.readouterr().out == ""


def test_expected_trouble_is_one_line_and_no_traceback(snakemake: FakeSnakemake) -> None:
    with pytest.raises(SystemExit) as ending, step(snakemake):  # type: ignore[arg-type]
        raise StudyError("D01: no face. Look at the film.")
    assert str(ending.value) == "double: D01: no face. Look at the film."
    assert Path(snakemake.log[0]).read_text() == "D01: no face. Look at the film.\n"
    assert not Path(snakemake.output[0] + LEDGER_SUFFIX).exists()


def test_a_fault_of_the_program_leaves_its_traceback_in_the_log(
    snakemake: FakeSnakemake,
) -> None:
    with pytest.raises(SystemExit) as ending, step(snakemake):  # type: ignore[arg-type]
        raise ZeroDivisionError
    assert ending.value.code not in (0, None)
    assert "Traceback" in Path(snakemake.log[0]).read_text()


def test_private_results_are_for_their_owner_only(snakemake: FakeSnakemake) -> None:
    run(snakemake)
    assert Path(snakemake.output[0]).parent.stat().st_mode & 0o077 == 0


def test_a_folder_is_known_by_what_is_in_it_and_how_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = describe_file(tmp_path).sha256
    (tmp_path / ".snakemake_timestamp").write_text("")
    assert describe_file(tmp_path).sha256 == before
    (tmp_path / "a").rename(tmp_path / "b")
    assert describe_file(tmp_path).sha256 != before
