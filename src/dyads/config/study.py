"""Who is studied, how the sample is described, and what may leave the lab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from dyads.config.base import QualityMeasure, Settings


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
