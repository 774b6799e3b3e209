"""Turn answered items into scores of scales, and say why a score is missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pandas as pd

from dyads.contracts import Scores
from dyads.ratings.instruments import Instruments
from dyads.ratings.kinds import about_oneself
from dyads.tables import check

NO_ANSWER: Final = "no answer"
TOO_FEW_ANSWERS: Final = "too few answers"

_ASKED: Final = ["dyad_id", "session_id", "segment_id", "instrument"]
_SCORE: Final = ["dyad_id", "session_id", "person_id", "segment_id", "instrument", "scale"]
_ROUNDING: Final = 1e-9


def score_ratings(
    ratings: pd.DataFrame,
    sessions: pd.DataFrame,
    instruments: Instruments,
    people: Collection[str] | None = None,
) -> pd.DataFrame:
    """Score every scale that a person was asked for.

    A score is the mean of the scale's answered items in points of the instrument, after
    reverse-keyed items have been turned (minimum + maximum - answer) and counted from the
    instrument's `points_of_minimum`, or where the scale says so that mean times its number of
    items. It is given as long as the share of unanswered items
    is no larger than the scale's `missing_share`. Both people of
    a session are taken to have been asked what any of them was asked about a segment, so
    somebody who answered nothing is there with a reason.

    Parameters
    ----------
    ratings
        Checked `Ratings`: one row for each item; a missing value counts as no answer. What was
        said of the other person or of a moment is left out (`dyads.ratings.further_scores`).
    sessions
        Checked `Sessions`.
    instruments
        Scales, keys and ranges.
    people
        People who get scores, such as those who consented; None: everybody.

    Returns
    -------
    DataFrame
        `Scores`, in alphabetical order of its keys.
    """
    ratings = about_oneself(ratings)
    members = _members(sessions)
    if people is not None:
        members = members[members["person_id"].isin(list(people))]
    scores = (
        ratings[_ASKED]
        .drop_duplicates()
        .merge(members, on=["dyad_id", "session_id"])
        .merge(instruments.scale_table().drop(columns="valence"), on="instrument")
        .merge(_summed(ratings, instruments), on=_SCORE, how="left")
        .sort_values(_SCORE, ignore_index=True)
    )
    scores["n_answered"] = scores["n_answered"].fillna(0).astype(int)
    missing_share = 1 - scores["n_answered"] / scores["n_items"]
    is_unanswered = scores["n_answered"].eq(0)
    is_scored = ~is_unanswered & missing_share.le(scores["missing_share"] + _ROUNDING)
    mean = (scores["points"] / scores["n_answered"]).where(is_scored)
    score = mean.where(scores["rule"].eq("mean"), mean * scores["n_items"])
    scores["score"] = score.clip(scores["minimum"], scores["maximum"])
    scores["reason"] = ""
    scores.loc[~is_scored, "reason"] = TOO_FEW_ANSWERS
    scores.loc[is_unanswered, "reason"] = NO_ANSWER
    return check(scores[list(Scores.to_schema().columns)], Scores, "scores")


def keyed_answers(ratings: pd.DataFrame, instruments: Instruments) -> pd.DataFrame:
    """Turn each answer into the points that it adds to each scale that has its item.

    Parameters
    ----------
    ratings
        Checked `Ratings`.
    instruments
        Scales, keys and ranges.

    Returns
    -------
    DataFrame
        Rows of `ratings`, once for each scale, with `scale`, `is_reversed` and `points`: the
        answer in the scale's direction, counted from the instrument's `points_of_minimum`, or one
        or none where the scale counts such points.
        Missing where there is no answer.
    """
    answers = ratings.merge(instruments.item_table(), on=["instrument", "item"])
    turned = answers["minimum"] + answers["maximum"] - answers["value"]
    keyed = answers["value"].mask(answers["is_reversed"], turned)
    reached = keyed.ge(answers["point_from"] - _ROUNDING).astype(float).mask(keyed.isna())
    counted = keyed + answers["points_added"]
    answers["points"] = counted.where(answers["point_from"].isna(), reached)
    return answers.drop(columns=["minimum", "maximum", "points_added", "point_from"])


def _members(sessions: pd.DataFrame) -> pd.DataFrame:
    members = sessions.melt(
        id_vars=["dyad_id", "session_id"],
        value_vars=["participant_id", "partner_id"],
        value_name="person_id",
    ).drop(columns="variable")
    return members[members["person_id"].ne("")]


def _summed(ratings: pd.DataFrame, instruments: Instruments) -> pd.DataFrame:
    """Sum and count the answers to each scale's items, all keyed in the scale's direction."""
    answers = keyed_answers(ratings.dropna(subset="value"), instruments)
    return (
        answers.groupby(_SCORE, sort=False)["points"]
        .agg(points="sum", n_answered="count")
        .reset_index()
    )
