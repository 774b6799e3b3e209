"""Responses: the onsets of one person that another follows with an onset of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyads.traces.arrays import BoolArray, FloatArray, IntArray

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Shown:
    """What a person showed in a stretch, on one channel.

    Parameters
    ----------
    values
        One value a step; NaN where missing.
    is_on
        One boolean a step: inside an event.
    onsets
        Rows at which an event begins that was seen to begin, ascending.
    """

    values: FloatArray
    is_on: BoolArray
    onsets: IntArray


@dataclass(frozen=True)
class ResponseSummary:
    """How one person answered another in a stretch.

    Parameters
    ----------
    opportunities
        Onsets of the first person that could be answered.
    share
        Share of them that were; NaN if there were none.
    latency
        Median steps from onset to answer; NaN if none was answered.
    """

    opportunities: int
    share: float
    latency: float


def count_responses(
    leader: Shown, follower: Shown, within: int, minimum_share: float
) -> ResponseSummary:
    """Count the onsets of one person that the other follows.

    An onset can be answered if, at that step, the other is seen and not in an event, and is
    seen for at least `minimum_share` of the steps in which an answer would count: the next
    `within` ones, or those left before the stretch ends. The first onset among them is the
    answer; one at the very same step is none.

    Parameters
    ----------
    leader, follower
        Who begins and who may follow, over the same stretch.
    within
        Latest answer, in steps after the onset.
    minimum_share
        Smallest share of seen steps.
    """
    length = len(follower.values)
    seen = np.isfinite(follower.values)
    seen_before = np.concatenate([[0], np.cumsum(seen)])
    onset = leader.onsets
    last = np.minimum(onset + within, length - 1)
    span = last - onset
    seen_share = (seen_before[last + 1] - seen_before[onset + 1]) / np.maximum(span, 1)
    can_be_answered = seen[onset] & ~follower.is_on[onset] & (span > 0)
    can_be_answered &= seen_share >= minimum_share - _ROUNDING
    onset, last = onset[can_be_answered], last[can_be_answered]
    following = np.searchsorted(follower.onsets, onset, side="right")
    answer = np.append(follower.onsets, length)[following]
    answered = answer <= last
    return ResponseSummary(
        opportunities=len(onset),
        share=float(answered.mean()) if len(onset) else np.nan,
        latency=float(np.median((answer - onset)[answered])) if answered.any() else np.nan,
    )
