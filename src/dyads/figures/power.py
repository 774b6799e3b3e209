"""Power against the number of dyads, by segments and reliability, one panel a difference."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dyads import wording
from dyads.figures import style
from dyads.power.assumptions import Assumptions
from dyads.power.results import ENOUGH

_LINES: Final = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (4, 1.5, 1, 1.5)))
_APART: Final = 0.012


@style.styled
def draw(table: pd.DataFrame, world: Assumptions) -> tuple[Figure, pd.DataFrame]:
    """Draw power curves with the uncertainty of the simulation.

    Parameters
    ----------
    table
        As `dyads.power.results.power_of` gives it, sizes below each other.
    world
        What the studies were drawn from.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        The table.
    """
    shown = table.sort_values(
        ["contrast", "reliability", "segments", "dyads_per_group"], kind="stable"
    )
    contrasts = list(dict.fromkeys(table["contrast"]))
    figure = style.new_figure(style.DOUBLE_MM, 66.0)
    panels = figure.subplots(1, max(len(contrasts), 1), sharey=True, squeeze=False)[0]
    segments = sorted(table["segments"].unique())
    levels = sorted(table["reliability"].unique(), reverse=True)
    names = [wording.plural(int(m), "segment") for m in segments]
    colours, markers = style.group_colours(names), style.group_markers(names)
    for axes, contrast in zip(panels, contrasts, strict=False):
        own = shown[shown["contrast"].eq(contrast)]
        difference = wording.number(float(own["difference"].iloc[0]))
        axes.set_title(f"{wording.contrast(contrast)}: {difference} per SD")
        axes.axhline(ENOUGH, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
        axes.grid(axis="y")
        reach = float(own["dyads_per_group"].max())
        place = 0
        for m, name in zip(segments, names, strict=True):
            for level, dashes in zip(levels, _LINES * len(levels), strict=False):
                line = own[own["segments"].eq(m) & own["reliability"].eq(level)]
                x = line["dyads_per_group"] + _APART * reach * place
                axes.vlines(x, line["lower"], line["upper"], color=colours[name], lw=1.0)
                axes.plot(x, line["power"], ls=dashes, color=colours[name], marker=markers[name],
                          ms=3.4)  # fmt: skip
                place += 1
        axes.set_xticks(sorted(own["dyads_per_group"].unique()))
        axes.set_xlabel("Dyads in each group")
        axes.set_ylim(-0.02, 1.02)
    panels[0].set_ylabel("Power")
    if table.empty:
        style.say_empty(panels[0], "no size of study was simulated")
    else:
        keys = [
            Line2D([], [], color=colours[name], marker=markers[name], ms=3.4, label=name)
            for name in names
        ]
        keys += [
            Line2D([], [], color=style.QUIET, ls=dashes, label=f"reliability {level:g}")
            for level, dashes in zip(levels, _LINES * len(levels), strict=False)
        ]
        figure.legend(handles=keys, loc="outside upper right", ncols=len(keys))
    return style.finish(figure, _note(table, world), world.stamp), shown.reset_index(drop=True)


def _note(table: pd.DataFrame, world: Assumptions) -> str:
    slopes = wording.listed([f"{name} {wording.number(b)}" for name, b in world.slopes.items()])
    studies = wording.plural(int(table["studies"].max()), "study", "studies") if len(table) else ""
    origin = "the study's own fit" if world.source == "fitted" else "the settings"
    return (
        f"Share of simulated studies (n = {studies} a point) in which the difference of slopes is "
        f"found: p < .05 with CR2, correction {wording.correction(world.correction)}. Bars: 95 % "
        f"interval of the simulation (Wilson). Dashed line: {wording.percent(ENOUGH)}. From "
        f"{origin}: slopes {slopes} per SD of experience; SD of persons' levels "
        f"{wording.number(world.person_sd)} and slopes {wording.number(world.slope_sd)}, of what "
        f"else moves the face {wording.number(world.residual_sd)}; "
        f"{wording.plural(world.emotions, 'emotion')} a segment; "
        f"{wording.percent(world.shared_experience)} of experience shared. "
        "Reliability: of a segment's expression within people. " + " ".join(world.remarks)
    )
