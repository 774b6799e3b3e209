"""Type III hypotheses: each term's effect averaged evenly over all it interacts with.

The rows span what SAS calls type III estimable functions. Satterthwaite's denominator
degrees of freedom of a joint test depend on the rows chosen within that span; these are
lmerTest's.

References
----------
Kuznetsova, Brockhoff and Christensen (2017). Journal of Statistical Software 82(13).
"""

from __future__ import annotations

import numpy as np
from patsy import ModelDesc, Term

from dyads.models.arrays import FloatArray
from dyads.models.design import FixedDesign, column_names, term_name
from dyads.models.formula import design_matrix
from dyads.models.frame import ModelFrame

_ZERO = 1e-8


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
    terms = [term for term in fixed.info.terms if term.factors]
    terms.sort(key=lambda term: len(term.factors), reverse=True)
    names, dummies = _all_dummies(frame, terms)
    reach = np.linalg.lstsq(fixed.matrix, dummies, rcond=None)[0].T
    reach[np.abs(reach) < _ZERO] = 0.0
    place = {
        term_name(term): [i for i, t in enumerate(fixed.terms) if t == term_name(term)]
        for term in terms
    }
    for term in terms:
        own = place[term_name(term)]
        around = [other for other in terms if _contains(fixed, other, term)]
        wider = [i for other in around for i in place[term_name(other)]]
        if wider:
            basis = reach[:, wider]
            reach[:, own] -= basis @ np.linalg.lstsq(basis, reach[:, own], rcond=None)[0]
    rows = [names.index(column) for column in fixed.columns]
    functions = {}
    for name in dict.fromkeys(fixed.terms):
        if name == "(Intercept)":
            continue
        found = reach[np.ix_(rows, place[name])].T
        functions[name] = found[np.abs(found).sum(axis=1) > _ZERO]
    return functions


def _all_dummies(frame: ModelFrame, terms: list[Term]) -> tuple[list[str], FloatArray]:
    """A column for every level or cell of every term, and the intercept's."""
    names = ["(Intercept)"]
    parts = [np.ones((len(frame.table), 1))]
    for term in terms:
        built = design_matrix(ModelDesc([], [term]), frame.table)
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
