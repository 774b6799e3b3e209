"""The study's settings: what `config.yaml` may say, in which units, and what it means.

Each stage has one model and is handed that model alone. The JSON Schema in
`workflow/schemas/config.schema.json` is generated from these models.
"""

from __future__ import annotations

from pathlib import Path
from reprlib import Repr
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dyads.errors import StudyError

Share = Annotated[float, Field(ge=0, le=1)]
Stratum = Literal["all", "speaking", "listening"]
QualityMeasure = Literal[
    "analysed_share", "seen_share", "face_share", "longest_gap", "face_width", "turn", "light",
    "sharpness", "speed_p95",
]  # fmt: skip
Centring = Literal["person_emotion", "person", "grand"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Correction = Literal["holm", "bh", "none"]


class Settings(BaseModel):
    """A frozen group of settings that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudySettings(Settings):
    """Where the study's tables and recordings are, and who is compared with whom."""

    name: str = Field(description="Title of the study as the report prints it.")
    folder: Path = Field(description="Folder of the study tables (participants.tsv and so on).")
    recordings_folder: Path = Field(
        description="Folder that `path` and `frames_path` in recordings.tsv start from. "
        "No recording outside it is read."
    )
    groups: tuple[str, ...] = Field(
        min_length=2,
        description="Groups of participants in the order of tables and figures. "
        "The first one is the reference that the others are compared with.",
    )
    demo: bool = Field(
        default=False,
        description="True only for the demo study, whose recordings are rendered by the workflow.",
    )
    seed: int = Field(default=1, ge=0, description="Seed of every random number of the run.")
    missing_codes: tuple[float, ...] = Field(
        default=(),
        description="Numbers that stand for a missing value (such as 999) in ratings, ages and "
        "covariates. A code that could be an answer as well stops the run where it is met.",
    )

    @field_validator("groups")
    @classmethod
    def _are_of_participants(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(groups)) < len(groups):
            raise ValueError("a group is there twice; name each once")
        if "partner" in groups:
            raise ValueError("`partner` is no group of participants; take it out")
        return groups


class ExtractionSettings(Settings):
    """How faces are found and read, frame by frame."""

    detector: Literal["Detectorv2", "Detectorv1", "MPDetector"] = Field(
        default="Detectorv2",
        description="py-feat detector that reads the faces. They differ in weights, in channels "
        "and in what the numbers mean: see docs/weights.md.",
    )
    weights: Literal["hub", "demo"] = Field(
        default="hub",
        description="`hub`: py-feat's published weights, fetched once by `dyads weights fetch` "
        "and locked in models.lock.yaml beside this file (docs/weights.md). "
        "`demo`: the small checkpoint trained on painted faces, refused outside the demo study.",
    )
    device: Literal["cpu", "cuda", "mps"] = Field(
        default="cpu", description="Device of the detector."
    )
    sample_rate_hz: float | None = Field(
        default=None, gt=0, description="Frames read per second (1/s); empty: every frame."
    )
    search_interval_s: float = Field(
        default=1.0,
        ge=0,
        description="A followed face is searched anew at this interval (s); 0: in every frame.",
    )
    face_score_min: float = Field(
        default=0.5, ge=0, description="Smallest score of the face finder that counts as a face."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="Numbers of the network. `bfloat16` is faster where the device has it, and "
        "changes what is read a little: see docs/performance.md before you use it.",
    )
    batch_frames: int | None = Field(
        default=None,
        ge=1,
        description="Faces handed to the network at once; empty: chosen for the device (2 on a "
        "processor, 64 on a graphics card).",
    )
    sessions_per_job: int = Field(
        default=1,
        ge=1,
        description="Sessions that one job reads; loading py-feat takes about ten seconds a job, "
        "so that short films are better read several at a time.",
    )
    tiers: tuple[Literal["landmarks", "mesh", "embeddings"], ...] = Field(
        default=(),
        description="What is kept of each face beside the channels: `landmarks` (68 points), "
        "`mesh` (478 points), `embeddings` (512 numbers that tell whose face it is, only of people "
        "who granted `identify`). They take 0.5, 4 and 2 KB a frame, and nothing here reads them.",
    )
    given_action_units: Literal["intensity", "presence"] = Field(
        default="intensity",
        description="Number that is taken from files of `frames_path` whose program gives two for "
        "an action unit (OpenFace, LibreFace).",
    )

    @property
    def faces_at_once(self) -> int:
        """Faces handed to the network at once."""
        return self.batch_frames or (2 if self.device == "cpu" else 64)

    @model_validator(mode="after")
    def _fits_the_detector(self) -> Self:
        if self.detector != "Detectorv2":
            if self.weights == "demo":
                raise ValueError("weights: demo is a model of Detectorv2; use weights: hub")
            if self.precision != "float32":
                raise ValueError("precision: bfloat16 is for Detectorv2 alone; use float32")
        if self.detector == "Detectorv1" and "mesh" in self.tiers:
            raise ValueError("tiers: Detectorv1 gives landmarks and no mesh")
        if self.weights == "demo" and "embeddings" in self.tiers:
            raise ValueError(
                "tiers: the demo's weights give no embeddings; take them out, or use weights: hub"
            )
        return self


class PeopleSettings(Settings):
    """How faces are given to people where a film shows several (view `auto`)."""

    certainty_min: float = Field(
        default=0.999,
        gt=0.5,
        lt=1,
        description="Smallest probability with which a face is given to somebody; below it the "
        "face stays unknown and is put down for review.",
    )
    review_min_s: float = Field(
        default=1.0, ge=0, description="Shortest unknown stretch (s) that is put down for review."
    )
    identity: bool = Field(
        default=False,
        description="Whether faces are compared with the `reference` pictures of recordings.tsv. "
        "It is done only where everybody in the session granted `identify` in consent.tsv.",
    )


class RecordingSettings(Settings):
    """What a recording may be, and what checking it may cost."""

    max_pixels: int = Field(
        default=7680 * 4320, ge=1, description="Largest picture that is decoded (px); default 8K."
    )
    max_duration_h: float = Field(default=8.0, gt=0, description="Longest recording (h).")
    lost_share_max: Share = Field(
        default=0.05,
        description="A recording of whose frames a larger share cannot be decoded is not used.",
    )
    check_memory_mb: float = Field(
        default=4000.0,
        gt=0,
        description="Memory (MB of address space) of the process that decodes a recording for "
        "the first time.",
    )
    check_time_s: float = Field(
        default=3600.0, gt=0, description="Longest time (s) that this process may take."
    )


class SyncSettings(Settings):
    """How recordings of one session are put on one clock by their sound."""

    agreement_min: Share = Field(
        default=0.5,
        description="Smallest share of the stretches of sound that must agree on one offset.",
    )
    contrast_min: float = Field(
        default=1.3,
        ge=1,
        description="How many times the best offset must stand out from the next, as a median.",
    )
    drift_max_ppm: float = Field(
        default=500.0,
        ge=0,
        description="Largest drift between two cameras that is believed (millionths).",
    )


class QualitySettings(Settings):
    """Limits beyond which a face that was read is not trusted; by default there are none.

    Which limit is right depends on the camera and the detector: look at the quality page first.
    """

    face_width_min_px: float | None = Field(
        default=None, gt=0, description="Smallest face (px of the picture); empty: any."
    )
    turn_max_deg: float | None = Field(
        default=None,
        gt=0,
        description="Largest turn of the head to the side, up or down (degrees); empty: any.",
    )
    sharpness_min: float | None = Field(
        default=None, ge=0, description="Least sharpness, as in the table of frames; empty: any."
    )
    light_min: float | None = Field(
        default=None, ge=0, le=1, description="Least brightness of a face, 0 to 1; empty: any."
    )
    light_max: float | None = Field(
        default=None, ge=0, le=1, description="Largest brightness of a face, 0 to 1; empty: any."
    )
    speed_max: float | None = Field(
        default=None,
        gt=0,
        description="Largest speed of the face (face widths per second); empty: any.",
    )


class CleaningSettings(Settings):
    """How detector rows become a regular trace on the session clock."""

    rate_hz: float = Field(default=10.0, gt=0, description="Steps of the trace per second (1/s).")
    fill_gap_s: float = Field(
        default=0.5, ge=0, description="Longest gap (s) that is filled by linear interpolation."
    )
    smooth_s: float = Field(
        default=0.0,
        ge=0,
        description="Standard deviation (s) of the normal curve that smooths a trace within its "
        "unbroken stretches; 0: not smoothed.",
    )


class SpeechSettings(Settings):
    """How it is found who speaks when, where expressions of speaking or listening are wanted."""

    over_noise_db: float = Field(
        default=6.0,
        gt=0,
        description="Sound that is louder than a recording's own noise by this much (dB, 200 to "
        "3500 Hz) counts as speech.",
    )
    pause_s: float = Field(
        default=0.3, ge=0, description="Shorter pauses (s) belong to the speech around them."
    )
    speech_min_s: float = Field(
        default=0.2, ge=0, description="Shorter sounds (s) are no speech: a cough, a cup."
    )
    mouth_window_s: float = Field(
        default=1.0,
        gt=0,
        description="Window (s) over which movement of the mouth is measured, where two people "
        "share one sound.",
    )


class ExpressionSettings(Settings):
    """How a trace is summed up within a segment."""

    event_on: float = Field(
        default=0.5,
        ge=0,
        description="An event begins at or above this value, in units of the channel.",
    )
    event_off: float = Field(default=0.3, ge=0, description="An event ends below this value.")
    event_min_s: float = Field(default=0.5, gt=0, description="Shortest event (s).")
    event_join_s: float = Field(
        default=0.3, ge=0, description="Events with a smaller gap (s) between them are joined."
    )
    half_block_s: float = Field(
        default=10.0,
        gt=0,
        description="Length (s) of the alternating blocks that split a segment in two halves "
        "for reliability.",
    )
    minimum_seen_share: Share = Field(
        default=0.6, description="A segment with a smaller share of seen time is left out."
    )
    resting_segment: str | None = Field(
        default=None,
        description="Label of the segment whose median is a person's resting face; empty: none.",
    )
    floor_quantile: Share = Field(
        default=0.1,
        description="Quantile of a person's whole session that stands for the face at rest in "
        "`level_floor`, where no resting segment was filmed.",
    )
    strata: tuple[Stratum, ...] = Field(
        default=("all",),
        description="Parts of a segment that are measured each for itself: `all` of it, always; "
        "`speaking`: while the person speaks; `listening`: while only the other one does. Those "
        "of `congruence.pairs` are measured in any case.",
    )
    composites: dict[Identifier, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Composite channels by name: the mean of the named channels, all of one type.",
    )

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.event_off > self.event_on:
            raise ValueError("event_off must not be above event_on")
        return self


class SynchronySettings(Settings):
    """How two traces of one session are compared in time."""

    channels: tuple[str, ...] = Field(
        default=("AU12",), description="Channels or composites whose synchrony is measured."
    )
    window_s: float = Field(default=8.0, gt=0, description="Window (s) of the cross-correlation.")
    step_s: float = Field(default=4.0, gt=0, description="Step (s) from window to window.")
    lag_s: float = Field(default=2.0, ge=0, description="Largest lag (s) in either direction.")
    lag_step_s: float = Field(default=0.2, gt=0, description="Step (s) from lag to lag.")
    response_s: float = Field(
        default=3.0, gt=0, description="A partner's onset within this time (s) is a response."
    )
    pseudo_dyads_max: int | None = Field(
        default=None, ge=1, description="Most pseudo-dyads for each session; empty: all."
    )


class EmotionPair(Settings):
    """What somebody says they felt, and the expression that is held against it."""

    emotion: Identifier = Field(description="Name of the pair in tables and figures.")
    instrument: str = Field(description="Instrument in instruments.yaml.")
    scale: str = Field(description="Scale of that instrument: the experience.")
    channel: str = Field(description="Channel or composite: the expression.")
    measure: str = Field(default="level", description="Measure of the channel in a segment.")
    stratum: Stratum = Field(
        default="all",
        description="Part of the segment in which the expression is measured: `all`, or only "
        "while the person is `speaking` or `listening`.",
    )


class CongruenceSettings(Settings):
    """How experience and expression are held against each other."""

    pairs: tuple[EmotionPair, ...] = Field(min_length=1, description="Experience and expression.")
    minimum_segments: int = Field(
        default=6, ge=3, description="Fewest rows of a person for a correlation of their own."
    )
    negative_segments: tuple[str, ...] = Field(
        default=(), description="Labels of the segments in which a smile is incongruent."
    )
    smile_channel: str = Field(default="AU12", description="Channel whose events count as smiles.")
    bootstrap_samples: int = Field(
        default=1000, ge=0, description="Bootstrap samples of dyads for intervals."
    )


class MatchingSettings(Settings):
    """How participants are matched for the models that say `sample: matched`.

    A set holds one participant of each group, or `ratio` of the reference group.
    """

    exact: tuple[str, ...] = Field(
        default=("sex",), description="Covariates in which the people of a set are the same."
    )
    calipers: dict[str, Annotated[float, Field(gt=0)]] = Field(
        min_length=1,
        description="Covariates in which the people of a set are near each other, each with the "
        "largest difference (standard deviations within groups), such as {age: 0.5, iq: 0.5}.",
    )
    ratio: int = Field(default=1, ge=1, description="People of the reference group in a set.")


class SampleSettings(Settings):
    """Whom the study has: what is described, what must be alike, and who is matched."""

    covariates: tuple[str, ...] = Field(
        default=("age", "sex"),
        description="Columns of participants.tsv that are described and compared between groups.",
    )
    quality_bounds: dict[QualityMeasure, Annotated[float, Field(gt=0)]] = Field(
        default={"analysed_share": 0.1, "seen_share": 0.05, "face_share": 0.05},
        description="Measures of data quality that are compared between groups, sexes and ages, "
        "each with the largest difference that does not matter, in units of the measure. "
        "`analysed_share` is the share of a person's rows that could be analysed, `seen_share` "
        "that of their segments' time; the others are those of the quality page.",
    )
    matching: MatchingSettings | None = Field(
        default=None, description="How participants are matched; empty: not at all."
    )


class MomentSettings(Settings):
    """The window of a trace that belongs to a rated moment (docs/ratings.md)."""

    before_s: float = Field(default=5.0, ge=0, description="Begins so long before it (s).")
    after_s: float = Field(default=5.0, ge=0, description="Ends so long after it (s).")

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.before_s + self.after_s == 0:
            raise ValueError("before_s and after_s must not both be 0")
        return self


class ContinuousPair(Settings):
    """A continuous rating and the expression that is held against it."""

    emotion: Identifier = Field(description="Name of the pair in tables.")
    instrument: str = Field(description="Instrument in instruments.yaml.")
    scale: str = Field(description="Scale of that instrument, as in continuous.tsv.")
    channel: str = Field(description="Channel or composite: the expression.")


class ContinuousSettings(Settings):
    """How continuous ratings are put on the session clock and held against expression."""

    pairs: tuple[ContinuousPair, ...] = Field(
        default=(), description="Continuous ratings and expressions; empty: none is measured."
    )
    fill_gap_s: float = Field(
        default=1.0,
        ge=0,
        description="Longest gap (s) of a rating that is filled in a straight line.",
    )
    delay_s: float = Field(
        default=0.0,
        ge=0,
        description="Reaction delay (s): a rating speaks of what was so long before it. 0: none is "
        "assumed, and the lag at which rating and face go together tells it.",
    )
    delay_variants_s: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        default=(), description="Further delays (s) with which everything is measured again."
    )
    lag_s: float = Field(default=5.0, ge=0, description="Largest lag (s) in either direction.")
    shift_min_s: float = Field(
        default=20.0, gt=0, description="Smallest circular shift (s) of the null."
    )
    known_share_min: Share = Field(
        default=0.6,
        description="A session in which a smaller share of the time holds both is left out.",
    )

    @property
    def delays_s(self) -> tuple[float, ...]:
        """All delays, that of the main analysis first."""
        return tuple(dict.fromkeys((self.delay_s, *self.delay_variants_s)))

    @model_validator(mode="after")
    def _shifts_leave_the_lags(self) -> Self:
        if self.shift_min_s <= 2 * self.lag_s:
            raise ValueError("shift_min_s must be more than twice lag_s")
        return self


