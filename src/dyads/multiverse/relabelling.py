"""Fit one model again and again to other labels of the groups.

A permutation of labels changes nothing but the columns of the design in which a group stands.
So the rows of the design are worked out once for every group, and each permutation picks the
rows of the group that it gives to a dyad. Everything after the design is the model's own
machinery: the ladder, the covariance, the degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dyads.analysis.comparisons import CLUSTER, DYAD, group_pairs, has_clusters, within_sd
from dyads.config import ModelSettings
from dyads.errors import StudyError
from dyads.models import MixedFit, fit_mixed, refit
from dyads.models.arrays import FloatArray
from dyads.models.grids import mean_functions, trend_functions, weighted


@dataclass(frozen=True)
class Tests:
    """Contrasts between groups.

    Parameters
    ----------
    estimate, se, df
        Shape (contrasts,).
    unit
        What an effect is measured in: the SD of expression within person and emotion for slopes,
        the total SD of the model for means.
    """

    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    unit: float


class Relabelling:
    """A model fitted to the groups as they are, and ready for other labels.

    Parameters
    ----------
    rows
        Analysed rows, `group` being a category.
    model
        Formula and what is compared.
    groups
        Groups in the order of tables.
    headline
        `satterthwaite`, or `CR2` with dyads as clusters.

    Raises
    ------
    StudyError
        If the model cannot be fitted.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        model: ModelSettings,
        groups: Sequence[str],
        headline: Literal["satterthwaite", "CR2"],
    ) -> None:
        self.fit = fit_mixed(model.formula, rows)
        self._is_robust = headline == "CR2"
        self._within_sd = None if model.variable is None else within_sd(rows)
        frame, fixed = self.fit.frame, self.fit.fixed
        if any("group" in term.group_variables for term in frame.formula.random):
            raise StudyError(
                f"'{frame.formula}' has a random term over groups, whose labels are permuted. "
                "Take the term out, or name another model in multiverse.model."
            )
        if self._is_robust and not has_clusters(frame.source):
            raise StudyError(
                f"The headline test CR2 is not possible: random terms of '{frame.formula}' reach "
                "across the dyads of a group."
            )
        means = (
            mean_functions(frame, fixed, ["group"])
            if model.variable is None
            else trend_functions(frame, fixed, model.variable, ["group"])
        )
        self._weights = weighted(means, group_pairs(groups)).weights
        self._dyads = frame.source[DYAD].to_numpy(object)
        self._groups = {group: number for number, group in enumerate(groups)}
        self._designs = np.stack(
            [
                fixed.rows(
                    frame.table.assign(
                        group=pd.Categorical([group] * len(frame.table), categories=list(groups))
                    )
                )
                for group in groups
            ]
        )
        self.tests = self._tested(self.fit)

    def again(self, groups: Mapping[str, str]) -> Tests:
        """Fit the model with other labels and compare the groups.

        Parameters
        ----------
        groups
            Group of each dyad.

        Raises
        ------
        StudyError
            If the model cannot be fitted to these labels.
        """
        number = np.array([self._groups[groups[dyad]] for dyad in self._dyads])
        matrix = self._designs[number, np.arange(len(number))]
        return self._tested(refit(self.fit, matrix=matrix))

    def _tested(self, fit: MixedFit) -> Tests:
        if fit.verdict == "not converged":
            raise StudyError(f"No optimum was found for {fit.frame.formula}.")
        rule = (
            fit.inference(covariance="CR2", cluster=CLUSTER)
            if self._is_robust
            else fit.inference(df_method="satterthwaite")
        )
        variance = np.einsum("lp,pq,lq->l", self._weights, rule.covariance, self._weights)
        return Tests(
            estimate=self._weights @ fit.coefficients,
            se=np.sqrt(variance),
            df=rule.degrees_of_freedom(self._weights),
            unit=fit.total_sd if self._within_sd is None else self._within_sd,
        )
