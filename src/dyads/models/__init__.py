"""Mixed models in lme4's words, with inference that agrees with R."""

from __future__ import annotations

from dyads.models.fit import fit_mixed, refit
from dyads.models.mixed import MixedFit

__all__ = ["MixedFit", "fit_mixed", "refit"]
