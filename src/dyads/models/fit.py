"""Fit a linear mixed model and ask it questions.

fit = fit_mixed("y ~ group * x_w + age + (1 + x_w | person)", data)
fit.contrasts("group", trend="x_w", adjust="holm")
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from dyads.errors import StudyError
from dyads.models import diagnosis, effects, grids
from dyads.models.design import fixed_design, random_designs
from dyads.models.fitted import CovarianceMethod, DegreesMethod, FittedModel
from dyads.models.formula import parse_formula
from dyads.models.frame import model_frame
from dyads.models.grids import At, LinearFunctions, Method, Weights
from dyads.models.hypotheses import type3_functions
from dyads.models.ladder import climb
from dyads.models.tables import ESTIMATE_COLUMNS, Adjustment, adjust_family, estimates_table

Names = str | Sequence[str]


def fit_mixed(formula: str, data: pd.DataFrame, reml: bool = True, ladder: bool = True) -> MixedFit:
    """Fit a linear mixed model written as for lme4.

    Rows with a missing value in any variable of the formula are left out. Categories use
    treatment coding with the first category as reference. A singular or failed fit is
    simplified by the ladder of `dyads.models.ladder`, and every rung is logged.

    Parameters
    ----------
    formula
        For example ``"y ~ group * x_w + age + (1 + x_w | person) + (1 | person:emotion)"``.
        ``(x || g)``, ``(1 | a/b)``, ``C(v)``, ``I(x^2)``, ``log(x)`` and so on are understood.
    data
        One row per observation.
    reml
        Restricted likelihood (the default) or full likelihood.
    ladder
        False keeps the random part as written, whatever comes out.

    Returns
    -------
    MixedFit
        Look at ``verdict``: where it is ``"not converged"``, report
        `dyads.models.two_stage.two_stage_slopes` instead.

    Raises
    ------
    StudyError
        Where formula and data cannot be fitted; the message names variable and cell.

    References
    ----------
    Bates, Mächler, Bolker and Walker (2015). Journal of Statistical Software 67(1).
    """
    frame = model_frame(parse_formula(formula), data)
    fixed = fixed_design(frame)
    orthonormal, triangle = np.linalg.qr(fixed.matrix)
    if len(frame.outcome) <= fixed.matrix.shape[1]:
        raise StudyError(
            f"'{frame.formula}' has {fixed.matrix.shape[1]} fixed effects for {len(frame.outcome)} "
            "complete rows. Fit a smaller model."
        )
    rungs = climb(random_designs(frame), orthonormal, frame.outcome, reml, ladder)
    return MixedFit(frame, fixed, rungs, np.linalg.inv(triangle))


class MixedFit(FittedModel):
    """A fitted linear mixed model.

    Every table has one row per estimate and the columns ``estimate, se, df, statistic,
    p_value, lower, upper`` after its labels. Where a method takes them:

    ``df_method``
        ``"satterthwaite"`` or ``"kenward-roger"``, with the model's covariance.
    ``covariance``
        ``"model"``, or ``"CR2"`` for the cluster-robust covariance with its own degrees of
        freedom (``df_method`` is then not used).
    ``cluster``
        Column of the data, or columns joined by a colon, that CR2 takes as independent;
        by default the coarsest grouping of the random part.
    ``level``
        Coverage of intervals.
    """

    def fixed_effects(
        self,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """One row per fixed effect, ``term`` named as in R (``groupASD:x_w``)."""
        labels = pd.DataFrame({"term": self.fixed.columns})
        rule = self.inference(df_method, covariance, cluster)
        return estimates_table(labels, np.eye(len(labels)), self.coefficients, rule, level)

    def cluster_robust(self, cluster: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Fixed effects with CR2 standard errors and Satterthwaite degrees of freedom."""
        return self.fixed_effects(covariance="CR2", cluster=cluster, level=level)

    def variance_components(self) -> pd.DataFrame:
        """Variances and correlations as lme4's ``VarCorr`` lists them.

        Returns
        -------
        DataFrame
            ``group, effect, with_effect, variance, sd``: for a pair of effects (both named)
            covariance and correlation, otherwise variance and standard deviation.
        """
        return effects.variance_table(self.designs, self.random_covariances, self.sigma2)

    def joint_tests(
        self,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
    ) -> pd.DataFrame:
        """Type III F test of each term, as ``lmerTest::anova`` (with CR2 as clubSandwich's HTZ).

        Returns
        -------
        DataFrame
            ``term, num_df, den_df, statistic, p_value``.
        """
        rule = self.inference(df_method, covariance, cluster)
        rows = []
        for term, functions in type3_functions(self.frame, self.fixed).items():
            test = rule.joint_test(functions, self.coefficients)
            p_value = float(stats.f.sf(test.statistic, test.num_df, test.den_df))
            rows.append((term, test.num_df, test.den_df, test.statistic, p_value))
        return pd.DataFrame(rows, columns=["term", "num_df", "den_df", "statistic", "p_value"])

    def marginal_means(
        self,
        specs: Names,
        at: At | None = None,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Estimated marginal means, one row per combination of the specs' levels.

        Parameters
        ----------
        specs
            Predictors to keep apart; the other categories are averaged with equal weight,
            the other numbers stand at their mean.
        at
            Values (one or several) for predictors, in place of mean or all levels.
        df_method, covariance, cluster, level
            See the class.
        """
        functions = grids.mean_functions(self.frame, self.fixed, _listed(specs), at)
        return self._table(functions, df_method, covariance, cluster, level)

    def trends(
        self,
        variable: str,
        by: Names = (),
        at: At | None = None,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Slopes of a numeric predictor, one row per combination of the levels of `by`."""
        functions = grids.trend_functions(self.frame, self.fixed, variable, _listed(by), at)
        return self._table(functions, df_method, covariance, cluster, level)

    def contrasts(
        self,
        specs: Names,
        trend: str | None = None,
        by: Names = (),
        method: Method | Weights = "pairwise",
        at: At | None = None,
        adjust: Adjustment = "none",
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Contrasts of marginal means, or of slopes where a trend is named.

        Parameters
        ----------
        specs
            Predictors whose levels are compared.
        trend
            Numeric predictor whose slopes are compared in place of means.
        by
            Predictors within whose levels the comparison is made; each combination is a
            family of its own.
        method
            ``"pairwise"`` (earlier minus later level), ``"reference"`` (each minus the first)
            or named weights, see `dyads.models.grids.weighted`.
        at
            As in `marginal_means`.
        adjust
            Correction within a family: ``"none"``, ``"holm"``, ``"bh"`` or ``"tukey"``. Only
            Tukey widens the intervals.
        df_method, covariance, cluster, level
            See the class.

        Returns
        -------
        DataFrame
            ``contrast``, the `by` columns, the estimates and ``p_unadjusted``.
        """
        if adjust == "tukey" and method != "pairwise":
            raise StudyError("Tukey's correction is for all pairwise differences only.")
        inner, outer = _listed(specs), _listed(by)
        kept = [*outer, *inner]
        if trend is None:
            functions = grids.mean_functions(self.frame, self.fixed, kept, at)
        else:
            functions = grids.trend_functions(self.frame, self.fixed, trend, kept, at)
        families = []
        for held, family in grids.families(functions, outer):
            compared = grids.compare(family, method)
            table = self._table(compared, df_method, covariance, cluster, level)
            table = adjust_family(table, adjust, len(family.labels), level)
            at_levels = held.loc[[0] * len(table)].reset_index(drop=True)
            families.append(pd.concat([table, at_levels], axis=1))
        return pd.concat(families, ignore_index=True)[
            ["contrast", *outer, *ESTIMATE_COLUMNS, "p_unadjusted"]
        ]

    def predict(
        self,
        rows: pd.DataFrame,
        df_method: DegreesMethod = "satterthwaite",
        covariance: CovarianceMethod = "model",
        cluster: str | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Population means for given values of predictors, with intervals for the mean.

        Predictors that `rows` leaves out are averaged (categories) or at their mean.
        """
        functions = grids.row_functions(self.frame, self.fixed, rows)
        return self._table(functions, df_method, covariance, cluster, level)

    def effect_sizes(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add ``d``, ``d_lower`` and ``d_upper`` to a table of contrasts of means.

        The unit is ``sqrt(sum of variance components + sigma^2)``; a slope's variance counts
        as much as it spreads the rows.
        """
        return effects.standardised(table, self.total_sd)

    def r_squared(self) -> pd.DataFrame:
        """Shares of variance, ``marginal`` and ``conditional``, one row.

        References
        ----------
        Nakagawa, Johnson and Schielzeth (2017). Journal of the Royal Society Interface 14(134).
        """
        spread = effects.random_variance(self.designs, self.random_covariances)
        fitted = self.fixed.matrix @ self.coefficients
        return effects.r_squared(fitted, spread, self.sigma2)

    def random_effects(self) -> pd.DataFrame:
        """Predicted random effects: ``group, level, effect, value``."""
        return diagnosis.random_effects(
            self.designs, self.random_covariances, self.marginal_residuals, self.sigma2
        )

    def residuals(self) -> pd.DataFrame:
        """``fitted, residual, scaled_residual`` by row of the data (its index is kept).

        Fitted values include the predicted random effects; scaled residuals are divided by
        the residual standard deviation.
        """
        return diagnosis.residual_table(
            self.frame, self.designs, self.random_effects(), self.marginal_residuals, self.sigma2
        )

    def diagnostics(self) -> pd.DataFrame:
        """One row of numbers on the fit: convergence, sizes, shape of the residuals."""
        optimum = self.rungs[-1].optimum
        return diagnosis.summary(
            verdict=self.verdict,
            optimum=optimum,
            deviance=self.deviance,
            frame=self.frame,
            designs=self.designs,
            residuals=self.residuals(),
        )

    def _table(
        self,
        functions: LinearFunctions,
        df_method: DegreesMethod,
        covariance: CovarianceMethod,
        cluster: str | None,
        level: float,
    ) -> pd.DataFrame:
        rule = self.inference(df_method, covariance, cluster)
        return estimates_table(functions.labels, functions.weights, self.coefficients, rule, level)


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
