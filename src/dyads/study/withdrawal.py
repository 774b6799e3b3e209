"""What an earlier run made from people whose consent no longer stands, and nothing replaces."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from dyads.extraction.tiers import TIERS_SUFFIX, embedded_in
from dyads.extraction.unfinished import STATE_NAME, FilmState

_SESSION: Final = ["dyad_id", "session_id"]
_BATCHES: Final = ("frames", "unfinished")
_OF_RATINGS: Final = {
    "judgements": (
        "shareable/ratings/judgements.csv",
        "shareable/figures/judgements.",
        "private/cohort/judgements.parquet",
        "private/cohort/judgement_persons.parquet",
    ),
    "moments": (
        "shareable/ratings/moments.csv",
        "private/cohort/moments.parquet",
        "private/cohort/moment_persons.parquet",
    ),
    "continuous": (
        "shareable/ratings/continuous.csv",
        "shareable/figures/continuous.",
        "private/cohort/continuous_persons.parquet",
    ),
}
"""What is made of the ratings of the whole study, by the name of its table of groups."""


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
        for kind in ("*", "logs/*", "benchmarks/*", "multiverse/*/*", "logs/*/*", "benchmarks/*/*"):
            found.update(private.glob(f"{kind}/{dyad_id}/{session_id}"))
            found.update(private.glob(f"{kind}/{dyad_id}/{session_id}.*"))
    for dyad_id, session_id in sessions:
        found.update(_old_batches(private, f"{dyad_id}_{session_id}", batches))
    if not shows_a_dyad:
        found.update((results / "shareable/figures").glob("paired_traces.*"))
    return sorted(found)


def embeddings_without_leave(
    results: Path, recordings: pd.DataFrame, identified: pd.DataFrame
) -> list[Path]:
    """Find the embeddings of people who do not, or no longer, let them be kept.

    Parameters
    ----------
    results
        Folder of the results.
    recordings
        All recordings of the study (`dyad_id`, `session_id`).
    identified
        Recordings whose people may be identified (`dyad_id`, `session_id`, `person_id`).

    Returns
    -------
    list of Path
        Files of tiers, and what a killed job left of a session, in alphabetical order. The run
        makes anew what it may make.
    """
    private = results / "private"
    found: set[Path] = set()
    for dyad_id, session_id in set(recordings[_SESSION].itertuples(index=False, name=None)):
        is_own = identified["dyad_id"].eq(dyad_id) & identified["session_id"].eq(session_id)
        leave = set(identified.loc[is_own, "person_id"])
        session = f"{dyad_id}_{session_id}"
        for file in private.glob(f"frames/*/{session}{TIERS_SUFFIX}"):
            if not _people_in_tiers(file) <= leave:
                found.add(file)
        for state in private.glob(f"unfinished/*/{session}/*/{STATE_NAME}"):
            if not _people_in_parts(state) <= leave:
                found.add(state.parents[1])
    return sorted(found)


def unasked_ratings(results: Path, made: Collection[str]) -> list[Path]:
    """Find what an earlier run made of ratings in time or of the other one, and this one does not.

    A person whose consent no longer stands may have been the only one of a session, or of the
    study, who rated so; then nothing replaces what was made of it.

    Parameters
    ----------
    results
        Folder of the results.
    made
        Tables of sessions and of groups that the run makes, as paths.

    Returns
    -------
    list of Path
        Files that are there, each once, in alphabetical order.
    """
    wanted = {Path(name) for name in made}
    found: set[Path] = set()
    for kind in ("moments", "continuous", "agreement"):
        files = set((results / "private" / kind).glob("*/*.parquet")) - wanted
        found.update(part for file in files for part in file.parent.glob(f"{file.name}*"))
    for kind, names in _OF_RATINGS.items():
        if results / f"shareable/ratings/{kind}.csv" not in wanted:
            found.update(part for name in names for part in results.glob(f"{name}*"))
    if not any(file.parent.name == "ratings" for file in wanted):
        found.update((results / "private").glob("ratings_of_*.parquet*"))
    return sorted(found)


def remove(paths: Iterable[Path]) -> None:
    """Delete files and folders; a link is deleted and what it leads to is not."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _people_in_tiers(file: Path) -> set[str]:
    try:
        return set(embedded_in(file).people)
    except (OSError, pa.ArrowInvalid, ValidationError):
        return set()


def _people_in_parts(state: Path) -> set[str]:
    try:
        return set(FilmState.model_validate_json(state.read_text("utf-8")).embeddings_of)
    except (OSError, ValidationError):
        return set()


def _old_batches(private: Path, session: str, batches: Collection[str]) -> Iterator[Path]:
    for kind in _BATCHES:
        for held in [*private.glob(f"{kind}/*/{session}"), *private.glob(f"{kind}/*/{session}.*")]:
            batch = held.parent
            if batch.name not in batches:
                yield batch
                yield from batch.parent.glob(f"{batch.name}.*")
                for kept in ("logs", "benchmarks"):
                    yield from private.glob(f"{kept}/*/{batch.name}")
