"""Analysis rows of invented studies whose truth is known, for tests of models beside the main one.

Every participant has the same segments and emotions; expression is linear in experience, with
slopes and levels that are set by group, session and covariates.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dyads.analysis.cohort import centre
from dyads.contracts import Cohort
from dyads.tables import check

GROUPS = ("control", "ASD", "SCZ")
SLOPES = {"control": 0.12, "ASD": 0.06, "SCZ": 0.02}
SEGMENTS = ("joyful", "sad", "conflict", "neutral")
EMOTIONS = ("joy", "sadness")


def participants(people: int, seed: int = 1) -> pd.DataFrame:
    """So many participants in each group, with age, sex, IQ, site and alexithymia."""
    generator = np.random.default_rng(seed)
    n = people * len(GROUPS)
    return pd.DataFrame(
        {
            "participant_id": [f"P{number:03d}" for number in range(n)],
            "group": np.repeat(np.array(GROUPS, object), people),
            "age": generator.integers(18, 45, n).astype(float),
            "sex": np.where(np.arange(n) % 2, "m", "f"),
            "iq": np.round(generator.normal(105, 12, n)),
            "site": np.where(np.arange(n) // 2 % 2, "north", "south"),
            "tas20": np.round(generator.normal(50, 10, n)),
        }
    )


def analysis_rows(
    people: pd.DataFrame,
    sessions: int = 2,
    slope_per_session: Mapping[str, float] | None = None,
    level_per_session: Mapping[str, float] | None = None,
    slope_at_south: Mapping[str, float] | None = None,
    slope_per_tas20: Mapping[str, float] | None = None,
    noise: float = 0.03,
    seed: int = 2,
) -> pd.DataFrame:
    """`Cohort` rows of participants, each in a dyad of their own.

    The effects of sessions, site and alexithymia are by group, nothing where not given; `noise`
    is the standard deviation of expression around its line.
    """
    generator = np.random.default_rng(seed)
    own = people.rename(columns={"participant_id": "person"}).assign(
        dyad_id=[f"D{number:03d}" for number in range(len(people))], role="participant"
    )
    own["level"] = 0.4 + generator.normal(0, 0.04, len(own))
    own["own_slope"] = own["group"].map(SLOPES) + generator.normal(0, 0.015, len(own))
    meetings = pd.DataFrame({"sessions_before": np.arange(sessions)})
    meetings["session"] = (meetings["sessions_before"] + 1).astype(str)
    meetings["session_id"] = "S" + meetings["session"]
    rows = own.merge(meetings, how="cross")
    rows = rows.merge(pd.DataFrame({"segment": SEGMENTS}), how="cross")
    rows = rows.merge(pd.DataFrame({"emotion": EMOTIONS}), how="cross")
    felt = {"joyful": "joy", "sad": "sadness"}
    matches = rows["segment"].map(felt).eq(rows["emotion"])
    rows["x"] = np.round(np.clip(generator.normal(35, 18, len(rows)) + 25 * matches, 0, 100))
    rows["exclusion"], rows["seen_share"] = "", 1.0
    # Centred twice: the slopes are per SD of experience within person and emotion.
    rows["e"] = 0.0
    x_w = centre(rows)["x_w"]
    before = rows["sessions_before"]
    is_south = rows["site"].eq("south").astype(float)
    slope = (
        rows["own_slope"]
        + _of(slope_per_session, rows) * before
        + _of(slope_at_south, rows) * is_south
        + _of(slope_per_tas20, rows) * (rows["tas20"] - 50)
    )
    level = rows["level"] + _of(level_per_session, rows) * before
    rows["e"] = level + slope * x_w + generator.normal(0, noise, len(rows))
    rows["e_odd"], rows["e_even"], rows["segment_id"] = rows["e"], rows["e"], rows["segment"]
    rows["days_since_first"] = 28.0 * before
    return check(centre(rows.drop(columns=["level", "own_slope"])), Cohort, "cohort")


def _of(effects: Mapping[str, float] | None, rows: pd.DataFrame) -> pd.Series[float]:
    return rows["group"].map({group: (effects or {}).get(group, 0.0) for group in GROUPS})
