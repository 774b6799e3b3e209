"""Frames in which a face was read but is not to be trusted, each with its reason."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.config import QualitySettings
from dyads.contracts import MASK_REASONS


def mask_reasons(frames: pd.DataFrame, settings: QualitySettings) -> npt.NDArray[np.str_]:
    """Say of each frame with a face which limit it is beyond.

    Parameters
    ----------
    frames
        Frames of one person in order of time (contract `Frames`).
    settings
        Limits; an empty one masks nothing. What was not measured (NaN) is never masked.

    Returns
    -------
    ndarray of str
        One of `MASK_REASONS`, the first that holds, or empty; shape (frames,).
    """
    turn = frames[["yaw_deg", "pitch_deg"]].abs().max(axis=1).to_numpy(float)
    measured = {
        "small_face": frames["box_width_px"] < _limit(settings.face_width_min_px, -np.inf),
        "turned_away": turn > _limit(settings.turn_max_deg, np.inf),
        "blurred": frames["sharpness"] < _limit(settings.sharpness_min, -np.inf),
        "dark": frames["light"] < _limit(settings.light_min, -np.inf),
        "bright": frames["light"] > _limit(settings.light_max, np.inf),
        "fast": speed(frames) > _limit(settings.speed_max, np.inf),
    }
    reasons = np.full(len(frames), "", dtype="<U11")
    is_face = frames["status"].eq("face").to_numpy()
    for name in reversed(MASK_REASONS):
        reasons[is_face & np.asarray(measured[name], dtype=bool)] = name
    return reasons


def speed(frames: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Speed of the middle of the face since the frame before, in face widths per second.

    Parameters
    ----------
    frames
        Frames of one person in order of time.

    Returns
    -------
    ndarray
        NaN for the first frame and after a frame without a face, shape (frames,).
    """
    width = frames["box_width_px"].to_numpy(float)
    x = frames["box_left_px"].to_numpy(float) + width / 2
    y = frames["box_top_px"].to_numpy(float) + frames["box_height_px"].to_numpy(float) / 2
    step_s = np.diff(frames["time_s"].to_numpy(float), prepend=np.nan)
    moved = np.hypot(np.diff(x, prepend=np.nan), np.diff(y, prepend=np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(step_s > 0, moved / width / step_s, np.nan)


def _limit(value: float | None, nothing: float) -> float:
    return nothing if value is None else value
