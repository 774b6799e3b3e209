"""Which settings which product depends on.

A stamp enters where a setting enters the analysis and travels on with the numbers: a figure
carries what its tables carry. So only the products at which settings enter are listed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

_FACES: Final = (
    "study", "recordings", "sync", "extraction", "people", "quality", "cleaning",
)  # fmt: skip
_EXPRESSION: Final = (*_FACES, "speech", "moments", "expressions")
_COHORT: Final = (*_EXPRESSION, "congruence.pairs")

_WITHOUT_SCORES: Final[Mapping[str, tuple[str, ...]]] = {
    "study_check": ("study",),
    "quality": _FACES,
    "paired_traces": (
        *_FACES,
        "expressions.composites",
        "congruence.smile_channel",
        "instruments",
    ),
    "expressions": _EXPRESSION,
    "expressivity": (*_EXPRESSION, "congruence.smile_channel"),
    "synchrony": (*_EXPRESSION, "synchrony"),
    "agreement": (*_FACES, "expressions.composites", "instruments", "continuous"),
}
_WITH_SCORES: Final[Mapping[str, tuple[str, ...]]] = {
    "cohort": _COHORT,
    "sample": (*_COHORT, "sample"),
    "congruence": (*_COHORT, "congruence"),
    "profiles": (*_COHORT, "profiles"),
    "primary": (*_COHORT, "plan"),
    "multiverse": (*_COHORT, "plan", "multiverse"),
}
_WORDS: Final[Mapping[str, str]] = {
    "study_check": "the study check",
    "quality": "the quality of recordings",
    "paired_traces": "the paired traces",
    "expressions": "the measures of expression",
    "expressivity": "the figure of expressivity",
    "synchrony": "synchrony",
    "agreement": "agreement with continuous ratings",
    "cohort": "the analysis rows and their flow",
    "sample": "the description of the sample",
    "congruence": "congruence of persons and groups",
    "profiles": "profiles and subgroups",
    "multiverse": "the multiverse",
    "primary": "the primary family",
}
_SECTIONS: Final = frozenset(
    part.partition(".")[0]
    for reads in (*_WITHOUT_SCORES.values(), *_WITH_SCORES.values(), ("models",))
    for part in reads
)


class Scope(NamedTuple):
    """What of a study decides which model reads what.

    Parameters
    ----------
    instruments
        Instruments that a pair of experience and expression uses.
    primary
        Models of the primary family.
    matched
        Models of matched participants.
    refitted
        Models that the multiverse fits again.
    sessions
        Models of sessions, which read synchrony.
    """

    instruments: Collection[str] = ()
    primary: Collection[str] = ()
    matched: Collection[str] = ()
    refitted: Collection[str] = ()
    sessions: Collection[str] = ()


def products(models: Sequence[str]) -> list[str]:
    """Name all products at which settings enter."""
    return [*_WITHOUT_SCORES, *_WITH_SCORES, *(f"models.{model}" for model in models)]


def product_words(product: str) -> str:
    """Name a product for a reader."""
    return _WORDS.get(product, f"the model “{product.removeprefix('models.')}”")


def touches(key: str, product: str, scope: Scope) -> bool:
    """Say whether a product depends on a setting.

    Parameters
    ----------
    key
        Name of the setting. One of a section that is not known here touches everything.
    product
        One of `products`.
    scope
        What the study's models read.
    """
    if key.partition(".")[0] not in _SECTIONS:
        return True
    return any(key == part or key.startswith(f"{part}.") for part in _reads(product, scope))


def _reads(product: str, scope: Scope) -> tuple[str, ...]:
    asked = tuple(f"instruments.{name}" for name in scope.instruments)
    if product in _WITHOUT_SCORES:
        return _WITHOUT_SCORES[product]
    models = {"primary": scope.primary, "multiverse": scope.refitted}.get(product, ())
    if product.startswith("models."):
        models = [product.removeprefix("models.")]
    is_matched = any(model in scope.matched for model in models)
    return (
        *_WITH_SCORES.get(product, _COHORT),
        *asked,
        *(f"models.{model}" for model in models),
        *(["sample.matching"] if is_matched else []),
        *(["synchrony"] if any(model in scope.sessions for model in models) else []),
    )
