"""What is measured of a trace, and which rating it is held against."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from dyads.config.base import Identifier, Settings, Share, Stratum


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
        default=("AU12",),
        min_length=1,
        description="Channels or composites whose synchrony is measured; figures and models of "
        "sessions show the first.",
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
