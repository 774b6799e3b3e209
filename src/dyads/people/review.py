"""What nobody could decide: put down for somebody who looks, and taken up again from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from dyads.contracts import NOBODY
from dyads.errors import StudyError
from dyads.people.stretches import sights

SHEET_PICTURES: Final = 6
"""Pictures of a stretch that are shown."""
_TIME_ROUNDING_S: Final = 1e-3

COLUMNS: Final = [
    "dyad_id", "session_id", "path", "track", "first_time_s", "last_time_s", "face_of", "why",
    "picture", "shown",
]  # fmt: skip
_WHY: Final = {
    "unsure": "too little is known",
    "disagree": "place and likeness contradict each other",
}


def shown_boxes(frames: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Choose the pictures in which a stretch is looked at.

    Parameters
    ----------
    frames
        Rows of one film of the view `auto` (contract `Frames`).
    people
        Stretches of this film (contract `People`).

    Returns
    -------
    DataFrame
        `stretch` (row of `people`), `frame`, `left`, `top`, `side` (px): up to `SHEET_PICTURES`
        a stretch, evenly spread.
    """
    seen = sights(frames)
    parts = []
    for place, (track, first_s, last_s) in enumerate(_bounds(people)):
        own = seen[seen["track"].eq(track) & seen["time_s"].between(first_s, last_s)]
        rows = np.unique(np.linspace(0, len(own) - 1, min(SHEET_PICTURES, len(own))).round())
        parts.append(own.iloc[rows.astype(int)].assign(stretch=place))
    boxes = pd.concat(parts) if parts else seen.iloc[:0].assign(stretch=0)
    half = boxes["side"] / 2
    return boxes.assign(left=boxes["x"] - half, top=boxes["y"] - half)[
        ["stretch", "frame", "left", "top", "side"]
    ].reset_index(drop=True)


