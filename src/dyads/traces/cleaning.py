"""Turn detector rows into a regular, quality-masked trace on the session clock.

A trace has one step at every k / rate of the session clock, k = 0, 1, 2 …, so that the traces
of the two people of a session, and of any two sessions, stand on the same grid.

What a step holds:

- **A value** stands only between two seen frames that are at most `fill_gap_s` apart (or one
  step of the grid, if that is longer), or on a seen frame. Nothing is carried beyond the first
  or last seen frame of a stretch.
- **How it is found.** The seen frames within half a step of each step are averaged, times and
  values alike; the trace is the straight line between these averages, read at the step. A film
  slower than the grid is thus interpolated, a faster one is averaged before it is thinned, and
  a straight line in the film stays that line at any frame rate. Where the next average lies
  across a gap, the step's own average stands.
- **Smoothing**, if asked for, within unbroken stretches: `dyads.traces.smoothing`.
- **State.** `seen` if a seen frame lies within half a step (the earlier edge counts, the later
  one belongs to the next step), `interpolated` if the value rests on frames farther off,
  `missing` otherwise.
- **Reason** of a missing step: `outside_recording` before the first and after the last frame;
  else that of the nearest frame without a face, or `gap` where the recording has no frame.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.config import CleaningSettings, QualitySettings
from dyads.errors import StudyError
from dyads.traces.arrays import (
    TIME_TOLERANCE_S,
    BoolArray,
    FloatArray,
    IntArray,
    channel_columns,
    steps_between,
)
from dyads.traces.masks import mask_reasons
from dyads.traces.smoothing import reach_steps, smoothed


class Clock(Protocol):
    """What turns the time of a person's recording into time on the session clock."""

    @property
    def left_out(self) -> Collection[str]:
        """People whose recording has no place on the clock; they have no trace."""
        ...

    def to_session(self, person_id: str, time_s: FloatArray, /) -> FloatArray:
        """Give the session time (s) of times in the recording of that person (s)."""
        ...


def regular_trace(
    frames: pd.DataFrame,
    clock: Clock,
    settings: CleaningSettings,
    window: tuple[float, float] | None = None,
    quality: QualitySettings | None = None,
) -> pd.DataFrame:
    """Resample the frames of a session to regular steps of the session clock.

    The order of the rows is of no importance: frames of a film that was cut in pieces may be put
    together in any order. `window` says which steps are given back and changes none of them, so
    that the traces of adjacent windows, put together, are the trace of the whole.

    Parameters
    ----------
    frames
        Frames of one session (contract `Frames`), of one person or several.
    clock
        Clock of the session, such as `dyads.recordings.clock.SessionClock`.
    settings
        Rate of the trace (1/s) and longest gap that is filled (s).
    window
        First and last time (s, session clock); steps from the first to before the last are given.
        None: from the earliest to the latest frame of anybody, but not before zero, where the
        session clock begins.
    quality
        Limits beyond which a face is taken as not seen; None: no limit.

    Returns
    -------
    pandas.DataFrame
        Contract `Trace`: the same steps for every person, by person and step. A step with a face
        whose detector gave no number for a channel has NaN in that channel alone.

    Raises
    ------
    StudyError
        If a frame has no usable time.
    """
    channels = channel_columns(frames)
    films = {
        str(person): _film(str(person), rows, clock, channels, quality or QualitySettings())
        for person, rows in frames.groupby("person_id", sort=True)
        if person not in clock.left_out
    }
    steps = _grid(films, settings.rate_hz, window)
    traces = [resample(film, steps, settings, channels) for film in films.values()]
    if not traces:
        return frames.loc[[], ["person_id", *channels]].assign(
            step=0, time_s=0.0, state="", reason=""
        )[["person_id", "step", "time_s", "state", "reason", *channels]]
    return pd.concat(traces, ignore_index=True)


@dataclass(frozen=True)
class Readings:
    """What was read of one person in order of session time: frames, or a continuous rating.

    Parameters
    ----------
    person_id
        Whose they are.
    time_s
        Session clock.
    is_seen
        The row holds values.
    reason
        Why it holds none.
    readings
        Rows × channels.
    """

    person_id: str
    time_s: FloatArray
    is_seen: BoolArray
    reason: npt.NDArray[np.str_]
    readings: FloatArray


