"""A study of py-feat's real outputs: a speaker who reads good and bad news.

The clips and what they say are real. Who belongs to which group and who talks to whom is made up,
since there is one speaker: participants read good news, their partners bad ones, at the same time.
The rating is the condition of the clip and not a self-report.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml
from runs import write_config

GROUPS = {"P1": "control", "P2": "control", "P3": "ASD", "P4": "ASD"}
GOOD, BAD = ("001", "002", "003", "004"), ("011", "012", "014", "015")
RATE_HZ = 25


def write_news_study(folder: Path, clips: Path, frame_rate_hz: float | None = RATE_HZ) -> None:
    """Write tables and settings for the clips of one detector's folder."""
    study, recordings = folder / "study", folder / "recordings"
    study.mkdir(parents=True)
    recordings.mkdir()
    numbers = [person[1:] for person in GROUPS]
    rows = [
        (f"D{number}", "S1", person, clip, value)
        for number, good, bad in zip(numbers, GOOD, BAD, strict=True)
        for person, clip, value in ((f"P{number}", good, 9), (f"Q{number}", bad, 1))
    ]
    for *_, clip, _ in rows:
        (recordings / f"{clip}.csv").write_bytes((clips / f"{clip}.csv").read_bytes())
    clip_rows = pd.DataFrame(rows, columns=["dyad_id", "session_id", "person_id", "clip", "value"])
    keys = clip_rows[["dyad_id", "session_id"]]
    sessions = keys.drop_duplicates()
    groups = {person: GROUPS.get(person, "partner") for person in clip_rows["person_id"]}
    tables = {
        "participants": pd.DataFrame(
            {"participant_id": groups.keys(), "group": groups.values(), "age": "", "sex": ""}
        ),
        "sessions": sessions.assign(
            participant_id=[f"P{number}" for number in numbers],
            partner_id=[f"Q{number}" for number in numbers],
            session_number=1,
        ),
        "recordings": keys.assign(
            person_id=clip_rows["person_id"],
            path="",
            frames_path=clip_rows["clip"] + ".csv",
            offset_s=0,
            frame_rate_hz="" if frame_rate_hz is None else frame_rate_hz,
        ),
        "segments": sessions.assign(
            segment_id="news",
            label="news",
            onset_s=0,
            duration_s=[both_s(clips, good, bad) for good, bad in zip(GOOD, BAD, strict=True)],
        ),
        "ratings": keys.assign(
            person_id=clip_rows["person_id"],
            segment_id="news",
            instrument="condition",
            item="valence",
            value=clip_rows["value"],
        ),
        "consent": pd.DataFrame(
            {"participant_id": groups.keys(), "use": "process", "granted": "yes"}
        ),
    }
    for name, table in tables.items():
        table.to_csv(study / f"{name}.tsv", sep="\t", index=False)
    instrument = {
        "condition": {
            "title": "Condition of the clip",
            "minimum": 1,
            "maximum": 9,
            "scales": {"valence": {"items": ["valence"]}},
        }
    }
    (study / "instruments.yaml").write_text(yaml.safe_dump(instrument), encoding="utf-8")
    write_config(
        folder,
        expressions={"half_block_s": 0.2, "minimum_seen_share": 0.5},
        congruence={
            "pairs": [
                {
                    "emotion": "valence",
                    "instrument": "condition",
                    "scale": "valence",
                    "channel": "AU12",
                }
            ],
            "minimum_segments": 3,
            "bootstrap_samples": 100,
        },
        report={"minimum_cell": 1},
    )


def both_s(clips: Path, *names: str) -> float:
    """Length of the shorter clip: its last frame number over the rate that its source tells."""
    last = [pd.read_csv(clips / f"{name}.csv", usecols=["frame"])["frame"].max() for name in names]
    return float(min(last) / RATE_HZ)
