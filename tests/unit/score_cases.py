"""Small tables of scores and their reliability that keep the contracts."""

from __future__ import annotations

import pandas as pd

from dyads.contracts import ItemReliability, RetestReliability, ScaleReliability, ScoredItems
from dyads.report.score_tables import ScoreQuality
from dyads.tables import check

SCALE = {"instrument": "mood", "scale": "calm"}


def score_quality(**people: int) -> ScoreQuality:
    """Make the tables of one scale; `people` of each group, such as `ASD=12`."""
    people = people or {"control": 12, "ASD": 12, "everybody": 24}
    scales = pd.DataFrame(
        [
            {**SCALE, "group": group, "n_items": 3, "people": count, "people_scored": count,
             "alpha": 0.8, "alpha_lower": 0.7, "alpha_upper": 0.9, "alpha_reason": "",
             "omega": 0.81, "omega_reason": "", "lowest_share": 0.05, "highest_share": 0.25}
            for group, count in people.items()
        ]
    )  # fmt: skip
    items = pd.DataFrame(
        [
            {**SCALE, "group": group, "item": item, "people": count, "mean": 3.1, "sd": 1.2,
             "rest_correlation": 0.61, "alpha_without": 0.72, "lowest_share": 0.1,
             "highest_share": 0.2}
            for group, count in people.items()
            for item in ("rested", "quiet", "even")
        ]
    )  # fmt: skip
    retest = pd.DataFrame(
        [
            {**SCALE, "group": group, "first_session": 1, "second_session": 2, "people": count,
             "mean_first": 3.0, "sd_first": 1.0, "mean_change": -0.2, "change_lower": -0.5,
             "change_upper": 0.1, "icc": 0.66, "icc_lower": 0.4, "icc_upper": 0.8, "sem": 0.5,
             "reliable_change": 1.386, "reason": ""}
            for group, count in people.items()
        ]
    )  # fmt: skip
    return ScoreQuality(
        check(scales, ScaleReliability, "scales"),
        check(items, ItemReliability, "items"),
        check(retest, RetestReliability, "retest"),
    )


def items_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Make `ScoredItems` that scores of one item are made of, a row of the file for each."""
    items = scores[
        ["dyad_id", "session_id", "person_id", "segment_id", "instrument", "scale"]
    ].assign(
        target="self", time_s=float("nan"), item=scores["scale"], file="ratings.tsv",
        row=range(2, len(scores) + 2), answer=scores["score"], is_reversed=False,
        points=scores["score"],
    )  # fmt: skip
    return check(items[list(ScoredItems.to_schema().columns)], ScoredItems, "items")
