"""How well a face model reads painted people it never saw, through py-feat's own detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dyads.demo.face_points import FloatArray
from dyads.demo.face_shape import face_model
from dyads.demo.paintings import Film, paint_film
from dyads.extraction.finders import FaceFinder, box_from_mesh

TESTED_UNITS = (
    "AU01", "AU02", "AU04", "AU06", "AU12", "AU15", "AU17", "AU25", "AU26", "AU43",
)  # fmt: skip
"""The units that the demo study lives on."""
WAYS = ("found", "followed")
"""Boxes as the finder gives them, or from the mesh that was read with those."""


class Reading(NamedTuple):
    """What the detector said of the frames of one film in which a face was found.

    Attributes
    ----------
    units : ndarray (n, 20)
        Intensities.
    mesh_xy : ndarray (n, 478, 2)
        Pixels.
    pose_rad : ndarray (n, 3)
        Pitch, yaw, roll.
    """

    units: FloatArray
    mesh_xy: FloatArray
    pose_rad: FloatArray


class UnitCheck(NamedTuple):
    """How one unit was read.

    Attributes
    ----------
    unit : str
        Its name.
    correlation : dict of str to ndarray (people,)
        Within each person, by way of cropping.
    slope : float
        Of what was read on what was painted, within people.
    at_zero : float
        Mean reading where none was painted.
    """

    unit: str
    correlation: dict[str, FloatArray]
    slope: float
    at_zero: float


class FaceModelCheck(NamedTuple):
    """How a face model reads.

    Attributes
    ----------
    units : tuple of UnitCheck
        In the painter's order.
    mesh_error : dict of str to float
        Mean distance of a point from where it was painted, in face widths, by way of cropping.
    pose_error_deg : tuple of float
        Mean absolute error of pitch, yaw and roll.
    missed : int
        Frames in which no face was found.
    frames : int
        All frames.
    """

    units: tuple[UnitCheck, ...]
    mesh_error: dict[str, float]
    pose_error_deg: tuple[float, float, float]
    missed: int
    frames: int


def check_face_model(
    checkpoint: Path, finder: FaceFinder, seed: int, people: int = 12, frames: int = 60
) -> FaceModelCheck:
    """Film people whom training never saw and read them through ``Detectorv2``.

    Parameters
    ----------
    checkpoint : Path
        A checkpoint that ``Detectorv2`` reads.
    finder : FaceFinder
        Finds the faces.
    seed : int
        The training's; people are counted on from a million, which training never reaches.
    people, frames : int
        How many people, and frames of each.

    Returns
    -------
    FaceModelCheck
    """
    detector = _Detector(checkpoint)
    films, missed = [], 0
    read: dict[str, list[Reading]] = {way: [] for way in WAYS}
    for person in range(people):
        film = paint_film((seed, 1_000_000 + person), frames)
        found = [finder.find(image) for image in film.image]
        is_found = np.array([len(boxes) > 0 for boxes in found])
        missed += int((~is_found).sum())
        film = Film(*(column[is_found] for column in film))
        first = detector.read(film, np.array([boxes[0, :4] for boxes in found if len(boxes)]))
        films.append(film)
        read["found"].append(first)
        followed = box_from_mesh(first.mesh_xy)
        read["followed"].append(detector.read(film, followed))
    names = face_model().units
    checks = tuple(_check_unit(films, read, column, name) for column, name in enumerate(names))
    pose = np.concatenate(
        [
            np.abs(np.rad2deg(reading.pose_rad) - film.pose_deg)
            for film, reading in zip(films, read["followed"], strict=True)
        ]
    ).mean(axis=0)
    pitch, yaw, roll = pose.tolist()
    errors = {way: _mesh_error(films, read[way]) for way in WAYS}
    return FaceModelCheck(checks, errors, (pitch, yaw, roll), missed, people * frames)


def as_markdown(check: FaceModelCheck) -> str:
    """Write a check as a table; the units that the demo lives on are in bold.

    Parameters
    ----------
    check : FaceModelCheck
        From :func:`check_face_model`.

    Returns
    -------
    str
    """
    lines = [
        "| unit | r, face found | r, face followed | lowest person | slope | read at 0 |",
        "|---|---|---|---|---|---|",
    ]
    for row in check.units:
        name = f"**{row.unit}**" if row.unit in TESTED_UNITS else row.unit
        lowest = min(r.min() for r in row.correlation.values())
        means = " | ".join(f"{row.correlation[way].mean():.2f}" for way in WAYS)
        lines.append(f"| {name} | {means} | {lowest:.2f} | {row.slope:.2f} | {row.at_zero:.2f} |")
    lines.append("")
    for way in WAYS:
        tested = [row.correlation[way].mean() for row in check.units if row.unit in TESTED_UNITS]
        lines.append(
            f"Face {way}: mean r of the ten units in bold {np.mean(tested):.3f}, lowest "
            f"{np.min(tested):.3f}; mesh error {100 * check.mesh_error[way]:.2f} % of face width."
        )
    pitch, yaw, roll = check.pose_error_deg
    lines.append(
        f"Head pose: mean absolute error {pitch:.1f} (pitch), {yaw:.1f} (yaw), {roll:.1f} (roll) "
        f"degrees. Faces not found: {check.missed} of {check.frames} frames."
    )
    return "\n".join(lines)


class _Detector:
    """py-feat's ``Detectorv2``, shown faces in boxes that are given."""

    def __init__(self, checkpoint: Path) -> None:
        import feat.detector_v2 as detector_module

        given: list[FloatArray] = []

        class GivenBoxes:
            def __init__(self, device: str = "cpu") -> None:
                self.device = device

            def __call__(self, frames: Sequence[object]) -> list[list[list[float]]]:
                return [[[*given.pop(0).tolist(), 1.0]] for _ in frames]

        # RetinaFace's weights are not at hand and not needed
        retinaface = detector_module.Retinaface
        detector_module.Retinaface = GivenBoxes
        try:
            self._detector = detector_module.Detectorv2(
                device="cpu", identity_model=None, multitask_weights=str(checkpoint)
            )
        finally:
            detector_module.Retinaface = retinaface
        self._given = given

    def read(self, film: Film, boxes: FloatArray) -> Reading:
        import torch

        self._given[:] = list(boxes)
        frames = torch.from_numpy(film.image).permute(0, 3, 1, 2).contiguous()
        said = self._detector.detect(frames, data_type="tensor", batch_size=20, progress_bar=False)
        mesh = [said[[f"mesh_{axis}_{i}" for i in range(478)]].to_numpy(float) for axis in "xy"]
        return Reading(
            said[list(face_model().units)].to_numpy(float),
            np.stack(mesh, axis=2),
            said[["Pitch", "Yaw", "Roll"]].to_numpy(float),
        )


