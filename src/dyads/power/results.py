"""What simulated studies came to, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

ENOUGH: Final = 0.8
"""Power from which a study is usually called large enough."""
COLUMNS: Final = (
    "dyads_per_group", "segments", "reliability", "contrast", "difference", "studies",
    "not_converged", "power", "lower", "upper", "mean_estimate", "sd_estimate", "mean_se",
    "coverage",
)  # fmt: skip


def read_power(paths: Sequence[str]) -> pd.DataFrame:
    """Read the results of several sizes, as `power_of` gave them; no path, no rows."""
    if not paths:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)


def smallest_enough(table: pd.DataFrame) -> pd.DataFrame:
    """Find the fewest dyads a group with enough power, by contrast, segments and reliability.

    Returns
    -------
    DataFrame
        contrast, segments, reliability, dyads_per_group (missing where no size is enough) and
        `most`, the largest size that was tried.
    """
    keys = ["contrast", "segments", "reliability"]
    largest = table.groupby(keys, sort=False)["dyads_per_group"].max().rename("most")
    enough = table[table["power"] >= ENOUGH]
    fewest = enough.groupby(keys, sort=False)["dyads_per_group"].min()
    return largest.to_frame().join(fewest).reset_index()
