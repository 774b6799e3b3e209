"""Reliability of the scales of a study, by group: items that agree, and sessions that agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import pingouin as pg
from scipy import stats

from dyads.contracts import ItemReliability, RetestReliability, ScaleReliability
from dyads.ratings.consistency import (
    ONE_ITEM,
    cronbach_alpha,
    item_statistics,
    mcdonald_omega,
)
from dyads.ratings.instruments import Instruments
from dyads.ratings.kinds import about_oneself
from dyads.ratings.scores import keyed_answers
from dyads.study.tables import PARTNER
from dyads.tables import check

EVERYBODY: Final = "everybody"
"""Name of all people together, partners included."""

_SCALE: Final = ["instrument", "scale"]
_SHEET: Final = ["person_id", *_SCALE]
_OCCASION: Final = ["dyad_id", "session_id", "segment_id"]
_NORMAL_95: Final = 1.96


def first_sheets(
    ratings: pd.DataFrame,
    sessions: pd.DataFrame,
    segments: pd.DataFrame,
    instruments: Instruments,
) -> pd.DataFrame:
    """Choose the first time that each person answered all items of a scale.

    Formulas of reliability take people for independent, so everybody counts once.

    Parameters
    ----------
    ratings, sessions, segments
        Checked study tables. What was said of moments or of the other one is left out.
    instruments
        Scales, keys and ranges.

    Returns
    -------
    DataFrame
        `person_id`, `instrument`, `scale`, `item`, `points` (keyed in the scale's direction). In
        the order of sessions; in a session, of segments, ratings of the whole session first.
    """
    answers = keyed_answers(about_oneself(ratings).dropna(subset="value"), instruments)
    sizes = instruments.scale_table()[[*_SCALE, "n_items"]]
    asked = answers.groupby([*_SHEET, *_OCCASION], sort=False).size().rename("n_answered")
    whole = (
        asked.reset_index()
        .merge(sizes, on=_SCALE)
        .query("n_answered == n_items")
        .merge(sessions[["dyad_id", "session_id", "session_number"]], on=["dyad_id", "session_id"])
        .merge(segments[[*_OCCASION, "onset_s"]], on=_OCCASION, how="left")
        .sort_values([*_SHEET, "session_number", "onset_s"], na_position="first")
        .drop_duplicates(_SHEET)
    )
    chosen = answers.merge(whole[[*_SHEET, *_OCCASION]], on=[*_SHEET, *_OCCASION])
    return chosen[[*_SHEET, "item", "points"]]


def scale_reliability(
    sheets: pd.DataFrame,
    scores: pd.DataFrame,
    participants: pd.DataFrame,
    instruments: Instruments,
    groups: Sequence[str],
    people_min: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure how the items of each scale hang together, and how often scores are at an end.

    Parameters
    ----------
    sheets
        From `first_sheets`.
    scores
        `Scores`: the scales that were asked, and all scores for the shares at the ends.
    participants
        Checked study table.
    instruments
        Scales, keys and ranges.
    groups
        Groups of participants, in order; partners and everybody follow.
    people_min
        Fewest people of whom anything is computed.

    Returns
    -------
    DataFrame
        `ScaleReliability`, a row for each scale and group. The shares at the ends are the mean
        over people of the share of their scores that are there.
    DataFrame
        `ItemReliability`, a row for each item of a scale with several, where there are enough
        people.
    """
    group_of = participants.set_index("participant_id")["group"]
    scored = scores.dropna(subset="score")
    ends = pd.DataFrame(
        {
            "is_lowest": np.isclose(scored["score"], scored["minimum"]),
            "is_highest": np.isclose(scored["score"], scored["maximum"]),
        }
    )
    ends = pd.concat([scored[[*_SCALE, "person_id"]].reset_index(drop=True), ends], axis=1)
    ends = ends.groupby([*_SCALE, "person_id"])[["is_lowest", "is_highest"]].mean().reset_index()
    asked = scores[[*_SCALE, "n_items"]].drop_duplicates().sort_values(_SCALE)
    parts: list[pd.DataFrame] = []
    rows: list[dict[str, object]] = []
    for name, scale, n_items in asked.itertuples(index=False, name=None):
        wide = _of_scale(sheets, name, scale).pivot_table("points", "person_id", "item")
        wide = wide.reindex(columns=list(instruments.root[name].scales[scale].items))
        own_ends = _of_scale(ends, name, scale).set_index("person_id")
        for group, people in _groups(group_of, groups):
            of_group = wide[wide.index.isin(people)]
            at_ends = own_ends[own_ends.index.isin(people)]
            row = {
                "instrument": name, "scale": scale, "group": group, "n_items": n_items,
                "people": len(of_group), "people_scored": len(at_ends),
            }  # fmt: skip
            rows.append({**row, **_consistency(of_group, at_ends, people_min)})
            if n_items > 1 and len(of_group) >= people_min:
                limits = _item_limits(instruments, name, scale)
                table = item_statistics(of_group, *limits)
                parts.append(table.assign(instrument=name, scale=scale, group=group))
    return _checked(rows, ScaleReliability), _checked_items(parts)


def retest_reliability(
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    segments: pd.DataFrame,
    participants: pd.DataFrame,
    groups: Sequence[str],
    people_min: int,
) -> pd.DataFrame:
    """Compare the scores of each session with those of the next one.

    A person's score of a session is the mean over the labels of segments that the person rated
    in both sessions. The intraclass correlation is that of absolute agreement of single scores,
    ICC(A,1). The standard error of measurement is SD(change) / √2, and 95 % of the changes of
    people who have not changed lie within 1.96 √2 of it.

    Parameters
    ----------
    scores
        `Scores`.
    sessions, segments, participants
        Checked study tables.
    groups, people_min
        As for `scale_reliability`.

    Returns
    -------
    DataFrame
        `RetestReliability`, a row for each scale, group and pair of sessions that follow each
        other.

    References
    ----------
    McGraw KO, Wong SP (1996). Forming inferences about some intraclass correlation coefficients.
    Psychological Methods 1, 30-46. Computed by pingouin.
    Weir JP (2005). Quantifying test-retest reliability using the intraclass correlation
    coefficient and the SEM. Journal of Strength and Conditioning Research 19, 231-240.
    """
    group_of = participants.set_index("participant_id")["group"]
    keys = ["dyad_id", "session_id"]
    rated = scores.dropna(subset="score").merge(sessions[[*keys, "session_number"]], on=keys)
    rated = rated.merge(segments[[*_OCCASION, "label"]], on=_OCCASION, how="left")
    rated["label"] = rated["label"].fillna("")
    means = rated.groupby(["session_number", *_SCALE, "person_id", "label"])["score"].mean()
    numbers = sorted(rated["session_number"].unique())
    rows = []
    for first, second in pairwise(numbers):
        both = pd.concat({"first": means.loc[first], "second": means.loc[second]}, axis=1).dropna()
        both = both.groupby([*_SCALE, "person_id"]).mean().reset_index()
        for (name, scale), pairs in both.groupby(_SCALE):
            for group, people in _groups(group_of, groups):
                own = pairs[pairs["person_id"].isin(people)]
                row = {
                    "instrument": name, "scale": scale, "group": group,
                    "first_session": first, "second_session": second, "people": len(own),
                }  # fmt: skip
                rows.append({**row, **_agreement(own, people_min)})
    return _checked(rows, RetestReliability)


def _groups(group_of: pd.Series[str], groups: Sequence[str]) -> Iterator[tuple[str, pd.Index]]:
    for group in (*groups, PARTNER):
        yield group, group_of.index[group_of.eq(group)]
    yield EVERYBODY, group_of.index


def _of_scale(table: pd.DataFrame, instrument: str, scale: str) -> pd.DataFrame:
    return table[table["instrument"].eq(instrument) & table["scale"].eq(scale)]


def _item_limits(instruments: Instruments, name: str, scale: str) -> tuple[float, float]:
    instrument = instruments.root[name]
    return instrument.item_range(instrument.scales[scale])


def _consistency(answers: pd.DataFrame, ends: pd.DataFrame, people_min: int) -> dict[str, object]:
    few = ONE_ITEM if answers.shape[1] == 1 else f"fewer than {people_min} people"
    shares = ends[["is_lowest", "is_highest"]].mean() if len(ends) >= people_min else None
    found: dict[str, object] = {
        "lowest_share": np.nan if shares is None else shares["is_lowest"],
        "highest_share": np.nan if shares is None else shares["is_highest"],
    }
    if len(answers) < people_min:
        nothing = dict.fromkeys(("alpha", "alpha_lower", "alpha_upper", "omega"), np.nan)
        return {**found, **nothing, "alpha_reason": few, "omega_reason": few}
    alpha = cronbach_alpha(answers)
    omega = mcdonald_omega(np.atleast_2d(answers.cov().to_numpy()), len(answers))
    return {
        **found, "alpha": alpha.alpha, "alpha_lower": alpha.lower, "alpha_upper": alpha.upper,
        "alpha_reason": alpha.reason, "omega": omega.omega, "omega_reason": omega.reason,
    }  # fmt: skip


def _agreement(pairs: pd.DataFrame, people_min: int) -> dict[str, object]:
    names = ("mean_first", "sd_first", "mean_change", "change_lower", "change_upper", "icc",
             "icc_lower", "icc_upper", "sem", "reliable_change")  # fmt: skip
    if len(pairs) < people_min:
        return {**dict.fromkeys(names, np.nan), "reason": f"fewer than {people_min} people"}
    change = (pairs["second"] - pairs["first"]).to_numpy()
    if np.isclose(np.ptp(pairs[["first", "second"]].to_numpy()), 0):
        return {**dict.fromkeys(names, np.nan), "reason": "the scores do not vary"}
    spread = float(np.std(change, ddof=1))
    limits = stats.ttest_1samp(change, 0).confidence_interval() if spread > 0 else (change[0],) * 2
    long = pairs.melt("person_id", ["first", "second"], var_name="session", value_name="score")
    with np.errstate(divide="ignore", invalid="ignore"):
        table = pg.intraclass_corr(long, "person_id", "session", "score").set_index("Type")
    icc, (lower, upper) = table.loc["ICC(A,1)", ["ICC", "CI95"]]
    sem = spread / np.sqrt(2)
    values = (pairs["first"].mean(), pairs["first"].std(), change.mean(), *limits, icc, lower,
              upper, sem, _NORMAL_95 * np.sqrt(2) * sem)  # fmt: skip
    return {**dict(zip(names, map(float, values), strict=True)), "reason": ""}


def _checked(
    rows: list[dict[str, object]], contract: type[ScaleReliability | RetestReliability]
) -> pd.DataFrame:
    columns = list(contract.to_schema().columns)
    return check(pd.DataFrame(rows, columns=columns), contract, contract.__name__)


def _checked_items(parts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = list(ItemReliability.to_schema().columns)
    table = pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
    return check(table, ItemReliability, "items")
