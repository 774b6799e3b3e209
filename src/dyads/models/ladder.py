"""The ladder for singular or failed fits, fixed before any data are seen.

1. The model as written.
2. The same without covariances of slopes. Levels that stand side by side in one term, as those of
   the two people of a dyad in ``(0 + role | dyad)``, keep theirs: without it a test takes the two
   people for independent.
3. Without the smallest random effect at zero that is not a slope, one at a time.
4. A slope stays even where its variance is zero, and the fit is called singular.

An intercept with one row a level, where it is allowed, is part of the residual and has no spread
of its own.

A random slope is what keeps the test of a slope honest, so it never leaves the model; nor
does the last random effect.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyads.models.arrays import FloatArray
from dyads.models.design import RandomDesign
from dyads.models.deviance import ProfiledDeviance
from dyads.models.optimise import ZERO_SD, Optimum, find_optimum, without_spread
from dyads.models.structure import cross_products

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rung:
    """One model that was tried."""

    step: str
    designs: tuple[RandomDesign, ...]
    objective: ProfiledDeviance
    optimum: Optimum

    @property
    def random(self) -> str:
        """The random part, as in a formula."""
        return " + ".join(str(design.term) for design in self.designs)

    @property
    def is_accepted(self) -> bool:
        """Converged, and no variance at zero."""
        return self.optimum.is_converged and not self.optimum.is_singular

    @property
    def verdict(self) -> str:
        """``"accepted"``, ``"singular"`` or ``"not converged"``."""
        if not self.optimum.is_converged:
            return "not converged"
        return "singular" if self.optimum.is_singular else "accepted"


def climb(
    designs: Sequence[RandomDesign],
    fixed: FloatArray,
    outcome: FloatArray,
    is_reml: bool,
    use_ladder: bool = True,
) -> tuple[Rung, ...]:
    """Fit, and simplify the random part rung by rung until a fit is sound.

    Parameters
    ----------
    designs
        Random terms as written.
    fixed
        Orthonormal fixed columns, shape (rows, p).
    outcome
        Shape (rows,).
    is_reml
        Restricted or full likelihood.
    use_ladder
        False stops after the first rung.

    Returns
    -------
    tuple of Rung
        In order; the last one counts.
    """
    rungs = [_fit("full", tuple(designs), fixed, outcome, is_reml)]
    while use_ladder and not rungs[-1].is_accepted:
        simpler = _next_step(rungs[-1])
        if simpler is None:
            break
        rungs.append(_fit(*simpler, fixed, outcome, is_reml))
    if len(rungs) > 1 or not rungs[-1].is_accepted:
        for rung in rungs:
            _LOG.warning("random part %s (%s): %s", rung.random, rung.step, rung.verdict)
    return tuple(rungs)


def ladder_table(rungs: Sequence[Rung], constant: float) -> pd.DataFrame:
    """The rungs as a table.

    Parameters
    ----------
    rungs
        As `climb` returns them.
    constant
        What the deviance of the data's columns has more than that of orthonormal ones.

    Returns
    -------
    DataFrame
        ``rung, step, random, deviance, max_gradient, is_singular, is_converged, verdict``.
    """
    return pd.DataFrame(
        {
            "rung": np.arange(1, len(rungs) + 1),
            "step": [r.step for r in rungs],
            "random": [r.random for r in rungs],
            "deviance": [r.optimum.solution.deviance + constant for r in rungs],
            "max_gradient": [r.optimum.max_gradient for r in rungs],
            "is_singular": [r.optimum.is_singular for r in rungs],
            "is_converged": [r.optimum.is_converged for r in rungs],
            "verdict": [r.verdict for r in rungs],
        }
    )


def _fit(
    step: str,
    designs: tuple[RandomDesign, ...],
    fixed: FloatArray,
    outcome: FloatArray,
    is_reml: bool,
) -> Rung:
    objective = ProfiledDeviance(cross_products(designs, fixed, outcome), is_reml)
    if any(design.is_residual for design in designs):
        return Rung("part of the residual", designs, objective, without_spread(objective))
    return Rung(step, designs, objective, find_optimum(objective))


def _next_step(rung: Rung) -> tuple[str, tuple[RandomDesign, ...]] | None:
    if any(len(design.columns) > 1 and any(design.is_slope) for design in rung.designs):
        apart = tuple(one for design in rung.designs for one in design.uncorrelated())
        return "uncorrelated", apart
    spread = [float(np.abs(factor).max()) for factor in rung.optimum.factors]
    candidates = [
        i
        for i, design in enumerate(rung.designs)
        if not any(design.is_slope) and (spread[i] < ZERO_SD or not rung.optimum.is_converged)
    ]
    if not candidates or len(rung.designs) == 1:
        return None
    smallest = min(candidates, key=lambda i: spread[i])
    kept = rung.designs[:smallest] + rung.designs[smallest + 1 :]
    return f"without {rung.designs[smallest].term}", kept
