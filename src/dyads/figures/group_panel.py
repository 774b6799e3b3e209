"""A panel with a column for each group: raw values as dots, beside them what they amount to."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from dyads.figures import style


def draw_group_panel(
    axes: Axes,
    dots: pd.DataFrame,
    means: pd.DataFrame,
    groups: Sequence[str],
    minimum_cell: int,
) -> None:
    """Draw a panel and write the number of rows below each group.

    Parameters
    ----------
    axes
        The panel.
    dots
        group, value: what may be shown of the raw data; no rows leaves the dots out.
    means
        group, n, mean, lower, upper: one row a group; groups may be absent.
    groups
        All groups of the study in their order.
    minimum_cell
        A smaller n is written as `<`.
    """
    colours, markers = style.group_colours(groups), style.group_markers(groups)
    sizes = dict(zip(means["group"], means["n"].astype(int), strict=True))
    side = 0.25 if len(dots) else 0.0
    for place, group in enumerate(groups):
        values = dots.loc[dots["group"] == group, "value"].to_numpy(float)
        axes.plot(
            place + 0.12 + 0.4 * style.spread(values), values, ls="", marker=markers[group],
            ms=3, mfc=colours[group], mec="none", alpha=0.55,
        )  # fmt: skip
        own = means[means["group"] == group]
        style.draw_mean(axes, place - side, own, colours[group], markers[group])
        n = sizes.get(group, 0)
        axes.annotate(
            f"n <{minimum_cell}" if 0 < n < minimum_cell else f"n = {n}", (place, 0),
            xycoords=("data", "axes fraction"), xytext=(0, -11), textcoords="offset points",
            ha="center", va="top", size=style.SMALL_PT - 0.5, color=style.QUIET,
        )  # fmt: skip
    axes.set_xticks(range(len(groups)), groups)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.grid(axis="y")
    if dots.empty and means["mean"].isna().all():
        axes.set_yticks([])
