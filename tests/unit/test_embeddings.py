"""Identity embeddings: py-feat's own numbers, of those alone who allowed it, and never shared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import studies
from face_models import as_hub_file, lock_what_is_there, put_in_cache
from film_making import make_film
from square_faces import LevelEmbedder, SquareDetector, room, with_face
from test_readiness import configuration

from dyads import contracts, tables
from dyads.commands.check import TEMPLATES
from dyads.config import ExtractionSettings
from dyads.contracts import Contract, FaceTiers
from dyads.errors import StudyError
from dyads.extraction import sessions as extraction
from dyads.extraction.films import Film
from dyads.extraction.published import IDENTITY, NEEDED, weights_wanted
from dyads.extraction.rows import write
from dyads.extraction.tiers import Embedded, embedded_in
from dyads.recordings.probing import ProbedSession
from dyads.report.study_page import study_page
from dyads.study.readiness import check_readiness
from dyads.study.study import summary
from dyads.study.withdrawal import embeddings_without_leave

ROOT = Path(__file__).parents[2]
SETTINGS = ExtractionSettings(batch_frames=4, tiers=("landmarks", "embeddings"))
FRAMES = 60
RECORDINGS = pd.DataFrame(
    {
        "dyad_id": "D01", "session_id": "S1", "person_id": ["P01", "Q01"], "path": "both.mp4",
        "view": ["left", "right"], "frames_path": "",
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """P01 shows 0.2 in the left half, Q01 shows 0.8 in the right half and is away for a while."""
    pictures = []
    for index in range(FRAMES):
        left = with_face(room(), 30 + index // 4, 40, level=0.2)
        right = room() if 20 <= index < 26 else with_face(room(), 90, 40, level=0.8)
        pictures.append(np.hstack([left, right]))
    path = tmp_path_factory.mktemp("film") / "both.mp4"
    make_film(path, [index / 10 for index in range(FRAMES)], pictures=pictures)
    return Film(path, {"P01": "left", "Q01": "right"})


def kept(
    film: Film,
    out: Path,
    leave: Sequence[str],
    settings: ExtractionSettings = SETTINGS,
    embedder: LevelEmbedder | None = None,
    unfinished: Path | None = None,
) -> pd.DataFrame:
    """Read the film, with leave of these people, and give the table of tiers."""
    detector = SquareDetector()
    embedders = dict.fromkeys(leave, embedder or LevelEmbedder())
    chunks = extraction.extract(
        [film], detector, settings, embedders=embedders, unfinished=unfinished
    )
    write(chunks, out, detector.about, Embedded(people=tuple(leave), network="levels"))
    return tables.read(out.with_suffix(".tiers.parquet"), FaceTiers)


def test_of_a_person_without_leave_nothing_is_kept_and_nothing_is_computed(
    film: Film, tmp_path: Path
) -> None:
    embedder = LevelEmbedder()
    rows = kept(film, tmp_path / "D01_S1.parquet", ["P01"], embedder=embedder)
    counts = rows.groupby("person_id")["embedding"].agg(["size", "count"])
    assert counts.loc["P01"].tolist() == [FRAMES, FRAMES]
    assert counts.loc["Q01"].tolist() == [FRAMES - 6, 0]
    # what the network was shown: P01's level and never Q01's
    assert len(embedder.levels) == FRAMES
    assert embedder.levels == pytest.approx([0.2] * FRAMES, abs=0.05)
    assert rows["landmarks_px"].notna().all()


def test_an_embedding_is_made_once_where_its_face_was_read(film: Film, tmp_path: Path) -> None:
    rows = kept(film, tmp_path / "D01_S1.parquet", ["P01"])
    own = rows[rows["person_id"].eq("P01")]
    boxes = np.stack(own["embedding"].to_list())[:, 1:]
    # the square moves by a pixel every four frames; boxes and landmarks are in the same half
    assert boxes[:, 0] == pytest.approx(30 + np.arange(FRAMES) // 4, abs=1)
    corners = np.stack(own["landmarks_px"].to_list())
    assert np.abs(boxes - corners).max() <= 1


def test_the_file_is_its_owners_holds_single_floats_and_says_whose_they_are(
    film: Film, tmp_path: Path
) -> None:
    out = tmp_path / "private/frames/D01_S1.parquet"
    kept(film, out, ["Q01"])
    file = out.with_suffix(".tiers.parquet")
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(pq.read_schema(file).field("embedding").type) == "list<element: float>"
    assert embedded_in(file) == Embedded(people=("Q01",), network="levels")
    assert "embedding" not in pq.read_schema(out).names


def test_without_anybodys_leave_faces_have_rows_and_no_embedding(
    film: Film, tmp_path: Path
) -> None:
    alone = SETTINGS.model_copy(update={"tiers": ("embeddings",)})
    rows = kept(film, tmp_path / "D01_S1.parquet", [], alone)
    assert len(rows) == 2 * FRAMES - 6
    assert rows["embedding"].isna().all()


def test_leave_alone_keeps_nothing_where_the_settings_do_not_ask(
    film: Film, tmp_path: Path
) -> None:
    embedder = LevelEmbedder()
    asked = SETTINGS.model_copy(update={"tiers": ("landmarks",)})
    rows = kept(film, tmp_path / "D01_S1.parquet", ["P01"], asked, embedder)
    assert "embedding" not in rows
    assert embedder.levels == []


def test_a_film_of_nameless_faces_is_refused(film: Film) -> None:
    auto = Film(film.path, dict.fromkeys(film.views, "auto"))
    with pytest.raises(StudyError, match=r"both\.mp4: shows faces that nobody has named yet"):
        next(extraction.extract([auto], SquareDetector(), SETTINGS))


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_ROWS_PER_PART", 30)
    monkeypatch.setattr(extraction, "_CHUNK_FRAMES", 16)


def stopped(film: Film, unfinished: Path, leave: Sequence[str]) -> int:
    """Read the film's first part, and say how many embeddings were made."""
    embedder = LevelEmbedder()
    chunks = extraction.extract(
        [film], SquareDetector(), SETTINGS, embedders=dict.fromkeys(leave, embedder),
        unfinished=unfinished,
    )  # fmt: skip
    next(chunks)
    chunks.close()
    return len(embedder.levels)


