"""Scores of what people said of the other person, and of moments; never mixed with `Scores`."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from dyads.contracts import TARGETS, MomentScores
from dyads.ratings.instruments import Instruments
from dyads.ratings.kinds import about_moments, about_the_other, moment_id
from dyads.ratings.scores import score_ratings
from dyads.tables import check

_MOMENT = ["dyad_id", "session_id", "person_id", "segment_id", "instrument"]


def score_judgements(
    ratings: pd.DataFrame,
    sessions: pd.DataFrame,
    instruments: Instruments,
    people: Collection[str] | None = None,
) -> pd.DataFrame:
    """Score what people said that the other one felt in a segment or a session.

    Parameters
    ----------
    ratings, sessions, instruments, people
        As for `dyads.ratings.scores.score_ratings`.

    Returns
    -------
    DataFrame
        `Scores`: `person_id` is who judged.
    """
    return score_ratings(about_the_other(ratings), sessions, instruments, people)


def score_moments(
    ratings: pd.DataFrame,
    sessions: pd.DataFrame,
    instruments: Instruments,
    people: Collection[str] | None = None,
) -> pd.DataFrame:
    """Score what people said about moments.

    Nobody but the person who rated a moment is taken to have been asked about it.

    Parameters
    ----------
    ratings, sessions, instruments, people
        As for `dyads.ratings.scores.score_ratings`.

    Returns
    -------
    DataFrame
        `MomentScores`, in order of its keys.
    """
    parts = []
    for target in TARGETS:
        rows = about_moments(ratings, target)
        rows = rows.assign(segment_id=moment_id(rows["time_s"]))
        rated = rows[[*_MOMENT, "time_s"]].drop_duplicates(_MOMENT)
        scores = score_ratings(rows.drop(columns="time_s"), sessions, instruments, people)
        parts.append(scores.merge(rated, on=_MOMENT).assign(target=target))
    columns = list(MomentScores.to_schema().columns)
    table = pd.concat(parts, ignore_index=True)[columns]
    return check(
        table.sort_values(columns[:7], kind="stable", ignore_index=True), MomentScores, "moments"
    )
