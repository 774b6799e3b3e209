"""Type III hypotheses: each term's effect averaged evenly over all it interacts with.

The rows span what SAS calls type III estimable functions. Satterthwaite's denominator
degrees of freedom of a joint test depend on the rows chosen within that span; these are
lmerTest's.

References
----------
Kuznetsova, Brockhoff and Christensen (2017). Journal of Statistical Software 82(13).
"""

from __future__ import annotations

import re

import numpy as np
from patsy import EvalFactor, ModelDesc, Term

from dyads.models.arrays import FloatArray
from dyads.models.design import FixedDesign, column_names, design_of, term_name
from dyads.models.formula import design_matrix
from dyads.models.frame import ModelFrame

_ZERO = 1e-8
_CODED = re.compile(r"C\(([A-Za-z_]\w*),.*\)$")


def type3_functions(frame: ModelFrame, fixed: FixedDesign) -> dict[str, FloatArray]:
    """Linear functions that are zero when a term has no effect.

    Parameters
    ----------
    frame, fixed
        The rows and the design of the model.

    Returns
    -------
    dict
        By term (the intercept left out) an array of shape (functions, p).
    """
    by_name = {term_name(term): term for term in fixed.info.terms if term.factors}
    if len(by_name) == 1:
        return _only_term(fixed, next(iter(by_name)))
    own_terms = [by_name[name] for name in dict.fromkeys(fixed.terms) if name in by_name]
    plain = [_plainly_coded(term) for term in own_terms]
    coded, to_own = fixed, np.asarray(np.eye(fixed.matrix.shape[1]))
    if any(one is not other for one, other in zip(plain, own_terms, strict=True)):
        has_intercept = "(Intercept)" in fixed.columns
        coded = design_of(ModelDesc([], [Term([])] * has_intercept + plain), frame)
        to_own = np.asarray(np.linalg.lstsq(coded.matrix, fixed.matrix, rcond=None)[0])
    terms = sorted(plain, key=lambda term: len(term.factors), reverse=True)
    names, dummies = _all_dummies(frame, terms)
    # A term without its margins can have columns that are no cell of its own.
    strange = [i for i, column in enumerate(coded.columns) if column not in names]
    names += [coded.columns[i] for i in strange]
    dummies = np.concatenate([dummies, coded.matrix[:, strange]], axis=1)
    reach = np.linalg.lstsq(coded.matrix, dummies, rcond=None)[0].T
    reach[np.abs(reach) < _ZERO] = 0.0
    place = {
        term_name(term): [i for i, t in enumerate(coded.terms) if t == term_name(term)]
        for term in terms
    }
    for term in terms:
        own = place[term_name(term)]
        around = [other for other in terms if _contains(coded, other, term)]
        wider = [i for other in around for i in place[term_name(other)]]
        if wider:
            basis = reach[:, wider]
            reach[:, own] -= basis @ np.linalg.lstsq(basis, reach[:, own], rcond=None)[0]
    rows = [names.index(column) for column in coded.columns]
    shown = {term_name(p): term_name(own) for p, own in zip(plain, own_terms, strict=True)}
    functions = {}
    for name in dict.fromkeys(coded.terms):
        if name == "(Intercept)":
            continue
        found = reach[np.ix_(rows, place[name])].T
        functions[shown[name]] = found[np.abs(found).sum(axis=1) > _ZERO] @ to_own
    return functions


def _only_term(fixed: FixedDesign, name: str) -> dict[str, FloatArray]:
    """The functions of a term that stands alone, for which lmerTest takes those of type I.

    They span the same, so that F does not change; its degrees of freedom do.
    """
    root = np.linalg.qr(fixed.matrix, mode="r")
    own = [i for i, term in enumerate(fixed.terms) if term == name]
    return {name: (root / np.diag(root)[:, None])[own]}


def _plainly_coded(term: Term) -> Term:
    """The same term with its categories in treatment coding, ``C(group, Sum)`` as ``group``."""
    factors = [
        EvalFactor(_CODED.sub(r"\1", factor.code)) if _CODED.match(factor.code) else factor
        for factor in term.factors
    ]
    return term if factors == list(term.factors) else Term(factors)


def _all_dummies(frame: ModelFrame, terms: list[Term]) -> tuple[list[str], FloatArray]:
    """A column for every level or cell of every term, and the intercept's."""
    names = ["(Intercept)"]
    parts = [np.ones((len(frame.table), 1))]
    for term in terms:
        built = design_matrix(ModelDesc([], [term]), frame.table, frame.known)
        names += column_names(built.design_info)
        parts.append(np.asarray(built, dtype=float))
    return names, np.concatenate(parts, axis=1)


def _contains(fixed: FixedDesign, wide: Term, narrow: Term) -> bool:
    """Whether `wide` has the same numbers as `narrow` and all its categories, and more."""
    kinds = fixed.info.factor_infos

    def split(term: Term) -> tuple[set[object], set[object]]:
        numbers = {f for f in term.factors if kinds[f].type == "numerical"}
        return numbers, set(term.factors) - numbers

    (wide_numbers, wide_categories), (numbers, categories) = split(wide), split(narrow)
    return wide_numbers == numbers and wide_categories > categories
