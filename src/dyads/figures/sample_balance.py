"""How alike the groups are: standardised differences in every covariate."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dyads import wording
from dyads.analysis.balance import LARGEST_DIFFERENCE
from dyads.analysis.sample import ANALYSED, MATCHED, RECRUITED, SampleDescription
from dyads.figures import style

_LOOKS: Final = {
    RECRUITED: ("o", "white", style.QUIET),
    ANALYSED: ("o", style.INK, style.INK),
    MATCHED: ("D", "#0072B2", "#0072B2"),
}
"""Marker, filling and line of each sample."""
_LINE_MM: Final = 6.5


@style.styled
def draw(description: SampleDescription) -> tuple[Figure, pd.DataFrame]:
    """Draw the standardised difference of each pair of groups, before and after matching.

    Parameters
    ----------
    description
        The sample.

    Returns
    -------
    Figure
        Double column width; its height follows the number of covariates.
    DataFrame
        sample, covariate, level, contrast, smd, lower, upper, variance_ratio, is_balanced,
        is_hidden.
    """
    table, summary = description.balance, description.summary
    samples = [name for name in _LOOKS if table["sample"].eq(name).any()]
    contrasts = list(dict.fromkeys(table["contrast"]))
    rows = list(dict.fromkeys(zip(table["covariate"], table["level"], strict=True)))
    height_mm = _LINE_MM * max(len(rows), 2) + 20.0
    figure = style.new_figure(style.DOUBLE_MM, height_mm)
    panels = figure.subplots(1, max(len(contrasts), 1), sharey=True, squeeze=False)[0]
    names = [f"{covariate}: {level}" if level else covariate for covariate, level in rows]
    for axes, contrast in zip(panels, contrasts, strict=False):
        _draw_contrast(axes, table[table["contrast"].eq(contrast)], rows, samples)
        axes.set_title(wording.contrast(contrast), weight="normal")
    if rows:
        panels[0].set_yticks(range(len(rows)), names)
        panels[0].set_ylim(len(rows) - 0.5, -0.5)
    else:
        style.say_empty(panels[0], "no covariate is described")
    panels[len(panels) // 2].set_xlabel("Standardised mean difference")
    handles = [
        Line2D([], [], ls="", ms=4, label=name, marker=marker, mfc=filling, color=line)
        for name, (marker, filling, line) in _LOOKS.items()
        if name in samples
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3)
    note = (
        f"{_sizes(description, samples)} Bars: 95 % intervals for large samples. Shaded: within "
        f"{LARGEST_DIFFERENCE} standard deviations, where groups count as alike."
        + style.hidden_note(summary.minimum_cell)
    )
    return style.finish(figure, note, summary.stamp), table


def _draw_contrast(
    axes: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], samples: list[str]
) -> None:
    axes.axvspan(-LARGEST_DIFFERENCE, LARGEST_DIFFERENCE, color=style.PAPER_BAND, zorder=0)
    axes.axvline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=1)
    place = {row: number for number, row in enumerate(rows)}
    for number, sample in enumerate(samples):
        own = table[table["sample"].eq(sample)].dropna(subset=["smd"])
        beside = 0.26 * (number - (len(samples) - 1) / 2)
        y = np.array([place[row] for row in zip(own["covariate"], own["level"], strict=True)])
        y = y + beside if len(y) else y.astype(float)
        marker, filling, line = _LOOKS[sample]
        axes.hlines(y, own["lower"], own["upper"], color=line, lw=0.8)
        axes.plot(own["smd"], y, ls="", ms=3.6, mew=0.8, marker=marker, mfc=filling, color=line)
    shown = table.dropna(subset=["smd"])
    known = set(zip(shown["covariate"], shown["level"], strict=True))
    for row in rows:
        if row not in known:
            axes.text(0.02, place[row], "not shown", va="center", size=style.SMALL_PT,
                      color=style.QUIET, transform=axes.get_yaxis_transform())  # fmt: skip
    widest = shown[["lower", "upper"]].abs().to_numpy().max() if len(shown) else 1.0
    axes.set_xlim(-1.08 * max(widest, 0.5), 1.08 * max(widest, 0.5))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def _sizes(description: SampleDescription, samples: list[str]) -> str:
    """Say how many people of each group stand behind each sample."""
    parts = []
    for sample in samples:
        own = description.people[description.people["sample"].eq(sample)]
        counts = [
            f"{group} {'few' if pd.isna(people) else int(people)}"
            for group, people in zip(own["group"], own["people"], strict=True)
        ]
        parts.append(f"{sample} ({', '.join(counts)})")
    return f"n = {'; '.join(parts)}." if parts else "no people."
