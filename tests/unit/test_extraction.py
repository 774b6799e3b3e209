from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from film_making import make_film
from square_faces import SquareDetector, room, with_face

from dyads import tables
from dyads.config import ExtractionSettings
from dyads.contracts import FaceTiers, Frames
from dyads.errors import StudyError
from dyads.extraction import sessions as extraction
from dyads.extraction.films import RENDERED_COMMENT, Film, films
from dyads.extraction.rows import write
from dyads.recordings import media

SETTINGS = ExtractionSettings(batch_frames=4)
WIDTH = 160


def times_s(frames: int) -> list[float]:
    return [index / 10 for index in range(frames)]


def solo(folder: Path, frames: int = 30, comment: str = "") -> Film:
    images = [with_face(room(), 60, 40, level=index % 10 / 10) for index in range(frames)]
    path = make_film(folder / "solo.mp4", times_s(frames), pictures=images, comment=comment)
    return Film(path, {"P01": "full"})


def split_screen(folder: Path, frames: int = 30) -> Film:
    def half(left: int, level: float) -> npt.NDArray[np.uint8]:
        return with_face(room(), left, 40, level=level)

    images = [np.hstack([half(30, 0.2), half(90, 0.8)]) for _ in range(frames)]
    path = make_film(folder / "both.mp4", times_s(frames), pictures=images)
    return Film(path, {"P01": "left", "Q01": "right"})


def rows_of(films: list[Film], settings: ExtractionSettings = SETTINGS) -> pd.DataFrame:
    chunks = extraction.extract(films, SquareDetector(), settings)
    return pd.concat(chunks, ignore_index=True)


def test_every_frame_of_the_file_has_a_row_with_its_time(tmp_path: Path) -> None:
    film = solo(tmp_path)
    rows = rows_of([film])
    assert rows["frame"].tolist() == list(range(30))
    assert rows["time_s"].to_numpy() == pytest.approx(times_s(30))
    # The levels that were painted, through H.264.
    assert rows["AU12"].to_numpy() == pytest.approx([i % 10 / 10 for i in range(30)], abs=0.05)


def test_people_on_one_screen_are_read_each_in_their_own_view(tmp_path: Path) -> None:
    rows = rows_of([split_screen(tmp_path)])
    levels = rows.groupby("person_id")["AU12"].mean()
    assert levels["P01"] == pytest.approx(0.2, abs=0.03)
    assert levels["Q01"] == pytest.approx(0.8, abs=0.03)


def room_of_two(folder: Path, frames: int = 30) -> Film:
    """Two people in one picture, of whom one comes after a third of the film."""
    alone = with_face(room(), 20, 40, side=24, level=0.2)
    both = with_face(alone, 100, 40, side=24, level=0.8)
    images = [alone if index < frames // 3 else both for index in range(frames)]
    path = make_film(folder / "room.mp4", times_s(frames), pictures=images)
    return Film(path, {"P01": "auto", "Q01": "auto"})


def test_every_face_of_a_picture_of_two_has_a_row_with_its_track_and_no_person(
    tmp_path: Path,
) -> None:
    rows = rows_of([room_of_two(tmp_path)])
    assert set(rows["person_id"]) == {""}
    assert rows.groupby("track").size().to_dict() == {0: 30, 1: 20}
    assert rows.groupby("track")["AU12"].mean().to_dict() == pytest.approx(
        {0: 0.2, 1: 0.8}, abs=0.03
    )
    assert rows["film"].eq(0).all()


def test_a_picture_of_two_without_anybody_has_one_row(tmp_path: Path) -> None:
    path = make_film(tmp_path / "empty.mp4", times_s(8), pictures=[room()] * 8)
    rows = rows_of([Film(path, {"P01": "auto", "Q01": "auto"})])
    assert rows[["track", "status"]].value_counts().to_dict() == {(-1, "no_face"): 8}


def test_films_with_and_without_tracks_share_a_table(tmp_path: Path) -> None:
    out = tmp_path / "frames.parquet"
    detector = SquareDetector()
    both = [solo(tmp_path, 10), Film(room_of_two(tmp_path).path, {"Q1": "auto", "Q2": "auto"})]
    write(extraction.extract(both, detector, SETTINGS), out, detector.about)
    rows = tables.read(out, Frames)
    assert rows.loc[rows["person_id"].eq(""), "film"].eq(1).all()
    assert rows.loc[rows["person_id"].eq("P01"), "film"].isna().all()
    assert rows.loc[rows["person_id"].eq("P01"), "track"].isna().all()


def test_points_are_kept_beside_the_frames_where_they_are_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "D01_S1.parquet"
    detector = SquareDetector()
    settings = SETTINGS.model_copy(update={"tiers": ("landmarks",)})
    halves = [split_screen(tmp_path, 12)]
    write(extraction.extract(halves, detector, settings), out, detector.about)
    points = tables.read(tmp_path / "D01_S1.tiers.parquet", FaceTiers)
    assert len(points) == len(tables.read(out, Frames)) == 24
    right = points[points["person_id"].eq("Q01")]
    # Corners of a face 30 wide at 90, 40 in the right half of the picture.
    corners = np.stack(right["landmarks_px"].to_list()).mean(axis=0)
    assert corners == pytest.approx([WIDTH + 90, 40, WIDTH + 120, 70], abs=1)


def test_without_tiers_there_is_no_further_file(tmp_path: Path) -> None:
    detector = SquareDetector()
    out = tmp_path / "out/D01_S1.parquet"
    write(extraction.extract([solo(tmp_path)], detector, SETTINGS), out, detector.about)
    assert [path.name for path in out.parent.iterdir()] == ["D01_S1.parquet"]


def test_points_that_the_detector_does_not_give_are_a_fault(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"tiers": ("mesh",)})
    with pytest.raises(StudyError, match=r"extraction\.tiers.* squares gives no mesh"):
        next(extraction.extract([solo(tmp_path)], SquareDetector(), settings))


