"""Tables around the models: their checks and the multiverse."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts.base import IDENTIFIER, Contract


class WithoutDyad(Contract):
    """A contrast of a model, fitted anew without the rows of one dyad."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    contrast: Series[str]
    estimate: Series[float] = pa.Field(nullable=True)
    se: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True, description="Corrected as in the model.")
    p_value_cr2: Series[float] = pa.Field(nullable=True)
    shift: Series[float] = pa.Field(
        nullable=True,
        description="Estimate of all dyads minus this one, in standard errors of this one.",
    )
    reason: Series[str] = pa.Field(description="Why the model could not be fitted without it.")


class Residuals(Contract):
    """What a model leaves of an analysis row."""

    dyad_id: Series[str] = pa.Field(str_matches=IDENTIFIER)
    person: Series[str] = pa.Field(str_matches=IDENTIFIER)
    group: Series[str]
    fitted: Series[float]
    residual: Series[float] = pa.Field(description="In units of the expression.")
    scaled_residual: Series[float] = pa.Field(description="In residual standard deviations.")


class RandomEffects(Contract):
    """A predicted random effect of a unit of a model, such as a person's own slope."""

    grouping: Series[str] = pa.Field(description="What the units are, such as `person`.")
    unit: Series[str]
    effect: Series[str] = pa.Field(description="As in the formula, such as `x_w`.")
    value: Series[float]


class SpecificationFits(Contract):
    """A contrast between groups under one specification of the multiverse, by the headline test."""

    specification: Series[str]
    contrast: Series[str]
    estimate: Series[float] = pa.Field(nullable=True, description="In units of the measure.")
    se: Series[float] = pa.Field(nullable=True)
    df: Series[float] = pa.Field(nullable=True)
    statistic: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True, description="Of this contrast alone.")
    p_family: Series[float] = pa.Field(
        nullable=True, description="Corrected over the contrasts of the model."
    )
    lower: Series[float] = pa.Field(nullable=True, description="95 % interval.")
    upper: Series[float] = pa.Field(nullable=True, description="95 % interval.")
    unit: Series[float] = pa.Field(nullable=True, description="The SD behind the effect.")
    effect: Series[float] = pa.Field(nullable=True, description="The estimate in SD.")
    effect_lower: Series[float] = pa.Field(nullable=True)
    effect_upper: Series[float] = pa.Field(nullable=True)
    rows: Series[int] = pa.Field(ge=0)
    people: Series[int] = pa.Field(ge=0)
    dyads: Series[int] = pa.Field(ge=0)
    singular: Series[bool] = pa.Field(description="A variance was estimated as zero.")
    failure: Series[str] = pa.Field(description="Why it could not be fitted; empty if it was.")


class PermutedCurves(Contract):
    """The curve of all specifications under one permutation of the groups."""

    permutation: Series[int] = pa.Field(ge=0)
    contrast: Series[str]
    fitted: Series[int] = pa.Field(ge=0, description="Specifications that could be fitted.")
    median_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    share_significant: Series[float] = pa.Field(nullable=True, ge=0, le=1)
    stouffer_z: Series[float] = pa.Field(nullable=True)


class Curve(Contract):
    """The curve of all specifications for a contrast, against its permutations."""

    contrast: Series[str]
    specifications: Series[int] = pa.Field(ge=1)
    fitted: Series[int] = pa.Field(ge=0)
    share_same_sign: Series[float] = pa.Field(
        nullable=True, description="Share of the fitted whose estimate points as most do."
    )
    median_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    share_significant: Series[float] = pa.Field(
        nullable=True,
        description="Share of the fitted with p < .05 after correction, as most point.",
    )
    stouffer_z: Series[float] = pa.Field(nullable=True)
    smallest_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    largest_effect: Series[float] = pa.Field(nullable=True, description="In SD.")
    permutations: Series[int] = pa.Field(ge=0)
    p_median_effect: Series[float] = pa.Field(nullable=True)
    p_share_significant: Series[float] = pa.Field(nullable=True)
    p_stouffer_z: Series[float] = pa.Field(nullable=True)
