"""From a head in space to the picture: turning, projecting, and the skull behind the face."""

from __future__ import annotations

import numpy as np

from dyads.demo.face_points import MESH_POINTS, MIDDLE_X, SCALP_EDGE, FloatArray, IntArray

PIVOT = np.array([MIDDLE_X, -140.0, -40.0])
"""The point, in the model's units, about which a head turns."""
CROWN = np.array([MIDDLE_X, 34.0, -70.0])
SKULL_CENTRE = np.array([MIDDLE_X, -95.0, -70.0])
VIEWING_DISTANCE = 1400.0
"""From the pivot to the camera, in the model's units: about 1.2 m."""


def turned(points: FloatArray, pose_deg: tuple[float, float, float]) -> FloatArray:
    """Turn points about the head's pivot.

    Parameters
    ----------
    points : ndarray (n, 3)
        In the model's units.
    pose_deg : (pitch, yaw, roll)
        Degrees; positive is looking up, turning to and tilting towards the person's own right.

    Returns
    -------
    ndarray (n, 3)
        Relative to the pivot.
    """
    pitch, yaw, roll = np.deg2rad(pose_deg)
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return np.asarray((points - PIVOT) @ (about_z @ about_y @ about_x).T)


def projected(
    turned_points: FloatArray, centre_px: tuple[float, float], px_per_unit: float
) -> FloatArray:
    """Project turned points onto the picture.

    Parameters
    ----------
    turned_points : ndarray (n, 3)
        From :func:`turned`.
    centre_px : (x, y)
        Where the pivot falls, in pixels from the upper left corner.
    px_per_unit : float
        Pixels per unit of the model at the pivot's depth.

    Returns
    -------
    ndarray (n, 2)
        Pixels, y down.
    """
    nearness = px_per_unit / (1.0 - turned_points[:, 2] / VIEWING_DISTANCE)
    return np.stack(
        [
            centre_px[0] + turned_points[:, 0] * nearness,
            centre_px[1] - turned_points[:, 1] * nearness,
        ],
        axis=1,
    )


def scalp(shape: FloatArray) -> tuple[FloatArray, IntArray]:
    """Continue a face over the skull, which the mesh leaves out.

    Parameters
    ----------
    shape : ndarray (478, 3)
        A face in the model's units.

    Returns
    -------
    points : ndarray (3 * 17, 3)
        Three rings from the edge of the face to the crown.
    triangles : ndarray (n, 3)
        Corners; indices below 478 are points of the face, the others count on from 478.
    """
    edge = shape[SCALP_EDGE]
    to_edge, to_crown = edge - SKULL_CENTRE, CROWN - SKULL_CENTRE
    rings = []
    for share in (0.34, 0.67, 0.98):
        direction = (1 - share) * to_edge + share * to_crown
        radius = (1 - share) * np.linalg.norm(to_edge, axis=1) + share * np.linalg.norm(to_crown)
        roundness = 0.5 + 0.5 * radius / np.linalg.norm(direction, axis=1)
        rings.append(SKULL_CENTRE + direction * roundness[:, None])
    count = len(SCALP_EDGE)
    labels = np.vstack([SCALP_EDGE, MESH_POINTS + np.arange(3 * count).reshape(3, count)])
    low, high = labels[:-1], labels[1:]
    first = np.stack([low[:, :-1], low[:, 1:], high[:, :-1]], axis=-1)
    second = np.stack([low[:, 1:], high[:, 1:], high[:, :-1]], axis=-1)
    return np.vstack(rings), np.concatenate([first.reshape(-1, 3), second.reshape(-1, 3)])
