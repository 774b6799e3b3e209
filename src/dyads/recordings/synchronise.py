"""Put the recordings of a session on one clock: by the table, or by their sound."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dyads.config import SyncSettings
from dyads.errors import StudyError
from dyads.recordings.clock import (
    NOT_ON_CLOCK,
    RECORDING_REFUSED,
    LeftOut,
    RecordingClock,
    SessionClock,
)
from dyads.recordings.probing import ProbedSession, recording_names
from dyads.recordings.sound import Sound, read_sound


def synchronise(
    recordings: pd.DataFrame, probed: ProbedSession, folder: Path, settings: SyncSettings
) -> SessionClock:
    """Relate the time of each recording to the clock of the session.

    An offset in the table counts, and its recording is taken to run without drift. The others
    are compared by their sound with the reference: the first recording that has an offset, or
    else the first of the session, which then is the clock.

    Parameters
    ----------
    recordings
        Rows of one session with `dyad_id`, `session_id`, `person_id`, `path`, `frames_path` and
        `offset_s`.
    probed
        What was found in the recordings.
    folder
        What paths start from.
    settings
        When sound is believed.

    Returns
    -------
    SessionClock
        People who share a recording share its clock. Whoever has no usable recording, or one
        whose place in time cannot be told, is in `left_out`.

    Raises
    ------
    StudyError
        If one recording has two offsets.
    """
    session = recordings.assign(file=recording_names(recordings))
    dyad_id, session_id = session[["dyad_id", "session_id"]].iloc[0]
    offsets_s = _offsets(session, f"dyad {dyad_id}, session {session_id}")
    usable = {name: offset for name, offset in offsets_s.items() if name not in probed.refused}
    clocks, refused = _clocks(usable, probed, folder, settings)
    left_out = {
        name: LeftOut(reason=RECORDING_REFUSED, sentence=finding.sentence)
        for name, finding in probed.refused.items()
    } | {name: LeftOut(reason=NOT_ON_CLOCK, sentence=why) for name, why in refused.items()}
    people = list(zip(session["person_id"].astype(str), session["file"].astype(str), strict=True))
    return SessionClock(
        dyad_id=str(dyad_id),
        session_id=str(session_id),
        people={person: clocks[file] for person, file in people if file in clocks},
        left_out={person: left_out[file] for person, file in people if file in left_out},
    )


def _offsets(session: pd.DataFrame, where: str) -> dict[str, float | None]:
    by_file = session.groupby("file", sort=False)["offset_s"]
    two = by_file.nunique()
    faults = [
        f"{where}: {file} has different offsets in its rows. One recording has one offset_s."
        for file in two.index[two > 1]
    ]
    if faults:
        raise StudyError("\n".join(faults))
    return {
        str(file): None if pd.isna(offset_s) else float(offset_s)
        for file, offset_s in by_file.first().items()
    }


def _clocks(
    offsets_s: dict[str, float | None], probed: ProbedSession, folder: Path, settings: SyncSettings
) -> tuple[dict[str, RecordingClock], dict[str, str]]:
    """Give the clock of each recording, and why the others have none."""
    clocks = {
        name: RecordingClock(offset_s=offset_s, source="table")
        for name, offset_s in offsets_s.items()
        if offset_s is not None
    }
    unplaced = [name for name in offsets_s if name not in clocks]
    if not unplaced:
        return clocks, {}
    if len(offsets_s) == 1:
        return {unplaced[0]: RecordingClock(offset_s=0.0, source="only recording")}, {}
    reference = next(iter(clocks), None)
    if reference is None:
        reference = unplaced.pop(0)
        clocks[reference] = RecordingClock(offset_s=0.0, source="reference")
    # scipy's signals cost as much as all else here, and a study that gives its offsets none of it
    from dyads.recordings.sound_match import match_sounds

    refused: dict[str, str] = {}
    known = _sound(reference, probed, folder)
    for name in unplaced:
        own = _sound(name, probed, folder)
        if known is None or own is None:
            silent = [file for file, sound in ((reference, known), (name, own)) if sound is None]
            refused[name] = _sentence(name, reference, f"no sound in {' and '.join(silent)}")
            continue
        match = match_sounds(known, own, settings)
        if match.refusal:
            refused[name] = _sentence(name, reference, match.refusal)
            continue
        clocks[name] = RecordingClock(
            offset_s=match.offset_s + clocks[reference].offset_s,
            drift_ppm=match.drift_ppm,
            source="sound",
            residual_s=match.residual_s,
            agreement=match.agreement,
            contrast=match.contrast,
        )
    return clocks, refused


def _sound(name: str, probed: ProbedSession, folder: Path) -> Sound | None:
    return read_sound(folder / name) if name in probed.recordings else None


def _sentence(name: str, reference: str, why: str) -> str:
    return (
        f"{name}: its sound does not tell how it lies to {reference} ({why}). Enter offset_s, the "
        "session clock at the beginning of each recording, in recordings.tsv."
    )
