"""Small tables that keep the contracts, for tests of figures and pages.

The study: groups of a few dyads, one session each, four segments of five seconds, three
emotions. Slopes of expression on experience are set by group; what is drawn is never compared
with them, only with the tables themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyads.analysis.checks import CheckTables
from dyads.analysis.results import ModelResults, ModelSummary
from dyads.channels import ChannelType
from dyads.contracts import (
    Cohort,
    Expressions,
    Flow,
    GroupCongruence,
    PersonCongruence,
    Quality,
    Scores,
    Synchrony,
    Trace,
)
from dyads.figures.paired_traces import Meeting
from dyads.tables import About, check
from dyads.traces.quality import UNITS as QUALITY_UNITS

GROUPS = ("control", "ASD", "SCZ")
SLOPES = {"control": 0.14, "ASD": 0.07, "SCZ": 0.03}
SEGMENTS = ("neutral", "joyful", "sad", "conflict")
EMOTIONS = ("joy", "sadness", "anger")
MEETING = Meeting("D01", "S1", "P01", "Q01", "control")
ABOUT = About(
    channel_types={
        "AU06": ChannelType.PROBABILITY,
        "AU12": ChannelType.PROBABILITY,
        "smile": ChannelType.PROBABILITY,
    },
    detector="py-feat 2.1.5 Detectorv2, demo weights",
    stamp="demo weights",
    remarks=("Frame times were given by the file.",),
)


@dataclass(frozen=True, eq=False)
class StudyTables:
    """Every table that figures and pages take."""

    participants: pd.DataFrame
    sessions: pd.DataFrame
    segments: pd.DataFrame
    scores: pd.DataFrame
    trace: pd.DataFrame
    expressions: pd.DataFrame
    cohort: pd.DataFrame
    flow: pd.DataFrame
    persons: pd.DataFrame
    congruence: pd.DataFrame
    synchrony: pd.DataFrame
    quality: pd.DataFrame


def study_tables(people: int = 8, groups: Sequence[str] = GROUPS, seed: int = 1) -> StudyTables:
    """Make all tables of a study with so many participants in each group."""
    generator = np.random.default_rng(seed)
    dyads = _dyads(people, groups)
    sessions = dyads[["dyad_id", "session_id", "participant_id", "partner_id"]].assign(
        session_number=1, date_offset_days=0
    )
    participants = pd.concat(
        [
            dyads[["participant_id", "group"]],
            dyads[["partner_id"]]
            .rename(columns={"partner_id": "participant_id"})
            .assign(group="partner"),
        ],
        ignore_index=True,
    )
    participants["age"] = 22.0 + np.arange(len(participants)) % 17
    participants["sex"] = np.where(np.arange(len(participants)) % 2, "female", "male")
    segments = dyads[["dyad_id", "session_id"]].merge(_segments(), how="cross")
    cohort = _cohort(dyads, generator)
    return StudyTables(
        participants=participants,
        sessions=sessions,
        segments=segments,
        scores=_scores(cohort),
        trace=_trace(generator),
        expressions=_expressions(cohort, segments, generator),
        cohort=cohort,
        flow=_flow(cohort, groups),
        persons=_persons(cohort),
        congruence=_congruence(cohort, groups),
        synchrony=_synchrony(dyads, generator),
        quality=_quality(dyads, generator),
    )


def model_results(
    groups: Sequence[str] = GROUPS, *, compare: str = "slopes", stamp: str = "demo weights"
) -> ModelResults:
    """Make results of a model, with numbers of the size that a small study gives."""
    slope = np.array([SLOPES.get(group, 0.05) for group in groups])
    estimates = pd.DataFrame(
        {"group": list(groups), "estimate": slope, "se": 0.012, "df": 20.4,
         "lower": slope - 0.025, "upper": slope + 0.025}
    )  # fmt: skip
    pairs = [(i, j) for i in range(len(groups)) for j in range(i + 1, len(groups))]
    difference = np.array([slope[j] - slope[i] for i, j in pairs])
    contrasts = pd.DataFrame(
        {
            "contrast": [f"{groups[j]} - {groups[i]}" for i, j in pairs],
            "estimate": difference, "se": 0.017, "df": 20.4, "statistic": difference / 0.017,
            "p_value": np.linspace(0.0002, 0.03, len(pairs)),
            "p_adjusted": np.linspace(0.0006, 0.061, len(pairs)),
            "lower": difference - 0.035, "upper": difference + 0.035,
            "effect_size": difference / 0.1,
        }
    )  # fmt: skip
    x = np.linspace(-2, 2, 9)
    lines = pd.concat(
        [
            pd.DataFrame({"group": g, "x": x, "estimate": 0.35 + b * x,
                          "lower": 0.30 + b * x - 0.02 * abs(x),
                          "upper": 0.40 + b * x + 0.02 * abs(x)})
            for g, b in zip(groups, slope, strict=True)
        ],
        ignore_index=True,
    )  # fmt: skip
    wider = {"lower": contrasts["lower"] - 0.01, "upper": contrasts["upper"] + 0.01, "df": 12.1,
             "p_adjusted": contrasts["p_adjusted"] * 1.3}  # fmt: skip
    is_slopes = compare == "slopes"
    return ModelResults(
        name="congruence" if is_slopes else "expressivity",
        summary=ModelSummary(
            title="Congruence" if is_slopes else "Expressivity",
            formula="e ~ group * x_w + (1 + x_w | person)",
            compare="slopes" if is_slopes else "means",
            variable="x_w" if is_slopes else None,
            rows=280, people=24, dyads=24, singular=False, gradient=2e-5,
            df_method="satterthwaite", correction="holm", sd_x=21.3, r2_marginal=0.41,
            r2_conditional=0.63, stamp=stamp,
        ),
        fixed_effects=pd.DataFrame({"term": ["(Intercept)", "x_w"], "estimate": [0.35, 0.14],
                                    "se": [0.02, 0.012], "df": [21.0, 20.4],
                                    "statistic": [17.5, 11.7], "p_value": [1e-9, 1e-8]}),
        variance_components=pd.DataFrame({"group": ["person", "Residual"],
                                          "effect": ["(Intercept)", ""], "with_effect": ["", ""],
                                          "variance": [0.0064, 0.0036], "sd": [0.08, 0.06]}),
        joint_tests=pd.DataFrame({"term": ["group:x_w"], "num_df": [2.0], "den_df": [20.1],
                                  "statistic": [9.8], "p_value": [0.0011]}),
        estimates=estimates,
        contrasts=contrasts,
        estimates_cr2=estimates.assign(lower=estimates["lower"] - 0.005),
        contrasts_cr2=contrasts.assign(**wider),
        lines=lines if is_slopes else lines.iloc[:0],
        log=pd.DataFrame({"rung": [1], "step": ["as written"], "random": ["(1 + x_w | person)"],
                          "max_gradient": [2e-5], "verdict": ["accepted"]}),
    )  # fmt: skip


def check_results(name: str) -> CheckTables:
    """Shareable tables of a model's checks."""
    contrasts = ["ASD - control", "SCZ - control", "SCZ - ASD"]
    return CheckTables(
        name=name,
        diagnostics=pd.DataFrame({"residual_skew": [0.2], "lag1_correlation": [-0.1]}),
        spread=pd.DataFrame({"group": GROUPS, "people": 8, "rows": 90, "residual_sd": 0.05,
                             "lag1_correlation": -0.1, "is_hidden": False}),
        leave_one_out=pd.DataFrame({"contrast": contrasts, "estimate": -0.07, "p_value": 0.002,
                                    "lowest": -0.08, "highest": -0.06, "largest_shift": 0.7,
                                    "influential": 1, "limit": 0.41, "verdicts_changed": 0,
                                    "refits": 24, "failed": 0}),
        bounds=pd.DataFrame({"check": "as analysed", "contrast": contrasts, "estimate": -0.07,
                             "se": 0.01, "df": 20.0, "statistic": -7.0, "p_value": 0.001,
                             "p_adjusted": 0.002, "reason": ""}),
    )  # fmt: skip


