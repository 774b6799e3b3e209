"""The films of a session: whom they show, and which of them must not be read so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.errors import StudyError
from dyads.extraction.detectors import Detector
from dyads.extraction.tiers import EMBEDDINGS
from dyads.recordings.probing import RecordingProbe
from dyads.recordings.views import AUTO

RENDERED_COMMENT: Final = "dyads demo rendering"
"""What the container of a rendered film says of itself."""


@dataclass(frozen=True)
class Film:
    """A recording and the people it shows.

    Parameters
    ----------
    path
        The file.
    views
        Part of the picture that shows each person, by person.
    """

    path: Path
    views: Mapping[str, str]

    @property
    def is_auto(self) -> bool:
        """True if faces are given to people later, and are followed as tracks till then."""
        return AUTO in self.views.values()


def films(recordings: pd.DataFrame, folder: Path) -> list[Film]:
    """Gather the films of a session from its rows of recordings.tsv.

    Parameters
    ----------
    recordings
        Rows of one session with `person_id`, `path` and `view`.
    folder
        What `path` starts from. No file outside it is read.

    Raises
    ------
    StudyError
        If a film lies outside the folder, or if two people share one view.
    """
    gathered, faults = [], []
    for path, rows in recordings.groupby("path", sort=False):
        file = (folder / str(path)).resolve()
        if not file.is_relative_to(folder.resolve()):
            faults.append(
                f"{path}: lies outside the recordings folder. Move it there, or correct `path` "
                "in recordings.tsv."
            )
        views = dict(zip(rows["person_id"].astype(str), rows["view"].astype(str), strict=True))
        shown = set(views.values())
        if shown != {AUTO} and len(shown) < len(rows):
            faults.append(
                f"{path}: {' and '.join(rows['person_id'])} have the same view. Give each person "
                "their own part of the picture in recordings.tsv, or the view auto."
            )
        elif AUTO in shown and len(shown) > 1:
            faults.append(
                f"{path}: some people have the view auto and others a part of the picture. Give "
                "everybody in this film the view auto, or nobody, in recordings.tsv."
            )
        gathered.append(Film(file, views))
    if faults:
        raise StudyError("\n".join(faults))
    return gathered


def refuse_people(films: Sequence[Film], probes: Sequence[RecordingProbe], stamp: str) -> None:
    """Stop where weights that have seen painted faces only would read a film of people.

    Parameters
    ----------
    films, probes
        The films, and what is known of each.
    stamp
        What the weights are stamped with.

    Raises
    ------
    StudyError
        Naming each film that is no rendering of the demo.
    """
    faults = [
        f"{film.path}: not a rendering of the demo study, and the face model is stamped {stamp!r}: "
        "it has seen painted faces only and is refused for people. Use extraction.weights: hub."
        for film, held in zip(films, probes, strict=True)
        if held.comment != RENDERED_COMMENT
    ]
    if faults:
        raise StudyError("\n".join(faults))


def refuse_tiers(films: Sequence[Film], detector: Detector, asked: Sequence[str]) -> None:
    """Stop where tiers are asked for that the detector does not give, or that nobody allowed.

    Raises
    ------
    StudyError
        Naming the tiers, or the films that show faces without a name.
    """
    unknown = [name for name in asked if name not in (*detector.tiers, EMBEDDINGS)]
    if unknown:
        raise StudyError(
            f"extraction.tiers: {detector.about.detector} gives no {' and no '.join(unknown)}. "
            f"It gives {' and '.join(detector.tiers) or 'no points'}."
        )
    nameless = [film.path.name for film in films if film.is_auto]
    if nameless and EMBEDDINGS in asked:
        raise StudyError(
            f"extraction.tiers: {', '.join(nameless)}: shows faces that nobody has named yet "
            "(view auto), so that nobody can have allowed embeddings of them. Take embeddings out."
        )
