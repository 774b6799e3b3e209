"""Describe the study tables as a Frictionless data package, for programs that read those.

References
----------
Data Package, version 2. https://datapackage.org
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandera.pandas as pa
from pandera.api.pandas.container import DataFrameSchema

from dyads.contracts import Contract
from dyads.descriptions import column_property, first_line
from dyads.study.columns import ANSWERS
from dyads.study.text import UNKNOWN

_PROFILES: Final = "https://datapackage.org/profiles/2.0"
_PEOPLE: Final = ("participant_id", "partner_id", "person_id")
_SESSION: Final = ["dyad_id", "session_id"]
_CONSTRAINTS: Final = ("pattern", "enum", "minimum", "maximum", "exclusiveMinimum")


def data_package(title: str, tables: Mapping[str, type[Contract]]) -> dict[str, object]:
    """Describe tab-separated tables that lie beside the description.

    Parameters
    ----------
    title
        Title of the study.
    tables
        Contract of each table by its name; the file is that name with `.tsv`.

    Returns
    -------
    dict
        The content of a `datapackage.json`.
    """
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "title": title,
        "resources": [
            {
                "$schema": f"{_PROFILES}/dataresource.json",
                "name": name,
                "type": "table",
                "path": f"{name}.tsv",
                "description": first_line(contract),
                "format": "tsv",
                "encoding": "utf-8",
                "dialect": {"delimiter": "\t"},
                "schema": _table_schema(name, contract.to_schema()),
            }
            for name, contract in tables.items()
        ],
    }


def _table_schema(name: str, schema: DataFrameSchema) -> dict[str, object]:
    columns = schema.columns
    is_closed = bool(schema.strict)
    has_optional = any(not column.required for column in columns.values())
    content: dict[str, object] = {
        "fieldsMatch": ("superset" if has_optional else "equal") if is_closed else "partial",
        "missingValues": ["", *UNKNOWN],
        "fields": [_field(column) for column in columns.values()],
        "primaryKey": list(schema.unique or []),
        "foreignKeys": _foreign_keys(name, list(columns)),
    }
    # a key may have an empty cell in it (a rating of the whole session), which a primary key
    # of a data package may not
    if any(_may_be_empty(columns[column]) for column in schema.unique or []):
        content["uniqueKeys"] = [content.pop("primaryKey")]
    return {key: value for key, value in content.items() if value}


def _field(column: pa.Column) -> dict[str, object]:
    described = column_property(column)
    kind = described["type"]
    limits: dict[str, object] = {key: described[key] for key in _CONSTRAINTS if key in described}
    if column.required and not _may_be_empty(column):
        limits = {"required": True, **limits}
    field = {
        "name": column.name,
        "type": kind[0] if isinstance(kind, list) else kind,
        "description": column.description or "",
        "constraints": limits,
    }
    if field["type"] == "boolean":
        words = {answer: [word for word, means in ANSWERS.items() if means is answer]
                 for answer in (True, False)}  # fmt: skip
        field |= {"trueValues": words[True], "falseValues": words[False]}
    return {key: value for key, value in field.items() if value != {}}


def _may_be_empty(column: pa.Column) -> bool:
    """Whether a cell may be empty: its column is nullable, or text that no pattern fills."""
    described = column_property(column)
    pattern = str(described.get("pattern", ""))
    is_free_text = described["type"] == "string" and "enum" not in described and (
        not pattern or pattern.endswith("*$")
    )  # fmt: skip
    return bool(column.nullable) or is_free_text


def _foreign_keys(name: str, columns: list[str]) -> list[dict[str, object]]:
    keys: list[dict[str, object]] = []
    if name != "participants":
        keys += [
            {"fields": [column],
             "reference": {"resource": "participants", "fields": ["participant_id"]}}
            for column in columns
            if column in _PEOPLE
        ]  # fmt: skip
    if name != "sessions" and set(_SESSION) <= set(columns):
        keys.append({"fields": _SESSION, "reference": {"resource": "sessions", "fields": _SESSION}})
    return keys
