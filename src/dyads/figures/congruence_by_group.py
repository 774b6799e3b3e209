"""Slope, correlation and range of experience of each person, with what groups amount to.

A flat face, a face out of step and a noisy reading look alike in one measure and differ in the
three together; so they stand side by side.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dyads.analysis.results import ModelResults
from dyads.figures import style
from dyads.figures.group_panel import draw_group_panel
from dyads.figures.means import group_means, number_within, shown_singly
from dyads.tables import joined_stamps

_PANELS: Final = {
    "slope": ("C1  Slope", "Slope of expression on experience (per SD)"),
    "fisher_z": ("C2  Correlation", "Correlation within person (Fisher z)"),
    "": ("C3  Freed of noise", "Correlation corrected for unreliability"),
    "sd_x": ("Range", "SD of experience within person (all = 1)"),
}

_NO_DOTS: Final = pd.DataFrame({"group": [], "value": []})


@style.styled
def draw(
    persons: pd.DataFrame,
    group_congruence: pd.DataFrame,
    model: ModelResults,
    *,
    groups: Sequence[str],
    rows: Literal["participants", "everyone"] = "participants",
    disattenuated: str = "disattenuated_r",
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw the measures of congruence by group.

    Parameters
    ----------
    persons
        `PersonCongruence`.
    group_congruence
        `GroupCongruence`.
    model
        The model whose estimates are the groups' slopes.
    groups
        All groups of the study in their order.
    rows
        Whose rows the model was fitted on.
    disattenuated
        Name of C3 in `group_congruence`.
    minimum_cell
        A smaller group is not shown.
    sharing
        People who agreed to be shown singly (`share_features`); None: all.
    stamp
        Words that the figure must carry beside those of the model.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        measure, group, kind (person, mean, model, bootstrap), person (numbered), value, lower,
        upper, n.
    """
    people = persons[persons["role"] == "participant"] if rows == "participants" else persons
    figure = style.new_figure(style.DOUBLE_MM, 66.0)
    panels = figure.subplots(1, len(_PANELS), squeeze=False)[0]
    shown, is_complete = [], True
    for axes, (measure, (title, label)) in zip(panels, _PANELS.items(), strict=True):
        axes.set_title(title)
        axes.set_ylabel(label)
        if not measure:
            corrected = _corrected(group_congruence, disattenuated, minimum_cell)
            draw_group_panel(axes, _NO_DOTS, corrected, groups, minimum_cell)
            shown.append(corrected.rename(columns={"mean": "value"}).assign(measure=disattenuated))
            continue
        values = people[["group", "person", measure]].rename(columns={measure: "value"})
        everybody, means = _cells(values.dropna(subset=["value"]), minimum_cell)
        dots = shown_singly(everybody, "person", sharing)
        is_complete &= len(dots) == len(everybody)
        estimates = means.assign(kind="mean")
        if measure == "slope" and len(model.estimates):
            estimates = _of_model(model, means, minimum_cell)
        draw_group_panel(axes, dots, estimates, groups, minimum_cell)
        shown += [
            dots.assign(measure=measure, kind="person", person=_numbers(dots)),
            estimates.rename(columns={"mean": "value"}).assign(measure=measure),
        ]
    for axes in panels[:3]:
        axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    note = (
        "Dots: people. Marks with bars: C1, estimate of the mixed model and its 95 % interval; C2 "
        "and range, mean of people and its 95 % interval (Student's t); C3, estimate of the group "
        "and its 95 % interval from a bootstrap over dyads. Below: number of people."
        + style.hidden_note(minimum_cell)
        + style.unshared_note(is_complete)
    )
    columns = ["measure", "group", "kind", "person", "value", "lower", "upper", "n"]
    table = pd.concat(shown, ignore_index=True).reindex(columns=columns)
    known = table.dropna(subset=["value"]).reset_index(drop=True)
    return style.finish(figure, note, joined_stamps(model.summary.stamp, stamp)), known


def _cells(values: pd.DataFrame, minimum_cell: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    means = group_means(values, ["group"], "value", minimum_cell)
    sizes = values["group"].map(means.set_index("group")["n"])
    return values[sizes >= minimum_cell], means


def _of_model(model: ModelResults, means: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    fitted = model.estimates.rename(columns={"estimate": "mean"})
    joined = fitted[["group", "mean", "lower", "upper"]].merge(
        means[["group", "n"]], on="group", how="left"
    )
    joined["n"] = joined["n"].fillna(0).astype(int)
    joined.loc[joined["n"] < minimum_cell, ["mean", "lower", "upper"]] = np.nan
    return joined.assign(kind="model")


def _corrected(table: pd.DataFrame, name: str, minimum_cell: int) -> pd.DataFrame:
    rows = table[table["measure"] == name]
    found = rows.rename(columns={"value": "mean", "people": "n"})
    found = found[["group", "n", "mean", "lower", "upper"]].assign(kind="bootstrap")
    found.loc[found["n"] < minimum_cell, ["mean", "lower", "upper"]] = np.nan
    return found


def _numbers(dots: pd.DataFrame) -> pd.Series:
    return number_within(dots, ["group"], "person")
