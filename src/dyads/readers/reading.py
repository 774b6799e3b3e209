"""Read frames that others extracted earlier, and give them the project's names and types.

A file is recognised by its columns. Each kind of file is a :class:`Schema` in a module of its
program; a new one is added to `SCHEMAS`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from dyads.channels import RANGES
from dyads.contracts import Frames
from dyads.errors import StudyError
from dyads.readers.facereader import FACEREADER, FACEREADER_STATES
from dyads.readers.faces import face_of_person
from dyads.readers.imotions import IMOTIONS_AFFDEX, IMOTIONS_FACET
from dyads.readers.libreface import LIBREFACE
from dyads.readers.openface import OPENFACE, OPENFACE_3
from dyads.readers.openwillis import OPENWILLIS
from dyads.readers.pyfeat import PYFEAT_0_6, PYFEAT_0_7, PYFEAT_2
from dyads.readers.schema import ActionUnits, Refusal, Schema, Translation
from dyads.readers.sheets import Sheet, open_sheet, read_columns
from dyads.readers.timing import in_order, timed
from dyads.tables import READ_ELSEWHERE, About, check

SCHEMAS: Final[tuple[Schema, ...]] = (
    PYFEAT_2,
    PYFEAT_0_7,
    PYFEAT_0_6,
    OPENFACE,
    OPENFACE_3,
    FACEREADER,
    IMOTIONS_FACET,
    IMOTIONS_AFFDEX,
    LIBREFACE,
    OPENWILLIS,
)
"""Kinds of files that are read; the first whose columns are all there is taken."""

REFUSED: Final[tuple[Refusal, ...]] = (FACEREADER_STATES,)
"""Kinds that are known and not read."""

_KNOWN: Final = frozenset(
    chain(*(schema.columns for schema in SCHEMAS), *(kind.required for kind in REFUSED))
)
_ROUNDING: Final = 1e-6
_SHOWN: Final = 5
_LONGEST: Final = 40


def read_frames(
    path: str | Path,
    person_id: str,
    frame_rate_hz: float | None = None,
    *,
    face_id: str = "",
    action_units: ActionUnits = "intensity",
) -> tuple[pd.DataFrame, About]:
    """Read one person's frames from another program's file.

    Parameters
    ----------
    path
        A table in a format of `SCHEMAS`.
    person_id
        Whom the file shows.
    frame_rate_hz
        Frames per second of the film (1/s), for files that carry no times or impossible ones.
    face_id
        The person's face in a file of several faces, as the program named it; empty: the face
        that is there longest.
    action_units
        Which number is taken from a program that gives two for an action unit.

    Returns
    -------
    DataFrame
        Rows of the contract `Frames`, one a frame, times from the file or from the rate.
    About
        What made the numbers, the channels' types, and what cannot be known.

    Raises
    ------
    StudyError
        With everything that is wrong: the file is missing, of an unknown kind, damaged, empty or
        holds impossible values; it carries no times and no rate is given; the rate contradicts
        the file; it is not known which of several faces is the person's.
    """
    sheet = open_sheet(path, _KNOWN)
    schema = _recognised(sheet)
    cells, faults = read_columns(sheet, schema.columns, schema.texts, schema.nothing)
    if cells.empty:
        raise StudyError(
            "\n".join(faults) or f"{path}: has a heading and no rows below it. Export again."
        )
    given = schema.translate(cells, action_units)
    faults += _told(path, given.faults)
    faults += _told(path, _without_channels(schema, given))
    faults += _told(path, _impossible(schema, given))
    unplaced = _unplaced(given)
    if unplaced:
        # A cell that is no number, or no time, has been told already.
        raise StudyError("\n".join(faults or _told(path, (unplaced,))))
    frames, about_time, wrong_rate = timed(given, frame_rate_hz)
    frames, about_faces, unclear = face_of_person(frames, face_id)
    faults += _told(path, (*wrong_rate, *unclear))
    if not unclear:
        frames, about_order, disorder = in_order(frames)
        about_time += about_order
        faults += _told(path, disorder)
    if faults:
        raise StudyError("\n".join(faults))
    frames = frames.drop(columns="face").assign(person_id=person_id)
    return check(frames, Frames, str(path)), About(
        channel_types=dict(given.channel_types),
        detector=f"{schema.name}, {READ_ELSEWHERE}",
        remarks=(*about_time, *given.remarks, *about_faces),
    )


def read_session(
    recordings: pd.DataFrame, folder: Path, action_units: ActionUnits = "intensity"
) -> tuple[pd.DataFrame, About]:
    """Read the frames of a session's people.

    Parameters
    ----------
    recordings
        Rows of one session of recordings.tsv: `person_id`, `frames_path`, `frame_rate_hz` and,
        where files hold several faces, `face_id`.
    folder
        What `frames_path` starts from. No file outside it is read.
    action_units
        Which number is taken from a program that gives two for an action unit.

    Returns
    -------
    DataFrame
        Rows of the contract `Frames`.
    About
        What all files have in common, and every file's remarks.

    Raises
    ------
    StudyError
        If a file cannot be read, or if files of different kinds meet in one session.
    """
    rows = recordings.assign(face_id=recordings.get("face_id", ""))
    tables, abouts, faults = [], [], []
    for person_id, given, rate_hz, face_id in rows[
        ["person_id", "frames_path", "frame_rate_hz", "face_id"]
    ].itertuples(index=False, name=None):
        try:
            frames, about = read_frames(
                _within(folder, given, str(person_id)),
                str(person_id),
                None if pd.isna(rate_hz) else float(rate_hz),
                face_id="" if pd.isna(face_id) else str(face_id),
                action_units=action_units,
            )
        except StudyError as fault:
            faults.append(str(fault))
            continue
        tables.append(frames)
        abouts.append(about)
    if len({about.detector for about in abouts}) > 1:
        faults.append(
            f"{', '.join(recordings['frames_path'])}: made by different detectors "
            f"({'; '.join(about.detector for about in abouts)}). The people of one session must "
            "be read by one detector."
        )
    if faults:
        raise StudyError("\n".join(faults))
    types = {name: kind for about in abouts for name, kind in about.channel_types.items()}
    remarks = tuple(dict.fromkeys(remark for about in abouts for remark in about.remarks))
    return pd.concat(tables, ignore_index=True), abouts[0].model_copy(
        update={"remarks": remarks, "channel_types": types}
    )


def _within(folder: Path, given: str | float | None, person_id: str) -> Path:
    if pd.isna(given) or not given:
        raise StudyError(
            f"{person_id}: frames_path is empty while others of the session have one. Give every "
            "person of a session a film, or every person a file of frames."
        )
    file = (folder / str(given)).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise StudyError(
            f"{given}: lies outside the recordings folder. Move it there, or correct "
            "`frames_path` in recordings.tsv."
        )
    return file


def _recognised(sheet: Sheet) -> Schema:
    """Find the kind of file, or say which kind it comes nearest to and what it lacks."""
    names = frozenset(sheet.names)
    for schema in SCHEMAS:
        if schema.required <= names:
            return schema
    for kind in REFUSED:
        if kind.required <= names:
            raise StudyError(f"{sheet.path}: is a {kind.name}. {kind.reason}")
    nearest = max(SCHEMAS, key=lambda schema: len(schema.required & names) / len(schema.required))
    there = [name for name in sheet.names if name in nearest.required]
    if not there:
        heading = _listed([name for name in sheet.names if name])
        raise StudyError(
            f"{sheet.path}: no kind of file that is read here "
            f"({'; '.join(schema.name for schema in SCHEMAS)}). None of their columns was found; "
            f"the first line that looks like a heading says {heading or 'nothing'}. Give the table "
            "that the program wrote frame by frame."
        )
    raise StudyError(
        f"{sheet.path}: no kind of file that is read here. It comes nearest to {nearest.name}: "
        f"recognised {_listed(there)}; missing {_listed(sorted(nearest.required - names))}. "
        "Export again with all columns."
    )


def _unplaced(given: Translation) -> str:
    """Say which rows have no place in the film."""
    no_frame = int(given.frames["frame"].isna().sum())
    no_time = int(given.frames["time_s"].isna().sum()) if given.rate_bounds_hz is None else 0
    if no_frame:
        return f"{no_frame} rows have no frame number. Export again."
    return f"{no_time} rows have no time. Export again." if no_time else ""


def _told(path: str | Path, sentences: Iterable[str]) -> list[str]:
    return [f"{path}: {sentence}" for sentence in sentences]


def _without_channels(schema: Schema, given: Translation) -> list[str]:
    if given.channel_types:
        return []
    return [f"is a file of {schema.name} without any channel. {schema.without_channels}"]


def _impossible(schema: Schema, given: Translation) -> list[str]:
    """Name values that the channel's type cannot take: another unit under a known name."""
    faults = []
    for name, kind in given.channel_types.items():
        low, high = RANGES[kind]
        values = given.frames[name].to_numpy(dtype=float)
        if np.isnan(values).all():
            continue
        least, most = np.nanmin(values), np.nanmax(values)
        if least < low - _ROUNDING or most > high + _ROUNDING:
            faults.append(
                f"{name} runs from {least:g} to {most:g}, but {kind} lies between {low:g} and "
                f"{high:g}. {schema.beyond_range}"
            )
    return faults


def _listed(names: Collection[str]) -> str:
    shown = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]} …" for name in names]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
