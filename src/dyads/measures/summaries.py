"""What a person showed in a stretch of steps, summed up channel by channel.

`dyads.measures.expressions` says what each measure is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from dyads.config import ExpressionSettings
from dyads.traces.arrays import TIME_TOLERANCE_S, BoolArray, FloatArray, PersonTrace
from dyads.traces.strata import Stretch

ROUNDING: Final = 1e-9
"""Two shares that differ by less are the same."""


def levels(
    person: PersonTrace,
    part: Stretch,
    rest: FloatArray,
    floor: FloatArray,
    settings: ExpressionSettings,
) -> dict[str, FloatArray]:
    """Measure how strong each channel was in a stretch, how it varied, and both halves.

    Parameters
    ----------
    person
        The trace.
    part
        The stretch.
    rest, floor
        What each channel is at rest, and its lower quantile; NaN where not known.
    settings
        Blocks of the halves and the least seen share.

    Returns
    -------
    dict
        For each measure one number a channel; NaN where it cannot be known.
    """
    shown = part.of(person)
    count = count_seen(shown)
    level = _mean(shown)
    is_odd = part.blocks(person.step_s, settings.half_block_s) % 2 == 0
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


def activity(
    person: PersonTrace,
    part: Stretch,
    inside: PersonTrace,
    events: pd.DataFrame,
    settings: ExpressionSettings,
) -> dict[str, FloatArray]:
    """Measure what a person did in a stretch, event by event.

    Parameters
    ----------
    person
        The trace.
    part
        The stretch.
    inside
        The trace that is 1 inside events and 0 outside.
    events
        Events of the whole session, from `dyads.measures.events.describe`.
    settings
        The shortest event.

    Returns
    -------
    dict
        For each measure one number a channel; NaN where it cannot be known.
    """
    seen = count_seen(part.of(person))
    seen_on = np.nansum(part.of(inside), axis=0)
    step = events["step"].to_numpy(np.int64)
    length = np.round(events["duration_s"].to_numpy(float) / person.step_s).astype(np.int64)
    within_s = part.steps_in(step, step + length) * person.step_s
    present = events[within_s >= settings.event_min_s - TIME_TOLERANCE_S]
    began = part.steps_in(step, step + 1) > 0
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


def _half(shown: FloatArray, settings: ExpressionSettings) -> FloatArray:
    return np.where(is_enough(shown, settings), _mean(shown), np.nan)


def is_enough(shown: FloatArray, settings: ExpressionSettings) -> BoolArray:
    """Say of each channel whether enough of the steps (steps × channels) was seen."""
    count = count_seen(shown)
    needed = settings.minimum_seen_share * len(shown)
    return np.asarray((count > 0) & (count >= needed - ROUNDING))


def _mean(shown: FloatArray) -> FloatArray:
    count = count_seen(shown)
    return np.asarray(np.nansum(shown, axis=0) / np.where(count > 0, count, np.nan))


def count_seen(shown: FloatArray) -> FloatArray:
    """Count the steps with a value."""
    return np.asarray(np.isfinite(shown).sum(axis=0), dtype=float)
