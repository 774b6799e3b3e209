"""Models, and what is asked of them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dyads.config.base import Centring, Correction, Identifier, Settings, Share, Stratum


class ModelSettings(Settings):
    """One mixed model of the study and the question asked of it."""

    title: str = Field(description="What the model answers, as the report prints it.")
    formula: str = Field(description="Formula as lme4 users write it, random terms included.")
    rows: Literal["participants", "everyone", "sessions"] = Field(
        default="participants",
        description="Whose rows enter the model; `sessions`: one row for each dyad and session, "
        "with the synchrony of the first of `synchrony.channels`.",
    )
    compare: Literal["slopes", "means"] = Field(
        description="`slopes`: the slope on `variable` is compared between groups; "
        "`means`: the marginal mean."
    )
    variable: str | None = Field(
        default=None, description="Predictor whose slope is compared (with compare: slopes)."
    )
    moderator: str | None = Field(
        default=None,
        description="Predictor with which the compared slope or mean changes: what is compared "
        "between groups is then that change, per unit of a number or between two categories.",
    )
    sample: Literal["all", "matched"] = Field(
        default="all",
        description="`matched`: only participants that `sample.matching` put into sets; never the "
        "study's first model of its kind.",
    )
    correction: Correction = Field(
        default="holm", description="Correction over the contrasts of this model."
    )

    @model_validator(mode="after")
    def _variable_of_slopes(self) -> Self:
        if (self.compare == "slopes") != (self.variable is not None):
            raise ValueError("variable is needed with compare: slopes, and only there")
        return self

    @model_validator(mode="after")
    def _sessions_have_means(self) -> Self:
        if self.rows == "sessions" and (self.compare == "slopes" or self.sample == "matched"):
            raise ValueError("rows: sessions goes with compare: means and sample: all")
        return self


class ProfileSettings(Settings):
    """How people's profiles are searched for subgroups."""

    people_min: int = Field(
        default=20, ge=10, description="Fewest people among whom subgroups are looked for."
    )
    subgroups_max: int = Field(
        default=4, ge=2, description="Most components of a mixture that are tried."
    )
    smallest_subgroup: int = Field(
        default=5,
        ge=2,
        description="A subgroup with fewer people is not one; nor is one with less than a tenth "
        "of the people.",
    )
    stability_min: Share = Field(
        default=0.75,
        description="Smallest mean adjusted Rand index over bootstrap samples that counts as "
        "stable.",
    )
    bootstrap_samples: int = Field(
        default=100, ge=20, description="Bootstrap samples of people for the stability."
    )
    null_samples: int = Field(
        default=99,
        ge=19,
        description="Samples of a single normal distribution that the mixture is held against.",
    )
    splits: int = Field(
        default=100, ge=10, description="Random splits in halves for the reliability of a feature."
    )
    permutations: int = Field(
        default=1999, ge=99, description="Permutations behind the p of an association."
    )


class AssumedEffects(Settings):
    """A study as it might come out, for power where no fit is at hand (unit: the channel's)."""

    slopes: dict[str, float] = Field(
        min_length=2, description="Slope of each group, per SD of experience within a person."
    )
    person_sd: float = Field(ge=0, description="Spread of the persons' levels (SD).")
    slope_sd: float = Field(
        ge=0, description="Spread of the persons' slopes (SD), per SD of experience."
    )
    correlation: float = Field(
        default=0.0, ge=-1, le=1, description="Correlation of a person's level and slope."
    )
    residual_sd: float = Field(
        gt=0,
        description="What moves expression in a segment beside what is felt (SD), without any "
        "error of reading the face.",
    )
    shared_experience: Share = Field(
        default=0.5,
        description="Share of the variance of experience within people that the segments bring "
        "about in everybody alike.",
    )
    emotions: int = Field(default=1, ge=1, description="Emotions that are rated in each segment.")


