"""One look for all figures: sizes for print, fonts, colours of groups, files that never change.

Figures are made without pyplot, so that drawing leaves no state behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from io import BytesIO
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

from dyads.files import whole_file
from dyads.tables import write_csv

SINGLE_MM: Final = 85.0
"""Width of a figure in one column of a journal."""
DOUBLE_MM: Final = 174.0
"""Width of a figure across both columns."""

FONT: Final = "DejaVu Sans"
TEXT_PT: Final = 7.0
SMALL_PT: Final = 6.0
INK: Final = "#222222"
QUIET: Final = "#6b6b6b"
FAINT: Final = "#d9d9d9"
PAPER_BAND: Final = "#f3f3f0"
PARTNER: Final = "#4d4d4d"
STAMP: Final = "#a3320b"

# Okabe and Ito's palette without its yellow, which white paper swallows.
_GROUP_COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000",
)  # fmt: skip
_GROUP_MARKERS: Final = ("o", "s", "D", "^", "v", "P", "X")
_POINTS_PER_MM: Final = 72 / 25.4

_SETTINGS: Final[dict[str, object]] = {
    "font.family": [FONT],
    "font.size": TEXT_PT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": TEXT_PT,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT_PT,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.labelsize": SMALL_PT,
    "ytick.labelsize": SMALL_PT,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "legend.fontsize": SMALL_PT,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.0,
    "lines.markersize": 3.2,
    "hatch.linewidth": 0.4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "dyads",
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw in the study's style and leave matplotlib's settings as they were."""

    @wraps(draw)
    def within_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]  # keys are rcParams' names
            return draw(*args, **kwargs)

    return within_style


def group_colours(groups: Sequence[str]) -> dict[str, str]:
    """Give each group its colour, by its place in the study's settings.

    Parameters
    ----------
    groups
        All groups of the study in the order of the settings, so that a group keeps its colour
        in a figure that shows a part of them.
    """
    return {
        group: _GROUP_COLOURS[index % len(_GROUP_COLOURS)] for index, group in enumerate(groups)
    }


def group_inks(groups: Sequence[str]) -> dict[str, str]:
    """Give each group the darker shade of its colour in which its name is written."""
    inks = {}
    for group, colour in group_colours(groups).items():
        red, green, blue = (0.72 * part for part in to_rgb(colour))
        inks[group] = to_hex((red, green, blue))
    return inks


def group_markers(groups: Sequence[str]) -> dict[str, str]:
    """Give each group its marker, so that colour is never the only sign."""
    return {
        group: _GROUP_MARKERS[index % len(_GROUP_MARKERS)] for index, group in enumerate(groups)
    }


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Make an empty figure of a size in print."""
    return Figure(
        figsize=(width_mm / 25.4, height_mm / 25.4),
        layout=ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03),
    )


def finish(figure: Figure, note: str, stamp: str = "") -> Figure:
    """Write the note below a figure, and the stamp of its numbers where they carry one.

    Parameters
    ----------
    figure
        Made by `new_figure`; it grows by the room the note needs.
    note
        What dots, lines and intervals are, in words.
    stamp
        Words that every product of the numbers must carry, such as `demo weights`.
    """
    width_mm, height_mm = (25.4 * size for size in figure.get_size_inches())
    lines = wrapped(note, width_mm - 6.0, SMALL_PT)
    line_mm = SMALL_PT * 1.4 / _POINTS_PER_MM
    beside = text_width_mm(f"{lines[-1]}  {stamp}", SMALL_PT) * 1.1 < width_mm if lines else False
    stamps = wrapped(stamp, (width_mm - 4.0) / 1.12, SMALL_PT)
    room_mm = line_mm * (len(lines) + (0 if beside else len(stamps))) + 2.5
    whole_mm = height_mm + room_mm
    figure.set_size_inches(width_mm / 25.4, whole_mm / 25.4)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        bottom = room_mm / whole_mm
        engine.set(rect=(0, bottom, 1, 1 - bottom))
    top = (room_mm - 1.0) / whole_mm
    figure.text(2.0 / width_mm, top, "\n".join(lines), size=SMALL_PT, color=QUIET, va="top",
                linespacing=1.3)  # fmt: skip
    if stamp:
        figure.set_label(stamp)
        figure.text(1 - 2.0 / width_mm, 1.0 / whole_mm, "\n".join(stamps), size=SMALL_PT,
                    color=STAMP, ha="right", va="bottom", weight="bold",
                    multialignment="right", linespacing=1.3)  # fmt: skip
    return figure


def wrapped(text: str, width_mm: float, size_pt: float) -> list[str]:
    """Break a text into lines that fit a width in print.

    Returns
    -------
    list of str
        Lines; a word wider than the line stands on a line of its own.
    """
    lines: list[str] = []
    for word in filter(None, text.split(" ")):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width_mm(longer, size_pt) <= width_mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=10_000)
def text_width_mm(text: str, size_pt: float) -> float:
    """Width of a line of text in print, in mm."""
    font = FontProperties(family=FONT, size=size_pt)
    width_pt, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width_pt) / _POINTS_PER_MM


def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sideways places for dots, so that neighbours in value do not cover each other.

    Parameters
    ----------
    values
        Shape (n,).

    Returns
    -------
    ndarray
        Shape (n,), between -0.5 and 0.5: van der Corput's sequence in the order of the values,
        the same whenever the values are.
    """
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable") + 1
    place = np.zeros(len(values))
    weight = 0.5
    while np.any(rank):
        place += weight * (rank % 2)
        rank //= 2
        weight /= 2
    return place - 0.5


