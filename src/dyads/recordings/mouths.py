"""Whose mouth moves while somebody speaks.

Movement is the standard deviation of AU25 and AU26 over a window: how far a mouth is open does
not count, a smile that stays does not either. The ratio of the two mouths' movements has two
heaps over a session, one for each person's turns; between them, in the middle third, it is not
told who speaks. Where one person alone is seen, that person's own movement is taken for the ratio.

Mouths that move no more with the sound than with the same sound at other times say nothing:
then somebody speaks who is not seen, or the sound is not speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import fft, ndimage

from dyads.recordings.heaps import two_heaps
from dyads.recordings.loudness import STEP_S
from dyads.traces.arrays import BoolArray, FloatArray, PersonTrace

MOUTH: Final = ("AU25", "AU26")
"""Action units that part the lips and drop the jaw."""
HEAP_S: Final = 3.0
"""Least time that each of two people must speak to be told apart (s)."""
_APART: Final = float(np.log(4))
"""Each mouth moves twice as much as the other when its person speaks."""
_STILL_PART: Final = 0.05
"""Movement below this part of the liveliest is as good as none."""
_SAME_TIME_S: Final = 0.5
_OTHER_TIME_S: Final = 3.0
"""Sound moved by up to the first is at the time of the mouths, by more than the second is not."""


@dataclass(frozen=True)
class Mouths:
    """What the mouths tell, person by person and step by step.

    Parameters
    ----------
    is_told
        It is told whether the person speaks, shape (people, steps).
    is_speaking
        The person speaks, same shape.
    """

    is_told: BoolArray
    is_speaking: BoolArray


def movement(person: PersonTrace | None, first: int, stop: int, window_s: float) -> FloatArray:
    """Measure how much a mouth moves around each step.

    Parameters
    ----------
    person
        Trace of the channels in `MOUTH`, of those that there are; None: not seen.
    first, stop
        First step of sound and first step after the last.
    window_s
        Length of the window (s).

    Returns
    -------
    ndarray
        Standard deviation in units of the channels, shape (steps,); NaN where the mouth was
        missing, or for half of the window.
    """
    moved = np.full(stop - first, np.nan)
    if person is None or not person.channels:
        return moved
    size = max(round(window_s / person.step_s), 3)
    readings = pd.DataFrame(person.readings)
    variance = readings.rolling(size, center=True, min_periods=size // 2 + 1).var()
    own = np.sqrt(variance.where(readings.notna()).mean(axis=1).to_numpy(float))
    middle_s = (np.arange(first, stop) + 0.5) * STEP_S
    row = np.floor(middle_s / person.step_s + 0.5).astype(np.int64) - person.first_step
    is_own = (row >= 0) & (row < len(own))
    moved[is_own] = own[row[is_own]]
    return moved


def who_moves(
    moved: Sequence[FloatArray], is_loud: BoolArray, is_heard: BoolArray, window_s: float
) -> Mouths:
    """Tell from the mouths who speaks in the steps in which somebody does.

    Parameters
    ----------
    moved
        Movement of the mouth of each of one or two people, shape (steps,) each.
    is_loud
        Somebody speaks, shape (steps,).
    is_heard
        There is sound, shape (steps,).
    window_s
        Window of the movement (s).
    """
    nothing = np.zeros((len(moved), len(is_loud)), dtype=bool)
    mouths = Mouths(nothing, nothing.copy())
    known = [number for number, row in enumerate(moved) if np.isfinite(row).any()]
    if not known:
        return mouths
    still = _STILL_PART * max(float(np.nanquantile(moved[number], 0.95)) for number in known)
    lively = [np.log(moved[number] + max(still, 1e-9)) for number in known]
    ratio = lively[0] - lively[1] if len(lively) == 2 else lively[0]
    is_both = is_loud & np.isfinite(ratio)
    heaps = two_heaps(ratio[is_both], _APART, HEAP_S / STEP_S)
    if heaps is None or not _follow(lively, is_loud, is_heard, window_s):
        return mouths
    with np.errstate(invalid="ignore"):
        first, second = is_both & (ratio > heaps.upper_third), is_both & (ratio < heaps.lower_third)
    for number, own in zip(known, (first, second), strict=False):
        mouths.is_told[number] = first | second
        mouths.is_speaking[number] = own
    return mouths


def _follow(
    lively: Sequence[FloatArray], is_loud: BoolArray, is_heard: BoolArray, window_s: float
) -> bool:
    """Say whether mouths go with the sound better than with the same sound at other times."""
    liveliest = np.fmax.reduce(lively)
    is_seen = is_heard & np.isfinite(liveliest)
    loud_share = ndimage.uniform_filter1d(is_loud.astype(float), round(window_s / STEP_S))
    sides = [np.where(is_seen, side, 0.0) for side in (liveliest, loud_share)]
    sides = [np.where(is_seen, side - side[is_seen].mean(), 0.0) for side in sides]
    likeness = fft.irfft(fft.rfft(sides[0]) * fft.rfft(sides[1]).conj(), len(is_seen))
    place = np.arange(len(is_seen))
    moved_s = np.minimum(place, len(place) - place) * STEP_S
    is_other = moved_s > _OTHER_TIME_S
    if not is_other.any():
        return False
    return bool(likeness[moved_s <= _SAME_TIME_S].max() > likeness[is_other].max())
