"""Rated moments: what the face showed around the time that a rating speaks of.

The window of a moment goes from `before_s` before it to `after_s` after it. It is measured as a
segment is, so that the smallest seen share and the resting face hold for it too. A rating of
oneself is held against one's own face (`congruence`), a rating of the other person against theirs
(`lens`). Windows of moments that lie close together overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dyads.analysis.agreement import within_person
from dyads.analysis.cohort import NO_EXPERIENCE, NO_EXPRESSION
from dyads.config import EmotionPair, ExpressionSettings, MomentSettings, Stratum
from dyads.contracts import Expressions, Moments, PersonAgreement
from dyads.measures.expressions import measure_expressions
from dyads.ratings.kinds import moment_id
from dyads.study.cell_words import OTHER, SELF
from dyads.study.study import people_of
from dyads.tables import About, check
from dyads.traces.arrays import segments_of_session

MEASURES: Final = {"r": "fisher_z", "slope": "slope"}
"""What is averaged over people."""

_LABEL: Final = "moment"


def measure_moments(
    trace: pd.DataFrame,
    times_s: Sequence[float],
    segments: pd.DataFrame,
    windows: MomentSettings,
    settings: ExpressionSettings,
    about: About,
    session: tuple[str, str],
    strata: Sequence[Stratum],
    speech: pd.DataFrame | None,
) -> pd.DataFrame:
    """Measure both people of a session around the moments that somebody rated.

    Parameters
    ----------
    trace, settings, about, strata, speech
        As for `dyads.measures.expressions.measure_expressions`.
    times_s
        Moments (s, session clock).
    segments
        Segments of the session; the resting one is needed.
    windows
        The window around a moment.
    session
        Dyad and session.

    Returns
    -------
    DataFrame
        `Expressions`, whose `segment_id` is the moment's name (`moment_id`).
    """
    times = pd.Series(sorted(set(times_s)), dtype=float)
    dyad_id, session_id = session
    around = pd.DataFrame(
        {
            "dyad_id": dyad_id,
            "session_id": session_id,
            "segment_id": moment_id(times),
            "label": _LABEL,
            "onset_s": times - windows.before_s,
            "duration_s": windows.before_s + windows.after_s,
        }
    ).drop_duplicates("segment_id")
    own = segments_of_session(segments, dyad_id, session_id)
    rest = settings.resting_segment or ""
    resting = own[own["label"].eq(rest)] if rest and len(own) else own.head(0)
    table = measure_expressions(
        trace, pd.concat([resting, around], ignore_index=True), settings, about, dyad_id,
        session_id, strata, speech,
    )  # fmt: skip
    is_moment = table["segment_id"].isin(around["segment_id"])
    return check(table[is_moment].reset_index(drop=True), Expressions, "moments")


def moment_rows(
    scores: pd.DataFrame,
    expressions: pd.DataFrame,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    pairs: Sequence[EmotionPair],
) -> pd.DataFrame:
    """Put each rating of a moment beside what the face that it speaks of showed around it.

    Parameters
    ----------
    scores
        `MomentScores`.
    expressions
        `Expressions` around the moments.
    sessions, participants
        Checked study tables.
    pairs
        Which scale is held against which expression.

    Returns
    -------
    DataFrame
        `Moments`.
    """
    people = people_of(sessions, participants).drop(columns="session_number")
    met = ["dyad_id", "session_id"]
    others = people[[*met, "person_id"]].rename(columns={"person_id": "face_of"})
    faces = people[[*met, "person_id"]].merge(others, on=met)
    is_self = faces["person_id"].eq(faces["face_of"])
    faces["target"] = is_self.map({True: SELF, False: OTHER})
    parts = []
    for pair in pairs:
        scale = scores["instrument"].eq(pair.instrument) & scores["scale"].eq(pair.scale)
        shown = expressions[
            expressions["channel"].eq(pair.channel)
            & expressions["stratum"].eq(pair.stratum)
            & expressions["measure"].eq(pair.measure)
        ].rename(columns={"person_id": "face_of", "value": "e"})
        rated = scores[scale].merge(faces, on=[*met, "person_id", "target"], how="left")
        rated = rated.assign(segment_id=moment_id(rated["time_s"]), emotion=pair.emotion)
        key = [*met, "face_of", "segment_id"]
        parts.append(rated.merge(shown[[*key, "e", "seen_share"]], on=key, how="left"))
    rows = pd.concat(parts, ignore_index=True).merge(people, on=[*met, "person_id"])
    rows["face_of"] = rows["face_of"].fillna("")
    rows["exclusion"] = ""
    rows.loc[rows["score"].isna(), "exclusion"] = NO_EXPERIENCE
    rows.loc[rows["e"].isna(), "exclusion"] = NO_EXPRESSION
    rows = rows.rename(columns={"person_id": "person", "score": "x"})
    columns = list(Moments.to_schema().columns)
    order = [*met, "person", "target", "time_s", "emotion"]
    rows = rows[columns].sort_values(order, kind="stable", ignore_index=True)
    return check(rows, Moments, "moments")


def by_person(rows: pd.DataFrame, minimum_rows: int) -> pd.DataFrame:
    """Measure within each person how rating and face go together over moments.

    Parameters
    ----------
    rows
        `Moments`.
    minimum_rows
        Fewest moments of a person for a correlation.

    Returns
    -------
    DataFrame
        `PersonAgreement`: `congruence` is expression on one's own rating, in units of the channel
        per point; `lens` is the rating of the other on their expression, in points per unit.
    """
    used = rows.assign(**{name: rows[name].where(rows["exclusion"].eq("")) for name in ("x", "e")})
    own, other = (used[used["target"].eq(target)] for target in (SELF, OTHER))
    tables = [
        within_person(own, "congruence", "e", "x", minimum_rows),
        within_person(other, "lens", "x", "e", minimum_rows),
    ]
    return check(pd.concat(tables, ignore_index=True), PersonAgreement, "moments of persons")
