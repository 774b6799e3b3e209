"""Power of studies of several sizes, with the uncertainty of the simulation.

References
----------
Wilson (1927). Journal of the American Statistical Association 22(158) (the interval).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dyads.analysis.comparisons import named_pairs
from dyads.power.assumptions import Assumptions
from dyads.power.results import COLUMNS
from dyads.power.simulation import Size, analyse, draw_study

ALPHA: Final = 0.05
_ANSWER: Final = ["contrast", "estimate", "se", "p_value", "lower", "upper"]


def power_of(world: Assumptions, size: Size, studies: int, seed: int) -> pd.DataFrame:
    """Simulate studies of one size.

    Parameters
    ----------
    world
        What is true.
    size
        Size of the studies.
    studies
        How many are drawn.
    seed
        Seed of the run; each study has random numbers of its own.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each difference of slopes: `power` is the share of studies whose
        corrected p is below `ALPHA`, with Wilson's 95 % interval of the simulation; `coverage`
        the share whose 95 % interval holds the true difference. A study without an optimum found
        nothing.
    """
    return summarised(world, size, [one_study(world, size, k, seed) for k in range(studies)])


def summarised(
    world: Assumptions, size: Size, parts: Sequence[pd.DataFrame | None]
) -> pd.DataFrame:
    """Count what studies of one size found, each as `one_study` gives it; see `power_of`."""
    studies = len(parts)
    found = [part for part in parts if part is not None]
    rows = []
    for number, (contrast, (later, earlier)) in enumerate(named_pairs(list(world.slopes)).items()):
        truth = world.slopes[later] - world.slopes[earlier]
        own = pd.DataFrame([part.iloc[number] for part in found], columns=_ANSWER)
        hits = int((own["p_value"] < ALPHA).sum())
        ends = binomtest(hits, studies).proportion_ci(method="wilson")
        held = (own["lower"] <= truth) & (truth <= own["upper"])
        rows.append((
            size.dyads_per_group, size.segments, size.reliability, contrast, truth, studies,
            studies - len(found), hits / studies, float(ends.low), float(ends.high),
            own["estimate"].astype(float).mean(), own["estimate"].astype(float).std(),
            own["se"].astype(float).mean(), float(held.mean()) if len(held) else np.nan,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def one_study(world: Assumptions, size: Size, number: int, seed: int) -> pd.DataFrame | None:
    """Draw and analyse the study of that number.

    Returns
    -------
    DataFrame or None
        contrast, estimate, se, p_value, lower, upper; None where no optimum was found.
    """
    study = draw_study(world, size, size.generator(seed, number))
    with _quiet_ladder():
        table = analyse(study, world.correction)
    return None if table is None else table[_ANSWER]


@contextmanager
def _quiet_ladder() -> Iterator[None]:
    """Leave out the log of every simulated fit that was simplified."""
    logger = logging.getLogger("dyads.models.ladder")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
