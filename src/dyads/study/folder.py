"""Read everything that lies in a study's folder, each file for itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from dyads.config import StudySettings
from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import read_instruments
from dyads.study.faults import Fault
from dyads.study.layout import find_table, misnamed, outside
from dyads.study.optional_tables import OPTIONAL_TABLES
from dyads.study.reading import StudyTable, read_table
from dyads.study.tables import STUDY_TABLES

INSTRUMENTS_FILE: Final = "instruments.yaml"
_ADD: Final = "Add the file to the folder of the study's tables."
_CONSENT: Final = "what each person allows to be done with their recordings"
_CONSENT_REMEDY: Final = (
    "Add the table with one row for each person and use: participant_id, use (process for "
    "everybody whose recordings may be processed), granted (yes or no)."
)


class FolderContent(NamedTuple):
    """What a study's folder holds.

    Parameters
    ----------
    tables
        The tables that could be read, by name.
    instruments
        What was asked, unless that is at fault.
    faults
        What is wrong with any file by itself.
    """

    tables: dict[str, StudyTable]
    instruments: Instruments | None
    faults: list[Fault]


def read_folder(settings: StudySettings) -> FolderContent:
    """Read the tables and the instruments of a study.

    Parameters
    ----------
    settings
        Folder and missing codes of the study.
    """
    folder = settings.folder
    if not folder.is_dir():
        remedy = "Correct study.folder in the settings."
        fault = Fault(str(folder), None, None, None, "a folder that exists", remedy)
        return FolderContent({}, None, [fault])
    tables: dict[str, StudyTable] = {}
    faults: list[Fault] = []
    for name, contract in {**STUDY_TABLES, **OPTIONAL_TABLES}.items():
        path, found = find_table(folder, name)
        faults += found
        if path is None:
            is_needed = name in STUDY_TABLES and not found
            faults += [_missing(name)] if is_needed else []
            continue
        table, found = read_table(path, contract, settings.missing_codes)
        faults += found
        if table is not None:
            tables[name] = table
    instruments, found = _instruments(folder)
    return FolderContent(tables, instruments, faults + found)


def _instruments(folder: Path) -> tuple[Instruments | None, list[Fault]]:
    path = folder / INSTRUMENTS_FILE
    if path.is_symlink() and (fault := outside(folder, path)):
        return None, [fault]
    names = None if path.exists() else misnamed(folder, path.stem, (path.suffix,))
    if names is not None:
        remedy = f"Rename it to {INSTRUMENTS_FILE}."
        expected = f"a file with the name {INSTRUMENTS_FILE}"
        return None, [Fault(names[0], None, None, None, expected, remedy)]
    return read_instruments(path)


def _missing(name: str) -> Fault:
    file = f"{name}.tsv"
    if name == "consent":
        return Fault(file, None, None, None, _CONSENT, _CONSENT_REMEDY)
    columns = ", ".join(STUDY_TABLES[name].to_schema().columns)
    return Fault(file, None, None, None, f"a table with the columns {columns}", _ADD)
