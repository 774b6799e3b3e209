"""What a model's contrasts are without each dyad."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dyads import wording
from dyads.analysis.results import ModelResults
from dyads.figures import style
from dyads.figures.means import shown_singly


@dataclass(frozen=True)
class WithoutDyads:
    """What the figure shows of a model.

    Parameters
    ----------
    model
        Its results of all dyads.
    without_dyad
        `WithoutDyad`.
    """

    model: ModelResults
    without_dyad: pd.DataFrame


@style.styled
def draw(
    models: Sequence[WithoutDyads],
    *,
    groups: Sequence[str],
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw each contrast of each model as it is without each dyad, in order of size.

    Parameters
    ----------
    models
        Models in the order of the settings.
    groups
        All groups of the study in their order.
    sharing
        Dyads who agreed to be shown singly; None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        title, contrast, place (in order of size), group (of the dyad left out), estimate, lower,
        upper, p_value, shift. No dyad is named.
    """
    counts = [len(item.model.contrasts) for item in models]
    figure = style.new_figure(style.DOUBLE_MM, 46.0 * max(len(models), 1) + 6.0)
    panels = figure.subplots(max(len(models), 1), max([1, *counts]), squeeze=False)
    parts = []
    for row, item in zip(panels, models, strict=False):
        for axes in row[len(item.model.contrasts) :]:
            axes.set_axis_off()
        whole = item.model.contrasts
        for axes, contrast, estimate in zip(
            row, whole["contrast"], whole["estimate"], strict=False
        ):
            own = _ordered(item.without_dyad, contrast)
            shown = shown_singly(own, "dyad_id", sharing)
            _draw_contrast(axes, shown, float(estimate), groups)
            axes.set_title(wording.contrast(contrast), weight="normal")
            parts.append(shown.assign(title=item.model.summary.title))
        summary = item.model.summary
        what = wording.compared(summary.compare, summary.variable, summary.moderator)
        row[0].set_ylabel("\n".join(style.wrapped(f"Difference of {what}", 38, style.TEXT_PT)))
    if not models:
        style.say_empty(panels[0, 0], "no model was fitted")
    figure.legend(handles=style.group_key(groups), loc="outside upper left", ncols=len(groups))
    dyads = [
        wording.plural(item.without_dyad["dyad_id"].nunique(), "dyad")
        for item in models
        if len(item.without_dyad)
    ]
    is_complete = sharing is None or all(
        item.without_dyad["dyad_id"].isin(list(sharing)).all() for item in models
    )
    note = (
        f"n = {'; '.join(dict.fromkeys(dyads)) or 'no dyads'}. A dot: the contrast without one "
        "dyad of that group, in order of size; bars: its 95 % interval. Line: all dyads. "
        "Dashed: zero." + style.unshared_note(is_complete, people="Dyads")
    )
    columns = [
        "title", "contrast", "place", "group", "estimate", "lower", "upper", "p_value", "shift",
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return style.finish(figure, note, stamp), table[columns]


def _ordered(without_dyad: pd.DataFrame, contrast: str) -> pd.DataFrame:
    own = without_dyad[without_dyad["contrast"].eq(contrast)].dropna(subset=["estimate"])
    own = own.sort_values("estimate", kind="stable")
    return own.assign(place=np.arange(1, len(own) + 1))


def _draw_contrast(axes: Axes, shown: pd.DataFrame, estimate: float, groups: Sequence[str]) -> None:
    if shown.empty:
        style.say_empty(axes, "no dyad to show")
        return
    colours, markers = style.group_colours(groups), style.group_markers(groups)
    for group in groups:
        own = shown[shown["group"].eq(group)]
        axes.vlines(own["place"], own["lower"], own["upper"], color=colours[group], lw=0.7,
                    alpha=0.6)  # fmt: skip
        axes.plot(own["place"], own["estimate"], ls="", marker=markers[group], ms=3.0,
                  color=colours[group])  # fmt: skip
    axes.axhline(estimate, color=style.INK, lw=0.8)
    axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)))
    axes.set_xticks([])
    axes.grid(axis="y")
