"""How much a face looks like the people of a film.

Only similarities leave this module: what a network makes of a face (an embedding) identifies its
person, and is forgotten as soon as it was compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.errors import StudyError
from dyads.extraction.finders import CascadeFinder, FaceFinder
from dyads.people.stretches import cut, sights
from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LOOK_EVERY_S: Final = 6.0
"""Faces are compared at this interval (s) within a stretch, and at least once."""
SAME_MEAN, SAME_SD = 0.55, 0.18
OTHER_MEAN, OTHER_SD = 0.08, 0.12
"""Cosine similarity of two pictures of one person and of two people: wide normal curves about what
py-feat reports of its ArcFace (pairs of different people up to 0.35)."""
FACE_LOG_MAX: Final = 8.0
"""However alike, faces in one part of a film count for at most so much (log ratio)."""
CROP_SCALE: Final = 1.2
"""py-feat cuts this much around the box of a found face."""


class FaceEmbedder(Protocol):
    """Whatever turns faces into vectors that lie near each other for one person."""

    def embed(self, faces: Sequence[Image]) -> FloatArray:
        """Turn square pictures of faces into vectors, shape (faces, dimensions)."""
        ...


def faces_to_compare(frames: pd.DataFrame) -> pd.DataFrame:
    """Choose a few faces of each stretch of a film.

    Parameters
    ----------
    frames
        Rows of one film (contract `Frames`) with `track`.

    Returns
    -------
    DataFrame
        `track`, `frame`, `left`, `top`, `side` (px), by frame.
    """
    seen = sights(frames)
    if seen.empty:
        return pd.DataFrame(columns=["track", "frame", "left", "top", "side"])
    seen, _ = cut(seen)
    seen = seen[~seen["is_close"].to_numpy()]
    since_s = seen["time_s"] - seen.groupby("stretch")["time_s"].transform("min")
    slot = [seen["stretch"], np.floor(since_s / LOOK_EVERY_S)]
    place = seen.groupby(slot).cumcount()
    size = seen.groupby(slot)["frame"].transform("size")
    chosen = seen[place.eq(size // 2).to_numpy()]
    half = chosen["side"] / 2
    return chosen.assign(left=chosen["x"] - half, top=chosen["y"] - half)[
        ["track", "frame", "left", "top", "side"]
    ].sort_values("frame", kind="stable", ignore_index=True)


def reference_vectors(
    references: Mapping[str, Path], embedder: FaceEmbedder, finder: FaceFinder | None = None
) -> dict[str, FloatArray]:
    """Look at the reference picture of each person.

    Parameters
    ----------
    references
        Picture of each person, which shows one face from the front.
    embedder
        What compares faces.
    finder
        What finds the face in a picture; None: scikit-image's cascade.

    Raises
    ------
    StudyError
        If a picture cannot be read, or does not show one face.
    """
    from PIL import Image as Picture

    finder = finder or CascadeFinder()
    faces, faults = [], []
    for person_id, path in references.items():
        try:
            with Picture.open(path) as opened:
                image = np.asarray(opened.convert("RGB"), dtype=np.uint8)
        except OSError as fault:
            faults.append(f"{path.name}: the reference picture of {person_id} cannot be read "
                          f"({fault}). Save it as PNG or JPEG.")  # fmt: skip
            continue
        boxes = finder.find(image)
        if len(boxes) != 1:
            faults.append(
                f"{path.name}: the reference picture of {person_id} shows {len(boxes)} faces that "
                "can be found, expected one. Take a picture of this person alone, from the front."
            )
            continue
        left, top, right, bottom = boxes[0, :4]
        side = CROP_SCALE * max(right - left, bottom - top)
        faces.append(face_square(image, (left + right - side) / 2, (top + bottom - side) / 2, side))
    if faults:
        raise StudyError("\n".join(faults))
    return dict(zip(references, _unit(embedder.embed(faces)), strict=True)) if faces else {}


def similarities(
    faces: Sequence[Image], embedder: FaceEmbedder, references: Mapping[str, FloatArray]
) -> FloatArray:
    """Compare faces with people: cosine similarity, shape (faces, people)."""
    known = np.stack(list(references.values()))
    return np.asarray(_unit(embedder.embed(faces)) @ known.T, dtype=np.float64)


def face_square(image: Image, left: float, top: float, side: float) -> Image:
    """Cut a square out of a picture; beyond its edge the last pixels go on."""
    size = max(round(side), 1)
    rows = np.clip(round(top) + np.arange(size), 0, image.shape[0] - 1)
    columns = np.clip(round(left) + np.arange(size), 0, image.shape[1] - 1)
    return image[rows[:, None], columns]


def evidence_of_likeness(
    row_part: IntArray,
    seen: pd.DataFrame,
    likeness: pd.DataFrame,
    person_ids: Sequence[str],
    parts: int,
) -> FloatArray:
    """Log likelihood ratio of each part showing each person, against somebody else.

    Parameters
    ----------
    row_part
        Part of each row of `seen`, or -1.
    seen
        Sights with `track` and `frame`.
    likeness
        `track`, `frame`, `person_id`, `similarity`.
    person_ids
        People in the order of the columns.
    parts
        How many parts there are.

    Returns
    -------
    ndarray
        Shape (parts, people + 1); 0 for nobody and where nothing was compared.
    """
    result = np.zeros((parts, len(person_ids) + 1))
    rows = seen[["track", "frame"]].assign(part=row_part)
    compared = likeness.merge(rows[rows["part"].ge(0)], on=["track", "frame"])
    for column, person_id in enumerate(person_ids):
        own = compared[compared["person_id"].eq(person_id)]
        mean = own.groupby("part")["similarity"].mean()
        result[mean.index.to_numpy(int), column] = _log_ratios(mean.to_numpy(float))
    return result


def _log_ratios(similarity: FloatArray) -> FloatArray:
    def log_normal(mean: float, sd: float) -> FloatArray:
        return np.asarray(-(((similarity - mean) / sd) ** 2) / 2 - np.log(sd))

    ratio = log_normal(SAME_MEAN, SAME_SD) - log_normal(OTHER_MEAN, OTHER_SD)
    # Below the mean of strangers the wider curve would rise above the narrower one again.
    ratio = np.where(similarity <= OTHER_MEAN, -FACE_LOG_MAX, ratio)
    return np.asarray(np.clip(ratio, -FACE_LOG_MAX, FACE_LOG_MAX))


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float64)
