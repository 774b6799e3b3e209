"""The lock of the published weights, and the only way from it to a file that may be loaded.

`models.lock.yaml` lies beside the study's configuration and names each file of weights by
repository, commit and SHA-256. A file is given out where exactly these bytes lie in a local
cache of the hub, and not otherwise: there is no other name, no other version and no network.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dyads.errors import StudyError
from dyads.extraction.published import NEEDED, CommercialUse, PublishedFile
from dyads.files import whole_file

LOCK_NAME: Final = "models.lock.yaml"
"""Name of the lock, beside the study's configuration."""

_HEADING: Final = """\
# The weights of this study, written by `dyads weights fetch`. Keep it with the study's tables:
# a run stops where a byte of a file differs.
"""
_FETCH: Final = "Run `dyads weights fetch` once, where there is a network."


class LockedFile(BaseModel):
    """A file of weights, down to its bytes, and the terms on which it is published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    file: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=0)]
    licence: str
    commercial_use: CommercialUse
    trained_on: str


class Lock(BaseModel):
    """Every file of weights that a study uses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[LockedFile, ...]

    def entry(self, published: PublishedFile) -> LockedFile | None:
        """Look a published file up by its repository and name."""
        wanted = (published.repository, published.file)
        return next((one for one in self.files if (one.repository, one.file) == wanted), None)


def lock_beside(configuration: Path) -> Path:
    """Name the lock that belongs to a configuration."""
    return configuration.with_name(LOCK_NAME)


def read_lock(path: Path) -> Lock:
    """Read a lock.

    Raises
    ------
    StudyError
        If there is none, or if it is not what `dyads weights fetch` writes.
    """
    try:
        return Lock.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise StudyError(
            f"{path}: no such file, so nobody knows which weights this study uses. {_FETCH}"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise StudyError(f"{path}: cannot be read: {fault}. {_remake(path)}") from None
    except ValidationError as faults:
        raise StudyError(
            "\n".join(
                f"{path}: {'.'.join(map(str, fault['loc'])) or 'the lock'}: {fault['msg']}. "
                f"{_remake(path)}"
                for fault in faults.errors()
            )
        ) from None


def write_lock(lock: Lock, path: Path) -> None:
    """Write a lock, all of it or nothing."""
    text = yaml.safe_dump(lock.model_dump(), sort_keys=False, allow_unicode=True, width=98)
    with whole_file(path) as unfinished:
        unfinished.write_text(_HEADING + text, encoding="utf-8")


def verified(
    detector: str,
    lock: Path,
    caches: Sequence[Path] | None = None,
    *,
    with_digest: bool = True,
) -> dict[PublishedFile, Path]:
    """Find the weights of a detector, byte for byte as the lock says. Nothing is fetched.

    Parameters
    ----------
    detector
        Name of the detector in the settings.
    lock
        The study's `models.lock.yaml`.
    caches
        Folders laid out as the hub's cache. None: those of :func:`usual_caches`.
    with_digest
        False looks at commit and size alone, which takes no time.

    Returns
    -------
    dict
        Where each file lies.

    Raises
    ------
    StudyError
        If the lock does not name a file, or if the file is not there, in another version or
        changed: every fault a line.
    """
    entries = read_lock(lock)
    folders = usual_caches() if caches is None else caches
    found, faults = {}, []
    for published in NEEDED[detector]:
        try:
            found[published] = _file(published, entries, lock, folders, with_digest=with_digest)
        except StudyError as fault:
            faults.append(str(fault))
    if faults:
        raise StudyError("\n".join(faults))
    return found


def usual_caches() -> list[Path]:
    """Name the folders in which fetched weights may lie: the hub's cache and py-feat's own."""
    from importlib.util import find_spec

    from huggingface_hub.constants import HF_HUB_CACHE

    feat = find_spec("feat")
    own = [Path(feat.origin).parent / "resources"] if feat and feat.origin else []
    return [Path(HF_HUB_CACHE), *own]


@contextmanager
def offline() -> Iterator[None]:
    """Keep the hub's client from the network, whoever calls it in between.

    Its own switch is read from the environment when it is first imported, so it is turned
    here as well.
    """
    from huggingface_hub import constants

    name = "HF_HUB_OFFLINE"
    before, in_environment = constants.HF_HUB_OFFLINE, os.environ.get(name)
    os.environ[name] = "1"
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        if in_environment is None:
            del os.environ[name]
        else:
            os.environ[name] = in_environment


def refuse_pickle(path: Path) -> None:
    """Stop before a file is loaded that could run a program.

    Raises
    ------
    StudyError
        If the name is not that of a safetensors file: py-feat would unpickle it.
    """
    if path.suffix != ".safetensors":
        raise StudyError(
            f"{path}: weights must be a .safetensors file. Other formats can hold a program that "
            "runs when they are opened, so none of them is opened."
        )


def stamp_of(face_model: Path) -> str:
    """Read the words that every product of these weights must carry; mostly none."""
    from safetensors import safe_open

    with safe_open(face_model, framework="numpy") as stored:
        metadata: Mapping[str, str] = stored.metadata() or {}
    return metadata.get("stamp", "")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _file(
    published: PublishedFile,
    lock: Lock,
    lock_path: Path,
    caches: Sequence[Path],
    *,
    with_digest: bool,
) -> Path:
    from huggingface_hub import try_to_load_from_cache

    entry = lock.entry(published)
    if entry is None:
        raise StudyError(
            f"{lock_path}: does not name {published.file} of {published.repository}, which the "
            f"detector needs. {_FETCH}"
        )
    for cache in caches:
        found = try_to_load_from_cache(
            entry.repository, entry.file, cache_dir=cache, revision=entry.commit
        )
        if isinstance(found, str):
            path = Path(found)
            _compare(path, entry, with_digest=with_digest)
            return path
    raise StudyError(
        f"The weights {entry.file} of {entry.repository}, commit {entry.commit[:12]}, are not on "
        f"this machine (looked in {', '.join(map(str, caches))}). {_FETCH}"
    )


def _compare(path: Path, entry: LockedFile, *, with_digest: bool) -> None:
    remedy = (
        f"The file was changed or damaged, and it is not loaded. Delete {path.resolve()} and run "
        "`dyads weights fetch`; if it happens again, ask whoever looks after this machine."
    )
    size = path.stat().st_size
    if size != entry.size_bytes:
        raise StudyError(f"{path}: {size} bytes, expected {entry.size_bytes}. {remedy}")
    if with_digest and (found := digest(path)) != entry.sha256:
        raise StudyError(f"{path}: SHA-256 is {found}, expected {entry.sha256}. {remedy}")


def _remake(path: Path) -> str:
    return f"Restore it, or delete {path.name} and run `dyads weights fetch`."
