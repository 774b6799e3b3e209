"""The specification curve: what each reasonable way to the answer finds, and what it chose."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dyads import wording
from dyads.figures import style
from dyads.multiverse.results import MultiverseResults
from dyads.multiverse.words import alternative
from dyads.multiverse.words import choice as choice_words
from dyads.plan.primary import ALPHA

_PER_ROW: Final = 3
_CURVE_MM: Final = 34.0
_LINE_MM: Final = 2.9
_ROOM_MM: Final = 22.0
_FAILED: Final = "not fitted"
_MANY: Final = 60
"""From so many specifications on marks are thin."""


@style.styled
def draw(results: MultiverseResults) -> tuple[Figure, pd.DataFrame]:
    """Draw a curve for each contrast, and below it the choices of each specification.

    Parameters
    ----------
    results
        The multiverse.

    Returns
    -------
    Figure
        Double column width.
    DataFrame
        `MultiverseResults.specifications` with `place`, the place of a specification on the
        curve of its contrast.
    """
    summary, contrasts = results.summary, results.curve["contrast"].tolist()
    lines = _lines(summary.choices, has_failed=bool(results.specifications["failure"].ne("").any()))
    columns = min(len(contrasts), _PER_ROW)
    blocks = -(-len(contrasts) // columns)
    matrix_mm = _LINE_MM * len(lines)
    figure = style.new_figure(style.DOUBLE_MM, blocks * (_CURVE_MM + matrix_mm + _ROOM_MM) + 6.0)
    panels = figure.subplots(
        2 * blocks, columns, squeeze=False, sharey="row",
        height_ratios=[_CURVE_MM, matrix_mm] * blocks,
    )  # fmt: skip
    shown = []
    for number, contrast in enumerate(contrasts):
        block, column = divmod(number, columns)
        above, below = panels[2 * block, column], panels[2 * block + 1, column]
        own = _sorted(results.specifications, contrast)
        _draw_curve(above, own)
        _write_head(above, results.curve.iloc[number])
        _draw_matrix(below, own, lines, is_first=column == 0)
        below.set_xlim(above.get_xlim())
        if column == 0:
            above.set_ylabel(f"Difference of {_compared(results)} (SD)")
        shown.append(own)
    for empty in range(len(contrasts), blocks * columns):
        for panel in (0, 1):
            panels[2 * (empty // columns) + panel, empty % columns].set_axis_off()
    figure.legend(handles=_key(), loc="outside upper left", ncols=3)
    return style.finish(figure, _note(results), summary.stamp), pd.concat(shown, ignore_index=True)


def _compared(results: MultiverseResults) -> str:
    return wording.compared(results.summary.compare, results.summary.variable).split(" (")[0]


def _sorted(specifications: pd.DataFrame, contrast: str) -> pd.DataFrame:
    """Sort the specifications of a contrast by effect; those without one come last."""
    own = specifications[specifications["contrast"].eq(contrast)]
    own = own.sort_values("effect", kind="stable", na_position="last")
    return own.assign(place=np.arange(len(own)))


def _lines(choices: dict[str, tuple[str, ...]], *, has_failed: bool) -> list[tuple[str, str]]:
    """List the lines of the matrix: a heading (without alternative) and its alternatives."""
    lines = [
        line
        for choice, names in choices.items()
        for line in ((choice, ""), *((choice, name) for name in names))
    ]
    return [*lines, (_FAILED, "")] if has_failed else lines


def _colours(own: pd.DataFrame) -> np.ndarray:
    return np.where(own["p_family"].lt(ALPHA), style.INK, "#a0a0a0")


def _draw_curve(axes: Axes, own: pd.DataFrame) -> None:
    known = own[own["effect"].notna()]
    axes.axhline(0, color=style.QUIET, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.grid(axis="y")
    axes.set_xlim(-0.5 - 0.01 * len(own), len(own) - 0.5 + 0.01 * len(own))
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    if known.empty:
        style.say_empty(axes, "no specification could be fitted")
        return
    colours, thin = _colours(known), len(own) > _MANY
    axes.vlines(known["place"], known["effect_lower"], known["effect_upper"], color=colours,
                lw=0.4 if thin else 0.8, alpha=0.5, zorder=2)  # fmt: skip
    axes.scatter(known["place"], known["effect"], s=2.5 if thin else 8, c=colours, lw=0, zorder=3)
    mine = known[known["is_own"]]
    axes.plot(mine["place"], mine["effect"], ls="", marker="D", ms=4.2, mfc=style.STAMP,
              mec="white", mew=0.6, zorder=4)  # fmt: skip


def _write_head(axes: Axes, curve: pd.Series) -> None:
    axes.set_title(wording.contrast(str(curve["contrast"])), pad=29)
    same, significant = (
        wording.percent(float(curve[name])) for name in ("share_same_sign", "share_significant")
    )
    said = (
        f"same sign: {same}\n"
        f"median: {wording.fixed(float(curve['median_effect']), 2)}, "
        f"{wording.p_value(float(curve['p_median_effect']))}\n"
        f"significant: {significant}, {wording.p_value(float(curve['p_share_significant']))}"
    )
    axes.annotate(said, (0, 1), xycoords="axes fraction", xytext=(0, 3), va="bottom",
                  textcoords="offset points", size=style.SMALL_PT, color=style.QUIET,
                  linespacing=1.3)  # fmt: skip


def _draw_matrix(
    axes: Axes, own: pd.DataFrame, lines: list[tuple[str, str]], *, is_first: bool
) -> None:
    axes.set_ylim(len(lines) - 0.4, -0.7)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_xlabel(f"{wording.plural(len(own), 'specification')}, by estimate")
    colours = _colours(own)
    marker, size, width = ("|", 3.0, 0.5) if len(own) > _MANY else ("s", 9.0, 0.0)
    failed = own["failure"].ne("").to_numpy()
    for row, (choice, name) in enumerate(lines):
        if choice == _FAILED:
            axes.plot(own["place"][failed], [row] * failed.sum(), ls="", marker="x", ms=2.6,
                      mew=0.7, color=style.STAMP)  # fmt: skip
        elif name:
            axes.axhspan(row - 0.42, row + 0.42, color=style.PAPER_BAND, lw=0, zorder=0)
            has = own[choice].eq(name).to_numpy()
            axes.scatter(
                own["place"][has],
                [row] * has.sum(),
                c=colours[has],
                s=size,
                marker=marker,
                lw=width,
            )
    if is_first:
        words = [(name and alternative(choice, name)) or choice_words(choice)
                 for choice, name in lines]  # fmt: skip
        axes.set_yticks(range(len(lines)), words)
        for label, (choice, name) in zip(axes.get_yticklabels(), lines, strict=True):
            label.set_fontweight("normal" if name or choice == _FAILED else "bold")
    axes.tick_params(axis="y", labelleft=is_first)


def _note(results: MultiverseResults) -> str:
    summary, curve = results.summary, results.curve.iloc[0]
    test = "CR2" if summary.headline == "CR2" else wording.df_method(summary.headline)
    failed = int(curve["specifications"] - curve["fitted"])
    return (
        "Dots: the contrast in SD of expression under one specification; bars: 95 % interval of "
        f"it alone ({test}). Dark: p < .05 after correction "
        f"({wording.correction(summary.correction)}). A choice without a mark cannot matter to "
        f"that specification. p of a curve: {int(curve['permutations'])} permutations of the "
        "two groups."
        + (f" {wording.plural(failed, 'specification')} could not be fitted." if failed else "")
    )


def _key() -> list[Line2D]:
    return [
        Line2D([], [], ls="", marker="D", ms=4.2, mfc=style.STAMP, mec="white",
               label="the study's own way"),
        Line2D([], [], ls="", marker="o", ms=3, color=style.INK, label="p < .05, corrected"),
        Line2D([], [], ls="", marker="o", ms=3, color="#a0a0a0", label="otherwise"),
    ]  # fmt: skip