def group_key(groups: Sequence[str]) -> list[Line2D]:
    """Give the handles of a legend that names the groups by colour and marker."""
    colours, markers = group_colours(groups), group_markers(groups)
    return [
        Line2D([], [], ls="", marker=markers[group], color=colours[group], ms=4, label=group)
        for group in groups
    ]


def draw_mean(
    axes: Axes, x: float, mean: pd.DataFrame, colour: str, marker: str, *, is_open: bool = False
) -> None:
    """Draw the one row of `means.group_means`, if it has a mean: a mark and its interval."""
    fill, edge = ("white", colour) if is_open else (colour, "white")
    known = mean.dropna(subset=["mean"])
    axes.vlines([x] * len(known), known["lower"], known["upper"], color=colour, lw=1.3, zorder=3)
    axes.plot([x] * len(known), known["mean"], ls="", marker=marker, ms=4.6, mfc=fill,
              mec=edge, mew=0.9 if is_open else 0.7, zorder=4)  # fmt: skip


def hidden_note(minimum_cell: int) -> str:
    """Say in a note that small cells are hidden, where a threshold is set."""
    if minimum_cell <= 1:
        return ""
    return f" Cells with fewer than {minimum_cell} people are not shown."


def unshared_note(is_complete: bool, *, people: str = "People") -> str:
    """Say in a note that somebody has no dot because they keep their values to themselves."""
    if is_complete:
        return ""
    return f" {people} who did not agree to be shown singly count in the means and have no dot."


def say_empty(axes: Axes, sentence: str) -> None:
    """Say in an empty panel why it is empty."""
    if len(axes.get_shared_x_axes().get_siblings(axes)) == 1:
        axes.set_xticks([])  # of a shared axis this would take the other panels' ticks
    axes.set_yticks([])
    axes.text(0.5, 0.5, sentence, transform=axes.transAxes, ha="center", va="center",
              color=QUIET, size=SMALL_PT, wrap=True)  # fmt: skip


def save(
    figure: Figure,
    table: pd.DataFrame,
    *,
    pdf: str | Path,
    svg: str | Path,
    png: str | Path,
    csv: str | Path,
) -> None:
    """Write a figure in three formats and the numbers it shows beside it.

    The same figure gives the same bytes: no file carries a date or a program's version. The
    stamp of the figure stands in every file: in the pictures also as their description, in the
    table as a column.
    """
    stamp = str(figure.get_label())
    for path, form in ((pdf, "pdf"), (svg, "svg"), (png, "png")):
        content = _render(figure, form)
        with whole_file(path) as unfinished:
            unfinished.write_bytes(content)
    write_csv(table, csv, stamp)


def svg_text(figure: Figure) -> str:
    """Give a figure as SVG for a page."""
    return _render(figure, "svg").decode()


@styled
def _render(figure: Figure, form: str) -> bytes:
    # None keeps matplotlib from writing the moment and its version into the file.
    unwritten: dict[str, dict[str, str | None]] = {
        "pdf": {"CreationDate": None, "Creator": "dyads", "Producer": None},
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
    }
    stamp = str(figure.get_label())
    name = "Subject" if form == "pdf" else "Description"
    said = {name: stamp} if stamp else {}
    stream = BytesIO()
    figure.savefig(stream, format=form, metadata={**unwritten[form], **said})
    return stream.getvalue()
