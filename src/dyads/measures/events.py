"""Events: stretches in which a channel is clearly on, with their onset, apex and offset.

A channel switches on at `event_on` and off below the lower `event_off`, so that a value that
trembles about one limit makes one event and not many. Events with a gap shorter than
`event_join_s` are one; what is then shorter than `event_min_s` is none. The limits are in units
of the channel.

What is missing ends an event and is never joined over: a trace is already filled where the gap
was short, so what is still missing is longer than the study fills. Events cut off in this way, or
by the ends of the trace, are kept and say so: their true onset or offset was not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyads.config import ExpressionSettings
from dyads.traces.arrays import BoolArray, FloatArray, IntArray, PersonTrace, person_traces

_EARLY = 1e-9


@dataclass(frozen=True)
class Spans:
    """Stretches of rows of a steps × series array, by series and then by row.

    Parameters
    ----------
    series
        Column of each stretch.
    first, stop
        First row of the stretch and first row after it.
    """

    series: IntArray
    first: IntArray
    stop: IntArray

    def __len__(self) -> int:
        return len(self.series)

    def mark(self, shape: tuple[int, int]) -> BoolArray:
        """Say of each cell of an array of this shape whether it lies in a stretch."""
        turns = np.zeros((shape[0] + 1, shape[1]), dtype=np.int8)
        np.add.at(turns, (self.first, self.series), 1)
        np.add.at(turns, (self.stop, self.series), -1)
        return np.cumsum(turns, axis=0, dtype=np.int8)[:-1] > 0


def find_events(
    trace: pd.DataFrame, channels: tuple[str, ...], settings: ExpressionSettings
) -> pd.DataFrame:
    """Find the events of every person of a session.

    Parameters
    ----------
    trace
        Traces of one session (contract `Trace`, composites allowed as further columns).
    channels
        Channels to look at.
    settings
        Limits of an event.

    Returns
    -------
    pandas.DataFrame
        One row an event: `person_id` and the columns of `describe`.
    """
    found = [
        describe(person, find_spans(person, settings), settings).assign(person_id=person_id)
        for person_id, person in person_traces(trace, channels).items()
    ]
    if not found:
        return pd.DataFrame(columns=["person_id", *_COLUMNS])
    return pd.concat(found, ignore_index=True)[["person_id", *_COLUMNS]]


def find_spans(person: PersonTrace, settings: ExpressionSettings) -> Spans:
    """Find the stretches of rows that are events, in every channel of a person at once."""
    values, step_s = person.readings, person.step_s
    spans = _spans(_switched_on(values, settings.event_on, settings.event_off))
    spans = _joined(values, spans, shorter_than=settings.event_join_s / step_s)
    long_enough = spans.stop - spans.first >= settings.event_min_s / step_s - _EARLY
    return Spans(spans.series[long_enough], spans.first[long_enough], spans.stop[long_enough])


def describe(person: PersonTrace, spans: Spans, settings: ExpressionSettings) -> pd.DataFrame:
    """Describe the events of one person.

    Parameters
    ----------
    person
        The trace.
    spans
        Its events, from `find_spans`.
    settings
        Limits of an event.

    Returns
    -------
    pandas.DataFrame
        One row an event: `channel`; `step`, the step of its onset; `onset_s`, the first step that
        is on; `apex_s`, the first step at its maximum; `offset_s`, the end of its last step (all
        on the session clock); `duration_s`, from onset to offset; `apex`, the maximum;
        `rise_per_s`, the largest rise from one step to the next on the way from the last step
        below `event_off` to the apex (NaN if that way has no two seen steps); `is_onset_seen` and
        `is_offset_seen`: the step before and the step after were seen.
    """
    values = person.readings
    apex = _apex_rows(values, spans)
    step = spans.first + person.first_step
    onset_s = step * person.step_s
    return pd.DataFrame(
        {
            "channel": np.asarray(person.channels, dtype=object)[spans.series],
            "step": step,
            "onset_s": onset_s,
            "apex_s": (apex + person.first_step) * person.step_s,
            "offset_s": (spans.stop + person.first_step) * person.step_s,
            "duration_s": (spans.stop - spans.first) * person.step_s,
            "apex": values[apex, spans.series],
            "rise_per_s": _largest_rise(values, spans, apex, settings.event_off) / person.step_s,
            "is_onset_seen": _is_seen(values, spans.first - 1, spans.series),
            "is_offset_seen": _is_seen(values, spans.stop, spans.series),
        },
        columns=_COLUMNS,
    )


_COLUMNS = [
    "channel", "step", "onset_s", "apex_s", "offset_s", "duration_s", "apex", "rise_per_s",
    "is_onset_seen", "is_offset_seen",
]  # fmt: skip


def _switched_on(values: FloatArray, on: float, off: float) -> BoolArray:
    """Carry the last switch forward: +1 on, -1 off (missing is off), 0 stays as it was."""
    with np.errstate(invalid="ignore"):
        switch = np.where(values >= on, 1, np.where(values >= off, 0, -1))
    rows = np.arange(len(values))[:, None]
    latest = np.maximum.accumulate(np.where(switch != 0, rows, 0), axis=0)
    return np.asarray(np.take_along_axis(switch, latest, axis=0) == 1)


def _spans(on: BoolArray) -> Spans:
    # Transposed, so that the nth start and the nth stop belong to the same stretch.
    padded = np.pad(on.T.astype(np.int8), ((0, 0), (1, 1)))
    turns = np.diff(padded, axis=1)
    series, first = np.nonzero(turns == 1)
    _, stop = np.nonzero(turns == -1)
    return Spans(series, first, stop)


def _joined(values: FloatArray, spans: Spans, shorter_than: float) -> Spans:
    if len(spans) < 2:
        return spans
    missing_before = np.pad(np.cumsum(np.isnan(values), axis=0), ((1, 0), (0, 0)))
    series, start, stop = spans.series[1:], spans.stop[:-1], spans.first[1:]
    # Where the series changes, start and stop belong to two series: the first test says so.
    is_one = series == spans.series[:-1]
    is_one &= stop - start < shorter_than - _EARLY
    is_one &= missing_before[stop, series] == missing_before[start, series]
    begins = np.concatenate([[True], ~is_one])
    ends = np.concatenate([~is_one, [True]])
    return Spans(spans.series[begins], spans.first[begins], spans.stop[ends])


def _apex_rows(values: FloatArray, spans: Spans) -> IntArray:
    if not len(spans):
        return spans.first
    event, row = _cells(spans.first, spans.stop)
    inside = values[row, spans.series[event]]
    starts = np.flatnonzero(np.diff(event, prepend=-1))
    is_maximum = inside == np.maximum.reduceat(inside, starts)[event]
    _, earliest = np.unique(event[is_maximum], return_index=True)
    apex: IntArray = row[is_maximum][earliest]
    return apex


def _largest_rise(values: FloatArray, spans: Spans, apex: IntArray, off: float) -> FloatArray:
    """Largest rise a step from the last step below `off` before each event to its apex."""
    rise = np.full(len(spans), np.nan)
    if not len(spans):
        return rise
    rows = np.arange(len(values))[:, None]
    with np.errstate(invalid="ignore"):
        is_rest = ~(values >= off)
    last_rest = np.maximum.accumulate(np.where(is_rest, rows, 0), axis=0)
    way = np.maximum(last_rest[np.maximum(spans.first - 1, 0), spans.series] + 1, 1)
    way = np.minimum(way, np.maximum(spans.first, 1))
    climbing = np.flatnonzero(apex >= way)
    event, row = _cells(way[climbing], apex[climbing] + 1)
    series = spans.series[climbing][event]
    steps = values[row, series] - values[row - 1, series]
    if len(steps):
        starts = np.flatnonzero(np.diff(event, prepend=-1))
        rise[climbing] = np.fmax.reduceat(steps, starts)
    return rise


def _cells(first: IntArray, stop: IntArray) -> tuple[IntArray, IntArray]:
    """List all rows of all stretches, each with the number of its stretch."""
    length = stop - first
    event = np.repeat(np.arange(len(first)), length)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return event, np.repeat(first, length) + offset


def _is_seen(values: FloatArray, row: IntArray, series: IntArray) -> BoolArray:
    inside = (row >= 0) & (row < len(values))
    return inside & ~np.isnan(values[np.clip(row, 0, max(len(values) - 1, 0)), series])
