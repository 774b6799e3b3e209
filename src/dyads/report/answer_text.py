"""Say in sentences what a model found: estimates, differences, how sure, on how many people.

A difference is said to be shown where its corrected p is below `ALPHA`; where it is not, the
sentence says what the interval leaves open instead of calling the groups equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dyads import wording
from dyads.analysis.results import ModelResults, ModelSummary

ALPHA: Final = 0.05
_ROWS: Final = {
    "participants": "a person, a segment and an emotion",
    "everyone": "a person, a segment and an emotion",
    "sessions": "a dyad and a session",
}


def answer(model: ModelResults, unit: str) -> tuple[str, ...]:
    """Write the answer of a model, from its numbers alone.

    Parameters
    ----------
    model
        Results of the model.
    unit
        Unit of the expression, such as `probability`.

    Returns
    -------
    tuple of str
        Paragraphs: the groups, their differences, how it was reckoned.
    """
    if model.summary.moderator is not None:
        groups = _changes(model, unit)
    elif model.summary.compare == "slopes":
        groups = _slopes(model, unit)
    else:
        groups = _means(model, unit)
    return tuple(part for part in (groups, _differences(model), _reckoning(model)) if part)


def stamp_sentence(stamp: str, partly: Sequence[str] = ()) -> str:
    """Say what a stamp means for the numbers under it; empty without a stamp.

    Parameters
    ----------
    stamp
        Stamps of the page, separated by semicolons.
    partly
        Sentences about those of them that not every number carries.
    """
    if not stamp:
        return ""
    if partly:
        return " ".join(["Not every number carries every stamp.", *partly])
    return (
        f"Every number on this page carries the stamp “{stamp}”. It shows that the way from film "
        "to answer works, and says nothing about people."
        if stamp == "demo weights"
        else f"Every number on this page carries the stamp “{stamp}”."
    )


@dataclass(frozen=True)
class _Estimate:
    """A row of a table of estimates or contrasts."""

    label: str
    estimate: float
    lower: float
    upper: float
    df: float
    statistic: float
    p: float

    @property
    def value(self) -> str:
        return wording.estimate_interval(self.estimate, self.lower, self.upper)


def _slopes(model: ModelResults, unit: str) -> str:
    rows = _estimates(model.estimates, "group")
    felt = "what was felt" if model.summary.variable == "x_w" else str(model.summary.variable)
    rising = [f"{row.label} ({row.value})" for row in rows if row.lower > 0]
    falling = [f"{row.label} ({row.value})" for row in rows if row.upper < 0]
    unclear = [f"{row.label} ({row.value})" for row in rows if not (row.lower > 0 or row.upper < 0)]
    clauses = []
    if rising:
        clauses.append(f"expression rose with {felt} in {wording.listed(rising)}")
    if falling:
        clauses.append(f"expression fell with {felt} in {wording.listed(falling)}")
    if unclear:
        clauses.append(
            f"no slope was shown in {wording.listed(unclear)}, where the interval includes zero"
        )
    if not clauses:
        return ""
    return (
        f"Within people, {'; '.join(clauses)}. Slopes are in units of expression ({unit}) "
        f"{_per(model.summary)}; brackets are 95 % intervals."
    )


def _per(summary: ModelSummary) -> str:
    if summary.variable != "x_w":
        return f"per unit of {summary.variable}"
    points = f" ({wording.number(summary.sd_x)} points of its scale)" if summary.sd_x else ""
    return f"per standard deviation of experience{points}"


def _means(model: ModelResults, unit: str) -> str:
    said = [f"{row.value} in {row.label}" for row in _estimates(model.estimates, "group")]
    if not said:
        return ""
    what = _outcome(model.summary, unit)
    return (
        f"{what[0].upper()}{what[1:]}, other terms of the model held equal, was "
        f"{wording.listed(said)}; brackets are 95 % intervals."
    )


def _changes(model: ModelResults, unit: str) -> str:
    summary = model.summary
    said = [f"{row.value} in {row.label}" for row in _estimates(model.estimates, "group")]
    if not said:
        return ""
    what = (
        f"slope of expression ({unit}) {_per(summary)}"
        if summary.compare == "slopes"
        else _outcome(summary, unit)
    )
    return (
        f"The {what} changed, {summary.moderator_step}, by {wording.listed(said)}; brackets are "
        "95 % intervals. What is compared below is this change."
    )


def _outcome(summary: ModelSummary, unit: str) -> str:
    if summary.outcome == "e":
        return f"mean expression ({unit})"
    measure = wording.measure(summary.outcome)
    if summary.rows_of == "sessions":
        return f"{measure} beyond that of strangers"
    return f"mean {measure}"


def _differences(model: ModelResults) -> str:
    what = "slope" if model.summary.compare == "slopes" else "mean"
    if model.summary.moderator is not None:
        what = f"{what} change"
    rows = _estimates(model.contrasts, "contrast")
    shown = [_shown(row, what) for row in rows if row.p < ALPHA]
    unclear = [
        f"{wording.contrast(row.label)} ({row.value}, {_test(row)})"
        for row in rows
        if not row.p < ALPHA
    ]
    sentences = []
    if shown:
        sentences.append(wording.sentence("; ".join(shown)))
    if unclear:
        sentences.append(f"No difference was shown for {wording.listed(unclear)}.")
        sentences.append(
            "That does not make the groups equal: every value within an interval stays "
            "compatible with the data."
        )
    return " ".join(sentences)


def _shown(row: _Estimate, what: str) -> str:
    sides = wording.contrast_sides(row.label)
    if sides is None:
        return f"{what}s differed: {wording.contrast(row.label)} {row.value}, {_test(row)}"
    direction = "higher" if row.estimate > 0 else "lower"
    return (
        f"the {what} was {direction} in {sides[0]} than in {sides[1]} "
        f"(difference {row.value}, {_test(row)})"
    )


def _test(row: _Estimate) -> str:
    statistic = wording.fixed(row.statistic, 2)
    space = wording.NO_BREAK
    return f"t({wording.degrees(row.df)}){space}={space}{statistic}, {wording.p_value(row.p)}"


def _reckoning(model: ModelResults) -> str:
    summary = model.summary
    corrected = (
        f"P-values are corrected over {wording.plural(len(model.contrasts), 'contrast')} "
        f"({wording.correction(summary.correction)})"
        if summary.correction != "none"
        else "P-values are not corrected for several tests"
    )
    sentences = [
        f"n = {wording.plural(summary.people, 'person', 'people')} in "
        f"{wording.plural(summary.dyads, 'dyad')}, "
        f"{wording.plural(summary.rows, 'row')} ({_ROWS[summary.rows_of]}).",
        "Only matched participants entered; the answer of all stands in the model without matching."
        if summary.sample == "matched"
        else "",
        f"{corrected}; intervals are of each contrast alone, {_deciding(summary.df_method)}.",
        _robust(model),
    ]
    if summary.is_two_stage:
        sentences.append(
            "The mixed model found no optimum. As the order fixed beforehand says, slopes person "
            "by person were compared in its place, in which each person counts alike."
        )
    if summary.singular:
        sentences.append(
            "The fit is singular: a variance component was estimated as zero, so the "
            "intervals may be too narrow."
        )
    return " ".join(filter(None, sentences))


def _deciding(test: str) -> str:
    if test == "CR2":
        return "with the cluster-robust covariance CR2 (clusters: dyads) and its degrees of freedom"
    return f"with degrees of freedom after {wording.df_method(test)}"


def _robust(model: ModelResults) -> str:
    """Say whether the test that does not decide comes to the same verdicts."""
    is_robust = model.summary.df_method == "CR2"
    other = (
        "Tests with Satterthwaite's degrees of freedom"
        if is_robust
        else "Cluster-robust standard errors (CR2)"
    )
    both = model.contrasts.merge(model.contrasts_cr2, on="contrast", suffixes=("", "_cr2"))
    if both.empty:
        return ""
    limit = f"{ALPHA:.2f}".removeprefix("0")
    changed = both[(both["p_adjusted"] < ALPHA) != (both["p_adjusted_cr2"] < ALPHA)]
    if changed.empty:
        return f"{other} lead to the same verdicts at p = {limit}."
    said = [
        f"{wording.contrast(label)} ({wording.p_value(p)})"
        for label, p in zip(changed["contrast"], changed["p_adjusted_cr2"], strict=True)
    ]
    return (
        f"{other} come to another verdict at p = {limit} for "
        f"{wording.listed(said)}; read these with care."
    )


def _estimates(table: pd.DataFrame, label: str) -> list[_Estimate]:
    columns = ["estimate", "lower", "upper", "df", "statistic", "p_adjusted"]
    if label not in table.columns:
        return []
    values = table.reindex(columns=columns).to_numpy(float)
    return [
        _Estimate(str(name), *map(float, row))
        for name, row in zip(table[label], values, strict=True)
    ]
