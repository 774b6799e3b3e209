"""Turn a REDCap project into the tables of a study, or write the draft of its mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from dyads import tables
from dyads.config import StudySettings
from dyads.errors import StudyError
from dyads.files import whole_file
from dyads.importing.building import build
from dyads.importing.dictionary import read_dictionary
from dyads.importing.draft import draft
from dyads.importing.export import read_export
from dyads.importing.mapping import load_mapping
from dyads.importing.questionnaires import instruments_text
from dyads.importing.report import report
from dyads.study.faults import Fault, StudyFaults
from dyads.study.study import load_study
from dyads.study.tables import PARTNER

REPORT_FILE: Final = "redcap_import.tsv"
INSTRUMENTS_FILE: Final = "instruments.yaml"
_STAND_INS: Final = ("(a group)", "(another group)")
"""A study has two groups at least; where the export has fewer, these are never met."""


class Imported(NamedTuple):
    """What an import wrote.

    Parameters
    ----------
    files
        Every file, in the order of writing; the last one is the report.
    report
        What became of every field; see `report`.
    remaining
        What the study's own check finds wrong or missing in the folder now.
    """

    files: list[Path]
    report: pd.DataFrame
    remaining: tuple[Fault, ...]


def import_project(
    data: Path, dictionary: Path, mapping: Path, folder: Path, *, replace: bool = False
) -> Imported:
    """Write the study tables of a project, and a report of everything that was left out.

    Parameters
    ----------
    data
        Export of the records (CSV).
    dictionary
        Data dictionary of the same project (CSV).
    mapping
        Which fields become which columns.
    folder
        Folder of the study's tables.
    replace
        Whether tables that have rows already may be replaced. Headings alone always may.

    Raises
    ------
    StudyError
        If a file cannot be read, a field must not come along, a cell cannot be understood, or a
        table is there already. Nothing is written then.
    """
    fields, rules = read_dictionary(dictionary), load_mapping(mapping)
    export = read_export(data, fields)
    built = build(export, rules, mapping.name)
    if not replace:
        _refuse_to_overwrite(folder, list(built.tables))
    made = report(export, rules, built)
    files = []
    for name, table in built.tables.items():
        files.append(_write(table, folder / f"{name}.tsv"))
    if rules.ratings and not (folder / INSTRUMENTS_FILE).exists():
        tables.write_text(instruments_text(rules, fields), folder / INSTRUMENTS_FILE)
        files.append(folder / INSTRUMENTS_FILE)
    files.append(_write(made, folder / REPORT_FILE))
    return Imported(files, made, _remaining(folder, built.tables.get("participants")))


def draft_mapping(dictionary: Path, data: Path | None, mapping: Path) -> None:
    """Write the draft of a mapping; a file that is there is never overwritten.

    Raises
    ------
    StudyError
        If the mapping is there already, or another file cannot be read.
    """
    fields = read_dictionary(dictionary)
    text = draft(fields, None if data is None else read_export(data, fields))
    if mapping.exists():
        raise StudyError(f"{mapping}: is there already. Name another file for the draft.")
    tables.write_text(text, mapping)


def _refuse_to_overwrite(folder: Path, names: list[str]) -> None:
    there = []
    for name in names:
        for path in sorted(folder.glob(f"{name}.*")):
            is_heading = path.suffix == ".tsv" and len(path.read_bytes().split(b"\n", 1)[-1]) < 2
            there += [] if is_heading else [str(path)]
    if there:
        raise StudyError(
            "\n".join(f"{path}: is there already." for path in there)
            + "\nImport into another folder, or say --replace to write the tables anew."
        )


def _write(table: pd.DataFrame, path: Path) -> Path:
    with whole_file(path) as unfinished:
        tables.without_formulas(table).to_csv(unfinished, sep="\t", index=False)
    return path


def _remaining(folder: Path, participants: pd.DataFrame | None) -> tuple[Fault, ...]:
    """Check the study as far as it goes, its groups taken from the table itself."""
    found = [] if participants is None else list(dict.fromkeys(participants["group"]))
    groups = [group for group in found if group not in ("", PARTNER)]
    settings = StudySettings(
        name=folder.name,
        folder=folder,
        recordings_folder=folder,
        groups=(*groups, *_STAND_INS[: max(0, 2 - len(groups))]),
    )
    try:
        load_study(settings, recordings_expected=False)
    except StudyFaults as faults:
        return faults.faults
    return ()
