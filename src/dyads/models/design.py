"""Design matrices: the fixed part by patsy, the random part as columns and levels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from patsy import DesignInfo, EvalFactor, ModelDesc, SubtermInfo, Term, build_design_matrices
from scipy import linalg

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray, IntArray
from dyads.models.formula import KEEP_MISSING, RandomTerm, design_matrix, model_terms
from dyads.models.frame import ModelFrame

_QUOTED = re.compile(r"""\bQ\((['"])(.*?)\1\)""")
_INDEPENDENT = 1e-9


@dataclass(frozen=True)
class FixedDesign:
    """The fixed part.

    Attributes
    ----------
    matrix
        Shape (rows, columns), columns in R's order.
    columns
        Names as R gives them: ``(Intercept)``, ``groupASD``, ``groupASD:x_w``.
    terms
        For each column the term it belongs to (``group:x_w``).
    """

    matrix: FloatArray
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    info: DesignInfo
    order: IntArray

    def rows(self, table: pd.DataFrame) -> FloatArray:
        """Design rows of other data, shape (len(table), columns)."""
        with np.errstate(all="ignore"):
            built = build_design_matrices([self.info], table, NA_action=KEEP_MISSING)[0]
        rows = np.asarray(built, dtype=float)[:, self.order]
        if not np.isfinite(rows).all():
            raise StudyError("Values asked for give no finite number in a term of the model.")
        return rows


@dataclass(frozen=True)
class RandomDesign:
    """One random term in numbers.

    Attributes
    ----------
    columns
        What varies, named as the fixed columns are.
    regressors
        Shape (rows, columns), in the units of the data.
    to_standard
        Upper triangular, shape (columns, columns): ``regressors @ to_standard`` has mean square
        one and uncorrelated columns. The optimiser works there, so that its steps and its
        tolerances do not depend on the units of a slope's variable.
    codes
        The level that each row belongs to, shape (rows,).
    levels
        Names of the levels, ``"d001:1"`` for an interaction of variables.
    is_slope
        For each column, whether it is more than an intercept.
    """

    term: RandomTerm
    columns: tuple[str, ...]
    regressors: FloatArray
    to_standard: FloatArray
    codes: IntArray
    levels: tuple[str, ...]
    is_slope: tuple[bool, ...]

    @property
    def group(self) -> str:
        """Over what the term varies (``"person:emotion"``)."""
        return self.term.group

    @property
    def is_residual(self) -> bool:
        """Whether it is an intercept with one row a level, which is part of the residual."""
        return self.columns == ("(Intercept)",) and len(self.levels) == len(self.codes)

    @property
    def standard_values(self) -> FloatArray:
        """Columns in standardised units, shape (rows, columns)."""
        return self.regressors @ self.to_standard

    def part(self, columns: Sequence[str], expression: str) -> RandomDesign:
        """Some of the columns, with a covariance matrix of their own."""
        chosen = [self.columns.index(name) for name in columns]
        return _random_design(
            RandomTerm(expression, self.group),
            tuple(columns),
            self.regressors[:, chosen],
            self.codes,
            self.levels,
            tuple(self.is_slope[i] for i in chosen),
        )

    def uncorrelated(self) -> tuple[RandomDesign, ...]:
        """The same columns, each slope with a variance of its own and no covariance.

        Levels that stand side by side, such as those of the two people of a dyad in
        ``(0 + role | dyad)``, keep their covariance: it is what the units have in common.
        """
        if not any(self.is_slope):
            return (self,)
        marked = list(zip(self.columns, self.is_slope, strict=True))
        levels = [name for name, is_slope in marked if not is_slope]
        parts = [[levels]] if levels else []
        parts.append([[name] for name, is_slope in marked if is_slope])
        return tuple(self.part(names, _expression(names)) for part in parts for names in part)


def fixed_design(frame: ModelFrame) -> FixedDesign:
    """Build the fixed part with treatment coding, first category as reference.

    Raises
    ------
    StudyError
        Where columns of the design depend linearly on others; all are named.
    """
    design = design_of(model_terms(frame.formula.fixed), frame)
    refuse_dependent(design.matrix, design.columns)
    return design


def design_of(wanted: ModelDesc, frame: ModelFrame) -> FixedDesign:
    """Evaluate terms and name their columns."""
    built = design_matrix(wanted, frame.table, frame.known)
    columns, terms, order = _named_columns(built.design_info, wanted)
    matrix = np.asarray(built, dtype=float)[:, order]
    return FixedDesign(matrix, columns, terms, built.design_info, order)


def random_designs(frame: ModelFrame, one_row_each: bool = False) -> tuple[RandomDesign, ...]:
    """Build every random term of the formula.

    Parameters
    ----------
    frame
        The rows.
    one_row_each
        See `dyads.models.fit.fit_mixed`.

    Raises
    ------
    StudyError
        A grouping with fewer than two levels or with one row per level, or columns within a
        term that depend on each other.
    """
    designs = []
    for term in frame.formula.random:
        wanted = model_terms(term.expression)
        built = design_matrix(wanted, frame.table, frame.known)
        columns, _, order = _named_columns(built.design_info, wanted)
        values = np.asarray(built, dtype=float)[:, order]
        codes, levels = numbered_levels(frame.table, term.group_variables)
        if len(levels) < 2:
            raise StudyError(
                f"Random term {term}: '{term.group}' has one level, {levels[0]}. Take the term out."
            )
        is_alone = one_row_each and columns == ("(Intercept)",) and len(frame.formula.random) == 1
        if len(levels) * len(columns) >= len(values) and not is_alone:
            remedy = (
                "Take the term out."
                if len(frame.formula.random) > 1
                else "Where one row each is meant, as of dyads that met once, say `rows: sessions` "
                "(in Python `one_row_each=True`)."
            )
            raise StudyError(
                f"Random term {term}: {len(levels) * len(columns)} random effects cannot be told "
                f"from the residual of {len(values)} rows. {remedy}"
            )
        has_intercept = "(Intercept)" in columns
        is_slope = tuple(
            name != "(Intercept)" and (has_intercept or not set(np.unique(column)) <= {0.0, 1.0})
            for name, column in zip(columns, values.T, strict=True)
        )
        designs.append(_random_design(term, columns, values, codes, levels, is_slope))
    return tuple(designs)


def numbered_levels(
    table: pd.DataFrame, variables: Sequence[str]
) -> tuple[IntArray, tuple[str, ...]]:
    """Number the combinations of the variables that occur; names are joined by colons."""
    codes = np.zeros(len(table), dtype=np.int64)
    for variable in variables:
        column = table[variable].astype("category")
        codes = codes * len(column.cat.categories) + column.cat.codes.to_numpy(np.int64)
    _, first, dense = np.unique(codes, return_index=True, return_inverse=True)
    shown = [table[variable].iloc[first].astype(str) for variable in variables]
    names = (":".join(parts) for parts in zip(*shown, strict=True))
    return dense.astype(np.int64), tuple(names)


def _expression(columns: Sequence[str]) -> str:
    return "1" if list(columns) == ["(Intercept)"] else " + ".join(["0", *columns])


def _random_design(
    term: RandomTerm,
    columns: tuple[str, ...],
    values: FloatArray,
    codes: IntArray,
    levels: tuple[str, ...],
    is_slope: tuple[bool, ...],
) -> RandomDesign:
    triangle = np.linalg.qr(values, mode="r")
    size = np.abs(np.diag(triangle))
    if (size <= _INDEPENDENT * np.sqrt((values**2).sum(axis=0))).any() or (size == 0).any():
        raise StudyError(
            f"Random term {term}: its columns {', '.join(columns)} are not independent."
        )
    to_standard = np.sqrt(len(values)) * linalg.solve_triangular(triangle, np.eye(len(columns)))
    return RandomDesign(term, columns, values, to_standard, codes, levels, is_slope)


def _named_columns(
    info: DesignInfo, wanted: ModelDesc
) -> tuple[tuple[str, ...], tuple[str, ...], IntArray]:
    """Names and terms of the columns in R's order, and where they stand in patsy's matrix.

    patsy sorts terms by the numbers they contain; R keeps them by degree, then as written.
    """
    spans = [(term, info.slice(term)) for term in wanted.rhs_termlist]
    order = np.concatenate([np.arange(span.start, span.stop) for _, span in spans])
    named = column_names(info)
    names = tuple(named[i] for i in order)
    terms = tuple(term_name(term) for term, span in spans for _ in range(span.start, span.stop))
    return names, terms, order.astype(np.int64)


def column_names(info: DesignInfo) -> list[str]:
    """R's names of patsy's columns: ``groupASD:x_w`` for ``group[T.ASD]:x_w``."""
    return [
        name
        for codings in info.term_codings.values()
        for coding in codings
        for name in _coded_names(info, coding)
    ]


def term_name(term: Term) -> str:
    """R's name of a term."""
    return ":".join(_factor_name(factor) for factor in term.factors) or "(Intercept)"


def _coded_names(info: DesignInfo, coding: SubtermInfo) -> list[str]:
    parts = []
    for factor in coding.factors:
        name, about = _factor_name(factor), info.factor_infos[factor]
        if about.type == "numerical":
            n = about.num_columns
            parts.append([name] if n == 1 else [f"{name}{i}" for i in range(1, n + 1)])
            continue
        matrix = coding.contrast_matrices[factor]
        is_full = matrix.matrix.shape[1] == len(about.categories)
        start = "[" if is_full else "[T."
        parts.append([f"{name}{s.removeprefix(start)[:-1]}" for s in matrix.column_suffixes])
    # patsy lets the first factor's columns vary fastest, as R does.
    return [":".join(names[::-1]) or "(Intercept)" for names in product(*parts[::-1])]


def _factor_name(factor: EvalFactor) -> str:
    name = _QUOTED.sub(r"\2", factor.name())
    return re.sub(r"(?<=\w)=(?=\w)", " = ", name.replace(" ** ", "^").replace(" / ", "/"))


def refuse_dependent(matrix: FloatArray, columns: tuple[str, ...]) -> None:
    """Refuse a design whose columns depend linearly on others.

    Raises
    ------
    StudyError
        All such columns are named, with those that they follow from.
    """
    size = np.sqrt((matrix**2).sum(axis=0))
    zero = [name for name, s in zip(columns, size, strict=True) if s == 0]
    if zero:
        raise StudyError(f"Design columns that are zero in every row: {', '.join(zero)}.")
    scaled = matrix / size
    dependent: list[str] = []
    kept: list[int] = []
    basis = np.empty((len(matrix), 0))
    for i, name in enumerate(columns):
        rest = scaled[:, i] - basis @ (basis.T @ scaled[:, i])
        rest -= basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > 1e-7:
            basis = np.column_stack([basis, rest / length])
            kept.append(i)
            continue
        weights = np.linalg.lstsq(scaled[:, kept], scaled[:, i], rcond=None)[0]
        source = [columns[k] for k, w in zip(kept, weights, strict=True) if abs(w) > 1e-6]
        if source == ["(Intercept)"]:
            dependent.append(f"{name} is the same in every row")
        else:
            dependent.append(f"{name} follows from {', '.join(source)}")
    if dependent:
        raise StudyError(
            f"The design is rank deficient: {'; '.join(dependent)}. Take out a variable or join "
            "levels."
        )
