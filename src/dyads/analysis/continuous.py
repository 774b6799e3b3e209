"""Continuous ratings held against the face, and against the other person's own rating (C7).

A rating speaks of the person who rates or of the other one; it is held against the face of the
person it speaks of (`expression`), and a rating of the other person also against what that person
rated themselves at the same time (`own_rating`: empathic accuracy as Zaki and others measure it).

The measure is the largest correlation within `lag_s` of each other, a straight line through each
taken off, minus the same after circular shifts of `shift_min_s` and more. It is looked for among
positive correlations: a scale that falls where the channel rises has its correlation at lag 0.

A reaction delay moves the rating to the time it speaks of. By default none is taken off: how long
people need differs between them and has to be found from the data (Mariooryad and Busso 2015), and
the lag of the peak shows it.

References
----------
Mariooryad, S. and Busso, C. (2015). Correcting time-continuous emotional labels by modeling the
reaction lag of evaluators. IEEE Transactions on Affective Computing, 6(2), 97-108.
Zaki, J., Bolger, N. and Ochsner, K. (2008). It takes two: The interpersonal nature of empathic
accuracy. Psychological Science, 19(4), 399-404.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from dyads.config import ContinuousPair, ContinuousSettings
from dyads.contracts import ContinuousAgreement, PersonContinuous
from dyads.errors import StudyError
from dyads.measures.composites import with_composites
from dyads.measures.shifted_correlation import Shifted, shifted_correlation
from dyads.study.cell_words import OTHER, SELF
from dyads.study.study import people_of
from dyads.tables import About, check
from dyads.traces.arrays import FloatArray, PersonTrace, person_traces

MEASURES: Final = {"r": "fisher_z", "excess_z": "excess_z", "lag_s": "lag_s"}
"""What is averaged over people."""

NO_FACE: Final = "no trace of the face"
NO_RATING: Final = "the other person gave no such rating"
LITTLE_KNOWN: Final = "too little time in which both are known"
NOTHING_MOVES: Final = "one of the two does not move"
TOO_SHORT: Final = "too short for circular shifts"

_SHIFT_RANGE_MIN_S: Final = 60.0
"""Circular shifts over a shorter range are nearly one and the same."""

_KEY: Final = ["dyad_id", "person_id", "target", "comparison", "emotion", "delay_s"]


def continuous_agreement(
    ratings: pd.DataFrame,
    trace: pd.DataFrame,
    about: About,
    settings: ContinuousSettings,
    composites: Mapping[str, tuple[str, ...]],
    meeting: Mapping[str, str],
) -> pd.DataFrame:
    """Hold every continuous rating of a session against what it speaks of.

    Parameters
    ----------
    ratings
        `ContinuousTrace` of the session.
    trace
        `Trace` of the session, on the same steps.
    about
        What the trace says of itself.
    settings
        Pairs, delays, lags and shifts.
    composites
        Composite channels by name.
    meeting
        `dyad_id`, `session_id`, `participant_id` and `partner_id`.

    Returns
    -------
    DataFrame
        `ContinuousAgreement`: a row for each rating, comparison and delay.

    Raises
    ------
    StudyError
        If a pair names a channel that the trace does not have.
    """
    faces, step_s = _faces(trace, about, settings, composites)
    people = [meeting["participant_id"], meeting["partner_id"]]
    streams = {
        (str(person), str(target), str(instrument), str(scale)): _Series.of(rows)
        for (person, target, instrument, scale), rows in ratings.groupby(
            ["person_id", "target", "instrument", "scale"], sort=True
        )
    }
    lines = []
    for (person, target, instrument, scale), stream in streams.items():
        other = next((name for name in people if name != person), "")
        spoken_of = person if target == SELF else other
        for pair in settings.pairs:
            if (pair.instrument, pair.scale) != (instrument, scale):
                continue
            compared = {"expression": (_face(faces.get(spoken_of), pair), NO_FACE)}
            if target == OTHER:
                own = streams.get((spoken_of, SELF, instrument, scale))
                compared["own_rating"] = (own, NO_RATING)
            for comparison, (first, why_none) in compared.items():
                # two ratings have the same delay, which moves neither against the other
                is_face = comparison == "expression"
                for delay_s in settings.delays_s if is_face else (settings.delay_s,):
                    moved = stream.earlier(delay_s if is_face else 0.0, step_s)
                    measured = _measure(first, moved, step_s, settings, why_none)
                    lines.append(
                        {"person_id": person, "target": target, "comparison": comparison,
                         "emotion": pair.emotion, "delay_s": delay_s, **measured}
                    )  # fmt: skip
    columns = list(ContinuousAgreement.to_schema().columns)
    table = pd.DataFrame(lines, columns=columns[2:])
    table = table.assign(dyad_id=meeting["dyad_id"], session_id=meeting["session_id"])
    return check(table[columns], ContinuousAgreement, "continuous agreement")


def by_person(
    agreement: pd.DataFrame, sessions: pd.DataFrame, participants: pd.DataFrame
) -> pd.DataFrame:
    """Average the sessions of each person.

    Parameters
    ----------
    agreement
        `ContinuousAgreement` of all sessions.
    sessions, participants
        Checked study tables.

    Returns
    -------
    DataFrame
        `PersonContinuous`. A session counts if it has a peak and a null.
    """
    people = people_of(sessions, participants)
    people = people[["dyad_id", "person_id", "role", "group"]].drop_duplicates()
    is_used = agreement["peak_z"].notna() & agreement["null_z"].notna()
    names = ["fisher_z", "peak_z", "null_z", "lag_s"]
    used = agreement[[*_KEY, *names]].copy()
    used[names] = used[names].where(is_used)
    grouped = used.assign(sessions=is_used).groupby(_KEY, sort=True)
    table = grouped[names].mean()
    table["sessions"] = grouped["sessions"].sum()
    why = agreement.groupby(_KEY, sort=True)["reason"].agg(
        lambda told: "; ".join(sorted(set(told)))
    )
    table["reason"] = why.where(table["sessions"].eq(0), "")
    table["r"] = np.tanh(table["fisher_z"])
    table["excess_z"] = table["peak_z"] - table["null_z"]
    table = table.reset_index().merge(people, on=["dyad_id", "person_id"])
    table = table.rename(columns={"person_id": "person"})
    columns = list(PersonContinuous.to_schema().columns)
    return check(table[columns], PersonContinuous, "continuous ratings of persons")


class _Series:
    """Values on steps of the session clock, from the first step on."""

    def __init__(self, first: int, values: FloatArray) -> None:
        self.first = first
        self.values = values

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Series:
        step = rows["step"].to_numpy(np.int64)
        values = np.full(int(step.max() - step.min()) + 1, np.nan)
        values[step - step.min()] = rows["value"].to_numpy(float)
        return cls(int(step.min()), values)

    def earlier(self, delay_s: float, step_s: float) -> _Series:
        """Move all values to an earlier time."""
        return _Series(self.first - round(delay_s / step_s), self.values)

    def between(self, first: int, stop: int) -> FloatArray:
        return self.values[first - self.first : stop - self.first]


def _faces(
    trace: pd.DataFrame,
    about: About,
    settings: ContinuousSettings,
    composites: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, PersonTrace], float]:
    if trace.empty:
        return {}, 1.0
    combined = with_composites(trace, composites, about)
    lacking = [pair.channel for pair in settings.pairs if pair.channel not in combined.channels]
    if lacking:
        raise StudyError(
            f"continuous.pairs: {', '.join(dict.fromkeys(lacking))} was not measured. "
            f"Name one of: {', '.join(combined.channels)}."
        )
    faces = person_traces(combined.trace, combined.channels)
    return faces, next(iter(faces.values())).step_s


def _face(face: PersonTrace | None, pair: ContinuousPair) -> _Series | None:
    if face is None:
        return None
    return _Series(face.first_step, face.readings[:, face.channels.index(pair.channel)])


def _measure(
    first: _Series | None,
    second: _Series,
    step_s: float,
    settings: ContinuousSettings,
    why_none: str,
) -> dict[str, float | str]:
    """Correlate two series where both have begun and neither has ended."""
    if first is None:
        return _described(None, 0.0, step_s, why_none)
    start = max(first.first, second.first)
    stop = min(first.first + len(first.values), second.first + len(second.values))
    if stop <= start:
        return _described(None, 0.0, step_s, LITTLE_KNOWN)
    x, y = first.between(start, stop), second.between(start, stop)
    known = int((np.isfinite(x) & np.isfinite(y)).sum())
    least = settings.known_share_min * len(x)
    if known < max(least, 3):
        return _described(None, known * step_s, step_s, LITTLE_KNOWN)
    lag, shift_min = round(settings.lag_s / step_s), round(settings.shift_min_s / step_s)
    # gaps of both fall on different steps when one is turned, so that half as many steps will do
    found = shifted_correlation(x, y, lag, shift_min, int(least / 2))
    if not np.isfinite(found.peak_z):
        return _described(None, known * step_s, step_s, NOTHING_MOVES)
    if (len(x) - 2 * shift_min) * step_s < _SHIFT_RANGE_MIN_S:
        return _described(found, known * step_s, step_s, TOO_SHORT, has_null=False)
    return _described(found, known * step_s, step_s, "")


def _described(
    found: Shifted | None, known_s: float, step_s: float, reason: str, *, has_null: bool = True
) -> dict[str, float | str]:
    told = found or Shifted(np.nan, np.nan, np.nan, np.nan, np.nan, shifts=0)
    return {
        "known_s": known_s,
        "fisher_z": told.z,
        "peak_z": told.peak_z,
        "lag_s": told.lag * step_s,
        "null_z": told.null_z if has_null else np.nan,
        "p": told.p if has_null else np.nan,
        "shifts": told.shifts if has_null else 0,
        "reason": reason,
    }
