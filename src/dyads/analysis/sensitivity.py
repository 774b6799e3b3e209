"""Whether a model's answer hangs on a few dyads, and whether the model fits the data.

References
----------
Belsley, D. A., Kuh, E., and Welsch, R. E. (1980). Regression Diagnostics, ch. 2. Nieuwenhuis, R.,
te Grotenhuis, M., and Pelzer, B. (2012). The R Journal 4(2), 38-47.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dyads.analysis.answers import analysed_rows
from dyads.analysis.comparisons import DYAD, fitted, group_contrasts, has_clusters
from dyads.analysis.person_slopes import person_slopes, slope_contrasts
from dyads.config import ModelSettings
from dyads.contracts import RandomEffects, Residuals, WithoutDyad
from dyads.errors import StudyError
from dyads.models import MixedFit
from dyads.tables import check

ALPHA: Final = 0.05
_ESTIMATES: Final = ["estimate", "se", "lower", "upper", "p_value", "p_value_cr2", "shift"]


@dataclass(frozen=True)
class ModelChecks:
    """What is known of a model beside its answer.

    Parameters
    ----------
    residuals
        `Residuals`, one row per analysis row; private.
    random_effects
        `RandomEffects`, one row per unit and effect; private.
    without_dyad
        `WithoutDyad`, one row per dyad and contrast; private.
    diagnostics
        One row of numbers on the fit, as `MixedFit.diagnostics` gives them.
    spread
        `group`, `people`, `rows`, `residual_sd`, `lag1_correlation` (of consecutive residuals of
        a person).
    leave_one_out
        `contrast`, `estimate` (all dyads), `p_value`, `lowest`, `highest` (estimates without one
        dyad), `largest_shift` (in standard errors), `influential` (dyads whose shift is beyond
        two over the root of the number of dyads), `limit` (that number), `verdicts_changed`
        (dyads without which p is on the other side of .05), `refits`, `failed`.

    Where the mixed model has no optimum, contrasts are those of slopes person by person, with all
    dyads and without each, and there are no residuals, random effects or spreads.
    """

    residuals: pd.DataFrame
    random_effects: pd.DataFrame
    without_dyad: pd.DataFrame
    diagnostics: pd.DataFrame
    spread: pd.DataFrame
    leave_one_out: pd.DataFrame


def check_model(
    cohort: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> ModelChecks:
    """Fit a model once, and once more without each dyad.

    Experience keeps the unit of the whole sample, so that estimates can be compared.

    Parameters
    ----------
    cohort
        `Cohort` rows, as for the model itself.
    settings
        The model.
    groups
        Groups in their order.

    Raises
    ------
    StudyError
        If the model of all dyads cannot be fitted.
    """
    data = analysed_rows(cohort, settings, groups)
    fit = fitted(settings, data)
    whole = _estimated(fit, settings, groups, fit.is_converged)
    without = _without_each(data, whole, settings, groups, fit.is_converged)
    residuals = _residuals(fit, data)
    return ModelChecks(
        residuals=residuals,
        random_effects=_random_effects(fit),
        without_dyad=without,
        diagnostics=fit.diagnostics() if fit.is_converged else fit.log.tail(1)[["verdict"]],
        spread=_spread(residuals, groups),
        leave_one_out=_summed_up(without, whole),
    )


def influence_limit(dyads: int) -> float:
    """Shift in standard errors from which a dyad counts as influential, 2 / sqrt(n)."""
    return 2 / float(np.sqrt(dyads)) if dyads else float("nan")


def _estimated(
    fit: MixedFit, settings: ModelSettings, groups: Sequence[str], is_mixed: bool
) -> pd.DataFrame:
    if not is_mixed:
        slopes = person_slopes(fit, settings)
        return slope_contrasts(slopes, settings, groups).assign(p_value_cr2=np.nan)
    if not fit.is_converged:
        raise StudyError("no optimum was found")
    plain = group_contrasts(fit, settings, groups, "model")
    if not has_clusters(fit.frame.source):
        return plain.assign(p_value_cr2=np.nan)
    robust = group_contrasts(fit, settings, groups, "CR2")
    return plain.assign(p_value_cr2=robust["p_value"].to_numpy(float))


def _without_each(
    data: pd.DataFrame,
    whole: pd.DataFrame,
    settings: ModelSettings,
    groups: Sequence[str],
    is_mixed: bool,
) -> pd.DataFrame:
    parts = []
    names = whole["contrast"]
    dyads = data[[DYAD, "group"]].drop_duplicates(DYAD).astype(str)
    for dyad_id, group in dyads.sort_values(DYAD).itertuples(index=False, name=None):
        reason = ""
        try:
            fit = fitted(settings, data[data[DYAD].ne(dyad_id)])
            table = _estimated(fit, settings, groups, is_mixed)
        except StudyError as fault:
            table, reason = pd.DataFrame({"contrast": names}), str(fault)
        if reason:
            table = pd.DataFrame({"contrast": names}).reindex(
                columns=["contrast", *_ESTIMATES], fill_value=np.nan
            )
        else:
            shift = (whole["estimate"] - table["estimate"]) / table["se"]
            table = table.assign(shift=shift)
        table = table.assign(dyad_id=dyad_id, group=group, reason=reason)
        parts.append(table[["dyad_id", "group", "contrast", *_ESTIMATES, "reason"]])
    return check(pd.concat(parts, ignore_index=True), WithoutDyad, "model without a dyad")


def _summed_up(without: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    fitted = without[without["reason"].eq("")]
    dyads = without["dyad_id"].nunique()
    limit = influence_limit(dyads)
    verdict = whole.set_index("contrast")["p_value"].lt(ALPHA)
    marked = fitted.assign(
        is_influential=fitted["shift"].abs().gt(limit),
        is_changed=fitted["p_value"].lt(ALPHA) != fitted["contrast"].map(verdict),
        size=fitted["shift"].abs(),
    )
    by_contrast = marked.groupby("contrast").agg(
        lowest=("estimate", "min"),
        highest=("estimate", "max"),
        largest_shift=("size", "max"),
        influential=("is_influential", "sum"),
        verdicts_changed=("is_changed", "sum"),
        refits=("estimate", "size"),
    )
    table = whole[["contrast", "estimate", "p_value"]].merge(
        by_contrast, left_on="contrast", right_index=True, how="left"
    )
    refits = table["refits"].fillna(0).astype(int)
    return table.assign(limit=limit, refits=refits, failed=dyads - refits)


def _residuals(fit: MixedFit, data: pd.DataFrame) -> pd.DataFrame:
    if not fit.is_converged:
        return Residuals.empty()
    left = fit.residuals()
    known = data.loc[left.index, ["dyad_id", "person", "group"]].astype(str)
    return check(known.join(left), Residuals, "residuals")


def _random_effects(fit: MixedFit) -> pd.DataFrame:
    if not fit.is_converged:
        return RandomEffects.empty()
    names = {"group": "grouping", "level": "unit"}
    effects = fit.random_effects().rename(columns=names).astype({"unit": str})
    return check(effects, RandomEffects, "random effects")


def _spread(residuals: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    lagged = residuals.assign(next=residuals.groupby("person")["residual"].shift(-1))
    lines = []
    for group in groups:
        own = lagged[lagged["group"].eq(group)]
        pairs = own.dropna(subset=["next"])
        lag1 = float(pairs["residual"].corr(pairs["next"])) if len(pairs) > 2 else float("nan")
        sd = float(own["residual"].std())
        lines.append((group, int(own["person"].nunique()), len(own), sd, lag1))
    columns = ["group", "people", "rows", "residual_sd", "lag1_correlation"]
    return pd.DataFrame(lines, columns=columns)
