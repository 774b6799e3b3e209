"""Choose the rows of one person from a file that may hold several faces."""

from __future__ import annotations

from typing import Final

import pandas as pd

_SIMILAR_SHARE: Final = 0.5
"""A second face that is there at least this share of the first one's time leaves it open who
is who."""


def face_of_person(
    frames: pd.DataFrame, face_id: str
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Keep one row a frame: that of the person.

    Parameters
    ----------
    frames
        From :func:`dyads.readers.schema.frames_table`. Rows of one `frame` are faces that were
        seen together.
    face_id
        The person's face, as the file calls it, or several of them parted by commas, for a
        program may lose a face and find it under another name. Empty: the face that is there
        longest.

    Returns
    -------
    DataFrame
        One row for each frame of the file, in order. A frame that shows others alone says
        `no_face`.
    tuple of str
        Remarks, which name no face.
    tuple of str
        Faults: it cannot be known which face is the person's.
    """
    is_face = frames["status"].eq("face")
    presence = frames.loc[is_face & frames["face"].ne(""), "face"].value_counts()
    asked = [name.strip() for name in face_id.split(",") if name.strip()]
    unknown = [name for name in asked if name not in presence.index]
    if unknown:
        return frames, (), (_no_such_face(unknown, presence),)
    if not asked and len(presence) > 1:
        if presence.iloc[1] >= _SIMILAR_SHARE * presence.iloc[0]:
            return frames, (), (_who_is_who(presence),)
        asked = [str(presence.index[0])]
    remarks: tuple[str, ...] = ()
    others = 0
    if asked:
        is_other = is_face & ~frames["face"].isin(asked)
        others = int(is_other.sum())
        frames = _without(frames, is_other)
    if others and not face_id:
        remarks += (
            f"{others} rows show further faces: the face that is there longest was taken for the "
            "person.",
        )
    together = _frames_of_several(frames)
    if together and len(asked) > 1:
        return frames, (), (_same_moment(together, asked),)
    if together:
        remarks += (f"{together} frames hold several faces: the largest was taken for the person.",)
    return _largest(frames), remarks, ()


def _without(frames: pd.DataFrame, is_other: pd.Series[bool]) -> pd.DataFrame:
    """Let the rows of others say that the person is not seen."""
    numbers = frames.columns.difference(
        ["frame", "time_s", "face", "status", "reason", "found_by"], sort=False
    )
    emptied = frames.copy()
    emptied.loc[is_other, numbers] = float("nan")
    emptied.loc[is_other, ["status", "reason"]] = "no_face"
    emptied.loc[is_other, "found_by"] = ""
    return emptied


def _frames_of_several(frames: pd.DataFrame) -> int:
    """Count the frames of several faces; a named face that stands there twice is one."""
    faces = frames[frames["status"].eq("face")]
    is_repeated = faces["face"].ne("") & faces.duplicated(["frame", "face"])
    return int((faces.loc[~is_repeated, "frame"].value_counts() > 1).sum())


def _largest(frames: pd.DataFrame) -> pd.DataFrame:
    """Keep the largest face of each frame."""
    area = (frames["box_width_px"] * frames["box_height_px"]).fillna(0.0)
    order = area.where(frames["status"].eq("face"), -1.0).sort_values(
        ascending=False, kind="stable"
    )
    return frames.loc[order.index].drop_duplicates("frame").sort_values("frame", kind="stable")


def _no_such_face(unknown: list[str], presence: pd.Series[int]) -> str:
    there = f"the file has {_told(presence)}" if len(presence) else "the file names no faces"
    return (
        f"face_id in recordings.tsv is {', '.join(unknown)}, but {there}. Correct the cell or "
        "leave it empty."
    )


def _who_is_who(presence: pd.Series[int]) -> str:
    return (
        f"holds several faces that are there for a similar time ({_told(presence)}), so that it "
        "is not known whose file it is. Look at the film and enter the person's face as face_id "
        "in recordings.tsv (several, if the program gave one person several: 0,2)."
    )


def _same_moment(frames: int, asked: list[str]) -> str:
    return (
        f"the faces {', '.join(asked)} of face_id in recordings.tsv stand in {frames} frames "
        "together, so that they are several people. Name the faces of one person."
    )


def _told(presence: pd.Series[int]) -> str:
    told = [f"face {name} in {rows} frames" for name, rows in presence.head(6).items()]
    return ", ".join(told) + (" …" if len(presence) > len(told) else "")
