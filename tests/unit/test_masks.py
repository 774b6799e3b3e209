from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from trace_tables import Offsets, make_frames

from dyads.config import CleaningSettings, QualitySettings
from dyads.traces.cleaning import regular_trace
from dyads.traces.masks import mask_reasons, speed
from dyads.traces.smoothing import smoothed

CLEANING = CleaningSettings(rate_hz=10, fill_gap_s=0.25)


def frames_of(count: int = 20, status: str | list[str] = "face"):
    return make_frames(np.arange(count) / 10, {"AU12": np.linspace(0, 1, count)}, status)


@pytest.mark.parametrize(
    ("column", "value", "limit", "reason"),
    [
        ("box_width_px", 9.0, {"face_width_min_px": 9.5}, "small_face"),
        ("yaw_deg", -41.0, {"turn_max_deg": 40}, "turned_away"),
        ("pitch_deg", 41.0, {"turn_max_deg": 40}, "turned_away"),
        ("sharpness", 5.0, {"sharpness_min": 10}, "blurred"),
        ("light", 0.05, {"light_min": 0.1}, "dark"),
        ("light", 0.95, {"light_max": 0.9}, "bright"),
    ],
)
def test_a_face_beyond_a_limit_is_masked_with_its_reason(column, value, limit, reason) -> None:
    frames = frames_of()
    frames.loc[5:8, column] = value
    found = mask_reasons(frames, QualitySettings(**limit))
    assert found.tolist() == [""] * 5 + [reason] * 4 + [""] * 11


def test_a_face_that_leaps_is_too_fast() -> None:
    frames = frames_of()
    frames.loc[10:, "box_left_px"] += 5.0
    # Half a face width of 10 px within a tenth of a second: five widths a second.
    assert speed(frames)[10] == pytest.approx(5.0)
    found = mask_reasons(frames, QualitySettings(speed_max=4.9))
    assert found.tolist() == [""] * 10 + ["fast"] + [""] * 9


def test_what_was_not_measured_is_never_masked() -> None:
    frames = frames_of()
    frames[["light", "sharpness", "yaw_deg", "box_width_px"]] = np.nan
    limits = QualitySettings(light_min=0.5, sharpness_min=99, turn_max_deg=1, face_width_min_px=99)
    assert (mask_reasons(frames, limits) == "").all()


def test_without_limits_nothing_is_masked() -> None:
    assert (mask_reasons(frames_of(), QualitySettings()) == "").all()


def test_a_masked_stretch_is_missing_in_the_trace_with_its_reason() -> None:
    frames = frames_of()
    frames.loc[5:12, "sharpness"] = 1.0
    trace = regular_trace(frames, Offsets(), CLEANING, quality=QualitySettings(sharpness_min=2))
    assert trace.loc[5:12, "state"].eq("missing").all()
    assert trace.loc[5:12, "reason"].eq("blurred").all()
    assert trace.loc[13:, "AU12"].notna().all()


def test_a_masked_frame_between_seen_ones_is_filled_like_any_other_gap() -> None:
    frames = frames_of()
    frames.loc[6, "light"] = 0.99
    trace = regular_trace(frames, Offsets(), CLEANING, quality=QualitySettings(light_max=0.9))
    assert trace.loc[6, "state"] == "interpolated"
    # The line from frame 5 to frame 7 passes through the value that was masked.
    assert trace.loc[6, "AU12"] == pytest.approx(6 / 19)


@given(
    seen=st.lists(st.booleans(), min_size=12, max_size=60),
    cut=st.integers(1, 59),
    smooth_s=st.sampled_from([0.0, 0.1, 0.3]),
    seed=st.integers(0, 99),
)
def test_windows_put_together_are_the_whole_also_with_masks_and_smoothing(
    seen: list[bool], cut: int, smooth_s: float, seed: int
) -> None:
    count = len(seen)
    rng = np.random.default_rng(seed)
    frames = make_frames(
        np.arange(count) / 10, {"AU12": rng.uniform(0, 1, count)},
        ["face" if one else "no_face" for one in seen],
    )  # fmt: skip
    frames["light"] = rng.uniform(0, 1, count)
    settings = CLEANING.model_copy(update={"smooth_s": smooth_s})
    limits = QualitySettings(light_max=0.8)

    def cleaned(window: tuple[float, float] | None, film: pd.DataFrame = frames) -> pd.DataFrame:
        return regular_trace(film, Offsets(), settings, window, limits)

    whole = cleaned((0.0, count / 10))
    middle = min(cut, count - 1) / 10
    parts = [cleaned((0.0, middle)), cleaned((middle, count / 10))]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, check_exact=True)
    shuffled = frames.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(cleaned((0.0, count / 10), shuffled), whole, check_exact=True)


def test_smoothing_keeps_a_level_and_what_is_missing() -> None:
    readings = np.full((20, 2), 0.4)
    readings[7:10, 1] = np.nan
    result = smoothed(readings, 2.0)
    np.testing.assert_allclose(result, readings)


def test_smoothing_never_reaches_across_a_gap() -> None:
    readings = np.zeros((21, 1))
    readings[11:] = 1.0
    readings[10] = np.nan
    np.testing.assert_allclose(smoothed(readings, 3.0), readings)


def test_smoothing_an_unbroken_stretch_is_what_scipy_gives() -> None:
    values = np.random.default_rng(3).uniform(0, 1, 50)
    inside, there = (
        ndimage.gaussian_filter1d(one, 2.0, mode="constant", truncate=3.0)
        for one in (values, np.ones(50))
    )
    np.testing.assert_allclose(smoothed(values[:, None], 2.0)[:, 0], inside / there)


def test_smoothing_is_the_weighted_mean_of_the_neighbours() -> None:
    readings = np.zeros((9, 1))
    readings[4] = 1.0
    weight = np.exp(-0.5 * np.arange(-3, 4) ** 2)  # by hand, sd of one step, cut at three
    np.testing.assert_allclose(smoothed(readings, 1.0)[4, 0], weight[3] / weight.sum())
