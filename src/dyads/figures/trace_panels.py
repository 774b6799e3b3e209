"""The panels of a session: segments, a person's trace, both people's ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dyads.figures import style

_REASONS: Final = {
    "no_face": "no face found",
    "low_score": "face doubtful",
    "gap": "gap too long to fill",
    "outside_recording": "not filmed",
    "not_decoded": "frames lost",
    "damaged": "frames lost",
    "repeated_time": "frames lost",
    "unknown_person": "not known who",
    "small_face": "face too small",
    "turned_away": "turned away",
    "blurred": "blurred",
    "dark": "too dark",
    "bright": "too bright",
    "fast": "moved too fast",
}
_ROLES: Final = ("participant", "partner")
_SMALLEST_NAMED: Final = 0.013
"""Share of the axis that the name of a missing stretch needs."""


def draw_bands(axes: Axes, bands: pd.DataFrame) -> None:
    """Shade the segments."""
    for onset_s, duration_s in zip(bands["onset_s"], bands["duration_s"], strict=True):
        axes.axvspan(onset_s, onset_s + duration_s, color=style.PAPER_BAND, lw=0, zorder=0)


def name_bands(axes: Axes, bands: pd.DataFrame) -> None:
    """Name the segments in a panel of their own."""
    middle_s = bands["onset_s"] + bands["duration_s"] / 2
    names = bands["label"].where(bands["label"] != "", bands["segment_id"])
    for onset_s, duration_s in zip(bands["onset_s"], bands["duration_s"], strict=True):
        axes.axvspan(onset_s, onset_s + duration_s, color=style.FAINT, lw=0)
    for x, name in zip(middle_s, names, strict=True):
        axes.text(x, 0.46, name, ha="center", va="center", clip_on=True)
    axes.set_ylim(0, 1)
    axes.set_axis_off()


def draw_trace(axes: Axes, own: pd.DataFrame, colour: str, span_s: tuple[float, float]) -> None:
    """Draw one person's trace; missing stretches are hatched and, where there is room, named."""
    if own.empty:
        style.say_empty(axes, "no recording of this person")
        return
    time_s = own["time_s"].to_numpy(float)
    value = own["value"].to_numpy(float)
    axes.plot(time_s, value, color=colour, lw=0.9)
    filled = np.where(own["state"].to_numpy() == "interpolated", value, np.nan)
    axes.plot(time_s, filled, color="white", lw=0, marker="o", ms=1.8, mec=colour, mew=0.5)
    half_s = _step_s(own) / 2
    room_s = _SMALLEST_NAMED * (span_s[1] - span_s[0])
    for start_s, end_s, reason in _missing_stretches(own):
        axes.axvspan(
            start_s - half_s, end_s + half_s,
            facecolor="white", edgecolor="#9a9a9a", hatch="/////", lw=0, zorder=0.5,
        )  # fmt: skip
        if end_s - start_s + 2 * half_s < room_s:
            continue
        axes.annotate(
            _REASONS.get(reason, reason),
            ((start_s + end_s) / 2, 0.94), xycoords=("data", "axes fraction"),
            ha="center", va="top", size=style.SMALL_PT, color=style.INK, rotation=90,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def missing_time(steps: pd.DataFrame) -> str:
    """Say how long each person's trace is missing, and why; nothing if it is whole."""
    lost = steps[steps["state"] == "missing"]
    said = [
        f"{role} {len(part) * _step_s(steps[steps['role'] == role]):.1f} s "
        f"{_REASONS.get(str(reason), str(reason))}"
        for (role, reason), part in lost.groupby(["role", "reason"], sort=True)
    ]
    return f" Missing: {'; '.join(said)}." if said else ""


def _step_s(own: pd.DataFrame) -> float:
    return float(own["time_s"].diff().median()) if len(own) > 1 else 0.0


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


def draw_ratings(
    axes: Axes,
    ratings: pd.DataFrame,
    bands: pd.DataFrame,
    scales: Sequence[str],
    colours: Mapping[str, str],
) -> None:
    """Draw what both people said they felt, at the place of each segment."""
    draw_bands(axes, bands)
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
