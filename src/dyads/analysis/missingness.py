"""What is missing, in which variable and group, and who was lost on the way, by sex and age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.cohort import NO_CONSENT

ANY_REASON: Final = "any reason"
EVERYBODY: Final = "all"


def missing_values(
    people: pd.DataFrame, cohort: pd.DataFrame, covariates: Sequence[str], groups: Sequence[str]
) -> pd.DataFrame:
    """Count missing values by variable and group, among those who let their data be processed.

    Parameters
    ----------
    people
        Participants: `person`, `group` and the covariates.
    cohort
        `Cohort` rows.
    covariates
        Columns of `people`.
    groups
        Groups in their order.

    Returns
    -------
    DataFrame
        `variable`, `unit` (`people`, or `rows` for experience and expression of each emotion),
        `group`, `people`, `total`, `missing`, `share`.
    """
    own = _processed(cohort)
    asked = people[people["person"].isin(own["person"])]
    parts = [
        _counted(asked["group"], asked["person"], asked[name].isna(), name, "people", groups)
        for name in covariates
    ]
    for emotion, rows in own.groupby("emotion", sort=False):
        for column, name in (("x", "experience"), ("e", "expression")):
            parts.append(
                _counted(
                    rows["group"], rows["person"], rows[column].isna(), f"{name} of {emotion}",
                    "rows", groups,
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def attrition(people: pd.DataFrame, cohort: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Count who was excluded, by reason, group, sex and age.

    Parameters
    ----------
    people
        Participants: `person`, `group`, `sex`, `age_half`.
    cohort
        `Cohort` rows.
    groups
        Groups in their order.

    Returns
    -------
    DataFrame
        `reason` (`any reason` first), `group`, `factor` (`all`, `sex` or `age`), `level`,
        `people`, `touched` (people who lost at least one row for that reason), `gone` (people
        who lost all their rows, for that reason or, under `any reason`, for whatever reasons),
        `share` (mean over people of the share of their rows that was lost).
    """
    own = cohort[cohort["role"].eq("participant")]
    rows = own.groupby("person").size()
    lost = own[own["exclusion"].ne("")]
    by_reason = pd.crosstab(lost["person"], lost["exclusion"])
    reasons = list(dict.fromkeys(lost["exclusion"]))
    shares = by_reason.reindex(index=rows.index, fill_value=0).div(rows, axis=0)
    shares = shares.reindex(columns=reasons)
    shares.insert(0, ANY_REASON, shares.sum(axis=1))
    known = people.set_index("person")[["group", "sex", "age_half"]]
    table = shares.join(known, how="inner")
    parts = []
    for factor, column in ((EVERYBODY, None), ("sex", "sex"), ("age", "age_half")):
        level = table[column] if column else pd.Series("", index=table.index)
        for reason in shares.columns:
            cells = table[reason].groupby([table["group"], level], observed=True, sort=True)
            counted = cells.agg(
                people="size",
                touched=lambda share: int((share > 0).sum()),
                gone=lambda share: int(np.isclose(share, 1).sum()),
                share="mean",
            )
            counted.index.names = ["group", "level"]
            parts.append(counted.reset_index().assign(reason=reason, factor=factor))
    columns = ["reason", "group", "factor", "level", "people", "touched", "gone", "share"]
    whole = pd.concat(parts, ignore_index=True)
    whole = whole[whole["group"].isin(list(groups))]
    order = {name: place for place, name in enumerate(shares.columns)}
    place = {group: place for place, group in enumerate(groups)}
    whole = whole.assign(
        by_reason=whole["reason"].map(order), by_group=whole["group"].map(place)
    ).sort_values(["by_reason", "by_group"], kind="stable")
    return whole[columns].reset_index(drop=True)


def _processed(cohort: pd.DataFrame) -> pd.DataFrame:
    own = cohort[cohort["role"].eq("participant")]
    return own[own["exclusion"].ne(NO_CONSENT)]


def _counted(
    group: pd.Series[str],
    person: pd.Series[str],
    is_missing: pd.Series[bool],
    variable: str,
    unit: str,
    groups: Sequence[str],
) -> pd.DataFrame:
    table = pd.DataFrame({"group": group, "person": person, "is_missing": is_missing})
    by_group = table.groupby("group").agg(
        people=("person", "nunique"), total=("person", "size"), missing=("is_missing", "sum")
    )
    by_group = by_group.reindex(list(groups), fill_value=0).rename_axis("group").reset_index()
    share = by_group["missing"] / by_group["total"].where(by_group["total"] > 0)
    by_group = by_group.assign(share=share)
    by_group.insert(0, "unit", unit)
    by_group.insert(0, "variable", variable)
    return by_group
