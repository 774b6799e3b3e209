"""How a run stands to the plan: locked or not, changed or not, and what each product must say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from dyads.config import Config
from dyads.plan.frozen import Change, differences, frozen
from dyads.plan.lock import read_plan_lock
from dyads.plan.products import Scope, products, touches
from dyads.ratings.instruments import Instruments
from dyads.steps import digest_file
from dyads.tables import joined_stamps

NO_LOCK: Final = "exploratory: no plan was locked"
CHANGED: Final = "exploratory: changed after the plan was locked"
BLINDED: Final = "blinded: group labels are permuted"


class AmendmentNote(BaseModel):
    """An amendment as a run sees it.

    Parameters
    ----------
    number, made_on, reason
        As in the lock.
    digest
        SHA-256 of the settings that it led to.
    changes
        Everything that it changed.
    in_force
        Settings that are still as it left them, and not as they were locked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    made_on: date
    reason: str
    digest: str
    changes: tuple[Change, ...]
    in_force: tuple[str, ...]

    @property
    def stamp(self) -> str:
        """What a product that it touches must carry."""
        return f"exploratory (amendment {self.number}: {self.reason.replace(';', ',')})"


class PlanState(BaseModel):
    """How the settings of a run stand to the plan.

    Parameters
    ----------
    locked_on
        Day of the lock; empty: no plan was locked.
    digest
        SHA-256 of the settings as they were locked.
    file_sha256
        SHA-256 of the file, as the audit trail names it.
    is_blind
        Group labels are permuted.
    amendments
        In the order in which they were made.
    unamended
        What differs from the plan and from its amendments.
    models, primary, matched, refitted, sessions
        Names of all models, of those of the primary family, of those of matched participants, of
        those that the multiverse fits again, and of those of sessions.
    instruments
        Names of the instruments that pairs use.
    absent
        Products that the study does not ask for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    locked_on: date | None = None
    digest: str = ""
    file_sha256: str = ""
    is_blind: bool = False
    amendments: tuple[AmendmentNote, ...] = ()
    unamended: tuple[Change, ...] = ()
    models: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    refitted: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def products(self) -> list[str]:
        """Name all products at which settings enter."""
        return [name for name in products(self.models) if name not in self.absent]

    def stamp(self, product: str) -> str:
        """Say what a product must carry; empty: it is as planned."""
        changed = [change.key for change in self.unamended]
        return joined_stamps(
            BLINDED if self.is_blind else "",
            NO_LOCK if self.locked_on is None else "",
            *(note.stamp for note in self.amendments if self._touch(note.in_force, product)),
            CHANGED if self._touch(changed, product) else "",
        )

    def touched(self, keys: list[str] | tuple[str, ...]) -> list[str]:
        """Name the products that depend on any of these settings."""
        return [product for product in self.products if self._touch(keys, product)]

    def carried_by(self, stamp: str) -> list[str]:
        """Name the products that carry a stamp."""
        return [name for name in self.products if stamp in self.stamp(name).split("; ")]

    def _touch(self, keys: list[str] | tuple[str, ...], product: str) -> bool:
        scope = Scope(self.instruments, self.primary, self.matched, self.refitted, self.sessions)
        return any(touches(key, product, scope) for key in keys)


def plan_state(config: Config, instruments: Instruments, path: Path | None) -> PlanState:
    """Hold the settings of a run against the lock of their plan.

    Parameters
    ----------
    config
        The whole configuration.
    instruments
        What was asked.
    path
        The lock, which need not be there; None: there is none.

    Raises
    ------
    StudyError
        If the lock is not what `dyads plan` wrote.
    """
    lock = None if path is None else read_plan_lock(path)
    multiverse = config.multiverse
    asked = {"multiverse": multiverse is not None, "agreement": bool(config.continuous.pairs)}
    study = PlanState(
        models=tuple(config.models),
        primary=config.primary_models,
        matched=tuple(name for name, model in config.models.items() if model.sample == "matched"),
        sessions=tuple(name for name, model in config.models.items() if model.rows == "sessions"),
        refitted=(multiverse.model or config.primary_models[0],) if multiverse else (),
        instruments=tuple(dict.fromkeys(pair.instrument for pair in config.congruence.pairs)),
        absent=tuple(product for product, is_asked in asked.items() if not is_asked),
    )
    if lock is None or path is None:
        return study.model_copy(update={"is_blind": config.plan.blind})
    now, amended = frozen(config, instruments), lock.amended
    since_lock = {change.key for change in differences(lock.settings, amended)}
    last = {
        change.key: amendment.number
        for amendment in lock.amendments
        for change in amendment.changes
        if change.key in since_lock
    }
    notes = tuple(
        AmendmentNote(
            number=one.number,
            made_on=one.made_on,
            reason=one.reason,
            digest=one.after,
            changes=one.changes,
            in_force=tuple(key for key, number in last.items() if number == one.number),
        )
        for one in lock.amendments
    )
    return study.model_copy(
        update={
            "locked_on": lock.locked_on,
            "digest": lock.digest,
            "file_sha256": digest_file(path),
            "amendments": notes,
            "unamended": differences(amended, now.settings, now.defaults),
        }
    )
