"""Put continuous ratings (a joystick, a slider) on the session clock, on the steps of the traces.

A rating is treated as a trace is (`dyads.traces.cleaning`): what lies within half a step is
averaged, gaps up to the limit are filled in a straight line and marked, longer ones stay missing
with their reason, and nothing is carried beyond the first and the last value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dyads.config import CleaningSettings
from dyads.contracts import ContinuousTrace
from dyads.errors import StudyError
from dyads.ratings.instruments import Instruments
from dyads.study.columns import read_numbers
from dyads.study.faults import Fault, StudyFaults
from dyads.study.files import path_problem
from dyads.study.optional_tables import Stream
from dyads.study.reading import StudyTable, read_table
from dyads.tables import check
from dyads.traces.arrays import TIME_TOLERANCE_S
from dyads.traces.cleaning import Readings, resample

_LABELS = ["person_id", "target", "instrument", "scale"]


def read_streams(
    streams: pd.DataFrame,
    folder: Path,
    instruments: Instruments,
    missing_codes: Sequence[float] = (),
) -> list[pd.DataFrame]:
    """Read the file of each continuous rating.

    Parameters
    ----------
    streams
        Rows of `Continuous`.
    folder
        Folder that the paths start from; nothing outside it is read.
    instruments
        What was rated, with the range of the values.
    missing_codes
        Numbers that stand for no value.

    Returns
    -------
    list of DataFrame
        `time_s` and `value` for each row, in order of time.

    Raises
    ------
    StudyFaults
        With everything that is wrong in any of the files.
    """
    read: list[pd.DataFrame] = []
    faults: list[Fault] = []
    scales = instruments.scale_table().set_index(["instrument", "scale"])
    inside = folder.resolve()
    for path, *scale in zip(streams["path"], streams["instrument"], streams["scale"], strict=True):
        problem = path_problem(inside, path, is_expected=True, called="folder of the tables")
        if problem is not None:
            faults.append(Fault("continuous.tsv", None, "path", path, problem, "Correct it."))
            continue
        table, found = read_table(folder / path, Stream, missing_codes)
        if table is not None and not found:
            limits = scales.loc[tuple(scale), ["minimum", "maximum"]].to_numpy(float)
            found = list(_wrong_values(table, float(limits[0]), float(limits[1]), missing_codes))
            read.append(table.typed.reset_index(drop=True))
        faults += found
    if faults:
        raise StudyFaults(faults)
    return read


def _wrong_values(
    table: StudyTable, minimum: float, maximum: float, missing_codes: Sequence[float]
) -> Iterator[Fault]:
    time_s, value = table.typed["time_s"], table.typed["value"]
    possible = [code for code in missing_codes if minimum <= code <= maximum]
    yield from table.faults(
        read_numbers(table.cells["value"], decimal=table.layout.decimal).isin(possible),
        "value",
        "no value that is also one of study.missing_codes: the scale can stand there",
        "Leave the cell empty if there was no value; otherwise take the code out of "
        "study.missing_codes.",
    )
    yield from table.faults(
        time_s.diff().le(0),
        "time_s",
        "a later time than in the row before",
        "Put the rows in order of time, each time once.",
    )
    yield from table.faults(
        value.lt(minimum) | value.gt(maximum),
        "value",
        f"a number from {minimum:g} to {maximum:g}, the range of the scale",
        "Correct the value, or the range in instruments.yaml; leave the cell empty if there was "
        "none.",
    )
    if value.notna().sum() < 2:
        yield Fault(
            table.file, None, "value", None, "at least two values",
            "Take the row of this file out of the table of continuous ratings if nobody rated.",
        )  # fmt: skip


def on_session_clock(
    streams: pd.DataFrame, read: Sequence[pd.DataFrame], rate_hz: float, fill_gap_s: float
) -> pd.DataFrame:
    """Resample continuous ratings of a session to regular steps of its clock.

    Parameters
    ----------
    streams
        Rows of `Continuous` of one session.
    read
        `time_s` and `value` of each of them (`read_streams`).
    rate_hz
        Steps per second, as in the traces.
    fill_gap_s
        Longest gap (s) that is filled.

    Returns
    -------
    DataFrame
        `ContinuousTrace`: for each rating the steps from its first value to its last. No reaction
        delay is taken off.

    Raises
    ------
    StudyError
        If a rating ends before the session clock begins.
    """
    settings = CleaningSettings(rate_hz=rate_hz, fill_gap_s=fill_gap_s)
    parts = []
    for labels, path, offset_s, table in zip(
        streams[_LABELS].to_numpy(str), streams["path"], streams["offset_s"], read, strict=True
    ):
        known = table.dropna(subset="value")
        time_s = known["time_s"].to_numpy(float) + float(offset_s)
        first = max(int(np.ceil((time_s[0] - TIME_TOLERANCE_S) * rate_hz)), 0)
        last = int(np.floor((time_s[-1] + TIME_TOLERANCE_S) * rate_hz))
        if last < first:
            raise StudyError(
                f"{path}: with offset_s {offset_s:g} this rating has no step on the clock "
                "of its session. Correct offset_s (session clock minus time of the file)."
            )
        readings = Readings(
            person_id=str(labels[0]),
            time_s=np.asarray(time_s, dtype=np.float64),
            is_seen=np.ones(len(time_s), dtype=bool),
            reason=np.full(len(time_s), "", dtype="<U17"),
            readings=known[["value"]].to_numpy(float),
        )
        steps = np.arange(first, last + 1, dtype=np.int64)
        part = resample(readings, steps, settings, ("value",))
        parts.append(part.assign(**dict(zip(_LABELS, map(str, labels), strict=True))))
    columns = list(ContinuousTrace.to_schema().columns)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return check(table[columns], ContinuousTrace, "continuous ratings")
