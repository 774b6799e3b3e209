"""Tables as other programs write them, small and with numbers that tell their columns apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dyads.channels import ACTION_UNITS, EMOTIONS

EMOTIONS_2 = ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger")
OPENFACE_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
RATE_HZ = 25.0


def saved(table: pd.DataFrame, folder: Path, name: str = "frames.csv") -> Path:
    table.to_csv(folder / name, index=False)
    return folder / name


def written(text: str, folder: Path, name: str = "frames.txt", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def pyfeat_2(frames: int = 6, step: int = 1) -> pd.DataFrame:
    """A file as `Detectorv2` writes it."""
    level = np.linspace(0.1, 0.9, frames)
    values = {
        "FaceRectX": 10.0, "FaceRectY": 20.0, "FaceRectWidth": 60.0, "FaceRectHeight": 60.0,
        "FaceScore": 0.99, "Pitch": 0.1, "Roll": 0.2, "Yaw": 0.3, "X": 0.0, "Y": 0.0, "Z": 5.0,
        **dict.fromkeys(ACTION_UNITS, level),
        **{name: 0.01 * place for place, name in enumerate(EMOTIONS_2)},
        "valence": -0.5, "arousal": 0.25, "gaze_pitch": 0.0, "mesh_x_0": 1.0,
        "input": "a.mp4", "frame": step * np.arange(frames), "Identity": np.nan,
    }  # fmt: skip
    return pd.DataFrame(values, index=range(frames))


def pyfeat_0_7(frames: int = 6) -> pd.DataFrame:
    """The same as `Detector` of py-feat 0.7 writes it."""
    emotions = dict(zip(EMOTIONS_2, EMOTIONS, strict=True))
    return pyfeat_2(frames).rename(columns=emotions).drop(columns=["valence", "arousal"])


def pyfeat_0_6(frames: int = 6) -> pd.DataFrame:
    """The same as py-feat 0.6 writes it: angles in degrees, no position of the head."""
    table = pyfeat_0_7(frames).drop(columns=["X", "Y", "Z", "gaze_pitch", "mesh_x_0", "Identity"])
    return table.assign(Pitch=5.0, Roll=10.0, Yaw=15.0)


def openface(frames: int = 6) -> pd.DataFrame:
    """A file of OpenFace 2 `FeatureExtraction`: blanks before its names, frames from 1.

    Columns as github.com/TadasBaltrusaitis/OpenFace/wiki/Output-Format lists them, landmarks but
    those of the outline left out.
    """
    count = np.arange(frames)
    values = {
        "frame": count + 1, "face_id": 0, "timestamp": count / RATE_HZ, "confidence": 0.98,
        "success": 1, "gaze_0_x": 0.1, "pose_Tx": 1.0, "pose_Rx": 0.1, "pose_Ry": 0.2,
        "pose_Rz": 0.3,
        **{f"x_{point}": 100.0 + 10 * point for point in range(68)},
        **{f"y_{point}": 200.0 + point for point in range(68)},
        **{f"AU{unit:02d}_r": 0.05 * unit for unit in OPENFACE_UNITS},
        **{f"AU{unit:02d}_c": float(unit % 2) for unit in (*OPENFACE_UNITS, 28)},
    }  # fmt: skip
    return pd.DataFrame(values, index=range(frames)).rename(columns=lambda name: f" {name}")


def openface_3(frames: int = 6) -> pd.DataFrame:
    """A row a frame, the most likely emotion as its index, lists as text.

    Columns that the package's `process_image` writes with the frame's index for films;
    `emotion` counts as in github.com/CMU-MultiComp-Lab/OpenFace-3.0, README.
    """
    values = {
        "timestamp": "2025-06-12 10:00:00", "video_path": "a.mp4",
        "frame_index": np.arange(frames), "face_id": 0.0,
        "face_detection": "[10.0, 20.0, 70.0, 90.0, 0.97, 1.0, 2.0]", "landmarks": "",
        "emotion": 1.0, "gaze_yaw": 0.1, "gaze_pitch": 0.2,
        "action_units": "[[0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.85, 0.0]]",
    }  # fmt: skip
    return pd.DataFrame(values, index=range(frames))


FACEREADER_PREAMBLE = (
    "Video analysis detailed log\n\nFace Model\tGeneral\nCalibration\t-\n"
    "Start time\t6/4/2026 09:54:03.048\nFilename\tC:\\films\\a.mp4\nFrame rate\t25.000000000\n\n\n"
)
FACEREADER_NAMES = (
    "Video Time", "Neutral", "Happy", "Sad", "Angry", "Surprised", "Scared", "Disgusted",
    "Contempt", "Valence", "Arousal", "Y - Head Orientation", "Quality",
    "Action Unit 06 - Cheek Raiser", "Action Unit 12 - Lip Corner Puller",
)  # fmt: skip
FACEREADER_NUMBERS = (0.5, 0.4, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, -0.3, 0.3, -1.7, 0.9, 0.6, 0.7)


def clock(second: float) -> str:
    return f"00:{int(second // 60):02d}:{second % 60:06.3f}"


def facereader(frames: int = 6) -> pd.DataFrame:
    """The table of a detailed log, without what stands before it."""
    rows = [(clock(k / RATE_HZ), *FACEREADER_NUMBERS) for k in range(frames)]
    return pd.DataFrame(rows, columns=list(FACEREADER_NAMES))


def facereader_text(table: pd.DataFrame, separator: str = "\t") -> str:
    preamble = FACEREADER_PREAMBLE.replace("\t", separator)
    return preamble + table.to_csv(sep=separator, index=False)


FACET_EMOTIONS = (
    "Joy", "Anger", "Surprise", "Fear", "Contempt", "Disgust", "Sadness", "Neutral",
)  # fmt: skip


def imotions_facet(frames: int = 6) -> pd.DataFrame:
    """Rows of FACET and, between them, of the eye tracker, which repeat FACET's last numbers.

    Columns as in py-feat's test file of iMotions 5.
    """
    own = pd.DataFrame(
        {
            "Name": "X", "EventSource": "Emotient FACET",
            "Timestamp": 40.0 * np.arange(frames), "MediaTime": np.nan, "NoOfFaces": 1,
            "FaceRect X": 10.0, "FaceRect Y": 20.0, "FaceRect Width": 60.0,
            "FaceRect Height": 70.0,
            **{f"{name} Evidence": 0.5 * k - 2 for k, name in enumerate(FACET_EMOTIONS)},
            "Joy Intensity": 0.0, "AU6 Evidence": 0.0, "AU12 Evidence": 1.0,
            "Yaw Degrees": 3.0, "Pitch Degrees": 2.0, "Roll Degrees": 1.0,
        },
        index=range(frames),
    )  # fmt: skip
    eye = own.assign(EventSource="ET", Timestamp=own["Timestamp"] + 20)
    return pd.concat([own, eye]).sort_values("Timestamp", kind="stable", ignore_index=True)


def imotions_affdex(frames: int = 6) -> pd.DataFrame:
    """Rows of AFFDEX and, between them, of another sensor, which leaves its cells empty."""
    own = pd.DataFrame(
        {
            "Row": np.arange(frames), "Timestamp": 40.0 * np.arange(frames),
            "EventSource": 2, "SampleNumber": np.arange(frames), "Anger": 1.0, "Contempt": 2.0,
            "Disgust": 3.0, "Fear": 4.0, "Joy": 80.0, "Sadness": 5.0, "Surprise": 6.0,
            "Engagement": 50.0, "Valence": -40.0, "Neutral": 7.0, "Brow Furrow": 12.0,
            "Smile": 90.0, "Pitch": 1.0, "Yaw": 2.0, "Roll": 3.0,
        },
        index=range(frames),
    )  # fmt: skip
    other = own[["Row", "Timestamp", "EventSource"]].assign(Timestamp=own["Timestamp"] + 10)
    return pd.concat([own, other]).sort_values("Timestamp", kind="stable", ignore_index=True)


def libreface(frames: int = 6) -> pd.DataFrame:
    """A film's rows by github.com/ihp-lab/LibreFace, README_pypi.rst, mesh left out."""
    values = {
        "frame_idx": np.arange(frames), "frame_time_in_ms": 40.0 * np.arange(frames),
        "lm_mp_0_x": 0.5, "pitch": 90.0, "yaw": 80.0, "roll": 70.0,
        **{f"au_{unit}": unit % 2 for unit in (1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24)},
        **{f"au_{unit}_intensity": 0.1 * unit
           for unit in (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)},
        "facial_expression": "Happiness",
    }  # fmt: skip
    return pd.DataFrame(values, index=range(frames))


def openwillis(frames: int = 6) -> pd.DataFrame:
    """The frame-by-frame table by github.com/bklynhlth/openwillis, facial_emotion.py."""
    shares = (10.0, 5.0, 5.0, 60.0, 5.0, 5.0, 10.0)
    order = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    values = {
        "frame": 6 * np.arange(frames), "time": 6 * np.arange(frames) / RATE_HZ,
        **dict(zip(order, shares, strict=True)),
        **{name: 0.02 * place for place, name in enumerate(ACTION_UNITS)},
        "mouth_openness": 3.5,
    }  # fmt: skip
    return pd.DataFrame(values, index=range(frames))
