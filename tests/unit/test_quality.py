from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trace_tables import Offsets, make_frames

from dyads.config import QualitySettings
from dyads.contracts import Quality
from dyads.extraction.appearance import SIDE_PX, light_and_sharpness
from dyads.recordings.clock import left_out_people
from dyads.recordings.findings import Finding, RecordingNotice
from dyads.recordings.probing import CheckedRecording, ProbedSession, RecordingProbe, noticed
from dyads.report.quality_page import quality_page
from dyads.tables import check
from dyads.traces.quality import UNITS, measure_quality
from dyads.wording import percent

TEMPLATES = Path(__file__).parents[2] / "workflow/report"
SEGMENTS = pd.DataFrame(
    {
        "dyad_id": "D01", "session_id": "S1", "segment_id": ["a", "b"], "label": ["x", "y"],
        "onset_s": [0.0, 5.0], "duration_s": [5.0, 5.0],
    }
)  # fmt: skip


def frames() -> pd.DataFrame:
    """Ten seconds at ten frames a second; the face is away from 3 to 4 s and dark at the end."""
    status = np.where((np.arange(100) >= 30) & (np.arange(100) < 40), "no_face", "face")
    table = make_frames(np.arange(100) / 10, {"AU12": np.zeros(100)}, list(status))
    table.loc[90:, "light"] = 0.02
    return table


def measured(**limits: float) -> pd.Series:
    quality = measure_quality(frames(), Offsets(), SEGMENTS, QualitySettings(**limits), "D01", "S1")
    check(quality, Quality, "quality")
    return quality.set_index(["segment_id", "measure"])["value"]


def test_shares_gaps_and_medians_are_those_counted_by_hand() -> None:
    value = measured()
    assert value["", "frames"] == 100
    assert value["", "rate"] == pytest.approx(10)
    assert value["", "face_share"] == pytest.approx(0.9)
    assert value["", "no_face_share"] == pytest.approx(0.1)
    # The last face before is at 2.9 s, the next at 4.0 s.
    assert value["", "longest_gap"] == pytest.approx(1.1)
    assert value["", "face_width"] == 10
    assert value["a", "face_share"] == pytest.approx(0.8)
    assert value["b", "face_share"] == 1.0


def test_a_limit_takes_faces_away_and_says_why() -> None:
    value = measured(light_min=0.1)
    assert value["", "face_share"] == pytest.approx(0.8)
    assert value["", "dark_share"] == pytest.approx(0.1)
    assert value["b", "longest_gap"] == pytest.approx(1.1)


def test_shares_of_all_reasons_and_of_the_face_add_up_to_one() -> None:
    value = measured(light_min=0.1)
    shares = [name for name in UNITS if name.endswith("_share")]
    for segment in ("", "a", "b"):
        assert sum(value[segment, name] for name in shares) == pytest.approx(1)


def test_frames_that_carry_no_light_have_none() -> None:
    table = frames().assign(light=np.nan, sharpness=np.nan)
    quality = measure_quality(table, Offsets(), SEGMENTS, QualitySettings(), "D01", "S1")
    assert quality.loc[quality["measure"].isin(["light", "sharpness"]), "value"].isna().all()


def test_a_session_without_frames_has_no_rows() -> None:
    empty = frames().iloc[:0]
    assert measure_quality(empty, Offsets(), SEGMENTS, QualitySettings(), "D", "S").empty


def page() -> str:
    quality = measure_quality(
        frames(), Offsets(), SEGMENTS, QualitySettings(light_min=0.1), "D01", "S1"
    )
    probe = RecordingProbe(
        container="mp4 or mov", codec="h264", width=10, height=10, rotation=90,
        announced_frames=1, frames=1, mean_rate_hz=10, duration_s=1, first_time_s=0,
        variable_rate=False, has_sound=False, sound_rate_hz=None, video_streams=1, comment="",
    )  # fmt: skip
    notice = Finding(code=RecordingNotice.ROTATED, sentence="the file asks for a turn of 90°")
    held = CheckedRecording(probe=probe, account={"kept": 1}, notices=(notice,))
    notices = noticed([ProbedSession(dyad_id="D01", session_id="S1", recordings={"a.mp4": held})])
    return quality_page(
        "A study", quality, left_out_people([]), notices, QualitySettings(light_min=0.1), TEMPLATES
    )


def test_the_page_shows_recordings_losses_notices_and_limits() -> None:
    text = page()
    for part in ("quality.light_min = 0.1", percent(0.8), "dark", "a turn of 90°", "P01"):
        assert part in text


def test_the_page_cannot_tell_groups() -> None:
    # Neither the function nor what it is given knows of groups: renaming them changes no byte.
    words = page().lower().replace("groups and diagnoses are not on this page", "")
    for word in ("group", "diagnos", "asd", "scz", "control"):
        assert word not in words


def test_light_is_the_mean_brightness_of_the_crop() -> None:
    image = np.zeros((100, 100, 3), dtype=np.uint8)
    image[:, 50:] = 255
    light, _ = light_and_sharpness(image, np.array([50.0, 0.0, 100.0, 50.0]))
    assert light == pytest.approx(1.0)
    half, _ = light_and_sharpness(image, np.array([25.0, 0.0, 75.0, 50.0]))
    assert half == pytest.approx(0.5, abs=0.01)


def test_a_blurred_face_is_less_sharp_at_any_size() -> None:
    from PIL import Image, ImageFilter

    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8))
    for side in (SIDE_PX, 3 * SIDE_PX):
        sharp = small.resize((side, side), Image.Resampling.NEAREST)
        blurred = sharp.filter(ImageFilter.GaussianBlur(side / 20))
        crop = np.array([0.0, 0.0, side, side])
        values = [light_and_sharpness(np.asarray(one), crop)[1] for one in (sharp, blurred)]
        assert values[1] < values[0] / 10


def test_a_crop_outside_the_picture_has_neither() -> None:
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    assert np.isnan(light_and_sharpness(image, np.array([20.0, 20.0, 30.0, 30.0]))).all()