def _film(
    person_id: str,
    rows: pd.DataFrame,
    clock: Clock,
    channels: tuple[str, ...],
    quality: QualitySettings,
) -> Readings:
    time_s = np.asarray(clock.to_session(person_id, rows["time_s"].to_numpy(float)), dtype=float)
    if not np.isfinite(time_s).all():
        raise StudyError(
            f"Person {person_id}: {int((~np.isfinite(time_s)).sum())} of {len(time_s)} frames have "
            "no time on the session clock. Every frame needs a time stamp and the recording an "
            "offset: look at the recording's frames and its row in recordings.tsv."
        )
    order = np.lexsort((rows["frame"].to_numpy(), time_s))
    film = rows.iloc[order]
    masked = mask_reasons(film, quality)
    return Readings(
        person_id=person_id,
        time_s=time_s[order],
        is_seen=(film["status"].to_numpy(str) == "face") & (masked == ""),
        reason=np.where(masked == "", film["reason"].to_numpy(str), masked),
        readings=film[list(channels)].to_numpy(float),
    )


def _grid(
    films: Mapping[str, Readings], rate_hz: float, window: tuple[float, float] | None
) -> IntArray:
    if window is not None:
        first, stop = steps_between(window[0], window[1], 1 / rate_hz)
    elif films:
        start_s = min(film.time_s[0] for film in films.values())
        end_s = max(film.time_s[-1] for film in films.values())
        first = int(np.ceil((start_s - TIME_TOLERANCE_S) * rate_hz))
        stop = int(np.floor((end_s + TIME_TOLERANCE_S) * rate_hz)) + 1
        # Step 0 alone would not tell the rate of the trace.
        stop = max(stop, first + 1, 2)
    else:
        first = stop = 0
    return np.arange(max(first, 0), max(stop, 0), dtype=np.int64)


def resample(
    film: Readings, steps: IntArray, settings: CleaningSettings, channels: tuple[str, ...]
) -> pd.DataFrame:
    """Read the steps of the session clock from what was read at other times.

    Parameters
    ----------
    film
        What was read.
    steps
        Steps that are wanted, one after the other.
    settings
        Rate, longest gap that is filled, smoothing.
    channels
        Names of the columns of `film.readings`.

    Returns
    -------
    pandas.DataFrame
        Contract `Trace`, but for the names of the channels.
    """
    time_s = steps / settings.rate_hz
    reach_s = max(settings.fill_gap_s, 1 / settings.rate_hz) + TIME_TOLERANCE_S
    sd_steps = settings.smooth_s * settings.rate_hz
    # What lies beyond the wanted steps is smoothed into them, so that a window changes no value.
    beyond = reach_steps(sd_steps) if len(steps) else 0
    around = np.arange(steps[0] - beyond, steps[-1] + beyond + 1) if beyond else steps
    values, is_known, is_near = _read_steps(film, around, settings.rate_hz, reach_s)
    inner = slice(beyond, beyond + len(steps))
    values = smoothed(values, sd_steps)[inner]
    is_known, is_near = is_known[inner], is_near[inner]
    state = np.where(is_known, np.where(is_near, "seen", "interpolated"), "missing")
    reason = np.where(is_known, "", _missing_reasons(film, time_s, reach_s))
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "person_id": film.person_id,
                    "step": steps,
                    "time_s": time_s,
                    "state": state,
                    "reason": reason,
                }
            ),
            pd.DataFrame(values, columns=list(channels)),
        ],
        axis=1,
    )


