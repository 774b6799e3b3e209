"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dyads.files import whole_file


def test_a_failed_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with whole_file(path) as unfinished:
            unfinished.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_its_owners_alone_whatever_else_the_step_writes(tmp_path: Path) -> None:
    for place in ("private", "shareable"):
        with whole_file(tmp_path / place / "table.csv") as unfinished:
            unfinished.write_text("1", encoding="utf-8")
    assert (tmp_path / "private/table.csv").stat().st_mode & 0o077 == 0
    # A report is to be read by others too.
    assert (tmp_path / "shareable/table.csv").stat().st_mode & 0o044 == 0o044
