"""Differences between groups in every model, with intervals and p-values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dyads import wording
from dyads.analysis.results import ModelResults
from dyads.figures import style
from dyads.tables import joined_stamps

_COLUMNS = ("estimate [95 % interval]", "p", "p, CR2", "d")
_PLACES = (0.0, 0.5, 0.7, 0.99)


@style.styled
def draw(models: Sequence[ModelResults]) -> tuple[Figure, pd.DataFrame]:
    """Draw a forest of the contrasts of several models.

    Each model has an axis of its own, since their units differ.

    Parameters
    ----------
    models
        Models in the order in which they are shown.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        model, title, contrast, covariance, estimate, se, df, lower, upper, p_value, p_adjusted,
        effect_size, rows, people, dyads.
    """
    lines = [max(len(model.contrasts), 1) for model in models] or [1]
    figure = style.new_figure(style.DOUBLE_MM, sum(5.2 * count + 16.0 for count in lines) + 8.0)
    panels = figure.subplots(
        len(lines), 2, width_ratios=[1.0, 0.82], height_ratios=[c + 1.2 for c in lines],
        squeeze=False,
    )  # fmt: skip
    for (axes, words), model in zip(panels, models, strict=False):
        _draw_model(axes, words, model)
    if not models:
        style.say_empty(panels[0, 0], "no model was fitted")
        panels[0, 1].set_axis_off()
    figure.legend(handles=_key(), loc="outside upper left", ncols=2)
    summaries = [model.summary for model in models]
    methods = wording.listed(sorted({wording.df_method(s.df_method) for s in summaries}))
    corrected = wording.listed(sorted({wording.correction(s.correction) for s in summaries}))
    note = (
        f"Bars: 95 % intervals of each contrast alone, {methods or 'model'} and cluster-robust "
        f"CR2. p: corrected within a model ({corrected or 'no correction'}). d: contrast in SD "
        "(means: total SD of the model; slopes: SD of expression within person). Dashed: zero."
    )
    if any(summary.is_two_stage for summary in summaries):
        note += (
            " Welch: slopes person by person, where the mixed model found no optimum; they have no "
            "CR2."
        )
    stamp = joined_stamps(*(summary.stamp for summary in summaries))
    return style.finish(figure, note, stamp), _shown(models)


def _draw_model(axes: Axes, words: Axes, model: ModelResults) -> None:
    summary = model.summary
    size = (
        f"n = {wording.plural(summary.people, 'person', 'people')} in "
        f"{wording.plural(summary.dyads, 'dyad')}, {wording.plural(summary.rows, 'row')}"
    )
    axes.set_title(summary.title, pad=12.5)
    axes.annotate(size, (0, 1), xycoords="axes fraction", xytext=(0, 3.5), va="bottom",
                  textcoords="offset points", size=style.SMALL_PT, color=style.QUIET)  # fmt: skip
    words.set_axis_off()
    contrasts = model.contrasts.reset_index(drop=True)
    count = len(contrasts)
    for panel in (axes, words):
        panel.set_ylim(count - 0.4 if count else 0.6, -0.6)
    if not count:
        style.say_empty(axes, "no contrast could be estimated")
        return
    rows = np.arange(count)
    robust = model.contrasts_cr2.set_index("contrast").reindex(contrasts["contrast"])
    _draw_bars(axes, contrasts, rows - 0.14, filled=True)
    _draw_bars(axes, robust, rows + 0.18, filled=False)
    axes.axvline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(rows, [wording.contrast(label) for label in contrasts["contrast"]])
    axes.tick_params(axis="y", length=0, labelsize=style.TEXT_PT)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    compared = wording.compared(summary.compare, summary.variable, summary.moderator)
    axes.set_xlabel(f"Difference of {compared}")
    _write_columns(words, contrasts, robust)


def _draw_bars(axes: Axes, table: pd.DataFrame, y: np.ndarray, *, filled: bool) -> None:
    colour = style.INK if filled else style.QUIET
    axes.hlines(y, table["lower"], table["upper"], color=colour, lw=1.4 if filled else 0.9)
    axes.plot(table["estimate"], y, ls="", marker="o", ms=4 if filled else 3.2, mec=colour,
              mew=0.9, mfc=colour if filled else "white")  # fmt: skip


def _write_columns(words: Axes, contrasts: pd.DataFrame, robust: pd.DataFrame) -> None:
    words.set_xlim(0, 1)
    for head, x in zip(_COLUMNS, _PLACES, strict=True):
        words.annotate(head, (x, 1), xycoords="axes fraction", xytext=(0, 3.5), va="bottom",
                       textcoords="offset points", ha="right" if x > 0.9 else "left",
                       size=style.SMALL_PT, color=style.QUIET)  # fmt: skip
    sizes = contrasts.get("effect_size", pd.Series(np.nan, index=contrasts.index))
    robust_p = robust.get("p_adjusted", pd.Series(np.nan, index=robust.index)).to_numpy(float)
    values = contrasts[["estimate", "lower", "upper", "p_adjusted"]].to_numpy(float)
    for y, (estimate, lower, upper, p) in enumerate(values):
        cells = (
            wording.estimate_interval(estimate, lower, upper),
            wording.p_value(p, sign=False),
            wording.p_value(robust_p[y], sign=False),
            wording.fixed(float(sizes.iloc[y]), 2),
        )
        for cell, x in zip(cells, _PLACES, strict=True):
            words.text(x, y, cell, va="center", ha="right" if x > 0.9 else "left",
                       size=style.SMALL_PT)  # fmt: skip


def _key() -> list[Line2D]:
    return [
        Line2D([], [], marker="o", color=style.INK, mfc=style.INK, ms=4, lw=1.4,
               label="mixed model"),
        Line2D([], [], marker="o", color=style.QUIET, mfc="white", ms=3.2, lw=0.9,
               label="mixed model, cluster-robust (CR2)"),
    ]  # fmt: skip


def _shown(models: Sequence[ModelResults]) -> pd.DataFrame:
    columns = ["model", "title", "contrast", "covariance", "estimate", "se", "df", "lower",
               "upper", "p_value", "p_adjusted", "effect_size", "rows", "people",
               "dyads"]  # fmt: skip
    parts = [
        table.assign(
            model=model.name, title=model.summary.title, covariance=covariance,
            rows=model.summary.rows, people=model.summary.people, dyads=model.summary.dyads,
        )
        for model in models
        for table, covariance in (
            (model.contrasts, model.summary.df_method),
            (model.contrasts_cr2, "CR2"),
        )
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return table.reindex(columns=columns)
