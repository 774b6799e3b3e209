"""The demo study's tables: who met whom, how they were filmed, what they answered and allowed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dyads.demo.behaviour import check_paintable, felt_and_shown
from dyads.demo.truth import EMOTION_UNITS, SEGMENTS, Truth, generator
from dyads.errors import StudyError

GROUP_SIZE: Final = 8
TWO_SESSIONS: Final = ("D01", "D06", "D10", "D18")
SPLIT_SCREEN: Final = ("D03", "D07", "D11", "D15", "D20")
"""Dyads whose first session was filmed as one split-screen recording."""

ABSENCE: Final = ("P12", "S1", "sad")
"""Who leaves the picture, and in which segment."""

UNANSWERED: Final = ("P21", "S1", "conflict")
"""Who gave no answers about which segment."""

KEEP_FEATURES: Final = ("P04", "Q09", "P14", "P23", "Q23")
"""People who did not allow their features to be shared."""

INSTRUMENT: Final = "feelings"
FIXED_TABLES: Final = ("participants", "sessions", "recordings", "segments")
"""Tables that the demo's films belong to; ratings may be changed without a new film."""

_ABOUT: Final = (
    "Simulated people; nobody was filmed. Slopes are changes of the shown level (mean of the "
    "action units, 0 to 1) for 100 points of rating, differences are later group minus earlier "
    "one, and mimicry is the probability that a participant's smile draws one of the partner."
)


class TruthRecord(BaseModel):
    """What `truth.json` says.

    Parameters
    ----------
    about
        How to read the numbers.
    slopes_per_100, differences_per_100, mimicry
        What an analysis of the demo study should find.
    parameters
        All that the simulation started from.
    sha256
        Digest of each table that the films belong to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    slopes_per_100: dict[str, float]
    differences_per_100: dict[str, float]
    mimicry: dict[str, float]
    parameters: Truth
    sha256: dict[str, str]


def study_tables(truth: Truth) -> dict[str, pd.DataFrame]:
    """Simulate the tables of a study with eight dyads in each group.

    Returns
    -------
    dict
        `participants`, `sessions`, `recordings`, `segments`, `ratings` and `consent`, with the
        columns of the study tables. The same truth gives the same tables.
    """
    participants, sessions = _participants(truth), _sessions(list(truth.groups))
    return {
        "participants": participants,
        "sessions": sessions,
        "recordings": _recordings(sessions, truth.seed),
        "segments": _segments(sessions),
        "ratings": _ratings(sessions, participants, truth),
        "consent": _consent(participants),
    }


def shown_levels(truth: Truth) -> pd.DataFrame:
    """Give the levels that the demo's films show, and the feelings behind them.

    Returns
    -------
    DataFrame
        As `behaviour.felt_and_shown`, for everyone in the demo study.
    """
    shown = felt_and_shown(_sessions(list(truth.groups)), _participants(truth), truth)
    check_paintable(shown)
    return shown


def write_study(folder: Path, truth: Truth) -> None:
    """Write the study tables into a folder, and the truth as `truth.json` beside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in study_tables(truth).items():
        table.to_csv(_table(folder, name), sep="\t", index=False, lineterminator="\n")
    instruments = yaml.safe_dump(_instruments(), sort_keys=False, allow_unicode=True)
    (folder / "instruments.yaml").write_text(instruments, encoding="utf-8")
    record = TruthRecord(
        about=_ABOUT,
        slopes_per_100=truth.slopes_per_100(),
        differences_per_100=truth.differences_per_100(),
        mimicry={group: own.mimicry for group, own in truth.groups.items()},
        parameters=truth,
        sha256={name: _digest(_table(folder, name)) for name in FIXED_TABLES},
    )
    text = json.dumps(record.model_dump(), indent=2, ensure_ascii=False)
    _truth_file(folder).write_text(text + "\n", encoding="utf-8")


def read_truth(folder: Path) -> TruthRecord:
    """Read the known truth of the demo study whose tables are in a folder.

    Raises
    ------
    StudyError
        If there is none, or it cannot be read.
    """
    path = _truth_file(folder)
    try:
        return TruthRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(
            f"{path.name}: not found beside {folder.name}. Only the demo study has a known truth; "
            "write it with `python demo/make_study.py`."
        ) from None
    except ValidationError as fault:
        raise StudyError(
            f"{path.name}: not the truth of a demo study ({fault.error_count()} faults). "
            "Write it anew with `python demo/make_study.py`."
        ) from None


def is_demo_study(folder: Path) -> bool:
    """Tell whether a folder holds the demo study: the very tables that the films belong to.

    Ratings and consent may differ, so that they can be played with.
    """
    try:
        record = read_truth(folder)
        return record.sha256 == {name: _digest(_table(folder, name)) for name in FIXED_TABLES}
    except (StudyError, OSError):
        return False


def _participants(truth: Truth) -> pd.DataFrame:
    """Participants of each group, matched in age, sex and IQ, and a partner for each."""
    blocks = []
    for place, group in enumerate(truth.groups):
        numbers = range(place * GROUP_SIZE + 1, (place + 1) * GROUP_SIZE + 1)
        blocks.append(_matched([f"P{n:02d}" for n in numbers], group, group, truth.seed))
        blocks.append(_matched([f"Q{n:02d}" for n in numbers], "partner", group, truth.seed))
    people = pd.concat(blocks, ignore_index=True)
    return people.sort_values("participant_id", kind="stable", ignore_index=True)