class ModelSettings(Settings):
    """One mixed model of the study and the question asked of it."""

    title: str = Field(description="What the model answers, as the report prints it.")
    formula: str = Field(description="Formula as lme4 users write it, random terms included.")
    rows: Literal["participants", "everyone"] = Field(
        default="participants", description="Whose rows enter the model."
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
    correction: Literal["holm", "bh", "none"] = Field(
        default="holm", description="Correction over the contrasts of this model."
    )

    @model_validator(mode="after")
    def _variable_of_slopes(self) -> Self:
        if (self.compare == "slopes") != (self.variable is not None):
            raise ValueError("variable is needed with compare: slopes, and only there")
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


class ReportSettings(Settings):
    """What leaves the lab."""

    minimum_cell: int = Field(
        default=5, ge=1, description="A table cell with fewer people is not shown in shareable/."
    )
    example_dyad: str | None = Field(
        default=None, description="Dyad of the paired-traces figure; empty: the first one."
    )
    reliability_people_min: int = Field(
        default=10,
        ge=5,
        description="Fewest people of a group for whom the reliability of scores is computed; "
        "below about 30 its intervals are wide.",
    )


class Config(Settings):
    """The whole of `config.yaml`."""

    study: StudySettings
    results: Path = Field(default=Path("results"), description="Folder that the run writes to.")
    recordings: RecordingSettings = RecordingSettings()
    sync: SyncSettings = SyncSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    people: PeopleSettings = PeopleSettings()
    quality: QualitySettings = QualitySettings()
    cleaning: CleaningSettings = CleaningSettings()
    speech: SpeechSettings = SpeechSettings()
    expressions: ExpressionSettings = ExpressionSettings()
    synchrony: SynchronySettings = SynchronySettings()
    congruence: CongruenceSettings
    moments: MomentSettings = MomentSettings()
    continuous: ContinuousSettings = ContinuousSettings()
    sample: SampleSettings = SampleSettings()
    models: dict[Identifier, ModelSettings] = Field(
        min_length=1, description="Models by name; the name is the folder of their results."
    )
    profiles: ProfileSettings = ProfileSettings()
    power: PowerSettings = PowerSettings()
    plan: PlanSettings = PlanSettings()
    multiverse: MultiverseSettings | None = Field(
        default=None,
        description="Other reasonable choices, tried in every run; empty: none are.",
    )
    report: ReportSettings = ReportSettings()

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """Parts of a segment that are measured, `all` first."""
        of_pairs = (pair.stratum for pair in self.congruence.pairs)
        return tuple(dict.fromkeys(("all", *self.expressions.strata, *of_pairs)))

    @property
    def primary_models(self) -> tuple[str, ...]:
        """Models of the primary family."""
        return self.plan.primary or tuple(self.models)[:1]

    @model_validator(mode="after")
    def _primary_models_exist(self) -> Self:
        unknown = [name for name in self.plan.primary if name not in self.models]
        if unknown:
            raise ValueError(
                f"plan.primary names {', '.join(unknown)}, but models has {', '.join(self.models)}"
            )
        return self

    @model_validator(mode="after")
    def _variants_beside_the_main_models(self) -> Self:
        first = {model.compare: name for name, model in reversed(self.models.items())}
        for name, model in self.models.items():
            is_variant = model.sample == "matched" or model.moderator is not None
            if is_variant and first[model.compare] == name:
                raise ValueError(
                    f"models.{name}: a model with `sample: matched` or a moderator stands beside "
                    f"one without, never alone: name a model with compare: {model.compare} before "
                    "it that has all participants and no moderator"
                )
            if model.sample == "matched" and self.sample.matching is None:
                raise ValueError(f"models.{name}: sample: matched needs sample.matching")
        return self

    @model_validator(mode="after")
    def _weights_of_the_demo(self) -> Self:
        if self.extraction.weights == "demo" and not self.study.demo:
            raise ValueError(
                "extraction.weights is `demo`, but study.demo is not true: the demo checkpoint "
                "has seen painted faces only and is refused for people. Use `hub`"
            )
        return self


def parse(raw: object, source: str = "config.yaml") -> Config:
    """Check settings that were read as plain data.

    Parameters
    ----------
    raw
        The settings as nested mappings, lists and scalars.
    source
        Name of the file for the message.

    Raises
    ------
    StudyError
        With every fault of the settings, one a line.
    """
    try:
        return Config.model_validate(raw)
    except ValidationError as faults:
        raise StudyError("\n".join(_sentence(source, fault) for fault in faults.errors())) from None


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises
    ------
    StudyError
        If the file is missing, is not YAML or says something it may not say.
    """
    return parse(read(path), path.name)


def read(path: Path) -> object:
    """Read a configuration file as plain data.

    Raises
    ------
    StudyError
        If the file is missing or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise StudyError(f"{path}: no such file. Name the configuration of your study.") from None
    except UnicodeDecodeError as fault:
        row = fault.object.count(b"\n", 0, fault.start) + 1
        raise StudyError(f"{path}, line {row}: no text in UTF-8. Save the file as UTF-8.") from None
    except yaml.YAMLError as fault:
        raise StudyError(f"{path}: not readable as YAML: {fault}") from None


_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 200
_SHORT.maxlevel = 3
"""Shows what was found, however deeply aliases nest it."""


_IN_WORDS = {
    "model_type": "Keys with their values should stand here",
    "dict_type": "Keys with their values should stand here",
    "tuple_type": "A list such as [one, two] should stand here",
    "path_type": "A path should stand here; put it in quotation marks if it is a number",
    "too_short": "At least {min_length} entries should stand here",
}
"""What pydantic says in the words of Python, by its name for it."""


def _sentence(source: str, fault: object) -> str:
    assert isinstance(fault, dict)
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{source}: {where}: unknown setting. Remove it or correct its spelling."
    if fault["type"] == "missing":
        return f"{source}: {where}: missing. Every study must say this."
    found = "" if isinstance(fault["input"], dict) else f" (found: {_SHORT.repr(fault['input'])})"
    message = _IN_WORDS.get(fault["type"], str(fault["msg"])).removeprefix("Value error, ")
    message = message.format(**fault.get("ctx", {})) if fault["type"] in _IN_WORDS else message
    return f"{source}: {where or 'settings'}: {message}{found}."
