"""The audit trail of a run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from dyads import audit
from dyads.errors import StudyError
from dyads.steps import LEDGER_SUFFIX, LedgerEntry, describe_file


def entry(rule: str, started: str, inputs: list[Path], output: Path) -> None:
    made = LedgerEntry(
        rule=rule,
        wildcards={"dyad": "D01", "film": "Anna"},
        started=started,
        duration_s=1.0,
        peak_memory_mb=100.0,
        threads=1,
        code="abc",
        settings={"recordings": [{"path": "Anna Smith.mp4"}]},
        inputs=[describe_file(path) for path in inputs],
        outputs=[describe_file(output)],
        packages={"dyads": "0.1.0"},
        python="3.11.7",
    )
    Path(f"{output}{LEDGER_SUFFIX}").write_text(made.model_dump_json())


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of two steps: a film becomes frames, and frames become a page."""
    monkeypatch.chdir(tmp_path)
    results = Path("results")
    for folder in ("results/private", "results/shareable", "films"):
        Path(folder).mkdir(parents=True)
    film, frames, page = (
        Path("films/Anna Smith.mp4"),
        results / "private/f",
        results / "shareable/p",
    )
    film.write_text("film")
    frames.write_text("frames")
    page.write_text("page")
    entry("write_report", "2026-01-01T00:00:02", [frames], page)
    entry("extract_frames", "2026-01-01T00:00:01", [film], frames)
    return results


def test_the_trail_has_every_step_in_order_and_a_digest_over_all(results: Path) -> None:
    sealed = audit.seal(results, results / "shareable/audit")
    ledger = (results / "shareable/audit/ledger.jsonl").read_bytes()
    rules = [json.loads(line)["rule"] for line in ledger.splitlines()]
    assert rules == ["extract_frames", "write_report"]
    assert sealed.steps == sealed.files == 2
    assert sealed.ledger_sha256 == hashlib.sha256(ledger).hexdigest()
    sums = (results / "shareable/audit/files.sha256").read_text()
    assert f"{hashlib.sha256(b'page').hexdigest()}  shareable/p\n" in sums


def test_the_trail_tells_no_name_of_a_recording(results: Path) -> None:
    audit.seal(results, results / "shareable/audit")
    for path in (results / "shareable/audit").iterdir():
        assert "Anna" not in path.read_text()


def test_a_file_changed_after_its_step_breaks_the_seal(results: Path) -> None:
    (results / "private/f").write_text("other frames")
    with pytest.raises(StudyError, match="private/f: changed after extract_frames"):
        audit.seal(results, results / "shareable/audit")
    assert not (results / "shareable/audit").exists()


def test_a_file_that_is_gone_breaks_the_seal(results: Path) -> None:
    (results / "shareable/p").unlink()
    with pytest.raises(StudyError, match="written by write_report, and gone"):
        audit.seal(results, results / "shareable/audit")


def test_a_step_that_read_something_else_breaks_the_seal(results: Path) -> None:
    (results / "private/f").write_text("new frames")
    entry("extract_frames", "2026-01-01T00:00:03", [], results / "private/f")
    with pytest.raises(StudyError, match="write_report read something else"):
        audit.seal(results, results / "shareable/audit")


def test_a_run_is_sealed_anew_after_its_last_seal_was_taken_away(results: Path) -> None:
    trail = results / "shareable/audit"
    audit.seal(results, trail)
    entry("seal", "2026-01-01T00:00:03", [results / "shareable/p"], trail / "seal.json")
    (trail / "seal.json").unlink()
    (results / "shareable/p").write_text("new page")
    entry("write_report", "2026-01-01T00:00:04", [results / "private/f"], results / "shareable/p")
    assert audit.seal(results, trail).steps == 2


def test_without_a_run_there_is_nothing_to_seal(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="Run the workflow first"):
        audit.seal(tmp_path, tmp_path / "audit")
