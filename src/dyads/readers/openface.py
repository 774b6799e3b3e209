"""Files of OpenFace: `FeatureExtraction` and `FaceLandmarkVidMulti` of 0.2 to 2.2, and OpenFace 3.

OpenFace gives two numbers for an action unit, an intensity (`AU06_r`, 0 to 5) and a presence
(`AU06_c`, 0 or 1), from models of their own that may contradict each other. One of the two is
taken for all action units; `AU28` has a presence only.

References
----------
OpenFace 2: https://github.com/TadasBaltrusaitis/OpenFace/wiki/Output-Format
OpenFace 3: https://github.com/CMU-MultiComp-Lab/OpenFace-3.0 (README; no file was at hand)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from dyads.channels import EMOTION_NAMES, ChannelType
from dyads.readers.schema import ActionUnits, Schema, Translation, frames_table, in_degrees

_INTENSITIES: Final = tuple(
    f"AU{unit:02d}" for unit in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
)
_PRESENCES: Final = tuple(sorted([*_INTENSITIES, "AU28"]))
_ROTATIONS: Final = ("pose_Rx", "pose_Ry", "pose_Rz")
_OUTLINE: Final = (0, 4, 8, 12, 16, 19, 24)
"""Landmarks of the jaw and the tops of the brows, which bound the face."""

_OUTLINE_X: Final = tuple(f"x_{point}" for point in _OUTLINE)
_OUTLINE_Y: Final = tuple(f"y_{point}" for point in _OUTLINE)

_EMOTIONS_3: Final = tuple(EMOTION_NAMES.values())
"""Emotions in the order of the index that OpenFace 3 writes, by its README."""


def _translate(cells: pd.DataFrame, action_units: ActionUnits) -> Translation:
    """Turn radians into degrees and the directions into the project's.

    OpenFace's rotation is Rx·Ry·Rz in axes to the right of the picture, downwards and away from
    the camera: with its transpose the three-dimensional landmarks of two real outputs fall
    together (0.4 mm and 5.0 mm apart on average, 1.8 and 9.8 with the rotation itself). Positive
    Rx thus bends the head down, positive Ry turns it to the person's own right, positive Rz
    tilts it to the person's own left.
    """
    is_intensity = action_units == "intensity"
    units, mark, kind = (
        (_INTENSITIES, "r", ChannelType.INTENSITY_0_5)
        if is_intensity
        else (_PRESENCES, "c", ChannelType.PRESENCE)
    )
    there = [unit for unit in units if f"{unit}_{mark}" in cells]
    channels = cells[[f"{unit}_{mark}" for unit in there]].set_axis(there, axis=1)
    pose = None
    if set(_ROTATIONS) <= set(cells.columns):
        pitch, yaw, roll = (cells[name] for name in _ROTATIONS)
        pose = in_degrees(pd.concat([-pitch, -roll, yaw], axis=1))
    taken = "intensities (_r)" if is_intensity else "presences (_c)"
    return Translation(
        frames=frames_table(
            channels,
            is_face=cells["success"].eq(1),
            # OpenFace counts from 1.
            frame=cells["frame"] - (1 if cells["frame"].min() >= 1 else 0),
            time_s=cells["timestamp"],
            score=cells["confidence"],
            box_px=_box(cells),
            pose_deg=pose,
            face=_whole(cells["face_id"]) if "face_id" in cells else None,
        ),
        channel_types=dict.fromkeys(there, kind),
        remarks=(
            f"Of OpenFace's two numbers for an action unit the {taken} were taken.",
            "OpenFace computes times from the film's announced frame rate: in a film of variable "
            "rate they are wrong.",
        ),
    )


def _translate_3(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    """Take the emotion; the eight action units of OpenFace 3 have no published names."""
    box = cells["face_detection"].str.strip("[] ").str.split(",", expand=True)
    box = box.reindex(columns=range(5)).apply(pd.to_numeric, errors="coerce")
    emotion = cells["emotion"].to_numpy(dtype=float)
    channels = pd.DataFrame(
        {name: (emotion == place).astype(float) for place, name in enumerate(_EMOTIONS_3)}
    )
    known = cells["emotion"].isna() | cells["emotion"].isin(range(len(_EMOTIONS_3)))
    size = pd.concat([box[[0, 1]], box[2] - box[0], box[3] - box[1]], axis=1)
    return Translation(
        frames=frames_table(
            channels,
            is_face=cells["emotion"].notna(),
            frame=cells["frame_index"],
            score=box[4],
            box_px=size,
            face=_whole(cells["face_id"]),
        ),
        channel_types=dict.fromkeys(_EMOTIONS_3, ChannelType.PRESENCE),
        remarks=(
            "OpenFace 3 names the likeliest emotion alone (1, all others 0). Its eight action "
            "units were left out: their names and order are not published.",
            "Files of OpenFace 3 are read by its published layout; none was at hand to try.",
        ),
        faults=() if known.all() else (_unknown_emotion(cells.loc[~known, "emotion"]),),
        rate_bounds_hz=(0.0, np.inf),
    )


def _unknown_emotion(emotion: pd.Series[float]) -> str:
    return (
        f"column emotion: {emotion.iloc[0]:g} is none of the emotions 0 to {len(_EMOTIONS_3) - 1} "
        "of OpenFace 3. Is the file what its columns say?"
    )


def _box(cells: pd.DataFrame) -> pd.DataFrame | None:
    if not {*_OUTLINE_X, *_OUTLINE_Y} <= set(cells.columns):
        return None
    across, down = cells[list(_OUTLINE_X)], cells[list(_OUTLINE_Y)]
    left, top = across.min(axis=1), down.min(axis=1)
    return pd.concat([left, top, across.max(axis=1) - left, down.max(axis=1) - top], axis=1)


def _whole(face: pd.Series[float]) -> pd.Series[str]:
    """Write the number of a face as the program shows it: 0, not 0.0."""
    return face.map("{:g}".format, na_action="ignore").fillna("")


OPENFACE: Final = Schema(
    name="OpenFace",
    required=frozenset({"frame", "timestamp", "confidence", "success"}),
    optional=frozenset(
        {
            "face_id",
            *_ROTATIONS,
            *_OUTLINE_X,
            *_OUTLINE_Y,
            *(f"{unit}_r" for unit in _INTENSITIES),
            *(f"{unit}_c" for unit in _PRESENCES),
        }
    ),
    translate=_translate,
    without_channels="Run OpenFace again with its action units (-aus).",
)

OPENFACE_3: Final = Schema(
    name="OpenFace 3",
    required=frozenset(
        {"frame_index", "face_id", "face_detection", "emotion", "gaze_yaw", "gaze_pitch"}
    )
    | {"action_units"},
    texts=frozenset({"face_detection", "action_units"}),
    translate=_translate_3,
)
