"""Files that py-feat wrote: `Detectorv2` of py-feat 2 and `Detector` of py-feat 0.7.

Both carry frame numbers and no times. py-feat's action units are probabilities, whichever
classifier made them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from dyads.channels import ACTION_UNITS, AFFECT, EMOTION_NAMES, EMOTIONS, ChannelType
from dyads.readers.schema import Schema

_BOX: Final = {
    "FaceRectX": "box_left_px",
    "FaceRectY": "box_top_px",
    "FaceRectWidth": "box_width_px",
    "FaceRectHeight": "box_height_px",
}
_COMMON: Final = frozenset({*_BOX, "FaceScore", "Pitch", "Roll", "Yaw", "frame", *ACTION_UNITS})
_MESH_TOP, _MESH_CHIN = "10", "152"
_TILT: Final = frozenset(
    f"mesh_{axis}_{point}" for axis in "yz" for point in (_MESH_TOP, _MESH_CHIN)
)
_SURE_CORRELATION: Final = 0.5
_EMOTIONS_2: Final = {ours: theirs for theirs, ours in EMOTION_NAMES.items() if ours in EMOTIONS}


def _translate_2(raw: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    pitch, remark = _pitch_upwards(raw)
    pose = {"pitch_deg": pitch, "roll_deg": raw["Roll"], "yaw_deg": raw["Yaw"]}
    affect = raw[list(AFFECT)]
    emotions = raw[list(_EMOTIONS_2.values())].set_axis(list(_EMOTIONS_2), axis=1)
    return _frames(raw, pose).join([emotions, affect]), (remark,)


def _translate_0_7(raw: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Put right the angles, which py-feat 0.7 wrote as its pose network names them.

    py-feat 2 translates the same network's angles so (`feat/detector.py`); on ten clips that
    both versions read, its roll and yaw then agree with those of `Detectorv2` (r = 0.94, 0.96).
    """
    pose = {"pitch_deg": -raw["Pitch"], "roll_deg": -raw["Yaw"], "yaw_deg": raw["Roll"]}
    remark = (
        "py-feat 0.7 wrote roll and yaw under each other's names and pitch downwards: this was "
        "put right."
    )
    return _frames(raw, pose).join(raw[list(EMOTIONS)]), (remark,)


def _frames(raw: pd.DataFrame, pose_rad: dict[str, pd.Series[float]]) -> pd.DataFrame:
    has_face = raw[[*_BOX, *ACTION_UNITS]].notna().all(axis=1)
    return pd.DataFrame(
        {
            "frame": raw["frame"].astype(int),
            "status": np.where(has_face, "face", "no_face"),
            "reason": np.where(has_face, "", "no_face"),
            "found_by": np.where(has_face, "given", ""),
            "score": raw["FaceScore"].where(has_face),
            **{ours: raw[theirs] for theirs, ours in _BOX.items()},
            **{name: np.degrees(angle) for name, angle in pose_rad.items()},
            "light": np.nan,
            "sharpness": np.nan,
            **{name: raw[name] for name in ACTION_UNITS},
        }
    )


def _pitch_upwards(raw: pd.DataFrame) -> tuple[pd.Series[float], str]:
    """Learn from the mesh whether pitch points up, for py-feat 2 has written both.

    py-feat 2.1.0 wrote it downwards, later versions upwards, and a file does not name its
    version. Depth grows away from the camera, so that chin behind forehead is a head bent down.
    """
    pitch = raw["Pitch"]
    if set(raw.columns) >= _TILT:
        depth = raw[f"mesh_z_{_MESH_CHIN}"] - raw[f"mesh_z_{_MESH_TOP}"]
        height = raw[f"mesh_y_{_MESH_CHIN}"] - raw[f"mesh_y_{_MESH_TOP}"]
        bent_down = depth * raw["FaceRectWidth"] / height
        both = pd.concat([pitch, bent_down], axis=1).dropna()
        if len(both) > 2 and both.std().min() > 0:
            r = float(np.corrcoef(both.to_numpy().T)[0, 1])
            if r > _SURE_CORRELATION:
                return -pitch, "Pitch was written downwards, as its mesh shows, and was turned."
            if r < -_SURE_CORRELATION:
                return pitch, "Pitch was written upwards, as its mesh shows."
    return pitch, "Whether pitch points up or down cannot be known from this file."


def _rate_bounds_hz(raw: pd.DataFrame) -> tuple[float, float]:
    """Bounds of the frame rate from `approx_time`, which holds whole seconds as `mm:ss`."""
    if "approx_time" not in raw.columns:
        return 0.0, np.inf
    clock = raw["approx_time"].astype(str).str.extract(r"^(\d+):(\d+)$").astype(float)
    second = 60 * clock[0] + clock[1]
    frame = raw["frame"][second.notna()]
    second = second.dropna()
    later = second > 0
    above_hz = float((frame / (second + 1)).max()) if len(frame) else 0.0
    up_to_hz = float((frame[later] / second[later]).min()) if later.any() else np.inf
    return above_hz, up_to_hz


def _probabilities(*names: str) -> dict[str, ChannelType]:
    return dict.fromkeys(names, ChannelType.PROBABILITY)


PYFEAT_2: Final = Schema(
    name="py-feat 2 Detectorv2",
    required=_COMMON | set(_EMOTIONS_2.values()) | set(AFFECT),
    optional=_TILT | {"approx_time"},
    texts=frozenset({"approx_time"}),
    channel_types={
        **_probabilities(*ACTION_UNITS, *EMOTIONS),
        **dict.fromkeys(AFFECT, ChannelType.BIPOLAR),
    },
    translate=_translate_2,
    rate_bounds_hz=_rate_bounds_hz,
)

PYFEAT_0_7: Final = Schema(
    name="py-feat 0.7 Detector",
    required=_COMMON | set(EMOTIONS) | {"X", "Y", "Z"},
    optional=frozenset({"approx_time"}),
    texts=frozenset({"approx_time"}),
    channel_types=_probabilities(*ACTION_UNITS, *EMOTIONS),
    translate=_translate_0_7,
    rate_bounds_hz=_rate_bounds_hz,
)
