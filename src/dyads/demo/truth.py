"""What is true in the demo study: how strongly each group shows what it feels, and how it does so.

What a person shows of an emotion in a segment, e (mean level of its action units, 0 to 1), is

    e = intercept[group, emotion] + slope[group] · (x − x̄) / 100 + u + v · (x − x̄) / 100 + noise

with x what the person reports (0 to 100), x̄ the person's own mean for that emotion, and u and v
the person's deviations from the group. That is the congruence model of the analysis, so its
parameters are the ones written here.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

GENERATOR_VERSION: Final = 1

SEGMENTS: Final = {
    "neutral": (1.0, 6.0),
    "joyful": (6.5, 11.5),
    "sad": (12.0, 17.0),
    "conflict": (17.5, 22.5),
}
"""First and last second of each segment on the session clock."""

FILM_END_S: Final = 23.5
"""Second of the session clock at which the cameras stop; the first one starts at 0."""

EMOTION_UNITS: Final = {
    "joy": ("AU06", "AU12"),
    "sadness": ("AU01", "AU15", "AU17"),
    "anger": ("AU04",),
}
"""The action units that show an emotion; their mean is the expression."""

EXPERIENCE: Final = {
    "neutral": {"joy": 32, "sadness": 18, "anger": 14},
    "joyful": {"joy": 74, "sadness": 12, "anger": 10},
    "sad": {"joy": 16, "sadness": 70, "anger": 24},
    "conflict": {"joy": 14, "sadness": 34, "anger": 70},
}
"""Average rating by segment and emotion, the same in every group (points, 0 to 100)."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupTruth(_Record):
    """How a group shows what it feels.

    Parameters
    ----------
    slope_per_100
        Change of the level for 100 points of rating.
    intercepts
        Level by emotion at the person's own mean rating.
    mimicry
        Probability that a smile of the participant draws one of the partner 0.6 to 2 s later.
    smile_apex_min
        Height that the apex of each smile reaches at least; 0 leaves it to the level.
    """

    slope_per_100: float
    intercepts: dict[str, float]
    mimicry: float = Field(ge=0, le=1)
    smile_apex_min: float = Field(default=0.0, ge=0, le=1)


class Truth(_Record):
    """Parameters of the simulation; levels are means of action units (0 to 1).

    Parameters
    ----------
    seed
        Seed of everything that is drawn.
    groups
        What is true of each group of participants. Partners show what they feel like `control`.
    person_sd, person_slope_sd
        Spread of the persons' levels, and of their slopes per 100 points.
    noise_sd
        Spread of what is shown in a segment beside what is felt.
    balanced
        Whether the persons' levels are centred and all that departs from the group's slope is
        made unrelated to the ratings within each group, so that the few people of the demo have
        exactly the slope that is written here. False draws everything freely.
    """

    seed: int = 2026
    generator_version: int = GENERATOR_VERSION
    groups: dict[str, GroupTruth] = {
        "control": GroupTruth(
            slope_per_100=0.60,
            intercepts={"joy": 0.34, "sadness": 0.33, "anger": 0.33},
            mimicry=0.70,
        ),
        "ASD": GroupTruth(
            slope_per_100=0.32,
            intercepts={"joy": 0.24, "sadness": 0.23, "anger": 0.23},
            mimicry=0.35,
        ),
        "SCZ": GroupTruth(
            slope_per_100=0.12,
            intercepts={"joy": 0.42, "sadness": 0.23, "anger": 0.23},
            mimicry=0.25,
            smile_apex_min=0.85,
        ),
    }
    person_sd: float = Field(default=0.03, ge=0)
    person_slope_sd: float = Field(default=0.07, ge=0)
    noise_sd: float = Field(default=0.03, ge=0)
    balanced: bool = True

    def slopes_per_100(self) -> dict[str, float]:
        """Slope of each group: change of the level for 100 points of rating."""
        return {group: truth.slope_per_100 for group, truth in self.groups.items()}

    def differences_per_100(self) -> dict[str, float]:
        """Difference of the slopes of each two groups, named `later - earlier`."""
        slopes = self.slopes_per_100()
        names = list(slopes)
        return {
            f"{later} - {earlier}": round(slopes[later] - slopes[earlier], 10)
            for place, earlier in enumerate(names)
            for later in names[place + 1 :]
        }


def generator(seed: int, *identity: str) -> np.random.Generator:
    """Give a unit its own random numbers, whatever else is drawn before or beside it.

    Parameters
    ----------
    seed
        Seed of the study.
    identity
        What the numbers are for and whose they are, such as `("ratings", "P01")`.
    """
    digest = hashlib.sha256("\0".join(identity).encode()).digest()
    words = np.frombuffer(digest, dtype=np.uint32).tolist()
    return np.random.default_rng([seed, *words])
