"""The questions that can be asked of fixed effects, whatever model they come from.

A set of estimates and one rule for their uncertainty (`dyads.models.inference.Inference`) give
every table: effects, marginal means, slopes, contrasts, joint tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from dyads.errors import StudyError
from dyads.models import grids
from dyads.models.arrays import FloatArray
from dyads.models.design import FixedDesign
from dyads.models.frame import ModelFrame
from dyads.models.grids import At, LinearFunctions, Method, Weights
from dyads.models.hypotheses import type3_functions
from dyads.models.inference import Inference
from dyads.models.tables import ESTIMATE_COLUMNS, Adjustment, adjust_family, estimates_table

Names = str | Sequence[str]


@dataclass(frozen=True)
class Questions:
    """Fixed effects with a rule for their uncertainty.

    Attributes
    ----------
    frame, fixed
        The rows and the design.
    coefficients
        Fixed effects, shape (p,).
    rule
        Covariance and degrees of freedom.
    level
        Coverage of intervals.
    """

    frame: ModelFrame
    fixed: FixedDesign
    coefficients: FloatArray
    rule: Inference
    level: float = 0.95

    def fixed_effects(self) -> pd.DataFrame:
        """One row per fixed effect, ``term`` named as in R."""
        labels = pd.DataFrame({"term": self.fixed.columns})
        return self._table(LinearFunctions(labels, np.eye(len(labels))))

    def joint_tests(self) -> pd.DataFrame:
        """Type III F test of each term: ``term, num_df, den_df, statistic, p_value``."""
        rows = []
        for term, functions in type3_functions(self.frame, self.fixed).items():
            test = self.rule.joint_test(functions, self.coefficients)
            p_value = float(stats.f.sf(test.statistic, test.num_df, test.den_df))
            rows.append((term, test.num_df, test.den_df, test.statistic, p_value))
        return pd.DataFrame(rows, columns=["term", "num_df", "den_df", "statistic", "p_value"])

    def marginal_means(self, specs: Names, at: At | None) -> pd.DataFrame:
        """Marginal means by the levels of the specs."""
        return self._table(grids.mean_functions(self.frame, self.fixed, listed(specs), at))

    def trends(self, variable: str, by: Names, at: At | None) -> pd.DataFrame:
        """Slopes of a numeric predictor by the levels of `by`."""
        return self._table(grids.trend_functions(self.frame, self.fixed, variable, listed(by), at))

    def contrasts(
        self,
        specs: Names,
        trend: str | None,
        by: Names,
        method: Method | Weights,
        at: At | None,
        adjust: Adjustment,
    ) -> pd.DataFrame:
        """Contrasts of marginal means or of slopes, adjusted within the levels of `by`.

        Raises
        ------
        StudyError
            Where Tukey's correction is asked for other than pairwise contrasts.
        """
        if adjust == "tukey" and method != "pairwise":
            raise StudyError("Tukey's correction is for all pairwise differences only.")
        inner, outer = listed(specs), listed(by)
        kept = [*outer, *inner]
        if trend is None:
            functions = grids.mean_functions(self.frame, self.fixed, kept, at)
        else:
            functions = grids.trend_functions(self.frame, self.fixed, trend, kept, at)
        families = []
        for held, family in grids.families(functions, outer):
            table = self._table(grids.compare(family, method))
            table = adjust_family(table, adjust, len(family.labels), self.level)
            at_levels = held.loc[[0] * len(table)].reset_index(drop=True)
            families.append(pd.concat([table, at_levels], axis=1))
        return pd.concat(families, ignore_index=True)[
            ["contrast", *outer, *ESTIMATE_COLUMNS, "p_unadjusted"]
        ]

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Population means for given values of predictors."""
        return self._table(grids.row_functions(self.frame, self.fixed, rows))

    def _table(self, functions: LinearFunctions) -> pd.DataFrame:
        return estimates_table(
            functions.labels, functions.weights, self.coefficients, self.rule, self.level
        )


def listed(names: Names) -> list[str]:
    """One name or several, as a list."""
    return [names] if isinstance(names, str) else list(names)
