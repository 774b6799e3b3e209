"""Faces are compared with people, and only similarities are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from composed_tracks import film
from composed_worlds import both_sit, make_room
from PIL import Image

from dyads.errors import StudyError
from dyads.people import identity
from dyads.people.stretches import cut, sights


class Colours:
    """An embedder to which a face is its mean colour."""

    def embed(self, faces):
        return np.array([face.reshape(-1, 3).mean(axis=0) for face in faces], dtype=float)


class Bright:
    """A finder that finds so many faces, each the whole picture."""

    def __init__(self, faces: int = 1) -> None:
        self.faces = faces

    def find(self, image_rgb):
        height, width = image_rgb.shape[:2]
        return np.array([[0, 0, width, height, 1.0]] * self.faces).reshape(-1, 5)


def picture(path: Path, colour: tuple[int, int, int]) -> Path:
    Image.new("RGB", (40, 40), colour).save(path)
    return path


def test_a_face_is_most_alike_to_the_person_of_its_colour(tmp_path: Path) -> None:
    references = identity.reference_vectors(
        {"P01": picture(tmp_path / "p.png", (250, 10, 10)),
         "Q01": picture(tmp_path / "q.png", (10, 10, 250))},
        Colours(), Bright(),
    )  # fmt: skip
    face = np.full((12, 12, 3), (200, 20, 20), dtype=np.uint8)
    alike = identity.similarities([face], Colours(), references)
    # cosines of (200, 20, 20) with (250, 10, 10) and (10, 10, 250), by hand
    length = np.hypot(200, np.hypot(20, 20)) * np.hypot(250, np.hypot(10, 10))
    assert alike[0] == pytest.approx(
        [(200 * 250 + 400) / length, (2000 + 200 + 5000) / length], rel=1e-6
    )


@pytest.mark.parametrize("faces", [0, 2])
def test_a_reference_that_does_not_show_one_face_is_refused_by_name(
    tmp_path: Path, faces: int
) -> None:
    path = picture(tmp_path / "p.png", (1, 1, 1))
    with pytest.raises(StudyError, match=rf"p\.png: .*P01 shows {faces} faces"):
        identity.reference_vectors({"P01": path}, Colours(), Bright(faces))


def test_a_reference_that_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"no picture")
    with pytest.raises(StudyError, match=r"p\.png: .*cannot be read"):
        identity.reference_vectors({"P01": tmp_path / "p.png"}, Colours(), Bright())


def test_a_square_beyond_the_edge_goes_on_with_the_last_pixels() -> None:
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    image[:, 0] = 200
    face = identity.face_square(image, -3, 2, 4)
    assert face.shape == (4, 4, 3)
    assert (face == 200).all()


def test_each_stretch_is_looked_at_every_few_seconds_and_at_least_once() -> None:
    rng = np.random.default_rng(1)
    frames, _ = film(both_sit(make_room(rng)), rng)
    looks = identity.faces_to_compare(frames)
    seen, _ = cut(sights(frames))
    rows = seen.merge(looks[["track", "frame"]], on=["track", "frame"])
    assert set(rows["stretch"]) == set(seen.loc[~seen["is_close"], "stretch"])
    apart = rows.groupby("stretch")["time_s"].diff().dropna()
    assert apart.max() <= 2 * identity.LOOK_EVERY_S


@pytest.mark.parametrize(
    ("similarity", "low", "high"), [(0.6, 6, 8), (0.3, -2, 2), (0.05, -8, -2), (-0.9, -8, -8)]
)
def test_evidence_grows_with_similarity_and_stays_within_its_bounds(similarity, low, high) -> None:
    seen = pd.DataFrame({"track": [0], "frame": [5]})
    alike = seen.assign(person_id="P01", similarity=similarity)
    found = identity.evidence_of_likeness(np.array([0]), seen, alike, ["P01", "Q01"], 1)
    assert low <= found[0, 0] <= high
    # nothing was said of the second person, and nobody is what others are compared with
    assert found[0, 1:].tolist() == [0, 0]


@pytest.mark.detector
def test_arcface_gives_what_py_feat_gives_for_the_same_weights(
    arcface: Path, tmp_path: Path
) -> None:
    # the published weights are not at hand: random ones of the same layout
    import torch
    from feat.identity_detectors.arcface.arcface_model import ArcFace
    from safetensors.torch import load_file, save_file

    from dyads.people.arcface import ArcFaceEmbedder

    theirs = ArcFace().eval()
    theirs.net.load_state_dict(load_file(arcface))
    face = np.random.default_rng(0).integers(0, 255, (112, 112, 3)).astype(np.uint8)
    ours = ArcFaceEmbedder(arcface).embed([face, face[::-1]])
    pixels = torch.from_numpy(face).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        expected = theirs(pixels).numpy()
    assert ours.shape == (2, 512)
    np.testing.assert_allclose(ours[0], expected[0], rtol=1e-4, atol=1e-5)
    save_file({"other": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(StudyError, match="not the weights of py-feat's ArcFace"):
        ArcFaceEmbedder(tmp_path / "other.safetensors")
