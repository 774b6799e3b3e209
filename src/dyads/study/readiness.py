"""Is the study ready to run? Settings and tables are checked together, before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from dyads.config import Config, StudySettings, parse
from dyads.demo.study import is_demo_study
from dyads.errors import StudyError
from dyads.study.study import Study, load_study


class ReadyStudy(NamedTuple):
    """A study without a fault.

    Parameters
    ----------
    settings
        Its whole configuration.
    study
        Its checked tables.
    """

    settings: Config
    study: Study


def check_readiness(raw: Mapping[str, object], source: str = "config.yaml") -> ReadyStudy:
    """Check a configuration and the tables that it names, all faults at once.

    Parameters
    ----------
    raw
        The configuration as plain data.
    source
        Name of its file for the messages.

    Raises
    ------
    StudyError
        With every fault of settings and tables, one a line. Tables are checked as well where
        only other settings have faults.
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
    if faults or settings is None or study is None:
        raise StudyError("\n".join(faults))
    return ReadyStudy(settings, study)
