"""Figures as pages show them: the picture inside the page, its title and what is seen."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FigureItem:
    """A figure as a page shows it.

    Parameters
    ----------
    name
        Name of the figure, such as `congruence_slopes`.
    title
        One line.
    caption
        What is seen, in plain text.
    source
        The picture, as a data address.
    """

    name: str
    title: str
    caption: str
    source: str


def figure_item(name: str, svg: str, caption: str, title: str = "") -> FigureItem:
    """Put a figure into a form that a page can hold.

    Parameters
    ----------
    name
        Name of the figure.
    svg
        The picture, as `style.svg_text` or a file gives it.
    caption
        Text of `workflow/report/<name>.rst`: a title in bold, then sentences.
    title
        Instead of the caption's title, such as `Session S2`.
    """
    found = re.match(r"\s*\*\*(?P<title>.+?)\.?\*\*\s*(?P<text>.*)", caption, re.DOTALL)
    own, text = (found["title"], found["text"]) if found else (name.replace("_", " "), caption)
    return FigureItem(
        name=name,
        title=title or own,
        caption=" ".join(text.split()),
        source=f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}",
    )


def figure_items(pictures: Sequence[str], templates: Path) -> list[FigureItem]:
    """Read figures and their captions, in the order of the pictures' files."""
    return [
        figure_item(
            Path(picture).stem,
            Path(picture).read_text(encoding="utf-8"),
            (templates / f"{Path(picture).stem}.rst").read_text(encoding="utf-8"),
        )
        for picture in pictures
    ]
