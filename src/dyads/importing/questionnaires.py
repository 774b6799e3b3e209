"""Write down what a data dictionary tells of the instruments that a mapping names."""

from __future__ import annotations

from typing import Final

import yaml

from dyads.importing.dictionary import Dictionary, RedcapField
from dyads.importing.mapping import Mapping, RatingRows
from dyads.ratings.shelf import shelved

_HEADING: Final = """\
# Instruments of the study. An instrument of the library takes its scales and keys from there.
# Of the others REDCap knows the items and their range, and no scales: each item stands for
# itself here. Put the items of a scale together, and name those that are keyed the other way
# round under `reverse`.
"""
_SLIDER: Final = (0.0, 100.0)
"""Range of REDCap's sliders where none is set."""


def instruments_text(mapping: Mapping, dictionary: Dictionary) -> str:
    """Write the instruments of a mapping as `instruments.yaml`.

    A range that the dictionary does not tell, or that differs between items, is left out, so that
    the check of the study asks for it.
    """
    described: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(rows.instrument for rows in mapping.ratings):
        parts = [rows for rows in mapping.ratings if rows.instrument == name]
        described[name] = (
            {"library": name} if name in shelved() else _described(name, parts, dictionary)
        )
    return _HEADING + yaml.safe_dump(described, sort_keys=False, allow_unicode=True)


def _described(name: str, parts: list[RatingRows], dictionary: Dictionary) -> dict[str, object]:
    items = {item: (column, rows) for rows in parts for column, item in rows.items.items()}
    ranges = set()
    for column, rows in items.values():
        field = dictionary.of_column(column)
        ranges.add(None if field is None else _range(field, rows.recode))
    known = ranges.pop() if len(ranges) == 1 else None
    entry: dict[str, object] = {"title": name}
    if known is not None:
        entry |= {"minimum": known[0], "maximum": known[1]}
    entry["scales"] = {
        item if item[0].isalpha() else f"item_{item}": {"items": [item]} for item in items
    }
    return entry


def _range(field: RedcapField, recode: dict[str, str]) -> tuple[float, float] | None:
    points = [recode.get(code, code) for code in field.choices]
    if field.is_ticked:
        points = ["0", "1"]
    if not points:
        points = [field.minimum, field.maximum]
        if field.kind == "slider" and points == ["", ""]:
            return _SLIDER
    try:
        numbers = [float(point) for point in points]
    except ValueError:
        return None
    return min(numbers), max(numbers)
