"""What an earlier run made from people whose consent no longer stands, and nothing replaces."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

_SESSION: Final = ["dyad_id", "session_id"]
_BATCHES: Final = ("frames", "unfinished")


def left_behind(
    results: Path,
    withheld: pd.DataFrame,
    recorded: pd.DataFrame,
    batches: Collection[str],
    *,
    shows_a_dyad: bool,
) -> list[Path]:
    """Find the products that a run would neither make nor overwrite, and that must not stay.

    What the run makes again is replaced by the run. Left behind are the products of sessions
    none of whose recordings may be opened, folders of frames that are named after such a
    session, and the figure of a single dyad if there is no dyad to show.

    Parameters
    ----------
    results
        Folder of the results.
    withheld
        Recordings that must not be opened (`dyad_id`, `session_id`).
    recorded
        Sessions that the run works on (`dyad_id`, `session_id`).
    batches
        Folders of frames that the run makes.
    shows_a_dyad
        Whether the run draws the figure of a single dyad.

    Returns
    -------
    list of Path
        Files and folders that are there, each once, in alphabetical order.
    """
    private = results / "private"
    sessions = set(withheld[_SESSION].itertuples(index=False, name=None))
    closed = sessions - set(recorded[_SESSION].itertuples(index=False, name=None))
    found: set[Path] = set()
    for dyad_id, session_id in closed:
        for kind in ("*", "logs/*", "benchmarks/*"):
            found.update(private.glob(f"{kind}/{dyad_id}/{session_id}"))
            found.update(private.glob(f"{kind}/{dyad_id}/{session_id}.*"))
    for dyad_id, session_id in sessions:
        found.update(_old_batches(private, f"{dyad_id}_{session_id}", batches))
    if not shows_a_dyad:
        found.update((results / "shareable/figures").glob("paired_traces.*"))
    return sorted(found)


def remove(paths: Iterable[Path]) -> None:
    """Delete files and folders; a link is deleted and what it leads to is not."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _old_batches(private: Path, session: str, batches: Collection[str]) -> Iterator[Path]:
    for kind in _BATCHES:
        for held in [*private.glob(f"{kind}/*/{session}"), *private.glob(f"{kind}/*/{session}.*")]:
            batch = held.parent
            if batch.name not in batches:
                yield batch
                yield from batch.parent.glob(f"{batch.name}.*")
                for kept in ("logs", "benchmarks"):
                    yield from private.glob(f"{kept}/*/{batch.name}")
