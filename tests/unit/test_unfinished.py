from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from film_making import make_film
from killed_reading import ROWS_PER_PART, SETTINGS, VIEWS
from square_faces import SquareDetector, room, with_face

from dyads import tables
from dyads.config import ExtractionSettings
from dyads.contracts import Frames
from dyads.extraction import sessions
from dyads.extraction.films import Film
from dyads.recordings.findings import Finding, RecordingFault
from dyads.recordings.probing import ProbedSession

FRAMES = 260
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two faces that move, and one that is away for a while."""
    pictures = []
    for index in range(FRAMES):
        left = with_face(room(), 40 + int(20 * np.sin(index / 9)), 40, level=index % 10 / 10)
        is_away = 70 <= index < 110 or index in (150, 235)
        right = room() if is_away else with_face(room(), 60, 30 + index % 17, level=0.5)
        pictures.append(np.hstack([left, right]))
    times_s = [index / 25 for index in range(FRAMES)]
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return make_film(path, times_s, pictures=pictures)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_ROWS_PER_PART", ROWS_PER_PART)


@pytest.fixture(scope="module")
def whole_table(film: Path) -> tuple[pd.DataFrame, int]:
    """What a job gives that nobody stops, and how many faces it reads."""
    return read(film)


def read(
    film: Path,
    unfinished: Path | None = None,
    settings: ExtractionSettings = SETTINGS,
    stop_after: int | None = None,
    views: dict[str, str] = VIEWS,
) -> tuple[pd.DataFrame, int]:
    """Read a film, or only its first parts; also say how many faces were read."""
    detector = CountingDetector()
    chunks = sessions.extract([Film(film, views)], detector, settings, unfinished=unfinished)
    parts = []
    for number, rows in enumerate(chunks):
        parts.append(rows)
        if number + 1 == stop_after:
            chunks.close()
            break
    return pd.concat(parts, ignore_index=True), detector.faces


class CountingDetector(SquareDetector):
    faces = 0

    def read(self, images, boxes):
        self.faces += len(images)
        return super().read(images, boxes)


@pytest.mark.parametrize("views", [VIEWS, dict.fromkeys(VIEWS, "auto")], ids=["halves", "auto"])
@pytest.mark.parametrize("stop_after", [1, 2])
def test_a_job_that_goes_on_gives_the_very_same_rows_and_reads_no_face_twice(
    film: Path,
    whole_table: tuple[pd.DataFrame, int],
    tmp_path: Path,
    stop_after: int,
    views: dict[str, str],
) -> None:
    whole, faces = whole_table if views is VIEWS else read(film, views=views)
    _, before = read(film, tmp_path / "kept", stop_after=stop_after, views=views)
    rest, after = read(film, tmp_path / "kept", views=views)
    pd.testing.assert_frame_equal(rest, whole, check_exact=True)
    assert before + after == faces


def test_a_film_that_was_read_to_its_end_is_not_read_again(film: Path, tmp_path: Path) -> None:
    whole, _ = read(film, tmp_path / "kept")
    again, faces = read(film, tmp_path / "kept")
    pd.testing.assert_frame_equal(again, whole, check_exact=True)
    assert faces == 0


@pytest.mark.parametrize("change", ["settings", "film"])
def test_what_was_kept_of_something_else_is_thrown_away(
    film: Path, whole_table: tuple[pd.DataFrame, int], tmp_path: Path, change: str
) -> None:
    read(film, tmp_path / "kept", stop_after=1)
    settings, whole = SETTINGS, whole_table
    if change == "settings":
        settings = SETTINGS.model_copy(update={"search_interval_s": 0.3})
        whole = read(film, settings=settings)
    else:
        other = tmp_path / "film.mp4"
        other.write_bytes(film.read_bytes() + bytes(8))
        film = other
    rows, again = read(film, tmp_path / "kept", settings)
    pd.testing.assert_frame_equal(rows, whole[0], check_exact=True)
    assert again == whole[1]


def test_a_state_that_was_only_half_written_begins_anew(
    film: Path, whole_table: tuple[pd.DataFrame, int], tmp_path: Path
) -> None:
    whole, faces = whole_table
    read(film, tmp_path / "kept", stop_after=1)
    state = tmp_path / "kept/0/state.json"
    state.write_text(state.read_text()[:50])
    rows, again = read(film, tmp_path / "kept")
    pd.testing.assert_frame_equal(rows, whole, check_exact=True)
    assert again == faces


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_job_killed_several_times_ends_with_the_table_of_one_that_was_not(
    film: Path, whole_table: tuple[pd.DataFrame, int], tmp_path: Path
) -> None:
    whole, _ = whole_table
    kept, out = tmp_path / "kept", tmp_path / "frames.parquet"
    command = [sys.executable, str(HERE / "killed_reading.py"), str(film), str(kept), str(out)]
    states = []
    for wanted in (1, 2):
        job = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(HERE)})
        _wait_for_parts(kept / "0", wanted, job)
        job.send_signal(signal.SIGKILL)
        job.wait()
        states.append(len(list((kept / "0").glob("part*.parquet"))))
        assert not out.exists()
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(HERE)}, check=True)
    assert states[1] > states[0] >= 1
    pd.testing.assert_frame_equal(pd.read_parquet(out), whole, check_exact=True)


def _wait_for_parts(folder: Path, wanted: int, job: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.glob("part*.parquet"))) < wanted or not (folder / "state.json").exists():
        assert job.poll() is None, "the job ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_kept_rows_go_once_all_sessions_are_written(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "load_detector", lambda *_, **__: SquareDetector())
    rows = pd.DataFrame(
        {
            "dyad_id": "D01", "session_id": "S1", "person_id": ["P01", "Q01"], "path": "film.mp4",
            "view": ["left", "right"], "frames_path": "",
        }
    )  # fmt: skip
    kept = tmp_path / "kept"
    sessions.extract_sessions(
        [(rows, ProbedSession())], film.parent, tmp_path, SETTINGS, checkpoint=None, unfinished=kept
    )
    assert len(pd.read_parquet(tmp_path / "D01_S1.parquet")) == 2 * FRAMES
    assert not kept.exists()


def test_a_session_without_a_usable_recording_is_a_table_without_rows(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "dyad_id": ["D01"], "session_id": "S1", "person_id": "P01", "path": "film.mp4",
            "view": "full", "frames_path": "",
        }
    )  # fmt: skip
    fault = Finding(code=RecordingFault.EMPTY, sentence="film.mp4: the file is empty.")
    probed = ProbedSession(refused={"film.mp4": fault})
    sessions.extract_sessions([(rows, probed)], tmp_path, tmp_path, SETTINGS, checkpoint=None)
    assert tables.read(tmp_path / "D01_S1.parquet", Frames).empty
