"""What earlier choices left behind: branches that no specification of this run needs.

They would hold on to people who withdrew, and the audit trail would find them out of date.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dyads.multiverse.specifications import OWN, Multiverse


def left_over(results: Path, multiverse: Multiverse | None, chunks: Collection[str]) -> list[Path]:
    """Find the products of a multiverse that a run would neither make nor overwrite.

    Parameters
    ----------
    results
        Folder of the results.
    multiverse
        The specifications of the run; None: it has none.
    chunks
        Names of its parts of the permutations.

    Returns
    -------
    list of Path
        Files and folders that are there, in alphabetical order.
    """
    kept = {OWN, *chunks, *multiverse.branch_names} if multiverse else set()
    found = [
        path
        for path in (results / "private/multiverse").glob("*/*")
        if path.name.lstrip(".").partition(".")[0] not in kept
    ]
    if multiverse is None:
        shareable = results / "shareable"
        found += [*shareable.glob("multiverse"), *shareable.glob("multiverse.*"),
                  *(shareable / "figures").glob("specification_curve.*")]  # fmt: skip
    return sorted(found)
