"""What a killed job leaves behind, so that the next one continues where it stopped.

Rows are kept in whole parts beside a state that says how far the film was read and what the
followers knew there. Both count only for the same film, settings, detector and code: anything
else begins anew.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dyads.files import whole_file
from dyads.tables import write_json

STATE_NAME: Final = "state.json"
"""Name of the state, beside the parts of a film."""


class FaceState(BaseModel):
    """A face in the last picture that was searched; boxes are left, top, right, bottom (px)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    box: tuple[float, ...] = Field(description="Where it was found.")
    place: tuple[float, ...] = Field(description="Box of its mesh.")
    track: int
    look: tuple[float, ...]


class FollowerState(BaseModel):
    """What a follower of faces knows between two chunks of pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waiting: int = Field(description="Pictures that wait for the next search.")
    due_s: float | None = Field(description="When the next search is due (s); None: at once.")
    since_due: int = Field(description="Pictures since the last search.")
    searched_index: int | None = Field(description="The last picture that was searched.")
    searched_s: float = 0.0
    faces: tuple[FaceState, ...] = ()
    tracks: int = Field(default=0, description="Tracks that were numbered so far.")


class FilmState(BaseModel):
    """How far a film was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    pictures: int = Field(default=0, description="Pictures that the followers were shown.")
    parts: int = Field(default=0, description="Parts of rows that are kept.")
    people: dict[str, FollowerState] = {}
    embeddings_of: tuple[str, ...] = Field(
        default=(), description="People whose embeddings are among the rows."
    )
    is_done: bool = False


class Unfinished:
    """The rows of one film that were read so far, and the state that belongs to them.

    Parameters
    ----------
    folder
        Where they are kept.
    key
        From :func:`film_key`; what is kept under another key is thrown away.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self.state = FilmState(key=key)
        kept = self._kept()
        if kept is not None and kept.key == key:
            self.state = kept
        elif folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, rows: pd.DataFrame, state: FilmState) -> None:
        """Keep further rows; they count once the state that follows them is written."""
        with whole_file(self._part(self.state.parts)) as path:
            rows.to_parquet(path, index=False)
        self.state = state.model_copy(update={"parts": self.state.parts + 1})
        write_json(self.state, self._folder / STATE_NAME)

    def rows(self) -> Iterator[pd.DataFrame]:
        """Give the kept rows, part by part, in the order in which they were read."""
        for number in range(self.state.parts):
            yield pd.read_parquet(self._part(number))

    def _part(self, number: int) -> Path:
        return self._folder / f"part{number:06d}.parquet"

    def _kept(self) -> FilmState | None:
        try:
            return FilmState.model_validate_json((self._folder / STATE_NAME).read_text("utf-8"))
        except (OSError, ValidationError):
            return None


def film_key(film: Path, *circumstances: str) -> str:
    """Digest a film's bytes and everything else on which its rows depend.

    Parameters
    ----------
    film
        The file.
    circumstances
        Settings, detector and code, as text.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.
    """
    with film.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    for text in circumstances:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()
