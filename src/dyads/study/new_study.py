"""The folder of a new study: tables with headings only, settings with every key, what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from textwrap import wrap
from typing import Final, get_args

import yaml
from pydantic import BaseModel

from dyads.config import Config
from dyads.datapackage import data_package
from dyads.descriptions import first_line
from dyads.errors import StudyError
from dyads.ratings.shelf import shelved
from dyads.schemas import study_tables_sections
from dyads.settings_page import inner_model
from dyads.study.examples import EXAMPLES
from dyads.study.tables import STUDY_TABLES
from dyads.tables import write_text

_COMMENT_SIGNS: Final = 96
_FORMULA: Final = (
    "e ~ group * x_w + group * emotion + x_pm + segment + age + sex + (1 + x_w | person)"
)
_PAIRS: Final = [
    {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"},
    {"emotion": "sadness", "instrument": "feelings", "scale": "sadness", "channel": "AU15"},
]
_MODELS: Final = {
    "congruence": {
        "title": "Does expression follow experience differently between groups?",
        "formula": _FORMULA,
        "rows": "participants",
        "compare": "slopes",
        "variable": "x_w",
        "correction": "holm",
    }
}


def write_new_study(folder: Path) -> list[Path]:
    """Write the files of a new study.

    Parameters
    ----------
    folder
        A folder that is not there yet, or empty. Settings name it as it is given here.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    StudyError
        If there is something in the folder already: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            f"{folder}: there is something already, and nothing is overwritten. Name a folder "
            "that is not there yet."
        )
    texts = new_study_files(folder)
    for name, text in texts.items():
        write_text(text, folder / name)
    (folder / "recordings").mkdir()
    return [folder / name for name in texts]


def new_study_files(folder: Path) -> dict[str, str]:
    """Give the text of every file of a new study by its path from the study's folder."""
    package = json.dumps(data_package(folder.resolve().name, STUDY_TABLES), indent=2)
    return {
        "README.md": _readme(folder),
        "config.yaml": config_text(folder),
        **{f"tables/{name}.tsv": _headings(name) for name in STUDY_TABLES},
        "tables/instruments.yaml": _instruments(),
        "tables/README.md": "\n".join(["# The tables of this study", *study_tables_sections(), ""]),
        "tables/datapackage.json": f"{package}\n",
    }


def config_text(folder: Path) -> str:
    """Write settings for a new study: every key with its meaning and its default.

    Parameters
    ----------
    folder
        The study's folder, as seen from where the analysis is started.
    """
    place = folder.as_posix()
    given = {
        "study": {
            "name": folder.resolve().name,
            "folder": f"{place}/tables",
            "recordings_folder": f"{place}/recordings",
            "groups": ["control", "ASD"],
        },
        "results": f"{place}/results",
        "congruence": {"pairs": _PAIRS},
        "models": _MODELS,
    }
    head = [
        "# The settings of this study. Paths start where the analysis is started.",
        "# Keys with a default may be left out; an unknown key stops the run before any work.",
    ]
    return "\n".join([*head, *_keys(Config, given, ""), ""])


def _keys(model: type[BaseModel], given: Mapping[str, object], indent: str) -> Iterator[str]:
    """Write the keys of a group of settings, each below what it means."""
    for name, field in model.model_fields.items():
        inner = inner_model(field)
        value = given.get(name, field.get_default(call_default_factory=True))
        about = field.description or (first_line(inner) if inner else "")
        if not indent:
            yield ""
        yield from (f"{indent}# {line}" for line in wrap(about, _COMMENT_SIGNS - len(indent)))
        if inner is None or not value:
            yield f"{indent}{name}: {_flow(value)}".rstrip()
        elif not get_args(field.annotation):
            yield f"{indent}{name}:"
            own = value if isinstance(value, Mapping) else {}
            yield from _keys(inner, own, f"{indent}  ")
        elif isinstance(value, Mapping):
            yield f"{indent}{name}:"
            for key, part in value.items():
                yield f"{indent}  {key}:"
                yield from _keys(inner, part, f"{indent}    ")
        else:
            yield f"{indent}{name}:"
            assert isinstance(value, (list, tuple))
            yield from (f"{indent}  - {_flow(entry)}" for entry in value)


def _flow(value: object) -> str:
    """Write a value on one line of YAML; None is nothing."""
    if value is None:
        return ""
    plain = list(value) if isinstance(value, tuple) else value
    plain = plain.as_posix() if isinstance(plain, Path) else plain
    text = yaml.safe_dump(
        plain, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return text.removesuffix("...\n").strip()


def _headings(name: str) -> str:
    """Give the heading of a table's example, or that of its contract."""
    if name in EXAMPLES:
        known = STUDY_TABLES[name].to_schema().columns
        headings = [word for word in EXAMPLES[name].splitlines()[0].split("\t") if word in known]
    else:
        headings = list(STUDY_TABLES[name].to_schema().columns)
    return "\t".join(headings) + "\n"


def _instruments() -> str:
    names = wrap(", ".join(shelved()), _COMMENT_SIGNS)
    return "\n".join(
        [
            "# What was asked. `library` takes a published instrument's keys by its name there:",
            *(f"# {line}" for line in names),
            "# Anything may be set anew beside it, such as only the scales that you asked.",
            "feelings:",
            "  library: emotion_sliders",
            "# An instrument of your own is described like this:",
            "# rapport:",
            "#   title: Rapport",
            "#   minimum: 1",
            "#   maximum: 5",
            "#   step: 1",
            "#   missing_share: 0.5",
            "#   scales:",
            "#     rapport:",
            "#       items: [close, bored]",
            "#       reverse: [bored]",
            "",
        ]
    )


def _readme(folder: Path) -> str:
    config = quote((folder / "config.yaml").as_posix())
    return f"""\
# {folder.resolve().name}

The next three steps:

1. **Fill in the tables** in `tables/`; `tables/README.md` describes every column, with examples.
   Films go into `recordings/`, or `study.recordings_folder` in `config.yaml` says where they are.
   Identifiers are pseudonyms: the key that joins them to people does not belong here.
2. **Say what is compared** in `config.yaml`: `study.groups`, `congruence.pairs` and `models`. Then

       dyads check --config {config}

   lists everything that is still missing or wrong, and changes nothing.
3. **Fetch py-feat's weights** once, and run the analysis:

       dyads weights fetch --config {config}
       snakemake --cores 4 --configfile {config}

Both commands start in the folder in which `dyads init` was run, since paths in `config.yaml` start
there. Everything that the analysis writes is in `results/`; what is in `results/private/` is about
people.
"""
