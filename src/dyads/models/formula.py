"""Read a mixed-model formula as lme4 users write it.

The fixed part keeps the R spelling as far as patsy can read it; the random part is taken
apart into one entry per covariance matrix: ``(1 + x || g)`` becomes ``(1 | g)`` and
``(0 + x | g)``, ``(1 | a/b)`` becomes ``(1 | a)`` and ``(1 | a:b)``.
"""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from patsy import (
    DesignMatrix,
    EvalEnvironment,
    EvalFactor,
    ModelDesc,
    NAAction,
    PatsyError,
    Term,
    build_design_matrices,
    incr_dbuilder,
)

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray
from dyads.models.transforms import FUNCTIONS

_ENVIRONMENT = EvalEnvironment([FUNCTIONS])
_CODINGS = frozenset({"Treatment", "Sum", "Helmert", "Diff", "Poly"})

KEEP_MISSING = NAAction(NA_types=[])

_AS_FACTOR = re.compile(r"\b(?:C|factor|as\.factor)\(\s*([A-Za-z_]\w*)\s*\)")
_UNUSUAL = re.compile(r"`([^`]+)`|(?<![\w.\"'`])(?!np\.)([A-Za-z_]\w*(?:\.\w+)+)(?!\s*\(|[\w.])")
_QUOTED = re.compile(r"Q\('([^']*)'\)")
_WORD = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class RandomTerm:
    """One covariance matrix of the random part, ``(expression | group)``.

    Attributes
    ----------
    expression
        What varies, as a formula with its intercept spelled out (``"1 + x_w"``).
    group
        Over what it varies, variables joined by colons (``"person:emotion"``).
    """

    expression: str
    group: str

    def __str__(self) -> str:
        return f"({self.expression} | {self.group})"

    @property
    def group_variables(self) -> tuple[str, ...]:
        """The variables whose combinations are the levels."""
        return tuple(self.group.split(":"))


@dataclass(frozen=True)
class ModelFormula:
    """A parsed formula.

    Attributes
    ----------
    response
        Left-hand side, a variable or an expression of one (``"log(y)"``).
    fixed
        Right-hand side without the random terms.
    random
        The random terms, ``||`` and ``/`` already expanded.
    categorical
        Variables that the formula asks to be categories by ``C(v)``, ``factor(v)`` or
        ``as.factor(v)``.
    """

    response: str
    fixed: str
    random: tuple[RandomTerm, ...]
    categorical: tuple[str, ...]

    def __str__(self) -> str:
        right = " + ".join([self.fixed, *map(str, self.random)])
        for name in self.categorical:
            bare = rf"(?<![\w.\"'])(?<!\| ){name}(?![\w(\"'])"
            right = re.sub(bare, f"C({name})", right)
        return _QUOTED.sub(r"`\1`", f"{self.response} ~ {right}")


def parse_formula(text: str) -> ModelFormula:
    """Take a formula apart.

    Parameters
    ----------
    text
        For example ``"y ~ group * x_w + age + (1 + x_w | person) + (1 | person:emotion)"``.

    Returns
    -------
    ModelFormula

    Raises
    ------
    StudyError
        Where the text is no such formula; the message quotes the part that cannot be read.
    """
    if text.count("~") != 1:
        raise StudyError(
            f"Model formula '{text}': expected one '~' between outcome and predictors."
        )
    categorical = tuple(dict.fromkeys(_AS_FACTOR.findall(text)))
    text = text.replace("%in%", ":")
    plain = _UNUSUAL.sub(lambda name: f"Q('{name[1] or name[2]}')", _AS_FACTOR.sub(r"\1", text))
    reserved = sorted({w for w in _WORD.findall(plain) if keyword.iskeyword(w)})
    if reserved:
        raise StudyError(
            f"Model formula '{text}': {', '.join(reserved)} cannot name a variable in a formula. "
            "Rename the column."
        )
    left, right = (part.strip() for part in plain.split("~"))
    fixed, bars = _split_bars(right.replace("^", "**"), text)
    random = tuple(term for bar in bars for term in _expand_bar(bar, text))
    if not left:
        raise StudyError(f"Model formula '{text}': the outcome before '~' is missing.")
    if not random:
        raise StudyError(
            f"Model formula '{text}' has no random term such as (1 | person). Rows of one person "
            "are not independent; a model without one is not offered."
        )
    if len(set(random)) < len(random):
        raise StudyError(f"Model formula '{text}': a random term is written twice.")
    return ModelFormula(left, fixed, random, categorical)


def model_terms(expression: str) -> ModelDesc:
    """Parse one side of a formula by patsy, in R's order.

    Terms come by degree, then as written; the variables of an interaction in the order in
    which the expression first names them.

    Raises
    ------
    StudyError
        Where patsy cannot read the expression.
    """
    try:
        parsed = ModelDesc.from_formula(expression)
        for factor in chain.from_iterable(term.factors for term in parsed.rhs_termlist):
            ast.parse(factor.code)
    except (PatsyError, SyntaxError) as error:
        what = str(error).splitlines()[0]
        raise StudyError(f"Formula part '{expression}' cannot be read: {what}.") from error
    named = dict.fromkeys(chain.from_iterable(term.factors for term in parsed.rhs_termlist))
    place = {factor: i for i, factor in enumerate(named)}
    terms = [Term(sorted(term.factors, key=place.__getitem__)) for term in parsed.rhs_termlist]
    return ModelDesc([], sorted(terms, key=lambda term: len(term.factors)))


def variables_of(expression: str) -> tuple[str, ...]:
    """Names of the variables that an expression reads, functions left out, in order."""
    names: dict[str, None] = {}
    for term in model_terms(expression).rhs_termlist:
        for factor in term.factors:
            names.update(dict.fromkeys(factor_variables(factor)))
    return tuple(names)


