"""Read and write tables so that each one is checked and none is ever left half-written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.types import is_numeric_dtype
from pandera.errors import SchemaErrors
from pydantic import BaseModel, ConfigDict

from dyads.channels import ChannelType
from dyads.contracts import Contract
from dyads.errors import StudyError
from dyads.files import whole_file

ABOUT_KEY = b"dyads"
_BREAKS: Final = re.compile(r"[\r\n]+")
_FORMULA: Final = re.compile(r"\t|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""Beginnings of cells that spreadsheet programs run; the last four are the signs' wide forms."""
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
READ_ELSEWHERE = "extracted before"
"""How a detector's name ends where its frames were not made here."""


class About(BaseModel):
    """What a table of channels must say of itself, kept in the file beside the numbers.

    Parameters
    ----------
    channel_types
        Type of each channel column.
    detector
        What made the numbers: detector, its version and its weights, in words.
    stamp
        Words that every product of these numbers must carry, such as `demo weights`.
    remarks
        What cannot be known about the numbers, as sentences.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel_types: dict[str, ChannelType] = {}
    detector: str = ""
    stamp: str = ""
    remarks: tuple[str, ...] = ()

    def stamped(self, *stamps: str) -> About:
        """Give the same with further stamps, each of them once."""
        return self.model_copy(update={"stamp": joined_stamps(self.stamp, *stamps)})


def joined_stamps(*stamps: str) -> str:
    """Put stamps side by side, separated by semicolons, each of them once."""
    return "; ".join(_once(part for stamp in stamps for part in stamp.split("; ")))


def read(path: str | Path, contract: type[Contract]) -> pd.DataFrame:
    """Read a Parquet table and check it against its contract.

    Raises
    ------
    StudyError
        If the table does not keep its contract: every fault is named.
    """
    return check(pd.read_parquet(path), contract, str(path))


def read_about(path: str | Path) -> About:
    """Read what a table says of itself; empty if it says nothing."""
    metadata = pq.read_schema(path).metadata or {}
    return About.model_validate_json(metadata.get(ABOUT_KEY, b"{}"))


def read_all(paths: Sequence[str], contract: type[Contract]) -> tuple[pd.DataFrame, About]:
    """Read tables of one kind as one table, with what they say of themselves together.

    Returns
    -------
    DataFrame
        The rows of all tables, in the order of the paths.
    About
        Types of all channels, and each detector, stamp and remark once.

    Raises
    ------
    StudyError
        If there is no table, if one does not keep its contract, or if a channel is of one type
        in one table and of another type in another.
    """
    if not paths:
        raise StudyError(f"There is no table of {contract.__name__}: no session was recorded.")
    parts = [read(path, contract) for path in paths]
    abouts = [read_about(path) for path in paths]
    types: dict[str, ChannelType] = {}
    for path, about in zip(paths, abouts, strict=True):
        for channel, kind in about.channel_types.items():
            if types.setdefault(channel, kind) != kind:
                raise StudyError(
                    f"{path}: {channel} is {kind} here and {types[channel]} elsewhere. "
                    "Two types never enter one analysis: extract all recordings the same way."
                )
    return pd.concat(parts, ignore_index=True), About(
        channel_types=types,
        detector="; ".join(_once(about.detector for about in abouts)),
        stamp=joined_stamps(*(about.stamp for about in abouts)),
        remarks=tuple(_once(remark for about in abouts for remark in about.remarks)),
    )


def write(
    table: pd.DataFrame, path: str | Path, contract: type[Contract], about: About | None = None
) -> None:
    """Check a table against its contract and write it as Parquet under its final name at once."""
    checked = check(table, contract, str(path))
    arrow = pa.Table.from_pandas(checked, preserve_index=False)
    if about is not None:
        metadata = {**(arrow.schema.metadata or {}), ABOUT_KEY: about.model_dump_json().encode()}
        arrow = arrow.replace_schema_metadata(metadata)
    with whole_file(path) as unfinished:
        pq.write_table(arrow, unfinished, compression="zstd")


def write_json(content: BaseModel, path: str | Path) -> None:
    """Write a record as JSON, keys in the order of its model."""
    with whole_file(path) as unfinished:
        text = json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False)
        unfinished.write_text(text + "\n", encoding="utf-8")


def write_csv(table: pd.DataFrame, path: str | Path, stamp: str = "") -> None:
    """Write a table for people and other programs, with all digits that matter.

    Numbers are written as numbers, to ten digits; no text can run as a formula. A stamp becomes
    the last column.
    """
    shown = table.assign(stamp=stamp) if stamp else table
    with whole_file(path) as unfinished:
        without_formulas(shown).to_csv(unfinished, index=False, float_format="%.10g")


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet program would take for a formula.

    Numbers stay what they are, also those that are kept as text, such as `-0.5`. A line break
    within a text becomes a blank, so that nothing after it can begin a row.

    Parameters
    ----------
    table
        Any table.

    Returns
    -------
    DataFrame
        The same table; only texts and headings that begin like a formula are changed.
    """
    safe = table.copy()
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if not is_numeric_dtype(column.dtype):
            safe.isetitem(place, column.map(_safe, na_action="ignore").array)
    return safe.set_axis([_safe(name) for name in table.columns], axis=1)


def write_text(text: str, path: str | Path) -> None:
    """Write a page."""
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def check(table: pd.DataFrame, contract: type[Contract], name: str) -> pd.DataFrame:
    """Return the table with the contract's types, rows numbered anew.

    Raises
    ------
    StudyError
        If the table does not keep its contract: every fault is named.
    """
    try:
        return contract.to_schema().validate(table.reset_index(drop=True), lazy=True)
    except SchemaErrors as faults:
        cases = faults.failure_cases[["column", "check", "failure_case"]].drop_duplicates()
        lines = [
            f"  {row.column}: {row.check} (found: {row.failure_case})"
            for row in cases.head(20).itertuples()
        ]
        raise StudyError(
            f"{name} does not keep the contract {contract.__name__}:\n" + "\n".join(lines)
        ) from None


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    line = _BREAKS.sub(" ", cell)
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line) else line


def _once(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]