@pytest.mark.usefixtures("short_parts")
def test_a_job_that_was_killed_goes_on_and_makes_no_embedding_twice(
    film: Film, tmp_path: Path
) -> None:
    whole = kept(film, tmp_path / "whole/D01_S1.parquet", ["P01"])
    before = stopped(film, tmp_path / "unfinished", ["P01"])
    embedder = LevelEmbedder()
    rest = kept(
        film, tmp_path / "D01_S1.parquet", ["P01"],
        embedder=embedder, unfinished=tmp_path / "unfinished",
    )  # fmt: skip
    assert 0 < before < FRAMES
    assert before + len(embedder.levels) == FRAMES
    for name in ("person_id", "frame"):
        assert rest[name].tolist() == whole[name].tolist()
    for name in ("landmarks_px", "embedding"):
        assert rest[name].map(np.shape).tolist() == whole[name].map(np.shape).tolist()
        np.testing.assert_array_equal(
            np.concatenate(rest[name].dropna().to_list()),
            np.concatenate(whole[name].dropna().to_list()),
        )


@pytest.mark.usefixtures("short_parts")
def test_what_a_killed_job_kept_is_thrown_away_when_leave_has_changed(
    film: Film, tmp_path: Path
) -> None:
    stopped(film, tmp_path / "unfinished", ["P01"])
    embedder = LevelEmbedder()
    out = tmp_path / "D01_S1.parquet"
    rows = kept(film, out, ["Q01"], embedder=embedder, unfinished=tmp_path / "unfinished")
    assert set(rows.loc[rows["embedding"].notna(), "person_id"]) == {"Q01"}
    assert len(embedder.levels) == FRAMES - 6


