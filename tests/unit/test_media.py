from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest
from film_making import make_film, make_sound, shown_index
from hypothesis import given
from hypothesis import strategies as st

from dyads.errors import StudyError
from dyads.recordings import media
from dyads.recordings.probing import probe
from dyads.recordings.views import region

UNEVEN_S = [0.0, 0.1, 0.2, 0.35, 0.4, 0.5, 0.61, 0.7, 0.8, 0.9, 1.0, 1.1]
REAL_DATA = Path(os.environ.get("DYADS_REAL_DATA", "../shared/data"))
needs_real_data = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (REAL_DATA / "media").is_dir(), reason=f"no folder of real films at {REAL_DATA}"
    ),
]


def evenly(frames: int, rate_hz: float = 10.0) -> list[float]:
    return [index / rate_hz for index in range(frames)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.mp4", "libx264"),
        ("film.mov", "libx264"),
        ("film.mkv", "libx264"),
        ("film.webm", "libvpx-vp9"),
        ("film.ts", "libx264"),
        ("film.avi", "mpeg4"),
        ("film.wmv", "wmv2"),
    ],
)
def test_pictures_come_in_order_of_display_at_their_time_stamps(
    tmp_path: Path, name: str, codec: str
) -> None:
    film = make_film(tmp_path / name, UNEVEN_S, codec=codec)
    pictures = list(media.frames(film))
    # Transport streams begin at the encoder's delay instead of zero.
    begin_s = pictures[0].time_s
    assert [one.time_s - begin_s for one in pictures] == pytest.approx(UNEVEN_S, abs=0.0011)
    assert [one.index for one in pictures] == list(range(len(UNEVEN_S)))
    assert [shown_index(one.image) for one in pictures] == list(range(len(UNEVEN_S)))


def test_a_film_that_begins_late_keeps_its_times(tmp_path: Path) -> None:
    film = make_film(tmp_path / "late.mkv", [time_s + 2.5 for time_s in evenly(10)])
    assert probe(film).first_time_s == pytest.approx(2.5)
    assert next(iter(media.frames(film))).time_s == pytest.approx(2.5)


