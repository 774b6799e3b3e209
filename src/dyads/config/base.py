"""What all groups of settings have in common, and the values that several of them take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
