"""Mean profiles of groups and subgroups, and what speaks for subgroups of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dyads import wording
from dyads.analysis.profile_results import FEATURES, Heterogeneity
from dyads.figures import style

_STEP = 0.2


@style.styled
def draw(
    results: Heterogeneity, *, groups: Sequence[str], minimum_cell: int = 1
) -> tuple[Figure, pd.DataFrame]:
    """Draw mean profiles by group, the evidence for subgroups, and their profiles if there are any.

    Parameters
    ----------
    results
        As `dyads.analysis.profile_results` reads them.
    groups
        All groups of the study in their order.
    minimum_cell
        A smaller group is not shown.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        kind (group, subgroup, mixture), which (group, subgroup, or number of components), feature,
        n, mean, lower, upper, and gain: how much lower the BIC of a mixture is.
    """
    summary = results.summary
    kinds = ["group", *(["subgroup"] if summary.subgroups > 1 else [])]
    figure = style.new_figure(style.DOUBLE_MM, 82.0)
    panels = figure.subplots(
        1, len(kinds) + 1, width_ratios=[1.0] * len(kinds) + [0.9], squeeze=False
    )[0]
    means = results.means.assign(which=results.means["which"].astype(str))
    numbers = [str(number + 1) for number in range(summary.subgroups)]
    names = {"group": list(groups), "subgroup": numbers}
    # Subgroups take the looks that no group has.
    looks = [*groups, *(f"subgroup {number}" for number in numbers)]
    for axes, kind in zip(panels, kinds, strict=False):
        own = means[means["kind"].eq(kind)]
        axes.set_title("Groups" if kind == "group" else "Subgroups")
        shown_as = {name: name if kind == "group" else f"subgroup {name}" for name in names[kind]}
        _draw_profiles(axes, own, shown_as, looks, minimum_cell)
        axes.set_yticks(range(len(FEATURES)), [""] * len(FEATURES))
    panels[0].set_yticklabels(_labels(results.features))
    evidence = _evidence(results.candidates)
    _draw_evidence(panels[-1], evidence, results)
    note = (
        "Marks and bars: mean of the people in robust SD (1.4826 median absolute deviations) from "
        "the median of everybody, with its 95 % interval (Student's t). r: reliability of the "
        "feature (split halves). BIC gain: how much lower the BIC of so many components is than "
        "that of one, the best of all shapes and dimensions; above zero, several components "
        "describe the people better." + style.hidden_note(minimum_cell)
    )
    shown = pd.concat([means[means["kind"].isin(kinds)], evidence], ignore_index=True)
    columns = ["kind", "which", "feature", "n", "mean", "lower", "upper", "gain"]
    known = shown.reindex(columns=columns).dropna(subset=["mean", "gain"], how="all")
    return style.finish(figure, note, summary.stamp), known.reset_index(drop=True)


def _draw_profiles(
    axes: Axes,
    means: pd.DataFrame,
    names: Mapping[str, str],
    looks: Sequence[str],
    minimum_cell: int,
) -> None:
    colours, markers = style.group_colours(looks), style.group_markers(looks)
    places = pd.Series(np.arange(len(FEATURES)), index=list(FEATURES), dtype=float)
    handles = []
    for number, (name, title) in enumerate(names.items()):
        own = means[means["which"].eq(name)].dropna(subset=["mean"])
        y = places[own["feature"]].to_numpy() + _STEP * (number - (len(names) - 1) / 2)
        axes.hlines(y, own["lower"], own["upper"], color=colours[title], lw=1.2)
        n = f"n = {own['n'].max():.0f}" if len(own) else f"fewer than {max(minimum_cell, 1)} people"
        (handle,) = axes.plot(
            own["mean"], y, ls="", marker=markers[title], color=colours[title], mec="white",
            mew=0.5, ms=4.4, label=f"{title} ({n})",
        )  # fmt: skip
        handles.append(handle)
    axes.axvline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.set_ylim(len(FEATURES) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel("Robust SD from the median")
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=1,
                handletextpad=0.2)  # fmt: skip


def _labels(features: pd.DataFrame) -> list[str]:
    reliability = features.set_index("feature")["reliability"]
    return [
        f"{words}\nr = {wording.fixed(reliability.get(name, np.nan), 2)}"
        for name, words in FEATURES.items()
    ]


def _evidence(candidates: pd.DataFrame) -> pd.DataFrame:
    """Best gain of each number of components."""
    best = candidates.groupby("components")["gain"].max().reset_index()
    return best.rename(columns={"components": "which"}).assign(kind="mixture")


def _draw_evidence(axes: Axes, evidence: pd.DataFrame, results: Heterogeneity) -> None:
    summary = results.summary
    found = f"{summary.subgroups}" if summary.subgroups > 1 else "No"
    axes.set_title(f"{found} stable subgroups")
    n = f"n = {wording.plural(summary.people, 'person', 'people')}"
    if evidence.empty:
        style.say_empty(axes, f"{n}:\nno search, too few people")
        return
    axes.plot(evidence["which"], evidence["gain"], marker="o", color=style.INK, ms=4)
    axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.set_xticks(evidence["which"].astype(int))
    axes.set_xlabel(f"Components ({n})")
    axes.set_ylabel("BIC gain over one")
    axes.grid(axis="y")
