"""What a reader must know of a kind of file, and the form in which it hands over the frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.channels import ChannelType

ActionUnits = Literal["intensity", "presence"]
"""Which of two numbers is taken where a program gives both for an action unit."""

_BOX: Final = ("box_left_px", "box_top_px", "box_width_px", "box_height_px")
_POSE: Final = ("pitch_deg", "roll_deg", "yaw_deg")


@dataclass(frozen=True)
class Translation:
    """The frames of a file in the project's names and units.

    Parameters
    ----------
    frames
        From :func:`frames_table`: a row for each frame and face.
    channel_types
        Type of each channel among its columns.
    remarks
        What was put right and what cannot be known, as sentences. They reach the report, so
        they name nobody.
    faults
        What is wrong with the file, as sentences without its name.
    rate_bounds_hz
        For a file without times: the frame rates (1/s) that it allows, lower bound excluded,
        upper included. None for a file with times.
    """

    frames: pd.DataFrame
    channel_types: Mapping[str, ChannelType]
    remarks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    rate_bounds_hz: tuple[float, float] | None = None


@dataclass(frozen=True)
class Schema:
    """A kind of file, recognised by its columns.

    Parameters
    ----------
    name
        The program that writes it.
    required
        Columns without which a file is not of this kind.
    optional
        Further columns that are read where they are there.
    texts
        Columns among these that hold words.
    nothing
        Words that stand where the program has no number.
    translate
        Turns the columns that the file has, and the choice between two numbers for an action
        unit, into frames.
    without_channels
        What to do about a file of this kind that holds no channel.
    beyond_range
        What may have happened to a file whose numbers lie outside their range.
    """

    name: str
    required: frozenset[str]
    translate: Callable[[pd.DataFrame, ActionUnits], Translation]
    optional: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    nothing: frozenset[str] = frozenset()
    without_channels: str = "Export again with its action units or emotions."
    beyond_range: str = "Is the file what its columns say?"

    @property
    def columns(self) -> frozenset[str]:
        """All columns that are read."""
        return self.required | self.optional


@dataclass(frozen=True)
class Refusal:
    """A kind of file that is known and not read.

    Parameters
    ----------
    name
        What it is.
    required
        Columns by which it is recognised.
    reason
        Why it is not read and what to give instead.
    """

    name: str
    required: frozenset[str]
    reason: str


def frames_table(
    channels: pd.DataFrame,
    *,
    is_face: pd.Series[bool],
    frame: pd.Series[float] | None = None,
    time_s: pd.Series[float] | None = None,
    score: pd.Series[float] | None = None,
    box_px: pd.DataFrame | None = None,
    pose_deg: pd.DataFrame | None = None,
    face: pd.Series[str] | None = None,
) -> pd.DataFrame:
    """Lay out frames; a row without a face says nothing, whatever numbers stand there.

    Parameters
    ----------
    channels
        A column for each channel, a row for each frame and face.
    is_face
        Whether the row shows a face.
    frame
        Index of the frame; None: the rows are frames in order.
    time_s
        Time in the recording (s); None: the file carries no times.
    score
        Score of the face finder.
    box_px
        Left, top, width and height of the face (px), in this order.
    pose_deg
        Pitch (up), roll (to the person's own right) and yaw (to the person's own right), in
        this order (degrees).
    face
        Which face of the picture it is; None: the program does not tell them apart.

    Returns
    -------
    DataFrame
        Columns of the contract `Frames` but `person_id`, and `face`; `time_s` is NaN where
        there are no times.
    """
    rows = len(channels)
    seen = is_face.to_numpy(dtype=bool)
    unknown = np.full(rows, np.nan)

    def where_seen(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return np.where(seen, np.asarray(values, dtype=float), np.nan)

    boxes = _columns(box_px, _BOX, rows)
    poses = _columns(pose_deg, _POSE, rows)
    return pd.DataFrame(
        {
            "frame": np.arange(rows) if frame is None else frame.to_numpy(),
            "time_s": unknown if time_s is None else time_s.to_numpy(dtype=float),
            "face": "" if face is None else face.to_numpy(),
            "status": np.where(seen, "face", "no_face"),
            "reason": np.where(seen, "", "no_face"),
            "found_by": np.where(seen, "given", ""),
            "score": where_seen(unknown if score is None else score),
            **{name: where_seen(values) for name, values in {**boxes, **poses}.items()},
            "light": np.nan,
            "sharpness": np.nan,
            **{str(name): where_seen(channels[name]) for name in channels},
        }
    )


def in_degrees(pose_rad: pd.DataFrame) -> pd.DataFrame:
    """Turn radians into degrees."""
    return pose_rad * (180.0 / np.pi)


def _columns(
    given: pd.DataFrame | None, names: tuple[str, ...], rows: int
) -> dict[str, npt.NDArray[np.float64]]:
    if given is None:
        return {name: np.full(rows, np.nan) for name in names}
    return {name: given.iloc[:, place].to_numpy(dtype=float) for place, name in enumerate(names)}
