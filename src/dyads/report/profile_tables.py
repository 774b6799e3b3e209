"""People's profiles and subgroups as sentences and tables of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dyads import wording
from dyads.analysis.profile_results import CHECKS, FEATURES, Heterogeneity
from dyads.report.page_tables import PageTable

_MEASURES: Final = {"rho": "rho", "eta2": "η² of ranks", "V": "V"}
_FAILED: Final = {
    "people": "there are too few people to look for any",
    "mixture": "one component describes the people as well as several",
    "valley": "the people lie in one heap without a valley in it, elongated or skewed as it may be",
    "size": "what stands apart is a handful of people",
    "null": "a single normal distribution looks as clustered just as often",
    "stability": "other samples of the same people are divided otherwise",
}
_FOUND: Final = {
    "people": "people",
    "mixture": "BIC gain",
    "valley": "p of the dip test",
    "size": "people in the smallest",
    "null": "p over samples of one normal distribution",
    "stability": "mean adjusted Rand index",
}


def sentences(results: Heterogeneity) -> list[str]:
    """Say whether there are subgroups, and how far that can be trusted."""
    summary = results.summary
    used = results.features[results.features["used"]]
    found = wording.plural(summary.people, "person", "people")
    left = (
        f" {wording.plural(summary.left_out, 'person', 'people')} lacked a feature and were left "
        "out."
        if summary.left_out
        else ""
    )
    names = wording.listed([FEATURES[feature] for feature in used["feature"]])
    described = (
        f"Each participant was described by {names} (n = {found}).{left}"
        if len(used)
        else f"No feature of a profile could be told reliably (n = {found}).{left}"
    )
    if summary.subgroups > 1:
        answer = (
            f"There are {summary.subgroups} stable subgroups: every check below was passed. They "
            "are a description of these people until another study finds them again."
        )
    else:
        answer = (
            f"No stable subgroups: {_FAILED[summary.failed]}. That does not show that all people "
            "are alike: groups that overlap, or that are small, are not found in a sample of this "
            "size."
        )
    return [answer, described]


def of_heterogeneity(results: Heterogeneity, groups: Sequence[str]) -> list[PageTable]:
    """Give the features, the checks, the subgroups by group, and what goes with them."""
    parts = [_features(results), _checks(results)]
    if results.summary.subgroups > 1:
        parts.append(_sizes(results, groups))
    return [*parts, _associations(results)]


def _features(results: Heterogeneity) -> PageTable:
    table = results.features
    rows = tuple(
        (
            FEATURES[feature],
            wording.number(median),
            wording.number(deviation),
            wording.fixed(reliability, 2),
            "yes" if used else "no",
        )
        for feature, median, deviation, reliability, used in zip(
            table["feature"], table["median"], table["deviation"], table["reliability"],
            table["used"], strict=True,
        )
    )  # fmt: skip
    return PageTable(
        title="Features of a profile",
        head=("Feature", "Median", "Robust SD", "Reliability", "Used"),
        rows=rows,
        note="Reliability: correlation of two halves of each person's rows over people, stepped up "
        "to the whole length. A feature counts by its reliability; one at zero is left out. "
        "Experience is in SD, expression in units of its channel.",
    )


def _checks(results: Heterogeneity) -> PageTable:
    table = results.checks
    made = {
        check: (
            f"{_FOUND[check]}: {_written(found)}",
            _written(limit),
            "yes" if passed else "no",
        )
        for check, found, limit, passed in zip(
            table["check"], table["found"], table["limit"], table["passed"], strict=True
        )
    }
    missed = ("not reached", wording.EN_DASH, wording.EN_DASH)
    return PageTable(
        title="What subgroups would have to pass",
        head=("Check", "Found", "Limit", "Passed"),
        rows=tuple(
            (wording.sentence(question), *made.get(check, missed))
            for check, question in CHECKS.items()
        ),
        note="In this order; the first failure ends the search.",
        words=("Found",),
    )


def _written(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else wording.number(value, 2)


def _sizes(results: Heterogeneity, groups: Sequence[str]) -> PageTable:
    table = results.sizes
    counts = {
        (int(subgroup), group): int(people)
        for subgroup, group, people in zip(
            table["subgroup"], table["group"], table["people"], strict=True
        )
    }
    return PageTable(
        title="Subgroups by group" if counts else "Subgroups by group (a count is small)",
        head=("Subgroup", *groups),
        rows=tuple(
            (str(number), *(str(counts.get((number, group), 0)) for group in groups))
            for number in sorted({subgroup for subgroup, _ in counts})
        ),
    )


def _associations(results: Heterogeneity) -> PageTable:
    table = results.associations
    rows = tuple(
        (
            FEATURES.get(what, what),
            covariate,
            str(people),
            f"{_MEASURES[measure]} = {wording.fixed(effect, 2)}",
            wording.p_value(p_value, sign=False),
            wording.p_value(p_adjusted, sign=False),
        )
        for what, covariate, people, measure, effect, p_value, p_adjusted in zip(
            *(table[name] for name in table.columns), strict=True
        )
    )
    return PageTable(
        title="What goes with profiles",
        head=("Profile", "Covariate", "n", "Effect", "p", "p, corrected"),
        rows=rows,
        note="rho: Spearman's correlation. η²: share of the ranks' variance that lies between "
        "categories. V: Cramér's. p by permuting people; corrected after Benjamini and Hochberg "
        "over this table. Congruence is compared between groups by the models above, not here.",
        words=("Covariate", "Effect"),
    )
