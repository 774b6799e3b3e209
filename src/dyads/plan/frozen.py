"""Everything that the answer of a study depends on, as a flat list of settings with a digest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue

from dyads.config import Config
from dyads.ratings.instruments import Instruments

FREE: Final = (
    "results",
    "study.name",
    "study.folder",
    "study.recordings_folder",
    "study.demo",
    "recordings.check_*",
    "extraction.device",
    "extraction.batch_frames",
    "extraction.sessions_per_job",
    "extraction.tiers",
    "power.*",
    "report.*",
    "plan.blind",
    "multiverse.specifications_max",
    "multiverse.permutations_per_job",
    "models.*.title",
    "instruments.*.title",
    "instruments.*.source",
    "instruments.*.licence",
    "instruments.*.responses.*",
    "instruments.*.missing_rule",
)
"""Settings that a locked study may change: places, titles, how work is done, what is hidden."""


class Frozen(NamedTuple):
    """The settings that a plan freezes.

    Parameters
    ----------
    settings
        Value of each setting by its dotted name, such as `cleaning.fill_gap_s`.
    defaults
        Names of the settings that have their default.
    """

    settings: dict[str, JsonValue]
    defaults: frozenset[str]


class Change(BaseModel):
    """A setting that differs between two plans; a value that is not there is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    kind: Literal["changed", "added", "removed"]
    before: JsonValue = None
    after: JsonValue = None

    def __str__(self) -> str:
        """Say it in a line."""
        if self.kind == "added":
            return f"{self.key}: {_said(self.after)} (was not there)"
        if self.kind == "removed" and self.before is None:
            return f"{self.key}: given (was empty)"
        if self.kind == "removed":
            return f"{self.key}: was {_said(self.before)}, is not there any more"
        return f"{self.key}: {_said(self.after)} (was {_said(self.before)})"


def frozen(config: Config, instruments: Instruments) -> Frozen:
    """List the settings that the answer depends on.

    Parameters
    ----------
    config
        The whole configuration.
    instruments
        What was asked, instruments of the library written out: how scales are scored is part of
        the plan.
    """
    settings = _flat(config, instruments, only_given=False)
    given = _flat(config, instruments, only_given=True)
    return Frozen(settings, frozenset(settings) - frozenset(given))


def digest(settings: Mapping[str, JsonValue]) -> str:
    """SHA-256 over settings, whatever their order, in hexadecimal digits."""
    text = json.dumps(dict(settings), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(
    before: Mapping[str, JsonValue],
    after: Mapping[str, JsonValue],
    defaults: Collection[str] = (),
) -> tuple[Change, ...]:
    """List what differs between two lists of settings, in the order of their names.

    Parameters
    ----------
    before, after
        Settings by name.
    defaults
        Settings of `after` that have their default. One of these that `before` lacks came with
        a newer version of the program and changes nothing.
    """
    changes = []
    for key in sorted({*before, *after}):
        if key not in after:
            changes.append(Change(key=key, kind="removed", before=before[key]))
        elif key not in before:
            if key not in defaults:
                changes.append(Change(key=key, kind="added", after=after[key]))
        elif before[key] != after[key]:
            changes.append(Change(key=key, kind="changed", before=before[key], after=after[key]))
    return tuple(changes)


def _flat(config: Config, instruments: Instruments, *, only_given: bool) -> dict[str, JsonValue]:
    plain = config.model_dump(mode="json", exclude_defaults=only_given)
    # a pair is known by its emotion, so that one more pair does not rename the others
    plain["congruence"]["pairs"] = dict(_named(plain["congruence"]["pairs"]))
    plain["instruments"] = instruments.model_dump(mode="json", exclude_defaults=only_given)
    leaves = dict(_leaves(plain, ""))
    return {
        key: value
        for key, value in leaves.items()
        if not any(fnmatchcase(key, free) for free in FREE)
    }


def _named(pairs: list[dict[str, JsonValue]]) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    seen: Counter[str] = Counter()
    for pair in pairs:
        emotion = str(pair["emotion"])
        seen[emotion] += 1
        yield (emotion if seen[emotion] == 1 else f"{emotion}.{seen[emotion]}"), pair


def _leaves(value: JsonValue, name: str) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value


def _said(value: JsonValue) -> str:
    return "empty" if value is None else json.dumps(value, ensure_ascii=False).strip('"')
