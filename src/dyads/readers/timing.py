"""Give frames that another program extracted their times, and see to it that these go forward."""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.readers.schema import Translation

_RATE_TOLERANCE: Final = 1e-4
"""Rates are often given rounded: 29.97 for 30000/1001."""

_FASTEST_HZ: Final = 500.0
"""No camera of a conversation is faster; a program that did not know the rate writes 1000."""


def timed(
    given: Translation, frame_rate_hz: float | None
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Take the file's times or, where it has none or impossible ones, those of the frame rate.

    Parameters
    ----------
    given
        Frames of a file, each with a number and, if the file carries times, with its time.
    frame_rate_hz
        Frames per second of the film (1/s); None: not given.

    Returns
    -------
    DataFrame
        The frames with `time_s`.
    tuple of str
        Remarks.
    tuple of str
        Faults: a rate that is missing or contradicts the file.
    """
    if given.rate_bounds_hz is not None:
        fault = _rate_fault(frame_rate_hz, given.rate_bounds_hz)
        why = "The file carries no times"
    else:
        step_s = float(given.frames["time_s"].drop_duplicates().sort_values().diff().median())
        if not step_s < 1 / _FASTEST_HZ:
            unused = "The file carries times: the frame rate of recordings.tsv was not used."
            return given.frames, (unused,) if frame_rate_hz is not None else (), ()
        fault = "" if frame_rate_hz is not None else _too_fast(step_s)
        why = f"The file's times step by {step_s:g} s, which no camera does"
    if frame_rate_hz is None or fault:
        return given.frames, (), (fault,)
    remark = (
        f"{why}: time is the frame number divided by the given {frame_rate_hz:g} frames per second."
    )
    return given.frames.assign(time_s=given.frames["frame"] / frame_rate_hz), (remark,), ()


def in_order(
    frames: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Refuse times that go back; of rows with one time keep the first that shows the face.

    Parameters
    ----------
    frames
        One row for each frame, in order.

    Returns
    -------
    DataFrame
        The rows that are kept.
    tuple of str
        Remarks: how many rows were left out.
    tuple of str
        Faults: times that go back.
    """
    back = frames["time_s"].diff() < 0
    if back.any():
        first_s = float(frames.loc[back, "time_s"].iloc[0])
        fault = (
            f"times go back {int(back.sum())} times, first to {first_s:g} s. Does the file hold "
            "several films? Give each film a file of its own."
        )
        return frames, (), (fault,)
    face_first = frames.assign(is_empty=frames["status"].ne("face")).sort_values(
        ["time_s", "is_empty"], kind="stable"
    )
    kept = frames.loc[face_first.drop_duplicates("time_s").index]
    repeated = len(frames) - len(kept)
    if not repeated:
        return frames, (), ()
    return kept, (f"{repeated} rows repeat the time of another row and were left out.",), ()


def _too_fast(step_s: float) -> str:
    return (
        f"its times step by {step_s:g} s ({1 / step_s:.6g} frames per second), which no camera "
        "does: the program did not know the film's rate. Enter the film's frames per second as "
        "frame_rate_hz in recordings.tsv."
    )


def _rate_fault(frame_rate_hz: float | None, bounds_hz: tuple[float, float]) -> str:
    """Refuse a rate that is missing, or at which the file's coarse times would be wrong."""
    above_hz, up_to_hz = bounds_hz
    hint = f" The whole seconds in the file allow {above_hz:.6g} to {up_to_hz:.6g}."
    if frame_rate_hz is None:
        return (
            "the file carries frame numbers and no times. Enter the film's frames per second as "
            f"frame_rate_hz in recordings.tsv.{hint if above_hz > 0 else ''}"
        )
    if not above_hz * (1 - _RATE_TOLERANCE) <= frame_rate_hz <= up_to_hz * (1 + _RATE_TOLERANCE):
        return (
            f"frame_rate_hz is {frame_rate_hz:g}, which contradicts the file.{hint} Correct it in "
            "recordings.tsv."
        )
    return ""
