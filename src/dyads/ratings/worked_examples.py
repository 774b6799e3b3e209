"""Worked examples of the library's instruments: answers, and their scores by the source's rule."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dyads.ratings.instruments import Instrument, Item, Name, Number


class WorkedExample(BaseModel):
    """Answers of one person, made up, and their scores, counted by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    answers: dict[Item, Number] = Field(default_factory=dict, description="Answers by item.")
    others: Number | None = Field(
        default=None, description="Answer to every other item; empty: they are unanswered."
    )
    scores: dict[Name, Number] = Field(description="Score of each scale.")
    counted: str = Field(description="How they were counted, and by whose rule.")

    def answered(self, instrument: Instrument) -> dict[str, float]:
        """Give the answer to each item of an instrument that was answered."""
        items = dict.fromkeys(item for scale in instrument.scales.values() for item in scale.items)
        given = {item: self.answers.get(item, self.others) for item in items}
        return {item: answer for item, answer in given.items() if answer is not None}


@cache
def worked_examples() -> dict[str, tuple[WorkedExample, ...]]:
    """Give the examples of each instrument of the library, by its name."""
    text = (files("dyads.ratings") / "worked_examples.yaml").read_text(encoding="utf-8")
    examples = TypeAdapter(dict[str, tuple[WorkedExample, ...]])
    return examples.validate_python(yaml.safe_load(text))