def _read_steps(
    film: Readings, steps: IntArray, rate_hz: float, reach_s: float
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Give the values of steps, whether they are known, and whether a frame was seen there."""
    time_s = steps / rate_hz
    seen_s = film.time_s[film.is_seen]
    values = np.full((len(steps), film.readings.shape[1]), np.nan)
    if not len(seen_s):
        return values, np.zeros(len(steps), dtype=bool), np.zeros(len(steps), dtype=bool)
    is_known = _is_between(time_s, seen_s, reach_s)
    averages = _average(seen_s, film.readings[film.is_seen], rate_hz)
    own = averages.of_steps(steps)
    values[is_known] = _read(averages, time_s[is_known], own[is_known], reach_s)
    return values, is_known, own >= 0


@dataclass(frozen=True)
class _Averages:
    """Seen frames averaged within half a step of each step that has any."""

    step: IntArray
    time_s: FloatArray
    readings: FloatArray
    first_s: FloatArray
    last_s: FloatArray

    def of_steps(self, steps: IntArray) -> IntArray:
        """Give the row of each step, or -1 where no frame was seen."""
        row = np.minimum(np.searchsorted(self.step, steps), len(self.step) - 1)
        return np.where(self.step[row] == steps, row, -1)


def _average(seen_s: FloatArray, values: FloatArray, rate_hz: float) -> _Averages:
    step = np.floor(seen_s * rate_hz + 0.5 + TIME_TOLERANCE_S * rate_hz).astype(np.int64)
    starts = np.flatnonzero(np.diff(step, prepend=step[0] - 1))
    stops = np.append(starts[1:], len(step))
    count = stops - starts
    return _Averages(
        step=step[starts],
        time_s=np.add.reduceat(seen_s, starts) / count,
        readings=np.add.reduceat(values, starts, axis=0) / count[:, None],
        first_s=seen_s[starts],
        last_s=seen_s[stops - 1],
    )


def _is_between(time_s: FloatArray, seen_s: FloatArray, reach_s: float) -> BoolArray:
    """Say which times lie on a seen frame or between two that are near each other."""
    left, right = _neighbours(time_s, seen_s)
    inside = (left >= 0) & (right < len(seen_s))
    span_s = seen_s[np.minimum(right, len(seen_s) - 1)] - seen_s[np.maximum(left, 0)]
    return inside & (span_s <= reach_s)


def _read(averages: _Averages, time_s: FloatArray, own: IntArray, reach_s: float) -> FloatArray:
    """Read the straight lines between the averages at times that are known to have a value."""
    left, right = _neighbours(time_s, averages.time_s)
    last = len(averages.time_s) - 1
    low, high = np.clip(left, 0, last), np.clip(right, 0, last)
    joined = (left >= 0) & (right <= last)
    joined &= averages.first_s[high] - averages.last_s[low] <= reach_s
    low, high = np.where(joined, low, own), np.where(joined, high, own)
    span_s = averages.time_s[high] - averages.time_s[low]
    apart = span_s > TIME_TOLERANCE_S
    weight = np.where(apart, (time_s - averages.time_s[low]) / np.where(apart, span_s, 1.0), 0.0)
    weight = np.clip(weight, 0.0, 1.0)[:, None]
    from_low, from_high = averages.readings[low], averages.readings[high]
    return np.where(apart[:, None], from_low * (1 - weight) + from_high * weight, from_low)


def _neighbours(time_s: FloatArray, known_s: FloatArray) -> tuple[IntArray, IntArray]:
    """Give the last known time at or before each time and the first at or after it."""
    left = np.searchsorted(known_s, time_s + TIME_TOLERANCE_S, side="right") - 1
    right = np.searchsorted(known_s, time_s - TIME_TOLERANCE_S, side="left")
    return left, right


def _missing_reasons(film: Readings, time_s: FloatArray, reach_s: float) -> npt.NDArray[np.str_]:
    reason = np.full(len(time_s), "gap", dtype="<U17")
    unseen_s = film.time_s[~film.is_seen]
    if len(unseen_s):
        left, right = _neighbours(time_s, unseen_s)
        before, after = np.maximum(left, 0), np.minimum(right, len(unseen_s) - 1)
        before_s, after_s = np.abs(time_s - unseen_s[before]), np.abs(unseen_s[after] - time_s)
        nearest = np.where(before_s <= after_s, before, after)
        is_near = np.minimum(before_s, after_s) <= reach_s
        reason[is_near] = film.reason[~film.is_seen][nearest[is_near]]
    outside = time_s < film.time_s[0] - TIME_TOLERANCE_S
    outside |= time_s > film.time_s[-1] + TIME_TOLERANCE_S
    reason[outside] = "outside_recording"
    return reason
