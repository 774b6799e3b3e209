"""Whether a model's answer hangs on its outcome being treated as unbounded.

A probability or a share lies between 0 and 1, and a linear model does not know that. The model
is fitted again on the logit of the outcome, and as a beta regression, whose linear predictor is
on the logit scale too. Signs and p can be compared with the model itself; sizes cannot.

References
----------
Smithson, M., and Verkuilen, J. (2006). Psychological Methods 11(1), 54-71.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from dyads.analysis.answers import analysed_rows
from dyads.analysis.comparisons import CLUSTER, group_pairs
from dyads.analysis.person_slopes import planned_contrasts
from dyads.channels import RANGES, ChannelType
from dyads.config import EmotionPair, ModelSettings
from dyads.errors import StudyError
from dyads.models import fit_mixed
from dyads.models.shares import fit_shares

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


def as_shares(values: pd.Series[float], bounds: tuple[float, float]) -> pd.Series[float]:
    """Bring values from between two bounds to between 0 and 1.

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
    return share.clip(0, 1)


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
    shares = data.assign(e=as_shares(data["e"], bounds))
    fit = fit_mixed(settings.formula, data)
    parts = [_labelled(planned_contrasts(fit, settings, groups), AS_ANALYSED)]
    names = pd.DataFrame({"contrast": parts[0]["contrast"]})
    try:
        predictors = settings.formula.partition("~")[2]
        on_logit = fit_mixed(f"logit_share(e) ~ {predictors}", shares)
        parts.append(_labelled(planned_contrasts(on_logit, settings, groups), LOGIT))
    except StudyError as fault:
        parts.append(names.assign(check=LOGIT, reason=str(fault)))
    try:
        parts.append(_labelled(_beta_contrasts(shares, settings, groups), BETA))
    except StudyError as fault:
        parts.append(names.assign(check=BETA, reason=str(fault)))
    return pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)


def _labelled(table: pd.DataFrame, check: str) -> pd.DataFrame:
    plain = table.get("p_unadjusted", table["p_value"])
    return table.assign(check=check, p_adjusted=table["p_value"], p_value=plain, reason="")


def _beta_contrasts(
    shares: pd.DataFrame, settings: ModelSettings, groups: Sequence[str]
) -> pd.DataFrame:
    """Contrasts of a beta regression with the fixed part of a model."""
    if settings.moderator is not None:
        raise StudyError("not made for models with a moderator")
    return fit_shares(settings.formula, shares, CLUSTER).contrasts(
        "group", settings.variable, method=group_pairs(groups), adjust=settings.correction
    )
