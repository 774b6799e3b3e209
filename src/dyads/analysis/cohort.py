"""Join what was felt and what was shown into analysis rows, and count who is left.

A row is a person, a segment and an emotion. Every row that the design of the study calls for
is there; a row that cannot be analysed says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dyads.config import EmotionPair
from dyads.contracts import Cohort, Flow
from dyads.errors import StudyError
from dyads.recordings.clock import NOT_ON_CLOCK, RECORDING_REFUSED
from dyads.tables import check
from dyads.traces.strata import STRATUM_REASONS

UNIT: Final = ["dyad_id", "session_id", "person_id", "segment_id"]
NO_CONSENT: Final = "no consent to process"
NO_RECORDING: Final = "no recording"
NOT_USABLE: Final = (RECORDING_REFUSED, NOT_ON_CLOCK)
NOT_IN_STRATUM: Final = "not known to speak or listen as asked"
NO_EXPRESSION: Final = "face not measured"
NO_EXPERIENCE: Final = "not rated"

_STAGES: Final[tuple[tuple[str, str], ...]] = (
    ("recruited", ""),
    ("consented", NO_CONSENT),
    ("recorded", NO_RECORDING),
    ("usable", RECORDING_REFUSED),
    ("on one clock", NOT_ON_CLOCK),
    ("speech found", NOT_IN_STRATUM),
    ("face seen", NO_EXPRESSION),
    ("rated", NO_EXPERIENCE),
)


def assemble(
    participants: pd.DataFrame,
    sessions: pd.DataFrame,
    segments: pd.DataFrame,
    recorded: pd.DataFrame,
    expressions: pd.DataFrame,
    scores: pd.DataFrame,
    pairs: Sequence[EmotionPair],
    consented: frozenset[str],
    left_out: pd.DataFrame,
    withheld: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Build the analysis rows of the whole study.

    Parameters
    ----------
    participants, sessions, segments
        Checked study tables.
    recorded
        Person and session (`dyad_id`, `session_id`, `person_id`) of every recording.
    expressions
        `Expressions` of all sessions.
    scores
        `Scores` of all sessions.
    pairs
        Which score is held against which expression.
    consented
        People who let their recordings be processed.
    left_out
        `LeftOutPeople`: whose recording cannot be used in a session, and why.
    withheld
        Rows of `recorded` that must not be opened, also for want of the consent of somebody else
        who is in the recording; None: no such row.

    Returns
    -------
    DataFrame
        `Cohort`: x in points of its scale, e in units of its channel. `x_w` is x centred within
        person and emotion, `x_pm` is the person's mean of x for that emotion, centred on the
        emotion's mean; both are divided by the standard deviation of centred x over the analysed
        rows of participants, so that a slope on `x_w` is per standard deviation. `other_person` is
        whom the person met, and `x_other` that one's `x_w`.

    Raises
    ------
    StudyError
        If nothing was measured at all, if a pair names an expression or a stratum that was not
        measured, or if the channels of two pairs are of different types.
    """
    _refuse_nothing_measured(expressions, left_out)
    _refuse_mixed_types(expressions, pairs)
    _refuse_unmeasured_strata(expressions, pairs)
    rows = _design(participants, sessions, segments)
    rows = pd.concat(
        [_paired(rows, expressions, scores, pair) for pair in pairs], ignore_index=True
    )
    made, here = _keys(recorded), _keys(rows)
    closed = _keys(recorded.head(0) if withheld is None else withheld)
    rows["exclusion"] = ""
    for reason, is_lost in (
        (NO_CONSENT, ~rows["person_id"].isin(consented) | here.isin(closed)),
        (NO_RECORDING, pd.Series(~here.isin(made))),
        *(
            (reason, pd.Series(here.isin(_keys(left_out[left_out["reason"].eq(reason)]))))
            for reason in NOT_USABLE
        ),
        (NOT_IN_STRATUM, rows.pop("why_missing").isin(STRATUM_REASONS)),
        (NO_EXPRESSION, rows["e"].isna()),
        (NO_EXPERIENCE, rows["x"].isna()),
    ):
        rows.loc[is_lost & rows["exclusion"].eq(""), "exclusion"] = reason
    order = ["dyad_id", "session_id", "person_id", "segment_onset_s", "emotion"]
    rows = rows.sort_values(order, kind="stable").drop(columns="segment_onset_s")
    return check(centre(rows.rename(columns={"person_id": "person"})), Cohort, "cohort")


