"""Power as a table of a page."""

from __future__ import annotations

import pandas as pd

from dyads import wording
from dyads.power.results import ENOUGH, smallest_enough
from dyads.report.page_tables import PageTable


def enough(table: pd.DataFrame) -> PageTable:
    """Say how many dyads each difference needs.

    Parameters
    ----------
    table
        As `dyads.power.results.read_power` gives it.
    """
    needed = smallest_enough(table)
    rows = tuple(
        (
            wording.contrast(contrast),
            str(segments),
            f"{reliability:g}",
            f"more than {most}" if pd.isna(fewest) else f"{fewest:.0f}",
        )
        for contrast, segments, reliability, most, fewest in zip(
            *(needed[name] for name in needed.columns), strict=True
        )
    )
    return PageTable(
        title=f"Fewest dyads in each group with a power of {wording.percent(ENOUGH)}",
        head=("Difference of slopes", "Segments", "Reliability", "Dyads in each group"),
        rows=rows,
        note="Of the sizes that were simulated; the figure shows the uncertainty of the "
        "simulation.",
    )
