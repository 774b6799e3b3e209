"""Two people over the same stretch of a task, whether they met or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyads.config import ExpressionSettings
from dyads.errors import StudyError
from dyads.measures.composites import with_composites
from dyads.measures.events import describe, find_spans
from dyads.measures.responses import Shown
from dyads.tables import About
from dyads.traces.arrays import PersonTrace, person_traces, segments_of_session, steps_between

TaskPlace = tuple[str, int]
"""A segment by its place in the task: its label, and for the how-manieth time in the session."""


@dataclass(frozen=True)
class SessionTraces:
    """A session with the traces of its people.

    Parameters
    ----------
    dyad_id, session_id
        The session.
    participant_id, partner_id
        Its people.
    trace
        Their traces (contract `Trace`).
    segments
        Segments of the study; those of this session are used.
    about
        What the trace says of itself.
    """

    dyad_id: str
    session_id: str
    participant_id: str
    partner_id: str
    trace: pd.DataFrame
    segments: pd.DataFrame
    about: About


@dataclass(frozen=True)
class Segment:
    """A segment in steps of the trace: from `first` to before `stop`."""

    segment_id: str
    first: int
    stop: int

    @property
    def length(self) -> int:
        """Number of steps."""
        return self.stop - self.first


@dataclass(frozen=True)
class Side:
    """One person of a session: trace, events, the trace that is 1 inside them, segments."""

    trace: PersonTrace
    events: pd.DataFrame
    inside: PersonTrace
    segments: dict[TaskPlace, Segment]

    def shown(self, channel: str, place: TaskPlace, length: int) -> Shown:
        """Give `length` steps from a segment's onset; what is beyond the segment is missing."""
        segment, column = self.segments[place], self.trace.channels.index(channel)
        stop = min(segment.stop, segment.first + length)
        beyond = (0, segment.first + length - stop)
        values = self.trace.stretch(segment.first, stop)[:, column]
        is_on = self.inside.stretch(segment.first, stop)[:, column] > 0
        began = self.events["step"].between(segment.first, stop, inclusive="left")
        began &= (self.events["channel"] == channel) & self.events["is_onset_seen"]
        return Shown(
            values=np.pad(values, beyond, constant_values=np.nan),
            is_on=np.pad(is_on, beyond),
            onsets=self.events.loc[began, "step"].to_numpy(np.int64) - segment.first,
        )


def sides(
    session: SessionTraces, channels: tuple[str, ...], expressions: ExpressionSettings
) -> dict[str, Side]:
    """Prepare every person of a session that has a trace.

    Parameters
    ----------
    session
        The session.
    channels
        Channels or composites wanted.
    expressions
        Composites and limits of events.

    Raises
    ------
    StudyError
        If a channel is neither in the traces nor a composite.
    """
    if session.trace.empty:
        return {}
    combined = with_composites(session.trace, expressions.composites, session.about)
    unknown = [name for name in channels if name not in combined.channels]
    if unknown:
        raise StudyError(
            f"Dyad {session.dyad_id}, session {session.session_id}: synchrony.channels names "
            f"{', '.join(unknown)}, which is neither a channel of the trace nor a composite. "
            f"There are: {', '.join(combined.channels)}."
        )
    people = person_traces(combined.trace, channels)
    if not people:
        return {}
    segments = _by_place(session, next(iter(people.values())).step_s)
    return {person_id: _side(person, segments, expressions) for person_id, person in people.items()}


def _side(
    person: PersonTrace, segments: dict[TaskPlace, Segment], expressions: ExpressionSettings
) -> Side:
    spans = find_spans(person, expressions)
    return Side(
        trace=person,
        events=describe(person, spans, expressions),
        inside=replace(person, readings=spans.mark(person.readings.shape).astype(float)),
        segments=segments,
    )


def _by_place(session: SessionTraces, step_s: float) -> dict[TaskPlace, Segment]:
    """Key the segments by their place in the task, whatever their ids are in other sessions."""
    own = segments_of_session(session.segments, session.dyad_id, session.session_id)
    if own.empty:
        return {}
    own = own.sort_values("onset_s")
    label = own["label"].fillna("")
    label = label.where(label != "", own["segment_id"])
    return {
        (str(name), int(time)): Segment(
            str(segment_id), *steps_between(onset_s, onset_s + duration_s, step_s)
        )
        for name, time, segment_id, onset_s, duration_s in zip(
            label,
            own.groupby(label).cumcount(),
            own["segment_id"],
            own["onset_s"],
            own["duration_s"],
            strict=True,
        )
    }
