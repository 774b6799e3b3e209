"""Whether models fit: residuals and random effects against a normal curve, spread by group."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from dyads import wording
from dyads.figures import style

_MARKERS: Final = ("o", "s", "D", "^", "v", "P")


@dataclass(frozen=True)
class CheckedModel:
    """What the figure shows of a model.

    Parameters
    ----------
    title
        What the model answers.
    residuals
        `Residuals`; none where the mixed model found no optimum.
    random_effects
        `RandomEffects`.
    """

    title: str
    residuals: pd.DataFrame
    random_effects: pd.DataFrame


@style.styled
def draw(
    models: Sequence[CheckedModel],
    *,
    groups: Sequence[str],
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw three panels for each model.

    Parameters
    ----------
    models
        Models in the order of the settings.
    groups
        All groups of the study in their order.
    minimum_cell
        A group of fewer people has no spread.
    sharing
        People who agreed to be shown singly; None: everybody. Others count and have no dot.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        title, panel (`residuals`, `random effects`, `spread`), series, expected, value: the dots
        in order of size, and for `spread` the standard deviation of each group.
    """
    figure = style.new_figure(style.DOUBLE_MM, 50.0 * max(len(models), 1) + 6.0)
    panels = figure.subplots(max(len(models), 1), 3, squeeze=False)
    parts = []
    for row, model in zip(panels, models, strict=False):
        row[0].set_title(model.title, pad=6, loc="left")
        if model.residuals.empty:
            for axes in row:
                style.say_empty(axes, "the mixed model\nfound no optimum")
            continue
        residuals = _quantiles(model.residuals, "scaled_residual", "person", sharing)
        _draw_residuals(row[0], residuals)
        parts.append(residuals.assign(panel="residuals", series="residual"))
        effects = _of_effects(model.random_effects, sharing)
        _draw_effects(row[1], effects)
        parts.append(effects.assign(panel="random effects"))
        spread = _spread(model.residuals, groups, minimum_cell)
        _draw_spread(row[2], model.residuals, spread, groups, sharing)
        parts.append(spread.assign(panel="spread"))
        for name, part in zip(("residuals", "random effects", "spread"), parts[-3:], strict=True):
            part["title"] = model.title
            assert part["panel"].eq(name).all()
    if not models:
        for axes in panels[0]:
            style.say_empty(axes, "no model was fitted")
    people = [f"{wording.plural(m.residuals['person'].nunique(), 'person', 'people')}"
              f", {wording.plural(len(m.residuals), 'row')}"
              for m in models if not m.residuals.empty]  # fmt: skip
    is_complete = sharing is None or all(
        model.residuals["person"].isin(list(sharing)).all() for model in models
    )
    note = (
        f"n = {'; '.join(dict.fromkeys(people)) or 'nobody'}. Left: residuals in their standard "
        "deviations against those of a normal distribution; middle: predicted random effects in "
        "theirs; dashed: equality. Right: residuals of each row; bars: one standard deviation to "
        "either side." + style.hidden_note(minimum_cell) + style.unshared_note(is_complete)
    )
    columns = ["title", "panel", "series", "expected", "value"]
    shown = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return style.finish(figure, note, stamp), shown[columns]


def _quantiles(
    table: pd.DataFrame, value: str, person: str, sharing: Collection[str] | None
) -> pd.DataFrame:
    """Put values in order beside what a normal distribution expects; then drop the unshared."""
    ordered = table.sort_values(value, kind="stable")
    n = len(ordered)
    expected = ndtri((np.arange(1, n + 1) - 0.5) / n) if n else np.empty(0)
    kept = np.ones(n, bool) if sharing is None else ordered[person].isin(list(sharing)).to_numpy()
    values = ordered[value].to_numpy(float)
    return pd.DataFrame({"expected": expected[kept], "value": values[kept]})


def _of_effects(effects: pd.DataFrame, sharing: Collection[str] | None) -> pd.DataFrame:
    parts = []
    for (grouping, effect), own in effects.groupby(["grouping", "effect"], sort=False):
        sd = float(own["value"].std())
        scaled = own.assign(
            scaled=own["value"] / sd if sd > 0 else 0.0,
            person=own["unit"].str.split(":", n=1).str[0],
        )
        shown = _quantiles(scaled, "scaled", "person", sharing if grouping != "dyad_id" else None)
        parts.append(shown.assign(series=f"{effect} of {grouping}"))
    if not parts:
        return pd.DataFrame(columns=["expected", "value", "series"])
    return pd.concat(parts, ignore_index=True)


def _spread(residuals: pd.DataFrame, groups: Sequence[str], minimum_cell: int) -> pd.DataFrame:
    by_group = residuals.groupby("group").agg(
        people=("person", "nunique"), value=("scaled_residual", "std")
    )
    by_group = by_group.reindex(list(groups))
    value = by_group["value"].where(by_group["people"] >= minimum_cell)
    return pd.DataFrame({"series": list(groups), "expected": 1.0, "value": value.to_numpy(float)})


def _draw_residuals(axes: Axes, dots: pd.DataFrame) -> None:
    _draw_line(axes)
    axes.plot(dots["expected"], dots["value"], ls="", marker="o", ms=2.2, mfc=style.INK,
              mec="none", alpha=0.6)  # fmt: skip
    axes.set_xlabel("Expected")
    axes.set_ylabel("Residual (SD)")


def _draw_effects(axes: Axes, effects: pd.DataFrame) -> None:
    _draw_line(axes)
    names = list(dict.fromkeys(effects.loc[effects["value"].ne(0), "series"]))
    colours = list(style.group_colours(names).values())
    for name, marker, colour in zip(names, _MARKERS, colours, strict=False):
        own = effects[effects["series"].eq(name)]
        axes.plot(own["expected"], own["value"], ls="", marker=marker, ms=2.6, mfc=colour,
                  mec="none", label=name)  # fmt: skip
    if names:
        axes.legend(loc="upper left")
    else:
        style.say_empty(axes, "no random effect, or all\nwere estimated as zero")
    axes.set_xlabel("Expected")
    axes.set_ylabel("Random effect (SD)")


def _draw_spread(
    axes: Axes,
    residuals: pd.DataFrame,
    spread: pd.DataFrame,
    groups: Sequence[str],
    sharing: Collection[str] | None,
) -> None:
    colours = style.group_colours(groups)
    for place, (group, sd) in enumerate(zip(spread["series"], spread["value"], strict=True)):
        if not np.isfinite(sd):
            continue
        own = residuals[residuals["group"].eq(group)]
        own = own if sharing is None else own[own["person"].isin(list(sharing))]
        values = own["scaled_residual"].to_numpy(float)
        axes.plot(place + 0.5 * style.spread(values), values, ls="", marker="o", ms=1.8,
                  mfc=colours[group], mec="none", alpha=0.5)  # fmt: skip
        axes.vlines(place + 0.36, -sd, sd, color=style.INK, lw=1.4)
    axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)))
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_xlim(-0.5, len(groups) - 0.4)
    axes.set_ylabel("Residual (SD)")


def _draw_line(axes: Axes) -> None:
    axes.axline((0, 0), slope=1, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.grid()
