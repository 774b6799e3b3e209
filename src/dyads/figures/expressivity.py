"""How much people show, by group and segment: every person a dot."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dyads import wording
from dyads.figures import style
from dyads.figures.means import group_means, number_within, shown_singly
from dyads.traces.strata import ALL


@style.styled
def draw(
    expressions: pd.DataFrame,
    participants: pd.DataFrame,
    *,
    channel: str,
    groups: Sequence[str],
    measures: Sequence[str] = ("level", "time_on"),
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw measures of one channel by group and segment.

    Parameters
    ----------
    expressions
        `Expressions` of all sessions.
    participants
        Study table of participants; people of other groups, such as partners, are left out.
    channel
        Channel or composite.
    groups
        All groups of the study in their order.
    measures
        Measures, one panel each.
    minimum_cell
        A group with fewer people in a segment is not shown there.
    sharing
        People who agreed to be shown singly (`share_features`); None: all.
    stamp
        Words that the figure must carry.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        One row a person (numbered within group, no identifier) or a mean: measure, unit,
        segment, group, kind, person, value, lower, upper, n.
    """
    people = _people(expressions, participants, channel, groups, measures)
    segments = list(dict.fromkeys(people["segment"]))
    means = group_means(people, ["measure", "segment", "group"], "value", minimum_cell)
    sizes = people.groupby(["measure", "segment", "group"], sort=False)["value"].transform("count")
    known = people[(sizes >= minimum_cell) & people["value"].notna()]
    dots = shown_singly(known, "person_id", sharing)

    figure = style.new_figure(style.DOUBLE_MM, 52.0 * len(measures) + 4.0)
    panels = figure.subplots(len(measures), 1, sharex=True, squeeze=False)[:, 0]
    for axes, measure in zip(panels, measures, strict=True):
        of_measure = people[people["measure"] == measure]
        if of_measure.empty:
            style.say_empty(axes, f"no {wording.measure(measure)} of {channel} in these tables")
            continue
        _draw_panel(axes, dots[dots["measure"] == measure], means[means["measure"] == measure],
                    segments, groups, minimum_cell)  # fmt: skip
        axes.set_ylabel(f"{channel}: {wording.measure(measure)}\n({of_measure['unit'].iloc[0]})")
    figure.legend(handles=style.group_key(groups), loc="outside upper center", ncols=len(groups))
    note = (
        "Dots: one person each, the mean over their sessions. Marks with bars: mean of the people "
        "and its 95 % interval (Student's t over people, no model). Below: number of people."
        + style.hidden_note(minimum_cell)
        + style.unshared_note(len(dots) == len(known))
    )
    units = known.drop_duplicates("measure").set_index("measure")["unit"]
    return style.finish(figure, note, stamp), _shown(dots, means, units)


def _people(
    expressions: pd.DataFrame,
    participants: pd.DataFrame,
    channel: str,
    groups: Sequence[str],
    measures: Sequence[str],
) -> pd.DataFrame:
    wanted = (expressions["channel"] == channel) & expressions["measure"].isin(list(measures))
    wanted &= expressions["stratum"] == ALL
    rows = expressions[wanted].merge(
        participants[["participant_id", "group"]], left_on="person_id", right_on="participant_id"
    )
    rows = rows[rows["group"].isin(list(groups))]
    unit = [
        wording.unit(name, kind)
        for name, kind in zip(rows["unit"], rows["channel_type"], strict=True)
    ]
    rows = rows.assign(unit=unit, segment=rows["label"])
    keys = ["measure", "unit", "segment", "group", "person_id"]
    return rows.groupby(keys, sort=False)["value"].mean().reset_index()


def _draw_panel(
    axes: Axes,
    dots: pd.DataFrame,
    means: pd.DataFrame,
    segments: Sequence[str],
    groups: Sequence[str],
    minimum_cell: int,
) -> None:
    step = 0.8 / len(groups)
    colours, markers = style.group_colours(groups), style.group_markers(groups)
    for index, group in enumerate(groups):
        for place, segment in enumerate(segments):
            x = place + (index - (len(groups) - 1) / 2) * step
            here = dots[(dots["group"] == group) & (dots["segment"] == segment)]
            values = here["value"].to_numpy(float)
            axes.plot(x + (style.spread(values) * 0.62 + 0.06) * step, values, ls="",
                      marker=markers[group], ms=2.6, mfc=colours[group], mec="none",
                      alpha=0.5)  # fmt: skip
            mean = means[(means["group"] == group) & (means["segment"] == segment)]
            style.draw_mean(axes, x - 0.38 * step, mean, colours[group], markers[group])
            n = int(mean["n"].iloc[0]) if len(mean) else 0
            axes.annotate(
                f"<{minimum_cell}" if 0 < n < minimum_cell else str(n), (x, 0),
                xycoords=("data", "axes fraction"), xytext=(0, -2.5), textcoords="offset points",
                ha="center", va="top", size=style.SMALL_PT - 0.5, color=style.QUIET,
            )  # fmt: skip
    axes.set_xticks(range(len(segments)), segments)
    axes.tick_params(axis="x", length=0, pad=11, labelsize=style.TEXT_PT, labelbottom=True)
    axes.set_xlim(-0.5, len(segments) - 0.5)
    if len(dots) and dots["value"].min() >= 0:
        axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])
    axes.grid(axis="y")
    if dots.empty and means["mean"].isna().all():
        axes.set_yticks([])


def _shown(dots: pd.DataFrame, means: pd.DataFrame, units: pd.Series) -> pd.DataFrame:
    columns = ["measure", "unit", "segment", "group", "kind", "person", "value", "lower", "upper",
               "n"]  # fmt: skip
    people = dots.assign(kind="person", person=number_within(dots, ["group"], "person_id"))
    summary = means.rename(columns={"mean": "value"}).assign(
        kind="mean", unit=means["measure"].map(units)
    )
    summary = summary.dropna(subset=["value"])
    return pd.concat([people, summary], ignore_index=True).reindex(columns=columns)
