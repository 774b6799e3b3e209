"""Files that py-feat wrote: `Detectorv2` of py-feat 2, `Detector` of 0.7 and of 0.6 and earlier.

All carry frame numbers and no times. py-feat's action units are probabilities, whichever
classifier made them; some classifiers of 0.6 say only 0 or 1.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from dyads.channels import ACTION_UNITS, AFFECT, EMOTION_NAMES, EMOTIONS, ChannelType
from dyads.readers.schema import ActionUnits, Schema, Translation, frames_table, in_degrees

_BOX: Final = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight")
_COMMON: Final = frozenset({*_BOX, "FaceScore", "Pitch", "Roll", "Yaw", "frame", *ACTION_UNITS})
_TEXTS: Final = frozenset({"approx_time", "input", "Identity"})
_MESH_TOP, _MESH_CHIN = "10", "152"
_TILT: Final = frozenset(
    f"mesh_{axis}_{point}" for axis in "yz" for point in (_MESH_TOP, _MESH_CHIN)
)
_SURE_CORRELATION: Final = 0.5
_EMOTIONS_2: Final = {ours: theirs for theirs, ours in EMOTION_NAMES.items() if ours in EMOTIONS}


def _translate_2(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    pitch, remark = _pitch_upwards(cells)
    pose = pd.concat([pitch, cells["Roll"], cells["Yaw"]], axis=1)
    emotions = cells[list(_EMOTIONS_2.values())].set_axis(list(_EMOTIONS_2), axis=1)
    channels = pd.concat([cells[list(ACTION_UNITS)], emotions, cells[list(AFFECT)]], axis=1)
    return _translation(cells, channels, in_degrees(pose), remark)


def _translate_0_7(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    """Put right the angles, which py-feat 0.7 wrote as its pose network names them.

    py-feat 2 translates the same network's angles so (`feat/detector.py`); on ten clips that
    both versions read, its roll and yaw then agree with those of `Detectorv2` (r = 0.94, 0.96).
    """
    pose = pd.concat([-cells["Pitch"], -cells["Yaw"], cells["Roll"]], axis=1)
    remark = (
        "py-feat 0.7 wrote roll and yaw under each other's names and pitch downwards: this was "
        "put right."
    )
    return _translation(cells, _old_channels(cells), in_degrees(pose), remark)


def _translate_0_6(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    """Turn the roll of py-feat 0.6 and earlier, which writes degrees.

    The directions were read off py-feat's own test outputs `001.csv` and `002.csv` by their
    landmarks: roll against the line through the eyes (r = 0.90, 0.96 with the head tilted to
    the person's left), pitch against the height of the nose between the ends of the jaw
    (r = -0.91, -0.94 with the nose low), yaw against its place across (r = -0.51, -0.60 with the
    nose to the right of the picture; these heads hardly turn).
    """
    pose = pd.concat([cells["Pitch"], -cells["Roll"], cells["Yaw"]], axis=1)
    remark = "The direction of yaw in py-feat 0.6 is known from a few frames only."
    return _translation(cells, _old_channels(cells), pose, remark)


def _old_channels(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[[*ACTION_UNITS, *EMOTIONS]]


def _translation(
    cells: pd.DataFrame, channels: pd.DataFrame, pose_deg: pd.DataFrame, remark: str
) -> Translation:
    films = cells["input"].nunique() if "input" in cells else 1
    several = f"holds {films} films (column input). Give each film a file of its own."
    return Translation(
        frames=frames_table(
            channels,
            is_face=cells[[*_BOX, *ACTION_UNITS]].notna().all(axis=1),
            frame=cells["frame"],
            score=cells["FaceScore"],
            box_px=cells[list(_BOX)],
            pose_deg=pose_deg,
            face=_named(cells["Identity"]) if "Identity" in cells else None,
        ),
        channel_types=_types(channels.columns),
        remarks=(remark,),
        faults=(several,) if films > 1 else (),
        rate_bounds_hz=_rate_bounds_hz(cells),
    )


def _types(channels: Collection[str]) -> dict[str, ChannelType]:
    return {
        name: ChannelType.BIPOLAR if name in AFFECT else ChannelType.PROBABILITY
        for name in channels
    }


def _named(identity: pd.Series[str]) -> pd.Series[str]:
    """Give the names of the faces; py-feat writes a missing one as a number that is none."""
    return identity.where(~identity.isin(["nan", "NaN", "None"]), "")


def _pitch_upwards(cells: pd.DataFrame) -> tuple[pd.Series[float], str]:
    """Learn from the mesh whether pitch points up, for py-feat 2 has written both.

    py-feat 2.1.0 wrote it downwards, later versions upwards, and a file does not name its
    version. Depth grows away from the camera, so that chin behind forehead is a head bent down.
    """
    pitch = cells["Pitch"]
    if set(cells.columns) >= _TILT:
        depth = cells[f"mesh_z_{_MESH_CHIN}"] - cells[f"mesh_z_{_MESH_TOP}"]
        height = cells[f"mesh_y_{_MESH_CHIN}"] - cells[f"mesh_y_{_MESH_TOP}"]
        bent_down = depth * cells["FaceRectWidth"] / height
        both = pd.concat([pitch, bent_down], axis=1).dropna()
        if len(both) > 2 and both.std().min() > 0:
            r = float(np.corrcoef(both.to_numpy().T)[0, 1])
            if r > _SURE_CORRELATION:
                return -pitch, "Pitch was written downwards, as its mesh shows, and was turned."
            if r < -_SURE_CORRELATION:
                return pitch, "Pitch was written upwards, as its mesh shows."
    return pitch, "Whether pitch points up or down cannot be known from this file."


def _rate_bounds_hz(cells: pd.DataFrame) -> tuple[float, float]:
    """Bounds of the frame rate from `approx_time`, which holds whole seconds as `mm:ss`."""
    if "approx_time" not in cells.columns:
        return 0.0, np.inf
    clock = cells["approx_time"].astype(str).str.extract(r"^(\d+):(\d+)$").astype(float)
    second = 60 * clock[0] + clock[1]
    frame = cells["frame"][second.notna()]
    second = second.dropna()
    later = second > 0
    above_hz = float((frame / (second + 1)).max()) if len(frame) else 0.0
    up_to_hz = float((frame[later] / second[later]).min()) if later.any() else np.inf
    return above_hz, up_to_hz


PYFEAT_2: Final = Schema(
    name="py-feat 2 Detectorv2",
    required=_COMMON | set(_EMOTIONS_2.values()) | set(AFFECT),
    optional=_TILT | _TEXTS,
    texts=_TEXTS,
    translate=_translate_2,
)

PYFEAT_0_7: Final = Schema(
    name="py-feat 0.7 Detector",
    required=_COMMON | set(EMOTIONS) | {"X", "Y", "Z"},
    optional=_TEXTS,
    texts=_TEXTS,
    translate=_translate_0_7,
)

PYFEAT_0_6: Final = Schema(
    name="py-feat 0.6 Detector",
    required=_COMMON | set(EMOTIONS),
    optional=_TEXTS,
    texts=_TEXTS,
    translate=_translate_0_6,
)
