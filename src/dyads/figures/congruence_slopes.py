"""What was shown against what was felt, one panel a group, with the model's line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dyads import wording
from dyads.analysis.results import ModelResults
from dyads.figures import style
from dyads.figures.means import number_within, shown_singly

_EMOTION_MARKERS: Final = ("o", "^", "s", "D", "v", "P", "X")


@style.styled
def draw(
    cohort: pd.DataFrame,
    model: ModelResults,
    *,
    groups: Sequence[str],
    unit: str,
    rows: Literal["participants", "everyone"] = "participants",
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw expression against experience within people.

    Parameters
    ----------
    cohort
        `Cohort`; rows with an exclusion are left out.
    model
        A model that compares slopes, with its lines.
    groups
        All groups of the study in their order.
    unit
        Unit of the expression, such as `probability`.
    rows
        Whose rows the model was fitted on.
    minimum_cell
        The people of a smaller group are not shown.
    sharing
        People who agreed to be shown singly (`share_features`); None: all.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        kind (row, person, model), group, person (numbered), emotion, x, e, lower, upper. A
        person's line and the model's line are given by their points.
    """
    data = _analysed(cohort, rows)
    emotions = list(dict.fromkeys(data["emotion"]))
    figure = style.new_figure(style.DOUBLE_MM, 68.0)
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    shown, is_complete = [], True
    for axes, group in zip(panels, groups, strict=True):
        own = data[data["group"] == group]
        axes.set_title(group, color=style.group_inks(groups)[group], size=8)
        axes.grid()
        axes.set_xlabel("Experience within person (SD)")
        people = own["person"].nunique()
        if people < max(minimum_cell, 1):
            _say_few(axes, group, people, minimum_cell)
            continue
        single = shown_singly(own, "person", sharing)
        is_complete &= len(single) == len(own)
        lines = _person_lines(single)
        line = _of_group(model.lines, group)
        _draw_group(axes, single, lines, line, emotions, style.group_colours(groups)[group])
        _say_slope(axes, own, _of_group(model.estimates, group))
        shown += [_rows_shown(single), lines, line.assign(kind="model", e=line["estimate"])]
    panels[0].set_ylabel(f"Expression ({unit})")
    if len(emotions) > 1:
        figure.legend(handles=_emotion_key(emotions), loc="outside upper right",
                      ncols=len(emotions))  # fmt: skip
    summary = model.summary
    line_of = (
        f"Slopes: means of people, since the mixed model “{model.name}” found no optimum, with "
        "their 95 % intervals; dots and thin lines are not adjusted for other predictors."
        if summary.is_two_stage
        else f"Thick line and band: mixed model “{model.name}” with its 95 % interval "
        f"({wording.df_method(summary.df_method)}), averaged over its other predictors, for which "
        "dots and thin lines are not adjusted."
    )
    note = (
        f"Dots: a person, a segment and an emotion. Thin lines: least squares within a person. "
        f"{line_of}" + style.hidden_note(minimum_cell) + style.unshared_note(is_complete)
    )
    columns = ["kind", "group", "person", "emotion", "x", "e", "lower", "upper"]
    table = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame()
    return style.finish(figure, note, summary.stamp), table.reindex(columns=columns)


def _analysed(cohort: pd.DataFrame, rows: Literal["participants", "everyone"]) -> pd.DataFrame:
    kept = cohort[cohort["exclusion"] == ""].dropna(subset=["x_w", "e", "e_w"])
    return kept[kept["role"] == "participant"] if rows == "participants" else kept


def _of_group(table: pd.DataFrame, group: str) -> pd.DataFrame:
    if "group" not in table.columns:
        return pd.DataFrame(columns=["group", "x", "estimate", "lower", "upper"], dtype=float)
    return table[table["group"] == group]


