"""The choices of a study, their alternatives, and what each combination of them comes to.

A choice that cannot matter to the measures of a combination keeps the study's own alternative
there, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from pydantic import ValidationError

from dyads.config import (
    Centring,
    CleaningSettings,
    Config,
    EmotionPair,
    ExpressionSettings,
    ModelSettings,
    MultiverseSettings,
    QualitySettings,
)
from dyads.errors import StudyError

AS_PLANNED: Final = "as planned"
_OWN_CENTRING: Final[Centring] = "person_emotion"

_OF_EVENTS: Final = frozenset(
    ("time_on", "rate", "events", "duration", "onset_apex", "apex_offset", "rise")
)
_MATTERS_TO: Final[Mapping[str, frozenset[str]]] = {
    "expressions.event_on": _OF_EVENTS,
    "expressions.event_off": _OF_EVENTS,
    "expressions.event_min_s": _OF_EVENTS,
    "expressions.event_join_s": _OF_EVENTS,
    "expressions.resting_segment": frozenset(("level_rest",)),
    "expressions.floor_quantile": frozenset(("level_floor",)),
}
"""Measures to which a setting matters; any other setting matters to all."""
_NEVER: Final = ("expressions.strata", "expressions.composites", "expressions.half_block_s")

Value = float | str | None


class Choice(NamedTuple):
    """A choice, what the study itself chose, and every alternative by its label."""

    name: str
    own: str
    alternatives: Mapping[str, object]


class Way(NamedTuple):
    """Everything that tells two ways to the answer apart."""

    quality: QualitySettings
    cleaning: CleaningSettings
    expressions: ExpressionSettings
    pairs: tuple[EmotionPair, ...]
    centring: Centring
    formula: str


def choices_of(
    config: Config, wanted: MultiverseSettings, model: ModelSettings
) -> tuple[Choice, ...]:
    """List the choices that have an alternative to the study's own.

    Raises
    ------
    StudyError
        If a choice names what is not there or cannot change the answer.
    """
    pairs = config.congruence.pairs
    measures = {pair.measure for pair in pairs}
    strata: set[str] = {pair.stratum for pair in pairs}
    found = [_setting(config, key, values) for key, values in wanted.settings.items()]
    unknown = sorted({e for part in wanted.channels.values() for e in part}
                     - {pair.emotion for pair in pairs})  # fmt: skip
    if unknown:
        raise StudyError(
            f"multiverse.channels: no pair has the emotion {', '.join(unknown)}. "
            f"congruence.pairs has: {', '.join(pair.emotion for pair in pairs)}."
        )
    if wanted.centring and model.variable != "x_w":
        raise StudyError(
            "multiverse.centring: the model does not compare slopes on x_w, so centring cannot "
            "change its answer. Take the choice out."
        )
    found += [
        _choice("measures", _single(measures), {name: name for name in wanted.measures}),
        _choice("channels", AS_PLANNED, dict(wanted.channels)),
        _choice("strata", _single(strata), {name: name for name in wanted.strata}),
        _choice("centring", _OWN_CENTRING, {name: name for name in wanted.centring}),
        _choice("covariates", AS_PLANNED, {_said(terms): terms for terms in wanted.covariates}),
    ]
    return tuple(choice for choice in found if len(choice.alternatives) > 1)


def _single(names: set[str]) -> str:
    """Name what all pairs have in common."""
    return next(iter(names)) if len(names) == 1 else AS_PLANNED


def _choice(name: str, own: str, others: Mapping[str, object]) -> Choice:
    """Put the study's own alternative where it is listed, or first. It has nothing to say."""
    alternatives = dict(others) if own in others else {own: None, **others}
    return Choice(name, own, {**alternatives, own: None})


def _setting(config: Config, key: str, values: Sequence[Value]) -> Choice:
    section, _, field = key.partition(".")
    group = {"quality": config.quality, "cleaning": config.cleaning,
             "expressions": config.expressions}.get(section)  # fmt: skip
    if group is None or field not in type(group).model_fields or key in _NEVER:
        raise StudyError(
            f"multiverse.settings: {key} is no setting that can be chosen here. Name one of "
            "`quality`, `cleaning` or `expressions` that changes a trace or a measure, such as "
            "cleaning.rate_hz; docs/settings.md lists them."
        )
    own = getattr(group, field)
    return _choice(key, _label(own), {_label(value): (value,) for value in values})


