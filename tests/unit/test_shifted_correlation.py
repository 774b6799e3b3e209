"""Correlation at lags against circular shifts."""

from __future__ import annotations

import numpy as np
import pytest

from dyads.measures.shifted_correlation import shifted_correlation
from dyads.traces.arrays import FloatArray

LAG, SHIFT_MIN = 50, 200


def wandering(generator: np.random.Generator, steps: int, smooth: int = 20) -> FloatArray:
    """Noise averaged over some steps: a series that keeps its value for a while."""
    noise = generator.normal(size=steps + smooth - 1)
    return np.asarray(np.convolve(noise, np.ones(smooth) / smooth, mode="valid"), dtype=float)


def with_gaps(series: FloatArray, generator: np.random.Generator) -> FloatArray:
    gapped = series.copy()
    for start in generator.integers(len(series), size=6):
        gapped[start : start + 25] = np.nan
    return gapped


def without_line(series: FloatArray) -> FloatArray:
    """numpy's straight line through what is known, taken off."""
    step, known = np.arange(len(series)), np.isfinite(series)
    return np.asarray(series - np.polyval(np.polyfit(step[known], series[known], 1), step))


def by_hand(first: FloatArray, second: FloatArray, lag: int) -> float:
    """Fisher z of numpy's correlation of first at t and second at t + lag, where both are known."""
    x = first[max(-lag, 0) : len(first) - max(lag, 0)]
    y = second[max(lag, 0) : len(second) - max(-lag, 0)]
    known = np.isfinite(x) & np.isfinite(y)
    return float(np.arctanh(np.corrcoef(x[known], y[known])[0, 1]))


def test_the_peak_is_the_largest_of_numpys_correlations_over_the_lags() -> None:
    generator = np.random.default_rng(2)
    first, second = (with_gaps(wandering(generator, 900), generator) for _ in range(2))
    found = shifted_correlation(first, second, LAG, SHIFT_MIN, 3)
    z = {
        lag: by_hand(without_line(first), without_line(second), lag) for lag in range(-LAG, LAG + 1)
    }
    assert found.z == pytest.approx(z[0])
    assert found.peak_z == pytest.approx(max(z.values()))
    assert found.lag == max(z, key=lambda lag: z[lag])


def test_the_null_is_that_of_series_turned_in_a_circle() -> None:
    generator = np.random.default_rng(3)
    first, second = wandering(generator, 500), wandering(generator, 500)
    found = shifted_correlation(first, second, 5, 100, 3)
    # five steps of nothing behind each series; shifts of 100 to 505 - 100 steps
    ends = [np.append(without_line(series), np.full(5, np.nan)) for series in (first, second)]
    turned = [
        max(
            np.arctanh(np.corrcoef(*joined[:, np.isfinite(joined).all(axis=0)])[0, 1])
            for lag in range(-5, 6)
            if (joined := np.stack([ends[0], np.roll(ends[1], -(shift + lag))])).size
        )
        for shift in range(100, 406)
    ]
    assert found.null_z == pytest.approx(np.mean(turned))
    # lags of 5 steps either way: every eleventh shift has lags of its own
    apart = turned[::11]
    assert found.shifts == len(apart)
    larger = sum(z >= found.peak_z for z in apart)
    assert found.p == pytest.approx((1 + larger) / (1 + len(apart)))


def test_the_lag_of_a_late_rating_is_found_with_its_sign() -> None:
    generator = np.random.default_rng(4)
    face = wandering(generator, 3000)
    rating = np.roll(face, 15) + 0.02 * generator.normal(size=3000)
    late = shifted_correlation(face, rating, LAG, SHIFT_MIN, 3)
    early = shifted_correlation(rating, face, LAG, SHIFT_MIN, 3)
    assert (late.lag, early.lag) == (15, -15)
    assert late.p == 1 / (late.shifts + 1)
    assert np.tanh(late.peak_z) > 0.9 > 0.5 > np.tanh(late.null_z)


@pytest.mark.parametrize("rise", [0.0, 0.5])
def test_chance_is_told_from_agreement_as_often_as_the_level_says(rise: float) -> None:
    # 27 shifts, so p <= 0.05 is p = 1/28 = 0.036: of 400 tests 14 are expected, and more than 27
    # with a probability of 0.001 (binomial). `rise` is what both gain over the session, in units
    # of which the series have an SD of about 0.22.
    generator = np.random.default_rng(5)
    line = rise * np.linspace(0, 1, 3000)
    p = [
        shifted_correlation(
            wandering(generator, 3000) + line, wandering(generator, 3000) + line, LAG, SHIFT_MIN, 3
        ).p
        for _ in range(400)
    ]
    assert min(p) == pytest.approx(1 / 28)
    assert sum(value <= 0.05 for value in p) <= 27
    assert 0.4 < np.mean(p) < 0.62


@pytest.mark.parametrize("still", [np.full(600, 40.0), np.linspace(0.1, 0.7, 600)])
def test_a_series_that_stands_still_or_only_rises_has_no_correlation(still: FloatArray) -> None:
    face = wandering(np.random.default_rng(6), 600)
    found = shifted_correlation(face, still, LAG, SHIFT_MIN, 3)
    assert np.isnan([found.z, found.peak_z, found.lag, found.p]).all()
    assert found.shifts == 0


def test_series_shorter_than_twice_the_shift_have_a_peak_and_no_null() -> None:
    generator = np.random.default_rng(7)
    found = shifted_correlation(wandering(generator, 300), wandering(generator, 300), 5, 200, 3)
    assert np.isfinite(found.peak_z)
    assert np.isnan(found.null_z)
