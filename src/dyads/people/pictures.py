"""Sheets that show a stretch of a followed face to somebody who says whose it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd
from PIL import Image as Picture
from PIL import ImageDraw

from dyads.files import whole_file
from dyads.recordings import media

WIDTH_PX: Final = 400
_COLUMNS: Final = 3
_LINE: Final = (255, 200, 0)


def write_sheets(
    film: Path, boxes: pd.DataFrame, sheets: Mapping[int, Path], *, threads: int = 1
) -> None:
    """Draw a sheet for each stretch: a few pictures with the face in a box.

    Parameters
    ----------
    film
        The recording.
    boxes
        From :func:`dyads.people.review.shown_boxes`.
    sheets
        The PNG file of each stretch.
    threads
        Threads of the decoder.
    """
    wanted = boxes[boxes["stretch"].isin(list(sheets))]
    tiles: dict[int, list[Picture.Image]] = {stretch: [] for stretch in sheets}
    for picture in media.chosen(film, set(wanted["frame"]), threads=threads):
        if picture.image is None:
            continue
        own = wanted[wanted["frame"].eq(picture.index)]
        for stretch, left, top, side in own[["stretch", "left", "top", "side"]].itertuples(
            index=False, name=None
        ):
            whole = Picture.fromarray(picture.image)
            scale = WIDTH_PX / whole.width
            tile = whole.resize((WIDTH_PX, max(round(whole.height * scale), 1)))
            draw = ImageDraw.Draw(tile)
            corners = [left * scale, top * scale, (left + side) * scale, (top + side) * scale]
            draw.rectangle(corners, outline=_LINE, width=3)
            draw.text((6, 6), f"{picture.time_s:.1f} s", fill=_LINE, stroke_width=2,
                      stroke_fill=(0, 0, 0))  # fmt: skip
            tiles[int(stretch)].append(tile)
    for stretch, path in sheets.items():
        if tiles[stretch]:
            with whole_file(path) as unfinished:
                _sheet(tiles[stretch]).save(unfinished, format="PNG")


def _sheet(tiles: list[Picture.Image]) -> Picture.Image:
    width, height = tiles[0].size
    columns = min(_COLUMNS, len(tiles))
    sheet = Picture.new("RGB", (columns * width, math.ceil(len(tiles) / columns) * height))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % columns * width, number // columns * height))
    return sheet
