"""Generated schemas and pages agree with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import yaml

from dyads import schemas
from dyads.config import Config, StudySettings
from dyads.ratings.reading import read_instruments
from dyads.ratings.shelf import shelved
from dyads.settings_page import settings_page
from dyads.study.examples import EXAMPLES, INSTRUMENTS_EXAMPLE, STREAM_EXAMPLE, STREAM_PATHS
from dyads.study.optional_tables import OPTIONAL_TABLES
from dyads.study.study import Study, load_study
from dyads.study.tables import STUDY_TABLES

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
    for path in STREAM_PATHS:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(STREAM_EXAMPLE, encoding="utf-8")
    settings = StudySettings(
        name="Example", folder=folder, recordings_folder=folder, groups=("control", "ASD")
    )
    return load_study(settings, recordings_expected=False)


def test_every_table_has_an_example_a_schema_and_a_part_of_the_data_package() -> None:
    names = {*STUDY_TABLES, *OPTIONAL_TABLES}
    path = ROOT / "workflow/schemas/datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    assert set(EXAMPLES) == names
    assert {resource["name"] for resource in package["resources"]} == names
    assert all((ROOT / f"workflow/schemas/{name}.schema.json").is_file() for name in names)


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
    read = {resource["name"]: getattr(example, resource["name"]) for resource in resources}
    for resource in resources:
        name, schema = resource["name"], resource["schema"]
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
    assert all(text in page for text in (*EXAMPLES.values(), INSTRUMENTS_EXAMPLE, STREAM_EXAMPLE))


@pytest.fixture(scope="module")
def instruments() -> jsonschema.Draft202012Validator:
    """The schema of instruments.yaml, as it lies in the folder."""
    path = ROOT / "workflow/schemas/instruments.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "text",
    [
        INSTRUMENTS_EXAMPLE,
        (ROOT / "demo/study/instruments.yaml").read_text(encoding="utf-8"),
        json.dumps(shelved()),
        "mood: {library: panas, missing_share: 0.1}",
    ],
    ids=["example", "demo", "library", "library with a key anew"],
)
def test_instruments_that_are_read_keep_their_schema(
    text: str, instruments: jsonschema.Draft202012Validator
) -> None:
    instruments.validate(json.loads(json.dumps(yaml.safe_load(text))))


@pytest.mark.parametrize(
    "text",
    [
        "mood: {library: panass}",
        "mood: {library: panas, missing_shares: 0.1}",
        "my mood: {library: panas}",
        "mood: {title: M, minimum: 0, scales: {a: {items: [1]}}}",
        "mood: {title: M, minimum: 0, maximum: four, scales: {a: {items: [1]}}}",
        "mood: {title: M, minimum: 0, maximum: 4, scales: {}}",
        "mood: {title: M, minimum: 0, maximum: 4, scales: {a: {items: [great joy]}}}",
        "mood: {title: M, minimum: 0, maximum: 4, scales: {a b: {items: [1]}}}",
    ],
)
def test_instruments_that_are_refused_break_their_schema(
    text: str, instruments: jsonschema.Draft202012Validator, tmp_path: Path
) -> None:
    path = tmp_path / "instruments.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_instruments(path)[0] is None
    assert not instruments.is_valid(yaml.safe_load(text))


def test_the_page_of_settings_speaks_in_words_and_yaml() -> None:
    page = settings_page()
    assert "| `blind` | true or false | `false` |" in page
    assert "| `primary` | list of text | none |" in page
    assert "| `rate_hz` | number, above 0 | `10.0` |" in page
    assert "| `covariates` | list of text | `[age, sex]` |" in page
    assert not re.search(r"FieldInfo|Annotated|NoneType|tuple\[", page)
