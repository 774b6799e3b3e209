"""Films as a tracker of faces would tell them, with the truth of whose face each row is.

Movements are composed from seats and way points; detections have noise and are missed; the tracker
links each face to the nearest face of the picture before, and so exchanges people who cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

RATE_HZ = 10.0
SIDE_PX = 120.0
AWAY = (np.nan, np.nan)


@dataclass(frozen=True)
class Actor:
    """Somebody in front of the camera.

    Parameters
    ----------
    name
        Person, or `nobody` for a stranger.
    way
        Time (s) and place (px) of way points; between two places the face moves evenly, and
        where one of them is `AWAY` it is not seen.
    sway
        Standard deviation of slow movement about the place (sides).
    """

    name: str
    way: tuple[tuple[float, tuple[float, float]], ...]
    sway: float = 0.12

    def path(self, time_s: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Middle of the face at each time (px), shape (times, 2); NaN while away."""
        at = np.array([moment for moment, _ in self.way])
        places = np.array([place for _, place in self.way])
        after = np.clip(np.searchsorted(at, time_s, side="right"), 1, len(at) - 1)
        before = after - 1
        span = np.maximum(at[after] - at[before], 1e-9)
        share = np.clip((time_s - at[before]) / span, 0, 1)[:, None]
        middle = places[before] * (1 - share) + places[after] * share
        step = rng.normal(0, 1, (len(time_s), 2))
        slow = np.zeros_like(step)
        keep = np.exp(-1 / (2.0 * RATE_HZ))
        for place in range(1, len(step)):
            slow[place] = keep * slow[place - 1] + np.sqrt(1 - keep**2) * step[place]
        return middle + slow * self.sway * SIDE_PX


@dataclass(frozen=True)
class World:
    """What happens, and how badly it is seen."""

    actors: tuple[Actor, ...]
    duration_s: float = 120.0
    missed: float = 0.03
    broken_per_min: float = 1.0
    noise: float = 0.02


def film(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
    """Give the frames of a film (contract `Frames`), and the name of whom each row shows."""
    time_s = np.arange(0, world.duration_s, 1 / RATE_HZ)
    paths = np.stack([actor.path(time_s, rng) for actor in world.actors])
    paths += rng.normal(0, world.noise * SIDE_PX, paths.shape)
    is_there = ~np.isnan(paths[:, :, 0])
    is_there &= rng.random(is_there.shape) >= world.missed
    _hide_behind(paths, is_there)
    rows: list[tuple[int, float, int, float, float, str]] = []
    tracks: dict[int, tuple[float, FloatArray]] = {}
    unused = 0
    for frame, moment in enumerate(time_s):
        if rng.random() < world.broken_per_min / 60 / RATE_HZ and tracks:
            del tracks[rng.choice(list(tracks))]
        there = np.flatnonzero(is_there[:, frame])
        linked, unused = _linked(tracks, paths[there, frame], moment, unused)
        for actor, track in zip(there, linked, strict=True):
            name = world.actors[actor].name
            rows.append((frame, moment, track, *paths[actor, frame], name))
        if not len(there):
            rows.append((frame, moment, -1, np.nan, np.nan, ""))
    return _frames(rows)


def _hide_behind(paths: FloatArray, is_there: npt.NDArray[np.bool_]) -> None:
    """A face less than half a side from another one is behind it: the first actor is in front."""
    for back in range(1, len(paths)):
        for front in range(back):
            apart = np.hypot(*(paths[back] - paths[front]).T)
            is_there[back] &= ~((apart < 0.5 * SIDE_PX) & is_there[front])


def _linked(
    tracks: dict[int, tuple[float, FloatArray]], faces: FloatArray, moment: float, unused: int
) -> tuple[list[int], int]:
    """Link faces to the nearest known track within a side; others begin a new one."""
    alive = {track: seen for track, seen in tracks.items() if moment - seen[0] <= 1.0 + 1e-9}
    distance = [
        (float(np.hypot(*(face - place))), track, number)
        for number, face in enumerate(faces)
        for track, (_, place) in alive.items()
    ]
    chosen: dict[int, int] = {}
    for apart, track, number in sorted(distance):
        if apart <= SIDE_PX and number not in chosen and track not in chosen.values():
            chosen[number] = track
    for number in range(len(faces)):
        if number not in chosen:
            chosen[number] = unused
            unused += 1
    tracks.clear()
    tracks.update(alive)
    tracks.update({chosen[number]: (moment, face) for number, face in enumerate(faces)})
    return [chosen[number] for number in range(len(faces))], unused


def _frames(
    rows: list[tuple[int, float, int, float, float, str]],
) -> tuple[pd.DataFrame, pd.Series]:
    listed = pd.DataFrame(rows, columns=["frame", "time_s", "track", "x", "y", "name"])
    is_face = listed["track"].ge(0)
    frames = pd.DataFrame(
        {
            "person_id": "",
            "film": pd.array([0] * len(listed), dtype="Int64"),
            "track": listed["track"].astype("Int64"),
            "frame": listed["frame"],
            "time_s": listed["time_s"],
            "status": np.where(is_face, "face", "no_face"),
            "reason": np.where(is_face, "", "no_face"),
            "found_by": np.where(is_face, "search", ""),
            "score": np.where(is_face, 0.9, np.nan),
            "box_left_px": listed["x"] - SIDE_PX / 2,
            "box_top_px": listed["y"] - SIDE_PX / 2,
            "box_width_px": np.where(is_face, SIDE_PX, np.nan),
            "box_height_px": np.where(is_face, SIDE_PX, np.nan),
            **dict.fromkeys(("pitch_deg", "roll_deg", "yaw_deg"), np.where(is_face, 0.0, np.nan)),
            "light": np.where(is_face, 0.5, np.nan),
            "sharpness": np.where(is_face, 300.0, np.nan),
            "AU12": np.where(is_face, 0.3, np.nan),
        }
    )
    return frames, listed["name"]


def likeness_of(
    faces: pd.DataFrame,
    frames: pd.DataFrame,
    truth: pd.Series,
    people: tuple[str, ...],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What an embedder would say of these faces: near 0.6 for the same person, else near 0.1."""
    named = frames[["track", "frame"]].assign(name=truth.to_numpy())
    rows = faces[["track", "frame"]].merge(named, on=["track", "frame"])
    parts = []
    for person in people:
        same = rows["name"].eq(person).to_numpy()
        similarity = rng.normal(np.where(same, 0.6, 0.1), np.where(same, 0.12, 0.08))
        parts.append(rows[["track", "frame"]].assign(person_id=person, similarity=similarity))
    return pd.concat(parts, ignore_index=True)
