"""Expression: what a person showed in a segment, channel by channel.

Level, time on, rate and duration are kept apart, because groups can differ in one and not in the
other. The measures, for one person, segment and channel:

- `level`: mean over the seen steps; `level_rest`: the same minus the person's median over the
  resting segments of the session; `level_floor`: minus the person's lower quantile
  (`floor_quantile`) over the whole session.
- `level_odd`, `level_even`: level over the first, third … and over the second, fourth … block of
  `half_block_s` from the segment's onset, for reliability.
- `variability`: standard deviation; `range`: 95th minus 5th percentile.
- `time_on`: share of the seen steps inside an event (see `dyads.measures.events`).
- `events`: number of events of which at least `event_min_s` lies in the segment, whenever they
  began; `rate`: onsets that were seen in the segment, per minute seen.
- `duration`, `onset_apex`, `apex_offset`, `rise`: medians over the events whose onset was seen in
  the segment and whose offset was seen at any time; `rise` is the largest rise per second of an
  event.

Seen steps are those with a value, interpolated ones included.

Each measure is taken over the whole segment, and over its strata where they are asked for (see
`dyads.traces.strata`): then steps, onsets, halves and the least seen share are those of the
stratum, while the events, the resting face and the floor are those of the whole session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.channels import RANGES, ChannelType
from dyads.config import ExpressionSettings, Stratum
from dyads.errors import StudyError
from dyads.measures.composites import with_composites
from dyads.measures.events import describe, find_spans
from dyads.measures.summaries import ROUNDING, activity, count_seen, is_enough, levels
from dyads.tables import About
from dyads.traces.arrays import (
    FloatArray,
    PersonTrace,
    person_traces,
    segments_of_session,
)
from dyads.traces.strata import ALL, Stretch, stretches

UNITS: Final = {
    "level": "channel",
    "level_rest": "channel",
    "level_floor": "channel",
    "time_on": "share",
    "rate": "1/min",
    "events": "count",
    "variability": "channel",
    "range": "channel",
    "duration": "s",
    "onset_apex": "s",
    "apex_offset": "s",
    "rise": "1/s",
    "level_odd": "channel",
    "level_even": "channel",
}
"""Unit of each measure; `channel` is the unit of the channel itself."""

OUTSIDE: Final = "segment outside the recording"
LITTLE_SEEN: Final = "seen share below minimum"
NO_REST: Final = "no resting segment"
REST_LITTLE_SEEN: Final = "seen share of the resting segment below minimum"
ONE_STEP: Final = "fewer than two seen steps"
HALF_LITTLE_SEEN: Final = "seen share of half the segment below minimum"
NO_EVENT: Final = "no complete event"


def measure_expressions(
    trace: pd.DataFrame,
    segments: pd.DataFrame,
    settings: ExpressionSettings,
    about: About,
    dyad_id: str,
    session_id: str,
    strata: Sequence[Stratum] = (ALL,),
    speech: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Measure every channel and composite of every person in every segment of a session.

    Parameters
    ----------
    trace
        Traces of the session (contract `Trace`).
    segments
        Segments of the study; those of this session are used.
    settings
        Limits of events, halves, resting segment, smallest seen share, composites.
    about
        What the trace says of itself: the type of each channel.
    dyad_id, session_id
        The session.
    strata
        Parts of each segment that are measured.
    speech
        Who speaks when in the session (contract `Speech`), for other strata than `all`.

    Returns
    -------
    pandas.DataFrame
        Contract `Expressions`: a row for every person, stratum, segment, channel and measure.
        Where the value is missing, `reason` says why; no row is left out.

    Raises
    ------
    StudyError
        If a composite names channels that the trace lacks, or channels of two types, if the
        type of a channel is not known, or if no channel can reach `event_on`.
    """
    if trace.empty:
        return pd.DataFrame(columns=_COLUMNS)
    combined = with_composites(trace, settings.composites, about)
    _refuse_threshold_out_of_reach(combined.channel_types, settings)
    people = person_traces(combined.trace, combined.channels)
    own = segments_of_session(segments, dyad_id, session_id)
    if not people or own.empty:
        return pd.DataFrame(columns=_COLUMNS)
    parts = [
        part
        for person in people.values()
        for part in _measure_person(person, own, settings, combined.channel_types, strata, speech)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(dyad_id=dyad_id, session_id=session_id)[_COLUMNS]


_COLUMNS: Final = [
    "dyad_id", "session_id", "person_id", "segment_id", "label", "stratum", "channel",
    "channel_type", "measure", "unit", "value", "seen_s", "seen_share", "reason",
]  # fmt: skip
_MISSING_BECAUSE: Final = {
    "variability": ONE_STEP,
    "duration": NO_EVENT,
    "onset_apex": NO_EVENT,
    "apex_offset": NO_EVENT,
    "rise": NO_EVENT,
    "level_odd": HALF_LITTLE_SEEN,
    "level_even": HALF_LITTLE_SEEN,
}


def _refuse_threshold_out_of_reach(
    channel_types: Mapping[str, ChannelType], settings: ExpressionSettings
) -> None:
    highest = max((RANGES[kind][1] for kind in channel_types.values()), default=np.inf)
    if settings.event_on > highest:
        raise StudyError(
            f"expressions.event_on is {settings.event_on:g}, and no channel here goes beyond "
            f"{highest:g} ({', '.join(sorted(set(channel_types.values())))}): there would be no "
            "event. Set it in units of the channels."
        )


def _measure_person(
    person: PersonTrace,
    segments: pd.DataFrame,
    settings: ExpressionSettings,
    channel_types: Mapping[str, ChannelType],
    strata: Sequence[Stratum],
    speech: pd.DataFrame | None,
) -> Iterator[pd.DataFrame]:
    """Give one table a stratum."""
    whole = stretches(person, segments, ALL, None)
    spans = find_spans(person, settings)
    events = describe(person, spans, settings)
    inside = replace(person, readings=spans.mark(person.readings.shape).astype(float))
    rest, no_rest = _resting_face(person, whole, segments["label"], settings)
    floor = _floor(person, settings.floor_quantile)
    for stratum in strata:
        parts = stretches(person, segments, stratum, speech)
        value = np.stack(
            [
                np.column_stack([measures[name] for name in UNITS])
                for measures in (
                    levels(person, part, rest, floor, settings)
                    | activity(person, part, inside, events, settings)
                    for part in parts
                )
            ]
        )
        table = _described(person, parts, value, no_rest, settings)
        shape = value.shape
        yield table.assign(
            person_id=person.person_id,
            segment_id=_along(segments["segment_id"], 0, shape),
            label=_along(segments["label"].fillna(""), 0, shape),
            stratum=stratum,
            channel=_along(person.channels, 1, shape),
            channel_type=_along([str(channel_types[n]) for n in person.channels], 1, shape),
            measure=_along(UNITS.keys(), 2, shape),
            unit=_along(UNITS.values(), 2, shape),
        )


def _described(
    person: PersonTrace,
    parts: Sequence[Stretch],
    value: FloatArray,
    no_rest: str,
    settings: ExpressionSettings,
) -> pd.DataFrame:
    """Say of each value (segments × channels × measures) what was seen, or why it is missing."""
    seen = np.stack([count_seen(part.of(person)) for part in parts])
    share = seen / np.array([max(int(part.is_within.sum()), 1) for part in parts])[:, None]
    recorded = np.array([person.is_recorded(part.first, part.stop) for part in parts])
    otherwise = [({"level_rest": no_rest} | _MISSING_BECAUSE).get(name, "") for name in UNITS]
    reason = np.where(np.isfinite(value), "", np.array(otherwise, dtype=object))
    reason[(share < settings.minimum_seen_share - ROUNDING) | (seen == 0)] = LITTLE_SEEN
    for number, part in enumerate(parts):
        reason[number] = part.why_none or reason[number]
    reason[~recorded] = OUTSIDE
    return pd.DataFrame(
        {
            "value": np.where(reason == "", value, np.nan).ravel(),
            "seen_s": np.repeat(seen.ravel() * person.step_s, len(UNITS)),
            "seen_share": np.repeat(share.ravel(), len(UNITS)),
            "reason": reason.ravel(),
        }
    )


def _resting_face(
    person: PersonTrace,
    whole: Sequence[Stretch],
    labels: pd.Series,
    settings: ExpressionSettings,
) -> tuple[FloatArray, str]:
    """Give the median of each channel at rest (NaN if unknown) and why it could be unknown."""
    rest = np.full(len(person.channels), np.nan)
    resting = [
        part.of(person)
        for part, label in zip(whole, labels, strict=True)
        if settings.resting_segment is not None and label == settings.resting_segment
    ]
    if not resting:
        return rest, NO_REST
    shown = np.concatenate(resting)
    known = is_enough(shown, settings)
    if known.any():
        rest[known] = np.nanmedian(shown[:, known], axis=0)
    return rest, REST_LITTLE_SEEN


def _floor(person: PersonTrace, quantile: float) -> FloatArray:
    """Give the lower quantile of each channel over the whole session; NaN if never seen."""
    floor = np.full(len(person.channels), np.nan)
    known = np.isfinite(person.readings).any(axis=0)
    if known.any():
        floor[known] = np.nanquantile(person.readings[:, known], quantile, axis=0)
    return floor


def _along(names: Iterable[str], axis: int, shape: tuple[int, ...]) -> npt.NDArray[np.object_]:
    """Spread names that belong to one axis over all cells of the table."""
    column = np.array(list(names), dtype=object)
    column = column.reshape([-1 if place == axis else 1 for place in range(len(shape))])
    return np.broadcast_to(column, shape).ravel()
