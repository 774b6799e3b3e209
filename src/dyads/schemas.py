"""Write what the code knows about settings and tables as JSON Schemas and pages.

`python -m dyads.schemas ROOT` renews `ROOT/workflow/schemas/*.schema.json`,
`ROOT/docs/settings.md`, `tables.md` and `instruments.md`; a test holds them against the code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandera.pandas as pa
from pydantic import BaseModel

from dyads import contracts
from dyads.config import Config
from dyads.contracts import Contract
from dyads.datapackage import data_package
from dyads.descriptions import column_property, column_type, first_line
from dyads.ratings.file_schema import instruments_schema
from dyads.ratings.instruments import Instrument, Scale
from dyads.ratings.library_page import library_page
from dyads.settings_page import default_of, settings_page
from dyads.study.examples import EXAMPLES, INSTRUMENTS_EXAMPLE, STREAM_EXAMPLE
from dyads.study.optional_tables import OPTIONAL_TABLES, Stream
from dyads.study.tables import STUDY_TABLES

STAGE_TABLES: Final[Mapping[str, type[Contract]]] = {
    "frames": contracts.Frames,
    "frames (tiers)": contracts.FaceTiers,
    "people": contracts.People,
    "traces": contracts.Trace,
    "speech": contracts.Speech,
    "expressions": contracts.Expressions,
    "synchrony": contracts.Synchrony,
    "ratings (scores)": contracts.Scores,
    "ratings_items": contracts.ScoredItems,
    "reliability (scales)": contracts.ScaleReliability,
    "reliability (items)": contracts.ItemReliability,
    "reliability (retest)": contracts.RetestReliability,
    "cohort": contracts.Cohort,
    "flow": contracts.Flow,
    "sets": contracts.MatchedSets,
    "checks (without_dyad)": contracts.WithoutDyad,
    "checks (residuals)": contracts.Residuals,
    "checks (random_effects)": contracts.RandomEffects,
    "persons": contracts.PersonCongruence,
    "groups": contracts.GroupCongruence,
    "multiverse (fits)": contracts.SpecificationFits,
    "multiverse (permutations)": contracts.PermutedCurves,
    "profiles": contracts.PersonProfiles,
    "ratings_of_moments (scores)": contracts.MomentScores,
    "moments": contracts.Moments,
    "judgements": contracts.Judgements,
    "moment_persons, judgement_persons": contracts.PersonAgreement,
    "continuous": contracts.ContinuousTrace,
    "agreement": contracts.ContinuousAgreement,
    "continuous_persons": contracts.PersonContinuous,
    "shareable/ratings/*.csv": contracts.GroupAgreement,
}

_TABLES: Final[Mapping[str, type[Contract]]] = {**STUDY_TABLES, **OPTIONAL_TABLES}

_HANDED_IN: Final = (
    "One file for each table in the study's folder, its first row the column names, in any",
    "order. `ratings.tsv` is tab-separated; `ratings.csv` is separated by commas or semicolons",
    "(what yields the known headings counts), and where semicolons part the cells a number may",
    "have a decimal comma. Text is UTF-8, with or without a byte order mark, or UTF-16 with one;",
    "anything else is refused with the line that shows it. How each file was understood stands on",
    "the page of the study check. Two files for one table are a fault.",
    "",
    "A table may also be a workbook, `ratings.xlsx` or `.xlsm`: its first visible sheet is read.",
    "The page names that sheet, other filled ones, which are not read, and hidden rows and",
    "columns, which count like the others; it may be shared, so give sheets names that anybody",
    "may read. Values are those that were saved: formulas are not worked out, macros not run and",
    "links to other files not followed. Merged cells, errors such as `#N/A` and formulas without",
    "a saved value are faults; so is a number that the program took for a date. Format",
    "identifiers as text, or it takes off their zeros: 007 becomes 7. A workbook may have",
    "200,000 rows, and takes about forty times as long as text: keep long tables as text. .xls,",
    ".xlsb, .ods and .numbers are refused: save them as .xlsx or 'CSV UTF-8'.",
    "",
    "An empty cell or `n/a` means that nothing is known. Codes such as 999 are refused unless",
    "`study.missing_codes` names them. Words that differ in capitals or blanks alone (`Happy` and",
    "`happy` as labels, sexes or covariates) are a fault, since they would count as two kinds.",
    "Films that must not be opened for want of consent need not be there. `dyads check --config",
    "my/config.yaml` finds what is wrong, all of it at once. The JSON Schema of each table and of",
    "`instruments.yaml`, and a Frictionless data package of all tables, are in",
    "`workflow/schemas/`. A package names files, so the one that `dyads init` writes has only the",
    "tables of every study: add the parts on `faces` and `continuous` where a study has these.",
    "",
    "**Times after the end of the films** are found by `dyads check` and when a run starts: a",
    "segment or a rated moment that ends more than a second after every recording of its session",
    "has ended, on the session clock. Films are asked how long they are for this; none is decoded,",
    "and none that must not be opened is touched, so that sessions, recordings and consent must be",
    "without any other fault first. It is told only where it is certain: where all recordings of",
    "the session are films that may be opened, and each has an `offset_s` or is the session's only",
    "one. Where an offset is to be found from the sound, or frames were read elsewhere, only the",
    "run knows: its quality page then shows how many seconds of each segment were not filmed, and",
    "a segment without any film is left out as `segment outside the recording`. A film that cannot",
    "be opened is told by the run as well. The demo's films are painted by the run and not asked.",
)


def generated() -> dict[str, str]:
    """Give the text of every generated file by its path from the project's folder."""
    files = {
        "workflow/schemas/config.schema.json": _json(Config.model_json_schema()),
        "docs/settings.md": settings_page(),
        "docs/tables.md": tables_page(),
        "docs/instruments.md": library_page(),
        "workflow/schemas/datapackage.json": _json(data_package("A study", _TABLES)),
        "workflow/schemas/instruments.schema.json": _json(instruments_schema()),
        "workflow/schemas/stream.schema.json": _json(table_schema("stream", Stream)),
    }
    for name, contract in _TABLES.items():
        files[f"workflow/schemas/{name}.schema.json"] = _json(table_schema(name, contract))
    return files


