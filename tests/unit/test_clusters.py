"""Subgroups are found where they are clear and denied where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from dyads.analysis.clusters import find_subgroups
from dyads.analysis.profile_results import CHECKS
from dyads.analysis.profiles import principal_components
from dyads.analysis.unimodality import dip, dip_p_value
from dyads.config import ProfileSettings

FEW = ProfileSettings(null_samples=19, bootstrap_samples=20)


def nearest_unimodal(x: np.ndarray) -> float:
    """Distance of the empirical distribution from the nearest unimodal one, by linear programs.

    One program for each place of the mode: the distribution is convex before it and concave
    behind it, and only at the mode may it jump.
    """
    x = np.sort(x)
    return max(min(_with_mode(x, mode) for mode in range(len(x))), 1 / (2 * len(x)))


def _with_mode(x: np.ndarray, mode: int) -> float:
    """The same for one place of the mode; both of its sides have a value there, for the jump."""
    n, gaps, size = len(x), np.diff(x), len(x) + 2
    left, right = {i: i for i in range(mode + 1)}, {i: i + 1 for i in range(mode, n)}
    rows, limits = [], []

    def ask(terms: dict[int, float], limit: float) -> None:
        row = np.zeros(size)
        row[list(terms)] = list(terms.values())
        rows.append(row)
        limits.append(limit)

    for side, step_at_mode, sign in ((left, mode / n, 1.0), (right, (mode + 1) / n, -1.0)):
        for i, at in side.items():
            for step in [step_at_mode] if i == mode else [i / n, (i + 1) / n]:
                ask({at: 1, size - 1: -1}, step)
                ask({at: -1, size - 1: -1}, -step)
            if i + 1 in side:
                ask({at: 1, at + 1: -1}, 0)
            if i - 1 in side and i + 1 in side:
                before, behind = sign / gaps[i - 1], sign / gaps[i]
                ask({at: before + behind, at - 1: -before, at + 1: -behind}, 0)
    ask({left[mode]: 1, right[mode]: -1}, 0)
    goal = np.zeros(size)
    goal[-1] = 1
    return float(linprog(goal, np.array(rows), limits, bounds=[(0, 1)] * size).fun)


@pytest.mark.parametrize("number", range(8))
def test_the_dip_is_the_distance_from_the_nearest_unimodal_distribution(number: int) -> None:
    generator = np.random.default_rng(number)
    heaps = (0, 6) if number % 2 else (0, 0)
    x = np.concatenate([generator.normal(at, 1, generator.integers(4, 9)) for at in heaps])
    assert dip(x) == pytest.approx(nearest_unimodal(x), abs=1e-9)


def test_two_points_of_equal_weight_have_the_largest_dip() -> None:
    # Hartigan and Hartigan (1985): the dip never exceeds 1/4.
    assert dip(np.array([0.0, 0, 0, 0, 1, 1, 1, 1])) == pytest.approx(0.25)


def test_the_dip_does_not_depend_on_unit_order_or_sign() -> None:
    x = np.random.default_rng(4).normal(size=40)
    for other in (3 * x + 7, x[::-1], -x):
        assert dip(other) == pytest.approx(dip(x))


def test_even_spread_is_rejected_in_one_of_twenty() -> None:
    generator = np.random.default_rng(8)
    p = np.array([dip_p_value(generator.random(50)) for _ in range(400)])
    assert 0.02 < np.mean(p <= 0.05) < 0.09  # binomial 99.9 % interval around 0.05


def search(scores: np.ndarray, seed: int = 1, settings: ProfileSettings = FEW):
    return find_subgroups(scores, settings, np.random.default_rng(seed))


def heaps(*centres: tuple[float, float], people: int = 25, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.normal(size=(people, 2)) + centre for centre in centres])


def test_three_clear_heaps_are_three_subgroups() -> None:
    found = search(heaps((0, 0), (9, 0), (0, 9)))
    assert found.number == 3
    own = found.labels.reshape(3, 25)
    assert all(len(set(row)) == 1 for row in own.tolist())
    assert found.probabilities.min() > 0.99
    assert list(found.checks["check"]) == list(CHECKS)


def test_the_largest_subgroup_comes_first() -> None:
    small = np.random.default_rng(3).normal(size=(12, 2)) + [10, 0]
    found = search(np.concatenate([small, heaps((0, 0), people=40)]))
    assert np.bincount(found.labels).tolist() == [40, 12]


@pytest.mark.parametrize(
    "make",
    [
        lambda g: g.normal(size=(60, 2)) * [6, 1],
        lambda g: np.exp(0.8 * g.normal(size=(60, 2))),
        lambda g: g.standard_t(3, size=(60, 2)),
        lambda g: g.random((60, 2)),
        lambda g: principal_components(np.round(g.normal(size=(60, 6)) * 2))[0],
    ],
    ids=["elongated", "skewed", "heavy-tailed", "even", "coarse"],
)
@pytest.mark.parametrize("seed", range(3))
def test_one_heap_of_any_shape_is_not_divided(make, seed: int) -> None:
    scores = make(np.random.default_rng(seed))
    found = search(scores - scores.mean(axis=0))
    assert found.number == 1
    assert (found.labels == 0).all()
    assert not found.checks["passed"].iloc[-1]


def test_a_handful_of_people_apart_is_no_subgroup() -> None:
    far = np.random.default_rng(3).normal(size=(4, 2)) + [12, 0]
    found = search(np.concatenate([heaps((0, 0), people=40), far]))
    assert found.number == 1


def test_the_search_ends_at_the_first_check_that_is_not_passed() -> None:
    found = search(heaps((0, 0), people=8))
    assert list(found.checks["check"]) == ["people"]
    assert found.candidates.empty


def test_the_same_seed_gives_the_same_answer() -> None:
    scores = heaps((0, 0), (5, 0))
    one, two = search(scores), search(scores)
    np.testing.assert_array_equal(one.labels, two.labels)
    assert one.checks.equals(two.checks)
