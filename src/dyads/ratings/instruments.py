"""What the study asked: instruments, their scales, items, ranges and reverse keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from dyads.study.cell_words import ITEM, NAME

Name = Annotated[str, StringConstraints(pattern=NAME)]
Item = Annotated[
    str,
    StringConstraints(pattern=ITEM),
    WithJsonSchema({"type": ["string", "integer"], "pattern": ITEM}),
]
Share = Annotated[float, Field(ge=0, lt=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Scale(BaseModel):
    """Items that are averaged or added up to one score."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    items: tuple[Item, ...] = Field(min_length=1, description="Items of the scale.")
    reverse: tuple[Item, ...] = Field(
        default=(), description="Those of the items that are keyed the other way round."
    )
    score: Literal["mean", "sum"] = Field(
        default="mean",
        description="`mean` of the answered items, or `sum`: that mean times the number of items.",
    )
    point_from: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="An item counts one point if its answer, keyed in the scale's direction, is "
        "at least this, and none otherwise; empty: the answer itself counts.",
    )
    missing_share: Share | None = Field(
        default=None, description="Rule of this scale, where it differs from the instrument's."
    )
    valence: Literal["positive", "negative"] | None = Field(
        default=None, description="Valence of what the scale measures; empty: neither."
    )

    @model_validator(mode="after")
    def _keys_are_items(self) -> Self:
        if len(set(self.items)) < len(self.items):
            raise ValueError("each item once")
        foreign = sorted(set(self.reverse) - set(self.items))
        if foreign:
            raise ValueError(f"reverse keys that are items of the scale, not {', '.join(foreign)}")
        return self


class Instrument(BaseModel):
    """A questionnaire or a set of sliders whose items share one range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="Name as the report prints it.")
    source: str = Field(default="", description="Where the instrument was published.")
    licence: str = Field(default="", description="Who holds the items, and how to come by them.")
    minimum: Number = Field(description="Lowest answer, in points.")
    maximum: Number = Field(description="Highest answer, in points.")
    step: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Distance between possible answers, in points; empty: any number between.",
    )
    responses: dict[Number, str] = Field(
        default_factory=dict, description="What answers mean, by their points."
    )
    points_of_minimum: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="What the lowest answer counts for in a score, the others in their distance "
        "from it, where a source prints other numbers than it scores; empty: answers count as they "
        "are.",
    )
    missing_share: Share = Field(
        default=0.0,
        description="Largest share of unanswered items that is prorated: the answered ones then "
        "stand for all.",
    )
    missing_rule: str = Field(default="", description="Where the rule for missing items is from.")
    scales: dict[Name, Scale] = Field(min_length=1, description="Scales by name.")

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError("a maximum above the minimum")
        if not self.is_possible(self.maximum):
            raise ValueError("a step that leads from the minimum to the maximum")
        beyond = [points for points in self.responses if not self.is_possible(points)]
        if beyond:
            raise ValueError(f"responses that can be answered, not {beyond[0]:g}")
        return self

    def is_possible(self, answer: float) -> bool:
        """Say whether somebody can have given this answer."""
        if not self.minimum <= answer <= self.maximum:
            return False
        steps = (answer - self.minimum) / self.step if self.step else 0.0
        return abs(steps - round(steps)) < 1e-9

    def item_range(self, scale: Scale) -> tuple[float, float]:
        """Least and most that an item counts for in one of the scales."""
        if scale.point_from is not None:
            return 0.0, 1.0
        low = self.minimum if self.points_of_minimum is None else self.points_of_minimum
        return low, low + self.maximum - self.minimum

    def score_range(self, scale: Scale) -> tuple[float, float]:
        """Lowest and highest score of one of the scales, in points."""
        low, high = self.item_range(scale)
        items = len(scale.items) if scale.score == "sum" else 1
        return low * items, high * items


class Instruments(RootModel[dict[Name, Instrument]]):
    """All instruments of a study by name."""

    model_config = ConfigDict(frozen=True)

    def scale_table(self) -> pd.DataFrame:
        """List the scales.

        Returns
        -------
        DataFrame
            `instrument`, `scale`, `n_items`, `missing_share`, `rule` (mean or sum), `minimum`,
            `maximum` (of the score, in points), `valence` (empty: none).
        """
        rows = []
        for name, instrument, scale_name, scale in self._scales():
            share = scale.missing_share
            rows.append(
                {
                    "instrument": name,
                    "scale": scale_name,
                    "n_items": len(scale.items),
                    "missing_share": instrument.missing_share if share is None else share,
                    "rule": scale.score,
                    **dict(zip(("minimum", "maximum"), instrument.score_range(scale), strict=True)),
                    "valence": scale.valence or "",
                }
            )
        return pd.DataFrame(rows)

    def item_table(self) -> pd.DataFrame:
        """List the items; one that belongs to several scales is there once for each.

        Returns
        -------
        DataFrame
            `instrument`, `scale`, `item`, `is_reversed`, `minimum`, `maximum` (of the answer, in
            points), `points_added` (to the answer, where others are scored than are printed),
            `point_from` (missing: the answer itself counts).
        """
        return pd.DataFrame(
            [
                (name, scale_name, item, item in scale.reverse,
                 instrument.minimum, instrument.maximum,
                 instrument.item_range(scale)[0] - instrument.minimum, scale.point_from)
                for name, instrument, scale_name, scale in self._scales()
                for item in scale.items
            ],
            columns=["instrument", "scale", "item", "is_reversed", "minimum", "maximum",
                     "points_added", "point_from"],
        ).astype({"point_from": float})  # fmt: skip

    def _scales(self) -> Iterator[tuple[str, Instrument, str, Scale]]:
        for name, instrument in self.root.items():
            for scale_name, scale in instrument.scales.items():
                yield name, instrument, scale_name, scale