def table_schema(name: str, contract: type[Contract]) -> dict[str, object]:
    """Describe a row of a table as JSON Schema."""
    schema = contract.to_schema()
    required = [column.name for column in schema.columns.values() if column.required]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": first_line(contract),
        "type": "object",
        "properties": {
            str(column.name): column_property(column)
            for column in schema.columns.values()
            if not column.regex
        },
        "patternProperties": {
            str(column.name): column_property(column)
            for column in schema.columns.values()
            if column.regex
        },
        "required": required,
        "additionalProperties": not bool(schema.strict),
    }


def tables_page() -> str:
    """Describe every column of the study tables and of the tables between stages."""
    lines = [
        "# Tables",
        "",
        "Generated by `make schemas` from `src/dyads/study/tables.py`,",
        "`src/dyads/study/optional_tables.py` and `src/dyads/contracts`.",
        "Times are seconds on the session clock; identifiers are letters and digits.",
        "",
        "# What a study hands in",
        "",
        *_HANDED_IN,
        *study_tables_sections(),
    ]
    lines += ["", "# What passes between stages", "", "Parquet files under `results/private/`."]
    for name, contract in STAGE_TABLES.items():
        lines += _table_section(name, contract)
    return "\n".join(lines) + "\n"


def study_tables_sections() -> list[str]:
    """Describe the columns of the study tables, each with an example, as lines of Markdown."""
    lines = []
    for name, contract in _TABLES.items():
        lines += _table_section(f"{name}.tsv", contract)
        lines += ["", "```", *EXAMPLES[name].splitlines(), "```"]
    lines += _table_section("A file that continuous.tsv names", Stream)
    lines += ["", "```", *STREAM_EXAMPLE.splitlines(), "```"]
    lines += ["", "## instruments.yaml", ""]
    lines += ["What was asked: instruments by name, each with the keys below. `library` stands for"]
    lines += ["all of them ([the library](instruments.md)); any may be set anew beside it."]
    lines += ["", "```yaml", *INSTRUMENTS_EXAMPLE.splitlines(), "```"]
    for title, model in (("An instrument", Instrument), ("A scale", Scale)):
        lines += ["", f"### {title}", "", first_line(model), "", *_keys(model)]
    return lines


def _keys(model: type[BaseModel]) -> list[str]:
    """Describe the keys of an instrument or of a scale."""
    return [
        "| key | default | meaning |",
        "|---|---|---|",
        *(
            f"| `{name}` | {default_of(field)} | {field.description} |"
            for name, field in model.model_fields.items()
        ),
    ]


def _table_section(title: str, contract: type[Contract]) -> list[str]:
    rows = [
        f"| `{_escaped(str(column.name))}` | {column_type(column)} | "
        f"{'yes' if column.nullable else 'no'} | {_meaning(column)} |"
        for column in contract.to_schema().columns.values()
    ]
    return ["", f"## {title}", "", first_line(contract), "",
            "| column | type | may be empty | meaning |", "|---|---|---|---|", *rows]  # fmt: skip


def _meaning(column: pa.Column) -> str:
    parts = [column.description or ""]
    limits = {key: value for key, value in column_property(column).items()
              if key not in ("type", "description")}  # fmt: skip
    if "enum" in limits:
        values = limits.pop("enum")
        assert isinstance(values, list)
        parts.append("One of " + ", ".join(f"`{value}`" for value in values if value) + ".")
    words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above"}
    bounds = ", ".join(f"{words[key]} {value}" for key, value in limits.items() if key in words)
    parts.append(f"{bounds.capitalize()}." if bounds else "")
    return " ".join(part for part in parts if part)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in generated().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
