"""Turn the films of a session into rows: a frame, a person, and what the detector says.

Every film is decoded once, whoever it shows. Memory does not grow with its length.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads import tables
from dyads.channels import ACTION_UNITS
from dyads.config import ExtractionSettings
from dyads.contracts import Frames
from dyads.extraction.detectors import Detector, load_detector
from dyads.extraction.embedding import Embedder, load_embedder
from dyads.extraction.films import Film, films, refuse_people, refuse_tiers
from dyads.extraction.following import FaceFollower
from dyads.extraction.rows import face_rows, with_film, write
from dyads.extraction.tiers import EMBEDDINGS, Embedded
from dyads.extraction.unfinished import FilmState, Unfinished, film_key
from dyads.readers.reading import read_session
from dyads.recordings import media
from dyads.recordings.media import Picture
from dyads.recordings.probing import ProbedSession, RecordingProbe, probe, usable_rows
from dyads.recordings.views import Region, region
from dyads.tables import About

FloatArray = npt.NDArray[np.float64]

_log = logging.getLogger(__name__)
_PROGRESS_EVERY_S: Final = 5.0
_CHUNK_FRAMES: Final = 64
_CHUNK_BYTES: Final = 200_000_000
_ROWS_PER_PART: Final = 500


def extract_sessions(
    sessions: Iterable[tuple[pd.DataFrame, ProbedSession]],
    folder: Path,
    destination: Path,
    settings: ExtractionSettings,
    *,
    checkpoint: Path | None,
    lock: Path | None = None,
    identified: Iterable[Sequence[str]] = (),
    threads: int = 1,
    unfinished: Path | None = None,
    code: str = "",
) -> None:
    """Write the frames of sessions, one file each; the detector is loaded once, if at all.

    Parameters
    ----------
    sessions
        For each session its rows of recordings.tsv and what was found in its recordings; those
        that cannot be used are left out. Where rows give `frames_path`, the frames are taken
        from there.
    folder
        What the paths start from.
    destination
        Folder of the files `<dyad_id>_<session_id>.parquet` (contract `Frames`), and
        `<dyad_id>_<session_id>.tiers.parquet` (contract `FaceTiers`) where the settings ask
        for tiers.
    settings
        How faces are found and read.
    checkpoint
        The demo's face model, where the settings ask for it.
    lock
        The study's `models.lock.yaml`, where the settings ask for published weights.
    identified
        Dyad, session and person of everybody whose embeddings may be kept, where the settings ask
        for embeddings. Those of nobody else are made.
    threads
        Threads of decoder and network.
    unfinished
        Folder in which rows are kept until all sessions are written, so that a killed job
        goes on where it stopped; None: nothing is kept.
    code
        Version of the code, on which kept rows depend.

    Raises
    ------
    StudyError
        If a recording cannot be read.
    """
    detector: Detector | None = None
    embedder: Embedder | None = None
    leave = {tuple(row) for row in identified} if EMBEDDINGS in settings.tiers else set()
    for all_recordings, probed in sessions:
        dyad_id, session_id = all_recordings[["dyad_id", "session_id"]].iloc[0]
        path = destination / f"{dyad_id}_{session_id}.parquet"
        recordings = usable_rows(all_recordings, probed)
        if recordings.empty:
            _log.info("dyad %s, session %s: no recording can be used", dyad_id, session_id)
            tables.write(_no_frames(), path, Frames, About())
        elif recordings["frames_path"].ne("").any():
            frames, about = read_session(recordings, folder, settings.given_action_units)
            tables.write(frames, path, Frames, about)
        else:
            detector = detector or load_detector(
                settings, checkpoint=checkpoint, lock=lock, threads=threads
            )
            people = dict.fromkeys(recordings["person_id"])
            own = [person for person in people if (dyad_id, session_id, person) in leave]
            if own and embedder is None:
                embedder = load_embedder(settings, detector, lock)
            if EMBEDDINGS in settings.tiers and len(own) < len(people):
                _log.info(
                    "dyad %s, session %s: no embeddings are kept of %s, since not everybody in "
                    "their film granted `identify` in consent.tsv",
                    dyad_id, session_id, " and ".join(one for one in people if one not in own),
                )  # fmt: skip
            chunks = extract(
                films(recordings, folder),
                detector,
                settings,
                embedders=dict.fromkeys(own, embedder) if embedder else {},
                threads=threads,
                unfinished=None if unfinished is None else unfinished / path.stem,
                code=code,
            )
            network = embedder.name if embedder and own else ""
            write(chunks, path, detector.about, Embedded(people=tuple(own), network=network))
    if unfinished is not None:
        shutil.rmtree(unfinished, ignore_errors=True)


def _no_frames() -> pd.DataFrame:
    """A table of frames without rows, for a session of which nothing can be read."""
    columns = [name for name, column in Frames.to_schema().columns.items() if not column.regex]
    return pd.DataFrame(columns=[*columns, *ACTION_UNITS])


def extract(
    films: Sequence[Film],
    detector: Detector,
    settings: ExtractionSettings,
    *,
    embedders: Mapping[str, Embedder] | None = None,
    threads: int = 1,
    accept_stamped_weights: bool = False,
    unfinished: Path | None = None,
    code: str = "",
) -> Iterator[pd.DataFrame]:
    """Read every face of every film, a stretch at a time.

    Parameters
    ----------
    films
        The films of one session.
    detector
        From :func:`dyads.extraction.detectors.load_detector`.
    settings
        Sampling, search and batches.
    embedders
        What gives embeddings, by person, for those alone who allowed it. Read only where the
        settings ask for embeddings; others have none.
    threads
        Threads of the decoder.
    accept_stamped_weights
        True lets the demo's face model read films of people; only tests of the machinery
        should.
    unfinished, code
        As for :func:`extract_sessions`.

    Yields
    ------
    DataFrame
        Rows of the contract `Frames` in order of display, a person at a time. A frame that was
        skipped by sampling has no row. Times are those of the recording. The box is the square
        that the detector looked at; the score is the face finder's, missing where the face was
        followed. Where a film has the view `auto`, every face has a row without a person,
        with the film's number among `films` and the number of its track.

    Raises
    ------
    StudyError
        If a film cannot be read, if stamped weights meet a film that is no rendering, or if
        embeddings are asked for of faces that nobody has named yet.
    """
    refuse_tiers(films, detector, settings.tiers)
    probes = [probe(film.path) for film in films]
    with_tracks = any(film.is_auto for film in films)
    if detector.about.stamp and not accept_stamped_weights:
        refuse_people(films, probes, detector.about.stamp)
    for number, (film, held) in enumerate(zip(films, probes, strict=True)):
        kept = None
        own = _own_embedders(film, settings, embedders or {})
        if unfinished is not None:
            key = film_key(
                film.path,
                settings.model_dump_json(),
                detector.about.model_dump_json(),
                json.dumps(dict(film.views)),
                json.dumps([[person, one.name] for person, one in own.items()]),
                code,
            )
            kept = Unfinished(unfinished / str(number), key)
            for rows in kept.rows():
                yield with_film(rows, number, is_auto=film.is_auto) if with_tracks else rows
            if kept.state.is_done:
                _log.info("%s: was read before", film.path.name)
                continue
        for rows in _extract_film(film, held, detector, settings, own, threads, kept):
            yield with_film(rows, number, is_auto=film.is_auto) if with_tracks else rows


def _extract_film(
    film: Film,
    probe: RecordingProbe,
    detector: Detector,
    settings: ExtractionSettings,
    embedders: Mapping[str, Embedder],
    threads: int,
    kept: Unfinished | None,
) -> Iterator[pd.DataFrame]:
    """Read a film from where `kept` ends, and keep what is read every so many rows."""
    if film.is_auto:
        regions = {"": region("full", probe.width, probe.height)}
    else:
        regions = {
            person_id: region(view, probe.width, probe.height)
            for person_id, view in film.views.items()
        }
    followers = {
        person_id: FaceFollower(
            detector, settings, everybody=film.is_auto, embedder=embedders.get(person_id)
        )
        for person_id in regions
    }
    channels = list(detector.about.channel_types)
    begun = kept.state if kept is not None else FilmState(key="")
    count = begun.pictures
    back = max((person.waiting for person in begun.people.values()), default=0)
    pictures = media.frames(
        film.path, sample_rate_hz=settings.sample_rate_hz, threads=threads, skip=count - back
    )
    waiting = list(islice(pictures, back))
    for person_id, person in begun.people.items():
        own = waiting[len(waiting) - person.waiting :]
        followers[person_id].go_on(person, [_seen_in(regions[person_id], one) for one in own])
    if count:
        _log.info("%s: continues after %d pictures", film.path.name, count)
    fitting = _CHUNK_BYTES // (probe.width * probe.height * 3)
    size = max(settings.faces_at_once, min(_CHUNK_FRAMES, fitting))
    progress = _Progress(film.path.name, probe)
    read: list[pd.DataFrame] = []
    is_done = False
    while not is_done:
        chunk = list(islice(pictures, size))
        count += len(chunk)
        is_done = len(chunk) < size
        for person_id, follower in followers.items():
            seen = [_seen_in(regions[person_id], one) for one in chunk]
            settled = follower.see(seen) + (follower.finish() if is_done else [])
            if settled:
                rows = face_rows(person_id, settled, regions[person_id], channels, settings.tiers)
                read.append(rows)
        if chunk:
            progress.tell(chunk[-1])
        if read and (is_done or sum(map(len, read)) >= _ROWS_PER_PART):
            rows = pd.concat(read, ignore_index=True)
            if kept is not None:
                people = {person_id: one.state for person_id, one in followers.items()}
                state = FilmState(
                    key=begun.key,
                    pictures=count,
                    people=people,
                    embeddings_of=tuple(embedders),
                    is_done=is_done,
                )
                kept.keep(rows, state)
            yield rows
            read = []
    progress.end()


def _own_embedders(
    film: Film, settings: ExtractionSettings, embedders: Mapping[str, Embedder]
) -> dict[str, Embedder]:
    """Choose what gives embeddings of the people in a film."""
    if EMBEDDINGS not in settings.tiers:
        return {}
    return {person: one for person, one in embedders.items() if person in film.views}


def _seen_in(where: Region, picture: Picture) -> Picture:
    if picture.image is None:
        return picture
    return replace(picture, image=where.of(picture.image))


class _Progress:
    """Say every few seconds how far a film is read."""

    def __init__(self, name: str, probe: RecordingProbe) -> None:
        self._name = name
        self._probe = probe
        self._began = self._said = time.perf_counter()
        self._last: Picture | None = None

    def tell(self, last: Picture) -> None:
        self._last = last
        now = time.perf_counter()
        if now - self._said >= _PROGRESS_EVERY_S:
            self._said = now
            left_s = (now - self._began) * (self._probe.frames / (last.index + 1) - 1)
            _log.info("%s, %.0f s left", self._so_far(now), left_s)

    def end(self) -> None:
        _log.info("%s, done", self._so_far(time.perf_counter()))

    def _so_far(self, now: float) -> str:
        frames = self._last.index + 1 if self._last else 0
        film_s = self._last.time_s - self._probe.first_time_s if self._last else 0.0
        taken_s = max(now - self._began, 1e-9)
        return (
            f"{self._name}: {frames} of {self._probe.frames} frames, {film_s:.1f} of "
            f"{self._probe.duration_s:.1f} s of film, {frames / taken_s:.0f} frames/s "
            f"({film_s / taken_s:.1f} x real time)"
        )
