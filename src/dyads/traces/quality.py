"""How good the frames are: what was seen, how large, how sharp, and what was lost and why.

Nothing here knows of groups: quality is judged without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from dyads.config import QualitySettings
from dyads.contracts import FRAME_REASONS, MASK_REASONS
from dyads.errors import StudyError
from dyads.traces.arrays import segments_of_session
from dyads.traces.cleaning import Clock
from dyads.traces.masks import mask_reasons, speed

UNITS: Final = {
    "frames_in_file": "count",
    "frames_skipped": "count",
    "frames": "count",
    "rate": "1/s",
    "face_share": "share",
    **{f"{reason}_share": "share" for reason in (*filter(None, FRAME_REASONS), *MASK_REASONS)},
    "longest_gap": "s",
    "outside_recording": "s",
    "face_width": "px",
    "face_width_p05": "px",
    "turn": "degrees",
    "light": "0 to 1",
    "sharpness": "variance",
    "speed_p95": "face widths/s",
}
"""Unit of each measure. `frames` are those that were read or lost; `frames_skipped` those of the
film that sampling left out; `outside_recording` is how much of a segment lies before the first or
after the last of them. Shares are of `frames`; `face_share` counts faces that no limit masks;
sizes, turn, light and sharpness are medians over frames with a face."""

OF_THE_FILE: Final = ("frames_in_file", "frames_skipped")
"""What a recording has and a segment has not."""
OF_A_SEGMENT: Final = ("outside_recording",)
"""What a segment has and a recording has not."""

_COLUMNS: Final = [
    "dyad_id", "session_id", "person_id", "segment_id", "label", "measure", "unit", "value",
]  # fmt: skip


def measure_quality(
    frames: pd.DataFrame,
    clock: Clock,
    segments: pd.DataFrame,
    settings: QualitySettings,
    dyad_id: str,
    session_id: str,
    frames_held: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Sum up the quality of each person's frames, over the recording and in each segment.

    Parameters
    ----------
    frames
        Frames of one session (contract `Frames`).
    clock
        Clock of the session.
    segments
        Segments of the study; those of this session are used.
    settings
        Limits beyond which frames are masked.
    dyad_id, session_id
        The session.
    frames_held
        Frames in the film of each person, as the check of the recording counted them; a person
        whose film is not at hand is not named.

    Returns
    -------
    DataFrame
        Contract `Quality`; `segment_id` is empty for the whole recording. A value is missing
        where there is no frame, or where the frames do not carry the number.

    Raises
    ------
    StudyError
        If a person has more frames than the film holds.
    """
    own = segments_of_session(segments, dyad_id, session_id)
    parts = []
    for person_id, rows in frames.groupby("person_id", sort=True):
        if person_id in clock.left_out:
            continue
        session_s = clock.to_session(str(person_id), rows["time_s"].to_numpy(float))
        film = rows.assign(session_s=session_s).sort_values("session_s", kind="stable")
        film["mask"] = mask_reasons(film, settings)
        film["speed"] = speed(film)
        whole = _summed(film, "", "", float(film["session_s"].min()), None)
        held = (frames_held or {}).get(str(person_id))
        stretches = [whole | _of_the_file(f"{dyad_id}, {session_id}, {person_id}", held, len(film))]
        for segment_id, label, onset_s, duration_s in own[
            ["segment_id", "label", "onset_s", "duration_s"]
        ].itertuples(index=False, name=None):
            inside = film["session_s"].between(onset_s, onset_s + duration_s, inclusive="left")
            end_s = onset_s + duration_s
            stretches.append(
                _summed(film[inside], segment_id, label, onset_s, end_s)
                | {"outside_recording": _outside_s(film["session_s"], onset_s, end_s)}
            )
        parts += [{"person_id": str(person_id), **stretch} for stretch in stretches]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    wide = pd.DataFrame(parts).assign(dyad_id=dyad_id, session_id=session_id)
    long = wide.melt(
        id_vars=["dyad_id", "session_id", "person_id", "segment_id", "label"],
        value_vars=list(UNITS),
        var_name="measure",
    )
    is_whole = long["segment_id"].eq("")
    foreign = long["measure"].isin(OF_A_SEGMENT).where(is_whole, long["measure"].isin(OF_THE_FILE))
    long = long[~foreign]
    long["unit"] = long["measure"].map(UNITS)
    order = ["person_id", "segment_id"]
    return long.sort_values(order, kind="stable", ignore_index=True)[_COLUMNS]


def limits_of(settings: QualitySettings) -> dict[str, tuple[float | None, float | None]]:
    """Give the lowest and the highest value of each measure that the limits speak of."""
    return {
        "face_width": (settings.face_width_min_px, None),
        "face_width_p05": (settings.face_width_min_px, None),
        "turn": (None, settings.turn_max_deg),
        "light": (settings.light_min, settings.light_max),
        "sharpness": (settings.sharpness_min, None),
        "speed_p95": (None, settings.speed_max),
    }


def _of_the_file(whose: str, held: int | None, rows: int) -> dict[str, float]:
    if held is None:
        return dict.fromkeys(OF_THE_FILE, np.nan)
    if rows > held:
        raise StudyError(
            f"{whose}: {rows} frames were read, and the film held {held} when it was checked. It "
            "was exchanged in between: run the check of the recording and the reading again."
        )
    return {"frames_in_file": held, "frames_skipped": held - rows}


def _summed(
    film: pd.DataFrame, segment_id: str, label: str, start_s: float, end_s: float | None
) -> dict[str, object]:
    """Measures of one stretch of a person's film, its times in order."""
    time_s = film["session_s"].to_numpy(float)
    face = film[film["status"].eq("face")]
    is_good = film["status"].eq("face") & film["mask"].eq("")
    count = len(film)
    steps_s = np.diff(time_s)
    edges_s = [start_s, *time_s[is_good.to_numpy()], end_s if end_s is not None else _last(time_s)]
    why = film["reason"].where(film["mask"].eq(""), film["mask"]).value_counts()

    def median(column: str) -> float:
        return float(face[column].median()) if len(face) else np.nan

    turn = face[["yaw_deg", "pitch_deg"]].abs().max(axis=1)
    return {
        "segment_id": segment_id,
        "label": label,
        "frames": count,
        "rate": 1 / float(np.median(steps_s[steps_s > 0])) if (steps_s > 0).any() else np.nan,
        "face_share": float(is_good.mean()) if count else np.nan,
        **{
            f"{name}_share": float(why.get(name, 0)) / count if count else np.nan
            for name in (*filter(None, FRAME_REASONS), *MASK_REASONS)
        },
        "longest_gap": float(np.diff(edges_s).max()) if count else np.nan,
        "face_width": median("box_width_px"),
        "face_width_p05": float(face["box_width_px"].quantile(0.05)) if len(face) else np.nan,
        "turn": float(turn.median()) if len(face) else np.nan,
        "light": median("light"),
        "sharpness": median("sharpness"),
        "speed_p95": float(film["speed"].quantile(0.95)) if count else np.nan,
    }


def _outside_s(session_s: pd.Series[float], onset_s: float, end_s: float) -> float:
    """Seconds of a segment before the first or after the last frame; less than a step is none."""
    step_s = float(session_s.diff().median()) if len(session_s) > 1 else 0.0
    first_s, last_s = float(session_s.iloc[0]), float(session_s.iloc[-1]) + step_s
    covered_s = max(min(end_s, last_s) - max(onset_s, first_s), 0.0)
    outside_s = end_s - onset_s - covered_s
    return outside_s if outside_s > step_s else 0.0


def _last(time_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(time_s[-1]) if len(time_s) else np.nan
