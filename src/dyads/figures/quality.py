"""How good the recordings are, over the whole study. Neither groups nor people are told apart."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dyads import wording
from dyads.config import QualitySettings
from dyads.figures import style
from dyads.traces.quality import UNITS, limits_of

PANELS: Final = {
    "face_share": "Frames with a face",
    "longest_gap": "Longest gap (s)",
    "rate": "Frames per second",
    "face_width": "Width of the face (px)",
    "turn": "Turn of the head (°)",
    "light": "Light",
    "sharpness": "Sharpness",
    "speed_p95": "Speed (widths/s)",
}
"""What is shown, with its name on the axis."""


@style.styled
def draw(
    quality: pd.DataFrame,
    *,
    settings: QualitySettings,
    minimum_cell: int = 1,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw each measure of quality over all recordings, a dot a recording of a person.

    Parameters
    ----------
    quality
        `Quality` of all sessions.
    settings
        Limits, drawn where they are set.
    minimum_cell
        A measure known of fewer people is not shown.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        measure, unit, value: the dots, each measure in order of size, so that no row can be
        joined to another measure or to a person.
    """
    shown = _values(quality, minimum_cell)
    figure = style.new_figure(style.DOUBLE_MM, 78.0)
    limits = limits_of(settings)
    panels = figure.subplots(2, 4).ravel()
    for axes, (measure, title) in zip(panels, PANELS.items(), strict=True):
        axes.set_title(title, weight="normal")
        values = shown.loc[shown["measure"] == measure, "value"].to_numpy(float)
        if len(values):
            _draw_measure(axes, values)
            for limit in limits.get(measure, ()):
                if limit is not None:
                    axes.axhline(limit, color=style.STAMP, lw=0.7, ls=(0, (3, 2)))
        else:
            style.say_empty(axes, _why_empty(quality, measure, minimum_cell))
        if measure == "face_share":
            axes.yaxis.set_major_formatter(lambda share, _: wording.percent(share))
    recordings = quality[["dyad_id", "session_id", "person_id"]].drop_duplicates()
    note = (
        f"n = {wording.plural(len(recordings), 'recording')} of one person in one session: a dot "
        "each; bars: median and quartiles. Size, turn, light and sharpness are medians over the "
        "frames of a recording, speed is the 95th percentile. "
        + ("Dashed: limits beyond which frames are masked. " if _has_limit(settings) else "")
        + "Groups are not shown, so that quality is judged without them."
        + style.hidden_note(minimum_cell)
    )
    return style.finish(figure, note, stamp), shown


def _values(quality: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    whole = quality[quality["segment_id"].eq("") & quality["measure"].isin(list(PANELS))]
    known = whole.dropna(subset=["value"])
    people = known.groupby("measure")["person_id"].nunique()
    known = known[known["measure"].isin(people.index[people >= minimum_cell])]
    order = {measure: place for place, measure in enumerate(PANELS)}
    known = known.assign(place=known["measure"].map(order)).sort_values(["place", "value"])
    shown = known[["measure", "value"]].reset_index(drop=True)
    shown.insert(1, "unit", shown["measure"].map(UNITS))
    return shown


def _why_empty(quality: pd.DataFrame, measure: str, minimum_cell: int) -> str:
    if quality.empty:
        return "no recording\nwas measured"
    if quality.loc[quality["measure"].eq(measure), "value"].notna().any():
        return f"known of fewer\nthan {minimum_cell} people"
    return "not measured"


def _draw_measure(axes: Axes, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    axes.plot(0.15 + 0.5 * style.spread(values), values, ls="", marker="o", ms=2.6,
              mfc=style.INK, mec="none", alpha=0.45)  # fmt: skip
    axes.vlines(-0.32, low, high, color=style.INK, lw=1.3)
    axes.plot([-0.32], [middle], ls="", marker="o", ms=4.2, mfc=style.INK, mec="white", mew=0.7)
    room = 0.05 * max(high, 0.1) if np.ptp(values) < 0.01 * abs(middle) else 0.0
    if room:  # all but the same: rounding must not fill the panel
        axes.set_ylim(low - room, high + room)
    axes.set_xlim(-0.6, 0.6)
    axes.set_xticks([])
    axes.grid(axis="y")


def _has_limit(settings: QualitySettings) -> bool:
    return any(limit is not None for pair in limits_of(settings).values() for limit in pair)
