"""People who never lived: what stays the same about each from one film to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dyads.demo.face_points import MESH_POINTS, FloatArray, around
from dyads.demo.face_shape import face_model
from dyads.demo.viewpoint import PIVOT

Colour = tuple[float, float, float]

SKIN_TONES: tuple[Colour, ...] = (
    (0.97, 0.83, 0.74),
    (0.93, 0.76, 0.64),
    (0.88, 0.69, 0.54),
    (0.79, 0.59, 0.43),
    (0.66, 0.46, 0.32),
    (0.52, 0.35, 0.24),
    (0.40, 0.26, 0.18),
)
HAIR_TONES: tuple[Colour, ...] = (
    (0.08, 0.06, 0.05),
    (0.17, 0.11, 0.08),
    (0.31, 0.20, 0.12),
    (0.50, 0.32, 0.17),
    (0.76, 0.60, 0.36),
    (0.55, 0.25, 0.12),
    (0.62, 0.60, 0.58),
)
EYE_TONES: tuple[Colour, ...] = (
    (0.24, 0.14, 0.08),
    (0.36, 0.22, 0.11),
    (0.40, 0.38, 0.20),
    (0.30, 0.44, 0.32),
    (0.28, 0.44, 0.60),
    (0.45, 0.50, 0.54),
)
HAIR_STYLES = ("short", "bob", "long", "bald", "bun")


@dataclass(frozen=True)
class FaceIdentity:
    """What stays the same about a painted person from one film to the next.

    Attributes
    ----------
    build : ndarray (478, 3)
        Departure from the average face, in the model's units.
    skin, hair, iris, lips, clothes : (red, green, blue)
        Colours in [0, 1].
    hair_style : str
        One of ``HAIR_STYLES``.
    fringe : float
        How far the hair comes down the forehead, in [0, 1].
    brow_thickness : float
        Relative to the average.
    stubble : float
        Strength of the beard's shadow in [0, 1].
    light_direction : (x, y, z)
        Unit vector towards the light.
    ambient : float
        Part of the light that comes from everywhere.
    background_seed : int
        Seed of the room behind the person.
    """

    build: FloatArray = field(repr=False, compare=False)
    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    clothes: Colour
    hair_style: str
    fringe: float
    brow_thickness: float
    stubble: float
    light_direction: tuple[float, float, float]
    ambient: float
    background_seed: int


def draw_identity(rng: np.random.Generator) -> FaceIdentity:
    """Draw a person at random.

    Parameters
    ----------
    rng : numpy.random.Generator
        The same state gives the same person.

    Returns
    -------
    FaceIdentity
    """
    skin = _between(SKIN_TONES, rng) * rng.normal(1.0, 0.015, 3)
    darkness = 1.0 - skin.mean()
    hair_choices = HAIR_TONES if darkness < 0.45 else HAIR_TONES[:3]
    lips = skin * [0.92, 0.60, 0.62] * rng.uniform(0.88, 1.05)
    light = np.array([rng.normal(0.0, 0.45), rng.uniform(0.25, 0.75), 1.0])
    style = HAIR_STYLES[rng.choice(len(HAIR_STYLES), p=[0.34, 0.2, 0.24, 0.08, 0.14])]
    return FaceIdentity(
        build=_draw_build(rng),
        skin=as_colour(skin),
        hair=as_colour(_between(hair_choices, rng) * rng.uniform(0.85, 1.15)),
        iris=as_colour(np.array(EYE_TONES[rng.integers(0, 2 if darkness > 0.45 else 6)])),
        lips=as_colour(lips),
        clothes=as_colour(rng.uniform(0.12, 0.75) + rng.normal(0, 0.12, 3)),
        hair_style=style,
        fringe=float(rng.uniform(0, 1)),
        brow_thickness=float(rng.uniform(0.65, 1.5)),
        stubble=float(rng.uniform(0.15, 0.8) if style in ("short", "bald") else 0.0)
        * float(rng.random() < 0.5),
        light_direction=_unit(light),
        ambient=float(rng.uniform(0.36, 0.58)),
        background_seed=int(rng.integers(2**31)),
    )


def _draw_build(rng: np.random.Generator) -> FloatArray:
    neutral = face_model().neutral
    x, y, _ = ((neutral - [PIVOT[0], PIVOT[1], 0.0]) / [86.0, 98.0, 60.0]).T
    across, up, forwards = np.zeros((3, MESH_POINTS))
    across += x * (rng.normal(0, 4.5) + rng.normal(0, 4.0) * y + rng.normal(0, 2.5) * y**2)
    up += y * rng.normal(0, 5.0) + (y**2) * rng.normal(0, 2.5) + y**3 * rng.normal(0, 3.0)
    forwards += rng.normal(0, 3.0) * (1 - x**2) + rng.normal(0, 2.5) * y
    eyes, mouth = around((159, 145, 33, 133), 13.0), around((61, 0, 17, 13), 15.0)
    nose, brows = around((1, 4, 129, 98), 13.0), around((105, 52, 70, 107), 10.0)
    side = np.sign(x)
    across += eyes * side * rng.normal(0, 2.2) + mouth * x * rng.normal(0, 8.0)
    across += nose * x * rng.normal(0, 12.0)
    up += eyes * rng.normal(0, 1.5) + mouth * rng.normal(0, 2.0)
    up += nose * rng.normal(0, 2.5) + brows * rng.normal(0, 1.6)
    forwards += nose * rng.normal(0, 4.0) + brows * rng.normal(0, 2.0)
    return np.stack([across, up, forwards], axis=1)


def _between(tones: tuple[Colour, ...], rng: np.random.Generator) -> FloatArray:
    place = rng.uniform(0, len(tones) - 1)
    low = min(int(place), len(tones) - 2)
    share = place - low
    return np.asarray((1 - share) * np.array(tones[low]) + share * np.array(tones[low + 1]))


def as_colour(values: FloatArray) -> Colour:
    """Limit red, green and blue to what can be shown, [0, 1]."""
    red, green, blue = np.clip(values, 0.0, 1.0).tolist()
    return red, green, blue


def _unit(vector: FloatArray) -> tuple[float, float, float]:
    x, y, z = (vector / np.linalg.norm(vector)).tolist()
    return x, y, z
