"""From the people recruited to the rows analysed, with every loss and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from dyads import wording
from dyads.figures import style

_STAGE_MM: Final = 27.0
_BOX_MM: Final = 8.4
_LINE_MM: Final = 2.9
_GAP_MM: Final = 4.4


@dataclass(frozen=True)
class _Stage:
    """One stage of one group: what is left, and what was lost on the way to it."""

    people: int
    rows: int
    losses: tuple[str, ...]


@style.styled
def draw(
    flow: pd.DataFrame, *, groups: Sequence[str], minimum_cell: int = 1, stamp: str = ""
) -> tuple[Figure, pd.DataFrame]:
    """Draw the flow of people and rows, one column a group.

    Parameters
    ----------
    flow
        `Flow`. Several rows of a stage and group are several reasons of one stage; what is left
        is the smallest of their counts.
    groups
        All groups of the study in their order.
    minimum_cell
        Smaller numbers of people are written as `fewer than`.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width; its height follows the stages and their losses.
    DataFrame
        The flow as shown: order, stage, group, people, rows, lost_people, lost_rows, reason,
        where people and lost_people are words if they are hidden.
    """
    ordered = flow[flow["group"].isin(list(groups))].sort_values("order", kind="stable")
    stages = list(dict.fromkeys(ordered["stage"]))
    column_mm = (style.DOUBLE_MM - 4.0 - _STAGE_MM) / max(len(groups), 1)
    box_mm = column_mm - 5.0
    loss_mm = column_mm - 13.0
    cells = {
        (str(stage), str(group)): _stage(part, loss_mm, minimum_cell)
        for (stage, group), part in ordered.groupby(["stage", "group"], sort=False)
    }
    gaps_mm = [_gap_mm(stage, groups, cells) for stage in stages]
    height_mm = sum(gaps_mm) + _BOX_MM * len(stages) + 7.0
    figure = style.new_figure(style.DOUBLE_MM, max(height_mm, 25.0))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(0, style.DOUBLE_MM - 4.0), ylim=(height_mm, 0))
    if not stages:
        axes.text(2, height_mm / 2, "no flow was counted", color=style.QUIET)
    colours, inks = style.group_colours(groups), style.group_inks(groups)
    for index, group in enumerate(groups):
        left_mm = _STAGE_MM + index * column_mm
        axes.text(left_mm + box_mm / 2, 2.5, group, weight="bold", size=8, ha="center",
                  va="center", color=inks[group])  # fmt: skip
        top_mm = 6.0
        for stage, gap_mm in zip(stages, gaps_mm, strict=True):
            cell = cells.get((stage, group))
            if gap_mm:
                _draw_losses(axes, cell, left_mm, top_mm, gap_mm)
            place = (left_mm, top_mm + gap_mm)
            _draw_box(axes, cell, place, box_mm, colours[group], minimum_cell)
            top_mm += gap_mm + _BOX_MM
    _name_stages(axes, stages, gaps_mm)
    note = (
        "Boxes: participants and analysis rows (person, segment and emotion) left at a stage. "
        "Beside the arrows: what was lost, and why." + style.hidden_note(minimum_cell)
    )
    return style.finish(figure, note, stamp), _shown(ordered, minimum_cell)


def _stage(part: pd.DataFrame, width_mm: float, minimum_cell: int) -> _Stage:
    lost = part[(part["lost_rows"] > 0) | (part["lost_people"] > 0)]
    losses: list[str] = []
    for people, rows, reason in zip(
        lost["lost_people"], lost["lost_rows"], lost["reason"], strict=True
    ):
        words = _loss(people, rows, reason, minimum_cell)
        losses += style.wrapped(words, width_mm, style.SMALL_PT)
    return _Stage(int(part["people"].min()), int(part["rows"].min()), tuple(losses))


def _loss(people: int, rows: int, reason: str, minimum_cell: int) -> str:
    counts = []
    if people:
        word = "person" if people == 1 and minimum_cell <= 1 else "people"
        counts.append(f"{wording.people_count(people, minimum_cell)} {word}")
    if rows:
        counts.append(wording.plural(rows, "row"))
    return f"{wording.MINUS} {', '.join(counts)}: {reason or 'no reason given'}"


def _gap_mm(stage: str, groups: Sequence[str], cells: dict[tuple[str, str], _Stage]) -> float:
    """Room above a stage: none above the first, otherwise that of its longest losses."""
    first = next(iter(cells))[0]
    if stage == first:
        return 0.0
    lines = max((len(cells[stage, g].losses) for g in groups if (stage, g) in cells), default=0)
    return max(_GAP_MM, lines * _LINE_MM + 2.4)


def _draw_box(
    axes: Axes,
    cell: _Stage | None,
    place_mm: tuple[float, float],
    width_mm: float,
    colour: str,
    minimum_cell: int,
) -> None:
    left_mm, top_mm = place_mm
    axes.add_patch(
        FancyBboxPatch(
            place_mm, width_mm, _BOX_MM, facecolor="white", edgecolor=colour,
            lw=0.9, boxstyle="round,pad=0,rounding_size=1.2",
        )
    )  # fmt: skip
    middle_mm = left_mm + width_mm / 2
    people, rows = (cell.people, cell.rows) if cell else (0, 0)
    hidden = 0 < people < minimum_cell
    word = "person" if people == 1 and not hidden else "people"
    axes.text(middle_mm, top_mm + _BOX_MM * 0.32,
              f"{wording.people_count(people, minimum_cell)} {word}", ha="center", va="center",
              weight="bold")  # fmt: skip
    axes.text(middle_mm, top_mm + _BOX_MM * 0.70, wording.plural(rows, "row"), ha="center",
              va="center", size=style.SMALL_PT, color=style.QUIET)  # fmt: skip


def _draw_losses(
    axes: Axes, cell: _Stage | None, left_mm: float, top_mm: float, gap_mm: float
) -> None:
    arrow_mm = left_mm + 6.0
    axes.annotate("", (arrow_mm, top_mm + gap_mm), (arrow_mm, top_mm),
                  arrowprops={"arrowstyle": "-|>", "lw": 0.7, "color": style.QUIET,
                              "shrinkA": 0, "shrinkB": 0, "mutation_scale": 6})  # fmt: skip
    if cell and cell.losses:
        axes.text(arrow_mm + 3.0, top_mm + gap_mm / 2, "\n".join(cell.losses), va="center",
                  size=style.SMALL_PT, linespacing=1.2)  # fmt: skip


def _name_stages(axes: Axes, stages: Sequence[str], gaps_mm: Sequence[float]) -> None:
    top_mm = 6.0
    for stage, gap_mm in zip(stages, gaps_mm, strict=True):
        top_mm += gap_mm
        words = style.wrapped(wording.sentence(stage).rstrip("."), _STAGE_MM - 4.0, style.TEXT_PT)
        axes.text(0.5, top_mm + _BOX_MM / 2, "\n".join(words), va="center")
        top_mm += _BOX_MM


def _shown(ordered: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    shown = ordered.reset_index(drop=True)
    if minimum_cell <= 1:
        return shown
    hidden = {
        name: [wording.people_count(int(n), minimum_cell) for n in shown[name]]
        for name in ("people", "lost_people")
    }
    return shown.assign(**hidden)
