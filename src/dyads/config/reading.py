"""Read the settings, and say in words what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from reprlib import Repr

import yaml
from pydantic import ValidationError

from dyads.config.whole import Config
from dyads.errors import StudyError

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 200
_SHORT.maxlevel = 3
"""Shows what was found, however deeply aliases nest it."""

_IN_WORDS = {
    "model_type": "Keys with their values should stand here",
    "dict_type": "Keys with their values should stand here",
    "tuple_type": "A list such as [one, two] should stand here",
    "path_type": "A path should stand here; put it in quotation marks if it is a number",
    "too_short": "Too few entries: at least {min_length} should stand here",
}
"""What pydantic says in the words of Python, by its name for it."""


def parse(raw: object, source: str = "config.yaml") -> Config:
    """Check settings that were read as plain data.

    Parameters
    ----------
    raw
        The settings as nested mappings, lists and scalars.
    source
        Name of the file for the message.

    Raises
    ------
    StudyError
        With every fault of the settings, one a line.
    """
    try:
        return Config.model_validate(raw)
    except ValidationError as faults:
        raise StudyError("\n".join(_sentence(source, fault) for fault in faults.errors())) from None


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises
    ------
    StudyError
        If the file is missing, is not YAML or says something it may not say.
    """
    return parse(read(path), path.name)


def read(path: Path) -> object:
    """Read a configuration file as plain data.

    Raises
    ------
    StudyError
        If the file is missing or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise StudyError(f"{path}: no such file. Name the configuration of your study.") from None
    except UnicodeDecodeError as fault:
        row = fault.object.count(b"\n", 0, fault.start) + 1
        raise StudyError(f"{path}, line {row}: no text in UTF-8. Save the file as UTF-8.") from None
    except yaml.YAMLError as fault:
        raise StudyError(f"{path}: not readable as YAML: {fault}") from None


def _sentence(source: str, fault: object) -> str:
    assert isinstance(fault, dict)
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{source}: {where}: unknown setting. Remove it or correct its spelling."
    if fault["type"] == "missing":
        return f"{source}: {where}: missing. Every study must say this."
    found = "" if isinstance(fault["input"], dict) else f" (found: {_SHORT.repr(fault['input'])})"
    message = _IN_WORDS.get(fault["type"], str(fault["msg"])).removeprefix("Value error, ")
    message = message.format(**fault.get("ctx", {})) if fault["type"] in _IN_WORDS else message
    return f"{source}: {where or 'settings'}: {message}{found}."
