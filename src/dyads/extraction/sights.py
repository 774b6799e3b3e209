"""Faces in the pictures of a film: what was found, what was read, and whether two are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from dyads.extraction.appearance import light_and_sharpness, look
from dyads.extraction.detectors import Detector
from dyads.extraction.embedding import Embedder
from dyads.recordings.media import Picture
from dyads.recordings.views import Image

FloatArray = npt.NDArray[np.float64]

CROP_SHIFT_MAX: Final = 0.01
CROP_SCALE_MAX: Final = 1.01
"""A face is read once more where its mesh asks for a box that differs by more than this from
the box it was read at: the middle by a part of the side, the side by a factor."""

SAME_FACE_SHIFT_MAX: Final = 1.0
SAME_FACE_SCALE_MAX: Final = 1.6
"""Two boxes this close, in the same terms, may be one face between two searches."""

INSIDE_SHARE_MIN: Final = 0.9
"""A followed face of whose mesh a smaller share lies within the crop is doubtful."""

_CLEARLY_NEARER: Final = 0.5
"""Of two faces that may be the one before, the nearer must be this many times as near."""

NO_TRACK: Final = -1


@dataclass(frozen=True)
class FaceRead:
    """What the detector says about one face; boxes are left, top, right, bottom (px).

    `box` is where it was read. The embedding is there only if it was asked for.
    """

    channels: FloatArray
    pose_deg: FloatArray
    crop: FloatArray
    next_box: FloatArray
    inside_share: float
    light: float
    sharpness: float
    box: FloatArray
    points_px: Mapping[str, FloatArray] = field(default_factory=dict)
    look: tuple[float, ...] = ()
    embedding: npt.NDArray[np.float32] | None = None


@dataclass(eq=False)
class Sight:
    """A face in a picture.

    Parameters
    ----------
    box
        Where it was found or is expected: left, top, right, bottom (px).
    found_by, score
        How it was found, and the finder's score where it was searched.
    face
        What was read; None until then.
    track
        Number of the face that is followed through the film.
    """

    box: FloatArray
    found_by: str
    score: float = np.nan
    face: FaceRead | None = None
    track: int = NO_TRACK

    @property
    def place(self) -> FloatArray:
        """Where the face is, by its mesh once that was read."""
        return self.box if self.face is None else self.face.next_box


@dataclass(eq=False)
class View:
    """What a picture shows of the people who are looked for.

    Parameters
    ----------
    index, time_s
        Of the picture.
    image
        The view's pixels, until the picture is settled; None if it could not be decoded.
    loss
        Why the picture could not be decoded; empty if it was.
    sights
        The faces in it.
    best_score
        The finder's best score where none was good enough.
    """

    index: int
    time_s: float
    image: Image | None
    loss: str = ""
    is_lost: bool = False
    sights: list[Sight] = field(default_factory=list)
    best_score: float = np.nan

    @classmethod
    def of(cls, picture: Picture) -> View:
        """Look at a picture in which nothing was searched yet."""
        return cls(
            picture.index, picture.time_s, picture.image, picture.loss, picture.image is None
        )

    @property
    def status(self) -> str:
        """What the table of frames says of this picture."""
        if self.sights:
            return "face"
        return "lost" if self.is_lost else "no_face"

    @property
    def reason(self) -> str:
        """Why nobody is seen; empty with a face."""
        if self.sights:
            return ""
        if self.is_lost:
            return self.loss
        return "no_face" if np.isnan(self.best_score) else "low_score"


def read_sights(
    faces: Sequence[tuple[View, Sight]],
    detector: Detector,
    at_once: int,
    *,
    adjust: bool,
) -> None:
    """Read faces where they are found or expected.

    Parameters
    ----------
    faces
        Each face with its picture.
    detector
        What reads.
    at_once
        Faces handed to the network at once.
    adjust
        True reads a face once more, at its mesh's own box, where the crop was off.
    """
    _read_at([(view, sight, sight.box) for view, sight in faces], detector, at_once)
    if adjust:
        off = [
            (view, sight, sight.place)
            for view, sight in faces
            if not are_close(sight.box, sight.place, CROP_SHIFT_MAX, CROP_SCALE_MAX)
        ]
        _read_at(off, detector, at_once)


def _read_at(
    boxed: Sequence[tuple[View, Sight, FloatArray]], detector: Detector, at_once: int
) -> None:
    for start in range(0, len(boxed), at_once):
        batch = boxed[start : start + at_once]
        images = [view.image for view, _, _ in batch if view.image is not None]
        reading = detector.read(images, np.stack([box for _, _, box in batch]))
        for place, (_, sight, box) in enumerate(batch):
            sight.face = FaceRead(
                reading.channels[place],
                reading.pose_deg[place],
                reading.crop[place],
                reading.next_box[place],
                float(reading.inside_share[place]),
                *light_and_sharpness(images[place], reading.crop[place]),
                box=box,
                points_px={tier: points[place] for tier, points in reading.points_px.items()},
                look=look(images[place], reading.crop[place]),
            )


def embed_sights(views: Sequence[View], embedder: Embedder, at_once: int) -> None:
    """Add the embedding of each face that was read, at the box where it was read."""
    read = [
        (sight, sight.face, view.image)
        for view in views
        for sight in view.sights
        if sight.face is not None and view.image is not None
    ]
    for start in range(0, len(read), at_once):
        batch = read[start : start + at_once]
        boxes = np.stack([face.box for _, face, _ in batch])
        embeddings = embedder.embed([image for *_, image in batch], boxes)
        for (sight, face, _), embedding in zip(batch, embeddings, strict=True):
            sight.face = replace(face, embedding=embedding)


def links(before: Sequence[Sight], after: Sequence[Sight]) -> list[tuple[Sight, Sight]]:
    """Say which faces of two pictures are surely one.

    Parameters
    ----------
    before, after
        Faces of an earlier and of a later picture.

    Returns
    -------
    list of (Sight, Sight)
        A pair lies close together in place and size, each is the other's nearest, and no
        further face is nearly as near. Where two faces pass each other nothing is linked: which
        is which is not known from their places.
    """
    if not before or not after:
        return []
    apart = np.array([[_apart(one.place, other.place) for other in after] for one in before])
    pairs = []
    for row, one in enumerate(before):
        column = int(np.argmin(apart[row]))
        least = apart[row, column]
        others = np.concatenate([np.delete(apart[row], column), np.delete(apart[:, column], row)])
        if np.isfinite(least) and not (others * _CLEARLY_NEARER < least).any():
            pairs.append((one, after[column]))
    return pairs


def is_odd(sight: Sight) -> bool:
    """Say whether the mesh leaves the crop, or lies far from where the face was expected."""
    if sight.face is None:
        return False
    return sight.face.inside_share < INSIDE_SHARE_MIN or not are_close(
        sight.box, sight.face.next_box, SAME_FACE_SHIFT_MAX / 2, SAME_FACE_SCALE_MAX
    )


def are_close(one: FloatArray, other: FloatArray, shift_max: float, scale_max: float) -> bool:
    """Compare two boxes: middles in sides of the first, sides as a factor."""
    scale = max(_side(one), 1.0) / max(_side(other), 1.0)
    return shift(one, other) <= shift_max and 1 / scale_max <= scale <= scale_max


def shift(one: FloatArray, other: FloatArray) -> float:
    """Distance of two boxes' middles in sides of the first."""
    apart = (one[:2] + one[2:] - other[:2] - other[2:]) / 2
    return float(np.hypot(*apart) / max(_side(one), 1.0))


def _apart(one: FloatArray, other: FloatArray) -> float:
    if not are_close(one, other, SAME_FACE_SHIFT_MAX, SAME_FACE_SCALE_MAX):
        return np.inf
    return max(shift(one, other), 1e-6)


def _side(box: FloatArray) -> float:
    return float(max(box[2] - box[0], box[3] - box[1]))
