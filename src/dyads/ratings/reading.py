"""Read the instruments of a study, and say of everything wrong in the file where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dyads.ratings.instruments import Instruments
from dyads.ratings.shelf import shelved
from dyads.study.faults import Fault, StudyFaults
from dyads.study.keys import repeated_keys
from dyads.study.text import not_opened

_EXAMPLE: Final = "the study's instruments with their ranges and scales"
_WORDS: Final = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
"""Kinds of keys: a word, and `<<`, which takes in the keys of another part."""


def load_instruments(path: Path) -> Instruments:
    """Read and check the instruments of a study.

    Raises
    ------
    StudyFaults
        With everything that is wrong in the file.
    """
    instruments, faults = read_instruments(path)
    if instruments is None:
        raise StudyFaults(faults)
    return instruments


def read_instruments(path: Path) -> tuple[Instruments | None, list[Fault]]:
    """Read the instruments of a study, or say everything that is wrong with the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        loader = yaml.SafeLoader(text)
    except PermissionError:
        return None, [not_opened(path)]
    except OSError:
        remedy = "Add the file to the folder of the study's tables."
        return None, [Fault(path.name, None, None, None, _EXAMPLE, remedy)]
    except UnicodeDecodeError:
        remedy = "Save the file as UTF-8 text."
        return None, [Fault(path.name, None, None, None, "text in UTF-8", remedy)]
    except yaml.reader.ReaderError as error:
        row = text.count("\n", 0, error.position) + 1
        remedy = "Remove the sign that is not seen, or save the file anew as text."
        return None, [Fault(path.name, row, None, None, "text without control signs", remedy)]
    faults: list[Fault] = []
    try:
        tree = loader.get_single_node()
        if tree is not None:
            faults = [*repeated_keys(path.name, tree), *_unquoted(path.name, tree)]
        content = loader.construct_document(tree) if tree is not None else None
    except yaml.YAMLError as error:
        return None, [_not_yaml(path, error)]
    finally:
        loader.dispose()
    if tree is None:
        return None, [Fault(path.name, None, None, None, _EXAMPLE, "Fill in the file.")]
    content, unknown = _with_library(path.name, tree, content)
    faults += unknown
    try:
        instruments = Instruments.model_validate(content)
    except ValidationError as refusal:
        errors = [it for it in refusal.errors() if it["loc"][-1:] != ("[key]",) or _is_name(it)]
        faults += [_fault(path.name, tree, it) for it in errors if not _follows(it, errors)]
        return None, faults
    return (None, faults) if faults else (instruments, [])


def _with_library(file: str, tree: yaml.Node, content: object) -> tuple[object, list[Fault]]:
    """Put the library's instruments where the study names them; what it says itself counts."""
    if not isinstance(content, dict):
        return content, []
    filled, faults = dict(content), []
    for name, own in content.items():
        if not isinstance(own, dict) or "library" not in own:
            continue
        is_word = isinstance(own["library"], (str, int, float))
        wanted = str(own["library"]) if is_word else ""
        rest = {key: value for key, value in own.items() if key != "library"}
        if wanted in shelved():
            filled[name] = {**shelved()[wanted], **rest}
        else:
            row = _node_at(tree, [name, "library"])[0].start_mark.line + 1
            expected = f"an instrument of the library: {', '.join(shelved())}"
            remedy = "Correct the name, or write the instrument's scales yourself."
            faults.append(Fault(file, row, f"{name}.library", wanted, expected, remedy))
            del filled[name]
    return filled, faults


def _unquoted(file: str, tree: yaml.Node) -> Iterator[Fault]:
    """Find names of instruments and scales that YAML takes for something else, such as `no`."""
    named: list[tuple[tuple[str, ...], yaml.Node]] = [((), tree)]
    for key, below in tree.value if isinstance(tree, yaml.MappingNode) else ():
        for part, scales in below.value if isinstance(below, yaml.MappingNode) else ():
            if part.value == "scales":
                named.append(((str(key.value), "scales"), scales))
    for above, node in named:
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag not in _WORDS:
                where, row = ".".join((*above, str(key.value))), key.start_mark.line + 1
                remedy = "Put it in quotation marks."
                yield Fault(file, row, where, str(key.value), "a word", remedy)


def _is_name(error: ErrorDetails) -> bool:
    """Whether a key is a word at all; those that are none are told by `_unquoted`."""
    return error["type"] != "string_type"


def _not_yaml(path: Path, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    row = None if mark is None else mark.line + 1
    remedy = f"Correct the line ({problem})."
    return Fault(path.name, row, None, None, "text that is YAML", remedy)


def _fault(file: str, tree: yaml.Node, error: ErrorDetails) -> Fault:
    """Turn pydantic's finding into a fault with the line and the text of the file."""
    path = [part for part in error["loc"] if part != "[key]"]
    node, is_whole = _node_at(tree, path)
    where = ".".join(str(part) for part in path) or None
    row = node.start_mark.line + 1
    value = str(node.value) if is_whole and isinstance(node, yaml.ScalarNode) else None
    message = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            return Fault(file, row, where, None, "this key", "Add it.")
        case "extra_forbidden":
            remedy = "Remove it or correct its spelling."
            return Fault(file, row, where, str(path[-1]), "a key that instruments have", remedy)
        case "string_type":
            return Fault(file, row, where, value, "a word", "Put it in quotation marks.")
        case "string_pattern_mismatch":
            found = str(error["input"])
            expected = "a name of letters, digits and _"
            return Fault(file, row, where, found, expected, "Change the name.")
        case "value_error":
            return Fault(file, row, where, None, message, "Correct the entry.")
        case "too_short":
            return Fault(file, row, where, None, "at least one entry", "Fill in the entry.")
        case "model_type" | "dict_type":
            return Fault(file, row, where, value, "keys with their values", "Correct the entry.")
        case "tuple_type":
            remedy = "Write it in brackets, its entries parted by commas."
            return Fault(file, row, where, value, "a list such as [one, two]", remedy)
        case _:
            expected = message.removeprefix("Input should be ").partition(",")[0]
            return Fault(file, row, where, value, expected, "Correct the entry.")


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is only called too short because an entry of it is refused."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in errors
    )


def _node_at(tree: yaml.Node, path: list[int | str]) -> tuple[yaml.Node, bool]:
    """Walk down to the node that a location names, or as far as there are nodes."""
    node = tree
    for part in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            below = next((v for k, v in node.value if str(k.value) == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            below = node.value[part] if part < len(node.value) else None
        if below is None:
            return node, False
        node = below
    return node, True
