"""Fit the model of each specification, and keep what it answers or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.answers import analysed_rows
from dyads.analysis.cohort import centre, with_other
from dyads.analysis.comparisons import group_pairs
from dyads.config import Centring, ModelSettings, PlanSettings
from dyads.contracts import SpecificationFits
from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.equivalence import difference_p
from dyads.models.tables import ESTIMATE_COLUMNS, corrected, t_table
from dyads.multiverse.relabelling import Relabelling, Tests
from dyads.multiverse.specifications import Specification
from dyads.tables import check

_NUMBERS: Final = ("estimate", "se", "df", "statistic", "p_value", "p_family", "lower", "upper",
                   "unit", "effect", "effect_lower", "effect_upper")  # fmt: skip


def fit_specifications(
    cohort: pd.DataFrame,
    specifications: Sequence[Specification],
    model: ModelSettings,
    groups: Sequence[str],
    plan: PlanSettings,
) -> pd.DataFrame:
    """Fit the specifications that share analysis rows.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    specifications
        Those of these rows.
    model
        The model whose formula each specification starts from.
    groups
        Groups in the order of tables.
    plan
        Headline test, and the correction over the contrasts of the model.

    Returns
    -------
    DataFrame
        `SpecificationFits`: a row for each specification and contrast. `effect` is the contrast
        in standard deviations, as `effect_size` of the model's own results, so that measures of
        different units lie on one axis. A specification that cannot be fitted has its rows with
        the reason, and no numbers.
    """
    parts = [_answer(cohort, one, model, groups, plan) for one in specifications]
    return check(pd.concat(parts, ignore_index=True), SpecificationFits, "specifications")


def relabelling_of(
    cohort: pd.DataFrame,
    specification: Specification,
    model: ModelSettings,
    groups: Sequence[str],
    plan: PlanSettings,
) -> Relabelling:
    """Fit a specification and make it ready to be fitted to other groups.

    Raises
    ------
    StudyError
        If it cannot be fitted.
    """
    own = model.model_copy(update={"formula": specification.formula})
    rows = analysed_rows(recentred(cohort, specification.centring), own, groups)
    return Relabelling(rows, own, groups, plan.headline)


def recentred(cohort: pd.DataFrame, centring: Centring) -> pd.DataFrame:
    """Centre experience in another way than `dyads.analysis.cohort.centre`.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    centring
        `person_emotion`: as there. `person`: within the person over all emotions, whose mean
        becomes `x_pm`. `grand`: around the mean of the emotion over all people.

    Returns
    -------
    DataFrame
        The rows with `x_w` and `x_pm`, both per SD of `x_w` over the analysed rows of
        participants, and `x_other` where they have it.
    """
    rows = centre(cohort)
    if centring == "person_emotion":
        return rows
    analysed = rows[rows["exclusion"].eq("")]
    overall = analysed.groupby("emotion")["x"].transform("mean")
    if centring == "person":
        mean = analysed.groupby("person")["x"].transform("mean")
        within, between = analysed["x"] - mean, mean - analysed["x"].mean()
    else:
        mean = analysed.groupby(["person", "emotion"])["x"].transform("mean")
        within, between = analysed["x"] - overall, mean - overall
    spread = float(within[analysed["role"].eq("participant")].std(ddof=0))
    if not spread > 0:
        return rows
    return with_other(rows.assign(x_w=within / spread, x_pm=between / spread))


def p_values(tests: Tests, plan: PlanSettings) -> tuple[FloatArray, FloatArray]:
    """P of each contrast, alone and corrected over the contrasts of the model."""
    alone = difference_p(tests.estimate, tests.se, tests.df)
    return alone, corrected(alone, plan.correction)


def _answer(
    cohort: pd.DataFrame,
    specification: Specification,
    model: ModelSettings,
    groups: Sequence[str],
    plan: PlanSettings,
) -> pd.DataFrame:
    empty = pd.DataFrame({"contrast": list(group_pairs(groups))}).assign(
        specification=specification.name, **dict.fromkeys(_NUMBERS, np.nan),
        rows=0, people=0, dyads=0, singular=False, failure="",
    )  # fmt: skip
    try:
        fitted = relabelling_of(cohort, specification, model, groups, plan)
    except (StudyError, np.linalg.LinAlgError) as fault:
        return empty.assign(failure=" ".join(str(fault).split()))
    tests = fitted.tests
    table = t_table(empty[["contrast"]], tests.estimate, tests.se, tests.df)
    used = fitted.fit.frame.source
    return empty.assign(
        **table[list(ESTIMATE_COLUMNS)],
        p_family=corrected(table["p_value"].to_numpy(float), plan.correction),
        unit=tests.unit,
        effect=table["estimate"] / tests.unit,
        effect_lower=table["lower"] / tests.unit,
        effect_upper=table["upper"] / tests.unit,
        rows=len(used),
        people=int(used["person"].nunique()),
        dyads=int(used["dyad_id"].nunique()),
        singular=fitted.fit.is_singular,
    )
