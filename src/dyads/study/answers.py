"""What the answers of a study must say: known items, possible points, codes instead of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Final

import pandas as pd

from dyads.ratings.instruments import Instrument, Instruments
from dyads.study.columns import read_numbers
from dyads.study.faults import Fault
from dyads.study.reading import StudyTable
from dyads.study.remedies import coded_remedy

_COLUMNS: Final = ["instrument", "item", "value"]
_ASKED: Final = ["instrument", "segment_id"]
_SESSION: Final = ["dyad_id", "session_id"]
_ROUNDING: Final = 1e-9
_LISTED_ANSWERS: Final = 11
_CORRECT: Final = "Correct the value; leave the cell empty if there was no answer."


def check_answers(
    table: StudyTable, instruments: Instruments, missing_codes: Sequence[float] = ()
) -> Iterator[Fault]:
    """Find answers to unknown items, and points that nobody can have ticked.

    Parameters
    ----------
    table
        The ratings. Without the columns of items and values there is nothing to find.
    instruments
        What was asked.
    missing_codes
        Numbers that stand for no answer.
    """
    if not set(_COLUMNS) <= set(table.cells.columns):
        return
    name, value = table.cells["instrument"], table.typed["value"]
    yield from _unknown_items(table, instruments)
    lowest, highest, step = (
        name.map({key: limit(it) for key, it in instruments.root.items()}).astype(float)
        for limit in map(attrgetter, ("minimum", "maximum", "step"))
    )
    steps = (value - lowest) / step
    is_between = steps.sub(steps.round()).abs().gt(_ROUNDING)
    is_impossible = value.lt(lowest) | value.gt(highest) | is_between
    possible = {key: _possible(key, instrument) for key, instrument in instruments.root.items()}
    cells = table.cells.loc[is_impossible, "value"]
    yield from table.faults(
        is_impossible,
        "value",
        name[is_impossible].map(possible),
        pd.Series([coded_remedy(cell, _CORRECT) for cell in cells], cells.index, dtype=object),
    )
    yield from _ambiguous_codes(table, instruments, missing_codes)


def with_codes_of_labels(
    faults: Sequence[Fault], tables: dict[str, StudyTable], instruments: Instruments | None
) -> list[Fault]:
    """Say which code belongs there, where somebody entered an answer's words.

    Parameters
    ----------
    faults
        Faults of all tables; those of other cells are given back as they are.
    tables
        The tables that could be read.
    instruments
        The instruments, unless they are at fault themselves.
    """
    table = tables.get("ratings")
    if table is None or instruments is None or not set(_COLUMNS) <= set(table.cells.columns):
        return list(faults)
    asked = dict(table.cells["instrument"].map(instruments.root))
    return [
        _with_code(fault, asked.get(fault.row))
        if fault.file == table.file and fault.column == "value"
        else fault
        for fault in faults
    ]


def count_unanswered(ratings: pd.DataFrame, people: pd.DataFrame) -> tuple[int, int]:
    """Count items without an answer.

    Everybody in a session is taken to have been asked what anybody there was asked about a
    segment: all items of the instrument that somebody of the study answered about it.

    Parameters
    ----------
    ratings
        Checked `Ratings` of these people.
    people
        `dyad_id`, `session_id` and `person_id` of everybody whose answers count.

    Returns
    -------
    int
        Rows without a value.
    int
        Rows that are not there.
    """
    items = ratings.groupby(_ASKED)["item"].nunique().rename("items").reset_index()
    blocks = ratings[[*_SESSION, *_ASKED]].drop_duplicates().merge(items, on=_ASKED)
    wanted = int(blocks.merge(people[_SESSION], on=_SESSION)["items"].sum())
    return int(ratings["value"].isna().sum()), wanted - len(ratings)


def _unknown_items(table: StudyTable, instruments: Instruments) -> Iterator[Fault]:
    name = table.cells["instrument"]
    has_instrument = name.isin(list(instruments.root))
    yield from table.faults(
        ~has_instrument,
        "instrument",
        f"one of {', '.join(instruments.root)}",
        "Correct the name, or describe the instrument in instruments.yaml.",
    )
    items = instruments.item_table()
    known = items["instrument"] + "\t" + items["item"]
    yield from table.faults(
        has_instrument & ~(name + "\t" + table.cells["item"]).isin(known),
        "item",
        "an item of " + name + " in instruments.yaml",
        "Correct the name, or add the item to a scale of the instrument.",
    )


def _ambiguous_codes(
    table: StudyTable, instruments: Instruments, missing_codes: Sequence[float]
) -> Iterator[Fault]:
    """Find cells read as missing that may as well be answers."""
    if not table.coded:
        return
    name = table.cells["instrument"]
    answers = read_numbers(table.cells["value"], decimal=table.layout.decimal)
    for key, instrument in instruments.root.items():
        possible = [code for code in missing_codes if instrument.is_possible(code)]
        yield from table.faults(
            name.eq(key) & answers.isin(possible),
            "value",
            f"no answer that is also one of study.missing_codes: {key} can be answered so",
            "Leave the cell empty if there was no answer; otherwise take the code out of "
            "study.missing_codes.",
        )


def _possible(name: str, instrument: Instrument) -> str:
    """Name the points of an instrument, one by one if they are few."""
    span = f"from {instrument.minimum:g} to {instrument.maximum:g}, the range of {name}"
    if instrument.step is None:
        return f"a number {span}"
    count = round((instrument.maximum - instrument.minimum) / instrument.step) + 1
    if count > _LISTED_ANSWERS:
        return f"a number in steps of {instrument.step:g} {span}"
    points = (instrument.minimum + place * instrument.step for place in range(count))
    return f"one of {', '.join(f'{point:g}' for point in points)}, the answers of {name}"


def _with_code(fault: Fault, instrument: object) -> Fault:
    if not isinstance(instrument, Instrument) or not instrument.responses:
        return fault
    codes = {label.casefold(): code for code, label in instrument.responses.items()}
    code = codes.get((fault.value or "").casefold())
    if code is not None:
        return replace(fault, remedy=f"Enter {code:g}, the code of this answer.")
    if any(sign.isalpha() for sign in fault.value or "") and "code" in fault.remedy:
        listed = ", ".join(f"{code:g} {label}" for label, code in codes.items())
        return replace(fault, remedy=f"Enter the code of the answer: {listed}.")
    return fault
