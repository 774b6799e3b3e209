"""Two people's faces over one session, with its segments and what both said they felt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dyads import wording
from dyads.channels import RANGES, ChannelType
from dyads.errors import StudyError
from dyads.figures import style
from dyads.figures.trace_panels import (
    draw_bands,
    draw_ratings,
    draw_trace,
    missing_time,
    name_bands,
)
from dyads.tables import About


@dataclass(frozen=True)
class Meeting:
    """A session of a dyad and who is who in it.

    Parameters
    ----------
    dyad_id, session_id
        The session.
    participant_id, partner_id
        The two people.
    group
        Group of the participant.
    """

    dyad_id: str
    session_id: str
    participant_id: str
    partner_id: str
    group: str

    @property
    def roles(self) -> dict[str, str]:
        """Role of each person."""
        return {self.participant_id: "participant", self.partner_id: "partner"}


@style.styled
def draw(
    trace: pd.DataFrame,
    segments: pd.DataFrame,
    scores: pd.DataFrame,
    meeting: Meeting,
    *,
    channel: str,
    parts: Sequence[str] = (),
    groups: Sequence[str],
    about: About,
) -> tuple[Figure, pd.DataFrame]:
    """Draw one session: a trace for each person, and their ratings of each segment below.

    Parameters
    ----------
    trace
        A `Trace` of the session.
    segments
        Study table of segments; other sessions may be in it.
    scores
        `Scores`; other sessions may be in it.
    meeting
        Which session, and who is who.
    channel
        Channel shown, or the name of a composite.
    parts
        Channels whose mean is the composite; none for a plain channel.
    groups
        All groups of the study in their order.
    about
        What the trace says of itself.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        One row a step of a trace or a score: kind, person_id, role, segment_id, time_s, name,
        value, state, reason.

    Raises
    ------
    StudyError
        If the trace lacks the channel.
    """
    parts = tuple(parts) or (channel,)
    absent = [part for part in parts if part not in trace.columns]
    if absent:
        raise StudyError(
            f"dyad {meeting.dyad_id}, session {meeting.session_id}: the trace has no "
            f"{wording.listed(absent)}, which the figure shows as {channel}. "
            "Choose a channel that the detector gives."
        )
    steps = _steps(trace, meeting, parts)
    bands = _of_session(segments, meeting).sort_values("onset_s")
    ratings = _ratings(_of_session(scores, meeting), meeting)
    colours = {
        "participant": style.group_colours(groups).get(meeting.group, style.INK),
        "partner": style.PARTNER,
    }
    scales = list(dict.fromkeys(ratings["scale"]))

    figure = style.new_figure(style.DOUBLE_MM, 92.0 if scales else 68.0)
    heights = [0.42, 3.0, 3.0, 2.6] if scales else [0.42, 3.0, 3.0]
    header, *rows = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    kind = about.channel_types.get(parts[0])
    limits = _limits(steps["value"].to_numpy(float), kind)
    span_s = _span(steps, bands)
    for axes, person in zip(rows[:2], meeting.roles, strict=True):
        role = meeting.roles[person]
        own = steps[steps["person_id"] == person]
        draw_bands(axes, bands)
        draw_trace(axes, own, colours[role], span_s)
        axes.set_ylim(*limits)
        axes.set_ylabel(_axis_name(channel, kind))
        group = f" ({meeting.group})" if role == "participant" else ""
        axes.set_title(
            f"{role.capitalize()} {person or '(nobody)'}{group}", color=colours[role], pad=3
        )
    name_bands(header, bands)
    if scales:
        draw_ratings(rows[2], ratings, bands, scales, colours)
    rows[-1].set_xlabel("Time on the session clock (s)")
    rows[0].set_xlim(*span_s)
    _draw_key(figure, steps)
    figure.align_ylabels(rows)
    note = (
        f"Dyad {meeting.dyad_id}, session {meeting.session_id}. n = 2 people, "
        f"{wording.plural(len(bands), 'segment')}."
        + (f" {channel}: mean of {wording.listed(parts)}." if parts != (channel,) else "")
        + " Values at the steps of the trace; one session carries no interval."
        + missing_time(steps)
    )
    return style.finish(figure, note, about.stamp), _shown(steps, ratings, channel)


def _of_session(table: pd.DataFrame, meeting: Meeting) -> pd.DataFrame:
    here = (table["dyad_id"] == meeting.dyad_id) & (table["session_id"] == meeting.session_id)
    return table[here]


def _steps(trace: pd.DataFrame, meeting: Meeting, parts: Sequence[str]) -> pd.DataFrame:
    own = trace[trace["person_id"].isin(list(meeting.roles))].sort_values(["person_id", "time_s"])
    steps = own[["person_id", "time_s", "state", "reason"]].copy()
    steps["value"] = own[list(parts)].mean(axis=1, skipna=False)
    steps["role"] = steps["person_id"].map(meeting.roles)
    return steps.reset_index(drop=True)


def _ratings(scores: pd.DataFrame, meeting: Meeting) -> pd.DataFrame:
    own = scores[scores["person_id"].isin(list(meeting.roles)) & (scores["segment_id"] != "")]
    return own.assign(role=own["person_id"].map(meeting.roles)).reset_index(drop=True)


def _limits(values: np.ndarray, kind: ChannelType | None) -> tuple[float, float]:
    if kind is not None:
        low, high = RANGES[kind]
    else:
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    room = 0.04 * ((high - low) or 1.0)
    return low - room, high + room


def _axis_name(channel: str, kind: ChannelType | None) -> str:
    return f"{channel}\n({wording.channel_unit(kind)})" if kind else channel


def _span(steps: pd.DataFrame, bands: pd.DataFrame) -> tuple[float, float]:
    ends = [*bands["onset_s"], *(bands["onset_s"] + bands["duration_s"]), *steps["time_s"]]
    return (min(ends), max(ends)) if ends else (0.0, 1.0)


def _draw_key(figure: Figure, steps: pd.DataFrame) -> None:
    signs: list[Line2D | Patch] = [
        _sign("participant's rating", "o", 3.4, style.INK),
        _sign("partner's rating", "o", 3.4, "white"),
        _sign("no answer", "x", 3.6, "none"),
    ]
    if (steps["state"] == "interpolated").any():
        signs.append(_sign("filled in", "o", 1.8, "white"))
    if (steps["state"] == "missing").any():
        signs.append(Patch(facecolor="white", edgecolor="#9a9a9a", hatch="/////", lw=0,
                           label="missing, with reason"))  # fmt: skip
    figure.legend(handles=signs, loc="outside upper right", ncols=len(signs), borderpad=0,
                  columnspacing=1.6, handletextpad=0.5)  # fmt: skip


def _sign(label: str, marker: str, size: float, fill: str) -> Line2D:
    return Line2D([], [], ls="", marker=marker, ms=size, mfc=fill, mec=style.INK, mew=0.8,
                  label=label)  # fmt: skip


def _shown(steps: pd.DataFrame, ratings: pd.DataFrame, channel: str) -> pd.DataFrame:
    columns = ["kind", "person_id", "role", "segment_id", "time_s", "name", "value", "state",
               "reason"]  # fmt: skip
    traces = steps.assign(kind="trace", name=channel, segment_id="")
    answers = ratings.assign(
        kind="rating", name=ratings["scale"], value=ratings["score"], time_s=np.nan, state=""
    )
    return pd.concat([traces[columns], answers[columns]], ignore_index=True)