def factor_variables(factor: EvalFactor) -> tuple[str, ...]:
    """Names of the variables in one factor of a term (``log(x)`` reads ``x``).

    What is called is a function; any other name is a variable, also one that Python knows
    as something else (``range``, ``type``).
    """
    found: list[str] = []
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(factor.code)):
        if isinstance(node, ast.Call):
            skipped.add(id(node.func))
            if isinstance(node.func, ast.Name) and node.func.id == "Q":
                found += [str(a.value) for a in node.args if isinstance(a, ast.Constant)]
        elif isinstance(node, ast.Attribute):
            skipped.add(id(node.value))
        elif isinstance(node, ast.Name) and id(node) not in skipped and node.id not in _CODINGS:
            found.append(node.id)
    return tuple(dict.fromkeys(found))


def design_matrix(
    wanted: ModelDesc, table: pd.DataFrame, known: pd.DataFrame | None = None
) -> DesignMatrix:
    """Evaluate terms on complete rows.

    Parameters
    ----------
    wanted
        The terms.
    table
        Complete rows.
    known
        Rows of which some may be incomplete: `scale`, `poly`, `bs` and `ns` are set by all values
        in them, as in R; by default the complete rows.

    Raises
    ------
    StudyError
        Where an expression cannot be evaluated or is not finite in every row.
    """
    try:
        with np.errstate(all="ignore"):
            every = table if known is None else known
            info = incr_dbuilder(wanted, lambda: iter([every]), _ENVIRONMENT, KEEP_MISSING)
            built = build_design_matrices([info], table, KEEP_MISSING)[0]
    except (PatsyError, NameError, TypeError) as error:
        if isinstance(error.__cause__, StudyError):
            raise error.__cause__ from None
        unknown = error.__cause__ if isinstance(error, PatsyError) else error
        what = str(error).splitlines()[0]
        if isinstance(unknown, NameError):
            functions = ", ".join(name for name in FUNCTIONS if name != "np")
            what = f"{unknown.name} is no function of formulas, which are {functions}, C and I"
        text = wanted.describe().removeprefix("~ ").removeprefix("0 + ")
        raise StudyError(f"'{text}' cannot be evaluated: {what}.") from error
    infinite = ~np.isfinite(np.asarray(built)).all(axis=0)
    if infinite.any():
        names = [n for n, bad in zip(built.design_info.column_names, infinite, strict=True) if bad]
        raise StudyError(f"{', '.join(names)}: no finite number in some rows.")
    return built


def evaluate(expression: str, table: pd.DataFrame, known: pd.DataFrame | None = None) -> FloatArray:
    """Design matrix of an expression, shape (rows, columns), in patsy's column order."""
    return np.asarray(design_matrix(model_terms(expression), table, known), dtype=float)


def _split_bars(right: str, text: str) -> tuple[str, list[str]]:
    """Separate ``( … | … )`` groups from the rest of a right-hand side."""
    opened: list[int] = []
    spans: list[tuple[int, int]] = []
    barred: set[int] = set()
    for position, character in enumerate(right):
        if character == "(":
            opened.append(position)
        elif character == "|":
            if not opened:
                raise StudyError(
                    f"Model formula '{text}': write random terms in parentheses, as (1 | person)."
                )
            barred.add(opened[-1])
        elif character == ")":
            if not opened:
                raise StudyError(f"Model formula '{text}': a ')' without its '('.")
            start = opened.pop()
            if start in barred:
                spans.append((start, position + 1))
    if opened:
        raise StudyError(f"Model formula '{text}': a '(' without its ')'.")
    bars = [right[start + 1 : stop - 1] for start, stop in spans]
    rest = right
    for start, stop in reversed(spans):
        rest = rest[:start] + "\0" + rest[stop:]
    pieces = [piece.strip() for piece in re.split(r"\+?\s*\0", rest)]
    fixed = " ".join(piece for piece in pieces if piece).strip().strip("+").strip()
    return fixed or "1", bars


def _expand_bar(bar: str, text: str) -> list[RandomTerm]:
    """Turn the inside of one pair of parentheses into random terms."""
    is_correlated = "||" not in bar
    expression, _, grouping = bar.replace("||", "|").partition("|")
    terms = model_terms(expression.strip() or "1").rhs_termlist
    has_intercept = any(not term.factors for term in terms)
    slopes = [term.name() for term in terms if term.factors]
    if not terms:
        raise StudyError(f"Model formula '{text}': the random term ({bar}) lets nothing vary.")
    if is_correlated:
        parts = [" + ".join(["1" if has_intercept else "0", *slopes])]
    else:
        parts = (["1"] if has_intercept else []) + [f"0 + {slope}" for slope in slopes]
    return [RandomTerm(part, group) for group in _groups(grouping, text) for part in parts]


def _groups(grouping: str, text: str) -> list[str]:
    """Expand ``a/b`` into ``a`` and ``a:b``; leave ``a`` and ``a:b`` as they are."""
    plain = _QUOTED.sub(lambda name: re.sub(r"\W", "_", name[1]), grouping)
    levels = [[name.strip() for name in level.split(":")] for level in grouping.split("/")]
    levels = [[_QUOTED.sub(r"\1", name) for name in level] for level in levels]
    if not all(_PLAIN_NAME.fullmatch(name.strip()) for name in re.split("[:/]", plain)):
        raise StudyError(
            f"Model formula '{text}': '{grouping.strip()}' is no grouping. Expected a variable, "
            "a:b or a/b."
        )
    nested = [chain.from_iterable(levels[: depth + 1]) for depth in range(len(levels))]
    return [":".join(dict.fromkeys(names)) for names in nested]
