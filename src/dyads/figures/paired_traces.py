"""Two people's faces over one session, with its segments and what both said they felt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dyads import wording
from dyads.channels import RANGES, ChannelType
from dyads.errors import StudyError
from dyads.figures import style
from dyads.tables import About

_REASONS: Final = {
    "no_face": "no face found",
    "low_score": "face doubtful",
    "gap": "gap too long to fill",
    "outside_recording": "not filmed",
    "lost": "frames lost",
}
_ROLES: Final = ("participant", "partner")


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
    for axes, person in zip(rows[:2], meeting.roles, strict=True):
        role = meeting.roles[person]
        own = steps[steps["person_id"] == person]
        _draw_bands(axes, bands)
        _draw_trace(axes, own, colours[role])
        axes.set_ylim(*limits)
        axes.set_ylabel(_axis_name(channel, kind))
        group = f" ({meeting.group})" if role == "participant" else ""
        axes.set_title(
            f"{role.capitalize()} {person or '(nobody)'}{group}", color=colours[role], pad=3
        )
    _name_bands(header, bands)
    if scales:
        _draw_ratings(rows[2], ratings, bands, scales, colours)
    rows[-1].set_xlabel("Time on the session clock (s)")
    rows[0].set_xlim(*_span(steps, bands))
    _draw_key(figure, steps)
    figure.align_ylabels(rows)
    note = (
        f"Dyad {meeting.dyad_id}, session {meeting.session_id}. n = 2 people, "
        f"{wording.plural(len(bands), 'segment')}."
        + (f" {channel}: mean of {wording.listed(parts)}." if parts != (channel,) else "")
        + " Values as measured, without smoothing; one session carries no interval."
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


def _draw_bands(axes: Axes, bands: pd.DataFrame) -> None:
    for onset_s, duration_s in zip(bands["onset_s"], bands["duration_s"], strict=True):
        axes.axvspan(onset_s, onset_s + duration_s, color=style.PAPER_BAND, lw=0, zorder=0)


def _name_bands(axes: Axes, bands: pd.DataFrame) -> None:
    middle_s = bands["onset_s"] + bands["duration_s"] / 2
    names = bands["label"].where(bands["label"] != "", bands["segment_id"])
    for onset_s, duration_s in zip(bands["onset_s"], bands["duration_s"], strict=True):
        axes.axvspan(onset_s, onset_s + duration_s, color=style.FAINT, lw=0)
    for x, name in zip(middle_s, names, strict=True):
        axes.text(x, 0.46, name, ha="center", va="center", clip_on=True)
    axes.set_ylim(0, 1)
    axes.set_axis_off()


def _draw_trace(axes: Axes, own: pd.DataFrame, colour: str) -> None:
    if own.empty:
        style.say_empty(axes, "no recording of this person")
        return
    time_s = own["time_s"].to_numpy(float)
    value = own["value"].to_numpy(float)
    axes.plot(time_s, value, color=colour, lw=0.9)
    filled = np.where(own["state"].to_numpy() == "interpolated", value, np.nan)
    axes.plot(time_s, filled, color="white", lw=0, marker="o", ms=1.8, mec=colour, mew=0.5)
    half_s = float(np.median(np.diff(time_s))) / 2 if len(time_s) > 1 else 0.0
    for start_s, end_s, reason in _missing_stretches(own):
        axes.axvspan(
            start_s - half_s, end_s + half_s,
            facecolor="white", edgecolor="#9a9a9a", hatch="/////", lw=0, zorder=0.5,
        )  # fmt: skip
        axes.annotate(
            _REASONS.get(reason, reason),
            ((start_s + end_s) / 2, 0.94), xycoords=("data", "axes fraction"),
            ha="center", va="top", size=style.SMALL_PT, color=style.INK, rotation=90,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _missing_stretches(own: pd.DataFrame) -> list[tuple[float, float, str]]:
    """Start, end and reason of each stretch of missing steps; one stretch has one reason."""
    reason = own["reason"].where(own["state"] == "missing", "")
    stretch = reason.ne(reason.shift()).cumsum()
    ends = own.assign(reason=reason).groupby(stretch)[["time_s", "reason"]].agg(["min", "max"])
    return [
        (float(row[0]), float(row[1]), str(row[2]))
        for row in ends.itertuples(index=False, name=None)
        if row[2]
    ]


def _draw_ratings(
    axes: Axes,
    ratings: pd.DataFrame,
    bands: pd.DataFrame,
    scales: Sequence[str],
    colours: dict[str, str],
) -> None:
    _draw_bands(axes, bands)
    low, high = float(ratings["minimum"].min()), float(ratings["maximum"].max())
    room = 0.10 * (high - low)
    place = {scale: (index + 1) / (len(scales) + 1) for index, scale in enumerate(scales)}
    known = ratings.merge(bands[["segment_id", "onset_s", "duration_s"]], on="segment_id")
    base = known["onset_s"] + known["scale"].map(place).astype(float) * known["duration_s"]
    shift = known["duration_s"] / (len(scales) + 1) * 0.16
    for role, side in zip(_ROLES, (-1, 1), strict=True):
        of_role = known["role"] == role
        x, y = (base + side * shift)[of_role], known["score"][of_role]
        axes.vlines(x, low, y, color=colours[role], lw=1.0)
        axes.plot(x, y, ls="", marker="o", ms=3.4, mec=colours[role], mew=0.9,
                  mfc=colours[role] if role == "participant" else "white", label=role)  # fmt: skip
        axes.plot(x[y.isna()], np.full(int(y.isna().sum()), low), ls="", marker="x", ms=3.6,
                  mec=colours[role], mew=0.9)  # fmt: skip
    for onset_s, duration_s in zip(bands["onset_s"], bands["duration_s"], strict=True):
        for scale in scales:
            axes.annotate(
                scale, (onset_s + place[scale] * duration_s, high + room),
                ha="center", va="center", size=style.SMALL_PT, color=style.QUIET,
            )  # fmt: skip
    axes.set_ylim(low - 0.04 * (high - low), high + 2 * room)
    axes.set_yticks([low, (low + high) / 2, high])
    axes.set_ylabel("Rating\n(points)")
    axes.set_title("What both said they felt", pad=3)


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
