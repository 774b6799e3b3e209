"""Turn the faces of films that show several people into rows of each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dyads.tables import About
from dyads.traces.arrays import channel_columns

_OF_THE_FACE = (
    "score", "box_left_px", "box_top_px", "box_width_px", "box_height_px", "pitch_deg", "roll_deg",
    "yaw_deg", "light", "sharpness",
)  # fmt: skip


def named(
    frames: pd.DataFrame, people: pd.DataFrame, person_ids: Mapping[int, Sequence[str]]
) -> pd.DataFrame:
    """Give every person a row in each picture of a film that shows several.

    Parameters
    ----------
    frames
        Frames of a session (contract `Frames`); those of the view `auto` carry `film` and `track`.
    people
        Whose face each stretch is (contract `People`).
    person_ids
        The people that each film of the view `auto` shows, by its number.

    Returns
    -------
    DataFrame
        Contract `Frames` as cleaning reads it. In a picture in which a person has no face of
        their own, they are `unknown` with the reason `unknown_person` if a face is there of
        which it is not known whose it is, and without a face otherwise. Frames without films of
        the view `auto` are given back as they are.
    """
    if "film" not in frames or frames["film"].isna().all():
        return frames
    is_shared = frames["film"].notna().to_numpy(bool)
    parts = [frames[~is_shared]] if not is_shared.all() else []
    for film in sorted(person_ids):
        rows = frames[is_shared & frames["film"].eq(film).to_numpy(bool, na_value=False)]
        owner = owners(rows, people[people["film"].eq(film)])
        parts += [_of_person(rows, owner, person_id) for person_id in person_ids[film]]
    return pd.concat(parts, ignore_index=True).drop(columns=["film", "track"])


def with_remark(about: About, frames: pd.DataFrame) -> About:
    """Add to what frames say of themselves that some faces could be given to nobody."""
    share = float(frames["status"].eq("unknown").mean()) if len(frames) else 0.0
    if share == 0:
        return about
    remark = (
        "In films that show several people it is not always known whose face is seen; such "
        "times are missing."
    )
    return about.model_copy(update={"remarks": (*about.remarks, remark)})


def owners(frames: pd.DataFrame, people: pd.DataFrame) -> pd.Series[str]:
    """Say of each row of a film whose face it is; empty: unknown, or no face."""
    faces = frames[frames["track"].fillna(-1).ge(0).to_numpy(bool)]
    track = faces["track"].to_numpy(np.int64)
    time_s = faces["time_s"].to_numpy(float)
    result = pd.Series("", index=frames.index, dtype=object)
    found = np.full(len(faces), "", dtype=object)
    for number, stretches in people.sort_values("first_time_s").groupby("track"):
        own = np.flatnonzero(track == number)
        place = np.searchsorted(stretches["first_time_s"], time_s[own], side="right") - 1
        found[own] = stretches["person_id"].to_numpy(object)[np.maximum(place, 0)]
    result.loc[faces.index] = found
    return result


def _of_person(frames: pd.DataFrame, owner: pd.Series[str], person_id: str) -> pd.DataFrame:
    own = frames[owner.eq(person_id)].drop_duplicates("frame")
    others = frames[~frames["frame"].isin(own["frame"])]
    is_face = others["status"].eq("face")
    is_open = is_face & owner.loc[others.index].eq("")
    # Of the rows of one picture, the face that may be this person's comes first.
    rest = others.assign(is_open=is_open).sort_values(
        ["frame", "is_open"], ascending=[True, False], kind="stable"
    )
    rest = rest.drop_duplicates("frame")
    is_open, is_face = rest.pop("is_open"), rest["status"].eq("face")
    rest.loc[is_face, [*_OF_THE_FACE, *channel_columns(frames)]] = np.nan
    rest.loc[is_face, "found_by"] = ""
    rest.loc[is_face, "status"] = np.where(is_open[is_face], "unknown", "no_face")
    rest.loc[is_face, "reason"] = np.where(is_open[is_face], "unknown_person", "no_face")
    both = pd.concat([own, rest]).sort_values("frame", kind="stable")
    return both.assign(person_id=person_id)