def _person_lines(own: pd.DataFrame) -> pd.DataFrame:
    """Two points of each person's least squares line of e on x, both within emotion."""
    cross = (own["x_w"] * own["e_w"]).groupby(own["person"]).sum()
    square = (own["x_w"] ** 2).groupby(own["person"]).sum()
    people = own.groupby("person").agg(e=("e", "mean"), low=("x_w", "min"), high=("x_w", "max"))
    people["slope"] = cross / square.where(square > 0)
    people = people.dropna(subset=["slope"]).reset_index()
    people["group"], people["kind"] = "".join(own["group"].unique()), "person"
    people["person"] = number_within(people, ["group"], "person")
    ends = [
        people.assign(x=people[end], e=people["e"] + people["slope"] * people[end])
        for end in ("low", "high")
    ]
    return pd.concat(ends).sort_values(["person", "x"])


def _draw_group(
    axes: Axes,
    own: pd.DataFrame,
    lines: pd.DataFrame,
    line: pd.DataFrame,
    emotions: Sequence[str],
    colour: str,
) -> None:
    for emotion, marker in zip(emotions, _EMOTION_MARKERS * len(emotions), strict=False):
        of_emotion = own[own["emotion"] == emotion]
        axes.plot(of_emotion["x_w"], of_emotion["e"], ls="", marker=marker, ms=2.4, mfc=colour,
                  mec="none", alpha=0.35)  # fmt: skip
    if len(lines):
        ends = lines.sort_values(["person", "x"])
        x, e = (ends[name].to_numpy(float).reshape(-1, 2).T for name in ("x", "e"))
        axes.plot(x, e, color=colour, lw=0.6, alpha=0.6)
    if len(line):
        along = line.sort_values("x")
        axes.fill_between(along["x"], along["lower"].to_numpy(float),
                          along["upper"].to_numpy(float), color=style.INK, alpha=0.16, lw=0,
                          zorder=3)  # fmt: skip
        axes.plot(along["x"], along["estimate"], color=style.INK, lw=1.6, zorder=4)


def _say_slope(axes: Axes, own: pd.DataFrame, estimate: pd.DataFrame) -> None:
    if len(estimate):
        row = estimate.iloc[0]
        places = wording.places_for(row["upper"] - row["lower"])
        slope = (
            f"slope {wording.fixed(row['estimate'], places)} "
            f"{wording.interval(row['lower'], row['upper'], places)} per SD"
        )
    else:
        slope = "no slope: the model left this group out"
    n = (
        f"n = {wording.plural(own['person'].nunique(), 'person', 'people')}, "
        f"{wording.plural(len(own), 'row')}"
    )
    axes.annotate(
        f"{slope}\n{n}", (0.02, 1.0), xycoords="axes fraction", xytext=(0, -1),
        textcoords="offset points", ha="left", va="top", size=style.SMALL_PT, zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
    )  # fmt: skip
    low, high = axes.get_ylim()
    axes.set_ylim(low, max(high, own["e"].max() + 0.22 * (own["e"].max() - low)))


def _say_few(axes: Axes, group: str, people: int, minimum_cell: int) -> None:
    found = "nobody" if people == 0 else f"fewer than {minimum_cell} people: not shown"
    axes.text(0.5, 0.5, f"{group}: {found}", transform=axes.transAxes, ha="center", va="center",
              size=style.SMALL_PT, color=style.QUIET)  # fmt: skip


def _emotion_key(emotions: Sequence[str]) -> list[Line2D]:
    return [
        Line2D([], [], ls="", marker=marker, color=style.QUIET, ms=3.4, label=emotion)
        for emotion, marker in zip(emotions, _EMOTION_MARKERS * len(emotions), strict=False)
    ]


def _rows_shown(own: pd.DataFrame) -> pd.DataFrame:
    return own.assign(
        kind="row", x=own["x_w"], person=number_within(own, ["group"], "person"),
        lower=np.nan, upper=np.nan,
    )[["kind", "group", "person", "emotion", "x", "e", "lower", "upper"]]  # fmt: skip
