"""Linear functions of the fixed effects: marginal means, trends and their contrasts.

A reference grid crosses all categories of the model; numbers stand at their mean (numbers
with at most two values are treated as categories, as emmeans does). A marginal mean weighs
all grid cells of its levels equally.

References
----------
Searle, Speed and Milliken (1980). The American Statistician 34(4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

import numpy as np
import pandas as pd

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.design import FixedDesign
from dyads.models.frame import ModelFrame

At = Mapping[str, object]
Method = Literal["pairwise", "reference"]
Weights = Mapping[str, Sequence[float] | Mapping[str, float]]

_STEP = 1e-3


@dataclass(frozen=True)
class LinearFunctions:
    """Labelled rows of coefficients.

    Attributes
    ----------
    labels
        One row per function.
    weights
        Shape (functions, p).
    """

    labels: pd.DataFrame
    weights: FloatArray


def mean_functions(
    frame: ModelFrame, fixed: FixedDesign, specs: Sequence[str], at: At | None = None
) -> LinearFunctions:
    """Marginal means over the reference grid, one per combination of the specs' levels.

    The first spec's levels vary fastest.
    """
    grid = _reference_grid(frame, specs, at or {})
    return _averaged(grid, fixed.rows(_typed(grid, frame)), specs)


def trend_functions(
    frame: ModelFrame,
    fixed: FixedDesign,
    variable: str,
    specs: Sequence[str],
    at: At | None = None,
) -> LinearFunctions:
    """Slopes of a numeric variable over the reference grid, at its mean unless `at` says."""
    if variable not in frame.fixed_variables or frame.is_categorical(variable):
        raise StudyError(f"A trend needs a numeric predictor of the model; '{variable}' is none.")
    values = frame.table[variable]
    fixed_at = {variable: float(values.mean()), **(at or {})}
    grid = _reference_grid(frame, specs, fixed_at)
    step = _STEP * float(values.max() - values.min())
    above = fixed.rows(_typed(grid.assign(**{variable: grid[variable] + step}), frame))
    below = fixed.rows(_typed(grid.assign(**{variable: grid[variable] - step}), frame))
    return _averaged(grid, (above - below) / (2 * step), specs)


def row_functions(frame: ModelFrame, fixed: FixedDesign, rows: pd.DataFrame) -> LinearFunctions:
    """Population predictions for given rows; variables not given as in the reference grid."""
    given = [str(name) for name in rows.columns if name in frame.fixed_variables]
    grid = _reference_grid(frame, (), dict.fromkeys(given, 0.0), check=False)
    rest = grid.drop(columns=given)
    repeated = rows[given].iloc[np.repeat(np.arange(len(rows)), len(rest))]
    tiled = rest.iloc[np.tile(np.arange(len(rest)), len(rows))]
    crossed = pd.concat([repeated.reset_index(drop=True), tiled.reset_index(drop=True)], axis=1)
    weights = fixed.rows(_typed(crossed, frame))
    averaged = weights.reshape(len(rows), len(rest), -1).mean(axis=1)
    return LinearFunctions(rows.reset_index(drop=True), averaged)


def compare(family: LinearFunctions, method: Method | Weights) -> LinearFunctions:
    """Contrasts of a family by name of the method or by weights."""
    if method == "pairwise":
        return pairwise(family)
    if method == "reference":
        return against_reference(family)
    if isinstance(method, str):
        raise StudyError(f"Unknown contrasts '{method}'; expected pairwise, reference or weights.")
    return weighted(family, method)


def families(
    functions: LinearFunctions, outer: Sequence[str]
) -> list[tuple[pd.DataFrame, LinearFunctions]]:
    """Split functions by the levels of the outer variables, each with its one row of levels."""
    if not outer:
        return [(pd.DataFrame(index=[0]), functions)]
    found = []
    for _, labels in functions.labels.groupby(list(outer), sort=False, observed=True):
        rows = labels.index.to_numpy()
        inner = labels.drop(columns=list(outer)).reset_index(drop=True)
        held = labels[list(outer)].head(1).reset_index(drop=True)
        found.append((held, LinearFunctions(inner, functions.weights[rows])))
    return found


def pairwise(functions: LinearFunctions) -> LinearFunctions:
    """All differences, earlier level minus later."""
    names = _names(functions.labels, with_variable=True)
    pairs = list(combinations(range(len(names)), 2))
    labels = pd.DataFrame({"contrast": [f"{names[a]} - {names[b]}" for a, b in pairs]})
    weights = [functions.weights[a] - functions.weights[b] for a, b in pairs]
    return LinearFunctions(labels, np.array(weights).reshape(len(pairs), -1))


def against_reference(functions: LinearFunctions) -> LinearFunctions:
    """Each level minus the first."""
    names = _names(functions.labels, with_variable=True)
    labels = pd.DataFrame({"contrast": [f"{name} - {names[0]}" for name in names[1:]]})
    return LinearFunctions(labels, functions.weights[1:] - functions.weights[0])


def weighted(functions: LinearFunctions, weights: Weights) -> LinearFunctions:
    """Custom contrasts.

    Parameters
    ----------
    functions
        The means or trends to combine.
    weights
        By name of the contrast either a weight for every row of `functions`, in order, or
        weights by label (``{"HC": 1, "ASD": -0.5, "SCZ": -0.5}``), zero where not named.
    """
    names = _names(functions.labels)
    rows = []
    for title, given in weights.items():
        if isinstance(given, Mapping):
            unknown = [name for name in given if name not in names]
            if unknown:
                raise StudyError(
                    f"Contrast '{title}' weighs {', '.join(unknown)}; "
                    f"levels are {', '.join(names)}."
                )
            rows.append([float(given.get(name, 0.0)) for name in names])
        elif len(given) != len(names):
            raise StudyError(
                f"Contrast '{title}' has {len(given)} weights for {len(names)} levels: "
                f"{', '.join(names)}."
            )
        else:
            rows.append([float(value) for value in given])
    labels = pd.DataFrame({"contrast": list(weights)})
    return LinearFunctions(labels, np.array(rows) @ functions.weights)


def _names(labels: pd.DataFrame, with_variable: bool = False) -> list[str]:
    """Names of the rows; a level that is a number says of what, as in emmeans, where asked."""
    columns = []
    for name, column in labels.items():
        levels = [f"{v:g}" if isinstance(v, float) else str(v) for v in column]
        is_number = bool(pd.to_numeric(pd.Series(levels), errors="coerce").notna().all())
        columns.append([f"{name}{v}" for v in levels] if with_variable and is_number else levels)
    return [" ".join(parts) for parts in zip(*columns, strict=True)]


def _reference_grid(
    frame: ModelFrame, specs: Sequence[str], at: At, check: bool = True
) -> pd.DataFrame:
    variables = frame.fixed_variables
    unknown = [name for name in [*specs, *at] if name not in variables]
    if unknown:
        raise StudyError(
            f"{', '.join(dict.fromkeys(unknown))}: no fixed predictor of '{frame.formula}'. "
            f"Predictors are {', '.join(variables)}."
        )
    levels: dict[str, list[object]] = {}
    for name in dict.fromkeys([*specs, *variables]):
        known = _own_levels(frame, name)
        levels[name] = _asked(at[name]) if name in at else known
        strange = [v for v in levels[name] if v not in known]
        if check and frame.is_categorical(name) and strange:
            raise StudyError(f"'{name}' has no level {strange[0]!r}; levels are {known}.")
    backwards = list(levels)[::-1]
    cells = pd.DataFrame(list(product(*(levels[n] for n in backwards))), columns=backwards)
    return cells[list(levels)]


def _own_levels(frame: ModelFrame, name: str) -> list[object]:
    column = frame.table[name]
    if frame.is_categorical(name):
        return list(column.cat.categories)
    values = np.unique(column.to_numpy(float))
    return list(values) if len(values) <= 2 else [float(column.mean())]


def _asked(value: object) -> list[object]:
    if isinstance(value, (str, bool)) or not isinstance(value, (Sequence, np.ndarray, pd.Series)):
        return [value]
    return list(value)


def _typed(grid: pd.DataFrame, frame: ModelFrame) -> pd.DataFrame:
    columns = {}
    for name in grid.columns:
        if frame.is_categorical(name):
            categories = frame.table[name].cat.categories
            strange = grid[name][~grid[name].isin(categories)]
            if len(strange):
                raise StudyError(
                    f"'{name}' = {strange.iloc[0]} is no level that the model was fitted with."
                )
            columns[name] = pd.Series(pd.Categorical(grid[name], categories=categories))
        else:
            columns[name] = grid[name].astype(float)
    return pd.DataFrame(columns)


def _averaged(grid: pd.DataFrame, rows: FloatArray, specs: Sequence[str]) -> LinearFunctions:
    if not specs:
        labels = pd.DataFrame({"over": ["all"]})
        return LinearFunctions(labels, rows.mean(axis=0, keepdims=True))
    grouping = grid.groupby(list(specs), sort=False, observed=True)
    member = grouping.ngroup().to_numpy()
    n_cells = int(member.max()) + 1
    chosen = (member == np.arange(n_cells)[:, None]).astype(float)
    labels = grid[list(specs)].drop_duplicates().reset_index(drop=True)
    return LinearFunctions(labels, chosen @ rows / chosen.sum(axis=1, keepdims=True))