def test_boxes_are_pixels_of_the_whole_picture(tmp_path: Path) -> None:
    rows = rows_of([split_screen(tmp_path)])
    right = rows[rows["person_id"] == "Q01"]
    # The face is 30 wide at 90 in the right half; the crop is 1.2 times as wide.
    assert right["box_left_px"].median() == pytest.approx(WIDTH + 90 - 3, abs=1.5)
    assert right["box_width_px"].median() == pytest.approx(36, abs=2)


def test_a_film_is_decoded_once_for_all_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    frames = media.frames

    def counted(*args: object, **kwargs: object) -> Iterator[media.Picture]:
        for picture in frames(*args, **kwargs):
            decoded.append(picture.index)
            yield picture

    monkeypatch.setattr(media, "frames", counted)
    rows_of([split_screen(tmp_path, 12)])
    assert decoded == list(range(12))


def test_sampling_leaves_the_indices_of_the_file(tmp_path: Path) -> None:
    rows = rows_of([solo(tmp_path)], SETTINGS.model_copy(update={"sample_rate_hz": 5.0}))
    assert rows["frame"].tolist() == list(range(0, 30, 2))


def test_batches_change_no_value(tmp_path: Path) -> None:
    film = solo(tmp_path)
    few = rows_of([film], SETTINGS.model_copy(update={"batch_frames": 3}))
    many = rows_of([film], SETTINGS.model_copy(update={"batch_frames": 100}))
    pd.testing.assert_frame_equal(few, many)


def test_rows_stream_to_a_table_that_keeps_its_contract_and_tells_of_itself(
    tmp_path: Path,
) -> None:
    detector = SquareDetector()
    out = tmp_path / "frames.parquet"
    chunks = extraction.extract([split_screen(tmp_path)], detector, SETTINGS)
    assert write(chunks, out, detector.about) == 60
    assert len(tables.read(out, Frames)) == 60
    assert tables.read_about(out) == detector.about


def test_columns_without_any_value_keep_their_type(tmp_path: Path) -> None:
    path = make_film(tmp_path / "empty.mp4", times_s(8), pictures=[room()] * 8)
    detector = SquareDetector()
    out = tmp_path / "frames.parquet"
    chunks = extraction.extract([Film(path, {"P01": "full"})], detector, SETTINGS)
    write(chunks, out, detector.about)
    rows = tables.read(out, Frames)
    assert rows["AU12"].isna().all()
    assert (rows["status"] == "no_face").all()


def test_nothing_is_left_when_a_film_breaks_off(tmp_path: Path) -> None:
    def broken() -> Iterator[pd.DataFrame]:
        yield rows_of([solo(tmp_path)])
        raise StudyError("the film breaks off")

    out = tmp_path / "out" / "frames.parquet"
    with pytest.raises(StudyError, match="breaks off"):
        write(broken(), out, SquareDetector().about)
    assert not [path for path in tmp_path.rglob("*") if path.suffix != ".mp4" and path.is_file()]


def test_stamped_weights_are_refused_for_a_film_that_is_no_rendering(tmp_path: Path) -> None:
    film = solo(tmp_path)
    with pytest.raises(StudyError, match=r"solo\.mp4: not a rendering .* refused for people"):
        next(extraction.extract([film], SquareDetector(stamp="demo weights"), SETTINGS))


def test_stamped_weights_read_a_rendering(tmp_path: Path) -> None:
    film = solo(tmp_path, comment=RENDERED_COMMENT)
    chunks = extraction.extract([film], SquareDetector(stamp="demo weights"), SETTINGS)
    assert len(pd.concat(chunks)) == 30


def test_progress_is_told_in_frames_and_seconds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="dyads.extraction.sessions"):
        rows_of([solo(tmp_path)])
    assert "solo.mp4: 30 of 30 frames, 2.9 of 3.0 s of film" in caplog.text


def table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person_id", "path", "view"])


def test_people_of_one_file_make_one_film(tmp_path: Path) -> None:
    gathered = films(
        table(("P01", "both.mp4", "left"), ("Q01", "both.mp4", "right"), ("R01", "r.mp4", "full")),
        tmp_path,
    )
    assert [(one.path.name, dict(one.views)) for one in gathered] == [
        ("both.mp4", {"P01": "left", "Q01": "right"}),
        ("r.mp4", {"R01": "full"}),
    ]


def test_two_people_in_one_view_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="P01 and Q01 have the same view"):
        films(table(("P01", "b.mp4", "full"), ("Q01", "b.mp4", "full")), tmp_path)


def test_two_people_in_one_picture_share_the_view_auto(tmp_path: Path) -> None:
    rows = table(("P01", "b.mp4", "auto"), ("Q01", "b.mp4", "auto"))
    (film,) = films(rows, tmp_path)
    assert film.is_auto


def test_a_view_beside_auto_is_refused(tmp_path: Path) -> None:
    rows = table(("P01", "b.mp4", "auto"), ("Q01", "b.mp4", "left"))
    with pytest.raises(StudyError, match=r"b\.mp4: some people have the view auto and others"):
        films(rows, tmp_path)


@pytest.mark.parametrize("path", ["../a.mp4", "/etc/a.mp4", "sub/../../a.mp4"])
def test_a_film_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(StudyError, match="outside the recordings folder"):
        films(table(("P01", path, "full")), tmp_path / "films")
