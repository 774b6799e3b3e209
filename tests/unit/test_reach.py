"""Times of the tables that lie after the end of the films are told before any work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import studies
from film_making import make_film

from dyads import cli
from dyads.config import RecordingSettings, StudySettings
from dyads.recordings import film_ends as module
from dyads.recordings.film_ends import end_of_film, film_ends
from dyads.recordings.findings import RecordingError
from dyads.study.faults import Fault, StudyFaults
from dyads.study.study import load_study

LIMITS = RecordingSettings()
LENGTH_S = 12.0
TIMES_S = [number / 2 for number in range(round(LENGTH_S * 2) + 1)]
"""Two pictures a second; the last one is at 12 s and is shown for a moment."""
SEGMENT = "D01\tS1\tsad\tsad\t6.5\t5\n"
MOMENT = "P01\tD01\tS1\t\tfeelings\tjoy\t40\tself\t{}\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", TIMES_S, size=(32, 32))


def filmed(folder: Path, film: Path, **changes: str) -> StudySettings:
    """The tiny study with films of 12 s in place of files that are none."""
    settings = studies.write_study(folder, **changes)
    for name in studies.FILMS:
        shutil.copy(film, settings.recordings_folder / name)
    return settings


@pytest.fixture(autouse=True)
def without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are opened in the test's own process, which costs no second a test."""

    def opened(
        folder: Path, until_s: Mapping[str, float], _: RecordingSettings
    ) -> dict[str, float]:
        ends_s = {}
        for name, needed_s in until_s.items():
            try:
                ends_s[name] = end_of_film(folder / name, needed_s, LIMITS.max_pixels)
            except RecordingError:
                continue
        return {name: end_s for name, end_s in ends_s.items() if end_s is not None}

    monkeypatch.setattr("dyads.study.reach.film_ends", opened)


def found(settings: StudySettings) -> list[Fault]:
    try:
        load_study(settings, recordings_expected=True, films=LIMITS)
    except StudyFaults as caught:
        return list(caught.faults)
    return []


def moments(*times_s: float) -> str:
    heading, *rows = studies.RATINGS.splitlines()
    lines = [f"{heading}\ttarget\ttime_s", *(f"{row}\t\t" for row in rows)]
    return "\n".join(lines) + "\n" + "".join(MOMENT.format(time_s) for time_s in times_s)


def test_a_segment_within_the_films_is_no_fault(tmp_path: Path, film: Path) -> None:
    assert found(filmed(tmp_path, film)) == []


# The films of D01 S1 begin at 0 and at -0.75 s of the session clock, so that the last ends at 12 s.
@pytest.mark.parametrize(
    ("onset", "duration", "column", "expected"),
    [
        ("6.5", "7", "duration_s", "at most 5.5 s: an end up to 12.0 s on the session clock"),
        ("13", "2", "onset_s", "a time before 12.0 s on the session clock"),
        ("600", "5", "onset_s", "a time before 12.0 s on the session clock"),
    ],
)
def test_a_segment_that_ends_after_every_film_is_told_with_its_row(
    tmp_path: Path, film: Path, onset: str, duration: str, column: str, expected: str
) -> None:
    late = studies.SEGMENTS.replace(SEGMENT, f"D01\tS1\tsad\tsad\t{onset}\t{duration}\n")
    (fault,) = found(filmed(tmp_path, film, segments=late))
    assert (fault.file, fault.row, fault.column) == ("segments.tsv", 3, column)
    assert fault.value == (duration if column == "duration_s" else onset)
    assert fault.expected.startswith(expected)
    assert "the last recording of D01 S1 (D01/S1_P01.mp4) ends" in fault.expected
    assert "offset_s" in fault.remedy


def begun_at(own_s: float, partner_s: float) -> str:
    """Recordings of D01 S1 that begin so late on the session clock, where a segment is at 1 s."""
    own = studies.RECORDINGS.replace("full\t0", f"full\t{own_s}")
    return own.replace("-0.75", str(partner_s))


def test_less_than_a_second_beyond_the_films_is_rounding(tmp_path: Path, film: Path) -> None:
    late = studies.SEGMENTS.replace(SEGMENT, "D01\tS1\tsad\tsad\t6.5\t6.4\n")
    assert found(filmed(tmp_path, film, segments=late)) == []


