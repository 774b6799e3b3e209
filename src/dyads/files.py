"""Write files so that none is ever left half-written, and private ones are their owner's alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def is_private(path: str | Path) -> bool:
    """Say whether a result lies in `private/`, which is its owner's alone."""
    return "private" in Path(path).parts


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a name to write to; the file takes its final name when the block ends well.

    In `private/` it is for its owner only, whatever else the step writes.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        unfinished.chmod(0o600 if is_private(final) else 0o666 & ~_umask())
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
