"""How often circular shifts of continuous ratings call chance a finding, and how often they see.

A face and a joystick at 10 Hz for five minutes, smooth over three seconds:

    python benchmarks/shifted_correlation.py
"""

from __future__ import annotations

import numpy as np

from dyads.measures.shifted_correlation import shifted_correlation

STEPS, SESSIONS, LAG, SHIFT_MIN = 3000, 1000, 50, 200
LINE = np.linspace(-1, 1, STEPS)
HUMP = np.sin(np.linspace(0, np.pi, STEPS))
WORLDS = {
    "nothing in common": (0.0, 0 * LINE),
    "rating follows the face by 1.5 s, r 0.2": (0.204, 0 * LINE),
    "rating follows the face by 1.5 s, r 0.4": (0.436, 0 * LINE),
    "both only rise in a line, by 2 SD": (0.0, LINE),
    "both only rise and fall once, by 1 SD": (0.0, HUMP),
    "both only rise and fall once, by 2 SD": (0.0, 2 * HUMP),
}
"""How much of the face is in the rating, and what both have of the session's course (SD)."""


def _course(generator: np.random.Generator) -> np.ndarray:
    values = np.convolve(generator.normal(size=STEPS + 29), np.ones(30), mode="valid")
    return np.asarray(values / np.sqrt(30))


def main() -> None:
    """Print a line for each world."""
    print("| world | p <= 0.05 | mean peak z | mean excess z | median lag |\n|---|---|---|---|---|")
    for name, (follows, shared) in WORLDS.items():
        generator = np.random.default_rng(1)
        found = []
        for _ in range(SESSIONS):
            face, own = _course(generator), _course(generator)
            rating = follows * np.roll(face, 15) + own + shared
            found.append(shifted_correlation(face + shared, rating, LAG, SHIFT_MIN, 3))
        share = np.mean([it.p <= 0.05 for it in found])
        peak = np.mean([it.peak_z for it in found])
        excess = np.mean([it.peak_z - it.null_z for it in found])
        lag_s = np.median([it.lag for it in found]) / 10
        print(f"| {name} | {share:.3f} | {peak:.2f} | {excess:.2f} | {lag_s:.1f} s |")


if __name__ == "__main__":
    main()
