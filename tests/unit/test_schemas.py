"""Generated schemas and pages agree with the code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dyads import schemas
from dyads.config import Config

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted(schemas.generated()))
def test_a_generated_file_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == schemas.generated()[path], (
        "run `make schemas` and commit what it writes"
    )


def test_no_schema_is_left_behind() -> None:
    there = {path.name for path in (ROOT / "workflow/schemas").iterdir()}
    assert there == {Path(path).name for path in schemas.generated() if "schemas/" in path}


def test_the_configuration_schema_describes_every_setting() -> None:
    schema = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == set(Config.model_fields)
    bare = [
        f"{model}.{name}"
        for model, definition in schema["$defs"].items()
        for name, setting in definition.get("properties", {}).items()
        if "description" not in setting
    ]
    assert bare == []
