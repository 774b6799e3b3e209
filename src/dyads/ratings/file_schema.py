"""Describe `instruments.yaml` as JSON Schema."""

from __future__ import annotations

from typing import Final

from dyads.ratings.instruments import Instruments
from dyads.ratings.shelf import shelved

_ABOUT: Final = "What a study asked: its instruments by name, of the library or of its own."
_OF_LIBRARY: Final = (
    "An instrument of the library by its name there; what is set beside the name counts instead of "
    "what the library says."
)


def instruments_schema() -> dict[str, object]:
    """Describe the file as a study writes it: an instrument may be taken from the library.

    What the schema cannot say is checked when the file is read: that reverse keys are items of
    their scale, and that steps lead from the lowest answer to the highest.
    """
    schema = Instruments.model_json_schema()
    definitions = schema["$defs"]
    whole = definitions["Instrument"]
    library = {"description": "Its name in the library.", "enum": list(shelved())}
    definitions["InstrumentOfLibrary"] = {
        "title": "InstrumentOfLibrary",
        "description": _OF_LIBRARY,
        "type": "object",
        "properties": {"library": library, **whole["properties"]},
        "required": ["library"],
        "additionalProperties": False,
    }
    either = [{"$ref": f"#/$defs/{name}"} for name in ("Instrument", "InstrumentOfLibrary")]
    for named in (schema, whole["properties"]["scales"]):
        named["additionalProperties"] = False
    (name_pattern,) = schema["patternProperties"]
    schema["patternProperties"] = {name_pattern: {"anyOf": either}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "instruments",
        "description": _ABOUT,
    }