def _matched(identifiers: list[str], group: str, side: str, seed: int) -> pd.DataFrame:
    rng = generator(seed, "covariates", group, side)
    ages = _spread(20, 42, len(identifiers), rng)
    iq = _spread(90, 122, len(identifiers), rng)
    sexes = np.resize(np.array(["f", "m"]), len(identifiers))
    return pd.DataFrame(
        {
            "participant_id": identifiers,
            "group": group,
            "age": rng.permutation(ages),
            "sex": rng.permutation(sexes),
            "iq": rng.permutation(iq),
        }
    )


def _spread(
    lowest: float, highest: float, n: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Whole numbers that fill a range unevenly; their mean is the same in every group."""
    jitter = rng.normal(0, 1.5, n)
    values = np.linspace(lowest, highest, n) + jitter - jitter.mean()
    return np.asarray(np.rint(values), dtype=np.int64)


def _sessions(groups: list[str]) -> pd.DataFrame:
    dyads = [f"D{number:02d}" for number in range(1, GROUP_SIZE * len(groups) + 1)]
    meetings = [(dyad, 1) for dyad in dyads] + [(dyad, 2) for dyad in TWO_SESSIONS if dyad in dyads]
    sessions = pd.DataFrame(sorted(meetings), columns=["dyad_id", "session_number"])
    return pd.DataFrame(
        {
            "dyad_id": sessions["dyad_id"],
            "session_id": "S" + sessions["session_number"].astype(str),
            "participant_id": sessions["dyad_id"].str.replace("D", "P"),
            "partner_id": sessions["dyad_id"].str.replace("D", "Q"),
            "session_number": sessions["session_number"],
            "date_offset_days": (sessions["session_number"] - 1) * 28,
        }
    )


def _recordings(sessions: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Two cameras for most sessions, the second one started later; a split screen for some."""
    rows: list[tuple[str, str, str, str, str, float]] = []
    for meeting in sessions.astype(str).to_dict("records"):
        dyad, session = meeting["dyad_id"], meeting["session_id"]
        people = (meeting["participant_id"], meeting["partner_id"])
        if dyad in SPLIT_SCREEN and session == "S1":
            cameras = [(f"{dyad}/{session}.mp4", view, 0.0) for view in ("left", "right")]
        else:
            late_s = round(float(generator(seed, "camera", dyad, session).uniform(0.2, 1.0)), 3)
            cameras = [
                (f"{dyad}/{session}_{person}.mp4", "full", offset_s)
                for person, offset_s in zip(people, (0.0, late_s), strict=True)
            ]
        rows += [
            (dyad, session, person, *camera) for person, camera in zip(people, cameras, strict=True)
        ]
    columns = ["dyad_id", "session_id", "person_id", "path", "view", "offset_s"]
    return pd.DataFrame(rows, columns=columns)


def _segments(sessions: pd.DataFrame) -> pd.DataFrame:
    stretches = pd.DataFrame(
        [(label, label, start, end - start) for label, (start, end) in SEGMENTS.items()],
        columns=["segment_id", "label", "onset_s", "duration_s"],
    )
    return sessions[["dyad_id", "session_id"]].merge(stretches, how="cross")


def _ratings(sessions: pd.DataFrame, participants: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    felt = felt_and_shown(sessions, participants, truth)
    cells = zip(felt["person_id"], felt["session_id"], felt["segment_id"], strict=True)
    answered = felt[[cell != UNANSWERED for cell in cells]]
    return pd.DataFrame(
        {
            "person_id": answered["person_id"],
            "dyad_id": answered["dyad_id"],
            "session_id": answered["session_id"],
            "segment_id": answered["segment_id"],
            "instrument": INSTRUMENT,
            "item": answered["emotion"],
            "value": answered["rating"],
        }
    ).reset_index(drop=True)


def _consent(participants: pd.DataFrame) -> pd.DataFrame:
    people = participants["participant_id"]
    granted = pd.DataFrame({"process": True, "share_features": ~people.isin(KEEP_FEATURES)})
    granted.insert(0, "participant_id", people)
    rows = granted.melt("participant_id", var_name="use", value_name="granted")
    rows["granted"] = rows["granted"].map({True: "yes", False: "no"})
    rows = rows.assign(version="1.0", withdrawn_on="")
    return rows.sort_values(["participant_id", "use"], ignore_index=True)


def _instruments() -> dict[str, object]:
    scales = {
        emotion: {"items": [emotion], "valence": "positive" if emotion == "joy" else "negative"}
        for emotion in EMOTION_UNITS
    }
    return {
        INSTRUMENT: {
            "title": "Emotion rating sliders",
            "source": "Made for the demo study; not a validated instrument.",
            "minimum": 0,
            "maximum": 100,
            "missing_share": 0.0,
            "scales": scales,
        }
    }


def _table(folder: Path, name: str) -> Path:
    return folder / f"{name}.tsv"


def _truth_file(folder: Path) -> Path:
    return folder.resolve().parent / "truth.json"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
