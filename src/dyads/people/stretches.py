"""Cut the tracks of a film into stretches that surely show one and the same face.

A tracker links faces by where they are. Where two faces come close, where a face leaps or is not
seen for a while, or where the film itself is cut, a track may go on with another face. There it is
cut, and what links the parts is decided later, with everything that is known of the film.

Distances are measured in sides of the face's square.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

CLOSE_SIDES: Final = 1.0
REACH_SIDES_MAX: Final = 2.0
"""Two faces whose middles are nearer than this may be taken for each other, or nearer than they can
come, as fast as they move, until they are seen again (at most so much more each)."""
CLOSE_MARGIN_S: Final = 0.3
"""The time (s) around such a moment that counts as close, too."""
BIRTH_SIDES: Final = 1.5
"""A track that begins or ends this near to another face may have been exchanged with it."""
BIRTH_WINDOW_S: Final = 0.5
HIDDEN_S: Final = 10.0
AGAIN_SIDES: Final = 2.0
"""Where a face vanishes beside another one, it may be in front of it or behind it: for so long (s),
or until another face is seen this near again, nobody knows which of the two is seen."""
GAP_S: Final = 0.35
"""A face that is unseen for longer may be another one afterwards, or three pictures if longer."""
JUMP_SIDES: Final = 0.6
JUMP_SIDES_PER_S: Final = 2.0
"""A face that moves farther than this between two sights leapt."""
CUT_SIDES: Final = 0.25
CUT_RATIO: Final = 3.0
CUT_STEP_S: Final = 0.125
CUT_PICTURES: Final = 3
"""A film is cut where, from one picture to the next, every face leaps at once: by so many sides,
and by so many times its movement just before and after; a face may be missed in so many pictures.
Where pictures are farther apart in time (s), a leap is not told from a movement."""


def sights(frames: pd.DataFrame) -> pd.DataFrame:
    """List every face that was seen in a film.

    Parameters
    ----------
    frames
        Rows of one film (contract `Frames`) with `track`; -1 is a picture without a face.

    Returns
    -------
    DataFrame
        `track`, `frame`, `picture` (place of the frame among the pictures that were read),
        `time_s`, `x`, `y` (middle of the box, px), `side` (px), by track and frame.
    """
    pictures = np.unique(frames["frame"].to_numpy(np.int64))
    is_face = frames["track"].fillna(-1).ge(0) & frames["box_width_px"].notna()
    faces = frames[is_face.to_numpy(bool)]
    width, height = faces["box_width_px"], faces["box_height_px"]
    listed = pd.DataFrame(
        {
            "track": faces["track"].to_numpy(np.int64),
            "frame": faces["frame"].to_numpy(np.int64),
            "picture": np.searchsorted(pictures, faces["frame"].to_numpy(np.int64)),
            "time_s": faces["time_s"].to_numpy(float),
            "x": (faces["box_left_px"] + width / 2).to_numpy(float),
            "y": (faces["box_top_px"] + height / 2).to_numpy(float),
            "side": np.maximum(width.to_numpy(float), height.to_numpy(float)).clip(min=1.0),
        }
    )
    return listed.sort_values(["track", "frame"], kind="stable", ignore_index=True)


def cut(seen: pd.DataFrame) -> tuple[pd.DataFrame, FloatArray]:
    """Cut tracks wherever they may have gone on with another face.

    Parameters
    ----------
    seen
        From :func:`sights`.

    Returns
    -------
    DataFrame
        The same rows with `run` (unbroken but for other faces), `is_close` (another face is so
        near that the two may be mixed up) and `stretch`, both numbered from 0.
    ndarray
        Times (s) at which the film itself is cut.
    """
    track = seen["track"].to_numpy()
    step_s, moved = _steps(seen)
    is_new = np.diff(track, prepend=-1) != 0
    gap_s = max(GAP_S, 3 * _picture_step_s(seen))
    is_broken = is_new | (step_s > gap_s) | (moved > JUMP_SIDES + JUMP_SIDES_PER_S * step_s)
    cuts_s = _film_cuts(seen, moved, is_new)
    shot = np.searchsorted(cuts_s, seen["time_s"].to_numpy() + 1e-9)
    is_broken |= np.diff(shot, prepend=0) != 0
    run = np.cumsum(is_broken) - 1
    edges, beside = _beside_births(seen, run)
    is_close = _close(seen, run) | _hidden(seen, run, edges, beside)
    is_cut = is_broken | (np.diff(is_close.astype(np.int8), prepend=0) != 0)
    is_cut[beside[_is_there(seen, run, edges, beside)]] = True
    stretch = np.cumsum(is_cut) - 1
    return seen.assign(run=run, is_close=is_close, stretch=stretch), cuts_s


def _steps(seen: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Time (s) and distance (sides) from the sight before, whatever its track; the first is 0."""
    x, y, side = (seen[name].to_numpy(float) for name in ("x", "y", "side"))
    step_s = np.diff(seen["time_s"].to_numpy(float), prepend=seen["time_s"].iloc[:1])
    moved = np.hypot(np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1]))
    return step_s, moved / np.minimum(side, np.append(side[:1], side[:-1]))


