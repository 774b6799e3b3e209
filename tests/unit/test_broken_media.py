"""Broken recordings, made here: each has its code, and nothing else comes to harm."""

from __future__ import annotations

import os
import resource
import wave
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pandas as pd
import pytest
from film_making import make_film, make_sound
from PIL import Image

from dyads.config import RecordingSettings
from dyads.recordings.findings import Finding, RecordingFault, RecordingNotice
from dyads.recordings.gate import check_in_child, check_session
from dyads.recordings.probing import CheckedRecording, load, usable_rows
from dyads.tables import write_json

SETTINGS = RecordingSettings()
Maker = Callable[[Path], object]


def evenly(frames: int, rate_hz: float = 10.0) -> list[float]:
    return [index / rate_hz for index in range(frames)]


@cache
def noise_film(kind: str = ".mp4", frames: int = 40) -> bytes:
    rng = np.random.default_rng(1)
    pictures = list(rng.integers(0, 255, (frames, 96, 128, 3), dtype=np.uint8))
    codec = "mpeg4" if kind == ".avi" else "libx264"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"whole{kind}"
        return make_film(path, evenly(frames), pictures=pictures, codec=codec).read_bytes()


def cut(part: float, kind: str = ".mp4") -> Maker:
    def make(path: Path) -> None:
        content = noise_film(kind)
        path.write_bytes(content[: int(len(content) * part)])

    return make


def changed(change: Callable[[bytearray], None]) -> Maker:
    def make(path: Path) -> None:
        content = bytearray(noise_film())
        change(content)
        path.write_bytes(content)

    return make


def box(content: bytearray, name: bytes) -> tuple[int, int]:
    begin = content.index(name) - 4
    return begin, begin + int.from_bytes(content[begin : begin + 4])


def without_index(content: bytearray) -> None:
    begin, end = box(content, b"moov")
    del content[begin:end]


def with_flipped_pictures(content: bytearray) -> None:
    begin, end = box(content, b"mdat")
    for place in range(begin + 400, end, 37):
        content[place] ^= 0xFF


def without_pictures(content: bytearray) -> None:
    begin, end = box(content, b"mdat")
    content[begin + 8 : end] = bytes(end - begin - 8)


def with_flipped_index(content: bytearray) -> None:
    begin, end = box(content, b"moov")
    for place in range(begin + 8, end):
        content[place] ^= 0xFF


def write(content: bytes | str) -> Maker:
    return lambda path: path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("film.mp4", b"0" * 5000)


def write_wav(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))


def write_cover_only(path: Path) -> None:
    picture = path.with_suffix(".jpg")
    Image.new("RGB", (64, 64)).save(picture)
    with av.open(str(path), "w", format="mp4") as container, av.open(str(picture)) as given:
        sound = container.add_stream("aac", rate=16000, layout="mono")
        cover = container.add_stream_from_template(given.streams.video[0])
        cover.disposition = av.stream.Disposition.attached_pic
        for start in range(0, 16000, 1024):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, start
            container.mux(sound.encode(frame))
        container.mux(sound.encode())
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = cover
                container.mux(packet)


def write_bomb(path: Path) -> None:
    """A small file that unfolds to a picture of 42 million pixels."""
    picture = np.zeros((5200, 8100, 3), dtype=np.uint8)
    make_film(path, [0.0], pictures=[picture])


def write_unknown_codec(path: Path) -> None:
    with av.open(str(path), "w", format="mov") as container:
        stream = container.add_stream("qtrle", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def link_outside(path: Path) -> None:
    outside = path.parent.parent / "outside.mp4"
    make_film(outside, evenly(5))
    path.symlink_to(outside)


def bare_stream(path: Path) -> None:
    film = make_film(path.with_name("whole.mp4"), evenly(10))
    with av.open(str(film)) as given, av.open(str(path), "w", format="h264") as container:
        stream = container.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)


