"""Faults of a study's own tables, collected so that all of them are told at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

import pandas as pd

from dyads.errors import StudyError

SHOWN_FAULTS: Final = 200
"""A message lists this many faults; a wrong column of a long table would fill the screen."""
SHOWN_SIGNS: Final = 80
"""Of a cell; what is expected may be longer."""
_SHOWN_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file of the study.

    Parameters
    ----------
    file
        Name of the file, such as `ratings.tsv`.
    row
        Number of the row as a spreadsheet shows it (the heading is row 1), or of the line in
        a text file; none if the whole file is meant.
    column
        Column of the table or key of the text file; none if the whole row is meant.
    value
        The cell as it was typed; none if there is no cell to show.
    expected
        What should be there.
    remedy
        What to do, as a sentence.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    expected: str
    remedy: str

    def __str__(self) -> str:
        """One line: where, what was found, what was expected, what to do."""
        row, column = ("line", "key") if self.file.endswith(".yaml") else ("row", "column")
        where = self.file
        if self.row is not None:
            where += f", {row} {self.row}"
        if self.column is not None:
            where += f", {column} {shown(self.column)}"
        found = ""
        if self.value is not None:
            found = f"found '{shown(self.value)}'; " if self.value else "found an empty cell; "
        return f"{where}: {found}expected {told(self.expected)}. {told(self.remedy)}"


class StudyFaults(StudyError):  # noqa: N818 - a list of faults, and called so
    """The study's tables cannot be used as they are.

    Parameters
    ----------
    faults
        Every fault that was found, in the order of files and rows.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(_message(self.faults))


def shown(cell: str) -> str:
    """Give a cell as it can be shown on one line: no signs that steer a screen, not too long."""
    return _on_one_line(cell, SHOWN_SIGNS)


def told(words: str) -> str:
    """Give an expectation or a remedy, which may quote cells, as it can be shown on one line."""
    return _on_one_line(words, _SHOWN_WORDS)


def fault_table(faults: Sequence[Fault]) -> pd.DataFrame:
    """Lay faults out as a table with one row each, for a page or a file."""
    columns = [field.name for field in fields(Fault)]
    table = pd.DataFrame([asdict(fault) for fault in faults], columns=columns)
    return table.astype({"row": "Int64"})


def _on_one_line(text: str, signs_max: int) -> str:
    plain = "".join(sign if sign.isprintable() else "�" for sign in text)
    return plain if len(plain) <= signs_max else plain[: signs_max - 1] + "…"


def _message(faults: Sequence[Fault]) -> str:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines = [f"The study's tables have {count}:"]
    lines += [f"  {fault}" for fault in faults[:SHOWN_FAULTS]]
    untold: dict[str, int] = {}
    for fault in faults[SHOWN_FAULTS:]:
        untold[fault.file] = untold.get(fault.file, 0) + 1
    lines += [f"  {file}: {number} more of these." for file, number in untold.items()]
    return "\n".join(lines)