def test_the_probe_tells_what_the_film_holds(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", evenly(60), comment="a remark", sound=True)
    held = probe(film)
    # 60 pictures at 10 a second: the last one is shown from 5.9 to 6.0 s.
    assert (held.frames, held.announced_frames) == (60, 60)
    assert held.mean_rate_hz == pytest.approx(10.0)
    assert held.duration_s == pytest.approx(6.0)
    assert (held.width, held.height, held.codec) == (128, 96, "h264")
    assert (held.has_sound, held.sound_rate_hz) == (True, 16000)
    assert held.comment == "a remark"
    assert not held.variable_rate


def test_an_uneven_rate_is_noticed(tmp_path: Path) -> None:
    assert probe(make_film(tmp_path / "uneven.mp4", UNEVEN_S)).variable_rate


def test_sampling_takes_the_first_picture_of_each_interval(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", UNEVEN_S)
    # Intervals of a quarter second from 0: the first pictures in them, by hand.
    sampled = [one.time_s for one in media.frames(film, sample_rate_hz=4)]
    assert sampled == pytest.approx([0.0, 0.35, 0.5, 0.8, 1.0])


def test_sampling_above_the_films_rate_keeps_every_picture(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", evenly(30))
    assert len(list(media.frames(film, sample_rate_hz=30))) == 30


def test_a_damaged_frame_comes_with_its_time_and_without_an_image(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", evenly(36))
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        damaged = next(one for one in packets[5:] if one.is_keyframe)
        place, size = damaged.pos, damaged.size
        time_s = float(damaged.pts * damaged.time_base)
    content = bytearray(film.read_bytes())
    content[place : place + size] = bytes(size)
    film.write_bytes(content)
    pictures = list(media.frames(film))
    assert [one.time_s for one in pictures] == pytest.approx(evenly(36))
    lost = [one.time_s for one in pictures if one.image is None]
    assert time_s in [pytest.approx(one) for one in lost]
    assert probe(film).frames == 36


@pytest.mark.parametrize(
    ("name", "part"),
    [("a.mp4", 0.4), ("a.mp4", 0.7), ("a.mp4", 0.97), ("a.mkv", 0.4), ("a.mkv", 0.7)],
)
def test_a_film_that_was_cut_off_is_refused(tmp_path: Path, name: str, part: float) -> None:
    rng = np.random.default_rng(1)
    noise = list(rng.integers(0, 255, (60, 96, 128, 3), dtype=np.uint8))
    film = make_film(tmp_path / name, evenly(60), pictures=noise)
    content = film.read_bytes()
    film.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(StudyError, match="cut off"):
        probe(film)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"nowhere\.mp4: no such file"):
        probe(tmp_path / "nowhere.mp4")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(StudyError, match="empty"):
        probe(tmp_path / "a.mp4")


def test_sound_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="sound only"):
        probe(make_sound(tmp_path / "a.mp4"))


def test_a_playlist_under_a_films_name_is_not_followed(tmp_path: Path) -> None:
    make_film(tmp_path / "secret.mp4", evenly(5))
    (tmp_path / "a.mp4").write_text("#EXTM3U\nsecret.mp4\n")
    with pytest.raises(StudyError, match="not a film"):
        probe(tmp_path / "a.mp4")


def test_a_film_without_its_index_is_refused(tmp_path: Path) -> None:
    # A camera writes the index of an mp4 last: without it the recording was never finished.
    film = make_film(tmp_path / "a.mp4", evenly(5))
    content = film.read_bytes()
    begin = content.index(b"moov") - 4
    end = begin + int.from_bytes(content[begin : begin + 4])
    film.write_bytes(content[:begin] + content[end:])
    with pytest.raises(StudyError, match="cannot be opened"):
        probe(film)


def test_pictures_above_the_limit_are_refused_before_decoding(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", evenly(5))
    with pytest.raises(StudyError, match="128 x 96 pixels"):
        next(media.frames(film, max_pixels=128 * 96 - 1))


def test_a_view_shows_its_part_of_the_picture(tmp_path: Path) -> None:
    halves = np.zeros((96, 128, 3), dtype=np.uint8)
    halves[:, 64:] = 200
    film = make_film(tmp_path / "a.mp4", [0.0], pictures=[halves])
    left, right = (next(media.frames(film, view)).image for view in ("left", "right"))
    assert left is not None
    assert right is not None
    assert left.shape == right.shape == (96, 64, 3)
    assert left.mean() < 5 < 190 < right.mean()


@given(width=st.integers(2, 4000), height=st.integers(2, 3000))
def test_two_halves_never_overlap_and_leave_out_at_most_a_line(width: int, height: int) -> None:
    left, right = region("left", width, height), region("right", width, height)
    assert left.left + left.width <= right.left
    assert right.left + right.width == width
    assert width - left.width - right.width <= 1
    top, bottom = region("top", width, height), region("bottom", width, height)
    assert top.top + top.height <= bottom.top
    assert bottom.top + bottom.height == height


@pytest.mark.parametrize("view", ["middle", "auto", "1,2,3", "a,b,c,d", ""])
def test_an_unknown_view_is_refused(view: str) -> None:
    with pytest.raises(StudyError, match="is not known"):
        region(view, 640, 480)


@pytest.mark.parametrize("view", ["600,0,41,10", "0,0,0,10", "-1,0,10,10"])
def test_a_box_outside_the_picture_is_refused(view: str) -> None:
    with pytest.raises(StudyError, match="outside the picture of 640 x 480"):
        region(view, 640, 480)


class TestRealFilms:
    """Films of other projects, with their defects."""

    pytestmark = needs_real_data

    @pytest.mark.parametrize("turn", [0, 90, 180, 270])
    def test_rotation_is_applied(self, turn: int) -> None:
        # The four films of a keyboard are upright when shown so; looked at by eye.
        film = REAL_DATA / "media" / f"video_{turn}.mov"
        held = probe(film)
        picture = next(media.frames(film))
        shape = (568, 320, 3) if turn % 180 else (320, 568, 3)
        assert picture.image is not None
        assert picture.image.shape == shape == (held.height, held.width, 3)

    def test_every_frame_of_a_damaged_film_is_accounted_for(self) -> None:
        # 50 packets at 10 a second; the decoder refuses one and marks one as corrupt.
        pictures = list(media.frames(REAL_DATA / "media" / "corrupted.mp4"))
        assert [one.time_s for one in pictures] == pytest.approx(evenly(50))
        assert sum(one.image is None for one in pictures) == 2

    def test_frames_that_are_stored_out_of_order_are_shown_in_order(self) -> None:
        times_s = [one.time_s for one in media.frames(REAL_DATA / "media" / "unordered.mov")]
        # Four pictures at 32 a second.
        assert times_s == pytest.approx([0, 1 / 32, 2 / 32, 3 / 32])

    def test_the_main_stream_of_several_is_taken(self) -> None:
        held = probe(REAL_DATA / "media" / "nasa_13013.mp4")
        # By their headers: 320 x 180 pixels, and 480 x 270 pixels in 390 frames.
        assert (held.video_streams, held.width, held.frames) == (2, 480, 390)
