"""What to do about an identifier that another table does not have, or that is no plain word."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

import pandas as pd

_FIX: Final = "Correct the identifier, or add it there."
_FIX_ZEROS: Final = (
    "{file} has {known}: a spreadsheet program takes the zeros off identifiers that are numbers. "
    "Format the column as text in both tables, and write the zeros again."
)
_FIX_WRITING: Final = "{file} has {known}: write it in the same way in both tables."
_LOOKS_LIKE: Final = str.maketrans(
    "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
    "\u03b1\u03b2\u03b5\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
    "oli",
    "abe1jkmh0pctyxabeh1kmn0ptyx011",
)
"""Small Cyrillic and Greek letters by the look of their capitals; o, l and i by that of digits."""


def unknown_remedies(unknown: pd.Series[str], known: Iterable[str], file: str) -> pd.Series[str]:
    """Say what to do about identifiers that are not known, most of all if they nearly are.

    Parameters
    ----------
    unknown
        Identifiers, by their row.
    known
        Those of the other table.
    file
        Its name.

    Returns
    -------
    Series
        A sentence or two for each of `unknown`.
    """
    alike: dict[str, set[str]] = {}
    for name in known if len(unknown) else ():
        alike.setdefault(_look(name), set()).add(name)
    twins = {name: alike.get(_look(name), set()) for name in unknown.unique()}
    told = {name: _remedy(name, twin, file) for name, twin in twins.items()}
    return pd.Series([told[name] for name in unknown], index=unknown.index, dtype=object)


def looks_like(names: pd.Series[str], others: Iterable[str]) -> pd.Series[bool]:
    """Say of each identifier whether one of the others can be taken for it at a glance."""
    looks = set(map(_look, others))
    return names.map(_look).isin(looks) if looks else pd.Series(data=False, index=names.index)


def odd_sign(cell: str) -> str:
    """Name the first sign of a cell that is not seen or looks like a letter that it is not.

    Returns
    -------
    str
        A sentence; empty if all signs are those of a plain keyboard.
    """
    sign = next((it for it in cell if not (it.isascii() and it.isprintable())), None)
    if sign is None:
        return ""
    name = unicodedata.name(sign, "").lower() or f"U+{ord(sign):04X}"
    name = "a line break" if sign in "\r\n" else name
    if sign.isprintable():
        return f" It holds '{sign}' ({name}), which is not on a plain keyboard."
    return f" It holds a sign that is not seen ({name}): type it anew."


def _remedy(name: str, twins: set[str], file: str) -> str:
    if len(twins) != 1:
        return _FIX
    (known,) = twins
    is_number = name.isdigit() and known.isdigit()
    return (_FIX_ZEROS if is_number else _FIX_WRITING).format(file=file, known=known)


def _look(name: str) -> str:
    """Write an identifier as it looks at a glance: small, no signs, no zeros before a number."""
    small = unicodedata.normalize("NFKC", name).casefold().translate(_LOOKS_LIKE)
    plain = "".join(sign for sign in small if sign.isalnum())
    return plain.lstrip("0") or plain
