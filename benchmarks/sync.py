"""Put simulated cameras on one clock by their sound, and say how far off they are.

    python benchmarks/sync.py [--pairs 100]

Each pair hears one conversation through rooms and microphones of its own, with noise as loud as
the voices, an offset of up to 120 s and a drift of up to 200 millionths. The error is the largest
over the second recording.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/unit"))

from cameras import two_cameras, worst_error_s

from dyads.config import SyncSettings
from dyads.recordings.sound_match import match_sounds

DURATION_S = 300.0


def main() -> None:
    """Read the command line, simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=100)
    arguments = parser.parse_args()
    rows = []
    for number in range(arguments.pairs):
        rng = np.random.default_rng([2024, number])
        pair = two_cameras(rng, DURATION_S)
        stranger = two_cameras(rng, DURATION_S)
        began = time.perf_counter()
        match = match_sounds(pair.first, pair.second, SyncSettings())
        taken_s = time.perf_counter() - began
        other = match_sounds(pair.first, stranger.second, SyncSettings())
        rows.append(
            {
                "offset s": pair.offset_s,
                "drift ppm": pair.drift_ppm,
                "error ms": 1000 * worst_error_s(pair, match.offset_s, match.drift_ppm),
                "agreement": match.agreement,
                "contrast": match.contrast,
                "is refused": bool(match.refusal),
                "stranger is refused": bool(other.refusal),
                "s": taken_s,
            }
        )
    table = pd.DataFrame(rows)
    print(table.round(2).to_string())
    good = ~table["is refused"] & table["error ms"].lt(15)
    print()
    print(f"sync_within_15ms {good.mean():.3f}")
    print(f"sync_worst_ms {table['error ms'].max():.3f}")
    print(f"sync_strangers_refused {table['stranger is refused'].mean():.3f}")
    print(f"sync_seconds_per_hour {table['s'].mean() * 3600 / DURATION_S:.1f}")


if __name__ == "__main__":
    main()
