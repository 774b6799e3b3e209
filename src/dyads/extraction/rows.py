"""The table of frames: a row for each face, streamed to a file in groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from dyads import tables
from dyads.contracts import Contract, FaceTiers, Frames
from dyads.errors import StudyError
from dyads.extraction.sights import NO_TRACK, FaceRead, Sight, View
from dyads.extraction.tiers import (
    EMBEDDINGS,
    TIER_COLUMNS,
    TIERS_SUFFIX,
    Embedded,
    arrow_of,
    said_of,
)
from dyads.files import whole_file
from dyads.recordings.views import Region
from dyads.tables import ABOUT_KEY, About

_ROWS_PER_GROUP: Final = 5_000
_FACE_KEYS: Final = ("person_id", "film", "track", "frame")
_NOBODY: Final = Sight(np.full(4, np.nan), "", track=NO_TRACK)


def face_rows(
    person_id: str,
    views: Sequence[View],
    where: Region,
    channels: Sequence[str],
    tiers: Sequence[str],
) -> pd.DataFrame:
    """Lay views out as rows, a face each; boxes move from the view to the whole picture.

    Parameters
    ----------
    person_id
        Who is seen; empty where that is decided later, and faces have tracks instead.
    views
        Of a film, settled.
    where
        The part of the picture that they show.
    channels
        Names of the detector's values.
    tiers
        What is kept beside the channels: `landmarks`, `mesh`, `embeddings`.
    """
    seen = [(view, sight) for view in views for sight in view.sights or [_NOBODY]]
    faces = [sight.face for _, sight in seen]
    crops = np.array([face.crop if face else [np.nan] * 4 for face in faces])
    poses = np.array([face.pose_deg if face else [np.nan] * 3 for face in faces])
    values = np.array([face.channels if face else [np.nan] * len(channels) for face in faces])
    rows = pd.DataFrame(
        {
            "person_id": person_id,
            "track": [sight.track for _, sight in seen],
            "frame": [view.index for view, _ in seen],
            "time_s": [view.time_s for view, _ in seen],
            "status": [view.status for view, _ in seen],
            "reason": [view.reason for view, _ in seen],
            "found_by": [sight.found_by for _, sight in seen],
            "score": [sight.score if view.sights else view.best_score for view, sight in seen],
            "box_left_px": crops[:, 0] + where.left,
            "box_top_px": crops[:, 1] + where.top,
            "box_width_px": crops[:, 2] - crops[:, 0],
            "box_height_px": crops[:, 3] - crops[:, 1],
            "pitch_deg": poses[:, 0],
            "roll_deg": poses[:, 1],
            "yaw_deg": poses[:, 2],
            "light": [face.light if face else np.nan for face in faces],
            "sharpness": [face.sharpness if face else np.nan for face in faces],
        }
    )
    if person_id:
        rows = rows.drop(columns="track")
    for name in tiers:
        kept = [_kept(face, name, where) for face in faces]
        rows[TIER_COLUMNS[name]] = pd.Series(kept, dtype=object)
    return pd.concat([rows, pd.DataFrame(values, columns=list(channels))], axis=1)


def _kept(face: FaceRead | None, tier: str, where: Region) -> npt.NDArray[np.float32] | None:
    """Give the embedding of a face, or its points in the whole picture as x, y, x, y and so on."""
    if face is None:
        return None
    if tier == EMBEDDINGS:
        return face.embedding
    return (face.points_px[tier] + [where.left, where.top]).astype(np.float32).ravel()


def with_film(rows: pd.DataFrame, number: int, *, is_auto: bool) -> pd.DataFrame:
    """Say which film rows come from, where one of the session's films has tracks."""
    return rows.assign(
        film=pd.array([number if is_auto else pd.NA] * len(rows), dtype="Int64"),
        track=rows["track"].astype("Int64") if is_auto else pd.array([pd.NA] * len(rows), "Int64"),
    )


def write(
    chunks: Iterable[pd.DataFrame], path: Path, about: About, embedded: Embedded | None = None
) -> int:
    """Stream rows to a Parquet file, which takes its final name when all are written.

    Parameters
    ----------
    chunks
        From :func:`extract`.
    path
        The file. Tiers, where the rows have any, go to a file beside it.
    about
        What the table says of itself: the detector's `about`.
    embedded
        Whose embeddings the tiers hold; None: nobody's.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    StudyError
        If there is no row, or if rows do not keep the contract `Frames`.
    """
    rows = 0
    beside = path.with_suffix(TIERS_SUFFIX)
    said = said_of(embedded or Embedded())
    with _Stream(path, Frames, about) as frames, _Stream(beside, FaceTiers, about, said) as tiers:
        for group in _gathered(chunks, _ROWS_PER_GROUP):
            held = [name for name in TIER_COLUMNS.values() if name in group]
            if held:
                keys = [name for name in _FACE_KEYS if name in group]
                tiers.write(group.loc[group["status"].eq("face"), [*keys, *held]])
            frames.write(group.drop(columns=held))
            rows += len(group)
        if not rows:
            raise StudyError(f"{path}: the films hold no frame. Look at recordings.tsv.")
    return rows


class _Stream:
    """A Parquet file that grows by groups of rows; without any row there is no file."""

    def __init__(
        self,
        path: Path,
        contract: type[Contract],
        about: About,
        said: Mapping[bytes, bytes] | None = None,
    ) -> None:
        self._path, self._contract = path, contract
        self._said = {ABOUT_KEY: about.model_dump_json().encode(), **(said or {})}
        self._writer: pq.ParquetWriter | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def write(self, rows: pd.DataFrame) -> None:
        checked = tables.check(rows, self._contract, str(self._path))
        table = arrow_of(checked)
        if self._writer is None:
            schema = table.schema.with_metadata({**(table.schema.metadata or {}), **self._said})
            unfinished = self._open.enter_context(whole_file(self._path))
            self._writer = self._open.enter_context(
                pq.ParquetWriter(unfinished, schema, compression="zstd")
            )
        self._writer.write_table(table.cast(self._writer.schema))

    def __exit__(self, *fault: object) -> None:
        self._open.__exit__(*fault)  # type: ignore[arg-type]  # handed on as it came


def _gathered(chunks: Iterable[pd.DataFrame], rows: int) -> Iterator[pd.DataFrame]:
    """Join small tables until each holds at least so many rows."""
    waiting: list[pd.DataFrame] = []
    for chunk in chunks:
        waiting.append(chunk)
        if sum(len(table) for table in waiting) >= rows:
            yield pd.concat(waiting, ignore_index=True)
            waiting = []
    if waiting:
        yield pd.concat(waiting, ignore_index=True)
