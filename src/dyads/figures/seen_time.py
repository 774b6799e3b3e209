"""How much of each recording's segments could be seen. Groups are not shown: quality is blind."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dyads import wording
from dyads.figures import style
from dyads.traces.strata import ALL

_MOST_NAMES = 60


@style.styled
def draw(
    expressions: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    minimum_seen_share: float,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw the share of seen time of each recording, least first.

    Parameters
    ----------
    expressions
        `Expressions` of all sessions.
    segments
        Study table of segments.
    minimum_seen_share
        Segments with a smaller share are left out of the analysis.
    sharing
        People whose pseudonym may be shown (`share_features`); None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        dyad_id, session_id, person_id (empty: not to be named), seen_share (over all segments),
        least and most (of one segment), segments, segments_below.
    """
    shares = _shares(expressions, segments, minimum_seen_share)
    if sharing is not None:
        is_unnamed = ~shares["person_id"].isin(list(sharing))
        shares.loc[is_unnamed, ["dyad_id", "session_id", "person_id"]] = ""
    figure = style.new_figure(style.DOUBLE_MM, 58.0)
    axes = figure.subplots()
    if shares.empty:
        style.say_empty(axes, "no recording was measured")
    else:
        _draw_recordings(axes, shares, minimum_seen_share)
    below = int(shares["segments_below"].sum())
    note = (
        f"n = {wording.plural(len(shares), 'recording')} of one person in one session, by "
        "share. Dots: share over all segments; lines: from the least to the best seen segment. "
        f"Dashed: smallest share that is analysed ({wording.percent(minimum_seen_share)}); "
        f"{below} of {wording.plural(int(shares['segments'].sum()), 'segment')} lie below it. "
        "Groups are not shown, so that quality is judged without them."
    )
    return style.finish(figure, note, stamp), shares


def _shares(expressions: pd.DataFrame, segments: pd.DataFrame, minimum: float) -> pd.DataFrame:
    recording = ["dyad_id", "session_id", "person_id"]
    whole = expressions[expressions["stratum"] == ALL]
    once = whole.drop_duplicates([*recording, "segment_id"])
    timed = once.merge(
        segments[["dyad_id", "session_id", "segment_id", "duration_s"]],
        on=["dyad_id", "session_id", "segment_id"],
    )
    timed = timed.assign(
        weighted=timed["seen_share"] * timed["duration_s"], below=timed["seen_share"] < minimum
    )
    shares = timed.groupby(recording, as_index=False).agg(
        weighted=("weighted", "sum"), duration_s=("duration_s", "sum"),
        least=("seen_share", "min"), most=("seen_share", "max"),
        segments=("segment_id", "size"), segments_below=("below", "sum"),
    )  # fmt: skip
    shares.insert(3, "seen_share", shares["weighted"] / shares["duration_s"])
    shares = shares.drop(columns=["weighted", "duration_s"])
    return shares.sort_values(["seen_share", *recording], ignore_index=True)


def _draw_recordings(axes: Axes, shares: pd.DataFrame, minimum: float) -> None:
    place = np.arange(len(shares))
    is_below = shares["segments_below"].to_numpy() > 0
    colour = np.where(is_below, style.STAMP, style.INK)
    axes.vlines(place, shares["least"], shares["most"], color=colour, lw=0.9, alpha=0.6)
    for below, marker in ((False, "o"), (True, "D")):
        chosen = is_below == below
        axes.plot(place[chosen], shares["seen_share"][chosen], ls="", marker=marker, ms=3.0,
                  color=style.STAMP if below else style.INK)  # fmt: skip
    axes.axhline(minimum, color=style.QUIET, lw=0.7, ls=(0, (3, 2)))
    names = shares["dyad_id"] + " " + shares["session_id"] + " " + shares["person_id"]
    named = place if len(shares) <= _MOST_NAMES else place[is_below]
    axes.set_xticks(named, names.iloc[named], rotation=90, size=style.SMALL_PT - 1)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-1, len(shares))
    axes.set_ylim(-0.03, 1.03)
    axes.yaxis.set_major_formatter(lambda share, _: wording.percent(share))
    axes.set_ylabel("Seen time in segments")
    axes.set_xlabel("Recording (dyad, session, person)")
    axes.grid(axis="y")