def _dyads(people: int, groups: Sequence[str]) -> pd.DataFrame:
    number = np.arange(1, people * len(groups) + 1)
    return pd.DataFrame(
        {
            "dyad_id": [f"D{n:02d}" for n in number],
            "session_id": "S1",
            "participant_id": [f"P{n:02d}" for n in number],
            "partner_id": [f"Q{n:02d}" for n in number],
            "group": np.repeat(np.asarray(groups, object), people),
        }
    )


def _segments() -> pd.DataFrame:
    return pd.DataFrame(
        {"segment_id": SEGMENTS, "label": SEGMENTS, "onset_s": [1.0, 6.5, 12.0, 17.5],
         "duration_s": 5.0}
    )  # fmt: skip


def _cohort(dyads: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    people = pd.concat(
        [
            dyads.assign(person=dyads["participant_id"], role="participant"),
            dyads.assign(person=dyads["partner_id"], role="partner"),
        ]
    )
    rows = (
        people.merge(pd.DataFrame({"segment": SEGMENTS}), how="cross")
        .merge(pd.DataFrame({"emotion": EMOTIONS}), how="cross")
        .drop(columns=["participant_id", "partner_id"])
        .reset_index(drop=True)
    )
    felt = {"joyful": "joy", "sad": "sadness", "conflict": "anger"}
    matches = rows["segment"].map(felt) == rows["emotion"]
    rows["x"] = np.clip(np.round(20 + 50 * matches + generator.normal(0, 10, len(rows))), 0, 100)
    rows["x_w"] = (rows["x"] - rows.groupby(["person", "emotion"])["x"].transform("mean")) / 21.0
    slope = rows["group"].map(SLOPES).fillna(0.05).where(rows["role"] == "participant", 0.13)
    rows["e"] = np.clip(
        0.3 + 0.05 * (rows["emotion"] == "joy") + slope * rows["x_w"]
        + generator.normal(0, 0.05, len(rows)), 0, 1,
    )  # fmt: skip
    rows["e_odd"], rows["e_even"] = rows["e"] + 0.01, rows["e"] - 0.01
    rows["x_pm"], rows["seen_share"] = 0.0, 0.97
    rows["e_w"] = rows["e"] - rows.groupby(["person", "emotion"])["e"].transform("mean")
    rows["segment_id"], rows["session"], rows["exclusion"] = rows["segment"], "1", ""
    first = (rows["person"] == "P02") & (rows["segment"] == "sad")
    rows.loc[first, ["x", "x_w", "e_w"]] = np.nan
    rows.loc[first, "exclusion"] = "not rated"
    return check(rows, Cohort, "cohort")


def _scores(cohort: pd.DataFrame) -> pd.DataFrame:
    scores = pd.DataFrame(
        {
            "dyad_id": cohort["dyad_id"], "session_id": cohort["session_id"],
            "person_id": cohort["person"], "segment_id": cohort["segment_id"],
            "instrument": "feelings", "scale": cohort["emotion"], "score": cohort["x"],
            "minimum": 0.0, "maximum": 100.0, "n_items": 1,
            "n_answered": cohort["x"].notna().astype(int),
            "reason": np.where(cohort["x"].isna(), "no answer", ""),
        }
    )  # fmt: skip
    unanswered = (
        (scores["person_id"] == MEETING.partner_id)
        & (scores["segment_id"] == "sad") & (scores["scale"] == "anger")
    )  # fmt: skip
    scores.loc[unanswered, ["score", "n_answered", "reason"]] = [np.nan, 0, "no answer"]
    return check(scores, Scores, "scores")


def _trace(generator: np.random.Generator) -> pd.DataFrame:
    step = np.arange(235)
    parts = []
    for number, person in enumerate((MEETING.participant_id, MEETING.partner_id)):
        time_s = step / 10.0
        smile = 0.1 + 0.75 * np.exp(-(((time_s - 9.0 - number) / 1.3) ** 2))
        smile += 0.3 * np.exp(-(((time_s - 20.0 + number) / 0.7) ** 2))
        value = np.clip(smile + generator.normal(0, 0.02, len(step)), 0, 1)
        state = np.full(len(step), "seen", object)
        reason = np.full(len(step), "", object)
        if number == 1:
            state[130:155], reason[130:155] = "missing", "no_face"
            state[50:53] = "interpolated"
        value = np.where(state == "missing", np.nan, value)
        parts.append(
            pd.DataFrame({"person_id": person, "step": step, "time_s": time_s, "state": state,
                          "reason": reason, "AU06": value * 0.9, "AU12": value})
        )  # fmt: skip
    return check(pd.concat(parts), Trace, "trace")


def _quality(dyads: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    own = dyads[["dyad_id", "session_id", "participant_id", "partner_id"]].melt(
        ["dyad_id", "session_id"], value_name="person_id"
    )
    parts = [
        own.assign(measure=measure, unit=unit, value=generator.uniform(0.2, 0.9, len(own)))
        for measure, unit in QUALITY_UNITS.items()
    ]
    table = pd.concat(parts).drop(columns="variable").assign(segment_id="", label="")
    return check(table, Quality, "quality")


def _expressions(
    cohort: pd.DataFrame, segments: pd.DataFrame, generator: np.random.Generator
) -> pd.DataFrame:
    joy = cohort[cohort["emotion"] == "joy"]
    share = np.clip(1 - generator.exponential(0.03, len(joy)), 0, 1)
    share[5] = 0.41
    base = pd.DataFrame(
        {
            "dyad_id": joy["dyad_id"], "session_id": joy["session_id"],
            "person_id": joy["person"], "segment_id": joy["segment_id"], "label": joy["segment"],
            "stratum": "all", "channel": "smile", "channel_type": "probability",
            "seen_s": 5 * share, "seen_share": share,
            "reason": np.where(share < 0.6, "seen share below minimum", ""),
        }
    )  # fmt: skip
    level = base.assign(measure="level", unit="channel", value=joy["e"])
    on = np.clip(joy["e"] * 1.4 - 0.2, 0, 1)
    time_on = base.assign(measure="time_on", unit="share", value=on)
    table = pd.concat([level, time_on])
    table.loc[table["seen_share"] < 0.6, "value"] = np.nan
    return check(table, Expressions, "expressions")


def _flow(cohort: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    own = cohort[cohort["role"] == "participant"]
    lines = []
    for group in groups:
        people, rows = (
            own[own["group"] == group]["person"].nunique(),
            int((own["group"] == group).sum()),
        )
        lost = int(((own["group"] == group) & (own["exclusion"] != "")).sum())
        stages = (("recruited", "", 0), ("consented", "no consent to process", 0),
                  ("recorded", "no recording", 0), ("face seen", "face not measured", 0),
                  ("rated", "not rated", lost), ("analysed", "", 0))  # fmt: skip
        for order, (stage, reason, gone) in enumerate(stages):
            rows -= gone
            lines.append((order, stage, group, people, rows, 0, gone, reason))
    columns = ["order", "stage", "group", "people", "rows", "lost_people", "lost_rows", "reason"]
    return check(pd.DataFrame(lines, columns=columns).sort_values("order"), Flow, "flow")


def _persons(cohort: pd.DataFrame) -> pd.DataFrame:
    used = cohort[cohort["exclusion"] == ""]
    keys = ["dyad_id", "person", "role", "group"]
    lines = [
        (*key, len(part), float(part["x_w"] @ part["e_w"] / (part["x_w"] @ part["x_w"])),
         float(np.corrcoef(part["x_w"], part["e_w"])[0, 1]), float(part["x_w"].std()),
         float(part["e_w"].std()))
        for key, part in used.groupby(keys)
    ]  # fmt: skip
    table = pd.DataFrame(lines, columns=[*keys, "rows", "slope", "r", "sd_x", "sd_e"])
    table["fisher_z"] = np.arctanh(table["r"])
    table["smile_log_odds"], table["reason"] = np.nan, ""
    return check(table, PersonCongruence, "persons")


def _congruence(cohort: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    own = cohort[cohort["role"] == "participant"]
    lines = [
        (group, own.loc[own["group"] == group, "person"].nunique(), "disattenuated_r",
         0.9 - 0.2 * number, 0.8 - 0.25 * number, 0.97 - 0.15 * number)
        for number, group in enumerate(groups)
    ]  # fmt: skip
    columns = ["group", "people", "measure", "value", "lower", "upper"]
    return check(pd.DataFrame(lines, columns=columns), GroupCongruence, "group congruence")


def _synchrony(dyads: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    measures = pd.DataFrame(
        {
            "measure": ["mean_z", "peak_z", "response_index_participant_to_partner",
                        "response_index_partner_to_participant"]
        }
    )  # fmt: skip
    segments = pd.DataFrame({"segment_id": SEGMENTS})
    rows = dyads[["dyad_id", "session_id"]].merge(segments, how="cross")
    rows = rows.merge(measures, how="cross")
    rows["channel"] = "smile"
    rows["value"] = 0.3 + generator.normal(0, 0.15, len(rows))
    rows["null_value"], rows["n_null"], rows["reason"] = 0.1, 7, ""
    return check(rows, Synchrony, "synchrony")
