"""Fit a linear mixed model and ask it questions.

fit = fit_mixed("y ~ group * x_w + age + (1 + x_w | person)", data)
fit.contrasts("group", trend="x_w", adjust="holm")
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.design import (
    FixedDesign,
    RandomDesign,
    fixed_design,
    random_designs,
    refuse_dependent,
)
from dyads.models.fitted import standard_outcome
from dyads.models.formula import parse_formula
from dyads.models.frame import ModelFrame, model_frame
from dyads.models.ladder import climb
from dyads.models.mixed import MixedFit


def fit_mixed(
    formula: str,
    data: pd.DataFrame,
    reml: bool = True,
    ladder: bool = True,
    one_row_each: bool = False,
) -> MixedFit:
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
    one_row_each
        True takes a random intercept that stands alone and has one row a level for part of the
        residual, as where each dyad met once: the model is then linear, with degrees of freedom
        n - p. Otherwise it is refused, as by lme4: the rows may not be independent.

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
    if len(frame.outcome) <= fixed.matrix.shape[1]:
        raise StudyError(
            f"'{frame.formula}' has {fixed.matrix.shape[1]} fixed effects for {len(frame.outcome)} "
            "complete rows. Fit a smaller model."
        )
    return _fitted(frame, fixed, random_designs(frame, one_row_each), reml, ladder)


def refit(
    fit: MixedFit,
    outcome: FloatArray | None = None,
    matrix: FloatArray | None = None,
    ladder: bool = True,
) -> MixedFit:
    """Fit the same model to another outcome, as lme4's ``refit``, or to other fixed columns.

    Parameters
    ----------
    fit
        A fitted model; its first rung gives the random part.
    outcome
        Values in the order of ``fit.frame.table``, shape (rows,); by default the model's own.
    matrix
        Fixed design of the same columns, such as that of permuted groups, shape (rows, columns);
        by default the model's own.
    ladder
        As in `fit_mixed`.

    Returns
    -------
    MixedFit

    Raises
    ------
    StudyError
        Where the outcome follows exactly from the predictors, or columns of the design depend
        linearly on others.
    """
    frame, fixed = fit.frame, fit.fixed
    if outcome is not None:
        frame = replace(frame, outcome=np.asarray(outcome, dtype=float))
    if matrix is not None:
        fixed = replace(fixed, matrix=matrix)
        refuse_dependent(fixed.matrix, fixed.columns)
    return _fitted(frame, fixed, fit.rungs[0].designs, fit.is_reml, ladder)


def fit_to_rows(fit: MixedFit, data: pd.DataFrame) -> MixedFit:
    """Fit the random part that the ladder kept to other rows, whatever comes out.

    Raises
    ------
    StudyError
        As `fit_mixed`.
    """
    frame = model_frame(fit.frame.formula, data)
    written = random_designs(frame, any(design.is_residual for design in fit.designs))
    kept = []
    for design in fit.designs:
        whole = next(
            one
            for one in written
            if one.group == design.group and set(design.columns) <= set(one.columns)
        )
        kept.append(whole.part(design.columns, design.term.expression))
    return _fitted(frame, fixed_design(frame), tuple(kept), fit.is_reml, ladder=False)


def _fitted(
    frame: ModelFrame,
    fixed: FixedDesign,
    designs: tuple[RandomDesign, ...],
    reml: bool,
    ladder: bool,
) -> MixedFit:
    orthonormal, triangle = np.linalg.qr(fixed.matrix)
    outcome = standard_outcome(frame, orthonormal)
    try:
        rungs = climb(designs, orthonormal, outcome.values, reml, ladder)
    except np.linalg.LinAlgError as error:
        raise StudyError(
            f"'{frame.formula}': the random part takes up all variance of "
            f"'{frame.formula.response}', none is left within {designs[-1].group}. Is the outcome "
            f"the same in all rows of one {designs[-1].group}? Then keep one row of each."
        ) from error
    return MixedFit(frame, fixed, rungs, np.linalg.inv(triangle), outcome)
