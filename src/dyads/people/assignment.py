"""Give the faces of a film to people, from where they are and where they were before.

The tracks of the film are cut into stretches that surely show one face (`stretches`), the film
into times in which seats cannot have been exchanged (`seats`), and what is then possible is weighed
as a whole (`chain`). A face is given to somebody only where the probability of every other
answer is below the study's limit; everything else stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logsumexp

from dyads.config import PeopleSettings
from dyads.contracts import NOBODY
from dyads.people.chain import log_posteriors
from dyads.people.identity import evidence_of_likeness
from dyads.people.stretches import cut, sights
from dyads.people.weighing import WeighedFilm, weigh

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ANSWER_LOG: Final = -60.0
"""Log factor of what contradicts the answer of somebody who looked."""
CERTAIN_BY_PLACE: Final = 3.0
"""Log ratio beyond which the place of a stretch by itself decides."""
MARGIN_MAX: Final = 50.0

_COLUMNS: Final = [
    "film", "path", "track", "first_time_s", "last_time_s", "person_id", "decided_by", "margin",
    "why",
]  # fmt: skip


def assign(
    frames: pd.DataFrame,
    people: pd.DataFrame,
    settings: PeopleSettings,
    likeness: pd.DataFrame | None = None,
    answers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say whose face each track of a film is, stretch by stretch.

    Parameters
    ----------
    frames
        Rows of one film of the view `auto` (contract `Frames`), with `film` and `track`.
    people
        Whom the film shows: its rows of recordings.tsv with `person_id`, `path` and `place`.
    settings
        When a decision is certain.
    likeness
        How much faces look like people: `track`, `frame`, `person_id`, `similarity`; None: not
        looked at.
    answers
        What somebody who looked says: `track`, `first_time_s`, `last_time_s` of rows that were
        given without answers, and `person_id`.

    Returns
    -------
    DataFrame
        Contract `People`, by track and time. Bounds depend on neither the answers nor on what
        is known of other films.
    """
    seen = sights(frames)
    if seen.empty:
        return pd.DataFrame(columns=_COLUMNS)
    seen, cuts_s = cut(seen)
    film = weigh(seen, cuts_s, people)
    names = [*people["person_id"].astype(str), NOBODY]
    by_place = _decided(film, settings, None)
    if likeness is None:
        decided = by_place
    else:
        face = evidence_of_likeness(film.row_part, seen, likeness, names[:-1], len(film.table))
        decided = _agreed(film.table, by_place, _decided(film, settings, face))
    units = _units(film.table, decided)
    if answers is not None and len(answers):
        told = _told(units, film.table, answers, names)
        by_place_and_answers = _decided(film, settings, told)
        if likeness is None:
            answered = by_place_and_answers
        else:
            with_faces = _decided(film, settings, face + told)
            answered = _agreed(film.table, by_place_and_answers, with_faces)
        decided = _with_answers(decided, answered, np.asarray((told < 0).any(axis=1)))
    rows = _summed_up(seen, film, units, decided, names)
    rows["film"] = int(frames["film"].iloc[0])
    rows["path"] = str(people["path"].iloc[0])
    return rows.sort_values(["track", "first_time_s"], ignore_index=True)[_COLUMNS]


def _decided(
    film: WeighedFilm, settings: PeopleSettings, further: FloatArray | None
) -> pd.DataFrame:
    """Decide each part: `label` (-1: unknown), `margin` and `decided_by`."""
    evidence = film.place
    if further is not None:
        evidence = evidence + further[:, None, :]
    log = log_posteriors(film.parts, evidence, film.seating, film.anchor)
    best = log.argmax(axis=1) if len(log) else np.empty(0, dtype=np.int64)
    rows = np.arange(len(log))
    others = log.copy()
    others[rows, best] = -np.inf
    margin = np.minimum(log[rows, best] - logsumexp(others, axis=1), MARGIN_MAX)
    limit = np.log(settings.certainty_min / (1 - settings.certainty_min))
    own = film.place[:, int(film.seating.argmax()), :]
    rest = own.copy()
    rest[rows, best] = -np.inf
    is_told = own[rows, best] - rest.max(axis=1, initial=-np.inf) >= CERTAIN_BY_PLACE
    is_certain = margin >= limit
    return pd.DataFrame(
        {
            "label": np.where(is_certain, best, -1),
            "margin": margin,
            "decided_by": np.where(is_certain, np.where(is_told, "place", "continuity"), ""),
            "why": np.where(is_certain, "", "unsure"),
        }
    )


