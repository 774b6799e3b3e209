"""Whether people know what the other one felt, or take themselves for the other.

Accuracy and assumed similarity are drawn with each other held constant: of two people who feel
alike, one who only looks at oneself is right about the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from dyads.figures import style
from dyads.figures.means import shown_singly
from dyads.figures.role_panel import draw_role_panel, role_cells, role_key, shown_cells

_PANELS: Final = (
    ("accuracy", "partial_slope", "Accuracy",
     "Slope of the judgement on what\nthe other said (points per point)"),
    ("distinctive_accuracy", "partial_slope", "Distinctive accuracy",
     "The same without what all dyads\nshare (points per point)"),
    ("assumed_similarity", "partial_slope", "Assumed similarity",
     "Slope of the judgement on what\nthe judge felt (points per point)"),
    ("accuracy", "bias", "Bias", "Judgement minus what the\nother said (points)"),
)  # fmt: skip


@style.styled
def draw(
    persons: pd.DataFrame,
    group_agreement: pd.DataFrame,
    *,
    groups: Sequence[str],
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw accuracy, assumed similarity and bias, a dot for each person who judged.

    Parameters
    ----------
    persons
        `PersonAgreement` of judgements.
    group_agreement
        `GroupAgreement` of the same people: the means and intervals that are drawn.
    groups
        All groups of the study in their order; a partner stands with the group of the dyad.
    minimum_cell
        A smaller cell is not shown.
    sharing
        Dyads both of whose people agreed to be shown singly (`share_features`); None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        comparison, measure, group, role, kind (person, mean), person (numbered), value, lower,
        upper, n.
    """
    figure = style.new_figure(style.DOUBLE_MM, 112.0)
    panels = figure.subplots(2, 2).ravel()
    own = persons[persons["group"].isin(list(groups))]
    # where judges were not asked what they felt themselves, nothing can be held constant
    is_held = bool(own["partial_slope"].notna().any())
    cells, slopes = [], []
    for axes, (comparison, planned, title, label) in zip(panels, _PANELS, strict=True):
        measure = "slope" if planned == "partial_slope" and not is_held else planned
        axes.set_title(title)
        axes.set_ylabel(label)
        dots, means = role_cells(
            own[own["comparison"] == comparison],
            group_agreement[group_agreement["comparison"] == comparison],
            measure,
            minimum_cell,
        )
        named = {"comparison": comparison, "measure": measure}
        cells.append((dots.assign(**named), means.assign(**named)))
        if means.empty:
            style.say_empty(axes, f"no {title.lower()} could be told")
            continue
        shown = shown_singly(dots, "dyad_id", sharing)
        draw_role_panel(axes, shown, means, groups, minimum_cell)
        if measure != "bias" and means["mean"].notna().any():
            slopes.append(axes)
    ends = [axes.get_ylim() for axes in slopes]
    for axes in slopes:
        axes.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
    key = role_key("participants about their partner", "partners about the participant")
    figure.legend(handles=key, loc="outside upper center", ncols=2)
    table, is_complete = shown_cells(cells, sharing)
    held = (
        "In the three slopes what the judge felt and what the other said are held constant for "
        "each other."
        if is_held
        else "What the judges felt is not known and could not be held constant."
    )
    note = (
        f"Dots: people who judged, over segments and within emotions. {held} Dashed: the "
        "judgement does not follow, or has no bias. Marks with bars: mean of people and its 95 % "
        "interval (bootstrap over dyads). Below: number of people. A partner stands with the "
        "group of the participant."
        + style.hidden_note(minimum_cell)
        + style.unshared_note(is_complete, people="People of dyads")
    )
    return style.finish(figure, note, stamp), table
