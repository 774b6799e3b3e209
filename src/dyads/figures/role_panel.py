"""A panel with columns for each group and role: people as dots, beside them their mean.

Participants are filled marks, their partners open ones in the colour of the participant's group.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from dyads.contracts import ROLES
from dyads.figures import style
from dyads.figures.means import number_within, shown_singly

_CELL: Final = ["group", "role"]
_LIMITS: Final = ["mean", "lower", "upper"]


def role_cells(
    persons: pd.DataFrame, group_agreement: pd.DataFrame, measure: str, minimum_cell: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose what a panel shows of one measure.

    Parameters
    ----------
    persons
        `dyad_id`, `person`, `group`, `role` and the measure; a row a person.
    group_agreement
        Rows of `GroupAgreement` that speak of the same comparison.
    measure
        Name of the measure in both tables.
    minimum_cell
        A smaller cell has neither dots nor a mean.

    Returns
    -------
    DataFrame
        dyad_id, person, group, role, value: the people who may be counted.
    DataFrame
        group, role, n, mean, lower, upper: a row for each cell of at least one person.
    """
    known = persons[["dyad_id", "person", *_CELL, measure]].dropna(subset=[measure])
    known = known.rename(columns={measure: "value"})
    sizes = known.groupby(_CELL, sort=False).size().rename("n").reset_index()
    told = group_agreement[group_agreement["measure"] == measure]
    told = told.rename(columns={"value": "mean"})[[*_CELL, *_LIMITS]]
    means = sizes.merge(told, on=_CELL, how="left")
    means.loc[means["n"] < minimum_cell, _LIMITS] = float("nan")
    large = means.loc[means["n"] >= minimum_cell, _CELL]
    return known.merge(large, on=_CELL), means


def draw_role_panel(
    axes: Axes,
    dots: pd.DataFrame,
    means: pd.DataFrame,
    groups: Sequence[str],
    minimum_cell: int,
) -> None:
    """Draw a panel and write the number of people below each column.

    Parameters
    ----------
    axes
        The panel.
    dots
        group, role, value: the people who may be shown singly.
    means
        As `role_cells` gives it.
    groups
        All groups of the study in their order.
    minimum_cell
        A smaller n is written as `<`.
    """
    colours, markers = style.group_colours(groups), style.group_markers(groups)
    roles = [role for role in ROLES if means["role"].eq(role).any()]
    step = 0.84 / max(len(roles), 1)
    for place, group in enumerate(groups):
        for index, role in enumerate(roles):
            x = place + (index - (len(roles) - 1) / 2) * step
            is_open = role == "partner"
            own = dots[(dots["group"] == group) & (dots["role"] == role)]
            values = own["value"].to_numpy(float)
            axes.plot(
                x + (0.5 * style.spread(values) + 0.12) * step, values, ls="",
                marker=markers[group], ms=2.8, mew=0.6, mec=colours[group],
                mfc="none" if is_open else colours[group], alpha=0.85 if is_open else 0.55,
            )  # fmt: skip
            mean = means[(means["group"] == group) & (means["role"] == role)]
            side = 0.3 * step if len(dots) else 0.0
            style.draw_mean(axes, x - side, mean, colours[group], markers[group], is_open=is_open)
            n = int(mean["n"].iloc[0]) if len(mean) else 0
            axes.annotate(
                f"n <{minimum_cell}" if 0 < n < minimum_cell else f"n = {n}", (x, 0),
                xycoords=("data", "axes fraction"), xytext=(0, -2.5), textcoords="offset points",
                ha="center", va="top", size=style.SMALL_PT - 0.5, color=style.QUIET,
            )  # fmt: skip
    axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.set_xticks(range(len(groups)), groups)
    axes.tick_params(axis="x", length=0, pad=10, labelsize=style.TEXT_PT)
    axes.set_xlim(-0.55, len(groups) - 0.45)
    axes.grid(axis="y")
    if dots.empty and means["mean"].isna().all():
        axes.set_yticks([])


def role_key(participants: str, partners: str) -> list[Line2D]:
    """Give the handles of a legend that says what filled and open marks are."""
    return [
        Line2D([], [], ls="", marker="o", ms=4, mec=style.INK, mew=0.7, mfc=fill, label=label)
        for fill, label in ((style.INK, participants), ("white", partners))
    ]


def shown_cells(
    cells: Sequence[tuple[pd.DataFrame, pd.DataFrame]], sharing: Collection[str] | None
) -> tuple[pd.DataFrame, bool]:
    """Put the numbers of all panels into one table without identifiers.

    Parameters
    ----------
    cells
        People and means of each panel, both with columns that name the panel.
    sharing
        Dyads both of whose people agreed to be shown singly; None: all.

    Returns
    -------
    DataFrame
        The naming columns, `group`, `role`, `kind` (person, mean), `person` (numbered within
        group and role), `value`, `lower`, `upper`, `n`.
    bool
        Whether everybody who counts has a dot.
    """
    people = pd.concat([dots for dots, _ in cells], ignore_index=True)
    singly = shown_singly(people, "dyad_id", sharing)
    means = pd.concat([mean for _, mean in cells], ignore_index=True)
    means = means.rename(columns={"mean": "value"}).dropna(subset=["value"]).assign(kind="mean")
    single = singly.assign(kind="person", person=number_within(singly, _CELL, "person"))
    named = [name for name in means.columns if name not in {*_CELL, "n", "value", *_LIMITS, "kind"}]
    columns = [*named, *_CELL, "kind", "person", "value", "lower", "upper", "n"]
    table = pd.concat([single, means], ignore_index=True).reindex(columns=columns)
    return table, len(singly) == len(people)
