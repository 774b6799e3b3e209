"""Find words that a table spells in two ways: two spellings would be two kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pandas.api.types import is_numeric_dtype

from dyads.study.faults import Fault
from dyads.study.reading import StudyTable
from dyads.study.tables import STUDY_TABLES


def check_spelling(tables: Mapping[str, StudyTable]) -> Iterator[Fault]:
    """Find labels, sexes and covariates in words that differ in capitals or blanks alone.

    Parameters
    ----------
    tables
        The tables that could be read.
    """
    for name, own in (("participants", "sex"), ("sessions", None), ("segments", "label")):
        table = tables.get(name)
        if table is None:
            continue
        known = STUDY_TABLES[name].to_schema().columns
        for column in table.cells.columns:
            is_word = column == own or column not in known
            if is_word and not is_numeric_dtype(table.typed[column]):
                yield from _spelt_otherwise(table, column)


def _spelt_otherwise(table: StudyTable, column: str) -> Iterator[Fault]:
    cells = table.cells[column]
    words = cells[cells.ne("")]
    alike = words.str.casefold().str.split().str.join(" ")
    if alike.nunique() == words.nunique():
        return
    rows = pd.DataFrame({"word": words, "alike": alike, "count": words.map(words.value_counts())})
    usual = rows.sort_values("count", ascending=False, kind="stable").drop_duplicates("alike")
    written = alike.map(usual.set_index("alike")["word"])
    is_other = words.ne(written)
    yield from table.faults(
        is_other,
        column,
        "'" + written + "', as other rows write it",
        "Write the same word in the same way: two spellings count as two kinds.",
    )
