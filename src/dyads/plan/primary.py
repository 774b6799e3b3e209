"""The primary family: the planned contrasts by the planned test, corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyads.analysis.results import ModelResults, by_headline
from dyads.config import PlanSettings
from dyads.errors import StudyError
from dyads.models.equivalence import equivalence_p
from dyads.models.tables import corrected

ALPHA: Final = 0.05
COLUMNS: Final = (
    "model", "contrast", "covariance", "estimate", "se", "df", "statistic", "p_value", "p_family",
    "lower", "upper", "effect_size", "bound", "p_equivalence", "verdict",
)  # fmt: skip


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
        `model`, `contrast`, `covariance` (the headline test, or `welch`), `estimate`, `se`, `df`,
        `statistic`, `p_value`, `p_family` (corrected over the family), `lower`, `upper` (95 %, of
        each contrast alone), `effect_size`, `bound` (of equivalence, in units of the estimate),
        `p_equivalence` (two one-sided tests, corrected over the family likewise) and `verdict`:
        `difference`, `equivalent`, `difference within the bound` or `undecided`.

    Raises
    ------
    StudyError
        Where the planned test is CR2 and a mixed model of the family has none.
    """
    lacking = [m.name for m in models if m.contrasts_cr2.empty and not m.summary.is_two_stage]
    if plan.headline == "CR2" and lacking:
        raise StudyError(
            f"plan.headline is CR2, which {', '.join(lacking)} cannot give: its random terms reach "
            "across dyads, so that no clusters are independent. Set plan.headline: satterthwaite; "
            "after a lock, with an amendment that says so."
        )
    headed = [by_headline(model, plan.headline) for model in models]
    parts = [
        model.contrasts.assign(model=model.name, covariance=model.summary.df_method)
        for model in headed
    ]
    family = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    family = family.reindex(columns=list(COLUMNS))
    estimate, se, df, p_value = (
        family[name].to_numpy(float) for name in ("estimate", "se", "df", "p_value")
    )
    family["p_family"] = corrected(p_value, plan.correction)
    # a contrast over its effect size is the unit that the effect size is measured in
    unit = np.abs(family["estimate"] / family["effect_size"])
    family["bound"] = np.nan if plan.equivalence_d is None else plan.equivalence_d * unit
    bound = family["bound"].to_numpy(float)
    p_equivalence = equivalence_p(estimate, se, df, -bound, bound)
    family["p_equivalence"] = corrected(p_equivalence, plan.correction)
    family["verdict"] = _verdicts(family)
    return family


def read_family(path: str | Path) -> pd.DataFrame:
    """Read the table of the primary family, as `tables.write_csv` wrote it."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def _verdicts(family: pd.DataFrame) -> NDArray[np.str_]:
    differs, is_within = family["p_family"].lt(ALPHA), family["p_equivalence"].lt(ALPHA)
    return np.select(
        [differs & is_within, differs, is_within],
        ["difference within the bound", "difference", "equivalent"],
        default="undecided",
    )
