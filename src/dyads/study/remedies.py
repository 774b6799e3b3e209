"""What to do about a cell that should hold a number and does not, from how it looks."""

from __future__ import annotations

import re
from typing import Final

from dyads.study.layout import Layout

MISSING_LIKE: Final = r"-?(?:9{2,}|8{2,}|7{2,})|-[6789]"
"""Numbers that questionnaires and statistics programs use for `no answer`."""

_REMEDIES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), remedy)
    for pattern, remedy in (
        (
            r"[\u2010-\u2015\u2212]\s*\d+(?:[.,]\d+)?",
            "Write the minus sign as a hyphen: the one here is another sign.",
        ),
        (r"[+-]?\d+,\d+", "Write the decimal sign as a point."),
        (
            r"[+-]?\d{1,3}(?:[ ',.\u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?",
            "Write the number without signs between its thousands.",
        ),
        (
            r"[\u2019']\s*[+-]?[\d.,]+|=?\"+[+-]?[\d.,]+\"+",
            "This is a number kept as text: remove the sign before it.",
        ),
        (r"=.*", "This is a formula: save the table with values instead of formulas."),
        (
            r"#(?:N/A|NV|REF|VALUE|WERT|NAME|DIV/0|NUM|NULL|BEZUG)[!?]?",
            "A formula of the spreadsheet failed here: mend it there, or leave the cell empty.",
        ),
        (
            r"nan|na|n\.?a\.?|null|none|nil|missing|unknown|\.|-{1,3}|\u2013|\?+",
            "Leave the cell empty if there is nothing to enter.",
        ),
        (r"\d+:\d{2}(?::\d{2})?(?:\.\d+)?", "Write the time as seconds: 1:30 is 90."),
        (r"[+-]?\d+(?:\.\d+)?\s*%", "Write the number without the per cent sign."),
        (
            r"[+-]?\d+(?:\.\d+)?\s*(?:years?|yrs?|y|seconds?|secs?|s|min|ms|hz|fps|mg|months?|m)",
            "Write the number alone, in the unit of the column.",
        ),
    )
)


_TEXT_IN_WORKBOOK: Final = (
    "This is a number kept as text: choose 'Convert to number' beside the cell, or type it again "
    "in a cell formatted as a number."
)
_DATE_IN_WORKBOOK: Final = (
    "If a number was typed, the spreadsheet program took it for a date: format the cell as a "
    "number and type it again."
)


def number_remedy(cell: str, otherwise: str, layout: Layout) -> str:
    """Say what to do about a cell that is no number.

    Parameters
    ----------
    cell
        The cell as it was typed.
    otherwise
        What to do about any other cell of its column.
    layout
        How the file is laid out.
    """
    if layout.workbook and re.fullmatch(r"[+-]?\d+,\d+", cell):
        return _TEXT_IN_WORKBOOK
    if layout.workbook and re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", cell):
        return f"{otherwise} {_DATE_IN_WORKBOOK}"
    if layout.decimal == ",":
        if re.fullmatch(r"[+-]?\d+\.\d+", cell):
            return "Write the decimal sign as a comma, as in the other cells of this file."
        cell = cell.replace(".", " ").replace(",", ".")
    return next((remedy for look, remedy in _REMEDIES if look.fullmatch(cell)), otherwise)


def coded_remedy(cell: str, otherwise: str) -> str:
    """Say what to do about a number that its column cannot hold; it may stand for `missing`."""
    if not re.fullmatch(MISSING_LIKE, cell):
        return otherwise
    return (
        f"If {cell} stands for a missing value, leave the cell empty or name {cell} in "
        "study.missing_codes of the settings; otherwise correct it."
    )
