"""Find who speaks when in simulated talks, and say how often that is right, wrong or not told.

    python benchmarks/speech.py [--talks 20]

Two people talk in turns for 90 s and sometimes break in on each other. Each line is a way of
recording them: a microphone each that hears the other person fainter, a camera each in a room with
echoes, or one sound for both with their mouths; and what must not be told at all: one person alone
who speaks, the same sound twice, the mouths or the sound of strangers. Steps within 0.1 s of where
somebody begins or ends do not count.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/unit"))

from cameras import _through_a_microphone
from talks import is_clear, mouths, one_microphone, own_microphones, speaks, states_of, talk, told

DURATION_S = 90.0
LEAST_TOLD = 0.1
"""A talk of which less is told counts as not told."""


def main() -> None:
    """Read the command line, simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=20)
    arguments = parser.parse_args()
    found = defaultdict(list)
    for number in range(arguments.talks):
        rng = np.random.default_rng([2025, number])
        voices, strangers = (talk(DURATION_S, rng, interjections=6) for _ in range(2))
        alone = voices * [[1], [0]]
        own = own_microphones(voices, rng)
        room = [_through_a_microphone(voices, person, 20, rng) for person in (0, 1)]
        shared = one_microphone(voices, rng)
        seen, unrelated = mouths(speaks(voices), rng), mouths(speaks(strangers), rng)
        for name, spoken, heard, moved in (
            ("microphones", voices, own, None),
            ("microphones, other at -3 dB", voices, own_microphones(voices, rng, -3), None),
            ("microphones, noise at -10 dB", voices, own_microphones(voices, rng, -12, 10), None),
            ("cameras in a room", voices, room, None),
            ("one sound, both mouths", voices, [shared], seen),
            ("one sound, one mouth", voices, [shared], seen[:1]),
            ("microphones, one speaks", alone, own_microphones(alone, rng), None),
            ("same sound twice", voices, own_microphones(voices, rng, 0, 30), None),
            ("sounds of strangers", voices, [own[0], own_microphones(strangers, rng)[1]], None),
            ("mouths of strangers", voices, [shared], unrelated),
        ):
            found[name].append(_judged(told(heard, moved), spoken))
    print(
        pd.DataFrame([_line(name, judged) for name, judged in found.items()]).to_string(index=False)
    )


def _line(name: str, judged: list[tuple[float, float]]) -> dict[str, object]:
    shares = [share for share, _ in judged if share > LEAST_TOLD]
    right = [right for share, right in judged if share > LEAST_TOLD]
    return {
        "recorded by": name,
        "talks told": f"{len(shares)} of {len(judged)}",
        "speech told in these": f"{np.mean(shares):.3f}" if shares else "",
        "right, mean": f"{np.mean(right):.3f}" if right else "",
        "right, least": f"{min(right):.3f}" if right else "",
    }


def _judged(found: np.ndarray, voices: np.ndarray) -> tuple[float, float]:
    """Share of the clear steps with speech that are told, and of these the share that is right.

    Silence that is found where somebody speaks is told, and wrong.
    """
    truth = speaks(voices)
    is_asked = is_clear(truth) & truth.any(axis=0)
    found, truth = found[:, is_asked], states_of(truth)[: len(found), is_asked]
    is_told = found != "unknown"
    right = float((found == truth)[is_told].mean()) if is_told.any() else 0.0
    return float(is_told.mean()), right


if __name__ == "__main__":
    main()
