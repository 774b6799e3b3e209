"""Small tables of frames, traces and segments for the tests of what is measured on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.channels import ChannelType
from dyads.tables import About

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Offsets:
    """A session clock that adds an offset (s) to the times of each person."""

    offset_s: Mapping[str, float] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def to_session(self, person_id: str, time_s: FloatArray) -> FloatArray:
        return time_s + self.offset_s.get(person_id, 0.0)


def make_frames(
    time_s: Sequence[float] | FloatArray,
    values: Mapping[str, Sequence[float] | FloatArray],
    status: str | Sequence[str] = "face",
    person_id: str = "P01",
) -> pd.DataFrame:
    """Frames of one person; frames without a face have no values."""
    frames = pd.DataFrame({"person_id": person_id, "frame": range(len(time_s)), "time_s": time_s})
    frames["status"] = status
    reasons = {"face": "", "lost": "not_decoded", "unknown": "unknown_person"}
    frames["reason"] = frames["status"].replace(reasons)
    frames["found_by"] = np.where(frames["status"] == "face", "search", "")
    frames["score"] = np.where(frames["status"] == "face", 0.9, np.nan)
    for name in ("left", "top", "width", "height"):
        frames[f"box_{name}_px"] = 10.0
    for name in ("pitch", "roll", "yaw"):
        frames[f"{name}_deg"] = 0.0
    frames["light"], frames["sharpness"] = 0.5, 500.0
    for name, value in values.items():
        frames[name] = np.where(frames["status"] == "face", value, np.nan)
    return frames


def make_trace(
    values: Mapping[str, Sequence[float] | FloatArray],
    rate_hz: float = 10.0,
    person_id: str = "P01",
    first_step: int = 0,
) -> pd.DataFrame:
    """A trace of one person; a step at which a channel is NaN is missing as a whole."""
    table = pd.DataFrame({name: np.asarray(value, dtype=float) for name, value in values.items()})
    step = np.arange(len(table)) + first_step
    missing = table.isna().any(axis=1)
    head = pd.DataFrame(
        {
            "person_id": person_id,
            "step": step,
            "time_s": step / rate_hz,
            "state": np.where(missing, "missing", "seen"),
            "reason": np.where(missing, "no_face", ""),
        }
    )
    return pd.concat([head, table.mask(missing)], axis=1)


def make_segments(
    *bounds: tuple[str, float, float], dyad_id: str = "D01", session_id: str = "S1"
) -> pd.DataFrame:
    """Segments from (label, onset_s, duration_s)."""
    return pd.DataFrame(
        {
            "dyad_id": dyad_id,
            "session_id": session_id,
            "segment_id": [label for label, _, _ in bounds],
            "label": [label for label, _, _ in bounds],
            "onset_s": [float(onset_s) for _, onset_s, _ in bounds],
            "duration_s": [float(duration_s) for _, _, duration_s in bounds],
        }
    )


def make_about(*channels: str, channel_type: ChannelType = ChannelType.PROBABILITY) -> About:
    """What a trace of these channels says of itself."""
    return About(channel_types=dict.fromkeys(channels, channel_type))
