"""What ratings of moments, of the other person and of every instant must say of their study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.ratings.instruments import Instruments
from dyads.study.cell_words import OTHER
from dyads.study.consent import people_with_consent
from dyads.study.faults import Fault
from dyads.study.files import path_problem
from dyads.study.reading import StudyTable

_SESSION: Final = ["dyad_id", "session_id"]
_FOLDER: Final = "folder of the study's tables"


def check_rated_times(
    tables: Mapping[str, StudyTable], instruments: Instruments | None, folder: Path
) -> Iterator[Fault]:
    """Find moments that are segments too, others who are not there, and streams without a file.

    Parameters
    ----------
    tables
        The tables that could be read.
    instruments
        The instruments, unless they are at fault themselves.
    folder
        Folder of the study's tables, from which files of continuous ratings are named.
    """
    ratings, streams = tables.get("ratings"), tables.get("continuous")
    if ratings is not None and {"segment_id", "time_s"} <= set(ratings.cells.columns):
        yield from ratings.faults(
            ratings.cells["segment_id"].ne("") & ratings.cells["time_s"].ne(""),
            "segment_id",
            "an empty cell, because the row has a time",
            "Leave segment_id empty if a moment was rated, or time_s if a segment was.",
        )
    yield from _nobody_else(tables)
    if streams is not None and "path" in streams.cells:
        yield from _files(streams, folder, tables.get("consent"))
    if streams is not None and instruments is not None:
        yield from _scales(streams, instruments)


def _nobody_else(tables: Mapping[str, StudyTable]) -> Iterator[Fault]:
    if "sessions" not in tables or not tables["sessions"].has(*_SESSION, "partner_id"):
        return
    sessions = tables["sessions"].cells
    alone = pd.MultiIndex.from_frame(sessions.loc[sessions["partner_id"].eq(""), _SESSION])
    for name in ("ratings", "continuous"):
        table = tables.get(name)
        if table is None or not table.has(*_SESSION, "target"):
            continue
        is_alone = pd.MultiIndex.from_frame(table.cells[_SESSION]).isin(alone)
        yield from table.faults(
            table.cells["target"].eq(OTHER) & is_alone,
            "target",
            f"self, because {tables['sessions'].file} names no partner in this session",
            "Enter the partner there, or correct the target.",
        )


def _files(streams: StudyTable, folder: Path, consent: StudyTable | None) -> Iterator[Fault]:
    """Find paths without a file; those of people who did not consent are not read."""
    inside, paths = folder.resolve(), streams.cells["path"]
    read = set(paths)
    is_known = consent is not None and consent.has("participant_id", "use", "granted")
    if consent is not None and is_known and streams.has("person_id"):
        people = list(people_with_consent(consent.typed))
        read = set(paths[streams.cells["person_id"].isin(people)])
    found = {
        text: path_problem(inside, text, is_expected=text in read, called=_FOLDER)
        for text in filter(None, paths.unique())
    }
    problems = {text: problem for text, problem in found.items() if problem is not None}
    yield from streams.faults(
        paths.isin(list(problems)),
        "path",
        paths.map(problems),
        f"Correct the path, which starts at the {_FOLDER}, or put the file there.",
    )
    yield from streams.faults(
        paths.ne("") & paths.duplicated(),
        "path",
        "a file of its own for each rating",
        "Correct the path in one of the rows that name this file.",
    )


def _scales(streams: StudyTable, instruments: Instruments) -> Iterator[Fault]:
    if not {"instrument", "scale"} <= set(streams.cells.columns):
        return
    name = streams.cells["instrument"]
    has_instrument = name.isin(list(instruments.root))
    yield from streams.faults(
        ~has_instrument,
        "instrument",
        f"one of {', '.join(instruments.root)}",
        "Correct the name, or describe the instrument in instruments.yaml.",
    )
    scales = instruments.scale_table()
    known = scales["instrument"] + "\t" + scales["scale"]
    yield from streams.faults(
        has_instrument & ~(name + "\t" + streams.cells["scale"]).isin(known),
        "scale",
        "a scale of " + name + " in instruments.yaml",
        "Correct the name, or add the scale to the instrument.",
    )