def centre(rows: pd.DataFrame) -> pd.DataFrame:
    """Centre experience and expression within person and emotion, over analysed rows only.

    Returns a copy with `x_w`, `x_pm` and `e_w`; they are missing where `exclusion` is not empty.
    Where the rows say who the other person was, `x_other` is `x_w` of that person in the same
    segment and emotion.
    """
    result = rows.copy()
    analysed = result[result["exclusion"].eq("")]
    by_person = analysed.groupby(["person", "emotion"])
    x_mean = by_person["x"].transform("mean")
    spread = experience_sd(rows)
    result["x_w"] = (analysed["x"] - x_mean) / spread
    result["x_pm"] = (x_mean - analysed.groupby("emotion")["x"].transform("mean")) / spread
    result["e_w"] = analysed["e"] - by_person["e"].transform("mean")
    return with_other(result)


def with_other(rows: pd.DataFrame) -> pd.DataFrame:
    """Put `x_w` of the other person beside each row, as `x_other`, where it is said who that is."""
    if "other_person" not in rows:
        return rows
    at = ["dyad_id", "session_id", "segment_id", "emotion"]
    own = rows.drop_duplicates([*at, "person"]).set_index([*at, "person"])["x_w"]
    asked = pd.MultiIndex.from_frame(rows[[*at, "other_person"]])
    return rows.assign(x_other=own.reindex(asked).to_numpy(float))


def experience_sd(rows: pd.DataFrame) -> float:
    """Standard deviation of experience within person and emotion, in points of the scale.

    Over the analysed rows of participants; the divisor is n. One where nothing varies.
    """
    used = rows[rows["exclusion"].eq("") & rows["role"].eq("participant")]
    within = used["x"] - used.groupby(["person", "emotion"])["x"].transform("mean")
    spread = float(within.std(ddof=0))
    return spread if spread > 0 else 1.0


