"""Check recordings in a process of their own, with limits of memory and time.

A decoder that a broken file leads astray may eat memory, never end, or fall. It does so in a
child process here, and what comes of it is a fault of that recording and of nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict

from dyads.config import RecordingSettings
from dyads.errors import StudyError
from dyads.readers.reading import read_session
from dyads.recordings.findings import Finding, RecordingFault
from dyads.recordings.probing import CheckedRecording, ProbedSession


def check_session(
    recordings: pd.DataFrame, folder: str | Path, settings: RecordingSettings
) -> ProbedSession:
    """Check every recording of a session; a useless one is a finding and stops nothing.

    Parameters
    ----------
    recordings
        Rows of one session with `person_id`, `path`, `frames_path` and `frame_rate_hz`.
    folder
        What paths start from; nothing outside it is read.
    settings
        Limits.
    """
    good: dict[str, CheckedRecording] = {}
    tables: list[str] = []
    refused: dict[str, Finding] = {}
    for path in dict.fromkeys(name for name in recordings["path"] if name):
        found = check_in_child(Path(folder), str(path), settings)
        if isinstance(found, Finding):
            refused[path] = found
        else:
            good[path] = found
    given = recordings[recordings["frames_path"].ne("")]
    for name, rows in given.groupby("frames_path", sort=False):
        outside = outside_folder(Path(folder), str(name))
        try:
            if outside is None:
                read_session(rows, Path(folder))
                tables.append(str(name))
        except StudyError as fault:
            outside = Finding(
                code=RecordingFault.UNREADABLE_TABLE, sentence=_without(Path(folder), str(fault))
            )
        if outside is not None:
            refused[str(name)] = outside
    dyad_id, session_id = recordings[["dyad_id", "session_id"]].iloc[0]
    return ProbedSession(
        dyad_id=str(dyad_id),
        session_id=str(session_id),
        recordings=good,
        tables=tuple(tables),
        refused=refused,
    )


def check_in_child(
    folder: Path, name: str, settings: RecordingSettings
) -> CheckedRecording | Finding:
    """Check one film in a process of its own.

    Parameters
    ----------
    folder, name
        The recordings folder and the path within it.
    settings
        Limits of the film and of the process. Where the system knows no limit of memory for a
        process (macOS does not hold to it), only time is limited.

    Returns
    -------
    CheckedRecording or Finding
        What it holds, or why it cannot be used.
    """
    outside = outside_folder(folder, name)
    if outside is not None:
        return outside
    command = [sys.executable, "-m", "dyads.recordings.child", str(folder / name)]
    try:
        ended = subprocess.run(
            command,
            input=settings.model_dump_json(),
            capture_output=True,
            text=True,
            timeout=settings.check_time_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(
            code=RecordingFault.TOO_SLOW,
            sentence=f"{name}: was not decoded within recordings.check_time_s "
            f"({settings.check_time_s:g} s). It is damaged, or longer than the limit allows.",
        )
    if ended.returncode == 0 and ended.stdout.startswith("{"):
        answer = ChildAnswer.model_validate_json(ended.stdout)
        if answer.fault is not None:
            sentence = _without(folder, answer.fault.sentence)
            return answer.fault.model_copy(update={"sentence": sentence})
        return answer.good or _fallen(name, ended.returncode)
    return _fallen(name, ended.returncode)


class ChildAnswer(BaseModel):
    """What the child process says: one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    good: CheckedRecording | None = None
    fault: Finding | None = None


def _fallen(name: str, returncode: int) -> Finding:
    how = f"signal {-returncode}" if returncode < 0 else f"status {returncode}"
    return Finding(
        code=RecordingFault.DECODER_FAILED,
        sentence=f"{name}: the decoder broke down on it ({how}; recordings.check_memory_mb is its "
        "limit of memory). The film is damaged: copy it anew from the camera.",
    )


def _without(folder: Path, sentence: str) -> str:
    """Take the machine's own folder out of a sentence."""
    return sentence.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")


def outside_folder(folder: Path, name: str) -> Finding | None:
    """Say so if a recording lies outside its folder, links followed."""
    if (folder / name).resolve().is_relative_to(folder.resolve()):
        return None
    return Finding(
        code=RecordingFault.OUTSIDE_FOLDER,
        sentence=f"{name}: lies outside the recordings folder, by itself or through a link. Move "
        "it there, or correct the path in recordings.tsv.",
    )
