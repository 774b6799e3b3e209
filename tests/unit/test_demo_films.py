from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest

from dyads.demo.acting import perform
from dyads.demo.faces import draw_identity
from dyads.demo.films import COMMENT, DROPS_FRAMES, Shot, films, render_film, render_recording
from dyads.demo.study import ABSENCE, shown_levels, study_tables
from dyads.demo.truth import SEGMENTS, Truth, generator
from dyads.extraction.finders import CascadeFinder


@pytest.fixture(scope="module")
def recordings() -> pd.DataFrame:
    return study_tables(Truth())["recordings"]


@pytest.fixture(scope="module")
def shots() -> dict[str, Shot]:
    played = perform(shown_levels(Truth()), "D12", "S1", Truth(), ABSENCE)
    return {
        person: Shot(draw_identity(generator(1, person)), acted, (160, 110), 100, 1.0)
        for person, acted in played.items()
    }


def decoded(path: Path) -> tuple[list[float], list[np.ndarray], dict[str, str]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        times = [float(frame.time) for frame in frames]
        return times, [frame.to_ndarray(format="rgb24") for frame in frames], container.metadata


def test_every_media_file_is_listed_once_with_the_people_in_it(recordings):
    listed = films(recordings)
    assert set(listed["path"]) == set(recordings["path"])
    assert listed["path"].is_unique
    split = listed[listed["path"].eq("D03/S1.mp4")].iloc[0]
    assert (split["dyad_id"], split["session_id"], split["persons"]) == ("D03", "S1", "P03 Q03")


def test_a_film_says_that_it_is_a_rendering_and_keeps_its_times(shots, tmp_path):
    path = tmp_path / "film.mp4"
    time_s = np.array([0.0, 0.1, 0.2, 0.5, 0.6])
    render_film(path, [shots["P12"]], time_s, 0.0, np.random.default_rng(1))
    times, images, metadata = decoded(path)
    assert metadata["comment"] == COMMENT
    assert times == pytest.approx(time_s, abs=1e-4)
    assert images[0].shape == (240, 320, 3)


def test_a_split_screen_holds_a_face_in_each_half(shots, tmp_path):
    path = tmp_path / "film.mp4"
    pair = [shots["P12"], shots["Q12"]]
    render_film(path, pair, np.arange(3) / 10, 8.0, np.random.default_rng(1))
    image = decoded(path)[1][1]
    assert image.shape == (240, 640, 3)
    finder = CascadeFinder()
    assert len(finder.find(image[:, :320])) >= 1
    assert len(finder.find(image[:, 320:])) >= 1


def test_the_same_film_has_the_same_bytes(shots, tmp_path):
    files = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    for file in files:
        render_film(file, [shots["P12"]], np.arange(4) / 10, 0.0, np.random.default_rng(1))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_nobody_is_in_the_picture_during_the_absence(shots, tmp_path):
    path = tmp_path / "film.mp4"
    middle = sum(SEGMENTS[ABSENCE[2]]) / 2
    time_s = np.array([0.0, 0.5, 1.0, 3.0])
    render_film(path, [shots["P12"]], time_s, middle - 1.0, np.random.default_rng(1))
    found = [len(CascadeFinder().find(image)) for image in decoded(path)[1]]
    assert found[:3] == [0, 0, 0]
    assert found[3] >= 1


def test_an_offset_moves_the_film_on_the_session_clock(shots, tmp_path):
    # the frame at 0.2 s of a camera that started 0.3 s late shows what the other shows at 0.5 s
    early, late = tmp_path / "early.mp4", tmp_path / "late.mp4"
    for file, times, offset in ((early, [0.5], 0.0), (late, [0.2], 0.3)):
        render_film(file, [shots["Q12"]], np.array(times), offset, np.random.default_rng(1))
    assert (decoded(early)[1][0] == decoded(late)[1][0]).all()


def test_one_camera_drops_frames_and_the_others_do_not(recordings, tmp_path):
    path = tmp_path / "film.mp4"
    render_recording(recordings, DROPS_FRAMES, Truth(), path)
    times = decoded(path)[0]
    steps = np.round(np.diff(times), 3)
    assert times[0] == 0
    assert set(steps) >= {0.1, 0.2}
    assert 180 < len(times) < 230
    assert times[-1] > 23
