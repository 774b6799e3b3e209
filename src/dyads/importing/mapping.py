"""What a lab says of its REDCap project: which fields become which columns of the study tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from dyads.errors import StudyError
from dyads.study.faults import Fault
from dyads.study.keys import repeated_keys


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One word or a list of them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(_Part):
    """Where the cells of a column come from: exactly one of the first four keys."""

    field: str | None = Field(default=None, description="Field, or box such as `race___1`.")
    value: str | None = Field(default=None, description="The same text in every row.")
    event: dict[str, str] | None = Field(default=None, description="Text for each event.")
    instance: bool = Field(default=False, description="Number of the repeat.")
    at: Words = Field(default=(), description="Event, or events, whose row holds the field.")
    of_other: str | None = Field(
        default=None,
        description="The field is that of the other record with the same value here.",
    )
    recode: dict[str, str] = Field(default_factory=dict, description="Text for each code.")
    plain: bool = Field(default=False, description="Take everything but letters and digits out.")
    prefix: str = Field(default="", description="Text before every value.")

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        given = (self.field is not None, self.value is not None, self.event is not None)
        if sum(given) + self.instance != 1:
            raise ValueError("one of field, value, event, instance")
        if self.field is None and (self.at or self.of_other):
            raise ValueError("a field beside at and of_other")
        return self


class Condition(_Part):
    """Rows are used only where a field has one of some values."""

    field: str
    at: Words = ()
    codes: Words = Field(alias="is", min_length=1)


class Rows(_Part):
    """Which rows of the export a table is made from."""

    event: Words = Field(default=(), description="Events; none: all of them.")
    repeat_instrument: str = Field(
        default="", description="Repeating form; none: rows that do not repeat a form."
    )
    where: tuple[Condition, ...] = Field(default=(), description="Conditions that all must hold.")
    columns: dict[str, Source] = Field(min_length=1, description="Columns of the study table.")


class RatingRows(Rows):
    """Rows whose fields are the items of an instrument."""

    instrument: str = Field(description="Name of the instrument in instruments.yaml.")
    items: dict[str, str] = Field(min_length=1, description="Item for each field.")
    recode: dict[str, str] = Field(default_factory=dict, description="Points for each code.")


class ConsentRows(Rows):
    """Rows whose fields say what a person allows."""

    uses: dict[str, Source] = Field(min_length=1, description="Where each use is answered.")


class Mapping(_Part):
    """The mapping of a project."""

    checked: Literal["true"] = Field(description="Somebody has looked at every line.")
    export: Literal["raw", "labels"] = Field(
        default="raw", description="Whether the export holds codes or labels."
    )
    missing_codes: Words = Field(default=(), description="Cells that mean: no answer.")
    study_start: date | None = Field(default=None, description="Day 0 of all dates.")
    participants: tuple[Rows, ...] = ()
    sessions: tuple[Rows, ...] = ()
    recordings: tuple[Rows, ...] = ()
    segments: tuple[Rows, ...] = ()
    ratings: tuple[RatingRows, ...] = ()
    consent: tuple[ConsentRows, ...] = ()

    def rows_of(self) -> Iterator[tuple[str, str, Rows]]:
        """Go through all parts: table, key in the file, rows."""
        for table in ("participants", "sessions", "recordings", "segments", "ratings", "consent"):
            for place, rows in enumerate(getattr(self, table), 1):
                yield table, f"{table}.{place}", rows


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Every word of it is text: codes stay codes, `no` is no.

    Raises
    ------
    StudyError
        With everything that is wrong in it.
    """
    try:
        loader = yaml.BaseLoader(path.read_text(encoding="utf-8-sig"))
        tree = loader.get_single_node()
        content = None if tree is None else loader.construct_document(tree)
    except OSError:
        raise StudyError(
            f"{path}: no such file. Let `dyads import redcap --draft` write one to begin with."
        ) from None
    except (yaml.YAMLError, UnicodeError) as fault:
        raise StudyError(f"{path}: not readable as YAML in UTF-8: {fault}") from None
    faults = [] if tree is None else list(repeated_keys(path.name, tree))
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as refusal:
        faults += [_fault(path.name, error) for error in refusal.errors()]
    if faults:
        raise StudyError("\n".join(map(str, faults)))
    return mapping


def _fault(file: str, error: ErrorDetails) -> Fault:
    place = error["loc"]
    if place == ("checked",):
        expected = "true, once somebody has looked at every line"
        remedy = "Look at each line marked `guessed`, correct it, and write `checked: true`."
        return Fault(file, None, "checked", None, expected, remedy)
    where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    found = error["input"] if isinstance(error["input"], str) else None
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    match error["type"]:
        case "missing":
            return Fault(file, None, where, None, "this key", "Add it.")
        case "extra_forbidden":
            return Fault(file, None, where, found, "a key that docs/redcap.md names", "Remove it.")
        case "model_type" | "dict_type":
            expected = "keys with their values, as docs/redcap.md shows them"
            return Fault(file, None, where or None, found, expected, "Correct the entry.")
        case "tuple_type":
            expected = "a list, each of its entries after a dash"
            return Fault(file, None, where, found, expected, "Correct the entry.")
        case _:
            return Fault(file, None, where or None, found, message, "Correct the entry.")
