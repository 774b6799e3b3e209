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
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.channels import RANGES, ChannelType
from dyads.config import ExpressionSettings
from dyads.errors import StudyError
from dyads.measures.composites import with_composites
from dyads.measures.events import describe, find_spans
from dyads.tables import About
from dyads.traces.arrays import (
    TIME_TOLERANCE_S,
    BoolArray,
    FloatArray,
    PersonTrace,
    person_traces,
    segments_of_session,
    steps_between,
)

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

_ROUNDING: Final = 1e-9


def measure_expressions(
    trace: pd.DataFrame,
    segments: pd.DataFrame,
    settings: ExpressionSettings,
    about: About,
    dyad_id: str,
    session_id: str,
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

    Returns
    -------
    pandas.DataFrame
        Contract `Expressions`: a row for every person, segment, channel and measure. Where the
        value is missing, `reason` says why; no row is left out.

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
        _measure_person(person, own, settings, combined.channel_types) for person in people.values()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(dyad_id=dyad_id, session_id=session_id)[_COLUMNS]


_COLUMNS: Final = [
    "dyad_id", "session_id", "person_id", "segment_id", "label", "channel", "channel_type",
    "measure", "unit", "value", "seen_s", "seen_share", "reason",
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


@dataclass(frozen=True)
class _Segment:
    """A segment in steps of the trace."""

    onset_s: float
    first: int
    stop: int

    def block(self, step_s: float, block_s: float) -> npt.NDArray[np.int64]:
        """Number the blocks of the segment from 0 and give the number of each step."""
        since_onset_s = np.arange(self.first, self.stop) * step_s - self.onset_s
        return np.asarray((since_onset_s + TIME_TOLERANCE_S) // block_s, dtype=np.int64)


def _measure_person(
    person: PersonTrace,
    segments: pd.DataFrame,
    settings: ExpressionSettings,
    channel_types: Mapping[str, ChannelType],
) -> pd.DataFrame:
    stretches = [
        _Segment(onset_s, *steps_between(onset_s, onset_s + duration_s, person.step_s))
        for onset_s, duration_s in zip(segments["onset_s"], segments["duration_s"], strict=True)
    ]
    spans = find_spans(person, settings)
    events = describe(person, spans, settings)
    inside = replace(person, readings=spans.mark(person.readings.shape).astype(float))
    rest, no_rest = _resting_face(person, stretches, segments["label"], settings)
    floor = _floor(person, settings.floor_quantile)
    value = np.stack(
        [
            np.column_stack([measures[name] for name in UNITS])
            for measures in (
                _levels(person, stretch, rest, floor, settings)
                | _activity(person, stretch, inside, events, settings)
                for stretch in stretches
            )
        ]
    )
    seen = np.stack([_seen(person.stretch(part.first, part.stop)) for part in stretches])
    share = seen / np.array([max(part.stop - part.first, 1) for part in stretches])[:, None]
    recorded = np.array([person.is_recorded(part.first, part.stop) for part in stretches])
    otherwise = [({"level_rest": no_rest} | _MISSING_BECAUSE).get(name, "") for name in UNITS]
    reason = np.where(np.isfinite(value), "", np.array(otherwise, dtype=object))
    reason[(share < settings.minimum_seen_share - _ROUNDING) | (seen == 0)] = LITTLE_SEEN
    reason[~recorded] = OUTSIDE
    shape = value.shape
    return pd.DataFrame(
        {
            "person_id": person.person_id,
            "segment_id": _along(segments["segment_id"], 0, shape),
            "label": _along(segments["label"].fillna(""), 0, shape),
            "channel": _along(person.channels, 1, shape),
            "channel_type": _along([str(channel_types[n]) for n in person.channels], 1, shape),
            "measure": _along(UNITS.keys(), 2, shape),
            "unit": _along(UNITS.values(), 2, shape),
            "value": np.where(reason == "", value, np.nan).ravel(),
            "seen_s": np.repeat(seen.ravel() * person.step_s, len(UNITS)),
            "seen_share": np.repeat(share.ravel(), len(UNITS)),
            "reason": reason.ravel(),
        }
    )


def _levels(
    person: PersonTrace,
    stretch: _Segment,
    rest: FloatArray,
    floor: FloatArray,
    settings: ExpressionSettings,
) -> dict[str, FloatArray]:
    shown = person.stretch(stretch.first, stretch.stop)
    count = _seen(shown)
    level = _mean(shown)
    is_odd = stretch.block(person.step_s, settings.half_block_s) % 2 == 0
    spread = np.full(shown.shape[1], np.nan)
    known = count > 0
    if known.any():
        low, high = np.nanquantile(shown[:, known], (0.05, 0.95), axis=0)
        spread[known] = high - low
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.nansum((shown - level) ** 2, axis=0) / np.where(count > 1, count - 1, np.nan)
    return {
        "level": level,
        "level_rest": level - rest,
        "level_floor": level - floor,
        "variability": np.sqrt(variance),
        "range": spread,
        "level_odd": _half(shown[is_odd], settings),
        "level_even": _half(shown[~is_odd], settings),
    }


def _activity(
    person: PersonTrace,
    stretch: _Segment,
    inside: PersonTrace,
    events: pd.DataFrame,
    settings: ExpressionSettings,
) -> dict[str, FloatArray]:
    seen = _seen(person.stretch(stretch.first, stretch.stop))
    seen_on = np.nansum(inside.stretch(stretch.first, stretch.stop), axis=0)
    within_s = np.minimum(events["offset_s"], stretch.stop * person.step_s) - np.maximum(
        events["onset_s"], stretch.first * person.step_s
    )
    present = events[within_s >= settings.event_min_s - TIME_TOLERANCE_S]
    began = events["step"].between(stretch.first, stretch.stop, inclusive="left")
    own = events[began & events["is_onset_seen"]]
    whole = own[own["is_offset_seen"]]
    medians = (
        pd.DataFrame(
            {
                "channel": whole["channel"],
                "duration": whole["duration_s"],
                "onset_apex": whole["apex_s"] - whole["onset_s"],
                "apex_offset": whole["offset_s"] - whole["apex_s"],
                "rise": whole["rise_per_s"],
            }
        )
        .groupby("channel")
        .median()
        .reindex(person.channels)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        time_on = seen_on / seen
        rate_per_min = _number(own, person) / (seen * person.step_s / 60)
    return {
        "time_on": time_on,
        "rate": rate_per_min,
        "events": _number(present, person),
        **{str(name): medians[name].to_numpy(float) for name in medians},
    }


def _number(events: pd.DataFrame, person: PersonTrace) -> FloatArray:
    counts = events["channel"].value_counts().reindex(person.channels, fill_value=0)
    return np.asarray(counts, dtype=float)


def _resting_face(
    person: PersonTrace,
    stretches: Sequence[_Segment],
    labels: pd.Series,
    settings: ExpressionSettings,
) -> tuple[FloatArray, str]:
    """Give the median of each channel at rest (NaN if unknown) and why it could be unknown."""
    rest = np.full(len(person.channels), np.nan)
    resting = [
        person.stretch(part.first, part.stop)
        for part, label in zip(stretches, labels, strict=True)
        if settings.resting_segment is not None and label == settings.resting_segment
    ]
    if not resting:
        return rest, NO_REST
    shown = np.concatenate(resting)
    known = _is_enough(shown, settings)
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


def _half(shown: FloatArray, settings: ExpressionSettings) -> FloatArray:
    return np.where(_is_enough(shown, settings), _mean(shown), np.nan)


def _is_enough(shown: FloatArray, settings: ExpressionSettings) -> BoolArray:
    count = _seen(shown)
    needed = settings.minimum_seen_share * len(shown)
    return np.asarray((count > 0) & (count >= needed - _ROUNDING))


def _mean(shown: FloatArray) -> FloatArray:
    count = _seen(shown)
    return np.asarray(np.nansum(shown, axis=0) / np.where(count > 0, count, np.nan))


def _seen(shown: FloatArray) -> FloatArray:
    """Count the steps with a value."""
    return np.asarray(np.isfinite(shown).sum(axis=0), dtype=float)


def _along(names: Iterable[str], axis: int, shape: tuple[int, ...]) -> npt.NDArray[np.object_]:
    """Spread names that belong to one axis over all cells of the table."""
    column = np.array(list(names), dtype=object)
    column = column.reshape([-1 if place == axis else 1 for place in range(len(shape))])
    return np.broadcast_to(column, shape).ravel()
