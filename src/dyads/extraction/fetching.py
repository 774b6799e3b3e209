"""Fetch the weights of a detector from the hub, once. Nothing else here uses a network."""

from __future__ import annotations

from pathlib import Path

from dyads.errors import StudyError
from dyads.extraction.published import NEEDED, PublishedFile
from dyads.extraction.weights import Lock, LockedFile, digest, read_lock, write_lock


def fetch(detector: str, lock_path: Path, cache: Path | None = None) -> Lock:
    """Fetch every file that a detector needs, and lock what came.

    A file that the lock names already is fetched at its commit and must have its bytes, so
    that another machine gets the same weights. Any other is fetched at the newest commit.
    The lock is written when every file is there.

    Parameters
    ----------
    detector
        Name of the detector in the settings.
    lock_path
        The study's `models.lock.yaml`; need not exist.
    cache
        Folder in which the files are kept, laid out as the hub's cache. None: the user's own.

    Returns
    -------
    Lock
        What was written.

    Raises
    ------
    StudyError
        If the hub cannot be reached or lacks a file, or if what came is not what the lock or
        the hub announces. The lock stays as it was.
    """
    before = read_lock(lock_path) if lock_path.exists() else Lock(files=())
    fetched = tuple(_fetch(one, before.entry(one), cache) for one in NEEDED[detector])
    names = {(one.repository, one.file) for one in fetched}
    others = tuple(one for one in before.files if (one.repository, one.file) not in names)
    lock = Lock(files=(*fetched, *others))
    write_lock(lock, lock_path)
    return lock


def _fetch(published: PublishedFile, locked: LockedFile | None, cache: Path | None) -> LockedFile:
    from huggingface_hub import hf_hub_download

    name = f"{published.file} of {published.repository}"
    try:
        if locked is None:
            commit, expected = _newest(published)
        else:
            commit, expected = locked.commit, locked.sha256
        path = Path(
            hf_hub_download(published.repository, published.file, revision=commit, cache_dir=cache)
        )
    except Exception as fault:
        # No network, no repository, no file: the client's errors have no ancestor of their own.
        said = (str(fault).strip() or type(fault).__name__).splitlines()[0].rstrip(".")
        raise StudyError(
            f"{name} could not be fetched: {said}. Look whether this machine reaches "
            "huggingface.co, and try again."
        ) from None
    found = digest(path)
    if expected not in (None, found):
        raise StudyError(
            f"{name}, commit {commit[:12]}: SHA-256 is {found}, expected {expected}. The lock was "
            f"not written. Delete {path.resolve()} and fetch again; if it happens again, do not "
            "use the file."
        )
    return LockedFile(
        repository=published.repository,
        commit=commit,
        file=published.file,
        sha256=found,
        size_bytes=path.stat().st_size,
        licence=published.licence,
        commercial_use=published.commercial_use,
        trained_on=published.trained_on,
    )


def _newest(published: PublishedFile) -> tuple[str, str | None]:
    """Ask the hub for the newest commit, and for the SHA-256 it announces where it does."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(published.repository, revision="main", files_metadata=True)
    if info.sha is None:
        raise ValueError("the hub names no commit.")
    announced = next(
        (one.lfs for one in info.siblings or [] if one.rfilename == published.file), None
    )
    return info.sha, announced.sha256 if announced else None
