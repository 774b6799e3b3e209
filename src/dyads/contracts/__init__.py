"""The written contract of every table that passes from one stage to the next.

A table is checked against its contract whenever it is read or written. Columns that a
contract does not name are refused, so that nothing slips through unnoticed. Times are
seconds, `*_px` are pixels of the original picture, angles are degrees.
"""

from __future__ import annotations

from dyads.contracts.agreement import (
    COMPARED_WITH,
    ContinuousAgreement,
    ContinuousTrace,
    GroupAgreement,
    Judgements,
    Moments,
    MomentScores,
    PersonAgreement,
    PersonContinuous,
)
from dyads.contracts.base import (
    CHANNEL_PATTERN,
    DECIDED_BY,
    FOUND_BY,
    FRAME_REASONS,
    FRAME_STATUS,
    IDENTIFIER,
    IDENTIFIER_OR_EMPTY,
    MASK_REASONS,
    MISSING_REASONS,
    NOBODY,
    ROLES,
    SPEECH_SOURCES,
    SPEECH_STATE,
    STEP_STATE,
    STRATA,
    TARGETS,
    WHY_UNKNOWN,
    Contract,
)
from dyads.contracts.cohort import (
    AnalysisRows,
    Cohort,
    Flow,
    GroupCongruence,
    LeftOutPeople,
    MatchedSets,
    PersonCongruence,
    PersonProfiles,
)
from dyads.contracts.measures import Expressions, Synchrony
from dyads.contracts.models import (
    Curve,
    PermutedCurves,
    RandomEffects,
    Residuals,
    SpecificationFits,
    WithoutDyad,
)
from dyads.contracts.ratings import (
    ItemReliability,
    RetestReliability,
    ScaleReliability,
    ScoredItems,
    Scores,
)
from dyads.contracts.recordings import FaceTiers, Frames, People, Quality, Speech, Trace

__all__ = [
    "CHANNEL_PATTERN",
    "COMPARED_WITH",
    "DECIDED_BY",
    "FOUND_BY",
    "FRAME_REASONS",
    "FRAME_STATUS",
    "IDENTIFIER",
    "IDENTIFIER_OR_EMPTY",
    "MASK_REASONS",
    "MISSING_REASONS",
    "NOBODY",
    "ROLES",
    "SPEECH_SOURCES",
    "SPEECH_STATE",
    "STEP_STATE",
    "STRATA",
    "TARGETS",
    "WHY_UNKNOWN",
    "AnalysisRows",
    "Cohort",
    "ContinuousAgreement",
    "ContinuousTrace",
    "Contract",
    "Curve",
    "Expressions",
    "FaceTiers",
    "Flow",
    "Frames",
    "GroupAgreement",
    "GroupCongruence",
    "ItemReliability",
    "Judgements",
    "LeftOutPeople",
    "MatchedSets",
    "MomentScores",
    "Moments",
    "People",
    "PermutedCurves",
    "PersonAgreement",
    "PersonCongruence",
    "PersonContinuous",
    "PersonProfiles",
    "Quality",
    "RandomEffects",
    "Residuals",
    "RetestReliability",
    "ScaleReliability",
    "ScoredItems",
    "Scores",
    "SpecificationFits",
    "Speech",
    "Synchrony",
    "Trace",
    "WithoutDyad",
]
