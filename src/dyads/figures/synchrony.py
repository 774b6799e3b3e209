"""How far two faces go together beyond what strangers' faces do, by group."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from dyads import wording
from dyads.figures import style
from dyads.figures.group_panel import draw_group_panel
from dyads.figures.means import group_means, number_within, shown_singly

MEASURES: Final = (
    "mean_z",
    "peak_z",
    "response_index_participant_to_partner",
    "response_index_partner_to_participant",
)


@style.styled
def draw(
    synchrony: pd.DataFrame,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    *,
    channel: str,
    groups: Sequence[str],
    measures: Sequence[str] = MEASURES,
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw observed minus pseudo-dyad synchrony, a dot for each dyad.

    Parameters
    ----------
    synchrony
        `Synchrony` of all sessions.
    sessions, participants
        Study tables; the group of a dyad is that of its participant.
    channel
        Channel or composite.
    groups
        All groups of the study in their order.
    measures
        Measures, one panel each; those that the table lacks are left out.
    minimum_cell
        A group with fewer dyads is not shown.
    sharing
        Dyads who agreed to be shown singly (`share_features`); None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        measure, group, kind (dyad, mean), dyad (numbered within group), value, lower, upper, n.
    """
    rows = synchrony[synchrony["channel"] == channel]
    names = [name for name in measures if (rows["measure"] == name).any()]
    dyads = _dyads(rows, sessions, participants, groups)
    means = group_means(dyads, ["measure", "group"], "value", minimum_cell)
    sizes = dyads.groupby(["measure", "group"])["value"].transform("size")
    known = dyads[sizes >= minimum_cell]
    dots = shown_singly(known, "dyad_id", sharing)

    figure = style.new_figure(style.DOUBLE_MM, 64.0)
    panels = figure.subplots(1, max(len(names), 1), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=False):
        axes.set_title("\n".join(_title(name)))
        if not (dyads["measure"] == name).any():
            reasons = sorted(set(rows.loc[rows["measure"] == name, "reason"]) - {""})
            style.say_empty(axes, "not measured" + (f":\n{'; '.join(reasons)}" if reasons else ""))
            continue
        own_dots, own_means = dots[dots["measure"] == name], means[means["measure"] == name]
        draw_group_panel(axes, own_dots, own_means, groups, minimum_cell)
        axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    if not names:
        style.say_empty(panels[0], f"no synchrony of {channel} in these tables")
    panels[0].set_ylabel(f"{channel}: observed minus pseudo-dyads")
    note = (
        "Dots: one dyad each, the mean over its segments and sessions; observed value minus the "
        "mean of pseudo-dyads (the participant with partners of other dyads of the same group). "
        "Dashed: no more than chance. Marks with bars: mean of the dyads and its 95 % interval "
        "(Student's t). Correlations are Fisher z; responses are "
        "shares of onsets that the other person follows, above chance. Below: number of dyads."
        + style.hidden_note(minimum_cell).replace("people", "dyads")
        + style.unshared_note(len(dots) == len(known), people="Dyads")
    )
    return style.finish(figure, note, stamp), _shown(dots, means)


def _title(name: str) -> list[str]:
    words = wording.measure(name)
    return style.wrapped(words[0].upper() + words[1:], 34.0, style.TEXT_PT * 1.1)


def _dyads(
    rows: pd.DataFrame, sessions: pd.DataFrame, participants: pd.DataFrame, groups: Sequence[str]
) -> pd.DataFrame:
    """Mean excess of each dyad over its segments and sessions."""
    group = participants.set_index("participant_id")["group"]
    of_dyad = sessions.drop_duplicates("dyad_id").set_index("dyad_id")["participant_id"].map(group)
    excess = rows.assign(
        value=rows["value"] - rows["null_value"], group=rows["dyad_id"].map(of_dyad)
    )
    known = excess[excess["group"].isin(list(groups))].dropna(subset=["value"])
    keys = ["measure", "group", "dyad_id"]
    return known.groupby(keys, sort=False)["value"].mean().reset_index()


def _shown(dots: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    columns = ["measure", "group", "kind", "dyad", "value", "lower", "upper", "n"]
    single = dots.assign(kind="dyad", dyad=number_within(dots, ["group"], "dyad_id"))
    summary = means.rename(columns={"mean": "value"}).assign(kind="mean")
    table = pd.concat([single, summary.dropna(subset=["value"])], ignore_index=True)
    return table.reindex(columns=columns)
