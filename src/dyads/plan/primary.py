"""The primary family: the planned contrasts by the planned test, corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr
from statsmodels.stats.multitest import multipletests

from dyads.analysis.results import ModelResults
from dyads.config import Correction, PlanSettings

ALPHA: Final = 0.05
COLUMNS: Final = (
    "model", "contrast", "covariance", "estimate", "se", "df", "statistic", "p_value", "p_family",
    "lower", "upper", "effect_size", "bound", "p_equivalence", "verdict",
)  # fmt: skip
_METHODS: Final = {"holm": "holm", "bh": "fdr_bh"}


def primary_family(models: Sequence[ModelResults], plan: PlanSettings) -> pd.DataFrame:
    """Put the contrasts of the primary models together, as the plan says.

    Parameters
    ----------
    models
        Results of the models of the primary family.
    plan
        Headline test, correction over the family and bound for equivalence.

    Returns
    -------
    DataFrame
        `model`, `contrast`, `covariance` (the headline test), `estimate`, `se`, `df`,
        `statistic`, `p_value`, `p_family` (corrected over the family), `lower`, `upper` (95 %, of
        each contrast alone), `effect_size`, `bound` (of equivalence, in units of the estimate),
        `p_equivalence` (two one-sided tests, corrected over the family likewise) and `verdict`:
        `difference`, `equivalent`, `difference within the bound` or `undecided`.

    References
    ----------
    Schuirmann (1987). Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    is_robust = plan.headline == "CR2"
    parts = [
        (model.contrasts_cr2 if is_robust else model.contrasts).assign(
            model=model.name, covariance=plan.headline
        )
        for model in models
    ]
    family = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    family = family.reindex(columns=list(COLUMNS))
    family["p_family"] = corrected(family["p_value"].to_numpy(float), plan.correction)
    # a contrast over its effect size is the unit that the effect size is measured in
    unit = np.abs(family["estimate"] / family["effect_size"])
    family["bound"] = np.nan if plan.equivalence_d is None else plan.equivalence_d * unit
    family["p_equivalence"] = corrected(_two_one_sided(family), plan.correction)
    family["verdict"] = _verdicts(family)
    return family


def read_family(path: str | Path) -> pd.DataFrame:
    """Read the table of the primary family, as `tables.write_csv` wrote it."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def corrected(p: NDArray[np.float64], correction: Correction) -> NDArray[np.float64]:
    """Correct p over a family of tests; a test without a p does not count.

    Parameters
    ----------
    p
        Shape (n,).
    correction
        `holm`, `bh` (Benjamini and Hochberg) or `none`.
    """
    result = np.array(p, dtype=float)
    known = np.isfinite(result)
    if correction != "none" and known.any():
        result[known] = multipletests(result[known], method=_METHODS[correction])[1]
    return result


def _two_one_sided(family: pd.DataFrame) -> NDArray[np.float64]:
    """P of the claim that a contrast lies within its bound on both sides."""
    estimate, se, df, bound = (
        family[name].to_numpy(float) for name in ("estimate", "se", "df", "bound")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        nearest = (np.abs(estimate) - bound) / se
    return np.asarray(stdtr(df, nearest), dtype=float)


def _verdicts(family: pd.DataFrame) -> NDArray[np.str_]:
    differs, is_within = family["p_family"].lt(ALPHA), family["p_equivalence"].lt(ALPHA)
    return np.select(
        [differs & is_within, differs, is_within],
        ["difference within the bound", "difference", "equivalent"],
        default="undecided",
    )
