"""Ratings of the other one, of moments and of every instant, for tests of figures and pages.

Eight segments, one emotion; both people of every dyad rate. Judgements follow what the other said
with 0.6 and what the judge felt with 0.2 points per point in everybody, with noise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from figure_tables import GROUPS, StudyTables
from matplotlib.figure import Figure

from dyads.analysis import continuous as continuous_ratings
from dyads.analysis import judgements, moments
from dyads.analysis.agreement import by_group, stamped
from dyads.contracts import ContinuousAgreement, Judgements, Moments
from dyads.figures import continuous as continuous_figure
from dyads.figures import judgements as judgements_figure
from dyads.report.rated_parts import FurtherRatings, Rated
from dyads.tables import check

SEGMENTS, MINIMUM_ROWS = 8, 6
ACCURACY, SIMILARITY, BIAS = 0.6, 0.2, 4.0
STAMP = "demo weights"


def judgement_rows(sessions: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """`Judgements` of both people of every dyad."""
    rows = _rated(sessions, participants, "segment_id", [f"g{n}" for n in range(SEGMENTS)])
    generator = np.random.default_rng(3)
    felt = 50 + 20 * generator.normal(size=len(rows))
    rows = rows.assign(own=felt, session="1", segment=rows["segment_id"], target="other")
    other = rows[["dyad_id", "segment_id", "person", "own"]].rename(
        columns={"person": "about", "own": "truth"}
    )
    both = rows.merge(other, on=["dyad_id", "segment_id"])
    both = both[both["about"].ne(both["person"])]
    noise = 8 * generator.normal(size=len(both))
    both["judged"] = (
        50 + BIAS + ACCURACY * (both["truth"] - 50) + SIMILARITY * (both["own"] - 50) + noise
    )
    both["shown"] = both["truth"] / 100
    return check(both[list(Judgements.to_schema().columns)], Judgements, "judgements")


def moment_rows(sessions: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """`Moments` that people rated of themselves; the first one of everybody was not seen."""
    rows = _rated(sessions, participants, "time_s", [20.0 * n for n in range(SEGMENTS)])
    generator = np.random.default_rng(4)
    rated = 50 + 20 * generator.normal(size=len(rows))
    rows = rows.assign(
        target="self", face_of=rows["person"], x=rated, seen_share=0.9, exclusion="",
        e=rated / 200 + 0.05 * generator.normal(size=len(rows)),
    )  # fmt: skip
    rows.loc[rows["time_s"].eq(0), ["e", "exclusion"]] = [np.nan, "face not seen enough"]
    return check(rows[list(Moments.to_schema().columns)], Moments, "moments")


def continuous_rows(sessions: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """`ContinuousAgreement` of everybody's ratings of themselves and of the other one."""
    generator = np.random.default_rng(5)
    parts = []
    for target, comparison, delay_s in (
        ("self", "expression", 0.0), ("self", "expression", 1.5), ("other", "expression", 0.0),
        ("other", "expression", 1.5), ("other", "own_rating", 0.0),
    ):  # fmt: skip
        rows = _rated(sessions, participants, "emotion", ["joy"])
        count = len(rows)
        lag_s = np.zeros(count) if comparison == "own_rating" else 1.5 - delay_s
        parts.append(rows.assign(
            person_id=rows["person"], target=target, comparison=comparison, delay_s=delay_s,
            known_s=300.0, fisher_z=0.1 + 0.1 * generator.normal(size=count),
            peak_z=0.35 + 0.1 * generator.normal(size=count), null_z=0.1, p=0.05, shifts=27,
            lag_s=np.round(lag_s + 0.4 * generator.normal(size=count), 1), reason="",
        ))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    unseen = table["dyad_id"].eq("D01") & table["comparison"].eq("expression")
    table.loc[unseen, ["fisher_z", "peak_z", "null_z", "lag_s", "p"]] = np.nan
    table.loc[unseen, "reason"] = "no trace of the face"
    columns = list(ContinuousAgreement.to_schema().columns)
    return check(table[columns], ContinuousAgreement, "continuous agreement")


def further_ratings(
    sessions: pd.DataFrame, participants: pd.DataFrame, groups: Sequence[str], cell: int = 1
) -> FurtherRatings:
    """All three kinds, with their tables of groups."""
    rated = moment_rows(sessions, participants)
    persons = moments.by_person(rated, MINIMUM_ROWS)
    return FurtherRatings(
        judgements=judged(sessions, participants, groups, cell).rated,
        moments=Rated(of_groups(persons, moments.MEASURES, groups, cell), rated),
        continuous=traced(sessions, participants, groups, cell).rated,
    )


class RatedPersons(NamedTuple):
    """Ratings of one kind and what they come to for each person."""

    rated: Rated
    persons: pd.DataFrame


def judged(
    sessions: pd.DataFrame, participants: pd.DataFrame, groups: Sequence[str], cell: int = 1
) -> RatedPersons:
    """Ratings of the other one."""
    rows = judgement_rows(sessions, participants)
    persons = judgements.by_judge(rows, MINIMUM_ROWS)
    return RatedPersons(Rated(of_groups(persons, judgements.MEASURES, groups, cell), rows), persons)


def traced(
    sessions: pd.DataFrame, participants: pd.DataFrame, groups: Sequence[str], cell: int = 1
) -> RatedPersons:
    """Ratings of every instant."""
    rows = continuous_rows(sessions, participants)
    persons = continuous_ratings.by_person(rows, sessions, participants)
    measures = continuous_ratings.MEASURES
    return RatedPersons(Rated(of_groups(persons, measures, groups, cell), rows), persons)


def rated_persons(name: str, study: StudyTables, cell: int = 1) -> RatedPersons:
    """What the figure `judgements` or `continuous` of a study is drawn of."""
    make = {"judgements": judged, "continuous": traced}[name]
    return make(study.sessions, study.participants, GROUPS, cell)


def draw_ratings(
    name: str,
    made: RatedPersons,
    *,
    minimum_cell: int = 1,
    sharing: Collection[str] | None = None,
    stamp: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure of judgements or of continuous ratings."""
    shown = {"minimum_cell": minimum_cell, "sharing": sharing, "stamp": stamp, "groups": GROUPS}
    told = made.rated.groups
    if name == "judgements":
        return judgements_figure.draw(made.persons, told, **shown)
    return continuous_figure.draw(made.persons, told, delay_s=0.0, **shown)


def of_groups(
    persons: pd.DataFrame, measures: dict[str, str], groups: Sequence[str], cell: int
) -> pd.DataFrame:
    """`GroupAgreement` as the workflow makes it, with 200 samples."""
    return stamped(by_group(persons, measures, groups, cell, 200, 1), STAMP)


def _rated(
    sessions: pd.DataFrame, participants: pd.DataFrame, name: str, values: Sequence[object]
) -> pd.DataFrame:
    group = participants.set_index("participant_id")["group"]
    people = pd.concat(
        [
            sessions[["dyad_id", "session_id"]].assign(
                person=sessions[f"{role}_id"], role=role,
                group=sessions["participant_id"].map(group),
            )
            for role in ("participant", "partner")
        ],
        ignore_index=True,
    )  # fmt: skip
    rows = people.merge(pd.DataFrame({name: values}), how="cross")
    return rows if name == "emotion" else rows.assign(emotion="joy")
