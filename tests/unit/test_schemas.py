"""Generated schemas and pages agree with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from dyads import schemas
from dyads.config import Config, StudySettings
from dyads.study.examples import EXAMPLES, INSTRUMENTS_EXAMPLE
from dyads.study.study import Study, checked_tables, load_study

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


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The examples of the tables, read as the one study that they are."""
    folder = tmp_path_factory.mktemp("example")
    for name, text in EXAMPLES.items():
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    (folder / "instruments.yaml").write_text(INSTRUMENTS_EXAMPLE, encoding="utf-8")
    settings = StudySettings(
        name="Example", folder=folder, recordings_folder=folder, groups=("control", "ASD")
    )
    return load_study(settings, recordings_expected=False)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_row_of_an_example_keeps_the_json_schema_of_its_table(
    name: str, example: Study
) -> None:
    path = ROOT / f"workflow/schemas/{name}.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
    table = getattr(example, name).drop(columns="row", errors="ignore")
    assert not table.empty
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        validator.validate(row)
        assert not validator.is_valid({**row, next(iter(row)): "no identifier!"})


def test_the_examples_keep_the_data_package(example: Study) -> None:
    path = ROOT / "workflow/schemas/datapackage.json"
    resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
    read = checked_tables(example)
    assert set(EXAMPLES) <= {resource["name"] for resource in resources}
    for resource in resources:
        name, schema = resource["name"], resource["schema"]
        if name not in EXAMPLES:
            continue
        for field in schema["fields"]:
            limits = field.get("constraints", {})
            cells = read[name][field["name"]]
            assert not limits.get("required") or cells.notna().all()
            texts = cells.dropna().astype(str)
            assert all(map(re.compile(limits.get("pattern", "")).search, texts))
            assert "enum" not in limits or texts.isin(limits["enum"]).all()
        for key in schema.get("uniqueKeys", [schema.get("primaryKey")]):
            assert not read[name].duplicated(key).any()
        for key in schema.get("foreignKeys", []):
            there = key["reference"]
            left = pd.MultiIndex.from_frame(read[name][key["fields"]])
            right = pd.MultiIndex.from_frame(read[there["resource"]][there["fields"]])
            assert left.isin(right).all()


def test_every_example_is_on_the_page_of_the_tables() -> None:
    page = schemas.generated()["docs/tables.md"]
    assert all(text in page for text in (*EXAMPLES.values(), INSTRUMENTS_EXAMPLE))
