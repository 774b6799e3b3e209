"""Paint people who never lived, with action units, head pose and gaze that are known exactly.

>>> person = draw_identity(np.random.default_rng(1))
>>> picture = paint_nobody((240, 320), person)
>>> face = paint_face(picture, levels(AU12=0.8, AU06=0.6), (0, 5, 0), (160, 120), 110, person)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from dyads.demo.brush import Picture
from dyads.demo.face_points import FloatArray
from dyads.demo.face_shape import NEUTRAL_WIDTH, expressed_shape, face_model
from dyads.demo.people import FaceIdentity, draw_identity
from dyads.demo.portrait import Portrait

__all__ = [
    "FaceIdentity",
    "PaintedFace",
    "draw_identity",
    "levels",
    "paint_face",
    "paint_nobody",
]


class PaintedFace(NamedTuple):
    """A picture with a face in it.

    Attributes
    ----------
    image : ndarray (height, width, 3) of uint8
        Red, green, blue.
    mesh_xy : ndarray (478, 2)
        Where the points of the face lie, in pixels.
    """

    image: Picture
    mesh_xy: FloatArray


def levels(**intensities: float) -> FloatArray:
    """Write down action units by name.

    Parameters
    ----------
    **intensities : float
        ``AU12=0.8`` and the like, in [0, 1].

    Returns
    -------
    ndarray (20,)
        In the painter's order, zero where not named.

    Raises
    ------
    KeyError
        If a unit is not one of the 20.
    """
    units = face_model().units
    written = np.zeros(len(units))
    for unit, intensity in intensities.items():
        if unit not in units:
            raise KeyError(f"{unit} is not painted; painted are {', '.join(units)}")
        written[units.index(unit)] = intensity
    return written


def paint_nobody(size_px: tuple[int, int], identity: FaceIdentity) -> Picture:
    """Paint the room a person sits in, without the person.

    Parameters
    ----------
    size_px : (height, width)
        Size of the picture.
    identity : FaceIdentity
        Whose room.

    Returns
    -------
    ndarray (height, width, 3) of uint8
    """
    rng = np.random.default_rng(identity.background_seed)
    height, width = size_px
    wall = rng.uniform(0.35, 0.85) + rng.normal(0, 0.06, 3)
    down = np.linspace(1.08, 0.86, height)[:, None, None]
    along = np.linspace(rng.uniform(0.88, 1.0), rng.uniform(0.9, 1.12), width)[None, :, None]
    room = Image.fromarray(_bytes(wall * down * along))
    pen = ImageDraw.Draw(room)
    for _ in range(rng.integers(2, 6)):
        x, w = rng.uniform(-0.1, 0.95) * width, rng.uniform(0.1, 0.35) * width
        y, h = rng.uniform(-0.2, 0.6) * height, rng.uniform(0.15, 0.7) * height
        shade = np.clip(wall * rng.uniform(0.6, 1.25) + rng.normal(0, 0.06, 3), 0, 1)
        pen.rectangle((x, y, x + w, y + h), fill=_byte_colour(shade))
        if rng.random() < 0.5:
            inner = np.clip(shade * rng.uniform(0.8, 1.2), 0, 1)
            rim = 0.08 * min(w, h)
            pen.rectangle((x + rim, y + rim, x + w - rim, y + h - rim), fill=_byte_colour(inner))
    return np.asarray(room.filter(ImageFilter.GaussianBlur(max(1.0, height / 90))))


def paint_face(
    picture: Picture,
    action_units: npt.ArrayLike,
    pose_deg: tuple[float, float, float],
    centre_px: tuple[float, float],
    face_width_px: float,
    identity: FaceIdentity,
    *,
    gaze_deg: tuple[float, float] = (0.0, 0.0),
    light: float = 1.0,
) -> PaintedFace:
    """Paint a person, head and shoulders, into a picture.

    Parameters
    ----------
    picture : ndarray (height, width, 3) of uint8
        What is there already; it is not changed. A slice of a larger picture holds one person of a
        split screen.
    action_units : array (20,)
        Intensities in [0, 1], in the order of ``face_model().units``.
    pose_deg : (pitch, yaw, roll)
        Degrees; positive is looking up, turning to and tilting towards the person's own right.
    centre_px : (x, y)
        Middle of the head in pixels.
    face_width_px : float
        Width that the face would have at rest, seen from the front.
    identity : FaceIdentity
        Who.
    gaze_deg : (up, to the person's right)
        Eyes relative to the head.
    light : float
        Brightness relative to the person's usual light.

    Returns
    -------
    PaintedFace
    """
    units = np.clip(np.asarray(action_units, dtype=float), 0.0, 1.0)
    shape = expressed_shape(units, identity.build)
    rest_width = NEUTRAL_WIDTH + float(identity.build[454, 0] - identity.build[234, 0])
    portrait = Portrait(picture, identity, pose_deg, centre_px, face_width_px / rest_width, light)
    portrait.hair_behind()
    portrait.shoulders()
    mesh_xy = portrait.skin(shape, units)
    portrait.mouth(mesh_xy, units)
    portrait.eyes(mesh_xy, units, gaze_deg)
    portrait.creases(mesh_xy, units)
    portrait.hair_in_front()
    portrait.brows(mesh_xy)
    return PaintedFace(portrait.picture(), mesh_xy)


def _bytes(values: FloatArray) -> Picture:
    return np.asarray(np.clip(values * 255, 0, 255), dtype=np.uint8)


def _byte_colour(values: FloatArray) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in _bytes(values))
    return red, green, blue