def _picture_step_s(seen: pd.DataFrame) -> float:
    steps_s = np.diff(np.unique(seen["time_s"].to_numpy(float)))
    return float(np.median(steps_s)) if len(steps_s) else 0.0


def _near(seen: pd.DataFrame, sides: float, reach: FloatArray | None = None) -> BoolArray:
    """Mark sights with another face within so many sides of them, and what both may reach."""
    faces = seen[["frame", "track", "x", "y", "side"]].assign(reach=0.0 if reach is None else reach)
    several = faces[faces["frame"].duplicated(keep=False)].reset_index(names="row")
    pairs = several.merge(several, on="frame", suffixes=("", "_other"))
    pairs = pairs[pairs["track"] != pairs["track_other"]]
    apart = np.hypot(pairs["x"] - pairs["x_other"], pairs["y"] - pairs["y_other"])
    side = np.maximum(pairs["side"], pairs["side_other"])
    is_near = apart < (sides + pairs["reach"] + pairs["reach_other"]) * side
    marked = np.zeros(len(seen), dtype=bool)
    marked[pairs.loc[is_near, "row"].to_numpy(int)] = True
    return marked


def _reach(seen: pd.DataFrame, run: IntArray) -> FloatArray:
    """How far each face may move until it is seen again, or moved since it was (sides)."""
    step_s, moved = _steps(seen)
    is_new = np.diff(run, prepend=-1) != 0
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(is_new | (step_s <= 0), 0.0, moved / step_s)
    next_s = np.append(np.where(is_new, 0.0, step_s)[1:], 0.0)
    next_speed = np.append(speed[1:], 0.0)
    before_s = np.where(is_new, 0.0, step_s)
    reach = np.maximum(speed * next_s, next_speed * before_s)
    return np.asarray(np.minimum(reach, REACH_SIDES_MAX), dtype=np.float64)


def _close(seen: pd.DataFrame, run: IntArray) -> BoolArray:
    """Mark sights with a face too near to them, and those shortly before and after."""
    is_close = _near(seen, CLOSE_SIDES, _reach(seen, run))
    time_s = seen["time_s"].to_numpy(float)
    for rows in seen[["track"]].groupby("track").indices.values():
        moments_s = time_s[rows][is_close[rows]]
        if len(moments_s):
            after = np.minimum(np.searchsorted(moments_s, time_s[rows]), len(moments_s) - 1)
            before = np.maximum(after - 1, 0)
            apart_s = np.minimum(
                np.abs(moments_s[after] - time_s[rows]), np.abs(moments_s[before] - time_s[rows])
            )
            is_close[rows] |= apart_s <= CLOSE_MARGIN_S
    return is_close


