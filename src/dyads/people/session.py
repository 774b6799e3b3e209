"""Give the faces of all films of a session to its people, and put down what is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from dyads.config import PeopleSettings
from dyads.contracts import NOBODY
from dyads.people import review
from dyads.people.assignment import assign
from dyads.people.identity import (
    FaceEmbedder,
    face_square,
    faces_to_compare,
    reference_vectors,
    similarities,
)
from dyads.people.pictures import write_sheets
from dyads.recordings import media
from dyads.recordings.views import Image
from dyads.tables import without_formulas, write_text

_BATCH: int = 32


@dataclass(frozen=True)
class SharedFilm:
    """A film of the view `auto`.

    Parameters
    ----------
    number
        Its number among the films of the session, as in `film` of the frames.
    path
        The film, from the recordings folder.
    people
        Its rows of recordings.tsv.
    """

    number: int
    path: str
    people: pd.DataFrame

    @property
    def person_ids(self) -> list[str]:
        """Whom the film shows."""
        return self.people["person_id"].astype(str).tolist()


@dataclass(frozen=True)
class AssignedSession:
    """What was decided in a session.

    Parameters
    ----------
    people
        Contract `People`.
    review
        What is to be looked at: columns of faces.tsv, `face_of` empty.
    """

    people: pd.DataFrame
    review: pd.DataFrame


def shared_films(recordings: pd.DataFrame) -> list[SharedFilm]:
    """List the films of a session in which people are to be told apart.

    Parameters
    ----------
    recordings
        The rows of recordings.tsv that the extraction read, in their order.
    """
    return [
        SharedFilm(number, str(path), rows.reset_index(drop=True))
        for number, (path, rows) in enumerate(recordings.groupby("path", sort=False))
        if rows["view"].eq("auto").any()
    ]


def assign_session(
    frames: pd.DataFrame,
    films: Sequence[SharedFilm],
    faces: pd.DataFrame,
    folder: Path,
    settings: PeopleSettings,
    session: tuple[str, str],
    digest: Callable[[Path], str],
    *,
    embedder: FaceEmbedder | None = None,
    sheets: Path | None = None,
    threads: int = 1,
) -> AssignedSession:
    """Decide whose face each stretch of a session's shared films is.

    Parameters
    ----------
    frames
        Frames of the session (contract `Frames`).
    films
        From :func:`shared_films`.
    faces
        Rows of faces.tsv of this session.
    folder
        What the paths of films and reference pictures start from.
    settings
        When a decision is certain.
    session
        Dyad and session.
    digest
        Gives the SHA-256 of a file.
    embedder
        What compares faces with reference pictures; None: they are not compared.
    sheets
        Folder of the pictures for the review; None: none are made.
    threads
        Threads of the decoder.

    Raises
    ------
    StudyError
        If an answer in faces.tsv does not fit what is there, or if a reference picture cannot be
        used.
    """
    own = {film.number: frames[frames["film"].eq(film.number)] for film in films}
    likeness = {
        film.number: _likeness(own[film.number], film, folder, embedder, threads) for film in films
    }
    first, boxes = [], {}
    for film in films:
        rows = own[film.number]
        found = assign(rows, film.people, settings, likeness[film.number])
        boxes[film.number] = review.shown_boxes(rows, found)
        shown = review.digests(found, boxes[film.number], digest(folder / film.path))
        first.append(found.assign(shown=shown, stretch=range(len(found))))
    people = pd.concat(first, ignore_index=True)
    answers = review.replayed(
        people, faces, {film.path: frozenset((*film.person_ids, NOBODY)) for film in films}
    )
    if len(answers):
        answered = [
            assign(own[film.number], film.people, settings, likeness[film.number],
                   answers[answers["film"].eq(film.number)])
            for film in films
        ]  # fmt: skip
        again = pd.concat(answered, ignore_index=True)
        people = again.assign(shown=people["shown"], stretch=people["stretch"])
    listed = review.listed(people, *session, settings.review_min_s)
    if sheets is not None:
        listed = _with_sheets(listed, people, films, boxes, folder, sheets, threads)
    return AssignedSession(people.drop(columns=["shown", "stretch"]), listed)


def write_review(listed: pd.DataFrame, path: Path) -> None:
    """Write what is to be looked at as the text of a table that can be copied from."""
    safe = without_formulas(listed)
    write_text(safe.to_csv(sep="\t", index=False, float_format="%.3f"), path)


def _likeness(
    frames: pd.DataFrame,
    film: SharedFilm,
    folder: Path,
    embedder: FaceEmbedder | None,
    threads: int,
) -> pd.DataFrame | None:
    """Compare a few faces of each stretch with the reference pictures; None if there are none."""
    named = film.people[film.people["reference"].ne("")]
    if embedder is None or named.empty:
        return None
    pictures = named.set_index("person_id")["reference"]
    references = reference_vectors(
        {str(person): folder / str(path) for person, path in pictures.items()}, embedder
    )
    rows: list[tuple[int, int, str, float]] = []
    cut_out = _cut_out(folder / film.path, faces_to_compare(frames), threads)
    for _, batch in groupby(enumerate(cut_out), key=lambda numbered: numbered[0] // _BATCH):
        some = [one for _, one in batch]
        alike = similarities([image for _, _, image in some], embedder, references)
        for (track, frame, _), row in zip(some, alike, strict=True):
            rows += [
                (track, frame, person, float(value))
                for person, value in zip(references, row, strict=True)
            ]
    return pd.DataFrame(rows, columns=["track", "frame", "person_id", "similarity"])


def _cut_out(film: Path, wanted: pd.DataFrame, threads: int) -> Iterator[tuple[int, int, Image]]:
    """Give the faces in order of display: track, frame, pixels."""
    for picture in media.chosen(film, set(wanted["frame"]), threads=threads):
        if picture.image is None:
            continue
        for track, left, top, side in wanted.loc[
            wanted["frame"].eq(picture.index), ["track", "left", "top", "side"]
        ].itertuples(index=False, name=None):
            yield int(track), picture.index, face_square(picture.image, left, top, side)


def _with_sheets(
    listed: pd.DataFrame,
    people: pd.DataFrame,
    films: Sequence[SharedFilm],
    boxes: dict[int, pd.DataFrame],
    folder: Path,
    sheets: Path,
    threads: int,
) -> pd.DataFrame:
    """Draw the sheets of what is to be looked at, and name them."""
    place = people.set_index("shown")[["film", "stretch"]].loc[listed["shown"]]
    names = [f"sheet{number + 1:03d}.png" for number in range(len(listed))]
    for film in films:
        is_own = place["film"].eq(film.number).to_numpy(bool)
        chosen = np.flatnonzero(is_own)
        stretches = {int(place["stretch"].iloc[row]): sheets / names[row] for row in chosen}
        if stretches:
            write_sheets(folder / film.path, boxes[film.number], stretches, threads=threads)
    return listed.assign(picture=names)
