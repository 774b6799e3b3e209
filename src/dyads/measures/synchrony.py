"""Synchrony: how the traces of two people go together, against pairs who never met.

Two measures, each for a segment and a channel:

- **Response** (S1): p is the share of one person's event onsets, at which the other's channel is
  off, that the other follows with an onset within `response_s`; b is the same in pseudo-dyads;
  the index is (p - b) / (1 - b). Both directions. A response has to come before the segment
  ends, and the other has to be seen for the smallest seen share of that time.
- **Windowed lagged cross-correlation** (S2; Boker and others 2002): Pearson correlations, as
  Fisher z, in windows of `window_s` at every `step_s` and lags up to `lag_s`. At a positive lag
  the participant's window stands at the window's time and the partner's is later by the lag, at
  a negative lag the other way round, so that a window never leaves the segment. `mean_z` is the
  mean over windows and lags; `peak_z` the mean over windows of the largest z of each, without
  their search for the peak nearest to lag 0; `lead_s` the lag at which the mean over windows is
  largest: positive where the participant leads.

The null is the pseudo-dyad: the participant of this session with the partner of another dyad of
the same group at the same session number, in the same task, both counted from the segment's
onset. What everybody does at that point of the task, such as greeting, is in the null too. A
measure means something only as its distance from its null: the largest of many correlations is
above zero for any two people.

References
----------
Boker, S. M., Rotondo, J. L., Xu, M. and King, K. (2002). Windowed cross-correlation and peak
picking for the analysis of variability in the association between behavioral time series.
Psychological Methods, 7(3), 338-355.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dyads.config import ExpressionSettings, SynchronySettings
from dyads.measures.lagged_correlation import Windows, lagged_z, summarise
from dyads.measures.pairs import SessionTraces, Side, TaskPlace, sides
from dyads.measures.responses import count_responses

DIRECTIONS: Final = ("participant_to_partner", "partner_to_participant")
"""Who is followed by whom: `participant_to_partner` are the partner's responses."""

CORRELATIONS: Final = ("mean_z", "peak_z", "lead_s")
INDICES: Final = tuple(f"response_index_{way}" for way in DIRECTIONS)
SHARES: Final = tuple(f"response_share_{way}" for way in DIRECTIONS)
LATENCIES: Final = tuple(f"response_latency_s_{way}" for way in DIRECTIONS)
ONSETS: Final = tuple(f"onsets_{way}" for way in DIRECTIONS)
"""How many onsets could be answered: the weight of a segment's share in a mean of segments."""

MEASURES: Final = (*CORRELATIONS, *INDICES, *SHARES, *LATENCIES, *ONSETS)

TOO_SHORT: Final = "segment shorter than the window and its lag"
NO_WINDOW: Final = "no window in which both are seen and move"
NO_ONSET: Final = "no onset that could be answered"
NO_RESPONSE: Final = "no response"
NO_NULL: Final = "no pseudo-dyad with this measure"
ALWAYS: Final = "pseudo-dyads always respond"
NO_PARTICIPANT: Final = "no trace of the participant"
NO_PARTNER: Final = "no trace of the partner"

_ROUNDING: Final = 1e-9
_COLUMNS: Final = [
    "dyad_id", "session_id", "segment_id", "channel", "measure", "value", "null_value", "n_null",
    "reason",
]  # fmt: skip


def measure_synchrony(
    own: SessionTraces,
    others: Sequence[SessionTraces],
    settings: SynchronySettings,
    expressions: ExpressionSettings,
) -> pd.DataFrame:
    """Measure how the two people of a session go together, and how strangers do.

    Parameters
    ----------
    own
        The session.
    others
        The sessions whose partners stand in as strangers (`dyads.measures.pseudo_dyads`).
    settings
        Channels, windows, lags, time of a response.
    expressions
        Limits of events, composites, smallest seen share (of a window, and of the time in which
        a response would count).

    Returns
    -------
    pandas.DataFrame
        Contract `Synchrony`: a row for every segment, channel and measure. `null_value` is the
        mean over the pseudo-dyads that have the measure, `n_null` their number; for the index,
        whose null is zero by its definition, it is the number behind b. `reason` says why value
        or null value is missing.

    Raises
    ------
    StudyError
        If a channel is neither in the traces nor a composite.
    """
    people = sides(own, settings.channels, expressions)
    participant, partner = people.get(own.participant_id), people.get(own.partner_id)
    strangers = [
        stranger
        for other in others
        if (stranger := sides(other, settings.channels, expressions).get(other.partner_id))
    ]
    someone = participant or partner
    parts = [
        _measure_segment(place, channel, (participant, partner), strangers, settings, expressions)
        for place in (someone.segments if someone else {})
        for channel in settings.channels
    ]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(dyad_id=own.dyad_id, session_id=own.session_id)[_COLUMNS]


