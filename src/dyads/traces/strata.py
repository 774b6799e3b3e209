"""Strata: the steps of a segment in which a person speaks, or listens, or all of them.

Talking moves the mouth whatever is felt, so that what somebody shows while they speak and while
they listen are two things. A step belongs to a stratum if the person's state at its time is
that of the stratum; where it is unknown who speaks, the step belongs to `all` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.config import Stratum
from dyads.traces.arrays import (
    TIME_TOLERANCE_S,
    BoolArray,
    FloatArray,
    IntArray,
    PersonTrace,
    steps_between,
)

ALL: Final[Stratum] = "all"
NOT_KNOWN: Final = "who speaks is not known"
NO_TIME: Final[dict[Stratum, str]] = {
    "speaking": "no speaking in the segment",
    "listening": "no listening in the segment",
}
STRATUM_REASONS: Final = (NOT_KNOWN, *NO_TIME.values())
"""Why a stratum of a segment has no step."""


@dataclass(frozen=True)
class Stretch:
    """The steps of a segment that belong to a stratum.

    Parameters
    ----------
    onset_s
        Onset of the segment (s).
    first, stop
        First step of the segment and first step after it.
    is_within
        One boolean for each step of the segment: it belongs to the stratum.
    why_none
        Why no step belongs to it; empty where one does.
    """

    onset_s: float
    first: int
    stop: int
    is_within: BoolArray
    why_none: str = ""

    def of(self, person: PersonTrace) -> FloatArray:
        """Give the values of the stratum, steps × channels; NaN beyond the trace."""
        return person.stretch(self.first, self.stop)[self.is_within]

    def blocks(self, step_s: float, block_s: float) -> IntArray:
        """Number the blocks of the segment from 0 and give the number of each step."""
        since_onset_s = np.arange(self.first, self.stop) * step_s - self.onset_s
        number = (since_onset_s + TIME_TOLERANCE_S) // block_s
        return np.asarray(number, dtype=np.int64)[self.is_within]

    def steps_in(self, first: IntArray, stop: IntArray) -> IntArray:
        """Count the steps of the stratum from each `first` to before each `stop`."""
        until = np.concatenate([[0], np.cumsum(self.is_within)])
        low, high = (np.clip(ends - self.first, 0, len(self.is_within)) for ends in (first, stop))
        return np.asarray(until[np.maximum(high, low)] - until[low], dtype=np.int64)


def stretches(
    person: PersonTrace, segments: pd.DataFrame, stratum: Stratum, speech: pd.DataFrame | None
) -> list[Stretch]:
    """Find the steps of a stratum in each segment.

    Parameters
    ----------
    person
        Whose trace it is.
    segments
        Segments of the session.
    stratum
        Part of the segments.
    speech
        Who speaks when in the session (contract `Speech`); None: not known.
    """
    bounds = [
        (onset_s, *steps_between(onset_s, onset_s + duration_s, person.step_s))
        for onset_s, duration_s in zip(segments["onset_s"], segments["duration_s"], strict=True)
    ]
    if stratum == ALL:
        return [
            Stretch(onset_s, first, stop, np.ones(stop - first, dtype=bool))
            for onset_s, first, stop in bounds
        ]
    found = []
    for onset_s, first, stop in bounds:
        time_s = np.asarray(np.arange(first, stop) * person.step_s, dtype=np.float64)
        state = _states(speech, person.person_id, time_s)
        is_within = state == stratum
        is_known = bool(len(state)) and not (state == "unknown").all()
        otherwise = NO_TIME[stratum] if is_known else NOT_KNOWN
        found.append(Stretch(onset_s, first, stop, is_within, "" if is_within.any() else otherwise))
    return found


def _states(
    speech: pd.DataFrame | None, person_id: str, time_s: FloatArray
) -> npt.NDArray[np.object_]:
    """Give the state of a person at times; unknown where nothing is said of them."""
    state = np.full(len(time_s), "unknown", dtype=object)
    if speech is None:
        return state
    own = speech[speech["person_id"] == person_id].sort_values("onset_s")
    row = np.searchsorted(own["onset_s"].to_numpy(float), time_s + TIME_TOLERANCE_S, "right") - 1
    is_told = row >= 0
    is_told[is_told] = (
        time_s[is_told] < own["offset_s"].to_numpy(float)[row[is_told]] - TIME_TOLERANCE_S
    )
    state[is_told] = own["state"].to_numpy(object)[row[is_told]]
    return state
