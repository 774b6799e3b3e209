"""What can be wrong or odd about a recording: a code each, and a sentence for people.

With a fault a recording cannot be used: the study goes on without it and says so. With a
notice it is used.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from dyads.errors import StudyError


class RecordingFault(StrEnum):
    """Why a recording cannot be used."""

    MISSING = "missing"
    OUTSIDE_FOLDER = "outside_folder"
    NOT_A_FILE = "not_a_file"
    EMPTY = "empty"
    NOT_A_FILM = "not_a_film"
    CANNOT_OPEN = "cannot_open"
    SOUND_ONLY = "sound_only"
    NO_STREAM = "no_stream"
    UNKNOWN_CODEC = "unknown_codec"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    TRUNCATED = "truncated"
    NOT_DECODABLE = "not_decodable"
    DAMAGED = "damaged"
    NO_TIME_STAMPS = "no_time_stamps"
    TOO_SLOW = "too_slow"
    DECODER_FAILED = "decoder_failed"
    UNREADABLE_TABLE = "unreadable_table"


class RecordingNotice(StrEnum):
    """What is odd about a recording that is used."""

    ROTATED = "rotated"
    SEVERAL_FILMS = "several_films"
    SEVERAL_SOUNDS = "several_sounds"
    VARIABLE_RATE = "variable_rate"
    LATE_START = "late_start"
    REPEATED_TIMES = "repeated_times"
    LOST_FRAMES = "lost_frames"
    SOUND_OF_OTHER_LENGTH = "sound_of_other_length"


class Finding(BaseModel):
    """A fault or notice with the sentence that says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: RecordingFault | RecordingNotice
    sentence: str = Field(description="What was found, and for a fault what to do.")


class RecordingError(StudyError):
    """A recording that cannot be used.

    Parameters
    ----------
    code
        What kind of fault it is.
    sentence
        Which file, what was found, and what to do.
    """

    def __init__(self, code: RecordingFault, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
