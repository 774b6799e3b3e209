"""Is the study ready to run? Settings and tables are checked together, before any work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from dyads.config import Config, StudySettings, parse
from dyads.demo.study import is_demo_study
from dyads.errors import StudyError
from dyads.extraction.published import licence_remarks
from dyads.extraction.weights import verified
from dyads.study.study import Study, load_study


class ReadyStudy(NamedTuple):
    """A study without a fault.

    Parameters
    ----------
    settings
        Its whole configuration.
    study
        Its checked tables.
    licences
        What the published weights that it uses may be used for, as sentences.
    """

    settings: Config
    study: Study
    licences: list[str]


def check_readiness(
    raw: Mapping[str, object], source: str = "config.yaml", lock: Path | None = None
) -> ReadyStudy:
    """Check a configuration and the tables that it names, all faults at once.

    Parameters
    ----------
    raw
        The configuration as plain data.
    source
        Name of its file for the messages.
    lock
        The study's `models.lock.yaml`: published weights that the study needs must be on this
        machine as it says. None: they are not looked at.

    Raises
    ------
    StudyError
        With every fault of settings, tables and weights, one a line. Tables are checked as well
        where only other settings have faults.
    """
    settings, study, faults = None, None, []
    try:
        settings = parse(raw, source)
    except StudyError as fault:
        faults.append(str(fault))
    try:
        where = settings.study if settings else StudySettings.model_validate(raw.get("study"))
        if where.demo and not is_demo_study(where.folder):
            faults.append(
                f"{source}: study.demo is true, but {where.folder} does not hold the demo study. "
                "Set study.demo to false for a study of your own."
            )
        study = load_study(where, recordings_expected=not where.demo)
    except ValidationError:
        faults.append("The tables were not looked at: mend the settings of `study` first.")
    except StudyError as fault:
        faults.append(str(fault))
    uses_published = bool(settings and study and _uses_published_weights(settings, study))
    if settings and uses_published and lock is not None:
        try:
            verified(settings.extraction.detector, lock)
        except StudyError as fault:
            faults.append(str(fault))
    if faults or settings is None or study is None:
        raise StudyError("\n".join(faults))
    licences = licence_remarks(settings.extraction.detector) if uses_published else []
    return ReadyStudy(settings, study, licences)


def _uses_published_weights(settings: Config, study: Study) -> bool:
    """A film is read here, and not with the demo's own weights."""
    recordings = study.usable_recordings()
    is_read = recordings["path"].ne("") & recordings["frames_path"].eq("")
    return settings.extraction.weights == "hub" and bool(is_read.any())
