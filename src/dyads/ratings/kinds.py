"""What a rating speaks of: oneself or the other person; a segment, a session or a moment."""

from __future__ import annotations

import pandas as pd

from dyads.study.cell_words import OTHER, SELF

_PLACE = ["target", "time_s"]


def about_oneself(ratings: pd.DataFrame) -> pd.DataFrame:
    """Keep what people said they felt themselves in a segment or a session.

    Parameters
    ----------
    ratings
        Checked `Ratings`; without the columns `target` and `time_s` every row is of this kind.

    Returns
    -------
    DataFrame
        Rows of `ratings` without these two columns.
    """
    return _of(ratings, SELF, of_moments=False)


def about_the_other(ratings: pd.DataFrame) -> pd.DataFrame:
    """Keep what people said the other one felt in a segment or a session.

    Parameters
    ----------
    ratings
        Checked `Ratings`.

    Returns
    -------
    DataFrame
        Rows of `ratings` without the columns `target` and `time_s`.
    """
    return _of(ratings, OTHER, of_moments=False)


def about_moments(ratings: pd.DataFrame, target: str) -> pd.DataFrame:
    """Keep what people said about moments, of themselves or of the other one.

    Parameters
    ----------
    ratings
        Checked `Ratings`.
    target
        `self` or `other`.

    Returns
    -------
    DataFrame
        Rows of `ratings` without the column `target`; `time_s` (session clock) is there.
    """
    return _of(ratings, target, of_moments=True)


def moment_id(time_s: pd.Series[float]) -> pd.Series[str]:
    """Name moments of a session by their time on its clock, to the millisecond."""
    names: pd.Series[str] = "at" + time_s.mul(1000).round().astype("int64").astype(str) + "ms"
    return names


def _of(ratings: pd.DataFrame, target: str, *, of_moments: bool) -> pd.DataFrame:
    is_kept = pd.Series(target == SELF, index=ratings.index)
    if "target" in ratings:
        is_kept = ratings["target"].eq(target)
    if "time_s" in ratings:
        is_kept &= ratings["time_s"].notna().eq(of_moments)
    elif of_moments:
        return ratings.head(0).assign(time_s=0.0).drop(columns="target", errors="ignore")
    dropped = ["target"] if of_moments else _PLACE
    kept = ratings if is_kept.all() else ratings[is_kept]
    return kept.drop(columns=dropped, errors="ignore")
