"""What is doubtful is shown to somebody, and only what they looked at counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from film_making import make_film
from PIL import Image
from square_faces import SquareDetector, room, with_face

from dyads import tables
from dyads.config import ExtractionSettings, PeopleSettings
from dyads.contracts import Frames, People
from dyads.errors import StudyError
from dyads.extraction.films import films
from dyads.extraction.sessions import extract
from dyads.people.naming import named
from dyads.people.session import AssignedSession, assign_session, shared_films, write_review
from dyads.steps import digest_file
from dyads.study.optional_tables import Faces
from dyads.study.reading import read_table

RATE_HZ = 10
PATH = "D01/S1.mp4"


def recordings(place: tuple[str, str] = ("", ""), reference: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dyad_id": "D01",
            "session_id": "S1",
            "person_id": ["P01", "Q01"],
            "path": PATH,
            "view": "auto",
            "frames_path": "",
            "place": place,
            "reference": reference,
        }
    )


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A film of two faces that sit still, one bright and one dark, and what was read of it."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "D01").mkdir()
    picture = with_face(with_face(room(320, 120), 40, 40, level=0.1), 220, 40, level=0.9)
    make_film(folder / PATH, np.arange(60) / RATE_HZ, pictures=[picture] * 60)
    settings = ExtractionSettings(search_interval_s=0.5)
    chunks = list(extract(films(recordings(), folder), SquareDetector(), settings))
    return folder, tables.check(pd.concat(chunks, ignore_index=True), Frames, "frames")


def assigned(session, faces: pd.DataFrame | None = None, **changes) -> AssignedSession:
    folder, frames = session
    rows = changes.pop("recordings", recordings())
    none = pd.DataFrame(columns=list(Faces.to_schema().columns))
    return assign_session(
        changes.pop("frames", frames), shared_films(rows), none if faces is None else faces,
        folder, PeopleSettings(), ("D01", "S1"), changes.pop("digest", digest_file), **changes,
    )  # fmt: skip


def answered(session, *names: str) -> pd.DataFrame:
    """The review as somebody hands it back who sees who is the bright one."""
    listed = assigned(session).review.sort_values("track", ignore_index=True)
    return listed.iloc[: len(names)].assign(face_of=list(names))


def test_without_knowledge_both_faces_are_put_down_for_review(session) -> None:
    found = assigned(session)
    tables.check(found.people, People, "people")
    assert found.people["person_id"].eq("").all()
    assert found.review["track"].tolist() == [0, 1]
    assert found.review["why"].eq("too little is known").all()
    # six seconds were filmed, at ten pictures a second
    assert found.review["last_time_s"].tolist() == pytest.approx([5.9, 5.9])


def test_place_names_the_faces_of_a_film_from_its_pixels_on(session) -> None:
    _, frames = session
    rows = recordings(place=("left", "right"))
    found = assigned(session, recordings=rows)
    assert found.review.empty
    own = named(frames, found.people, {0: ["P01", "Q01"]})
    shown = own[own["status"].eq("face")].groupby("person_id")["AU12"].mean()
    # the left face shows a level of 0.1 and the right one of 0.9; coding a film blurs them a little
    assert shown["P01"] == pytest.approx(0.1, abs=0.05)
    assert shown["Q01"] == pytest.approx(0.9, abs=0.05)
    assert own["status"].eq("face").all()


def test_an_answer_is_replayed_and_names_the_other_face_too(session) -> None:
    found = assigned(session, answered(session, "Q01"))
    by_track = found.people.set_index("track")
    assert by_track["person_id"].to_dict() == {0: "Q01", 1: "P01"}
    assert by_track["decided_by"].eq("review").all()
    assert found.review.empty


def test_a_face_can_be_said_to_be_nobody(session) -> None:
    found = assigned(session, answered(session, "nobody"))
    assert found.people.set_index("track").loc[0, "person_id"] == "nobody"


def test_rows_survive_being_written_copied_and_read_as_a_study_table(session, tmp_path) -> None:
    write_review(answered(session, "Q01", "P01"), tmp_path / "faces.tsv")
    table, faults = read_table(tmp_path / "faces.tsv", Faces)
    assert faults == []
    assert table is not None
    found = assigned(session, table.typed)
    assert found.people.set_index("track")["person_id"].to_dict() == {0: "Q01", 1: "P01"}


def test_a_row_without_an_answer_is_a_fault_of_the_table(session, tmp_path) -> None:
    write_review(assigned(session).review, tmp_path / "faces.tsv")
    _, faults = read_table(tmp_path / "faces.tsv", Faces)
    assert {(fault.column, fault.row) for fault in faults} == {("face_of", 2), ("face_of", 3)}


@pytest.mark.parametrize(
    ("column", "content", "words"),
    [
        ("shown", "0" * 64, "what was looked at is no longer there"),
        ("track", 1, "`shown` belongs to"),
        ("first_time_s", 2.0, "`shown` belongs to"),
        ("face_of", "X01", "X01 is not in this film, which shows P01, Q01, nobody"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_row(session, column, content, words) -> None:
    faces = answered(session, "Q01").assign(**{column: content})
    with pytest.raises(StudyError, match=rf"faces\.tsv: D01 S1, {PATH}, track .*{words}"):
        assigned(session, faces)


def test_an_answer_about_another_film_is_refused(session) -> None:
    faces = answered(session, "Q01")
    with pytest.raises(StudyError, match="what was looked at is no longer there"):
        assigned(session, faces, digest=lambda _: "other bytes")


def test_an_answer_about_other_boxes_is_refused(session) -> None:
    _, frames = session
    moved = frames.assign(box_left_px=frames["box_left_px"] + 3)
    with pytest.raises(StudyError, match="what was looked at is no longer there"):
        assigned(session, answered(session, "Q01"), frames=moved)


def test_one_person_cannot_have_two_faces_at_once(session) -> None:
    with pytest.raises(StudyError, match="P01 has another face at the same time"):
        assigned(session, answered(session, "P01", "P01"))


def test_a_sheet_shows_the_face_in_a_box_only_where_a_folder_is_given(session, tmp_path) -> None:
    found = assigned(session, sheets=tmp_path)
    names = found.review["picture"].tolist()
    assert names == ["sheet001.png", "sheet002.png"]
    sheet = np.asarray(Image.open(tmp_path / names[0]).convert("RGB"), dtype=int)
    # six pictures in two rows of three, each 400 px wide and as high as 120 of 320 px are then
    assert sheet.shape == (2 * 150, 3 * 400, 3)
    is_line = (np.abs(sheet - [255, 200, 0]).sum(axis=2) < 30).sum()
    assert is_line > 6 * 100
    assert assigned(session).review["picture"].eq("").all()


class Inner:
    """A finder that finds one face a little within each picture."""

    def find(self, image_rgb):
        height, width = image_rgb.shape[:2]
        return np.array([[5, 5, width - 5, height - 5, 1.0]])


class Brightness:
    """An embedder that tells a bright face from a dark one."""

    def embed(self, faces):
        level = np.array([face.mean() / 255 for face in faces])
        return np.column_stack([np.cos(np.pi * level), np.sin(np.pi * level)])


def test_likeness_names_faces_without_place_and_leaves_nothing_but_similarities(
    session, monkeypatch
) -> None:
    folder, _ = session
    level = {"P01": 0.9, "Q01": 0.1}
    for person, value in level.items():
        face = np.full((60, 60, 3), round(100 + 150 * value), dtype=np.uint8)
        Image.fromarray(face).save(folder / f"{person}.png")
    rows = recordings().assign(reference=["P01.png", "Q01.png"])
    monkeypatch.setattr(
        "dyads.people.identity.CascadeFinder",
        Inner,
    )
    found = assigned(session, recordings=rows, embedder=Brightness())
    assert found.people.set_index("track")["person_id"].to_dict() == {0: "Q01", 1: "P01"}
    assert found.people["decided_by"].eq("identity").all()
    assert set(found.people.columns) == set(People.to_schema().columns)
