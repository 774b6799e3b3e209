from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trace_tables import Offsets, make_frames

from dyads.config import QualitySettings
from dyads.contracts import Quality
from dyads.errors import StudyError
from dyads.extraction.appearance import SIDE_PX, light_and_sharpness
from dyads.recordings.findings import Finding, RecordingNotice
from dyads.recordings.probing import (
    CheckedRecording,
    ProbedSession,
    RecordingProbe,
    frames_held,
    noticed,
)
from dyads.report.quality_page import quality_page
from dyads.study.tables import STUDY_TABLES
from dyads.tables import check
from dyads.traces.quality import UNITS, measure_quality
from dyads.wording import percent

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "workflow/report"
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


def test_what_of_a_segment_lies_outside_the_recording_is_counted_in_seconds() -> None:
    # ten seconds are filmed; the segments last from -1 to 3, from 8 to 12.5 and from 20 to 22 s
    segments = SEGMENTS.loc[[0, 1, 1]].assign(
        segment_id=["a", "b", "c"], onset_s=[-1.0, 8.0, 20.0], duration_s=[4.0, 4.5, 2.0]
    )
    quality = measure_quality(frames(), Offsets(), segments, QualitySettings(), "D01", "S1")
    value = quality.set_index(["segment_id", "measure"])["value"]
    assert [value[name, "outside_recording"] for name in "abc"] == pytest.approx([1.0, 2.5, 2.0])
    assert ("", "outside_recording") not in value.index
    assert measured()["b", "outside_recording"] == 0


def test_frames_that_carry_no_light_have_none() -> None:
    table = frames().assign(light=np.nan, sharpness=np.nan)
    quality = measure_quality(table, Offsets(), SEGMENTS, QualitySettings(), "D01", "S1")
    assert quality.loc[quality["measure"].isin(["light", "sharpness"]), "value"].isna().all()


def test_a_session_without_frames_has_no_rows() -> None:
    empty = frames().iloc[:0]
    assert measure_quality(empty, Offsets(), SEGMENTS, QualitySettings(), "D", "S").empty


def test_every_frame_of_the_film_is_read_lost_or_skipped() -> None:
    # 100 rows of a film of 400 frames: the other 300 were left out by sampling.
    quality = measure_quality(
        frames(), Offsets(), SEGMENTS, QualitySettings(), "D01", "S1", {"P01": 400}
    )
    value = quality.set_index(["segment_id", "measure"])["value"]
    assert value["", "frames_in_file"] == value["", "frames_skipped"] + value["", "frames"] == 400
    assert ("a", "frames_skipped") not in value.index


def test_a_film_that_was_exchanged_after_its_check_is_noticed() -> None:
    with pytest.raises(StudyError, match=r"P01: 100 frames were read, and the film held 99"):
        measure_quality(frames(), Offsets(), SEGMENTS, QualitySettings(), "D01", "S1", {"P01": 99})


def test_the_order_of_rows_people_and_films_changes_no_value() -> None:
    both = pd.concat([frames(), frames().assign(person_id="Q01", light=0.3)])
    arguments = (Offsets(), SEGMENTS, QualitySettings(light_min=0.1), "D01", "S1")
    shuffled = both.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        measure_quality(shuffled, *arguments), measure_quality(both, *arguments), check_exact=True
    )


def test_frames_that_share_a_time_do_not_make_the_rate_endless() -> None:
    table = frames().iloc[:10].assign(time_s=[0.0] * 6 + [0.1, 0.2, 0.3, 0.4])
    quality = measure_quality(table, Offsets(), SEGMENTS, QualitySettings(), "D01", "S1")
    value = quality.set_index(["segment_id", "measure"])["value"]
    assert value["", "rate"] == pytest.approx(10)


RECORDINGS = pd.DataFrame(
    {
        "dyad_id": ["D01", "D01"], "session_id": "S1", "person_id": ["P01", "Q01"],
        "path": ["ASD/control_a.mp4", "ASD/b.mp4"], "frames_path": "",
    }
)  # fmt: skip
LEFT_OUT = pd.DataFrame(
    [("D01", "S1", "Q01", "recording cannot be used", "ASD/b.mp4: the file is empty.")],
    columns=["dyad_id", "session_id", "person_id", "reason", "sentence"],
)
PROBE = RecordingProbe(
    container="mp4 or mov", codec="h264", width=10, height=10, rotation=90, announced_frames=1,
    frames=1, mean_rate_hz=10, duration_s=1, first_time_s=0, variable_rate=False,
    has_sound=False, sound_rate_hz=None, video_streams=1, comment="",
)  # fmt: skip
NOTICE = Finding(code=RecordingNotice.ROTATED, sentence="the file asks for a turn of 90°")
HELD = CheckedRecording(probe=PROBE, account={"kept": 90, "not_decoded": 10}, notices=(NOTICE,))


def page() -> str:
    probed = ProbedSession(
        dyad_id="D01", session_id="S1", recordings={"ASD/control_a.mp4": HELD}
    )  # fmt: skip
    quality = measure_quality(
        frames(), Offsets(), SEGMENTS, QualitySettings(light_min=0.1), "D01", "S1",
        frames_held(RECORDINGS, probed),
    )  # fmt: skip
    return quality_page(
        "A study", quality, LEFT_OUT, noticed([probed]), RECORDINGS,
        QualitySettings(light_min=0.1, face_width_min_px=20), TEMPLATES, "demo weights",
    )  # fmt: skip


def test_the_page_shows_recordings_losses_notices_and_limits() -> None:
    text = page()
    for part in ("quality.light_min = 0.1", percent(0.8), "dark", "a turn of 90°", "P01", "100"):
        assert part in text
    assert "demo weights" in text


def test_a_number_beyond_a_limit_is_marked_on_the_page() -> None:
    # Faces are 10 px wide, the limit is 20 px: the median and the narrowest are marked.
    assert page().count('<td class="beyond">10.0</td>') == 2


def test_the_page_names_recordings_by_their_people_and_not_by_their_files() -> None:
    text = page()
    assert "the recording of Q01: the file is empty." in text
    assert "mp4" not in text


def test_the_page_cannot_tell_groups() -> None:
    words = page().lower().replace("groups and diagnoses are not on this page", "")
    for word in ("group", "diagnos", "asd", "scz", "control"):
        assert word not in words


def test_what_writes_the_page_is_not_given_groups() -> None:
    # What a rule names as input and parameters is all that its recipe can know. Quality and
    # clocks are made of recordings and segments, whose tables have no column of groups.
    for rule in ("measure_quality", "write_quality_page", "figure_quality"):
        text = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
        body = re.split(r"\n *rule ", text.split(f"rule {rule}:")[1])[0]
        for word in ("participants", "GROUPS", "MEETINGS", "cohort", "SETTINGS.model_dump"):
            assert word not in body
    for table in ("recordings", "segments"):
        assert "group" not in STUDY_TABLES[table].to_schema().columns


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
