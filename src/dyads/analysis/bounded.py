"""Whether a model's answer hangs on its outcome being treated as unbounded.

A probability or a share lies between 0 and 1, and a linear model does not know that. The model
is fitted again on the logit of the outcome, and as a beta regression, whose linear predictor is
on the logit scale too. Signs and p can be compared with the model itself; sizes cannot.

References
----------
Smithson, M., and Verkuilen, J. (2006). Psychological Methods 11(1), 54-71.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from dyads.analysis.answers import analysed_rows
from dyads.analysis.comparisons import CLUSTER, group_contrasts
from dyads.channels import RANGES, ChannelType
from dyads.config import EmotionPair, ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed
from dyads.models.grids import LinearFunctions, mean_functions, trend_functions, weighted
from dyads.models.tables import adjust_family

AS_ANALYSED: Final = "as analysed"
LOGIT: Final = "logit of the outcome"
BETA: Final = "beta regression, cluster-robust"

_OF_THE_CHANNEL: Final = "level"
_SHARES: Final = "time_on"
_COLUMNS: Final = [
    "check", "contrast", "estimate", "se", "df", "statistic", "p_value", "p_adjusted", "reason",
]  # fmt: skip


def outcome_range(
    pairs: Sequence[EmotionPair], types: Mapping[str, ChannelType]
) -> tuple[float, float] | None:
    """Give the bounds of the expression in a study; None where it has none in common.

    Parameters
    ----------
    pairs
        What is held against each other.
    types
        Type of each channel.
    """
    ranges = {
        (0.0, 1.0)
        if pair.measure == _SHARES
        else RANGES.get(types[pair.channel])
        if pair.measure == _OF_THE_CHANNEL and pair.channel in types
        else None
        for pair in pairs
    }
    return ranges.pop() if len(ranges) == 1 else None


def squeezed(values: pd.Series[float], bounds: tuple[float, float]) -> pd.Series[float]:
    """Bring values into the open interval from 0 to 1: (y (n - 1) + 0.5) / n.

    Raises
    ------
    StudyError
        If a value lies outside the bounds.
    """
    low, high = bounds
    share = (values - low) / (high - low)
    # Means of bounded numbers may miss a bound by rounding.
    if ((share < -1e-9) | (share > 1 + 1e-9)).any():
        raise StudyError(
            f"Expressions between {values.min():g} and {values.max():g} do not lie between "
            f"{low:g} and {high:g}, as their channel's type says."
        )
    n = int(values.notna().sum())
    return (share.clip(0, 1) * (n - 1) + 0.5) / n


def check_bounds(
    cohort: pd.DataFrame,
    settings: ModelSettings,
    groups: Sequence[str],
    bounds: tuple[float, float] | None,
) -> pd.DataFrame:
    """Compare the groups as the model does, with the outcome's bounds taken into account.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    settings
        The model; its outcome must be `e`.
    groups
        Groups in their order.
    bounds
        As `outcome_range` gives them.

    Returns
    -------
    DataFrame
        `check` (`as analysed`, the logit, beta regression), `contrast`, `estimate`, `se`, `df`,
        `statistic`, `p_value`, `p_adjusted` (as the model's correction says) and `reason` (why a
        check could not be made). No row where the outcome has no bounds. Beta regression has no
        random effects; its covariance is robust to what the rows of a dyad share, and its
        degrees of freedom are the number of dyads minus one.

    Raises
    ------
    StudyError
        If the model itself cannot be fitted.
    """
    if bounds is None or settings.formula.split("~")[0].strip() != "e":
        return pd.DataFrame(columns=_COLUMNS)
    data = analysed_rows(cohort, settings, groups)
    share = squeezed(data["e"], bounds)
    fit = fit_mixed(settings.formula, data)
    parts = [_labelled(group_contrasts(fit, settings, groups, "model"), AS_ANALYSED)]
    names = pd.DataFrame({"contrast": parts[0]["contrast"]})
    try:
        on_logit = data.assign(e=np.log(share / (1 - share)))
        second = fit_mixed(settings.formula, on_logit)
        parts.append(_labelled(group_contrasts(second, settings, groups, "model"), LOGIT))
    except StudyError as fault:
        parts.append(names.assign(check=LOGIT, reason=str(fault)))
    try:
        parts.append(_labelled(_beta_contrasts(fit, share, settings, groups), BETA))
    except StudyError as fault:
        parts.append(names.assign(check=BETA, reason=str(fault)))
    return pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)


def _labelled(table: pd.DataFrame, check: str) -> pd.DataFrame:
    plain = table.get("p_unadjusted", table["p_value"])
    return table.assign(check=check, p_adjusted=table["p_value"], p_value=plain, reason="")


def _beta_contrasts(
    fit: MixedFit, share: pd.Series[float], settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Contrasts of a beta regression with the fixed part of a model."""
    if settings.moderator is not None:
        raise StudyError("not made for models with a moderator")
    from statsmodels.othermod.betareg import BetaModel

    rows = fit.frame.source.index
    clusters = pd.factorize(fit.frame.source[CLUSTER])[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = BetaModel(share.loc[rows].to_numpy(float), fit.fixed.matrix).fit(
            disp=0, maxiter=500, cov_type="cluster", cov_kwds={"groups": clusters}
        )
    size = fit.fixed.matrix.shape[1]
    coefficients = np.asarray(fitted.params, dtype=float)[:size]
    covariance = np.asarray(fitted.cov_params(), dtype=float)[:size, :size]
    if not fitted.mle_retvals["converged"] or not np.isfinite(covariance).all():
        raise StudyError("no optimum was found")
    functions = _functions(fit, settings, groups)
    weights: NDArray[np.float64] = functions.weights
    estimate = weights @ coefficients
    se = np.sqrt(np.einsum("lp,pq,lq->l", weights, covariance, weights))
    df = float(clusters.max())
    table = functions.labels.assign(
        estimate=estimate,
        se=se,
        df=df,
        statistic=estimate / se,
        p_value=2 * stats.t.sf(np.abs(estimate / se), df),
        lower=np.nan,
        upper=np.nan,
    )
    return adjust_family(table, settings.correction, len(groups))


def _functions(fit: MixedFit, settings: ModelSettings, groups: Sequence[str]) -> LinearFunctions:
    if settings.variable is None:
        family = mean_functions(fit.frame, fit.fixed, ["group"])
    else:
        family = trend_functions(fit.frame, fit.fixed, settings.variable, ["group"])
    pairs = {
        f"{later} - {earlier}": {later: 1.0, earlier: -1.0}
        for earlier, later in combinations(groups, 2)
    }
    return weighted(family, pairs)