def _beside_births(seen: pd.DataFrame, run: IntArray) -> tuple[IntArray, IntArray]:
    """Rows at which a run begins or ends, each with the row of another run nearby."""
    order = np.argsort(seen["time_s"].to_numpy(float), kind="stable")
    time_s = seen["time_s"].to_numpy(float)[order]
    x, y, side = (seen[name].to_numpy(float) for name in ("x", "y", "side"))
    edges = np.flatnonzero((np.diff(run, prepend=-1) != 0) | (np.diff(run, append=-1) != 0))
    low = np.searchsorted(time_s, seen["time_s"].to_numpy(float)[edges] - BIRTH_WINDOW_S)
    high = np.searchsorted(time_s, seen["time_s"].to_numpy(float)[edges] + BIRTH_WINDOW_S, "right")
    found: list[tuple[int, int]] = []
    for edge, first, stop in zip(edges, low, high, strict=True):
        near = order[first:stop]
        near = near[run[near] != run[edge]]
        apart = np.hypot(x[near] - x[edge], y[near] - y[edge])
        near = near[apart < BIRTH_SIDES * np.maximum(side[near], side[edge])]
        for other in np.unique(run[near]):
            own = near[run[near] == other]
            apart_s = np.abs(seen["time_s"].to_numpy(float)[own] - seen["time_s"].iloc[edge])
            found.append((int(edge), int(own[np.argmin(apart_s)])))
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _is_there(seen: pd.DataFrame, run: IntArray, edges: IntArray, beside: IntArray) -> BoolArray:
    """Say which runs are seen before and after another one begins or ends beside them."""
    time_s = seen["time_s"].to_numpy(float)
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    stops = np.append(starts[1:], len(run))
    edge_s, which = time_s[edges], run[beside]
    is_there = (time_s[starts[which]] < edge_s) & (edge_s < time_s[stops[which] - 1])
    return np.asarray(is_there, dtype=np.bool_)


def _hidden(seen: pd.DataFrame, run: IntArray, edges: IntArray, beside: IntArray) -> BoolArray:
    """Mark faces beside which another one vanished, until two are seen there again.

    Where both tracks end at once, as where a finder takes two faces for one, it is the face that
    begins there that is marked.
    """
    time_s = seen["time_s"].to_numpy(float)
    has_other = _near(seen, AGAIN_SIDES)
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    stops = np.append(starts[1:], len(run))
    successors = {
        int(run[other]): int(run[edge])
        for edge, other in zip(edges, beside, strict=True)
        if edge in starts and other == stops[run[other]] - 1
    }
    hidden = np.zeros(len(seen), dtype=bool)
    there = _is_there(seen, run, edges, beside)
    for edge, other, is_there in zip(edges, beside, there, strict=True):
        which: int | None = int(run[other])
        end_s, other_end_s = time_s[edge], time_s[stops[which] - 1]
        were_two = time_s[starts[run[edge]]] <= other_end_s and time_s[starts[which]] <= end_s
        ended_together = were_two and abs(other_end_s - end_s) <= BIRTH_WINDOW_S
        if edge != stops[run[edge]] - 1 or not (is_there or ended_together):
            continue
        while which is not None:
            own = slice(starts[which], stops[which])
            moments_s = time_s[own]
            is_after = moments_s >= time_s[other]
            two_s = moments_s[has_other[own] & (moments_s > time_s[edge])]
            end_s = min([time_s[other] + HIDDEN_S, *two_s[:1]])
            hidden[own] |= is_after & (moments_s <= end_s)
            which = successors.get(which) if end_s > moments_s[-1] else None
    return hidden


def _film_cuts(seen: pd.DataFrame, moved: FloatArray, is_new: BoolArray) -> FloatArray:
    """Times of pictures before which all of two or more faces leapt, ended or began at once."""
    picture = seen["picture"].to_numpy()
    count = int(picture.max()) + 1 if len(picture) else 0
    first_s = np.full(count, np.nan)
    first_s[picture] = seen["time_s"].to_numpy(float)
    quiet = np.where(is_new, 0.0, moved)
    around = np.maximum(np.append(0.0, quiet[:-1]), np.append(quiet[1:], 0.0))
    is_leap = (moved > CUT_SIDES) & (moved > CUT_RATIO * around)
    passed = np.diff(picture, prepend=-9)
    goes_on = ~is_new & (passed <= CUT_PICTURES) & ~is_leap
    change = np.bincount(picture[goes_on] - passed[goes_on] + 1, minlength=count + 1)
    change = change - np.bincount(picture[goes_on] + 1, minlength=count + 1)
    smooth = np.cumsum(change)[:count]
    faces = pd.Series(np.bincount(picture, minlength=count))
    around_faces = faces.rolling(CUT_PICTURES, min_periods=1).max().to_numpy()
    before = np.append(0, around_faces[:-1])
    after = faces[::-1].rolling(CUT_PICTURES, min_periods=1).max().to_numpy()[::-1]
    is_cut = (smooth == 0) & (before >= 2) & (after >= 2) & (faces.to_numpy() > 0)
    if _picture_step_s(seen) > CUT_STEP_S:
        return np.empty(0)
    starts = is_cut & ~np.append(is_cut[1:], False)
    return np.asarray(first_s[starts], dtype=np.float64)