def _measure_segment(
    place: TaskPlace,
    channel: str,
    people: tuple[Side | None, Side | None],
    strangers: Sequence[Side],
    settings: SynchronySettings,
    expressions: ExpressionSettings,
) -> pd.DataFrame:
    participant, partner = people
    someone = participant or partner
    assert someone is not None  # a segment is known from a person's side
    share = expressions.minimum_seen_share
    value = _measure_pair(place, channel, participant, partner, settings, share)
    null = pd.DataFrame(
        [
            _measure_pair(place, channel, participant, stranger, settings, share)
            for stranger in strangers
            if place in stranger.segments
        ],
        columns=list(MEASURES),
        dtype=float,
    )
    table = pd.DataFrame(
        {
            "segment_id": someone.segments[place].segment_id,
            "channel": channel,
            "value": pd.Series(value),
            "null_value": null.mean(),
            "n_null": null.notna().sum(),
        },
        index=pd.Index(MEASURES, name="measure"),
    )
    table = _with_indices(table)
    length, step_s = someone.segments[place].length, someone.trace.step_s
    is_short = length < _windows(settings, step_s).shortest
    table["reason"] = _reasons(table, is_short, participant is None, partner is None)
    return table.reset_index()


def _measure_pair(
    place: TaskPlace,
    channel: str,
    participant: Side | None,
    partner: Side | None,
    settings: SynchronySettings,
    minimum_share: float,
) -> dict[str, float]:
    """Measure two people, who met or did not, from the onset of the segment of each."""
    measured = dict.fromkeys(MEASURES, np.nan)
    if participant is None or partner is None:
        return measured
    step_s, length = participant.trace.step_s, participant.segments[place].length
    first = participant.shown(channel, place, length)
    second = partner.shown(channel, place, length)
    windows = _windows(settings, step_s)
    lagged = summarise(lagged_z(first.values, second.values, windows, minimum_share), windows)
    measured |= {
        "mean_z": lagged.mean_z,
        "peak_z": lagged.peak_z,
        "lead_s": lagged.lead * step_s,
    }
    within = int(settings.response_s / step_s + _ROUNDING)
    for way, pair in zip(DIRECTIONS, ((first, second), (second, first)), strict=True):
        responses = count_responses(*pair, within, minimum_share)
        measured[f"response_share_{way}"] = responses.share
        measured[f"response_latency_s_{way}"] = responses.latency * step_s
        measured[f"onsets_{way}"] = float(responses.opportunities)
    return measured


def _with_indices(table: pd.DataFrame) -> pd.DataFrame:
    """Enter (p - b) / (1 - b), which needs the mean of all pseudo-dyads first."""
    share = table.loc[list(SHARES)]
    by_chance = share["null_value"].where(share["null_value"] < 1)
    index = (share["value"] - by_chance) / (1 - by_chance)
    filled = table.copy()
    filled.loc[list(INDICES), "value"] = index.to_numpy()
    filled.loc[list(INDICES), "null_value"] = by_chance.where(by_chance.isna(), 0.0).to_numpy()
    filled.loc[list(INDICES), "n_null"] = share["n_null"].to_numpy()
    return filled


def _reasons(
    table: pd.DataFrame, is_short: bool, no_participant: bool, no_partner: bool
) -> pd.Series:
    """Say why value or null value is missing, "" where both are there."""
    reason = pd.Series("", index=table.index)
    has_value, has_null = table["value"].notna(), table["null_value"].notna()
    reason[~has_null] = NO_NULL
    for measures, why in (
        (CORRELATIONS, TOO_SHORT if is_short else NO_WINDOW),
        (SHARES, NO_ONSET),
        (LATENCIES, NO_RESPONSE),
    ):
        reason[~has_value & table.index.isin(measures)] = why
    for index, share, latency in zip(INDICES, SHARES, LATENCIES, strict=True):
        if not has_value[share]:
            reason[[index, latency]] = NO_ONSET
        elif table.loc[share, "null_value"] == 1:
            reason[index] = ALWAYS
    if no_participant or no_partner:
        reason[:] = NO_PARTICIPANT if no_participant else NO_PARTNER
    return reason


def _windows(settings: SynchronySettings, step_s: float) -> Windows:
    return Windows.of(
        settings.window_s, settings.step_s, settings.lag_s, settings.lag_step_s, step_s
    )
