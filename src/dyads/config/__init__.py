"""The study's settings: what `config.yaml` may say, in which units, and what it means.

Each stage has one model and is handed that model alone. The JSON Schema in
`workflow/schemas/config.schema.json` is generated from these models.
"""

from __future__ import annotations

from dyads.config.analysis import (
    AssumedEffects,
    ModelSettings,
    MultiverseSettings,
    PlanSettings,
    PowerSettings,
    ProfileSettings,
)
from dyads.config.base import (
    Centring,
    Correction,
    Identifier,
    QualityMeasure,
    Settings,
    Share,
    Stratum,
)
from dyads.config.measures import (
    CongruenceSettings,
    ContinuousPair,
    ContinuousSettings,
    EmotionPair,
    ExpressionSettings,
    MomentSettings,
    SynchronySettings,
)
from dyads.config.reading import load, parse, read
from dyads.config.recordings import (
    CleaningSettings,
    ExtractionSettings,
    PeopleSettings,
    QualitySettings,
    RecordingSettings,
    SpeechSettings,
    SyncSettings,
)
from dyads.config.study import MatchingSettings, ReportSettings, SampleSettings, StudySettings
from dyads.config.whole import Config

__all__ = [
    "AssumedEffects",
    "Centring",
    "CleaningSettings",
    "Config",
    "CongruenceSettings",
    "ContinuousPair",
    "ContinuousSettings",
    "Correction",
    "EmotionPair",
    "ExpressionSettings",
    "ExtractionSettings",
    "Identifier",
    "MatchingSettings",
    "ModelSettings",
    "MomentSettings",
    "MultiverseSettings",
    "PeopleSettings",
    "PlanSettings",
    "PowerSettings",
    "ProfileSettings",
    "QualityMeasure",
    "QualitySettings",
    "RecordingSettings",
    "ReportSettings",
    "SampleSettings",
    "Settings",
    "Share",
    "SpeechSettings",
    "Stratum",
    "StudySettings",
    "SyncSettings",
    "SynchronySettings",
    "load",
    "parse",
    "read",
]
