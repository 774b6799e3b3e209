"""Seal a run: gather what every step wrote down and hold it against the files as they are.

A step's ledger entry names what went in and came out by SHA-256. Together the entries form a
chain from the recordings to the report, which anybody with the files can follow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel

from dyads.errors import StudyError
from dyads.steps import LEDGER_SUFFIX, FileRecord, LedgerEntry, describe_file
from dyads.tables import write_json, write_text


class SealedStep(BaseModel):
    """A ledger entry without anything that could tell a person or a machine.

    Settings stand as a digest. A file outside the results has a digest and no name, since the
    name of a recording may say who is on it.
    """

    rule: str
    wildcards: dict[str, str]
    started: str
    duration_s: float
    peak_memory_mb: float
    code: str
    settings_sha256: str
    inputs: list[FileRecord]
    outputs: list[FileRecord]
    packages: dict[str, str]
    python: str


class Seal(BaseModel):
    """The end of the chain: how many steps led here, and one digest over all of them."""

    steps: int
    files: int
    ledger_sha256: str
    dyads: str
    python: str


def read_ledger(results: Path) -> list[LedgerEntry]:
    """Read the ledger entries of a run, in the order in which the steps began.

    Raises
    ------
    StudyError
        If there is none.
    """
    entries = [
        LedgerEntry.model_validate_json(path.read_bytes())
        for path in sorted(results.rglob(f"*{LEDGER_SUFFIX}"))
    ]
    if not entries:
        raise StudyError(f"{results}: no step has left a ledger entry. Run the workflow first.")
    return sorted(entries, key=lambda entry: (entry.started, entry.rule, str(entry.wildcards)))


def ledger_of(files: Iterable[str]) -> list[LedgerEntry]:
    """Read the ledger entries of the steps that wrote these files, where they stand beside them."""
    beside = (Path(f"{name}{LEDGER_SUFFIX}") for name in files)
    return [LedgerEntry.model_validate_json(path.read_bytes()) for path in beside if path.is_file()]


def broken_links(entries: Sequence[LedgerEntry], results: Path) -> list[str]:
    """Say where files are no longer what the ledger says, one sentence each.

    A file may have been changed or removed after its step, or a later step may have read
    something else than the earlier one wrote.
    """
    written: dict[str, str] = {}
    faults: list[str] = []
    for entry in entries:
        for record in entry.outputs:
            written[record.path] = record.sha256
            path = _inside(record.path, results)
            if path is None:
                continue
            if not path.exists():
                faults.append(f"{record.path}: written by {entry.rule}, and gone.")
            elif describe_file(path).sha256 != record.sha256:
                faults.append(f"{record.path}: changed after {entry.rule} wrote it.")
    faults += [
        f"{record.path}: {entry.rule} read something else than was written."
        for entry in entries
        for record in entry.inputs
        if written.get(record.path, record.sha256) != record.sha256
    ]
    return faults


def seal(results: Path, folder: Path) -> Seal:
    """Write the audit trail of a run: `ledger.jsonl`, `files.sha256` and `seal.json`.

    The trail ends before itself: an earlier seal's entry is not part of it.

    Parameters
    ----------
    results
        Folder of the run.
    folder
        Where the trail goes.

    Raises
    ------
    StudyError
        If the chain is broken anywhere: every broken link is named.
    """
    entries = [entry for entry in read_ledger(results) if not _is_seal(entry, results, folder)]
    faults = broken_links(entries, results)
    if faults:
        raise StudyError(
            "The results are not what the ledger says; run the named steps again.\n"
            + "\n".join(faults)
        )
    steps = [_without_names(entry, results) for entry in entries]
    lines = [json.dumps(step.model_dump(), ensure_ascii=False, sort_keys=True) for step in steps]
    ledger = "\n".join(lines) + "\n"
    files = {record.path: record.sha256 for step in steps for record in step.outputs}
    sums = "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items()))
    last = entries[-1]
    sealed = Seal(
        steps=len(steps),
        files=len(files),
        ledger_sha256=hashlib.sha256(ledger.encode()).hexdigest(),
        dyads=last.packages.get("dyads", ""),
        python=last.python,
    )
    write_text(ledger, folder / "ledger.jsonl")
    write_text(sums, folder / "files.sha256")
    write_json(sealed, folder / "seal.json")
    return sealed


def _is_seal(entry: LedgerEntry, results: Path, folder: Path) -> bool:
    """Say whether an entry is an earlier seal's: its files were taken away for this one."""
    written = [_inside(record.path, results) for record in entry.outputs]
    return any(path is not None and path.parent == folder for path in written)


def _without_names(entry: LedgerEntry, results: Path) -> SealedStep:
    settings = json.dumps(entry.settings, ensure_ascii=False, sort_keys=True)
    return SealedStep(
        rule=entry.rule,
        wildcards={name: value for name, value in entry.wildcards.items() if name != "film"},
        started=entry.started,
        duration_s=entry.duration_s,
        peak_memory_mb=entry.peak_memory_mb,
        code=entry.code,
        settings_sha256=hashlib.sha256(settings.encode()).hexdigest(),
        inputs=[_shown(record, results) for record in entry.inputs],
        outputs=[_shown(record, results) for record in entry.outputs],
        packages=entry.packages,
        python=entry.python,
    )


def _shown(record: FileRecord, results: Path) -> FileRecord:
    path = _inside(record.path, results)
    if path is None:
        return record.model_copy(update={"path": ""})
    return record.model_copy(update={"path": path.relative_to(results).as_posix()})


def _inside(name: str, results: Path) -> Path | None:
    """Find a file of the ledger below the results folder, if it is there."""
    parts = Path(name).parts
    for top in ("private", "shareable"):
        if top in parts:
            return results.joinpath(*parts[parts.index(top) :])
    return None
