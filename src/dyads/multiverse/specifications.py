"""Every reasonable way to come to the answer, and what the ways have in common.

A specification is one alternative of each choice. Three stages of work lie below its model:
traces, expressions and analysis rows. What a stage does is told by its settings alone, so a
branch of a stage bears a digest of them and is made once for all specifications that share it;
a branch with the study's own settings is the study's own product.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from dyads.config import (
    Centring,
    CleaningSettings,
    Config,
    EmotionPair,
    ExpressionSettings,
    ModelSettings,
    QualitySettings,
    Stratum,
)
from dyads.errors import StudyError
from dyads.multiverse.choices import Way, choices_of, combinations_of, shown, way_of

OWN: Final = "main"
"""Name of the branch that is the study's own product."""


class TraceBranch(BaseModel):
    """How frames become traces."""

    model_config = ConfigDict(frozen=True)

    quality: QualitySettings
    cleaning: CleaningSettings


class ExpressionBranch(BaseModel):
    """How the traces of a branch are summed up."""

    model_config = ConfigDict(frozen=True)

    traces: str
    expressions: ExpressionSettings
    strata: tuple[Stratum, ...]


class CohortBranch(BaseModel):
    """Which expressions of a branch are held against what was felt."""

    model_config = ConfigDict(frozen=True)

    expressions: str
    pairs: tuple[EmotionPair, ...]


class Specification(BaseModel):
    """One way to come to the answer.

    Parameters
    ----------
    name
        `S001` and so on.
    choices
        Alternative of each choice; empty where the choice cannot matter, because no measure of
        the specification depends on it.
    is_own
        The study's own way.
    cohort
        Branch of its analysis rows.
    centring
        How experience is centred.
    formula
        Formula of its model.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    choices: dict[str, str]
    is_own: bool
    cohort: str
    centring: Centring
    formula: str


@dataclass(frozen=True)
class Multiverse:
    """All specifications of a study and the branches that they need.

    Parameters
    ----------
    model
        Name of the model that is fitted again.
    specifications
        The study's own way first.
    traces, expressions, cohorts
        Branches beside the study's own products, by their digest.
    """

    model: str
    specifications: tuple[Specification, ...]
    traces: dict[str, TraceBranch]
    expressions: dict[str, ExpressionBranch]
    cohorts: dict[str, CohortBranch]

    @property
    def cohort_names(self) -> list[str]:
        """Name the branches of analysis rows, the study's own among them."""
        return list(dict.fromkeys(one.cohort for one in self.specifications))

    def of_cohort(self, cohort: str) -> list[Specification]:
        """Give the specifications that share analysis rows."""
        return [one for one in self.specifications if one.cohort == cohort]

    @property
    def branch_names(self) -> frozenset[str]:
        """Name every branch beside the study's own products."""
        return frozenset((*self.traces, *self.expressions, *self.cohorts))


def multiverse_of(config: Config) -> Multiverse:
    """List the specifications that a configuration asks for.

    Combinations that differ only in what cannot matter to their measures are one specification.

    Parameters
    ----------
    config
        The whole configuration; its section `multiverse` must be there.

    Raises
    ------
    StudyError
        If a choice names what is not there or cannot be, if there is nothing to choose, or if
        there are more specifications than `specifications_max`.
    """
    wanted = config.multiverse
    assert wanted is not None
    name = wanted.model or config.primary_models[0]
    model = _model(config, name)
    choices = choices_of(config, wanted, model)
    if not any(len(choice.alternatives) > 1 for choice in choices):
        raise StudyError(
            "multiverse: there is nothing to choose. Give a choice an alternative that differs "
            "from the study's own, or take the section out."
        )
    ways: dict[str, tuple[Way, dict[str, str]]] = {}
    for labels in combinations_of(choices, wanted):
        way = way_of(config, model, choices, labels)
        ways.setdefault(str(way), (way, shown(choices, labels, way)))
        if len(ways) > wanted.specifications_max:
            raise StudyError(
                f"multiverse: the choices make more than {wanted.specifications_max} "
                "specifications (multiverse.specifications_max). Leave out alternatives, or list "
                "the specifications under `only`."
            )
    return _branched(config, name, list(ways.values()))


def _model(config: Config, name: str) -> ModelSettings:
    if name not in config.models:
        raise StudyError(
            f"multiverse.model: there is no model {name}. Name one of: {', '.join(config.models)}."
        )
    model = config.models[name]
    if model.moderator is not None or model.sample == "matched" or model.rows == "sessions":
        raise StudyError(
            f"multiverse.model: {name} compares a moderator's effect, matched people or sessions, "
            "which is not fitted under other choices. Name a model of groups, such as the primary "
            "one."
        )
    return model


def _branched(config: Config, model: str, ways: Sequence[tuple[Way, dict[str, str]]]) -> Multiverse:
    found = Multiverse(model, (), {}, {}, {})
    needed = (pair.stratum for way, _ in ways for pair in way.pairs)
    strata: tuple[Stratum, ...] = tuple(dict.fromkeys((*config.strata, *needed)))
    specifications = []
    for number, (way, labels) in enumerate(ways, start=1):
        name = f"S{number:03d}"
        cohort = _cohort_branch(config, way, strata, found)
        specifications.append(
            Specification(
                name=name, choices=labels, is_own=number == 1, cohort=cohort,
                centring=way.centring, formula=way.formula,
            )
        )  # fmt: skip
    return Multiverse(model, tuple(specifications), found.traces, found.expressions, found.cohorts)


def _cohort_branch(config: Config, way: Way, strata: tuple[Stratum, ...], found: Multiverse) -> str:
    """Name the analysis rows of a way, and note every branch on the way that is not there yet."""
    traces = TraceBranch(quality=way.quality, cleaning=way.cleaning)
    trace_name = OWN
    if (way.quality, way.cleaning) != (config.quality, config.cleaning):
        trace_name = _digest(traces)
        found.traces[trace_name] = traces
    is_measured = all(pair.stratum in config.strata for pair in way.pairs)
    expressions = ExpressionBranch(
        traces=trace_name,
        expressions=way.expressions,
        strata=config.strata if is_measured else strata,
    )
    expression_name = OWN
    if trace_name != OWN or way.expressions != config.expressions or not is_measured:
        expression_name = _digest(traces, expressions)
        found.expressions[expression_name] = expressions
    cohort = CohortBranch(expressions=expression_name, pairs=way.pairs)
    if expression_name == OWN and way.pairs == config.congruence.pairs:
        return OWN
    cohort_name = _digest(traces, expressions, cohort)
    found.cohorts[cohort_name] = cohort
    return cohort_name


def _digest(*parts: BaseModel) -> str:
    plain = [part.model_dump(mode="json") for part in parts]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]
