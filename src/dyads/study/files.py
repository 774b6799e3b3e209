"""Check that a study's recordings are where its table says, and inside their folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import pandas as pd

from dyads.study.faults import Fault
from dyads.study.reading import StudyTable


def check_files(
    table: StudyTable,
    folder: Path,
    withheld: pd.Series[bool],
    *,
    recordings_expected: bool,
) -> Iterator[Fault]:
    """Find recordings without a file, and files that do not exist or lie elsewhere.

    Parameters
    ----------
    table
        The recordings table.
    folder
        Folder that all paths start from.
    withheld
        Rows whose files must not be opened. They need not be there: whoever withdraws may have
        had them deleted.
    recordings_expected
        Whether the films of `path` must already be there.
    """
    columns = [
        "dyad_id", "session_id", "person_id", "path", "view", "frames_path", "place", "reference",
    ]  # fmt: skip
    if not set(columns) <= set(table.cells.columns):
        return
    cells = table.cells[columns]
    yield from _shared_views(table)
    yield from _shared_pictures(table)
    yield from _other_names(table, folder)
    yield from table.faults(
        cells["path"].eq("") & cells["frames_path"].eq(""),
        "path",
        "a film, or the output of a detector in frames_path",
        "Enter the path from the recordings folder.",
    )
    if recordings_expected and not folder.is_dir():
        expected = "a folder that exists"
        remedy = "Correct study.recordings_folder in the settings."
        yield Fault(str(folder), None, None, None, expected, remedy)
        return
    inside = folder.resolve()
    for column, is_expected in (
        ("path", recordings_expected),
        ("frames_path", True),
        ("reference", True),
    ):
        opened = set(cells.loc[~withheld, column]) if is_expected else set()
        problems = {
            text: problem
            for text in cells[column].unique()
            if text and (problem := path_problem(inside, text, is_expected=text in opened))
        }
        yield from table.faults(
            cells[column].isin(list(problems)),
            column,
            cells[column].map(problems),
            "Correct the path, which starts at the recordings folder, or put the file there.",
        )


def _other_names(table: StudyTable, folder: Path) -> Iterator[Fault]:
    """One file has one name: who is seen in a film is known by the rows that name it."""
    for column in ("path", "frames_path"):
        first: dict[tuple[int, int], str] = {}
        other: dict[str, str] = {}
        for text in filter(None, table.cells[column].unique()):
            try:
                found = (folder / text).stat()
            except (OSError, ValueError):
                continue
            name = first.setdefault((found.st_dev, found.st_ino), text)
            if name != text:
                other[text] = f"'{name}', by which another row calls this file"
        yield from table.faults(
            table.cells[column].isin(list(other)),
            column,
            table.cells[column].map(other),
            "Write the same path in both rows.",
        )


def _shared_views(table: StudyTable) -> Iterator[Fault]:
    """Two people of a session cannot be the one person in the same view of a film."""
    typed = table.typed
    filmed = typed[typed["path"].ne("") & typed["view"].ne("auto")]
    yield from table.faults(
        filmed.duplicated(["dyad_id", "session_id", "path", "view"]),
        "view",
        "a view that shows nobody else of the session",
        "Name the part of the picture that shows this person: left, right, a box, or auto.",
    )


def _shared_pictures(table: StudyTable) -> Iterator[Fault]:
    """A film in which people are found by themselves shows everybody so, each in their place."""
    film = ["dyad_id", "session_id", "path"]
    filmed = table.typed[table.typed["path"].ne("")]
    is_auto = filmed["view"].eq("auto")
    is_mixed = is_auto.groupby([filmed[name] for name in film]).transform("nunique").gt(1)
    yield from table.faults(
        is_mixed & ~is_auto,
        "view",
        "auto, as for the other person in this film",
        "Give everybody in a film the view auto, or everybody their own part of the picture.",
    )
    placed = filmed[is_auto & filmed["place"].ne("")]
    yield from table.faults(
        placed.duplicated([*film, "place"]),
        "place",
        "the other side of the picture; somebody else of this film has this one",
        "Write left for one of the two and right for the other.",
    )
    for column in ("place", "reference"):
        yield from table.faults(
            ~table.typed["view"].eq("auto") & table.typed[column].ne(""),
            column,
            "an empty cell, because the view is not auto",
            "Empty the cell, or give everybody in this film the view auto.",
        )


def path_problem(
    folder: Path, text: str, *, is_expected: bool, called: str = "recordings folder"
) -> str | None:
    """Say what is wrong with a path from a resolved folder; links are followed first."""
    as_windows = PureWindowsPath(text)
    if PurePosixPath(text).is_absolute() or as_windows.drive or as_windows.root:
        return f"a path from the {called}, not from the root of a disk"
    if "\\" in text:
        return "a path whose folders are parted by /"
    try:
        file = (folder / text).resolve()
        if not file.is_relative_to(folder):
            return f"a file inside the {called}, links followed"
        if is_expected and not file.is_file():
            return "a file that exists"
    except (OSError, ValueError, RuntimeError):
        return "a path that can be opened"
    return None
