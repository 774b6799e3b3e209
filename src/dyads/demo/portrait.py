"""The parts of a portrait, painted from back to front with smooth shading and soft edges."""

from __future__ import annotations

import numpy as np

from dyads.demo.brush import CIRCLE, Brush, Picture, rounded
from dyads.demo.face_marks import CREASES, shade_weights
from dyads.demo.face_points import (
    IRIS_CENTRES,
    LOWER_BROWS,
    LOWER_LIDS,
    LOWER_LIP_ROWS,
    MESH_POINTS,
    UPPER_BROWS,
    UPPER_LIDS,
    UPPER_LIP_ROWS,
    FloatArray,
    IntArray,
)
from dyads.demo.face_shape import face_model
from dyads.demo.people import Colour, FaceIdentity, as_colour
from dyads.demo.viewpoint import projected, scalp, turned


class Portrait:
    """One picture while a person is painted into it.

    The parts are to be painted in the order in which they are written below.

    Parameters
    ----------
    picture : ndarray (height, width, 3) of uint8
        What is behind the person; copied.
    identity : FaceIdentity
        Who.
    pose_deg : (pitch, yaw, roll)
        As in :func:`dyads.demo.viewpoint.turned`.
    centre_px : (x, y)
        Middle of the head.
    px_per_unit : float
        Pixels per unit of the face model.
    light : float
        Brightness relative to the person's usual light.
    """

    def __init__(
        self,
        picture: Picture,
        identity: FaceIdentity,
        pose_deg: tuple[float, float, float],
        centre_px: tuple[float, float],
        px_per_unit: float,
        light: float,
    ) -> None:
        self._brush = Brush(picture)
        self._identity = identity
        self._pose_deg = pose_deg
        self._centre_px = centre_px
        self._scale = px_per_unit
        self._light = light

    def picture(self) -> Picture:
        """Give the picture as it is now."""
        return self._brush.picture()

    def hair_behind(self) -> None:
        """Paint what is seen of the hair behind the head."""
        style, hair = self._identity.hair_style, self._shaded(self._identity.hair, 0.72)
        if style == "bald":
            return
        if style in ("bob", "long"):
            drop = -225.0 if style == "bob" else -330.0
            self._fill(
                self._placed(
                    np.array(
                        [
                            [2, -60, -70], [10, -5, -70], [50, 36, -70], [107, 48, -70],
                            [164, 36, -70], [204, -5, -70], [212, -60, -70],
                            [222, -160, -60], [214, drop, -50], [160, drop - 8, -70],
                            [54, drop - 8, -70], [0, drop, -50], [-8, -160, -60],
                        ],
                        dtype=float,
                    )
                ),
                hair,
            )  # fmt: skip
        if style == "bun":
            self._fill(self._placed(_disc((107, 58, -100), 34, 28)), hair)
        self._fill(self._placed(_disc((107, -68, -80), 99, 112)), hair)

    def shoulders(self) -> None:
        """Paint neck, shoulders and clothes."""
        person, (x, y), s = self._identity, self._centre_px, self._scale
        throat = self._shaded(person.skin, 0.62)
        lean = 14 * np.sin(np.deg2rad(self._pose_deg[2]))
        neck = np.array([[-52, 50], [-50, 110], [-66, 150], [66, 150], [50, 110], [52, 50]])
        self._fill(rounded(neck * s + [x - lean * s, y]), throat)
        torso = np.array(
            [[-50, 124], [-100, 148], [-165, 178], [-205, 250], [-215, 420],
             [215, 420], [205, 250], [165, 178], [100, 148], [50, 124], [0, 160]]
        )  # fmt: skip
        outline = torso * s + [x - lean * s, y]
        self._fill(rounded(outline), self._shaded(person.clothes, 0.85))
        collar = np.array([[-50, 124], [0, 160], [50, 124], [60, 130], [0, 174], [-60, 130]])
        self._fill(rounded(collar * s + [x - lean * s, y]), self._shaded(person.clothes, 0.65))
        shadow = np.array([[-48, 88], [0, 122], [48, 88], [46, 60], [-46, 60]])
        self._fill(rounded(shadow * s + [x - lean * s, y]), self._shaded(person.skin, 0.48))

    def skin(self, shape: FloatArray, units: FloatArray) -> FloatArray:
        """Paint ears, scalp and face; return where the face's points lie, (478, 2) in pixels."""
        person, model = self._identity, face_model()
        ears = self._shaded(person.skin, 0.78)
        if person.hair_style not in ("bob", "long"):
            for x, sign in ((18.0, -1), (196.0, 1)):
                self._fill(self._placed(_disc((x, -122, -88), 13, 27)), ears)
                self._fill(
                    self._placed(_disc((x + 2 * sign, -122, -84), 6, 16)),
                    self._shaded(person.skin, 0.55),
                )
        rings, ring_triangles = scalp(shape)
        placed = turned(np.vstack([shape, rings]), self._pose_deg)
        xy = projected(placed, self._centre_px, self._scale)
        triangles = np.vstack([ring_triangles, model.triangles])
        colours = self._skin_colours(placed, triangles, units)
        corners = xy[triangles]
        one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        is_seen = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] < 0
        depth = placed[triangles, 2].sum(axis=1)
        order = np.argsort(depth)
        order = order[is_seen[order]]
        self._brush.triangles(corners[order], colours[triangles[order]])
        return xy[:MESH_POINTS]

    def mouth(self, xy: FloatArray, units: FloatArray) -> None:
        """Paint lips and, where they part, teeth, tongue and the dark behind."""
        person = self._identity
        top, bottom = xy[UPPER_LIP_ROWS[-1]], xy[LOWER_LIP_ROWS[-1]]
        opening = max(float(bottom[5, 1] - top[5, 1]), 0.0)
        upper = np.vstack([xy[UPPER_LIP_ROWS[0]], top[::-1]])
        lower = np.vstack([xy[LOWER_LIP_ROWS[0]], bottom[::-1]])
        self._fill(rounded(lower), self._shaded(person.lips, 1.02))
        self._fill(rounded(upper), self._shaded(person.lips, 0.82))
        shine = 0.5 * xy[LOWER_LIP_ROWS[0, 3:8]] + 0.5 * xy[LOWER_LIP_ROWS[-1, 3:8]]
        self._line(shine, (1.0, 0.92, 0.9), 2.6, 0.22 * (1 - units[_unit_index("AU28")]))
        dark = self._shaded((0.23, 0.07, 0.07), 0.9)
        if opening > 0.6 * self._scale:
            self._fill(np.vstack([top, bottom[::-1]]), dark)
            self._tongue(bottom, opening)
            self._teeth(top, bottom)
        else:
            self._line((top + bottom) / 2, dark, 2.2, 0.85)
        self._line(top, self._shaded(person.lips, 0.5), 1.6, 0.7)

    def _teeth(self, top: FloatArray, bottom: FloatArray) -> None:
        s = self._scale
        inside = slice(1, 10)
        bell = np.sin(np.pi * np.arange(1, 10) / 10) ** 0.5
        down = _down_the_face(self._pose_deg)
        room = np.maximum(((bottom - top) @ down)[inside], 0.0)
        reach = np.minimum(room * 0.82, 9.0 * s * bell)
        edge = top[inside] + reach[:, None] * down
        self._fill(np.vstack([top[inside], edge[::-1]]), self._shaded((0.93, 0.90, 0.84), 1.0))
        low = np.clip(room - 15.0 * s * bell, 0.0, 5.0 * s * bell)
        if low.max() > 0.5:
            edge = bottom[inside] - low[:, None] * down
            self._fill(
                np.vstack([bottom[inside], edge[::-1]]), self._shaded((0.86, 0.82, 0.77), 0.9)
            )

    def _tongue(self, bottom: FloatArray, opening: float) -> None:
        inside = slice(2, 9)
        bell = np.sin(np.pi * np.arange(2, 9) / 10)
        rise = np.minimum(opening * 0.42, 14 * self._scale) * bell
        edge = bottom[inside] - rise[:, None] * _down_the_face(self._pose_deg)
        self._fill(np.vstack([bottom[inside], edge[::-1]]), self._shaded((0.66, 0.30, 0.30), 0.85))

    def eyes(self, xy: FloatArray, units: FloatArray, gaze_deg: tuple[float, float]) -> None:
        """Paint eyeballs between the lids, and the lids' edges."""
        person, s = self._identity, self._scale
        look = np.array([-np.sin(np.deg2rad(gaze_deg[1])), -np.sin(np.deg2rad(gaze_deg[0]))])
        lash = self._shaded((0.10, 0.07, 0.06), 0.9)
        for top_points, bottom_points, centre in zip(
            UPPER_LIDS, LOWER_LIDS, IRIS_CENTRES, strict=True
        ):
            top, bottom = xy[top_points], xy[bottom_points]
            self._fill(np.vstack([top, bottom[::-1]]), self._shaded((0.93, 0.92, 0.90), 0.97))
            middle = xy[centre] + look * 11 * s
            for radius, colour in ((7.4, person.iris), (3.3, (0.04, 0.03, 0.03))):
                round_ = middle + radius * s * CIRCLE
                round_ = _between_lids(round_, top, bottom)
                self._fill(round_, self._shaded(colour, 0.95))
            glint = middle + [2.2 * s, -2.6 * s] + 1.5 * s * CIRCLE
            self._fill(_between_lids(glint, top, bottom), (1.0, 1.0, 1.0))
            self._line(top + [0, 0.6 * s], (0.2, 0.15, 0.15), 3.0, 0.28)
            closing = units[_unit_index("AU43")]
            self._line(top, lash, 2.3 + 1.6 * closing, 0.95)
            self._line(bottom, self._shaded(person.skin, 0.5), 1.3, 0.6)

    def brows(self, xy: FloatArray) -> None:
        """Paint the eyebrows."""
        thick = 0.75 * self._identity.brow_thickness
        colour = self._shaded(tuple(0.75 * c for c in self._identity.hair), 0.85)
        for upper_points, lower_points in zip(UPPER_BROWS, LOWER_BROWS, strict=True):
            upper, lower = xy[upper_points], xy[lower_points]
            middle = (upper + lower) / 2
            hair = np.vstack(
                [middle + thick * (upper - middle), (middle + thick * (lower - middle))[::-1]]
            )
            self._fill(rounded(hair), (*colour, 0.88))

    def creases(self, xy: FloatArray, units: FloatArray) -> None:
        """Paint folds and nostrils."""
        dark = self._shaded(tuple(0.45 * c for c in self._identity.skin), 0.85)
        for crease in CREASES:
            strength = float(max(units[_unit_index(u)] * w for u, w in crease.units))
            strength = max(strength, crease.at_rest)
            if strength > 0.03:
                self._line(crease.weights @ xy, dark, crease.width, 0.72 * strength)
        for nostril in ((98, 97, 2), (327, 326, 2)):
            middle = 0.45 * xy[nostril[0]] + 0.45 * xy[nostril[1]] + 0.1 * xy[nostril[2]]
            self._fill(middle + self._scale * CIRCLE * [5.0, 2.6], (*dark, 0.75))

    def hair_in_front(self) -> None:
        """Paint the hair that frames the face."""
        style = self._identity.hair_style
        if style == "bald":
            return
        low = -42.0 - (13.0 * self._identity.fringe if style in ("bob", "long") else 0.0)
        side = -150.0 if style in ("bob", "long") else -108.0
        inner = np.array(
            [[26, side, -50], [30, -86, -34], [42, low - 12, -2], [72, low + 2, 12],
             [107, low + 6, 17], [142, low + 2, 12], [172, low - 12, -2], [184, -86, -34],
             [188, side, -50]]
        )  # fmt: skip
        outer = np.array(
            [[208, side, -80], [206, -60, -75], [192, -8, -70], [160, 32, -66], [107, 44, -60],
             [54, 32, -66], [22, -8, -70], [8, -60, -75], [6, side, -80]]
        )  # fmt: skip
        outline = np.vstack([inner, outer]).astype(float)
        self._fill(self._placed(outline), self._shaded(self._identity.hair, 1.0))
        for start in (30, 62, 94, 126, 158):
            strand = np.array(
                [[start, low + 4, 4], [start + 8, -15, -20], [start + 14, 14, -50]], dtype=float
            )
            self._line(self._placed(strand), self._shaded(self._identity.hair, 1.3), 2.4, 0.45)

    def _skin_colours(
        self, placed: FloatArray, triangles: IntArray, units: FloatArray
    ) -> FloatArray:
        person = self._identity
        a, b, c = (placed[triangles[:, i]] for i in range(3))
        facets = np.cross(b - a, c - a)
        normals = np.stack(
            [
                np.bincount(triangles.T.ravel(), np.tile(facets[:, i], 3), len(placed))
                for i in range(3)
            ],
            axis=1,
        )
        normals = normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9)
        towards = np.array(person.light_direction)
        lit = person.ambient + (1.05 - person.ambient) * np.clip(normals @ towards, 0, None)
        half = towards + [0, 0, 1]
        gloss = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** 24 * 0.10
        weights = shade_weights()
        shade = 1.0 + weights.at_rest + units @ weights.by_unit
        lit[:MESH_POINTS] *= np.clip(shade, 0.35, 1.5)
        skin = np.tile(np.array(person.skin), (len(placed), 1))
        skin[:MESH_POINTS] *= 1 + weights.blush[:, None] * [0.06, -0.10, -0.08]
        skin[:MESH_POINTS] *= 1 - person.stubble * weights.beard[:, None] * [0.30, 0.26, 0.22]
        colours = np.ones((len(placed), 4))
        colours[:, :3] = np.clip(self._light * (skin * lit[:, None] + gloss[:, None]), 0, 1)
        return colours

    def _shaded(self, colour: tuple[float, ...], strength: float) -> Colour:
        gain = self._light * strength * (0.6 + 0.4 * self._identity.ambient + 0.12)
        return as_colour(np.array(colour[:3]) * gain)

    def _placed(self, points: FloatArray) -> FloatArray:
        return rounded(projected(turned(points, self._pose_deg), self._centre_px, self._scale))

    def _fill(self, outline: FloatArray, colour: tuple[float, ...]) -> None:
        self._brush.fill(outline, colour)

    def _line(
        self, points: FloatArray, colour: tuple[float, ...], width_units: float, opacity: float
    ) -> None:
        self._brush.line(points, colour, width_units * self._scale, opacity)


def _unit_index(unit: str) -> int:
    return face_model().units.index(unit)


def _down_the_face(pose_deg: tuple[float, float, float]) -> FloatArray:
    roll = np.deg2rad(pose_deg[2])
    return np.array([np.sin(roll), np.cos(roll)])


def _between_lids(points: FloatArray, top: FloatArray, bottom: FloatArray) -> FloatArray:
    x = np.clip(points[:, 0], top[0, 0], top[-1, 0])
    above, below = np.interp(x, top[:, 0], top[:, 1]), np.interp(x, bottom[:, 0], bottom[:, 1])
    return np.column_stack([x, np.clip(points[:, 1], above, np.maximum(above, below))])


def _disc(centre: tuple[float, float, float], across: float, up: float) -> FloatArray:
    return np.column_stack([CIRCLE * [across, up], np.zeros(len(CIRCLE))]) + centre
