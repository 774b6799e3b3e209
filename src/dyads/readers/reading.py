"""Read frames that others extracted earlier, and give them the project's names and types.

A file is recognised by its columns. Each kind of file is a :class:`Schema`; a new one is
added to `SCHEMAS`.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from dyads.channels import RANGES, ChannelType
from dyads.contracts import Frames
from dyads.errors import StudyError
from dyads.readers.pyfeat import PYFEAT_0_7, PYFEAT_2
from dyads.readers.schema import Schema
from dyads.tables import About, check

SCHEMAS: Final[tuple[Schema, ...]] = (PYFEAT_2, PYFEAT_0_7)
"""Kinds of files that are read."""

_RATE_TOLERANCE: Final = 1e-4
"""Rates are often given rounded: 29.97 for 30000/1001."""


def read_frames(
    path: str | Path, person_id: str, frame_rate_hz: float | None = None
) -> tuple[pd.DataFrame, About]:
    """Read one person's frames from another program's file.

    Parameters
    ----------
    path
        A table in a format of `SCHEMAS`.
    person_id
        Whom the file shows.
    frame_rate_hz
        Frames per second of the film (1/s), for files that carry no times.

    Returns
    -------
    DataFrame
        Rows of the contract `Frames`, one a frame, times from the file or from the rate.
    About
        What made the numbers, the channels' types, and what cannot be known.

    Raises
    ------
    StudyError
        If the file is missing, of an unknown kind or holds impossible values; if it carries
        no times and no rate is given; if the rate contradicts the file.
    """
    columns = _columns(path)
    schema = _recognised(path, columns)
    raw = pd.read_csv(
        path,
        skipinitialspace=True,
        usecols=lambda name: name.strip() in schema.columns,
        low_memory=False,
    ).rename(columns=str.strip)
    raw = _as_numbers(path, raw, schema)
    frames, remarks = schema.translate(raw)
    if schema.rate_bounds_hz is not None:
        rate_hz = _checked_rate(path, frame_rate_hz, schema.rate_bounds_hz(raw))
        frames["time_s"] = frames["frame"] / rate_hz
        remarks = (
            "The file carries no times: time is the frame number divided by the given "
            f"{rate_hz:g} frames per second.",
            *remarks,
        )
    frames, several = _one_face_per_frame(frames.assign(person_id=person_id))
    _refuse_impossible(path, frames, schema)
    return check(frames, Frames, str(path)), About(
        channel_types=schema.channel_types,
        detector=f"{schema.name}, extracted before",
        remarks=(*remarks, *several),
    )


def read_session(recordings: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, About]:
    """Read the frames of a session's people.

    Parameters
    ----------
    recordings
        Rows of one session of recordings.tsv: `person_id`, `frames_path`, `frame_rate_hz`.
    folder
        What `frames_path` starts from. No file outside it is read.

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
    tables, abouts, faults = [], [], []
    for person_id, given, rate_hz in recordings[
        ["person_id", "frames_path", "frame_rate_hz"]
    ].itertuples(index=False, name=None):
        try:
            file = _within(folder, given, str(person_id))
            rate = None if pd.isna(rate_hz) else float(rate_hz)
            frames, about = read_frames(file, str(person_id), rate)
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
    remarks = tuple(dict.fromkeys(remark for about in abouts for remark in about.remarks))
    return pd.concat(tables, ignore_index=True), abouts[0].model_copy(update={"remarks": remarks})


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


def _columns(path: str | Path) -> list[str]:
    if not Path(path).is_file():
        raise StudyError(f"{path}: no such file. Correct `frames_path` in recordings.tsv.")
    try:
        return [name.strip() for name in pd.read_csv(path, nrows=0, skipinitialspace=True).columns]
    except (ValueError, UnicodeDecodeError) as fault:
        raise StudyError(f"{path}: not a readable table ({fault}).") from None


def _recognised(path: str | Path, columns: Collection[str]) -> Schema:
    """Find the kind of file, or say which kind it comes nearest to and what it lacks."""
    missing = {schema.name: sorted(schema.required - set(columns)) for schema in SCHEMAS}
    for schema in SCHEMAS:
        if not missing[schema.name]:
            return schema
    nearest = min(SCHEMAS, key=lambda schema: len(missing[schema.name]) / len(schema.required))
    known = [name for name in columns if name in nearest.required]
    raise StudyError(
        f"{path}: not a kind of file that is read here "
        f"({'; '.join(schema.name for schema in SCHEMAS)}). Nearest is {nearest.name}: "
        f"recognised {', '.join(known) or 'no column'}; "
        f"missing {', '.join(missing[nearest.name])}."
    )


def _as_numbers(path: str | Path, raw: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    texts = [name for name in raw.columns if name in schema.texts]
    numbers: pd.DataFrame = raw.drop(columns=texts).apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna() & raw.drop(columns=texts).notna()
    if wrong.to_numpy().any():
        row, place = np.argwhere(wrong.to_numpy())[0]
        name = numbers.columns[place]
        raise StudyError(
            f"{path}: line {row + 2}, column {name}: {raw[name].iloc[row]!r} is not a number "
            f"({int(wrong.to_numpy().sum())} such cells). Export the file anew."
        )
    return numbers.join(raw[texts])


def _checked_rate(
    path: str | Path, frame_rate_hz: float | None, bounds_hz: tuple[float, float]
) -> float:
    """Refuse a rate that is missing, or at which the file's coarse times would be wrong."""
    above_hz, up_to_hz = bounds_hz
    hint = f" The whole seconds in the file allow {above_hz:.6g} to {up_to_hz:.6g}."
    if frame_rate_hz is None:
        raise StudyError(
            f"{path}: the file carries frame numbers and no times. Enter the film's frames per "
            f"second as frame_rate_hz in recordings.tsv.{hint if above_hz > 0 else ''}"
        )
    if not above_hz * (1 - _RATE_TOLERANCE) <= frame_rate_hz <= up_to_hz * (1 + _RATE_TOLERANCE):
        raise StudyError(
            f"{path}: frame_rate_hz is {frame_rate_hz:g}, which contradicts the file.{hint} "
            "Correct it in recordings.tsv."
        )
    return frame_rate_hz


def _one_face_per_frame(frames: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep the largest face of each frame, and say where there were several."""
    area = (frames["box_width_px"] * frames["box_height_px"]).fillna(-1.0)
    order = area.sort_values(ascending=False, kind="stable").index
    kept = frames.loc[order].drop_duplicates("frame").sort_values("frame", kind="stable")
    several = int((frames.loc[frames["status"] == "face", "frame"].value_counts() > 1).sum())
    if not several:
        return kept, ()
    return kept, (f"{several} frames hold several faces: the largest was taken for the person.",)


def _refuse_impossible(path: str | Path, frames: pd.DataFrame, schema: Schema) -> None:
    """Refuse values that the channel's type cannot take: another unit under a known name."""
    faults = []
    for name, kind in schema.channel_types.items():
        low, high = RANGES[ChannelType(kind)]
        values = frames[name]
        if values.min() < low - 1e-6 or values.max() > high + 1e-6:
            faults.append(
                f"{path}: {name} runs from {values.min():g} to {values.max():g}, but {kind} lies "
                f"between {low:g} and {high:g}. Is the file what its columns say?"
            )
    if faults:
        raise StudyError("\n".join(faults))
