"""A fitted mixed model and the questions it answers."""

from __future__ import annotations

import pandas as pd

from dyads.models import diagnosis, effects
from dyads.models.fitted import CovarianceMethod, DegreesMethod, FittedModel
from dyads.models.grids import At, Method, Weights
from dyads.models.questions import Names, Questions
from dyads.models.tables import Adjustment


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
        return self._ask(df_method, covariance, cluster, level).fixed_effects()

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

        Where an interaction stands without one of its main effects (``group + group:emotion``),
        a main effect is averaged over the levels it interacts with, as SAS does; lmerTest
        tests it at the reference level there.

        Returns
        -------
        DataFrame
            ``term, num_df, den_df, statistic, p_value``.
        """
        return self._ask(df_method, covariance, cluster).joint_tests()

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
        return self._ask(df_method, covariance, cluster, level).marginal_means(specs, at)

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
        return self._ask(df_method, covariance, cluster, level).trends(variable, by, at)

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
        asked = self._ask(df_method, covariance, cluster, level)
        return asked.contrasts(specs, trend, by, method, at, adjust)

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
        return self._ask(df_method, covariance, cluster, level).predict(rows)

    def effect_sizes(
        self, table: pd.DataFrame, trend: str | None = None, within: str | None = None
    ) -> pd.DataFrame:
        """Add ``d``, ``d_lower`` and ``d_upper`` to a table of contrasts.

        A contrast of means is divided by ``sqrt(sum of variance components + sigma^2)``; a
        slope's variance counts as much as it spreads the rows. A slope, or a contrast of
        slopes, is multiplied by ``SD(x) / SD_within(y)``. The uncertainty of the unit is in
        neither interval; `dyads.models.bootstrap` takes it in.

        Parameters
        ----------
        table
            As `contrasts`, `trends` or `fixed_effects` gives it.
        trend
            The predictor whose slopes the table holds; None for means.
        within
            Columns of the data, joined by colons, within which the outcome's spread is taken;
            by default the grouping over which the slope varies.
        """
        if trend is None:
            return effects.standardised(table, self.total_sd)
        unit = effects.slope_unit(self.frame, self.designs, trend, within)
        return effects.standardised(table, unit)

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

    def _ask(
        self,
        df_method: DegreesMethod,
        covariance: CovarianceMethod,
        cluster: str | None,
        level: float = 0.95,
    ) -> Questions:
        rule = self.inference(df_method, covariance, cluster)
        return Questions(self.frame, self.fixed, self.coefficients, rule, level)