def flow(cohort: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Count participants and rows per group from recruited to analysed.

    Returns
    -------
    DataFrame
        `Flow`. A person counts at a stage as long as one of their rows does. The stage of speech
        is there only where it lost a row.
    """
    own = cohort[cohort["role"].eq("participant")]
    has_lost = own["exclusion"].eq(NOT_IN_STRATUM).any()
    stages = [stage for stage in _STAGES if has_lost or stage[1] != NOT_IN_STRATUM]
    lost_before = {reason: number for number, (_, reason) in enumerate(stages)}
    lost_at = own["exclusion"].map(lost_before).where(own["exclusion"].ne(""), len(stages))
    lines = []
    for group in groups:
        in_group = own["group"].eq(group)
        before = (int(own.loc[in_group, "person"].nunique()), int(in_group.sum()))
        for number, (stage, reason) in enumerate(stages):
            left = own[in_group & lost_at.gt(number)]
            people, rows = int(left["person"].nunique()), len(left)
            lines.append((number, stage, group, people, rows,
                          before[0] - people, before[1] - rows, reason))  # fmt: skip
            before = (people, rows)
        lines.append((len(stages), "analysed", group, *before, 0, 0, ""))
    columns = ["order", "stage", "group", "people", "rows", "lost_people", "lost_rows", "reason"]
    table = pd.DataFrame(lines, columns=columns).sort_values("order", kind="stable")
    return check(table, Flow, "flow")


def _keys(table: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(table[["dyad_id", "session_id", "person_id"]])


def _refuse_nothing_measured(expressions: pd.DataFrame, left_out: pd.DataFrame) -> None:
    if expressions.empty and len(left_out):
        sentences = left_out["sentence"].unique()
        raise StudyError(
            f"No recording of the study can be used: {len(left_out)} were left out. The first: "
            f"{sentences[0]} All of them stand on the quality page."
        )


def _refuse_mixed_types(expressions: pd.DataFrame, pairs: Sequence[EmotionPair]) -> None:
    types = expressions.drop_duplicates("channel").set_index("channel")["channel_type"]
    unknown = [pair.channel for pair in pairs if pair.channel not in types.index]
    if unknown:
        raise StudyError(
            f"congruence.pairs: {', '.join(unknown)} was not measured. "
            f"Name one of: {', '.join(sorted(types.index))}."
        )
    found = {pair.channel: types[pair.channel] for pair in pairs}
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{channel}: {kind}" for channel, kind in found.items())
        raise StudyError(
            f"congruence.pairs: the channels are of different types ({listed}). "
            "Two types never enter one analysis: choose channels of one type."
        )


def _refuse_unmeasured_strata(expressions: pd.DataFrame, pairs: Sequence[EmotionPair]) -> None:
    measured = set(expressions["stratum"])
    unmeasured = dict.fromkeys(pair.stratum for pair in pairs if pair.stratum not in measured)
    if unmeasured and len(expressions):
        raise StudyError(
            f"congruence.pairs: expressions were not measured for {', '.join(unmeasured)} alone. "
            "Add it to expressions.strata."
        )


def _design(
    participants: pd.DataFrame, sessions: pd.DataFrame, segments: pd.DataFrame
) -> pd.DataFrame:
    """One row for each person of a session and each segment of it, with covariates."""
    group = participants.set_index("participant_id")["group"]
    session = sessions.drop(columns=["participant_id", "partner_id", "session_number"])
    first = sessions.groupby("dyad_id")
    if "date_offset_days" in sessions:
        days = sessions["date_offset_days"] - first["date_offset_days"].transform("min")
        session["days_since_first"] = days
    session = session.assign(
        session=sessions["session_number"].astype(str),
        sessions_before=sessions["session_number"] - first["session_number"].transform("min"),
        group=sessions["participant_id"].map(group).to_numpy(),
    )
    people = pd.concat(
        [
            session.assign(
                person_id=sessions["participant_id"],
                other_person=sessions["partner_id"],
                role="participant",
            ),
            session.assign(
                person_id=sessions["partner_id"],
                other_person=sessions["participant_id"],
                role="partner",
            ),
        ]
    )
    people = people[people["person_id"].ne("") & people["person_id"].notna()]
    people["other_person"] = people["other_person"].replace("", None)
    covariates = participants.drop(columns="group").rename(columns={"participant_id": "person_id"})
    shown = segments.rename(columns={"label": "segment", "onset_s": "segment_onset_s"})
    return people.merge(covariates, on="person_id", how="left").merge(
        shown.drop(columns="duration_s"), on=["dyad_id", "session_id"]
    )


def _paired(
    rows: pd.DataFrame, expressions: pd.DataFrame, scores: pd.DataFrame, pair: EmotionPair
) -> pd.DataFrame:
    """Put the experience and the expression of one emotion beside each row."""
    shown = expressions[
        expressions["channel"].eq(pair.channel) & expressions["stratum"].eq(pair.stratum)
    ]
    measures = {
        pair.measure: "e",
        f"{pair.measure}_odd": "e_odd",
        f"{pair.measure}_even": "e_even",
    }
    wide = (
        shown[shown["measure"].isin(measures)]
        .pivot_table(index=UNIT, columns="measure", values="value", dropna=False)
        .reindex(columns=list(measures))
        .rename(columns=measures)
        .reset_index()
    )
    seen = shown.rename(columns={"reason": "why_missing"}).drop_duplicates(UNIT)
    seen = seen[[*UNIT, "seen_share", "why_missing"]]
    scale = scores["instrument"].eq(pair.instrument) & scores["scale"].eq(pair.scale)
    felt = scores[scale].rename(columns={"score": "x"})[[*UNIT, "x"]]
    return (
        rows.assign(emotion=pair.emotion, x_score=f"{pair.instrument}.{pair.scale}")
        .merge(wide, on=UNIT, how="left")
        .merge(seen, on=UNIT, how="left")
        .merge(felt, on=UNIT, how="left")
    )
