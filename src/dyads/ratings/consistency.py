"""How well the items of a scale hang together: alpha, omega, and each item with the others."""

from __future__ import annotations

import warnings
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pingouin as pg
from numpy.typing import NDArray
from statsmodels.multivariate.factor import Factor

NOT_VARYING: Final = "the answers do not vary"
ONE_ITEM: Final = "one item"
_UNIQUENESS_MIN: Final = 0.005
"""Below it an item is said to be nothing but the factor: the solution is improper (R's limit)."""
_ITEMS_MIN: Final = 3
"""Two items do not determine a factor."""


class Alpha(NamedTuple):
    """Cronbach's alpha with the ends of its 95 % interval; missing with a reason."""

    alpha: float
    lower: float
    upper: float
    reason: str = ""


class Omega(NamedTuple):
    """McDonald's omega; missing with a reason."""

    omega: float
    reason: str = ""


def cronbach_alpha(answers: pd.DataFrame) -> Alpha:
    """Estimate the internal consistency of a scale, with Feldt's interval.

    Parameters
    ----------
    answers
        A row for each person and a column for each item, all keyed in the scale's direction;
        no cell is missing.

    References
    ----------
    Feldt LS, Woodruff DJ, Salih FA (1987). Statistical inference for coefficient alpha. Applied
    Psychological Measurement 11, 93-103. Computed by pingouin.
    """
    if answers.shape[1] < 2:
        return Alpha(np.nan, np.nan, np.nan, ONE_ITEM)
    if np.isclose(answers.sum(axis=1).var(), 0):
        return Alpha(np.nan, np.nan, np.nan, NOT_VARYING)
    alpha, (lower, upper) = pg.cronbach_alpha(answers)
    return Alpha(float(alpha), float(lower), float(upper))


def mcdonald_omega(covariance: NDArray[np.float64], people: int) -> Omega:
    r"""Estimate the share of a sum's variance that one common factor of its items explains.

    With loadings :math:`\lambda_i` and error variances :math:`\theta_i` of a one-factor model
    fitted by maximum likelihood, in points of the items,

    .. math:: \omega = \frac{(\sum\lambda_i)^2}{(\sum\lambda_i)^2 + \sum\theta_i}.

    Parameters
    ----------
    covariance
        Of the items, keyed in the scale's direction.
    people
        How many people the covariance is of.

    References
    ----------
    McDonald RP (1999). Test theory: a unified treatment. Lawrence Erlbaum, equation 6.20b.
    """
    n_items = len(covariance)
    spread = np.sqrt(np.diag(covariance))
    if n_items < _ITEMS_MIN:
        return Omega(np.nan, ONE_ITEM if n_items == 1 else "two items")
    if np.isclose(spread, 0).any():
        return Omega(np.nan, "an item does not vary")
    if people <= n_items:
        return Omega(np.nan, "fewer people than items")
    correlation = covariance / np.outer(spread, spread)
    if np.linalg.eigvalsh(correlation)[0] < np.finfo(float).eps * n_items:
        return Omega(np.nan, "an item follows from the others")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whether it converged is asked below
        fitted = Factor(corr=correlation, n_factor=1, method="ml", nobs=people).fit()
    if not fitted.mle_retvals.success or fitted.uniqueness.min() < _UNIQUENESS_MIN:
        return Omega(np.nan, "no proper solution with one factor")
    common = float(fitted.loadings[:, 0] @ spread) ** 2
    return Omega(common / (common + float(fitted.uniqueness @ spread**2)))


def item_statistics(answers: pd.DataFrame, minimum: float, maximum: float) -> pd.DataFrame:
    """Describe the items of a scale, each beside the sum of the others.

    Parameters
    ----------
    answers
        As for `cronbach_alpha`.
    minimum, maximum
        Lowest and highest points of an item.

    Returns
    -------
    DataFrame
        `item`, `people`, `mean`, `sd`, `rest_correlation` (Pearson's r with the sum of the other
        items), `alpha_without` (alpha of the other items), `lowest_share` and `highest_share`
        (of people at either end of the item's range).
    """
    covariance = answers.cov().to_numpy()
    own, rows = np.diag(covariance), covariance.sum(axis=1)
    rest_variance = covariance.sum() - 2 * rows + own
    others = len(own) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rest_correlation = (rows - own) / np.sqrt(own * rest_variance)
        rest_share = (own.sum() - own) / rest_variance
    alpha_without = others / (others - 1) * (1 - rest_share) if others > 1 else np.nan
    return pd.DataFrame(
        {
            "item": answers.columns,
            "people": len(answers),
            "mean": answers.mean().to_numpy(),
            "sd": answers.std().to_numpy(),
            "rest_correlation": np.where(np.isfinite(rest_correlation), rest_correlation, np.nan),
            "alpha_without": np.where(rest_variance > 0, alpha_without, np.nan),
            "lowest_share": np.isclose(answers, minimum).mean(axis=0),
            "highest_share": np.isclose(answers, maximum).mean(axis=0),
        }
    )
