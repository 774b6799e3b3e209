"""What all contracts have in common, and the words that stand in their columns."""

from __future__ import annotations

from typing import Final

import pandera.pandas as pa

FOUND_BY: Final = ("search", "followed", "given", "")
FRAME_STATUS: Final = ("face", "no_face", "lost", "unknown")
"""Lost: the picture could not be had. Unknown: a face, but not known whose."""
FRAME_REASONS: Final = (
    "",
    "no_face",
    "low_score",
    "not_decoded",
    "damaged",
    "repeated_time",
    "unknown_person",
)
"""Why a frame says nothing of its person; empty with a face."""
SPEECH_STATE: Final = ("speaking", "listening", "silence", "unknown")
SPEECH_SOURCES: Final = ("own_sound", "mouth", "none")
STRATA: Final = ("all", "speaking", "listening")
STEP_STATE: Final = ("seen", "interpolated", "missing")
MASK_REASONS: Final = ("small_face", "turned_away", "blurred", "dark", "bright", "fast")
"""Why a frame with a face is not trusted, where the settings give a limit."""
MISSING_REASONS: Final = (*FRAME_REASONS, *MASK_REASONS, "gap", "outside_recording")
ROLES: Final = ("participant", "partner")
TARGETS: Final = ("self", "other")
"""Of whom a rating speaks: the person who rates, or the other one of the dyad."""
CHANNEL_PATTERN: Final = (
    r"^(AU\d{2}|neutral|happiness|sadness|surprise|fear|disgust|anger|contempt|valence|arousal)$"
)
NOBODY: Final = "nobody"
"""Whose face it is if it belongs to none of the people that a film is said to show."""
DECIDED_BY: Final = ("place", "continuity", "identity", "review", "")
WHY_UNKNOWN: Final = ("unsure", "disagree", "close", "")
"""Too little is known; place and likeness contradict each other; two faces touch."""
IDENTIFIER: Final = r"^[A-Za-z0-9]+$"
IDENTIFIER_OR_EMPTY: Final = r"^[A-Za-z0-9]*$"


class Contract(pa.DataFrameModel):
    """What all tables have in common: known columns only, types made right on reading."""

    class Config:
        """Settings of pandera."""

        strict = True
        coerce = True
