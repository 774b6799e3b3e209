"""The clock of a session: how the time in each recording relates to the time they share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dyads.errors import StudyError

RECORDING_REFUSED: Final = "recording cannot be used"
NOT_ON_CLOCK: Final = "not on the session clock"


class RecordingClock(BaseModel):
    """How one person's recording lies on the session clock.

    Session clock = recording time × (1 + drift) + offset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset_s: float = Field(description="Session clock at recording time 0 (s).")
    drift_ppm: float = Field(default=0.0, description="Drift (millionths).")
    source: Literal["table", "only recording", "reference", "sound"] = Field(
        description="Where the offset comes from; the reference is what sound is compared with."
    )
    residual_s: float | None = Field(
        default=None,
        description="Robust standard deviation of stretches of sound about the line (s).",
    )
    agreement: float | None = Field(
        default=None, description="Share of the stretches of sound that agree on the line."
    )
    contrast: float | None = Field(
        default=None, description="Height of the best lag over the next best, as a median."
    )


class LeftOut(BaseModel):
    """Why nothing can be said of a person in a session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str = Field(description="As the count of exclusions says it.")
    sentence: str = Field(description="What was found, and what to do.")


class SessionClock(BaseModel):
    """The clocks of the people of one session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dyad_id: str
    session_id: str
    people: dict[str, RecordingClock]
    left_out: dict[str, LeftOut] = {}

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


def left_out_people(clocks: Iterable[SessionClock]) -> pd.DataFrame:
    """List whose recording cannot be used, over sessions.

    Returns
    -------
    DataFrame
        Contract `LeftOutPeople`.
    """
    rows = [
        (clock.dyad_id, clock.session_id, person_id, left.reason, left.sentence)
        for clock in clocks
        for person_id, left in clock.left_out.items()
    ]
    columns = ["dyad_id", "session_id", "person_id", "reason", "sentence"]
    return pd.DataFrame(rows, columns=columns, dtype=str)


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
