"""How far continuous ratings go with a face, or with the other one's own rating, and how late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from dyads import wording
from dyads.figures import style
from dyads.figures.means import shown_singly
from dyads.figures.role_panel import draw_role_panel, role_cells, role_key, shown_cells

_MEASURES: Final = {
    "excess_z": "Peak (Fisher z)",
    "lag_s": "Lag (s)",
}
_WHAT: Final = ["emotion", "target", "comparison"]
_ROW_MM: Final = 40.0
_PAGE_MM: Final = 225.0
"""Most that fits on a page with the note below: with more rows each is lower."""


@style.styled
def draw(
    persons: pd.DataFrame,
    group_agreement: pd.DataFrame,
    *,
    groups: Sequence[str],
    delay_s: float,
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw the agreement of continuous ratings and its lag, a dot for each person who rated.

    Parameters
    ----------
    persons
        `PersonContinuous`.
    group_agreement
        `GroupAgreement` of the same people: the means and intervals that are drawn.
    groups
        All groups of the study in their order; a partner stands with the group of the dyad.
    delay_s
        Reaction delay (s) of the main analysis; other delays are not drawn.
    minimum_cell
        A smaller cell is not shown.
    sharing
        Dyads both of whose people agreed to be shown singly (`share_features`); None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width, a row for each emotion and comparison.
    DataFrame
        emotion, target, comparison, measure, group, role, kind (person, mean), person (numbered),
        value, lower, upper, n.
    """
    own = persons[persons["group"].isin(list(groups)) & persons["delay_s"].eq(delay_s)]
    told = group_agreement[group_agreement["delay_s"].eq(delay_s)]
    # self before other, the face before the rating
    kinds = (
        own[_WHAT]
        .drop_duplicates()
        .sort_values(
            ["emotion", "target", "comparison"], ascending=[True, False, True], kind="stable"
        )
    )
    rows = list(kinds.itertuples(index=False, name=None))
    height_mm = min(_ROW_MM * max(len(rows), 1) + 10.0, _PAGE_MM)
    figure = style.new_figure(style.DOUBLE_MM, height_mm)
    panels = figure.subplots(max(len(rows), 1), len(_MEASURES), squeeze=False)
    cells = []
    for line, what in zip(panels, rows, strict=False):
        named = dict(zip(_WHAT, what, strict=True))
        title = wording.continuous_rating(*what)
        line[0].set_title(title[0].upper() + title[1:])
        here, there = (_only(table, named) for table in (own, told))
        for axes, (measure, label) in zip(line, _MEASURES.items(), strict=True):
            axes.set_ylabel(label)
            dots, means = role_cells(here, there, measure, minimum_cell)
            marked = {**named, "measure": measure}
            cells.append((dots.assign(**marked), means.assign(**marked)))
            if means.empty:
                reasons = sorted(set(here["reason"]) - {""})
                style.say_empty(axes, "no rating could be used:\n" + "\n".join(reasons))
                continue
            shown = shown_singly(dots, "dyad_id", sharing)
            draw_role_panel(axes, shown, means, groups, minimum_cell)
    if not rows:
        for axes in panels.ravel():
            style.say_empty(axes, "no continuous ratings in these tables")
        return style.finish(figure, "", stamp), own.head(0)[[*_WHAT, "group", "role"]]
    key = role_key("participants", "their partners")
    figure.legend(handles=key, loc="outside upper center", ncols=2)
    table, is_complete = shown_cells(cells, sharing)
    taken = f" {delay_s:g} s were taken off every rating as reaction delay." if delay_s else ""
    note = (
        "Dots: people who rated, the mean of their sessions. Left: largest correlation over the "
        "lags minus the mean of the same after circular shifts; dashed: no more than chance. "
        "Right: the lag at which that largest one is; above 0: the rating is later. Marks with "
        "bars: mean of people and its 95 % interval (bootstrap over dyads). Below: number of "
        "people."
        + taken
        + style.hidden_note(minimum_cell)
        + style.unshared_note(is_complete, people="People of dyads")
    )
    return style.finish(figure, note, stamp), table


def _only(table: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    return table[(table[list(named)] == pd.Series(named)).all(axis=1)]