def test_less_than_a_second_before_the_films_is_rounding(tmp_path: Path, film: Path) -> None:
    assert found(filmed(tmp_path, film, recordings=begun_at(1.9, 3))) == []


def test_a_segment_that_begins_before_every_film_is_told_with_its_row(
    tmp_path: Path, film: Path
) -> None:
    (fault,) = found(filmed(tmp_path, film, recordings=begun_at(3, 4)))
    assert (fault.file, fault.row, fault.column) == ("segments.tsv", 2, "onset_s")
    assert fault.value == "1"
    assert fault.expected == (
        "a time from 3.0 s on the session clock on, when the first recording of D01 S1 "
        "(D01/S1_P01.mp4) begins"
    )
    assert "offset_s" in fault.remedy


def test_a_rated_moment_before_the_films_is_told(tmp_path: Path, film: Path) -> None:
    (fault,) = found(filmed(tmp_path, film, recordings=begun_at(2, 3), ratings=moments(11, 0.5)))
    assert (fault.file, fault.row, fault.column) == ("ratings.tsv", 12, "time_s")
    assert (fault.value, fault.expected[:14]) == ("0.5", "a time from 2.")


def test_a_segment_in_the_film_that_runs_longest_is_no_fault(tmp_path: Path, film: Path) -> None:
    # By its offset the partner's film runs until 112 s.
    later = studies.RECORDINGS.replace("-0.75", "100")
    late = studies.SEGMENTS.replace(SEGMENT, "D01\tS1\tsad\tsad\t100\t12\n")
    assert found(filmed(tmp_path, film, recordings=later, segments=late)) == []


def test_a_rated_moment_after_the_films_is_told(tmp_path: Path, film: Path) -> None:
    (fault,) = found(filmed(tmp_path, film, ratings=moments(11, 95.5)))
    assert (fault.file, fault.row, fault.column, fault.value) == (
        "ratings.tsv",
        12,
        "time_s",
        "95.5",
    )
    assert fault.expected.startswith("a time up to 12.0 s")


LATE = studies.SEGMENTS.replace(SEGMENT, "D01\tS1\tsad\tsad\t600\t5\n")


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        # The offset of one film is to be found from its sound, which this check does not do.
        ("recordings", "\t-0.75", "\t"),
        # The partner's film may not be opened, so that it is not known when it ends.
        ("consent", "Q01\tprocess\tyes", "Q01\tprocess\tno"),
    ],
)
def test_where_the_end_of_a_film_cannot_be_known_nothing_is_said(
    tmp_path: Path, film: Path, table: str, old: str, new: str
) -> None:
    changed = studies.FILES[table].replace(old, new)
    assert changed != studies.FILES[table]
    assert found(filmed(tmp_path, film, segments=LATE, **{table: changed})) == []


def test_one_film_alone_needs_no_offset(tmp_path: Path, film: Path) -> None:
    alone = studies.RECORDINGS.replace("D01\tS1\tQ01\tD01/S1_Q01.mp4\t\t-0.75\n", "")
    alone = alone.replace("full\t0", "full\t")
    (fault,) = found(filmed(tmp_path, film, segments=LATE, recordings=alone))
    assert fault.column == "onset_s"


def test_a_film_that_cannot_be_opened_is_not_told_here(tmp_path: Path, film: Path) -> None:
    settings = filmed(tmp_path, film, segments=LATE)
    (settings.recordings_folder / "D01/S1_Q01.mp4").write_bytes(b"film")
    assert found(settings) == []


