"""`dyads plan`: lock the analysis plan, record later changes, and show how a study stands to it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from dyads import config
from dyads.config import Config
from dyads.plan.describing import planned_models
from dyads.plan.frozen import Change, Frozen, frozen
from dyads.plan.lock import (
    LOCK_NAME,
    REASON_SIGNS,
    amend_plan,
    lock_plan,
    plan_lock_beside,
)
from dyads.plan.products import product_words
from dyads.plan.state import PlanState, plan_state
from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import read_instruments
from dyads.study.faults import StudyFaults
from dyads.study.folder import INSTRUMENTS_FILE


def add(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the commands to the program's."""
    topic = commands.add_parser(
        "plan",
        help="lock the analysis plan, amend it, show it",
        description="The analysis plan is the configuration, as far as the answer depends on it, "
        "and the scoring of instruments.yaml (docs/plan.md).",
    )
    actions = topic.add_subparsers(title="commands", metavar="COMMAND", required=True)
    locking = actions.add_parser(
        "lock",
        help="freeze the plan",
        description=f"Write {LOCK_NAME} beside the configuration. From then on a run says of every "
        "product whether it is as planned.",
    )
    amending = actions.add_parser(
        "amend",
        help="record a change after the lock",
        description=f"Add what changed since the lock to {LOCK_NAME}, with its reason. What the "
        "change touches is stamped with it.",
    )
    amending.add_argument(
        "--reason",
        required=True,
        metavar="TEXT",
        help=f"why the plan is changed, in one line of at most {REASON_SIGNS} signs",
    )
    showing = actions.add_parser(
        "show", help="say what the plan is, and how the settings stand to it"
    )
    for action, command in ((locking, lock), (amending, amend), (showing, show)):
        action.set_defaults(command=command)
        action.add_argument(
            "--config",
            type=Path,
            default=Path("config.yaml"),
            metavar="FILE",
            help="configuration of the study (default: config.yaml)",
        )


def lock(asked: Namespace) -> None:
    """Lock the plan and say its digest.

    Raises
    ------
    StudyError
        If it is locked already, or if settings or instruments cannot be read.
    """
    settings, instruments = _read(asked.config)
    path = plan_lock_beside(asked.config)
    models = list(_models(settings))
    made = lock_plan(frozen(settings, instruments), _today(), path)
    _say(
        *models,
        f"Locked in {path}: {len(made.settings)} settings.",
        f"Digest: {made.digest}",
        "Keep the file with the study, and register the digest where a date is witnessed.",
    )


def amend(asked: Namespace) -> None:
    """Record what changed since the lock, and say what it touches.

    Raises
    ------
    StudyError
        If nothing is locked, nothing changed, or the reason will not do.
    """
    settings, instruments = _read(asked.config)
    path = plan_lock_beside(asked.config)
    now: Frozen = frozen(settings, instruments)
    made = amend_plan(now, asked.reason, _today(), path)
    state = plan_state(settings, instruments, path)
    _say(
        f"Amendment {made.number} in {path}: {made.reason}",
        *_changes(made.changes),
        _touched(state, made.changes),
        f"Digest: {made.after} (was {made.before})",
    )


def show(asked: Namespace) -> None:
    """Say what the plan is, and how the settings stand to it.

    Raises
    ------
    StudyError
        If settings, instruments or the lock cannot be read.
    """
    settings, instruments = _read(asked.config)
    state = plan_state(settings, instruments, plan_lock_beside(asked.config))
    _say(*_models(settings))
    if state.locked_on is None:
        blind = ", with group labels permuted" if state.is_blind else ""
        _say(f"Not locked: every product is stamped as exploratory{blind}. "
             "Lock the plan by `dyads plan lock`.")  # fmt: skip
        return
    _say(f"Locked on {state.locked_on}. Digest: {state.digest}")
    for note in state.amendments:
        _say(f"Amendment {note.number} of {note.made_on}: {note.reason}", *_changes(note.changes))
        _say(_touched(state, note.changes))
    if state.unamended:
        _say("Changed since, without an amendment:", *_changes(state.unamended))
        _say(_touched(state, state.unamended))
    else:
        _say("The settings are those of the plan.")


def _read(path: Path) -> tuple[Config, Instruments]:
    settings = config.load(path)
    instruments, faults = read_instruments(settings.study.folder / INSTRUMENTS_FILE)
    if faults or instruments is None:
        raise StudyFaults(faults)
    return settings, instruments


def _models(settings: Config) -> Iterator[str]:
    plan = settings.plan
    bound = "none" if plan.equivalence_d is None else f"d = {plan.equivalence_d:g}"
    for model in planned_models(settings):
        others = f"; held equal: {', '.join(model.covariates)}" if model.covariates else ""
        yield (
            f"{model.name} ({model.role}): {model.compared} of {model.outcome} between groups"
            f"{others}; random: {' + '.join(model.random)}"
        )
    yield (
        f"Primary family: {', '.join(settings.primary_models)}; test: {plan.headline}; "
        f"correction: {plan.correction}; bound for equivalence: {bound}"
    )


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    yield from (f"  {change}" for change in changes)


def _touched(state: PlanState, changes: tuple[Change, ...]) -> str:
    names = state.touched([change.key for change in changes])
    if len(names) == len(state.products):
        return "  It touches every product."
    return f"  It touches {', '.join(map(product_words, names)) or 'no product'}."


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
