"""The clock of a session: how the time in each recording relates to the time they share."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dyads.errors import StudyError


class RecordingClock(BaseModel):
    """How one person's recording lies on the session clock.

    Session clock = recording time × (1 + drift) + offset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset_s: float = Field(description="Session clock at recording time 0 (s).")
    drift_ppm: float = Field(default=0.0, description="Drift (millionths).")
    source: Literal["table", "only recording"] = Field(description="Where the offset comes from.")
    residual_s: float | None = Field(
        default=None, description="What the offset leaves unexplained (s); None: not measured."
    )


class SessionClock(BaseModel):
    """The clocks of the people of one session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dyad_id: str
    session_id: str
    people: dict[str, RecordingClock]

    def to_session(
        self, person_id: str, time_s: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Translate times of a person's recording.

        Parameters
        ----------
        person_id
            Whose recording.
        time_s
            Recording times (s), any shape.

        Returns
        -------
        ndarray
            Times on the session clock (s), same shape.

        Raises
        ------
        StudyError
            If this person has no recording in the session.
        """
        if person_id not in self.people:
            raise StudyError(
                f"dyad {self.dyad_id}, session {self.session_id}: {person_id} has no recording. "
                f"recordings.tsv names: {', '.join(self.people)}."
            )
        clock = self.people[person_id]
        return np.asarray(time_s, dtype=float) * (1 + clock.drift_ppm * 1e-6) + clock.offset_s


def from_table(recordings: pd.DataFrame) -> SessionClock:
    """Take the clock of one session from its rows of recordings.tsv.

    Parameters
    ----------
    recordings
        Rows with `dyad_id`, `session_id`, `person_id`, `path`, `frames_path` and `offset_s`.

    Returns
    -------
    SessionClock
        People who share a recording share its offset. A session with one recording needs none:
        that recording is the clock.

    Raises
    ------
    StudyError
        If there are several recordings and one has no offset, or if one recording has two.
    """
    session = recordings.assign(file=_files(recordings))
    dyad_id, session_id = session[["dyad_id", "session_id"]].iloc[0]
    where = f"dyad {dyad_id}, session {session_id}"
    offsets_s = session.groupby("file", sort=False)["offset_s"]
    two = offsets_s.nunique()
    faults = [
        f"{where}: {file} has different offsets in its rows. One recording has one offset_s."
        for file in two.index[two > 1]
    ]
    known = {str(file): float(offset_s) for file, offset_s in offsets_s.first().items()}
    if len(known) > 1:
        faults += [
            f"{where}: offset_s of {file} is empty, and the session has {len(known)} recordings. "
            "Enter the session clock at the recording's beginning (s) in recordings.tsv."
            for file, offset_s in known.items()
            if pd.isna(offset_s)
        ]
    if faults:
        raise StudyError("\n".join(faults))
    return SessionClock(
        dyad_id=str(dyad_id),
        session_id=str(session_id),
        people={
            person_id: _recording_clock(known[file])
            for person_id, file in zip(
                session["person_id"].astype(str), session["file"].astype(str), strict=True
            )
        },
    )


def load(path: str | Path) -> SessionClock:
    """Read a clock that an earlier step wrote.

    Raises
    ------
    StudyError
        If the file is not a session clock.
    """
    try:
        return SessionClock.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except ValidationError as fault:
        raise StudyError(f"{path}: not a session clock: {fault}") from None


def _recording_clock(offset_s: float) -> RecordingClock:
    if pd.isna(offset_s):
        return RecordingClock(offset_s=0.0, source="only recording")
    return RecordingClock(offset_s=float(offset_s), source="table")


def _files(recordings: pd.DataFrame) -> pd.Series[str]:
    """Name the file that each row's times come from."""
    given = recordings["frames_path"].fillna("").astype(str)
    film = recordings["path"].fillna("").astype(str)
    return given.where(given != "", film)
