"""Hide numbers of few people before a table leaves the lab.

A number that was hidden must not come back as a difference: where one part of a whole is hidden,
so are the other parts, or one more of them; and of two samples that differ by a few people only
one is described.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyads.analysis.equivalence import EVERYBODY


def is_small(count: pd.Series[float], minimum_cell: int) -> pd.Series[bool]:
    """Mark counts of people that must not be told: not zero, and below the limit."""
    return count.gt(0) & count.lt(minimum_cell)


def in_any(is_marked: pd.Series[bool], parts: Sequence[pd.Series[str]]) -> pd.Series[bool]:
    """Mark every row of a whole of which one row is marked.

    Parameters
    ----------
    is_marked
        Rows.
    parts
        Columns that together name the whole that a row is part of.
    """
    return is_marked.groupby(list(parts), dropna=False, sort=False).transform("any").astype(bool)


def blanked(
    table: pd.DataFrame, is_hidden: pd.Series[bool], columns: Sequence[str]
) -> pd.DataFrame:
    """Empty cells of hidden rows, and say in `is_hidden` which rows these are."""
    result = table.copy()
    for name in columns:
        is_text = not pd.api.types.is_numeric_dtype(result[name])
        values = result[name] if is_text else result[name].astype(float)
        result[name] = values.mask(is_hidden, "" if is_text else np.nan)
    result["is_hidden"] = is_hidden.to_numpy(bool)
    return result


def hidden_levels(described: pd.DataFrame, minimum_cell: int) -> pd.Series[bool]:
    """Mark the rows of described covariates that speak of few people.

    Parameters
    ----------
    described
        As `balance.describe` gives it, of one sample.
    minimum_cell
        Fewest people.

    Returns
    -------
    Series
        Numbers known of few people, and levels that few people have. Where only one count of a
        covariate must not be told, be it of a level or of the people without a value, the next
        smallest level is hidden too.
    """
    hidden = is_small(described["known"], minimum_cell)
    levels = described[described["level"].ne("")]
    for _, rows in levels.groupby(["covariate", "group"], sort=False):
        counts = rows["count"].astype(float)
        few = is_small(counts, minimum_cell)
        missing = int(rows["people"].iloc[0] - rows["known"].iloc[0])
        secrets = int(few.sum()) + (0 < missing < minimum_cell)
        rest = counts[~few & counts.gt(0)]
        if secrets == 1 and len(rest):
            few |= rest.index[int(rest.argmin())] == few.index
        hidden[rows.index] |= few.to_numpy(bool)
    return hidden


def touches_hidden(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.Series[bool]:
    """Mark comparisons in which a hidden cell takes part."""
    hidden = set(cells.itertuples(index=False, name=None))
    sides = pairs["contrast"].str.split(" - ", n=1, regex=False)
    return pd.Series(
        [
            any((covariate, level, group) in hidden for group in groups)
            for covariate, level, groups in zip(
                pairs["covariate"], pairs["level"], sides, strict=True
            )
        ],
        index=pairs.index,
        dtype=bool,
    )


def without_few_missing(table: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    """Hide what is missing, or known, of few people in a table of missing values."""
    known = table["total"] - table["missing"]
    few_of_all = is_small(table["missing"], minimum_cell) | is_small(known, minimum_cell)
    of_people = table["unit"].eq("people") & few_of_all
    few = is_small(table["people"], minimum_cell)
    result = blanked(table, of_people | few, ["missing", "share"])
    result[["people", "total"]] = result[["people", "total"]].astype(float).mask(few)
    return result


def without_few_lost(table: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    """Hide losses of few people, with the other levels of the same factor."""
    whole = [table["reason"], table["group"], table["factor"]]
    few_people = in_any(is_small(table["people"], minimum_cell), whole)
    few_lost = is_small(table["touched"], minimum_cell) | is_small(table["gone"], minimum_cell)
    result = blanked(table, few_people | in_any(few_lost, whole), ["touched", "gone", "share"])
    result["people"] = result["people"].astype(float).mask(few_people)
    return result


def without_few_in_cells(table: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    """Hide cells of few people in a table of quality, with the other cells of the same split."""
    split = table["sex"].ne(EVERYBODY).astype(str) + table["age_half"].ne(EVERYBODY).astype(str)
    few = in_any(is_small(table["people"], minimum_cell), [table["measure"], table["group"], split])
    return blanked(table, few, ["people", "mean", "sd"])


def without_few_compared(table: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    """Hide tests of few people, with those of the other sex, the other ages, or both."""
    few = is_small(table["people_1"], minimum_cell) | is_small(table["people_0"], minimum_cell)
    split = table["within"].str.replace(r" [^,]+", "", regex=True)  # sex f, age young: "sex,"
    hidden = in_any(few, [table["measure"], table["factor"], split, table["contrast"]])
    numbers = [
        "people_1", "people_0", "estimate", "lower", "upper", "p_equivalence", "p_difference",
        "verdict",
    ]  # fmt: skip
    return blanked(table, hidden, numbers)