def _check_unit(
    films: list[Film], read: dict[str, list[Reading]], column: int, name: str
) -> UnitCheck:
    painted = [film.units[:, column] for film in films]
    said = {way: [reading.units[:, column] for reading in read[way]] for way in WAYS}
    correlation = {
        way: np.array([np.corrcoef(p, s)[0, 1] for p, s in zip(painted, said[way], strict=True)])
        for way in WAYS
    }
    truth = np.concatenate(list(_centred(painted)))
    answer = np.concatenate(list(_centred(said["followed"])))
    is_zero = np.concatenate(painted) == 0
    return UnitCheck(
        name,
        correlation,
        float(truth @ answer / (truth @ truth)),
        float(np.concatenate(said["followed"])[is_zero].mean()),
    )


def _centred(by_person: list[FloatArray]) -> Iterator[FloatArray]:
    return (values - values.mean() for values in by_person)


def _mesh_error(films: list[Film], read: list[Reading]) -> float:
    errors = []
    for film, reading in zip(films, read, strict=True):
        width = np.linalg.norm(film.mesh_xy[:, 234] - film.mesh_xy[:, 454], axis=1)
        away = np.linalg.norm(reading.mesh_xy - film.mesh_xy, axis=2).mean(axis=1)
        errors.append(away / width)
    return float(np.concatenate(errors).mean())
