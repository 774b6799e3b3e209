"""Paintings with known action units, from which the demo's face model learns and is judged."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from dyads.demo.brush import Picture
from dyads.demo.face_points import FloatArray
from dyads.demo.face_shape import NEUTRAL_WIDTH, expressed_shape, face_model
from dyads.demo.faces import draw_identity, paint_face, paint_nobody
from dyads.demo.viewpoint import turned
from dyads.extraction.finders import box_from_mesh

CANVAS_PX = 208
CANVAS_IN_BOXES = 1.2 * 1.32
"""Side of a stored painting in boxes: the crop of 1.2 boxes and room to move it."""
FILM_SIZE_PX = (240, 320)

COMBINATIONS = (
    {"AU06": 1.0, "AU12": 1.0},
    {"AU06": 1.0, "AU12": 1.0, "AU25": 0.8},
    {"AU12": 0.8},
    {"AU01": 1.0, "AU04": 0.7, "AU15": 1.0, "AU17": 0.7},
    {"AU01": 0.8, "AU15": 0.9},
    {"AU04": 1.0, "AU07": 0.8, "AU23": 0.8},
    {"AU04": 1.0, "AU07": 0.8, "AU24": 0.8, "AU17": 0.4},
    {"AU01": 1.0, "AU02": 1.0, "AU05": 0.8, "AU25": 0.7, "AU26": 1.0},
    {"AU01": 1.0, "AU02": 0.8, "AU04": 0.8, "AU05": 0.8, "AU20": 0.9, "AU25": 0.6},
    {"AU09": 1.0, "AU10": 0.9, "AU04": 0.4},
    {"AU01": 0.9, "AU02": 0.9},
    {"AU15": 0.8, "AU17": 1.0},
    {"AU14": 1.0},
)
"""Expressions as people make them: joy, sadness, anger, surprise, fear, disgust, doubt …"""


class Paintings(NamedTuple):
    """Painted faces and what is true of them; one row is one painting.

    Attributes
    ----------
    image : ndarray (n, 208, 208, 3) of uint8
        Red, green, blue.
    units : ndarray (n, 20)
        Intensities in [0, 1].
    mesh : ndarray (n, 478, 3)
        x and y in pixels of the image, depth in pixels towards the viewer.
    box : ndarray (n, 4)
        The face's box in pixels.
    pose : ndarray (n, 3)
        Radians as py-feat's pose head gives them: down, to the own right, away from the own right.
    gaze : ndarray (n, 2)
        Radians as py-feat's gaze head gives them: to the own right, down.
    """

    image: Picture
    units: npt.NDArray[np.float32]
    mesh: npt.NDArray[np.float32]
    box: npt.NDArray[np.float32]
    pose: npt.NDArray[np.float32]
    gaze: npt.NDArray[np.float32]


class Film(NamedTuple):
    """A short film in which every frame shows another expression; n frames.

    Attributes
    ----------
    image : ndarray (n, 240, 320, 3) of uint8
        Red, green, blue.
    units : ndarray (n, 20)
        Intensities in [0, 1].
    mesh_xy : ndarray (n, 478, 2)
        Pixels.
    pose_deg : ndarray (n, 3)
        Pitch, yaw, roll as the painter takes them.
    """

    image: Picture
    units: FloatArray
    mesh_xy: FloatArray
    pose_deg: FloatArray


def draw_expression(rng: np.random.Generator) -> FloatArray:
    """Draw action units: sparse at random, or as people combine them, with speech and blinks.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray (20,)
        Intensities in [0, 1].
    """
    names = face_model().units
    units = np.zeros(len(names))
    kind = rng.random()
    if kind < 0.5:
        units = np.where(rng.random(len(names)) < rng.uniform(0.1, 0.35), rng.random(len(names)), 0)
    elif kind < 0.92:
        for _ in range(rng.integers(1, 3)):
            strength = rng.random()
            for name, weight in COMBINATIONS[rng.integers(len(COMBINATIONS))].items():
                level = min(strength * weight * rng.uniform(0.6, 1.3), 1.0)
                units[names.index(name)] = max(units[names.index(name)], level)
        alone = rng.integers(len(names))
        units[alone] = rng.random() if rng.random() < 0.4 else units[alone]
    if rng.random() < 0.25:
        units[names.index("AU25")] = rng.random()
        units[names.index("AU26")] = rng.random() * (rng.random() < 0.7)
    if rng.random() < 0.15:
        units[names.index("AU43")] = rng.random() ** 0.5
    pressed = max(units[names.index(name)] for name in ("AU24", "AU28"))
    if pressed > 0.15:
        units[[names.index("AU25"), names.index("AU26")]] *= rng.random() < 0.1
    if units[names.index("AU43")] > 0.4:
        units[names.index("AU05")] = 0.0
    return units


def paint_person(seed: tuple[int, int], frames: int) -> Paintings:
    """Paint one person several times on the canvas that training crops from.

    Parameters
    ----------
    seed : (study, person)
        The same pair gives the same paintings.
    frames : int
        How many.

    Returns
    -------
    Paintings
    """
    rng = np.random.default_rng(seed)
    person = draw_identity(rng)
    room = paint_nobody((CANVAS_PX, CANVAS_PX), person)
    rows = []
    for _ in range(frames):
        units = draw_expression(rng)
        pitch, yaw, roll = np.clip(rng.normal(0, (5, 7, 5)), -18, 18).tolist()
        gaze_up, gaze_right = rng.normal(0, 7, 2).tolist()
        width = CANVAS_PX / CANVAS_IN_BOXES / rng.uniform(1.0, 1.2)
        x, y = (CANVAS_PX / 2 + rng.uniform(-5, 5, 2)).tolist()
        face = paint_face(
            room,
            units,
            (pitch, yaw, roll),
            (x, y),
            width,
            person,
            gaze_deg=(gaze_up, gaze_right),
            light=rng.uniform(0.75, 1.25),
        )
        shape = turned(expressed_shape(units, person.build), (pitch, yaw, roll))
        rows.append(
            (
                as_filmed(face.image, rng),
                units,
                np.column_stack([face.mesh_xy, shape[:, 2] * width / NEUTRAL_WIDTH]),
                box_from_mesh(face.mesh_xy),
                np.deg2rad([-pitch, yaw, -roll]),
                np.deg2rad([gaze_right + yaw, -gaze_up - pitch]),
            )
        )
    image, *rest = (np.stack(column) for column in zip(*rows, strict=True))
    return Paintings(image, *(column.astype(np.float32) for column in rest))


def paint_film(seed: tuple[int, int], frames: int) -> Film:
    """Film one person at the size of the demo's recordings.

    Parameters
    ----------
    seed : (study, person)
        The same pair gives the same film.
    frames : int
        How many.

    Returns
    -------
    Film
    """
    rng = np.random.default_rng(seed)
    person = draw_identity(rng)
    room = paint_nobody(FILM_SIZE_PX, person)
    rows = []
    for _ in range(frames):
        units = draw_expression(rng)
        pitch, yaw, roll = np.clip(rng.normal(0, (4, 6, 4)), -14, 14).tolist()
        face = paint_face(
            room,
            units,
            (pitch, yaw, roll),
            (160 + rng.normal(0, 8), 106 + rng.normal(0, 5)),
            rng.uniform(85, 115),
            person,
            light=rng.uniform(0.85, 1.15),
        )
        rows.append((as_filmed(face.image, rng), units, face.mesh_xy, np.array([pitch, yaw, roll])))
    return Film(*(np.stack(column) for column in zip(*rows, strict=True)))


def as_filmed(image: Picture, rng: np.random.Generator) -> Picture:
    """Add the noise of a camera and the losses of a codec.

    Parameters
    ----------
    image : ndarray (height, width, 3) of uint8
        A painting.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray (height, width, 3) of uint8
    """
    noisy = image + rng.normal(0, rng.uniform(0.5, 6), image.shape)
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    if rng.random() < 0.6:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=int(rng.integers(45, 95)))
        picture = Image.open(stream)
    return np.asarray(picture)