def extracted(
    film: Film, destination: Path, monkeypatch: pytest.MonkeyPatch, leave: list[list[str]]
) -> int:
    """Run a session as the workflow does, and say how often the network was loaded."""
    loaded: list[object] = []
    monkeypatch.setattr(extraction, "load_detector", lambda *_, **__: SquareDetector())
    monkeypatch.setattr(
        extraction, "load_embedder", lambda *given: loaded.append(given) or LevelEmbedder()
    )
    extraction.extract_sessions(
        [(RECORDINGS, ProbedSession())], film.path.parent, destination, SETTINGS,
        checkpoint=None, identified=leave,
    )  # fmt: skip
    return len(loaded)


def test_a_session_keeps_embeddings_of_its_people_with_leave_and_its_log_names_the_others(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="dyads.extraction.sessions"):
        # Q01 gave leave for another session alone
        extracted(film, tmp_path, monkeypatch, [["D01", "S1", "P01"], ["D01", "S2", "Q01"]])
    assert embedded_in(tmp_path / "D01_S1.tiers.parquet").people == ("P01",)
    said = "dyad D01, session S1: no embeddings are kept of Q01, since not everybody in their film"
    assert said in caplog.text


def test_the_network_is_not_loaded_where_nobody_gave_leave(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert extracted(film, tmp_path, monkeypatch, []) == 0
    assert embedded_in(tmp_path / "D01_S1.tiers.parquet") == Embedded()


def leave_of(*people: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"dyad_id": "D01", "session_id": "S1", "person_id": list(people)}, dtype=str
    )


@pytest.mark.usefixtures("short_parts")
def test_embeddings_are_deleted_once_their_people_do_not_allow_them_any_more(
    film: Film, tmp_path: Path
) -> None:
    old, now = (tmp_path / f"private/frames/{name}/D01_S1.parquet" for name in ("OLD", "D01_S1"))
    kept(film, old, ["P01", "Q01"])
    kept(film, now, ["P01"])
    parts = tmp_path / "private/unfinished/D01_S1/D01_S1"
    stopped(film, parts, ["P01"])
    of_old, of_now = (path.with_suffix(".tiers.parquet") for path in (old, now))
    for leave, gone in (
        (["P01", "Q01"], []),
        (["P01"], [of_old]),
        (["Q01"], [of_now, of_old, parts]),
        ([], [of_now, of_old, parts]),
    ):
        found = embeddings_without_leave(tmp_path, RECORDINGS, leave_of(*leave))
        assert found == sorted(gone)
    # frames that hold no embedding are never among them, nor sessions of no table of the study
    elsewhere = RECORDINGS.assign(dyad_id="D09")
    assert embeddings_without_leave(tmp_path, elsewhere, leave_of()) == []


def test_nameless_films_are_a_fault_of_the_study_where_embeddings_are_asked_for(
    tmp_path: Path,
) -> None:
    shared = studies.RECORDINGS.replace("\tleft\t", "\tauto\t").replace("\tright\t", "\tauto\t")
    studies.write_study(tmp_path, recordings=shared)
    asked = configuration(tmp_path, extraction={"tiers": ["embeddings"]})
    with pytest.raises(StudyError, match=r"embeddings are not made .*\(D02/S1\.mp4\)"):
        check_readiness(asked)
    check_readiness(configuration(tmp_path, extraction={"tiers": ["mesh"]}))


