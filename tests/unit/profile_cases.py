"""Cohorts and results for tests of profiles, subgroups and power."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyads.analysis.profile_results import FEATURES, Heterogeneity, ProfileSummary
from dyads.contracts import Cohort
from dyads.tables import check

GROUPS = ("control", "ASD", "SCZ")


def cohort_of(
    people: int = 12,
    segments: int = 24,
    *,
    level_sd: float = 0.1,
    noise: float = 0.05,
    slopes: tuple[float, ...] = (0.15, 0.1, 0.05),
    seed: int = 1,
) -> pd.DataFrame:
    """Analysis rows of one emotion, so many people in each of three groups."""
    generator = np.random.default_rng(seed)
    n = people * len(GROUPS)
    person, segment = (codes.ravel() for codes in np.indices((n, segments)))
    x = generator.normal(50, 20, n * segments)
    x_w = x - np.bincount(person, x)[person] / segments
    x_w = x_w / x_w.std()
    slope = np.repeat(slopes, people)[person]
    truth = generator.normal(0.4, level_sd, n)[person] + slope * x_w
    odd, even = (truth + generator.normal(0, noise * np.sqrt(2), len(x)) for _ in range(2))
    e = (odd + even) / 2
    names = np.array([f"P{number + 1:03d}" for number in range(n)])[person]
    rows = pd.DataFrame(
        {
            "dyad_id": pd.Series(names).str.replace("P", "D"), "session_id": "S1",
            "session": "1", "segment_id": [f"s{number}" for number in segment],
            "segment": [f"s{number}" for number in segment], "person": names,
            "role": "participant", "group": np.repeat(GROUPS, people)[person], "emotion": "joy",
            "x": x, "e": e, "e_odd": odd, "e_even": even, "seen_share": 1.0, "exclusion": "",
            "x_w": x_w, "x_pm": 0.0,
        }
    )  # fmt: skip
    rows["e_w"] = rows["e"] - rows.groupby("person")["e"].transform("mean")
    return check(rows, Cohort, "cohort")


def participants_of(cohort: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Participants of a cohort, with symptoms that go with nothing."""
    people = cohort[["person", "group"]].drop_duplicates()
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "participant_id": people["person"].to_numpy(),
            "group": people["group"].to_numpy(),
            "age": generator.integers(18, 60, len(people)),
            "sex": np.where(np.arange(len(people)) % 2, "f", "m"),
            "symptoms": generator.normal(10, 3, len(people)),
        }
    )


def shared_profiles(subgroups: int, stamp: str = "demo weights") -> Heterogeneity:
    """Results as a study with so many subgroups gives them."""
    names = [("group", group) for group in GROUPS]
    names += [("subgroup", str(number + 1)) for number in range(subgroups if subgroups > 1 else 0)]
    means = pd.DataFrame(
        [
            (kind, which, feature, 9, 0.1 * number, 0.1 * number - 0.3, 0.1 * number + 0.3)
            for number, (kind, which) in enumerate(names)
            for feature in FEATURES
        ],
        columns=["kind", "which", "feature", "n", "mean", "lower", "upper"],
    )
    found = {"people": 27.0, "mixture": 9.5, "valley": 0.3}
    if subgroups > 1:
        found |= {"valley": 0.001, "size": 8.0, "null": 0.01, "stability": 0.93}
    checks = pd.DataFrame({"check": list(found), "question": "", "found": list(found.values())})
    checks["limit"] = 0.05
    checks["passed"] = [name != "valley" or subgroups > 1 for name in found]
    return Heterogeneity(
        summary=ProfileSummary(
            people=27, left_out=1, subgroups=subgroups, failed="" if subgroups > 1 else "valley",
            stamp=stamp,
        ),
        features=pd.DataFrame(
            {
                "feature": list(FEATURES), "median": 0.2, "deviation": 0.1, "reliability": 0.6,
                "used": True, "component_1": 0.4,
            }
        ),
        checks=checks,
        candidates=pd.DataFrame(
            {"dimensions": 1, "components": [1, 2, 3], "shape": "tied", "bic": [90.0, 80.5, 86.0],
             "gain": [0.0, 9.5, 4.0]}
        ),
        associations=pd.DataFrame(
            {"what": ["congruence_slope"], "covariate": ["group"], "people": [27],
             "measure": ["eta2"], "effect": [0.41], "p_value": [0.0005], "p_adjusted": [0.004]}
        ),
        sizes=pd.DataFrame(
            {"subgroup": [1, 1, 2], "group": ["control", "ASD", "SCZ"], "people": [9, 9, 9]}
        ).iloc[: 3 if subgroups > 1 else 0],
        means=means,
    )  # fmt: skip
