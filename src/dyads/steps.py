"""What every step of the workflow does besides its work: log, seed, threads, ledger, errors."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import resource
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd
from pydantic import BaseModel

from dyads.contracts import Contract
from dyads.errors import StudyError
from dyads.files import is_private, whole_file
from dyads.tables import check

LEDGER_SUFFIX = ".ledger.json"
_PACKAGES = ("dyads", "numpy", "pandas", "pyarrow", "av", "torch", "py-feat", "scipy",
             "statsmodels", "pingouin", "matplotlib")  # fmt: skip

SettingsModel = TypeVar("SettingsModel", bound=BaseModel)


class Files(Protocol):
    """Snakemake's named lists of files."""

    def __iter__(self) -> Iterator[str]: ...
    def __getitem__(self, index: int) -> str: ...
    def __len__(self) -> int: ...
    def __getattr__(self, name: str) -> str: ...
    def get(self, name: str, default: object = None) -> object:
        """Give the item of that name, or the default."""

    def keys(self) -> Sequence[str]:
        """Name the items that have a name."""
        ...


class SnakemakeJob(Protocol):
    """What the object that Snakemake hands to a script offers."""

    input: Files
    output: Files
    log: Files
    params: Files
    wildcards: Files
    threads: int
    rule: str


class Job:
    """A running step: its files, its settings and its threads.

    Parameters
    ----------
    snakemake
        The object that Snakemake hands to a script.
    """

    def __init__(self, snakemake: SnakemakeJob) -> None:
        self.input = snakemake.input
        self.output = snakemake.output
        self.wildcards = snakemake.wildcards
        self.params = snakemake.params
        self.threads = snakemake.threads
        self.rule = snakemake.rule

    def settings(self, model: type[SettingsModel], name: str = "settings") -> SettingsModel:
        """Parse the slice of the settings that the rule hands over as plain data."""
        return model.model_validate(self.params.get(name))

    def rows(self, name: str, contract: type[Contract]) -> pd.DataFrame:
        """Make a table of the rows that the rule hands over as plain data.

        Raises
        ------
        StudyError
            If they do not keep the contract.
        """
        return _table(self.params.get(name), contract, name)

    def parts(self, name: str, contract: type[Contract]) -> list[pd.DataFrame]:
        """Make a table of each group of rows that the rule hands over as plain data."""
        groups = self.params.get(name)
        assert isinstance(groups, list)
        return [_table(rows, contract, name) for rows in groups]

    def figure_files(self) -> dict[str, str]:
        """Name the files of a figure: `pdf`, `svg`, `png` and `csv`."""
        return {form: getattr(self.output, form) for form in ("pdf", "svg", "png", "csv")}


class FileRecord(BaseModel):
    """A file as it was when a step read or wrote it."""

    path: str
    sha256: str
    size_bytes: int


class LedgerEntry(BaseModel):
    """What one step did: enough to check it and to do it again."""

    rule: str
    wildcards: dict[str, str]
    started: str
    duration_s: float
    peak_memory_mb: float
    threads: int
    code: str
    settings: dict[str, object]
    inputs: list[FileRecord]
    outputs: list[FileRecord]
    packages: dict[str, str]
    python: str


@contextmanager
def step(snakemake: SnakemakeJob) -> Iterator[Job]:
    """Run the body of a recipe as one step of the workflow.

    What the body prints goes to the rule's log. The number of threads of the numerical
    libraries is set to the rule's `threads`. When the body ends well, the step's ledger entry
    is written beside its first output. A `StudyError` ends the step with its message and no
    traceback; any other exception leaves its traceback in the log.
    """
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    _use_threads(snakemake.threads)
    os.umask(0o077 if is_private(snakemake.output[0]) else 0o022)
    started, clock = datetime.now(UTC), time.perf_counter()
    with log.open("w", encoding="utf-8", buffering=1) as stream:
        try:
            with redirect_stdout(stream), redirect_stderr(stream):
                logging.basicConfig(
                    stream=stream, level=logging.INFO, format="%(asctime)s %(message)s", force=True
                )
                yield Job(snakemake)
        except StudyError as fault:
            stream.write(f"{fault}\n")
            sys.exit(f"{snakemake.rule}: {fault}")
        except Exception as fault:
            traceback.print_exc(file=stream)
            sys.exit(f"{snakemake.rule} failed: {type(fault).__name__}: {fault}\nSee {log}")
    _write_ledger(snakemake, started, time.perf_counter() - clock)


def digest_file(path: str | Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe_file(path: str | Path) -> FileRecord:
    """Describe a file or folder by its content, and by a path that names no machine.

    Hidden files of a folder do not count: Snakemake leaves one there after the step.
    """
    file = Path(path)
    shown = file if not file.is_absolute() else Path(os.path.relpath(file))
    name = shown.name if ".." in shown.parts else shown.as_posix()
    if file.is_dir():
        parts = sorted(part for part in file.rglob("[!.]*") if part.is_file())
        lines = (f"{digest_file(part)}  {part.relative_to(file).as_posix()}\n" for part in parts)
        return FileRecord(
            path=name,
            sha256=hashlib.sha256("".join(lines).encode()).hexdigest(),
            size_bytes=sum(part.stat().st_size for part in parts),
        )
    return FileRecord(path=name, sha256=digest_file(file), size_bytes=file.stat().st_size)


def _table(rows: object, contract: type[Contract], name: str) -> pd.DataFrame:
    assert isinstance(rows, list)
    columns = None if rows else list(contract.to_schema().columns)
    return check(pd.DataFrame(rows, columns=columns), contract, name)


def _use_threads(threads: int) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)


def _write_ledger(job: SnakemakeJob, started: datetime, duration_s: float) -> None:
    entry = LedgerEntry(
        rule=job.rule,
        wildcards={name: str(job.wildcards.get(name)) for name in job.wildcards.keys()},  # noqa: SIM118
        started=started.isoformat(timespec="seconds"),
        duration_s=round(duration_s, 3),
        peak_memory_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        threads=job.threads,
        code=str(job.params.get("code", "")),
        settings={
            name: _plain(job.params.get(name))
            for name in job.params.keys()  # noqa: SIM118
            if name != "code"
        },
        inputs=[describe_file(path) for path in job.input],
        outputs=[describe_file(path) for path in job.output],
        packages=_versions(),
        python=platform.python_version(),
    )
    with whole_file(job.output[0] + LEDGER_SUFFIX) as unfinished:
        unfinished.write_text(
            json.dumps(entry.model_dump(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        if package.replace("-", "_") in sys.modules or package in ("dyads", "py-feat"):
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                continue
    return found