@pytest.fixture
def asked(without_a_process: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the films that were to be opened."""
    names: list[str] = []

    def note(folder: Path, until_s: Mapping[str, float], _: RecordingSettings) -> dict[str, float]:
        names.extend(until_s)
        return {}

    monkeypatch.setattr("dyads.study.reach.film_ends", note)
    return names


def test_no_film_is_opened_without_everybodys_consent(
    tmp_path: Path, film: Path, asked: list[str]
) -> None:
    refusing = studies.CONSENT.replace("Q02\tprocess\tyes", "Q02\tprocess\tno")
    found(filmed(tmp_path, film, consent=refusing))
    assert sorted(asked) == ["D01/S1_P01.mp4", "D01/S1_Q01.mp4"]


@pytest.mark.parametrize("table", ["consent", "sessions", "recordings"])
def test_no_film_is_opened_where_it_is_not_known_who_consented(
    tmp_path: Path, film: Path, asked: list[str], table: str
) -> None:
    wrong = studies.FILES[table] + "no\trow\tof\tthis\ttable\n"
    assert found(filmed(tmp_path, film, **{table: wrong}))
    assert asked == []


def test_the_command_finds_it_and_a_job_of_the_run_opens_nothing(
    tmp_path: Path,
    film: Path,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = filmed(tmp_path, film)
    config = tmp_path / "config.yaml"
    config.write_text(
        f"study: {{name: Tiny, folder: {settings.folder}, groups: [control, ASD], "
        f"recordings_folder: {settings.recordings_folder}}}\nresults: {tmp_path}/results\n"
        "congruence: {pairs: []}\nmodels: {}\n"
    )
    cli.main(["check", "--config", str(config)])
    assert len(asked) == 3
    monkeypatch.setattr("dyads.study.reach.film_ends", film_ends)
    capsys.readouterr()
    (settings.folder / "segments.tsv").write_text(LATE)
    assert cli.main(["check", "--config", str(config)]) == 1
    assert "segments.tsv, row 3, column onset_s: found '600'" in capsys.readouterr().err
    assert load_study(settings, recordings_expected=True).segments["onset_s"].max() == 600


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_the_end_of_a_film_is_when_its_last_picture_is_over(tmp_path: Path, suffix: str) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    times_s = [0.5 + number / 5 for number in range(20)]
    path = make_film(tmp_path / f"film{suffix}", times_s, size=(32, 32), codec=codec)
    # The last picture is at 4.3 s and is shown for a step at most.
    for until_s in (1.0, 1000.0):
        end_s = end_of_film(path, until_s, LIMITS.max_pixels)
        assert end_s is not None
        assert 4.3 - 0.01 <= end_s <= 4.5 + 0.51


def test_a_film_that_breaks_the_process_down_hides_no_other(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.mp4", "c.mp4"):
        shutil.copy(film, tmp_path / name)
    # Nobody ever writes into the pipe, so that looking at it would never end; it is no file.
    os.mkfifo(tmp_path / "b.mp4")
    assert film_ends(tmp_path, dict.fromkeys(("a.mp4", "b.mp4", "c.mp4"), 1.0), LIMITS) == {
        "a.mp4": pytest.approx(LENGTH_S, abs=0.3),
        "c.mp4": pytest.approx(LENGTH_S, abs=0.3),
    }
    # What a fall looks like from outside: the answers end early.
    real = module._asked

    def falls_at_the_second(films: module.FilmsAsked) -> list[float | None]:
        return real(films)[:1] if len(films.films) > 1 else real(films)

    monkeypatch.setattr(module, "_asked", falls_at_the_second)
    ends_s = film_ends(tmp_path, dict.fromkeys(("a.mp4", "b.mp4", "c.mp4"), 1.0), LIMITS)
    assert sorted(ends_s) == ["a.mp4", "c.mp4"]


def test_a_process_that_has_too_little_memory_answers_for_nothing(
    tmp_path: Path, film: Path
) -> None:
    shutil.copy(film, tmp_path / "a.mp4")
    few = LIMITS.model_copy(update={"check_memory_mb": 1.0})
    assert film_ends(tmp_path, {"a.mp4": 1.0}, few) == {}


def test_a_process_that_does_not_even_start_answers_for_nothing(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(film, tmp_path / "a.mp4")
    monkeypatch.setattr("dyads.recordings.film_ends.sys.executable", shutil.which("false"))
    # So long a question does not fit into a pipe that nobody reads.
    many = {"a.mp4": 1.0} | {f"{number}.mp4": 1.0 for number in range(3000)}
    assert film_ends(tmp_path, many, LIMITS) == {}


def test_a_process_that_does_not_answer_in_time_answers_for_nothing(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(film, tmp_path / "a.mp4")
    monkeypatch.setattr(module, "_ANSWER_TIME_S", 0.001)
    assert film_ends(tmp_path, {"a.mp4": 1.0}, LIMITS) == {}


def test_nothing_outside_the_recordings_folder_is_opened(tmp_path: Path, film: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    shutil.copy(film, tmp_path / "a.mp4")
    (inside / "link.mp4").symlink_to(tmp_path / "a.mp4")
    assert film_ends(inside, {"../a.mp4": 1.0, "link.mp4": 1.0}, LIMITS) == {}
