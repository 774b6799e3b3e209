"""The lock of a plan: a file beside the configuration, with every amendment that followed.

Nothing in a file can keep its owner from writing another one. The seal tells a slip of the hand
from a plan; that a plan is the one of its date is shown by the digest, registered elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from dyads import __version__
from dyads.errors import StudyError
from dyads.files import whole_file
from dyads.plan.frozen import Change, Frozen, differences, digest

LOCK_NAME: Final = "plan.lock.yaml"
"""Name of the lock, beside the study's configuration."""
REASON_SIGNS: Final = 120
"""Longest reason of an amendment: it is part of a stamp, also below figures."""

_HEADING: Final = """\
# The analysis plan of this study, written by `dyads plan lock`. Keep it with the study and register
# its digest. It is never edited: `dyads plan amend --reason "..."` records a later change.
"""
_PUT_BACK: Final = (
    "A locked plan is never edited by hand. Put back the file that was locked, from version "
    "control or from where you registered it, and record later changes by "
    '`dyads plan amend --reason "..."`.'
)

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Amendment(BaseModel):
    """A change of the plan after the lock, with its reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[int, Field(ge=1)]
    made_on: date
    reason: Annotated[str, Field(min_length=1, max_length=REASON_SIGNS, pattern=r"^\S.*$")]
    before: Digest
    after: Digest
    changes: Annotated[tuple[Change, ...], Field(min_length=1)]


class PlanLock(BaseModel):
    """A plan as it was locked, and its amendments.

    Parameters
    ----------
    locked_on
        Day of the lock.
    dyads
        Version of the program that locked.
    digest
        SHA-256 of the settings.
    settings
        Value of every frozen setting by its name.
    amendments
        In the order in which they were made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    locked_on: date
    dyads: str
    digest: Digest
    settings: dict[str, JsonValue]
    amendments: tuple[Amendment, ...] = ()

    @property
    def amended(self) -> dict[str, JsonValue]:
        """The settings as all amendments leave them."""
        settings = dict(self.settings)
        for amendment in self.amendments:
            settings = _applied(settings, amendment.changes)
        return settings


def plan_lock_beside(configuration: Path) -> Path:
    """Name the lock that belongs to a configuration."""
    return configuration.with_name(LOCK_NAME)


def lock_plan(now: Frozen, today: date, path: Path) -> PlanLock:
    """Write the lock of a plan.

    Parameters
    ----------
    now
        The settings.
    today
        Day that the lock bears.
    path
        The file.

    Raises
    ------
    StudyError
        If the plan is locked already.
    """
    if path.exists():
        raise StudyError(
            f"{path}: the plan is locked already, and a lock is never written over. Record what "
            'changed since by `dyads plan amend --reason "..."`.'
        )
    lock = PlanLock(
        locked_on=today, dyads=__version__, digest=digest(now.settings), settings=now.settings
    )
    _write(lock, path)
    return lock


def amend_plan(now: Frozen, reason: str, today: date, path: Path) -> Amendment:
    """Add an amendment to a lock.

    Parameters
    ----------
    now
        The settings.
    reason
        Why they changed, in one line.
    today
        Day that the amendment bears.
    path
        The lock.

    Raises
    ------
    StudyError
        If there is no lock, if nothing changed since it or its last amendment, or if the reason is
        empty or too long.
    """
    line = " ".join(reason.split())
    if not 0 < len(line) <= REASON_SIGNS:
        raise StudyError(
            f"An amendment needs a reason of 1 to {REASON_SIGNS} signs, for it is printed with "
            f"every product that the change touches (found: {len(line)}). "
            'Write: dyads plan amend --reason "one short line".'
        )
    lock = read_plan_lock(path)
    if lock is None:
        raise StudyError(
            f"{path}: no such file: the plan is not locked, so there is nothing to amend. Change "
            "the settings as you like and lock them by `dyads plan lock`."
        )
    before = lock.amended
    changes = differences(before, now.settings, now.defaults)
    if not changes:
        raise StudyError(
            f"{path}: the settings are those of the plan, so there is nothing to amend. Change the "
            "settings first, then record the change."
        )
    amendment = Amendment(
        number=len(lock.amendments) + 1,
        made_on=today,
        reason=line,
        before=digest(before),
        after=digest(_applied(before, changes)),
        changes=changes,
    )
    _write(lock.model_copy(update={"amendments": (*lock.amendments, amendment)}), path)
    return amendment


def read_plan_lock(path: Path) -> PlanLock | None:
    """Read a lock; None if there is none.

    Raises
    ------
    StudyError
        If the file is not what `dyads plan` wrote.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        seal = content.pop("seal")
        lock = PlanLock.model_validate(content)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, AttributeError,
            KeyError, TypeError):  # fmt: skip
        raise StudyError(f"{path}: this is not the lock of a plan. {_PUT_BACK}") from None
    if seal != _seal(lock) or not _is_chain(lock):
        raise StudyError(
            f"{path}: changed after it was written: its seal does not fit what it says. {_PUT_BACK}"
        )
    return lock


def _write(lock: PlanLock, path: Path) -> None:
    content = {**lock.model_dump(mode="json"), "seal": _seal(lock)}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=98)
    with whole_file(path) as unfinished:
        unfinished.write_text(_HEADING + text, encoding="utf-8")


def _seal(lock: PlanLock) -> str:
    return digest(lock.model_dump(mode="json"))


def _is_chain(lock: PlanLock) -> bool:
    """Say whether every digest is that of its settings, from the lock to the last amendment."""
    settings, is_chain = dict(lock.settings), digest(lock.settings) == lock.digest
    for number, amendment in enumerate(lock.amendments, 1):
        is_chain &= amendment.number == number and amendment.before == digest(settings)
        settings = _applied(settings, amendment.changes)
        is_chain &= amendment.after == digest(settings)
    return is_chain


def _applied(
    settings: Mapping[str, JsonValue], changes: tuple[Change, ...]
) -> dict[str, JsonValue]:
    removed = {change.key for change in changes if change.kind == "removed"}
    return {
        **{key: value for key, value in settings.items() if key not in removed},
        **{change.key: change.after for change in changes if change.kind != "removed"},
    }
