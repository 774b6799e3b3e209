"""A fitted mixed model: its numbers, and the rules for their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray, IntArray
from dyads.models.derivatives import Derivatives, derivatives
from dyads.models.design import FixedDesign, RandomDesign, numbered_levels
from dyads.models.effects import random_variance
from dyads.models.frame import ModelFrame
from dyads.models.inference import Inference, KenwardRoger, Satterthwaite
from dyads.models.ladder import Rung, ladder_table
from dyads.models.robust import ClusterRobust

DegreesMethod = Literal["satterthwaite", "kenward-roger"]
CovarianceMethod = Literal["model", "CR2"]


_EXACT = 1e-12


@dataclass(frozen=True)
class StandardOutcome:
    """The outcome as the optimiser sees it: what least squares leaves, with a spread of one.

    Neither a large constant nor small units of the outcome then cost precision.

    Attributes
    ----------
    values
        Shape (rows,).
    level
        Least-squares coefficients of the orthonormal columns, taken out, shape (p,).
    unit
        Root mean square of what was left, in units of the outcome.
    """

    values: FloatArray
    level: FloatArray
    unit: float


def standard_outcome(frame: ModelFrame, orthonormal: FloatArray) -> StandardOutcome:
    """Take the fixed part out of the outcome and divide by what is left.

    Raises
    ------
    StudyError
        Where nothing is left: the predictors give the outcome exactly.
    """
    outcome = frame.outcome
    level = orthonormal.T @ outcome
    left = outcome - orthonormal @ level
    correction = orthonormal.T @ left
    left -= orthonormal @ correction
    unit = float(np.sqrt(np.mean(left**2)))
    if unit <= _EXACT * float(np.abs(outcome).max()):
        raise StudyError(
            f"The outcome '{frame.formula.response}' follows exactly from {frame.formula.fixed}: "
            "no variance is left to test against. Is the outcome, or a copy of it, among the "
            "predictors?"
        )
    return StandardOutcome(left / unit, level + correction, unit)


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Estimates of a linear mixed model.

    Attributes
    ----------
    frame
        The rows.
    fixed
        The fixed design, in the units of the data.
    rungs
        What the ladder tried; the last one counts.
    to_columns
        Shape (p, p): fixed effects of the data's columns from those of orthonormal ones.
    outcome
        The outcome that the rungs were fitted to.
    """

    frame: ModelFrame
    fixed: FixedDesign
    rungs: tuple[Rung, ...]
    to_columns: FloatArray
    outcome: StandardOutcome

    @property
    def verdict(self) -> str:
        """``"accepted"``, ``"singular"`` or ``"not converged"``."""
        return self.rungs[-1].verdict

    @property
    def is_singular(self) -> bool:
        """Whether a random covariance has lost rank."""
        return self.rungs[-1].optimum.is_singular

    @property
    def is_converged(self) -> bool:
        """Whether the optimum passed the gradient check."""
        return self.rungs[-1].optimum.is_converged

    @property
    def is_reml(self) -> bool:
        """Whether the fit is by restricted likelihood."""
        return self.rungs[-1].objective.is_reml

    @property
    def formula(self) -> str:
        """The model that was fitted in the end."""
        return str(replace(self.frame.formula, random=tuple(d.term for d in self.designs)))

    @property
    def designs(self) -> tuple[RandomDesign, ...]:
        """Random terms of the last rung."""
        return self.rungs[-1].designs

    @property
    def n_rows(self) -> int:
        """Complete rows."""
        return len(self.frame.outcome)

    @cached_property
    def log(self) -> pd.DataFrame:
        """The rungs of the ladder, see `dyads.models.ladder.ladder_table`."""
        return ladder_table(self.rungs, self._constant)

    @property
    def deviance(self) -> float:
        """REML criterion, or minus twice the log likelihood, as lme4 gives it."""
        return self.rungs[-1].optimum.solution.deviance + self._constant

    @property
    def sigma2(self) -> float:
        """Residual variance, in squared units of the outcome."""
        return self.rungs[-1].optimum.solution.sigma2 * self.outcome.unit**2

    @cached_property
    def coefficients(self) -> FloatArray:
        """Fixed effects in the order of ``fixed.columns``, shape (p,)."""
        own = self.rungs[-1].optimum.solution.coefficients * self.outcome.unit
        return np.asarray(self.to_columns @ (self.outcome.level + own))

    @cached_property
    def random_covariances(self) -> tuple[FloatArray, ...]:
        """Covariance matrix of each random term in the units of the data."""
        scaled = zip(self.designs, self.rungs[-1].optimum.factors, strict=True)
        roots = [design.to_standard @ factor for design, factor in scaled]
        return tuple(self.sigma2 * root @ root.T for root in roots)

    def inference(
        self,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
    ) -> Inference:
        """The rule for covariance and degrees of freedom behind the tables."""
        if covariance == "CR2":
            return self._robust(cluster or self.default_cluster())
        if covariance != "model":
            raise StudyError(f"Unknown covariance '{covariance}'; expected model or CR2.")
        if df_method == "satterthwaite":
            return self._satterthwaite
        if df_method != "kenward-roger":
            raise StudyError(
                f"Unknown df_method '{df_method}'; expected satterthwaite or kenward-roger."
            )
        if not self.is_reml:
            raise StudyError("Kenward-Roger degrees of freedom need a fit by REML.")
        return self._kenward_roger

    @cached_property
    def total_sd(self) -> float:
        """Standard deviation of one observation around its fixed part."""
        spread = random_variance(self.designs, self.random_covariances)
        return float(np.sqrt(spread + self.sigma2))

    def default_cluster(self) -> str:
        """The grouping of the random part that contains all the others."""
        for candidate in self.designs:
            holds = [
                len(np.unique(np.stack([d.codes, candidate.codes]), axis=1).T) == len(d.levels)
                for d in self.designs
            ]
            if all(holds):
                return candidate.group
        raise StudyError(
            f"No grouping of '{self.formula}' contains all others; name the cluster for CR2."
        )

    @property
    def _constant(self) -> float:
        units = 2 * self.rungs[-1].objective.degrees * float(np.log(self.outcome.unit))
        if not self.is_reml:
            return units
        return units - 2 * float(np.linalg.slogdet(self.to_columns)[1])

    @cached_property
    def marginal_residuals(self) -> FloatArray:
        """What the fixed part leaves, ``y - X beta``, shape (rows,)."""
        return np.asarray(self.frame.outcome - self.fixed.matrix @ self.coefficients)

    @cached_property
    def _derivatives(self) -> Derivatives:
        last = self.rungs[-1]
        own = derivatives(last.objective, last.optimum.factors, self.to_columns)
        variance = self.outcome.unit**2
        return replace(
            own,
            covariance=own.covariance * variance,
            first=own.first / variance**2,
            second=own.second / variance**3,
            trace=own.trace / variance**2,
            hessian=own.hessian / variance**2,
            gradient=own.gradient / variance,
        )

    @cached_property
    def _satterthwaite(self) -> Satterthwaite:
        return Satterthwaite(self._derivatives, self.rungs[-1].optimum.factors, self.sigma2)

    @cached_property
    def _kenward_roger(self) -> KenwardRoger:
        return KenwardRoger(self._derivatives)

    @cached_property
    def _robust_rules(self) -> dict[str, ClusterRobust]:
        return {}

    def _robust(self, cluster: str) -> ClusterRobust:
        if cluster not in self._robust_rules:
            self._robust_rules[cluster] = ClusterRobust(
                self.fixed.matrix,
                self.marginal_residuals,
                self.designs,
                self.random_covariances,
                self.sigma2,
                self._derivatives.covariance,
                self._cluster_codes(cluster),
                cluster,
            )
        return self._robust_rules[cluster]

    def _cluster_codes(self, cluster: str) -> IntArray:
        names = cluster.split(":")
        unknown = [name for name in names if name not in self.frame.source]
        if unknown:
            raise StudyError(f"Cluster '{cluster}': the data have no column {', '.join(unknown)}.")
        missing = int(self.frame.source[names].isna().any(axis=1).sum())
        if missing:
            raise StudyError(f"Cluster '{cluster}' is missing in {missing} rows of the model.")
        return numbered_levels(self.frame.source, names)[0]