def digests(people: pd.DataFrame, boxes: pd.DataFrame, film_sha256: str) -> list[str]:
    """Digest what there is to be seen of each stretch: the film's bytes, bounds and boxes.

    Parameters
    ----------
    people
        Stretches of one film (contract `People`).
    boxes
        From :func:`shown_boxes`.
    film_sha256
        Digest of the film's bytes.

    Returns
    -------
    list of str
        SHA-256 in hexadecimal digits, one a stretch.
    """
    found = []
    for place, (track, first_s, last_s) in enumerate(_bounds(people)):
        own = boxes.loc[boxes["stretch"].eq(place), ["frame", "left", "top", "side"]]
        lines = [
            film_sha256,
            f"{track} {first_s:.3f} {last_s:.3f}",
            *(f"{int(frame)} {left:.1f} {top:.1f} {side:.1f}"
              for frame, left, top, side in own.itertuples(index=False, name=None)),
        ]  # fmt: skip
        found.append(hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


def replayed(
    stretches: pd.DataFrame, faces: pd.DataFrame, person_ids: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    """Take up what somebody answered, if it still speaks of what is there.

    Parameters
    ----------
    stretches
        All stretches of a session as they are without answers (contract `People`), with `shown`.
    faces
        Rows of faces.tsv of this session.
    person_ids
        Whom each film shows, or `nobody`, by its path.

    Returns
    -------
    DataFrame
        `film`, `track`, `first_time_s`, `last_time_s`, `person_id`.

    Raises
    ------
    StudyError
        If what an answer speaks of is no longer there, if a row was mixed up, if it names
        somebody whom the film does not show, or if one person would have two faces at once.
    """
    known = dict(zip(stretches["shown"], stretches.index, strict=True))
    film_of, path_of = dict(stretches["film"].items()), dict(stretches["path"].items())
    faults, rows = [], []
    names = ["dyad_id", "session_id", "path", "face_of", "shown"]
    for (dyad_id, session_id, path, face_of, shown), (track, first_s, last_s) in zip(
        faces[names].astype(str).to_numpy().tolist(), _bounds(faces), strict=True
    ):
        where = f"faces.tsv: {dyad_id} {session_id}, {_called(path, track, first_s, last_s)}"
        if shown not in known:
            faults.append(
                f"{where}: what was looked at is no longer there (another film, other frames or "
                "other settings). Remove the row, run again, and answer the stretches that "
                "review.tsv then lists."
            )
            continue
        place = known[shown]
        film, its_path = int(film_of[place]), str(path_of[place])
        ((its_track, its_first_s, its_last_s),) = _bounds(stretches.loc[[place]])
        apart_s = max(abs(its_first_s - first_s), abs(its_last_s - last_s))
        if (its_path, its_track) != (path, track) or apart_s > _TIME_ROUNDING_S:
            its_name = _called(its_path, its_track, its_first_s, its_last_s)
            faults.append(f"{where}: `shown` belongs to {its_name}. Copy whole rows from "
                          "review.tsv.")  # fmt: skip
        elif face_of not in person_ids[path]:
            faults.append(
                f"{where}: {face_of} is not in this film, which shows "
                f"{', '.join(sorted(person_ids[path]))}. Correct face_of."
            )
        else:
            rows.append((film, its_track, its_first_s, its_last_s, face_of, where))
    columns = ["film", "track", "first_time_s", "last_time_s", "person_id", "where"]
    answers = pd.DataFrame(rows, columns=columns)
    answers = answers.astype({"first_time_s": float, "last_time_s": float})
    faults += _two_at_once(answers)
    if faults:
        raise StudyError("\n".join(faults))
    return answers.drop(columns="where")


def _bounds(stretches: pd.DataFrame) -> list[tuple[int, float, float]]:
    """Track, first and last time (s) of stretches."""
    columns = stretches["track"], stretches["first_time_s"], stretches["last_time_s"]
    return [
        (int(track), float(first_s), float(last_s))
        for track, first_s, last_s in zip(*(one.to_numpy() for one in columns), strict=True)
    ]


def _called(path: str, track: int, first_s: float, last_s: float) -> str:
    return f"{path}, track {track}, {first_s:.3f} to {last_s:.3f} s"


def _two_at_once(answers: pd.DataFrame) -> list[str]:
    """Say where two answers give one person two faces at the same time."""
    named = answers[answers["person_id"].ne(NOBODY)].sort_values("first_time_s")
    latest_s = named.groupby(["film", "person_id"])["last_time_s"].cummax()
    before_s = latest_s.groupby([named["film"], named["person_id"]]).shift()
    twice = named[named["first_time_s"].lt(before_s - _TIME_ROUNDING_S)]
    return [
        f"{where}: {person_id} has another face at the same time in another row. Correct one of "
        "the two."
        for where, person_id in zip(twice["where"], twice["person_id"], strict=True)
    ]


def listed(
    stretches: pd.DataFrame, dyad_id: str, session_id: str, shortest_s: float
) -> pd.DataFrame:
    """List what is to be looked at.

    Parameters
    ----------
    stretches
        Stretches of a session (contract `People`) with `shown`.
    dyad_id, session_id
        The session.
    shortest_s
        Shorter ones are left out (s). Times in which two faces touch are left out as well: they
        may show both.

    Returns
    -------
    DataFrame
        The columns of faces.tsv, longest stretch first; `face_of` and `picture` are empty.
    """
    lasts_s = stretches["last_time_s"] - stretches["first_time_s"]
    open_ = stretches[
        stretches["person_id"].eq("") & stretches["why"].ne("close") & lasts_s.ge(shortest_s)
    ]
    order = lasts_s[open_.index].sort_values(ascending=False, kind="stable").index
    review = open_.loc[order].assign(
        dyad_id=dyad_id, session_id=session_id, face_of="", picture="", why=open_["why"].map(_WHY)
    )
    return review[COLUMNS].reset_index(drop=True)