def test_the_check_says_of_whom_no_embeddings_are_kept_and_why(tmp_path: Path) -> None:
    granting = studies.CONSENT + "P01\tidentify\tyes\t\t2\nP02\tidentify\tyes\t\t2\n"
    studies.write_study(tmp_path, consent=granting)
    asked = configuration(tmp_path, extraction={"tiers": ["embeddings"]})
    ready = check_readiness(asked)
    # D01 has a film of each person; P02 and Q02 share one, and Q02 granted nothing
    assert ready.remarks == [
        "No embeddings are kept of Q01, Q02: not granted `identify` in consent.tsv.",
        "No embeddings are kept of P02 where a film shows somebody else who did not grant "
        "`identify` in consent.tsv.",
    ]
    page = study_page("A study", summary(ready.study), TEMPLATES, remarks=ready.remarks)
    assert "No embeddings are kept of Q01, Q02" in page
    assert weights_wanted(ready.settings) == ("Detectorv2", IDENTITY)
    assert any("arcface_r50.safetensors" in licence for licence in ready.licences)
    unasked = check_readiness(configuration(tmp_path))
    assert unasked.remarks == []
    assert weights_wanted(unasked.settings) == ("Detectorv2",)


def test_no_other_table_has_a_column_for_embeddings() -> None:
    holding = {
        name
        for name, contract in vars(contracts).items()
        if isinstance(contract, type)
        and issubclass(contract, Contract)
        and any("embedding" in column for column in contract.to_schema().columns)
    }
    assert holding == {"FaceTiers"}


def test_only_what_writes_and_what_deletes_tiers_knows_their_file() -> None:
    """So nothing that is shared can be made of them; no figure, page or table reads the file."""
    source = ROOT / "src/dyads"
    files = [*source.rglob("*.py"), *(ROOT / "rules").glob("*.smk"),
             *(ROOT / "workflow/scripts").glob("*.py")]  # fmt: skip
    knowing = {
        path.name
        for path in files
        if re.search(r"TIERS_SUFFIX|FaceTiers|tiers\.parquet", path.read_text(encoding="utf-8"))
    }
    # contracts/recordings.py says what the table holds, contracts/__init__.py hands it on
    assert knowing == {"__init__.py", "recordings.py", "schemas.py", "tiers.py", "rows.py",
                       "sessions.py", "withdrawal.py"}  # fmt: skip


def test_the_network_is_loaded_from_the_bytes_of_the_lock_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dyads.extraction import embedding

    (published,) = NEEDED[IDENTITY]
    cache, lock = tmp_path / "cache", tmp_path / "models.lock.yaml"
    put_in_cache(cache, published, b"weights")
    lock_what_is_there(cache, lock, detector=IDENTITY)
    loaded: list[bytes] = []
    monkeypatch.setattr(embedding, "load_arcface", lambda path, _: loaded.append(path.read_bytes()))
    made = embedding.load_embedder(SETTINGS, SquareDetector(), lock, cache)
    assert loaded == [b"weights"]
    assert "arcface_r50.safetensors (SHA-256 " in made.name
    as_hub_file(cache, published).write_bytes(b"weighty")
    with pytest.raises(StudyError, match=r"arcface_r50\.safetensors: SHA-256 is"):
        embedding.load_embedder(SETTINGS, SquareDetector(), lock, cache)
    assert loaded == [b"weights"]
    with pytest.raises(StudyError, match="dyads weights fetch"):
        embedding.load_embedder(SETTINGS, SquareDetector(), None, cache)


@pytest.mark.detector
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_embeddings_are_the_identity_columns_of_py_feats_own_detect(
    arcface: Path, precision: str
) -> None:
    from detector_cases import embeddings_of, painted, said_by, said_embeddings, with_arcface

    from dyads.extraction.detectors import load_detector

    images = painted(4)
    checkpoint = ROOT / "demo/face_model/demo_face.safetensors"
    settings = ExtractionSettings(weights="demo", precision=precision)  # type: ignore[arg-type]  # one of the two
    detector = load_detector(settings, checkpoint=checkpoint)
    ours = embeddings_of(detector, arcface, images)
    assert (ours.shape, ours.dtype) == ((4, 512), np.float32)
    theirs = said_embeddings(said_by(with_arcface(detector.feat, arcface), images))  # type: ignore[attr-defined]  # py-feat's object
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    # Equal numbers say something only where numbers differ from picture to picture.
    assert np.ptp(ours, axis=0).max() > 0.01
