"""Time the check and the scoring of a large study's tables, on one core.

    python benchmarks/tables.py [--people 2000] [--sessions 10000] [--items 2000000]

People, sessions and answers are made up, with one answer in fifty left out. The tables are
written by a process of their own, so that the memory is that of checking and scoring alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from dyads.config import StudySettings
from dyads.ratings.scores import score_ratings
from dyads.study.study import load_study

ITEMS = 20
UNANSWERED = 0.02


def main() -> None:
    """Write the study, check it, score it, and print the seconds and the memory."""
    parser = argparse.ArgumentParser(description="Time checking and scoring of a large study.")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=2_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = (asked.people, asked.sessions, asked.items)
        writer = multiprocessing.get_context("spawn").Process(
            target=write_study, args=(folder, *sizes)
        )
        writer.start()
        writer.join()
        settings = StudySettings(
            name="A large study",
            folder=folder,
            recordings_folder=folder,
            groups=("control", "ASD"),
        )
        started = time.perf_counter()
        study = load_study(settings, recordings_expected=False)
        checked = time.perf_counter()
        scores = score_ratings(study.ratings, study.sessions, study.instruments)
        scored = time.perf_counter()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"people {len(study.participants)}, sessions {len(study.sessions)}, "
          f"item rows {len(study.ratings)}, scores {len(scores)}")  # fmt: skip
    print(f"check_seconds {checked - started:.1f}")
    print(f"score_seconds {scored - checked:.1f}")
    print(f"peak_mb {peak_mb:.0f}")


def write_study(folder: Path, people: int, sessions: int, items: int) -> None:
    """Write the tables: dyads meet equally often, and rate equally many segments."""
    dyads = people // 2
    meetings = sessions // dyads
    stretches = items // (2 * dyads * meetings * ITEMS)
    pairs = pd.DataFrame({"number": np.arange(dyads).astype(str)})
    pairs = pd.DataFrame(
        {f"{name}_id": sign + pairs["number"].str.zfill(5)
         for name, sign in (("dyad", "D"), ("participant", "P"), ("partner", "Q"))}
    )  # fmt: skip
    numbers = pd.DataFrame({"session_number": np.arange(1, meetings + 1)})
    met = pairs.merge(numbers, how="cross")
    met.insert(1, "session_id", "S" + met["session_number"].astype(str))
    group = np.where(np.arange(dyads) % 2, "ASD", "control")
    persons = pd.DataFrame(
        {
            "participant_id": pd.concat([pairs["participant_id"], pairs["partner_id"]]),
            "group": np.append(group, ["partner"] * dyads),
            "age": 30,
            "sex": "f",
        }
    )
    onsets = pd.DataFrame({"segment_id": np.arange(stretches).astype(str)})
    onsets = onsets.assign(label="part", onset_s=np.arange(stretches) * 10.0, duration_s=9.5)
    segments = met[["dyad_id", "session_id"]].merge(onsets, how="cross")
    seen = met.melt(["dyad_id", "session_id"], ["participant_id", "partner_id"],
                    value_name="person_id").drop(columns="variable")  # fmt: skip
    path = seen["dyad_id"] + "/" + seen["session_id"] + "_" + seen["person_id"] + ".mp4"
    answered = seen.merge(onsets[["segment_id"]], how="cross")
    answered = answered.merge(pd.DataFrame({"item": np.arange(1, ITEMS + 1)}), how="cross")
    rng = np.random.default_rng(1)
    value = pd.Series(rng.integers(1, 6, len(answered)), dtype="Int64")
    answered = answered.assign(
        instrument="mood", value=value.mask(rng.random(len(answered)) < UNANSWERED)
    )
    consent = pd.DataFrame({"participant_id": persons["participant_id"], "use": "process"})
    tables = {
        "participants": persons,
        "sessions": met,
        "recordings": seen.assign(path=path),
        "segments": segments,
        "ratings": answered,
        "consent": consent.assign(granted="yes", version="1", withdrawn_on=""),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    (folder / "instruments.yaml").write_text("mood: {library: panas}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