BROKEN: dict[str, tuple[Maker, RecordingFault]] = {
    "missing": (lambda _: None, RecordingFault.MISSING),
    "empty": (Path.touch, RecordingFault.EMPTY),
    "one byte": (write(b"\x00"), RecordingFault.NOT_A_FILM),
    "text": (write("This was to be a film.\n" * 50), RecordingFault.NOT_A_FILM),
    "playlist": (write("#EXTM3U\n#EXTINF:1,\nsecret.mp4\n"), RecordingFault.NOT_A_FILM),
    "list of films": (write("ffconcat version 1.0\nfile secret.mp4\n"), RecordingFault.NOT_A_FILM),
    "session description": (write("v=0\nm=video 9 RTP/AVP 96\n"), RecordingFault.NOT_A_FILM),
    "web page": (write("<!DOCTYPE html><video src='x.mp4'>"), RecordingFault.NOT_A_FILM),
    "zip": (write_zip, RecordingFault.NOT_A_FILM),
    "photograph": (
        lambda path: Image.new("RGB", (99, 99)).save(path, "JPEG"), RecordingFault.NOT_A_FILM),
    "drawing": (
        lambda path: Image.new("RGB", (99, 99)).save(path, "PNG"), RecordingFault.NOT_A_FILM),
    "random bytes": (
        write(np.random.default_rng(2).bytes(50_000)), RecordingFault.NOT_A_FILM),
    "stream without container": (bare_stream, RecordingFault.NOT_A_FILM),
    "folder": (Path.mkdir, RecordingFault.NOT_A_FILE),
    "pipe": (os.mkfifo, RecordingFault.NOT_A_FILE),
    "link to outside": (link_outside, RecordingFault.OUTSIDE_FOLDER),
    "sound file": (write_wav, RecordingFault.SOUND_ONLY),
    "sound in a film's container": (make_sound, RecordingFault.SOUND_ONLY),
    "sound with a cover": (write_cover_only, RecordingFault.SOUND_ONLY),
    "beginning of a header": (cut(0.0005), RecordingFault.NO_STREAM),
    "never finished": (changed(without_index), RecordingFault.CANNOT_OPEN),
    "flipped index": (changed(with_flipped_index), RecordingFault.NO_STREAM),
    "cut to a tenth": (cut(0.1), RecordingFault.TRUNCATED),
    "cut to half": (cut(0.5), RecordingFault.TRUNCATED),
    "last frames missing": (cut(0.97), RecordingFault.TRUNCATED),
    "matroska cut to half": (cut(0.5, ".mkv"), RecordingFault.TRUNCATED),
    "avi cut to half": (cut(0.5, ".avi"), RecordingFault.TRUNCATED),
    "flipped pictures": (changed(with_flipped_pictures), RecordingFault.DAMAGED),
    "no pictures in the frames": (changed(without_pictures), RecordingFault.NOT_DECODABLE),
    "picture bomb": (write_bomb, RecordingFault.TOO_MANY_PIXELS),
    "ten hours": (lambda path: make_film(path, [0.0, 36_000.0]), RecordingFault.TOO_LONG),
    "unknown codec": (write_unknown_codec, RecordingFault.UNKNOWN_CODEC),
}  # fmt: skip


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "recordings"
    made.mkdir()
    return made


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recording_has_its_code_and_leaves_nothing_behind(
    folder: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make, code = BROKEN[name]
    make(folder / "film.mp4")
    found = check_in_child(folder, "film.mp4", SETTINGS)
    assert isinstance(found, Finding), found
    assert found.code == code, found.sentence
    assert found.sentence.startswith("film.mp4: ")
    assert found.sentence.endswith(".")
    assert "Traceback" not in found.sentence + "".join(capfd.readouterr())
    if Path("/proc/self").exists():
        assert children() == []


def test_memory_stayed_below_the_limit_for_all_of_them() -> None:
    # Runs after the others in this file; getrusage keeps the largest child, in kB on Linux.
    largest_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    assert largest_mb < SETTINGS.check_memory_mb


def test_a_path_that_climbs_out_of_the_folder_is_refused(folder: Path) -> None:
    make_film(folder.parent / "secret.mp4", evenly(5))
    found = check_in_child(folder, "../secret.mp4", SETTINGS)
    assert isinstance(found, Finding)
    assert found.code == RecordingFault.OUTSIDE_FOLDER


def test_a_film_that_takes_too_long_is_given_up(folder: Path) -> None:
    make_film(folder / "film.mp4", evenly(5))
    hurried = SETTINGS.model_copy(update={"check_time_s": 0.05})
    found = check_in_child(folder, "film.mp4", hurried)
    assert isinstance(found, Finding)
    assert found.code == RecordingFault.TOO_SLOW
    assert children() == []


def test_a_decoder_that_breaks_down_is_told_as_such(folder: Path) -> None:
    picture = np.zeros((2000, 3000, 3), dtype=np.uint8)
    make_film(folder / "film.mp4", evenly(3), pictures=[picture] * 3)
    starved = SETTINGS.model_copy(update={"check_memory_mb": 60.0})
    found = check_in_child(folder, "film.mp4", starved)
    assert isinstance(found, Finding)
    assert found.code == RecordingFault.DECODER_FAILED
    assert "check_memory_mb" in found.sentence


def test_a_whole_film_is_good_and_every_frame_is_accounted_for(folder: Path) -> None:
    make_film(folder / "film.mp4", evenly(30))
    found = check_in_child(folder, "film.mp4", SETTINGS)
    assert isinstance(found, CheckedRecording)
    assert found.account == {"kept": 30}
    assert found.notices == ()


def test_odd_but_usable_films_are_used_with_a_notice(folder: Path) -> None:
    make_film(folder / "late.mkv", [2.0 + time_s for time_s in evenly(10)])
    make_film(folder / "uneven.mp4", [0.0, 0.1, 0.2, 0.55, 0.6, 0.9])
    make_film(folder / "sound.mp4", evenly(10), samples=np.zeros(8 * 8000, dtype=np.float32))
    codes = {}
    for name in ("late.mkv", "uneven.mp4", "sound.mp4"):
        found = check_in_child(folder, name, SETTINGS)
        assert isinstance(found, CheckedRecording)
        codes[name] = [notice.code for notice in found.notices]
    assert codes == {
        "late.mkv": [RecordingNotice.LATE_START],
        "uneven.mp4": [RecordingNotice.VARIABLE_RATE],
        "sound.mp4": [RecordingNotice.SOUND_OF_OTHER_LENGTH],
    }


def rows(*given: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"dyad_id": "D01", "session_id": "S1", "person_id": person, "path": path,
             "frames_path": frames, "frame_rate_hz": np.nan, "offset_s": np.nan}
            for person, path, frames in given
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02" * 100, b"frame,AU01\n", b"a,b\n1,2\n", b"frame\tAU12\n0\tyes\n"],
    ids=["empty", "bytes", "no rows", "unknown columns", "words for numbers"],
)
def test_a_broken_table_of_frames_is_data_too(folder: Path, content: bytes) -> None:
    (folder / "frames.csv").write_bytes(content)
    probed = check_session(rows(("P1", "", "frames.csv")), folder, SETTINGS)
    assert probed.refused["frames.csv"].code == RecordingFault.UNREADABLE_TABLE
    assert "frames.csv" in probed.refused["frames.csv"].sentence


def test_the_other_recordings_of_a_session_are_still_used(folder: Path) -> None:
    make_film(folder / "good.mp4", evenly(10))
    (folder / "bad.mp4").touch()
    recordings = rows(("P1", "good.mp4", ""), ("P2", "bad.mp4", ""))
    probed = check_session(recordings, folder, SETTINGS)
    assert set(probed.recordings) == {"good.mp4"}
    assert usable_rows(recordings, probed)["person_id"].tolist() == ["P1"]
    write_json(probed, folder / "probe.json")
    assert load(folder / "probe.json") == probed