def _label(value: Value) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, int | float) else value


def _said(terms: Sequence[str]) -> str:
    added = [term for term in terms if not term.startswith("-")]
    taken = [term.removeprefix("-").strip() for term in terms if term.startswith("-")]
    parts = [f"with {', '.join(added)}"] if added else []
    parts += [f"without {', '.join(taken)}"] if taken else []
    return ", ".join(parts) or AS_PLANNED


def combinations_of(
    choices: Sequence[Choice], wanted: MultiverseSettings
) -> Iterator[dict[str, str]]:
    """Yield the label of an alternative for each choice, the study's own way first.

    Raises
    ------
    StudyError
        If `only` names what is not among the alternatives.
    """
    own = {choice.name: choice.own for choice in choices}
    yield own
    if not wanted.only:
        for labels in product(*(choice.alternatives for choice in choices)):
            yield dict(zip(own, labels, strict=True))
    known = {choice.name: choice.alternatives for choice in choices}
    for given in wanted.only:
        named = {name: _label(value) for name, value in given.items()}
        for name, label in named.items():
            if label not in known.get(name, ()):
                listed = ", ".join(known.get(name, known))
                raise StudyError(
                    f"multiverse.only: {name}: {label} is not among the alternatives. "
                    f"There are: {listed}."
                )
        yield own | named


def way_of(
    config: Config, model: ModelSettings, choices: Sequence[Choice], labels: Mapping[str, str]
) -> Way:
    """Work out what a combination of alternatives comes to.

    Raises
    ------
    StudyError
        If the alternatives cannot go together.
    """
    chosen = {choice.name: choice.alternatives[labels[choice.name]] for choice in choices}
    pairs = _pairs(config.congruence.pairs, chosen)
    sections: dict[str, dict[str, object]] = {"quality": {}, "cleaning": {}, "expressions": {}}
    for key in [key for key in chosen if "." in key and _matters(key, pairs)]:
        given = chosen[key]
        if isinstance(given, tuple):
            section, _, field = key.partition(".")
            sections[section][field] = given[0]
    try:
        return Way(
            QualitySettings.model_validate(config.quality.model_dump() | sections["quality"]),
            CleaningSettings.model_validate(config.cleaning.model_dump() | sections["cleaning"]),
            ExpressionSettings.model_validate(
                config.expressions.model_dump() | sections["expressions"]
            ),
            pairs,
            _centring(chosen),
            _formula(model.formula, chosen),
        )
    except ValidationError as faults:
        said = "; ".join(
            str(fault["msg"]).removeprefix("Value error, ") for fault in faults.errors()
        )
        listed = ", ".join(f"{name}: {label}" for name, label in labels.items())
        raise StudyError(f"multiverse: {listed}: {said}. Leave out this alternative.") from None


def _pairs(own: Sequence[EmotionPair], chosen: Mapping[str, object]) -> tuple[EmotionPair, ...]:
    channels = chosen.get("channels") or {}
    assert isinstance(channels, dict)
    everywhere = {
        field: chosen[choice]
        for choice, field in (("measures", "measure"), ("strata", "stratum"))
        if chosen.get(choice) is not None
    }
    return tuple(
        pair.model_copy(update=everywhere | {"channel": channels.get(pair.emotion, pair.channel)})
        for pair in own
    )


def _matters(key: str, pairs: Sequence[EmotionPair]) -> bool:
    return key not in _MATTERS_TO or any(pair.measure in _MATTERS_TO[key] for pair in pairs)


def _centring(chosen: Mapping[str, object]) -> Centring:
    match chosen.get("centring"):
        case "person":
            return "person"
        case "grand":
            return "grand"
        case _:
            return _OWN_CENTRING


def _formula(own: str, chosen: Mapping[str, object]) -> str:
    terms = chosen.get("covariates") or ()
    assert isinstance(terms, tuple)
    signed = (f"- {t.removeprefix('-').strip()}" if t.startswith("-") else f"+ {t}" for t in terms)
    return " ".join([own, *signed])


def shown(choices: Sequence[Choice], labels: Mapping[str, str], way: Way) -> dict[str, str]:
    """Give the alternative of each choice, empty where it cannot matter."""
    return {
        choice.name: labels[choice.name] if _matters(choice.name, way.pairs) else ""
        for choice in choices
    }
