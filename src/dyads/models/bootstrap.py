"""Intervals by drawing whole clusters again and refitting.

For quantities that have no formula for their uncertainty: R squared, effect sizes whose unit is
estimated too, ratios of variances.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray, IntArray
from dyads.models.design import numbered_levels
from dyads.models.fit import fit_to_rows
from dyads.models.mixed import MixedFit

_FEWEST_SHARE = 0.9


def bootstrap_intervals(
    fit: MixedFit,
    quantity: Callable[[MixedFit], pd.Series],
    generator: np.random.Generator,
    cluster: str | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Percentile intervals over resampled clusters.

    Clusters are drawn with replacement within the levels of the categories that tell them apart
    (as many of each group as there were), and one drawn twice counts as two.

    Parameters
    ----------
    fit
        A fitted model.
    quantity
        Named numbers of a fit, for example ``lambda fit: fit.r_squared().iloc[0]``.
    generator
        From the study's seed and the name of the model.
    cluster
        What is drawn, a column or columns joined by a colon; by default the coarsest grouping
        of the random part.
    n_resamples
        Draws.
    level
        Coverage.

    Returns
    -------
    DataFrame
        ``quantity, estimate, lower, upper, n_resamples``; the last counts the draws that could
        be fitted.

    Raises
    ------
    StudyError
        Where more than a tenth of the draws cannot be fitted.

    References
    ----------
    Efron and Tibshirani (1993). An Introduction to the Bootstrap, chapter 13.
    """
    cluster = cluster or fit.default_cluster()
    rows, copies = _drawn(fit, cluster, n_resamples, generator)
    nested = _names_within(fit, cluster)
    found = []
    for at, copy in zip(rows, copies, strict=True):
        drawn = fit.frame.source.iloc[at].reset_index(drop=True)
        again = {
            name: pd.Series(copy.astype(str)) + ":" + drawn[name].astype(str) for name in nested
        }
        try:
            found.append(quantity(fit_to_rows(fit, drawn.assign(**again))))
        except StudyError:
            continue
    if len(found) < _FEWEST_SHARE * n_resamples:
        raise StudyError(
            f"Only {len(found)} of {n_resamples} draws of '{cluster}' could be fitted. Some group "
            "is too small for a bootstrap."
        )
    draws = pd.DataFrame(found)
    ends = draws.quantile([(1 - level) / 2, (1 + level) / 2])
    estimate = quantity(fit)
    return pd.DataFrame(
        {
            "quantity": estimate.index,
            "estimate": estimate.to_numpy(float),
            "lower": ends.iloc[0].to_numpy(float),
            "upper": ends.iloc[1].to_numpy(float),
            "n_resamples": len(found),
        }
    )


def _drawn(
    fit: MixedFit, cluster: str, n_resamples: int, generator: np.random.Generator
) -> tuple[list[IntArray], list[IntArray]]:
    """Row numbers of each draw and, by row, the number of the draw's cluster."""
    source, table = fit.frame.source, fit.frame.table
    codes = numbered_levels(source, cluster.split(":"))[0]
    n_clusters = int(codes.max()) + 1
    strata = np.zeros(n_clusters, dtype=np.int64)
    for name in fit.frame.fixed_variables:
        if fit.frame.is_categorical(name):
            levels = table[name].cat.codes.to_numpy(np.int64)
            if len(np.unique(np.stack([codes, levels]), axis=1).T) == n_clusters:
                own = np.zeros(n_clusters, dtype=np.int64)
                own[codes] = levels
                strata = strata * len(table[name].cat.categories) + own
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    members = np.split(order, np.cumsum(counts)[:-1])
    rows, copies = [], []
    for _ in range(n_resamples):
        chosen = np.concatenate(
            [
                generator.choice(np.flatnonzero(strata == s), int((strata == s).sum()))
                for s in np.unique(strata)
            ]
        )
        rows.append(np.concatenate([members[c] for c in chosen]))
        copies.append(np.repeat(np.arange(len(chosen)), counts[chosen]))
    return rows, copies


def _names_within(fit: MixedFit, cluster: str) -> list[str]:
    """Grouping variables whose levels lie in one cluster each: their copies are new levels."""
    source = fit.frame.source
    codes = numbered_levels(source, cluster.split(":"))[0]
    names = dict.fromkeys(
        [*cluster.split(":"), *(n for d in fit.designs for n in d.term.group_variables)]
    )
    fixed = set(fit.frame.fixed_variables)
    return [
        name
        for name in names
        if name not in fixed and _levels_with(source[name], codes) == source[name].nunique()
    ]


def _levels_with(column: pd.Series, codes: IntArray | FloatArray) -> int:
    return len(pd.DataFrame({"level": column.to_numpy(), "cluster": codes}).drop_duplicates())
