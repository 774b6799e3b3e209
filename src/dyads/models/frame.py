"""The rows a model is fitted to: complete, with categories in R's sense, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray, IntArray
from dyads.models.formula import (
    ModelFormula,
    evaluate,
    factor_variables,
    model_terms,
    variables_of,
)

_MANY = 12


@dataclass(frozen=True)
class ModelFrame:
    """Complete rows of the variables of a model.

    Attributes
    ----------
    table
        Complete rows with the index of the data. Text, booleans and variables marked by
        ``C()`` are categorical with the levels that occur, in the order of the data's own
        categories (alphabetical for text); the rest is float.
    known
        The same of all rows of the data, what is missing being missing.
    outcome
        Values of the response, shape (rows,).
    source
        The data's own rows behind the table, all columns.
    n_dropped
        Rows of the data that were left out because a variable was missing.
    """

    formula: ModelFormula
    table: pd.DataFrame
    known: pd.DataFrame
    outcome: FloatArray
    source: pd.DataFrame
    n_dropped: int

    @property
    def fixed_variables(self) -> tuple[str, ...]:
        """Variables of the fixed part, in order."""
        return variables_of(self.formula.fixed)

    def is_categorical(self, variable: str) -> bool:
        """Whether a variable enters by its categories."""
        return isinstance(self.table[variable].dtype, pd.CategoricalDtype)


def model_frame(formula: ModelFormula, data: pd.DataFrame) -> ModelFrame:
    """Select and check the rows that a formula can be fitted to.

    Parameters
    ----------
    formula
        A parsed formula.
    data
        One row per observation.

    Returns
    -------
    ModelFrame

    Raises
    ------
    StudyError
        Unknown variables, infinite values, no complete row, an outcome that does not vary,
        a cell of the design without a complete row, a category with a single unit. All
        faults of one kind are named together.
    """
    outcome_variables = variables_of(f"0 + {formula.response}")
    fixed = variables_of(formula.fixed)
    random = tuple(name for term in formula.random for name in variables_of(term.expression))
    groups = tuple(name for term in formula.random for name in term.group_variables)
    wanted = list(dict.fromkeys([*outcome_variables, *fixed, *random, *groups]))
    _refuse_unknown(wanted, data, formula)
    raw = data[wanted].infer_objects()
    if raw.empty:
        raise StudyError(f"There are no rows to fit '{formula}' to.")
    for name in fixed + random:
        if raw[name].isna().all():
            raise StudyError(f"'{name}' has no value in any of {len(raw)} rows.")
    complete = raw.dropna()
    if complete.empty:
        raise StudyError(f"No row has all of {', '.join(wanted)}; '{formula}' cannot be fitted.")
    as_category = set(formula.categorical) | set(groups) - set(fixed) - set(random)
    table = pd.DataFrame({n: _typed(complete[n], n in as_category) for n in wanted})
    _refuse_infinite(table)
    _refuse_lost_levels(raw, table, fixed, outcome_variables)
    _refuse_empty_cells(formula, table)
    known = table if len(table) == len(raw) else _typed_like(table, raw)
    outcome = _evaluate_outcome(formula.response, table, known)
    _refuse_single_units(formula, table, fixed)
    source = data[raw.notna().all(axis=1)]
    return ModelFrame(formula, table, known, outcome, source, len(raw) - len(table))


def _typed(column: pd.Series, is_category: bool) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if is_category or not is_number:
        return column.astype("category")
    return column.astype(float)


def _typed_like(table: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """All rows with the categories of the complete ones."""
    return pd.DataFrame({name: raw[name].astype(table[name].dtype) for name in table})


def _refuse_unknown(wanted: Sequence[str], data: pd.DataFrame, formula: ModelFormula) -> None:
    twice = [name for name in wanted if list(data.columns).count(name) > 1]
    if twice:
        raise StudyError(f"The data have more than one column {', '.join(twice)}. Rename one.")
    unknown = [name for name in wanted if name not in data.columns]
    if not unknown:
        return
    columns = [str(column) for column in data.columns]
    hints = []
    for name in unknown:
        close = get_close_matches(name, columns, n=1)
        hints.append(f"'{name}'" + (f" (did you mean '{close[0]}'?)" if close else ""))
    raise StudyError(
        f"Model '{formula}' names {', '.join(hints)}, which the data do not have. "
        f"Columns are: {', '.join(columns)}."
    )


def _refuse_infinite(table: pd.DataFrame) -> None:
    numbers = table.select_dtypes("number")
    bad = [str(name) for name in numbers.columns if np.isinf(numbers[name].to_numpy()).any()]
    if bad:
        raise StudyError(f"Infinite values in {', '.join(bad)}; a model needs finite numbers.")


def _refuse_lost_levels(
    raw: pd.DataFrame, table: pd.DataFrame, fixed: Sequence[str], outcome: Sequence[str]
) -> None:
    faults = []
    for name in fixed:
        if not isinstance(table[name].dtype, pd.CategoricalDtype):
            continue
        lost = set(raw[name].dropna().unique()) - set(table[name].cat.categories)
        for level in sorted(lost, key=str):
            rows = raw[raw[name] == level]
            empty = [c for c in raw.columns if c != name and rows[c].isna().all()]
            what = (
                f"all values of {', '.join(empty)} are missing" if empty else "each lacks a value"
            )
            faults.append(f"{name} = {level} has {len(rows)} rows, none complete ({what})")
    if faults:
        raise StudyError(
            "; ".join(faults) + f". Leave the level out or supply the values ({outcome[0]} is the "
            "outcome)."
        )


def _refuse_empty_cells(formula: ModelFormula, table: pd.DataFrame) -> None:
    faults = []
    for term in model_terms(formula.fixed).rhs_termlist:
        names = [n for f in term.factors for n in factor_variables(f)]
        names = [n for n in names if isinstance(table[n].dtype, pd.CategoricalDtype)]
        if len(names) < 2:
            continue
        seen = set(table[names].drop_duplicates().itertuples(index=False, name=None))
        levels = [table[n].cat.categories for n in names]
        empty = [cell for cell in product(*levels) if cell not in seen]
        for cell in empty:
            label = ", ".join(f"{n} = {v}" for n, v in zip(names, cell, strict=True))
            faults.append(f"{label} (term {term.name()})")
    if faults:
        named = list(dict.fromkeys(faults))
        rest = f" and {len(named) - _MANY} more" if len(named) > _MANY else ""
        as_text = "; a number that came as text must be made a number first" if rest else ""
        raise StudyError(
            f"Cells of the design without a complete row: {'; '.join(named[:_MANY])}{rest}. "
            f"Take the interaction out of the formula or leave the level out{as_text}."
        )


def _refuse_single_units(formula: ModelFormula, table: pd.DataFrame, fixed: Sequence[str]) -> None:
    """Refuse levels of a category that tells units apart, where a level has one unit only.

    Where several crossed groupings are told apart (a site has its persons and its
    confederates), one of them with several units is enough.
    """
    faults = []
    groups = _widest_groups(formula, table)
    for name in fixed:
        if not isinstance(table[name].dtype, pd.CategoricalDtype):
            continue
        levels = table[name].cat.codes.to_numpy(np.int64)
        counts: dict[str, IntArray] = {}
        for group, units in groups.items():
            pairs = np.unique(np.stack([units, levels]), axis=1)
            if name not in group.split(":") and pairs.shape[1] == units.max() + 1:
                counts[group] = np.bincount(pairs[1]).astype(np.int64)
        if counts:
            single = np.all(np.stack(list(counts.values())) == 1, axis=0)
            what = " and one ".join(counts)
            faults += [
                f"{name} = {level} has one {what}" for level in table[name].cat.categories[single]
            ]
    if faults:
        raise StudyError(
            f"{'; '.join(dict.fromkeys(faults))}: a spread between units cannot be told from one "
            "unit. Leave the level out or join it with another."
        )


def _widest_groups(formula: ModelFormula, table: pd.DataFrame) -> dict[str, IntArray]:
    """Groupings of the random part that lie in no other one, with the unit of each row."""
    groups = dict.fromkeys(term.group for term in formula.random)
    units: dict[str, IntArray] = {}
    for group in groups:
        number = table.groupby(group.split(":"), observed=True).ngroup()
        units[group] = np.asarray(number, dtype=np.int64)

    def lies_in(inner: str, outer: str) -> bool:
        pairs = np.unique(np.stack([units[inner], units[outer]]), axis=1)
        n_inner, n_outer = int(units[inner].max()) + 1, int(units[outer].max()) + 1
        return bool(pairs.shape[1] == n_inner > n_outer)

    return {g: units[g] for g in groups if not any(lies_in(g, other) for other in groups)}


def _evaluate_outcome(response: str, table: pd.DataFrame, known: pd.DataFrame) -> FloatArray:
    if response in table:
        if isinstance(table[response].dtype, pd.CategoricalDtype):
            raise StudyError(f"The outcome '{response}' is not a number.")
        values = table[response].to_numpy(float)
    else:
        values = evaluate(f"0 + {response}", table, known)[:, 0]
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        raise StudyError(
            f"The outcome '{response}' is {values[0]:g} in all {len(values)} rows: nothing varies, "
            "so there is nothing to model."
        )
    return values