class PowerSettings(Settings):
    """What the power of studies like this one is simulated for (`snakemake power`)."""

    in_report: bool = Field(
        default=False,
        description="Whether every run simulates power and puts it into the report; without it "
        "only `snakemake power` does.",
    )
    source: Literal["fitted", "assumed"] = Field(
        default="fitted",
        description="Where slopes and spreads come from: the study's own first model of slopes, "
        "or `assumed`.",
    )
    dyads_per_group: tuple[Annotated[int, Field(ge=3)], ...] = Field(
        default=(10, 20, 35, 50), min_length=1, description="Dyads in each group."
    )
    segments: tuple[Annotated[int, Field(ge=3)], ...] = Field(
        default=(8, 16), min_length=1, description="Segments of a person over all sessions."
    )
    reliability: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        default=(0.7, 0.9),
        min_length=1,
        description="Reliability of the expression of a segment: share of its variance within "
        "people that is not error of reading.",
    )
    studies: int = Field(default=500, ge=20, description="Simulated studies for each point.")
    assumed: AssumedEffects | None = Field(
        default=None, description="Slopes and spreads, with source: assumed."
    )

    @model_validator(mode="after")
    def _assumed_is_given(self) -> Self:
        if self.source == "assumed" and self.assumed is None:
            raise ValueError("source: assumed needs the section `assumed`")
        return self


class PlanSettings(Settings):
    """What is decided before the answer is known; `dyads plan lock` freezes it (docs/plan.md)."""

    blind: bool = Field(
        default=False,
        description="Whether group labels are permuted in all products until the plan is locked.",
    )
    primary: tuple[Identifier, ...] = Field(
        default=(),
        description="Models whose contrasts make the primary family; empty: the first of `models`.",
    )
    headline: Literal["satterthwaite", "CR2"] = Field(
        default="satterthwaite",
        description="Test that decides: with Satterthwaite's degrees of freedom, or with the "
        "cluster-robust covariance CR2, which holds where groups differ in size or spread.",
    )
    correction: Correction = Field(
        default="holm", description="Correction over all contrasts of the primary family."
    )
    equivalence_d: float | None = Field(
        default=None,
        gt=0,
        description="Effect size below which groups count as equivalent in a primary contrast; "
        "empty: equivalence is not tested.",
    )


class MultiverseSettings(Settings):
    """Other reasonable choices under which a model is fitted again (docs/multiverse.md).

    What the study itself has chosen is always one of the alternatives and need not be listed.
    """

    model: str | None = Field(
        default=None,
        description="Model that is fitted again; empty: the first of the primary family.",
    )
    settings: dict[str, tuple[float | str | None, ...]] = Field(
        default_factory=dict,
        description="Other values of settings of `quality`, `cleaning` and `expressions`, by "
        "their dotted names, such as `expressions.event_on: [0.4, 0.6]`.",
    )
    measures: tuple[str, ...] = Field(
        default=(),
        description="Other measures of expression, for all pairs: `level_rest` or `level_floor` "
        "for another baseline, `time_on` for the share of time instead of how strong.",
    )
    channels: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Other sets of channels, by a name of your own: for each emotion of "
        "`congruence.pairs` the channel or composite instead.",
    )
    strata: tuple[Stratum, ...] = Field(
        default=(),
        description="Other parts of a segment: `listening` leaves out what speech moves.",
    )
    centring: tuple[Centring, ...] = Field(
        default=(),
        description="Other ways to centre experience: within `person` alone (over emotions), or "
        "around the `grand` mean of each emotion; as planned: within `person_emotion`.",
    )
    covariates: tuple[tuple[str, ...], ...] = Field(
        default=(),
        description="Other covariates: terms that are added to the formula, or taken out where a "
        "minus stands before them, such as `[iq]` or `[-age, -sex]`.",
    )
    only: tuple[dict[str, float | str | None], ...] = Field(
        default=(),
        description="The specifications one by one instead of every combination: for each the "
        "choices that differ from the study's own, such as `{measures: level_rest}`.",
    )
    specifications_max: int = Field(
        default=1000, ge=2, description="More combinations than this stop the run."
    )
    permutations: int = Field(
        default=500, ge=19, description="Permutations of the groups behind the test of the curve."
    )
    permutations_per_job: int = Field(
        default=25, ge=1, description="Permutations that one job fits all specifications to."
    )
