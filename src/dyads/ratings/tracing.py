"""The way back from a score to the cells of the file that it was made of."""

from __future__ import annotations

import pandas as pd

from dyads.contracts import ScoredItems
from dyads.ratings.instruments import Instruments
from dyads.ratings.scores import keyed_answers
from dyads.study.cell_words import SELF
from dyads.tables import check


def scored_items(ratings: pd.DataFrame, instruments: Instruments, file: str) -> pd.DataFrame:
    """List the cells that the scores are made of.

    The rows of a score are those with its keys: dyad, session, person, segment, instrument and
    scale, and for ratings of the other one or of moments `target` and `time_s`.

    Parameters
    ----------
    ratings
        `CheckedRatings`.
    instruments
        Scales, keys and ranges.
    file
        Name of the file that was handed in.

    Returns
    -------
    DataFrame
        `ScoredItems`, in the order of the file and of the scales of an item.
    """
    rated = ratings if "target" in ratings else ratings.assign(target=SELF)
    rated = rated if "time_s" in rated else rated.assign(time_s=float("nan"))
    items = keyed_answers(rated, instruments).rename(columns={"value": "answer"})
    items = items.assign(file=file).sort_values(["row", "scale"], kind="stable")
    return check(items[list(ScoredItems.to_schema().columns)], ScoredItems, "items")
