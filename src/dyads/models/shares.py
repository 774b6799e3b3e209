"""Beta regression of shares, people being the clusters: the check of a bounded outcome.

A share of time or a mean probability lies between 0 and 1, is skewed near the ends, and its
spread depends on its mean. The mixed model of `logit_share(y)` answers the same question with
random effects; where the two disagree, the scale of the outcome decides the result.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from statsmodels.othermod.betareg import BetaModel
from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.design import FixedDesign, fixed_design, numbered_levels
from dyads.models.formula import factor_variables, model_terms, parse_formula
from dyads.models.frame import ModelFrame, model_frame
from dyads.models.grids import At, Method, Weights
from dyads.models.inference import JointTest, independent_rows
from dyads.models.questions import Names, Questions
from dyads.models.tables import Adjustment
from dyads.models.transforms import squeezed

_FLAT = 1e-3
_SEARCHED = 1e-8


@dataclass(frozen=True)
class ClusterRule:
    """Cluster-robust covariance with one degree of freedom less than clusters.

    Attributes
    ----------
    covariance
        Covariance of the coefficients, shape (p, p).
    n_clusters
        Independent clusters.
    """

    covariance: FloatArray
    n_clusters: int

    def degrees_of_freedom(self, functions: FloatArray) -> FloatArray:
        """``n_clusters - 1`` for every function, shape (functions,)."""
        return np.full(len(functions), self.n_clusters - 1.0)

    def joint_test(self, functions: FloatArray, coefficients: FloatArray) -> JointTest:
        """Wald's F."""
        functions = independent_rows(functions)
        effect = functions @ coefficients
        spread = functions @ self.covariance @ functions.T
        statistic = float(effect @ np.linalg.solve(spread, effect)) / len(functions)
        return JointTest(statistic, len(functions), self.n_clusters - 1.0)


@dataclass(frozen=True, eq=False)
class ShareFit:
    """A fitted beta regression; estimates are differences in log odds.

    Attributes
    ----------
    frame, fixed
        The rows and the design.
    coefficients
        Effects on the log odds of the mean share, shape (p,).
    precision
        Beta's phi; the variance of a share is ``mean (1 - mean) / (1 + phi)``.
    rule
        Their uncertainty.
    cluster
        What is independent, ``"person"``.
    """

    frame: ModelFrame
    fixed: FixedDesign
    coefficients: FloatArray
    precision: float
    rule: ClusterRule
    cluster: str

    def fixed_effects(self, level: float = 0.95) -> pd.DataFrame:
        """One row per effect on the log odds."""
        return self._ask(level).fixed_effects()

    def joint_tests(self) -> pd.DataFrame:
        """Type III Wald F test of each term."""
        return self._ask().joint_tests()

    def marginal_means(
        self, specs: Names, at: At | None = None, level: float = 0.95
    ) -> pd.DataFrame:
        """Marginal means in log odds, and as ``share, share_lower, share_upper``."""
        table = self._ask(level).marginal_means(specs, at)
        ends = {"share": "estimate", "share_lower": "lower", "share_upper": "upper"}
        return table.assign(**{name: expit(table[source]) for name, source in ends.items()})

    def trends(
        self, variable: str, by: Names = (), at: At | None = None, level: float = 0.95
    ) -> pd.DataFrame:
        """Slopes of the log odds on a numeric predictor."""
        return self._ask(level).trends(variable, by, at)

    def contrasts(
        self,
        specs: Names,
        trend: str | None = None,
        by: Names = (),
        method: Method | Weights = "pairwise",
        at: At | None = None,
        adjust: Adjustment = "none",
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Contrasts of log odds, as `dyads.models.MixedFit.contrasts`."""
        return self._ask(level).contrasts(specs, trend, by, method, at, adjust)

    def _ask(self, level: float = 0.95) -> Questions:
        return Questions(self.frame, self.fixed, self.coefficients, self.rule, level)


def fit_shares(formula: str, data: pd.DataFrame, cluster: str | None = None) -> ShareFit:
    """Fit a beta regression to shares with cluster-robust standard errors.

    Parameters
    ----------
    formula
        As for `dyads.models.fit_mixed`; of the random part only the groupings count.
    data
        One row per observation, the outcome between 0 and 1. Zeros and ones are moved inwards
        by half an observation among all rows.
    cluster
        Column of the data, or columns joined by a colon, that are independent; by default the
        grouping of the first random term.

    Returns
    -------
    ShareFit

    Raises
    ------
    StudyError
        As `fit_mixed`; shares outside 0 to 1; a level or cell in which every share is 0 or
        every share is 1, so that its log odds have no end (separation).

    References
    ----------
    Ferrari and Cribari-Neto (2004). Journal of Applied Statistics 31(7). Smithson and Verkuilen
    (2006). Psychological Methods 11(1).
    """
    parsed = parse_formula(formula)
    frame = model_frame(parsed, data)
    inside = squeezed(frame.outcome)
    _refuse_separation(frame)
    fixed = fixed_design(frame)
    cluster = cluster or parsed.random[0].group
    names = cluster.split(":")
    unknown = [name for name in names if name not in frame.source]
    if unknown:
        raise StudyError(f"Cluster '{cluster}': the data have no column {', '.join(unknown)}.")
    codes = numbered_levels(frame.source, names)[0]
    if codes.max() < 1:
        raise StudyError(f"Cluster-robust covariance needs two clusters or more of '{cluster}'.")
    orthonormal, triangle = np.linalg.qr(fixed.matrix)
    scale = np.sqrt(len(inside))
    model = BetaModel(inside, orthonormal * scale)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", HessianInversionWarning)
        found = model.fit(
            method="bfgs",
            gtol=_SEARCHED,
            maxiter=2000,
            disp=False,
            cov_type="cluster",
            cov_kwds={"groups": codes},
        )
    steepest = float(np.abs(model.score(found.params)).max()) / len(inside)
    if not steepest < _FLAT:
        raise StudyError(
            f"Beta regression '{parsed}' found no optimum (gradient {steepest:.2g} per row). Look "
            "for a level whose shares are nearly all 0 or all 1, or leave a predictor out."
        )
    to_columns = np.linalg.inv(triangle) * scale
    p = len(triangle)
    covariance = to_columns @ np.asarray(found.cov_params())[:p, :p] @ to_columns.T
    return ShareFit(
        frame,
        fixed,
        to_columns @ np.asarray(found.params)[:p],
        float(np.exp(found.params[p])),
        ClusterRule(covariance, int(codes.max()) + 1),
        cluster,
    )


def _refuse_separation(frame: ModelFrame) -> None:
    faults: dict[str, None] = {}
    for term in model_terms(frame.formula.fixed).rhs_termlist:
        names = [n for f in term.factors for n in factor_variables(f) if frame.is_categorical(n)]
        if not names:
            continue
        by = [frame.table[n].to_numpy() for n in names]
        cells = pd.Series(frame.outcome).groupby(by).agg(["min", "max"])
        for cell, (low, high) in cells.iterrows():
            if (low, high) in {(0.0, 0.0), (1.0, 1.0)}:
                levels = cell if isinstance(cell, tuple) else (cell,)
                label = ", ".join(f"{n} = {v}" for n, v in zip(names, levels, strict=True))
                faults[f"{label}: every share is {low:g}"] = None
    if faults:
        raise StudyError(
            f"'{frame.formula.response}' is separated ({'; '.join(faults)}): its log odds there "
            "have no end. Take the interaction out, join levels or leave the level out."
        )
