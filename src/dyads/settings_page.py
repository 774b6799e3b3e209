"""The page that describes every key of the configuration, in words and as YAML writes values."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from dyads.config import Config
from dyads.descriptions import first_line

_WORDS: Final = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
}


def settings_page() -> str:
    """Describe every key of the configuration, with what it takes and its default."""
    lines = [
        "# Settings",
        "",
        "Every key of `config.yaml`. Generated from `src/dyads/config` by `make schemas`.",
        "A key without a default must be given. An unknown key stops the run before any work.",
    ]
    for heading, model in _groups(Config, ""):
        lines += ["", f"## {heading}", "", first_line(model), ""]
        lines += ["| key | takes | default | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{name}` | {_takes(field)} | {default_of(field)} | {field.description or ''} |"
            for name, field in model.model_fields.items()
            if inner_model(field) is None or field.description
        ]
    return "\n".join(lines) + "\n"


def default_of(field: FieldInfo) -> str:
    """Write a key's default as YAML does."""
    if field.default_factory is not None:
        return "none"
    if field.default is PydanticUndefined:
        return "must be given"
    if isinstance(field.default, BaseModel):
        return "see below"
    if field.default is None or field.default == "":
        return "empty"
    plain = to_jsonable_python(field.default)
    if plain == []:
        return "none"
    written = yaml.safe_dump(plain, default_flow_style=True, sort_keys=False, width=1000)
    return f"`{written.splitlines()[0]}`"


def inner_model(field: FieldInfo) -> type[BaseModel] | None:
    """Name the model of a setting, or of what it is a list or mapping of; None: it has none."""
    for part in (field.annotation, *get_args(field.annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _groups(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel]]]:
    if not prefix:
        yield "Top level", model
    for name, field in model.model_fields.items():
        inner = inner_model(field)
        if inner is not None:
            yield f"{prefix}{name}", inner
            yield from _groups(inner, f"{prefix}{name}.")


def _takes(field: FieldInfo) -> str:
    return _words(field.annotation) + _limits(field.metadata)


def _words(kind: Any) -> str:  # an annotation is of no type that could be written down
    """Say what a value may be."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(parts[0]) + _limits(parts[1:])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(part) for part in parts if part is not type(None))
    if origin is tuple:
        return f"list of {_words(parts[0])}"
    if origin is dict:
        names = _words(parts[0]) if get_origin(parts[0]) is Literal else "names of your own"
        return f"{names}, each with: {_words(parts[1])}"
    return _WORDS.get(kind, "keys as below")


def _limits(metadata: Any) -> str:  # what pydantic keeps here has no common type
    """Say between which bounds, and how many at least."""
    said = []
    for one in metadata:
        match one:
            case Gt(gt=limit):
                said.append(f"above {limit}")
            case Ge(ge=limit):
                said.append(f"at least {limit}")
            case Lt(lt=limit):
                said.append(f"below {limit}")
            case Le(le=limit):
                said.append(f"at most {limit}")
            case MinLen(min_length=limit):
                said.append(f"{limit} or more entries")
    return f", {', '.join(said)}" if said else ""
