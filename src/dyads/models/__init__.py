"""Mixed models in lme4's words, with inference that agrees with R."""

from __future__ import annotations

from dyads.models.fit import MixedFit, fit_mixed

__all__ = ["MixedFit", "fit_mixed"]
