"""Say what became of the answer under other reasonable choices."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dyads import wording
from dyads.multiverse.results import MultiverseResults
from dyads.multiverse.words import alternative, choice
from dyads.report.page_tables import PageTable


@dataclass(frozen=True)
class MultiversePart:
    """What the report says of the multiverse."""

    sentences: tuple[str, ...]
    choices: PageTable
    failures: PageTable


def part(results: MultiverseResults | None) -> MultiversePart | None:
    """Write the part of the report; None without a multiverse."""
    if results is None:
        return None
    return MultiversePart(sentences(results), choices(results), failures(results))


def sentences(results: MultiverseResults) -> tuple[str, ...]:
    """Write a paragraph on what was done, and one for each contrast."""
    return (_done(results), *(_found(row) for _, row in results.curve.iterrows()))


def choices(results: MultiverseResults) -> PageTable:
    """List every choice with its alternatives."""
    rows = tuple(
        (choice(name), "; ".join(alternative(name, one) for one in names))
        for name, names in results.summary.choices.items()
    )
    return PageTable(
        title="What was chosen", head=("Choice", "Alternatives"), rows=rows, words=("Alternatives",)
    )


def failures(results: MultiverseResults) -> PageTable:
    """List the specifications that could not be fitted, and why."""
    first = results.specifications.drop_duplicates("specification")
    failed = first[first["failure"].ne("")]
    rows = tuple(
        (str(reason), ", ".join(own["specification"])) for reason, own in failed.groupby("failure")
    )
    return PageTable(
        title="Not fitted", head=("Why", "Specifications"), rows=rows, words=("Specifications",)
    )


def _done(results: MultiverseResults) -> str:
    curve, summary = results.curve.iloc[0], results.summary
    count, fitted = int(curve["specifications"]), int(curve["fitted"])
    lost = (
        f" {wording.plural(count - fitted, 'specification')} could not be fitted and "
        f"{'is' if count - fitted == 1 else 'are'} listed below."
        if fitted < count
        else ""
    )
    return (
        f"“{summary.title}” was asked again under {wording.plural(count, 'specification')}: every "
        "combination of the choices below that can change the answer, the study's own among them."
        f"{lost} Shares are of those that were fitted; a difference counts as significant at "
        f"p < .05 after correction ({wording.correction(summary.correction)}), as in the study's "
        "own answer. Specifications of one study are not independent of each other, so the curve "
        "was tested as a whole: the labels of the two groups of a contrast were dealt out anew "
        f"among their participants {int(curve['permutations'])} times, and every specification "
        "was fitted to the same labels."
    )


def _found(row: pd.Series) -> str:
    label = wording.contrast(str(row["contrast"]))
    if not row["fitted"]:
        return f"{label}: no specification could be fitted."
    same, significant = (
        wording.percent(float(row[name])) for name in ("share_same_sign", "share_significant")
    )
    effects = [wording.fixed(float(row[name]), 2)
               for name in ("median_effect", "smallest_effect", "largest_effect")]  # fmt: skip
    chance = [wording.p_value(float(row[f"p_{name}"]))
              for name in ("median_effect", "share_significant", "stouffer_z")]  # fmt: skip
    return (
        f"{label}: {same} of the estimates have the same sign, and {significant} are significant "
        f"in that direction ({chance[1]} that as many would be by chance). The median is "
        f"{effects[0]} SD ({chance[0]}), from {effects[1]} to {effects[2]}; all tests together "
        f"(Stouffer): {chance[2]}."
    )
