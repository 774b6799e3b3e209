"""All settings together, and what must fit between them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from dyads.config.analysis import (
    ModelSettings,
    MultiverseSettings,
    PlanSettings,
    PowerSettings,
    ProfileSettings,
)
from dyads.config.base import Identifier, Settings, Stratum
from dyads.config.measures import (
    CongruenceSettings,
    ContinuousSettings,
    ExpressionSettings,
    MomentSettings,
    SynchronySettings,
)
from dyads.config.recordings import (
    CleaningSettings,
    ExtractionSettings,
    PeopleSettings,
    QualitySettings,
    RecordingSettings,
    SpeechSettings,
    SyncSettings,
)
from dyads.config.study import ReportSettings, SampleSettings, StudySettings


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
