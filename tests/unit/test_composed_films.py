"""Films of two people in one picture, composed so that it is known whose face is where.

The whole way is real but for the detector: films are coded, decoded, searched, followed as tracks
and given to people. One person's face is dark, the other's bright, by which each row can be
held against the truth; a stranger's lies between.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from film_making import make_film
from square_faces import SquareDetector, room, with_face

from dyads import tables
from dyads.config import ExtractionSettings, PeopleSettings
from dyads.contracts import Frames
from dyads.extraction.films import films
from dyads.extraction.sessions import extract
from dyads.people.naming import named
from dyads.people.session import assign_session, shared_films
from dyads.steps import digest_file
from dyads.study.optional_tables import Faces

RATE_HZ = 10
SIDE = 30
LEFT, RIGHT = 60, 230
DARK, BRIGHT, STRANGER = 0.1, 0.9, 0.5
PATH = "D01/S1.mp4"
Image = npt.NDArray[np.uint8]
Place = Callable[[int], tuple[float | None, float | None, float | None]]
"""Where the dark face, the bright one and a stranger's are in a picture; None: nowhere."""


def picture(places: tuple[float | None, float | None, float | None], number: int) -> Image:
    image = room(320, 120)
    top = 40 + round(2 * np.sin(number / 7))
    for place, level in zip(places, (DARK, BRIGHT, STRANGER), strict=True):
        if place is not None:
            image = with_face(image, round(place + 2 * np.sin(number / 11)), top, SIDE, level)
    return image


def seated(_: int) -> tuple[float | None, float | None, float | None]:
    return LEFT, RIGHT, None


def swapped_halves(number: int) -> tuple[float | None, float | None, float | None]:
    return (LEFT, RIGHT, None) if number < 300 else (RIGHT, LEFT, None)


def somebody_walks_through(number: int) -> tuple[float | None, float | None, float | None]:
    stranger = -40 + (number - 250) * 4.0
    return LEFT, RIGHT, stranger if 0 <= stranger <= 320 - SIDE - 4 else None


def crossing(number: int) -> tuple[float | None, float | None, float | None]:
    part = float(np.clip((number - 250) / 50, 0, 1))
    return LEFT + part * (RIGHT - LEFT), RIGHT - part * (RIGHT - LEFT), None


def leaving(number: int) -> tuple[float | None, float | None, float | None]:
    return LEFT, None if 200 <= number < 350 else RIGHT, None


WORLDS: dict[str, tuple[Place, float]] = {
    "seated": (seated, 0.99),
    "swapped halves": (swapped_halves, 0.45),
    "somebody walks through": (somebody_walks_through, 0.80),
    "crossing": (crossing, 0.40),
    "leaving": (leaving, 0.90),
}
"""Each with the least share of the faces that must be known."""


def read(folder: Path, place: Place) -> pd.DataFrame:
    """Make a film of a minute, read it, and give each person their frames."""
    (folder / "D01").mkdir()
    pictures = [picture(place(number), number) for number in range(600)]
    make_film(folder / PATH, np.arange(600) / RATE_HZ, pictures=pictures)
    rows = pd.DataFrame(
        {
            "dyad_id": "D01", "session_id": "S1", "person_id": ["P01", "Q01"], "path": PATH,
            "view": "auto", "frames_path": "", "place": ["left", "right"], "reference": "",
        }
    )  # fmt: skip
    settings = ExtractionSettings(search_interval_s=0.5)
    chunks = list(extract(films(rows, folder), SquareDetector(), settings))
    frames = tables.check(pd.concat(chunks, ignore_index=True), Frames, "frames")
    nothing = pd.DataFrame(columns=list(Faces.to_schema().columns))
    found = assign_session(
        frames, shared_films(rows), nothing, folder, PeopleSettings(), ("D01", "S1"), digest_file
    )
    return named(frames, found.people, {0: ["P01", "Q01"]})


@pytest.mark.parametrize("name", WORLDS)
def test_no_face_is_given_to_somebody_else_and_most_are_known(tmp_path: Path, name: str) -> None:
    place, known_min = WORLDS[name]
    frames = read(tmp_path, place)
    faces = frames[frames["status"].eq("face")]
    shown = faces["AU12"].to_numpy()
    own = faces["person_id"].map({"P01": DARK, "Q01": BRIGHT}).to_numpy()
    # Coding a film changes a level by less than 0.05; the three faces lie 0.4 apart.
    assert (np.abs(shown - own) < 0.15).all()
    there = sum(one is not None for number in range(600) for one in place(number)[:2])
    assert len(faces) / there >= known_min
