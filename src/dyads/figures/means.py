"""Means of people with their interval, as the figures of raw data show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit


def group_means(
    table: pd.DataFrame, by: Sequence[str], value: str, minimum_cell: int = 1
) -> pd.DataFrame:
    """Mean and 95 % interval of a value in each cell, each row being one person or dyad.

    Parameters
    ----------
    table
        Columns of `by` and the value; rows without a value do not count.
    by
        Columns that make a cell.
    value
        Column of the value.
    minimum_cell
        A cell with fewer rows keeps neither mean nor interval.

    Returns
    -------
    DataFrame
        Columns of `by`, `n`, `mean`, `lower`, `upper`. The interval is that of Student's t over
        the rows of the cell; with one row there is none.
    """
    known = table.dropna(subset=[value])
    cells = known.groupby(list(by), sort=False, observed=True)[value]
    means = cells.agg(n="size", mean="mean", sd="std").reset_index()
    n = means["n"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = stdtrit(n - 1, 0.975) * means["sd"].to_numpy(float) / np.sqrt(n)
    half[n < 2] = np.nan
    means["lower"] = means["mean"] - half
    means["upper"] = means["mean"] + half
    means.loc[means["n"] < minimum_cell, ["mean", "lower", "upper"]] = np.nan
    return means.drop(columns="sd")


def shown_singly(rows: pd.DataFrame, column: str, sharing: Collection[str] | None) -> pd.DataFrame:
    """Keep the rows of people, or dyads, who agreed to be shown by themselves.

    Parameters
    ----------
    rows
        One row or several for each person or dyad.
    column
        Column of the person or dyad.
    sharing
        Who granted `share_features`; None: everybody.
    """
    return rows if sharing is None else rows[rows[column].isin(list(sharing))]


def number_within(table: pd.DataFrame, by: Sequence[str], person: str) -> pd.Series:
    """Number people within a cell from 1, so that a table needs no identifier of a person."""
    if table.empty:
        return pd.Series(dtype=int)
    ranks = table.groupby(list(by), sort=False, observed=True)[person].rank(method="dense")
    return ranks.astype(int)