def _agreed(table: pd.DataFrame, by_place: pd.DataFrame, with_faces: pd.DataFrame) -> pd.DataFrame:
    """Take what places and likeness say together, but not where they contradict each other.

    Where they do in one part, the parts before and after it that place gives to the same person are
    doubtful as well: somewhere between them the face changed.
    """
    first, second = by_place["label"], with_faces["label"]
    merged = with_faces.copy()
    merged["decided_by"] = by_place["decided_by"].where(first.ge(0), "identity")
    merged.loc[second.lt(0), "decided_by"] = ""
    disagree = first.ge(0) & second.ne(first)
    ordered = disagree.loc[table.sort_values("first_s", kind="stable").index].astype(int)
    neighbours = ordered.groupby(first.loc[ordered.index])
    beside = neighbours.shift(1, fill_value=0) + neighbours.shift(-1, fill_value=0)
    is_doubtful = disagree | beside.gt(0).reindex(disagree.index)
    return _doubted(merged, is_doubtful, "disagree")


def _doubted(decided: pd.DataFrame, is_doubtful: pd.Series[bool], why: str) -> pd.DataFrame:
    doubted = decided.copy()
    doubted.loc[is_doubtful, "label"] = -1
    doubted.loc[is_doubtful, "decided_by"] = ""
    doubted.loc[is_doubtful, "why"] = why
    return doubted


def _with_answers(
    decided: pd.DataFrame, answered: pd.DataFrame, is_told: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Keep how a part was decided before, unless the answers decided it."""
    merged = answered.copy()
    is_new = is_told | decided["label"].ne(answered["label"])
    merged["decided_by"] = decided["decided_by"].where(~is_new, "review")
    merged.loc[merged["label"].lt(0), "decided_by"] = ""
    return merged


def _units(table: pd.DataFrame, decided: pd.DataFrame) -> IntArray:
    """Number the runs of parts of a stretch that were decided alike, shape (parts,)."""
    sorted_ = pd.DataFrame(
        {"stretch": table["stretch"], "first_s": table["first_s"], "label": decided["label"],
         "why": decided["why"]}
    ).sort_values(["stretch", "first_s"], kind="stable")  # fmt: skip
    key = sorted_[["stretch", "label", "why"]]
    number = key.ne(key.shift()).any(axis=1).cumsum() - 1
    return np.asarray(number.sort_index().to_numpy(), dtype=np.int64)


def _told(
    units: IntArray, table: pd.DataFrame, answers: pd.DataFrame, names: Sequence[str]
) -> FloatArray:
    """Log factors of what somebody who looked said, shape (parts, people + 1)."""
    told = np.zeros((len(table), len(names)))
    bounds = table.groupby(units).agg(
        track=("track", "first"), first_s=("first_s", "min"), last_s=("last_s", "max")
    )
    for track, first_s, last_s, person in answers[
        ["track", "first_time_s", "last_time_s", "person_id"]
    ].itertuples(index=False, name=None):
        is_meant = bounds["track"].eq(track) & np.isclose(bounds["first_s"], first_s, atol=1e-3)
        is_meant &= np.isclose(bounds["last_s"], last_s, atol=1e-3)
        rows = np.isin(units, bounds.index[is_meant])
        told[rows] = ANSWER_LOG
        told[rows, names.index(str(person))] = 0.0
    return told


def _summed_up(
    seen: pd.DataFrame,
    film: WeighedFilm,
    units: IntArray,
    decided: pd.DataFrame,
    names: Sequence[str],
) -> pd.DataFrame:
    """One row for each unit, and for each time in which a face is close to another one."""
    grouped = pd.concat([film.table, decided], axis=1).groupby(units)
    rows = grouped.agg(
        track=("track", "first"), first_time_s=("first_s", "min"), last_time_s=("last_s", "max"),
        label=("label", "first"), labels=("label", "nunique"), margin=("margin", "min"),
        decided_by=("decided_by", "first"), why=("why", "first"),
    )  # fmt: skip
    is_mixed = rows["labels"].gt(1)
    rows = _doubted(rows, is_mixed, "unsure")
    rows["person_id"] = [names[label] if label >= 0 else "" for label in rows["label"]]
    close = (
        seen[seen["is_close"].to_numpy()]
        .groupby("stretch")
        .agg(
            track=("track", "first"),
            first_time_s=("time_s", "first"),
            last_time_s=("time_s", "last"),
        )
    )
    close = close.assign(person_id="", decided_by="", margin=np.nan, why="close")
    return pd.concat([rows.drop(columns=["label", "labels"]), close], ignore_index=True)
