"""Traces as arrays: one row a step, one column a channel, all on the grid of the session clock."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.contracts import CHANNEL_PATTERN
from dyads.errors import StudyError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TIME_TOLERANCE_S = 1e-6
"""Two times that differ by less are the same time: finer than any camera's time base."""


@dataclass(frozen=True)
class PersonTrace:
    """The trace of one person as an array.

    Parameters
    ----------
    person_id
        Whose trace it is.
    channels
        Names of the columns of `readings`.
    first_step
        Number of the step in the first row.
    step_s
        Length of a step (s).
    readings
        Steps × channels; NaN where nothing is known.
    recorded
        One boolean a step: the person's recording was running.
    """

    person_id: str
    channels: tuple[str, ...]
    first_step: int
    step_s: float
    readings: FloatArray
    recorded: BoolArray

    def stretch(self, first: int, stop: int) -> FloatArray:
        """Give the values of the steps from `first` to before `stop`; NaN beyond the trace."""
        block = np.full((max(stop - first, 0), self.readings.shape[1]), np.nan)
        own = slice(max(first - self.first_step, 0), max(stop - self.first_step, 0))
        known = self.readings[own]
        start = max(self.first_step - first, 0)
        block[start : start + len(known)] = known
        return block

    def is_recorded(self, first: int, stop: int) -> bool:
        """Say whether the recording was running in any step from `first` to before `stop`."""
        own = slice(max(first - self.first_step, 0), max(stop - self.first_step, 0))
        return bool(self.recorded[own].any())


def channel_columns(table: pd.DataFrame) -> tuple[str, ...]:
    """Name the channels among the columns of a table, in their order."""
    return tuple(name for name in table.columns if re.match(CHANNEL_PATTERN, name))


def segments_of_session(segments: pd.DataFrame, dyad_id: str, session_id: str) -> pd.DataFrame:
    """Pick the segments of a session; a table without rows may also be without columns."""
    if segments.empty:
        return segments
    return segments[(segments["dyad_id"] == dyad_id) & (segments["session_id"] == session_id)]


def steps_between(start_s: float, end_s: float, step_s: float) -> tuple[int, int]:
    """Give the first step at or after `start_s` and the first one at or after `end_s`.

    The steps of a stretch are those from the first to before the second: adjacent stretches
    share no step and leave none out.
    """
    tolerance = TIME_TOLERANCE_S / step_s
    first = int(np.ceil(start_s / step_s - tolerance))
    return first, max(int(np.ceil(end_s / step_s - tolerance)), first)


def person_traces(trace: pd.DataFrame, channels: tuple[str, ...]) -> dict[str, PersonTrace]:
    """Take a table of traces apart into one array for each person.

    Parameters
    ----------
    trace
        Traces of one session (contract `Trace`, further columns allowed).
    channels
        Columns wanted.

    Raises
    ------
    StudyError
        If the trace has no step but the first of the session clock.
    """
    if trace.empty:
        return {}
    step_s = _step_length(trace)
    return {
        str(person): _person_trace(str(person), rows, channels, step_s)
        for person, rows in trace.groupby("person_id", sort=True)
    }


def _step_length(trace: pd.DataFrame) -> float:
    """Length of a step (s): time = step × length, so the last step tells it best."""
    last = int(trace["step"].max())
    if last == 0:
        raise StudyError(
            "The trace has step 0 of the session clock alone, which does not tell how long a step "
            "is. Make it over a longer window."
        )
    return float(trace["time_s"].max()) / last


def _person_trace(
    person_id: str, rows: pd.DataFrame, channels: tuple[str, ...], step_s: float
) -> PersonTrace:
    step = rows["step"].to_numpy(np.int64)
    first, stop = int(step.min()), int(step.max()) + 1
    values = np.full((stop - first, len(channels)), np.nan)
    recorded = np.zeros(stop - first, dtype=bool)
    known = (rows["state"] != "missing").to_numpy()
    values[step[known] - first] = rows.loc[known, list(channels)].to_numpy(float)
    recorded[step - first] = (rows["reason"] != "outside_recording").to_numpy()
    return PersonTrace(person_id, channels, first, step_s, values, recorded)
