"""Is the study ready to run? Settings and tables are checked together, before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from dyads.config import Config, RecordingSettings, StudySettings, parse
from dyads.demo.study import is_demo_study
from dyads.errors import StudyError
from dyads.extraction.published import licence_remarks, weights_wanted
from dyads.extraction.weights import verified
from dyads.plan.blinding import blinded
from dyads.plan.state import PlanState, plan_state
from dyads.study.channels_asked import channel_faults
from dyads.study.embeddings_asked import embedding_faults, embedding_remarks
from dyads.study.faults import Fault, StudyFaults
from dyads.study.fitting import unmet_settings
from dyads.study.keys import repeated_keys_of
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
    plan
        How the settings stand to the plan. Where it hides the groups, they are permuted in `study`.
    remarks
        What will not be made for want of consent, as sentences. They name people.
    """

    settings: Config
    study: Study
    licences: list[str]
    plan: PlanState
    remarks: list[str]


class StudyNotReady(StudyError):  # noqa: N818 - a list of faults, and called so
    """A study cannot be run as it is.

    Parameters
    ----------
    sentences
        What is wrong with settings and weights.
    faults
        What is wrong in the tables.
    """

    def __init__(self, sentences: Sequence[str], faults: Sequence[Fault]) -> None:
        self.sentences = tuple(sentences)
        self.faults = tuple(faults)
        super().__init__("\n".join([*sentences, *([str(StudyFaults(faults))] if faults else [])]))


def check_readiness(
    raw: object,
    source: str = "config.yaml",
    lock: Path | None = None,
    written: Sequence[Path] = (),
    plan_lock: Path | None = None,
    *,
    films: bool = False,
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
    written
        The files that the configuration was read from, to be searched for repeated keys.
    plan_lock
        The study's `plan.lock.yaml`, which need not be there.
    films
        Whether films that may be opened are asked for their length, so that times after their end
        are found. The demo's films are not.

    Raises
    ------
    StudyNotReady
        With every fault of settings, tables, weights and the lock of the plan. Tables are checked
        as well where only other settings have faults.
    """
    settings, study = None, None
    sentences: list[str] = []
    faults = [fault for path in written for fault in repeated_keys_of(path)]
    try:
        settings = parse(raw, source)
    except StudyError as fault:
        sentences.append(str(fault))
    try:
        own = raw.get("study") if isinstance(raw, Mapping) else None
        where = settings.study if settings else StudySettings.model_validate(own)
        if where.demo and not is_demo_study(where.folder):
            sentences.append(
                f"{source}: study.demo is true, but {where.folder} does not hold the demo study. "
                "Set study.demo to false for a study of your own."
            )
        limits = settings.recordings if settings else RecordingSettings()
        study = load_study(
            where,
            recordings_expected=not where.demo,
            films=limits if films and not where.demo else None,
        )
    except ValidationError:
        sentences.append("The tables were not looked at: mend the settings of `study` first.")
    except StudyFaults as found:
        faults += found.faults
    if settings and study:
        sentences += unmet_settings(settings, study, source)
    reads_films = bool(study and _reads_films(study))
    if settings and reads_films:
        sentences += channel_faults(settings, source)
    if settings and study:
        sentences += embedding_faults(settings, study, source)
    uses_published = bool(settings and settings.extraction.weights == "hub" and reads_films)
    if settings and uses_published and lock is not None:
        for name in weights_wanted(settings):
            try:
                verified(name, lock)
            except StudyError as fault:
                sentences.append(str(fault))
    plan = PlanState()
    if settings and study:
        try:
            plan = plan_state(settings, study.instruments, plan_lock)
        except StudyError as fault:
            sentences.append(str(fault))
    if sentences or faults or settings is None or study is None:
        raise StudyNotReady(sentences, faults)
    if plan.is_blind:
        study = blinded(study, settings.study)
    wanted = weights_wanted(settings) if uses_published else ()
    licences = [remark for name in wanted for remark in licence_remarks(name)]
    return ReadyStudy(settings, study, licences, plan, embedding_remarks(settings, study))


def _reads_films(study: Study) -> bool:
    """Say whether a film is read here, and not only frames that were read elsewhere."""
    recordings = study.usable_recordings()
    return bool((recordings["path"].ne("") & recordings["frames_path"].eq("")).any())
