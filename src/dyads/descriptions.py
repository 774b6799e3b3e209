"""Say of a contract's columns what other descriptions of tables need: type, limits, words."""

from __future__ import annotations

from typing import Final

import pandera.pandas as pa

_JSON_TYPES: Final = {"str": "string", "string": "string", "int": "integer", "float": "number",
                      "bool": "boolean"}  # fmt: skip


def column_property(column: pa.Column) -> dict[str, object]:
    """Describe a cell of a column as JSON Schema."""
    kind: object = _JSON_TYPES.get(column_type(column), "string")
    content: dict[str, object] = {"type": [kind, "null"] if column.nullable else kind}
    if column.description:
        content["description"] = column.description
    for check in column.checks:
        statistics = check.statistics or {}
        if check.name == "isin":
            content["enum"] = sorted(map(str, statistics["allowed_values"]))
        elif check.name == "str_matches":
            pattern = statistics["pattern"]
            content["pattern"] = getattr(pattern, "pattern", pattern)
        elif check.name == "greater_than_or_equal_to":
            content["minimum"] = statistics["min_value"]
        elif check.name == "greater_than":
            content["exclusiveMinimum"] = statistics["min_value"]
        elif check.name == "less_than_or_equal_to":
            content["maximum"] = statistics["max_value"]
    return content


def column_type(column: pa.Column) -> str:
    """Name the type of a column in one word."""
    name = str(column.dtype).lower()
    return next((kind for kind in ("float", "int", "bool", "str") if name.startswith(kind)), name)


def first_line(thing: type) -> str:
    """Give the first line of a class's documentation."""
    return (thing.__doc__ or "").strip().splitlines()[0]
