"""Workbooks made from the texts of study tables, whole or with something done to them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

NUMBER = r"-?\d+(\.\d+)?"


def write_workbook(
    path: Path, text: str, change: Callable[[Worksheet], object] | None = None
) -> Path:
    """Write a table as a spreadsheet program keeps it: numbers as numbers, the rest as text.

    Parameters
    ----------
    path
        The file.
    text
        Tab-separated table.
    change
        Called with the sheet before it is saved.
    """
    book = Workbook()
    sheet = book.active
    for line in text.splitlines():
        sheet.append([typed(cell) for cell in line.split("\t")])
    if change is not None:
        change(sheet)
    book.save(path)
    return path


def typed(cell: str) -> str | float | None:
    if re.fullmatch(NUMBER, cell):
        return float(cell) if "." in cell else int(cell)
    return cell or None


def edit_part(path: Path, part: str, old: str, new: str) -> None:
    """Replace a text in a part of a workbook; it must be there once."""
    changed = path.with_suffix(".changed")
    with ZipFile(path) as before, ZipFile(changed, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name).decode()
            if name == part:
                assert content.count(old) == 1, (old, content[:2000])
                content = content.replace(old, new)
            after.writestr(name, content)
    shutil.move(changed, path)
