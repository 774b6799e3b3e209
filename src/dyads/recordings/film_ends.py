"""How far films reach by what their containers announce, without decoding them.

One child process with a limit of memory looks at many films, one after the other. A film that
brings it down, or that it does not answer for in time, is left out, and the next process goes on
after it.

python -m dyads.recordings.film_ends < asked.json
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from dyads.config import RecordingSettings
from dyads.recordings.child import limit_memory
from dyads.recordings.containers import opened
from dyads.recordings.findings import RecordingError
from dyads.recordings.gate import outside_folder
from dyads.recordings.probing import announced_duration_s

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_ANSWER_TIME_S: Final = 30.0
"""Longest time for one film, the start of the process included."""
_BROKEN_MAX: Final = 5
"""After so many films that broke the process down, the others are not looked at."""


class FilmAsked(BaseModel):
    """A film, and how far into it something is said to happen (s)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    until_s: float


class FilmsAsked(BaseModel):
    """What the child process is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: RecordingSettings
    films: tuple[FilmAsked, ...]


def film_ends(
    folder: Path, until_s: Mapping[str, float], settings: RecordingSettings
) -> dict[str, float]:
    """Learn when films end, in their own time.

    Parameters
    ----------
    folder
        The recordings folder; nothing outside it is opened.
    until_s
        The films as paths in the folder, each with the time (s) that it is said to reach. Only
        where the header announces less than that, it is looked whether pictures follow.
    settings
        Limits of films and of the process.

    Returns
    -------
    dict
        End of each film (s); a film that cannot be opened, or does not tell, is not there.
    """
    waiting = [name for name in until_s if outside_folder(folder, name) is None]
    ends_s: dict[str, float] = {}
    for _ in range(_BROKEN_MAX):
        if not waiting:
            break
        films = [FilmAsked(path=str(folder / name), until_s=until_s[name]) for name in waiting]
        answers = _asked(FilmsAsked(settings=settings, films=tuple(films)))
        ends_s |= {
            name: end_s for name, end_s in zip(waiting, answers, strict=False) if end_s is not None
        }
        waiting = waiting[len(answers) + 1 :]
    return ends_s


def end_of_film(path: str | Path, until_s: float, max_pixels: int) -> float | None:
    """Say when a film ends, in its own time, from its header and at most from packets at its end.

    Parameters
    ----------
    path
        The film.
    until_s
        Time (s) beyond which it does not matter how far the film reaches.
    max_pixels
        Largest picture of a film that is opened (px).

    Returns
    -------
    float or None
        The end (s); none if the header announces none.

    Raises
    ------
    RecordingError
        If the film cannot be opened.
    """
    with opened(path, max_pixels) as (container, stream):
        length_s = announced_duration_s(container, stream)
        if length_s is None and container.duration is not None:
            length_s = container.duration / 1_000_000
        if length_s is None:
            return None
        end_s = length_s + float((stream.start_time or 0) * (stream.time_base or 0))
        return end_s if end_s >= until_s else _last_packet_s(container, stream, end_s, until_s)


def _last_packet_s(
    container: InputContainer, stream: VideoStream, announced_s: float, until_s: float
) -> float | None:
    """Look for pictures after the announced end: a film still being written announces too little.

    None: the end cannot be reached.
    """
    from av.error import FFmpegError

    tick_s, end_s = float(stream.time_base or 0), announced_s
    try:
        container.seek(round(announced_s / tick_s), stream=stream)
        for packet in container.demux(stream):
            if packet.pts is not None:
                end_s = max(end_s, (packet.pts + (packet.duration or 0)) * tick_s)
            if end_s >= until_s:
                break
    except (FFmpegError, ZeroDivisionError):
        return None
    return end_s


def _asked(films: FilmsAsked) -> list[float | None]:
    """Ask a new process; its answers end before a film for which it has none."""
    command = [sys.executable, "-m", "dyads.recordings.film_ends"]
    lines: Queue[str] = Queue()
    answers: list[float | None] = []
    with TemporaryFile("w+", encoding="utf-8") as question:
        question.write(films.model_dump_json())
        question.seek(0)
        with subprocess.Popen(
            command, stdin=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
            try:
                while len(answers) < len(films.films):
                    line = lines.get(timeout=_ANSWER_TIME_S)
                    if not line:
                        break
                    answers.append(json.loads(line))
            except Empty:
                pass
            finally:
                process.kill()
    return answers


def _pass_on(answer: Iterable[str], lines: Queue[str]) -> None:
    """Pass every line of the answer on; an empty one is the end."""
    try:
        for line in answer:
            lines.put(line)
    finally:
        lines.put("")


def main(films: Sequence[FilmAsked], settings: RecordingSettings) -> None:
    """Print the end of each film on a line of its own, `null` where it is not known."""
    limit_memory(settings)
    for film in films:
        try:
            end_s = end_of_film(film.path, film.until_s, settings.max_pixels)
        except RecordingError:
            end_s = None
        print(json.dumps(end_s), flush=True)  # noqa: T201 - the answer to the process that asked


if __name__ == "__main__":
    asked = FilmsAsked.model_validate_json(sys.stdin.read())
    main(asked.films, asked.settings)
