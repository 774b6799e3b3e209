"""What each person of a simulated study feels, reports and shows in each segment."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.demo.truth import EMOTION_UNITS, EXPERIENCE, SEGMENTS, Truth, generator

FloatArray = npt.NDArray[np.float64]

REACTIVITY_SD: Final = 0.12
"""Spread of how far a person's feelings swing about their own mean, relative to the average."""

RATING_OFFSET_SD: Final = 4.0
"""Spread of a person's mean rating of an emotion (points)."""

RATING_NOISE_SD: Final = 8.0
"""Spread of a rating about what segment and person let expect (points)."""

_EXPECTED: Final = np.array(
    [[EXPERIENCE[segment][emotion] for emotion in EMOTION_UNITS] for segment in SEGMENTS], float
)

LOWEST_LEVEL, HIGHEST_LEVEL = 0.02, 0.95
"""Levels that a painted face can show as a mean over a segment."""


def felt_and_shown(
    sessions: pd.DataFrame, participants: pd.DataFrame, truth: Truth
) -> pd.DataFrame:
    """Simulate ratings and levels of everyone in every segment.

    Parameters
    ----------
    sessions
        `dyad_id`, `session_id`, `participant_id`, `partner_id`.
    participants
        `participant_id`, `group`; partners are rows too.
    truth
        What is true of the groups.

    Returns
    -------
    DataFrame
        One row per person, session, segment and emotion: `dyad_id`, `session_id`, `person_id`,
        `role`, `group` (whose truth the person follows), `segment_id`, `emotion`, `rating`
        (whole points, 0 to 100) and `level` (mean of the emotion's action units). A person's
        numbers do not depend on who else is in the study, unless `truth.balanced`.
    """
    people = _people(sessions, participants)
    cells = pd.MultiIndex.from_product([SEGMENTS, EMOTION_UNITS], names=["segment_id", "emotion"])
    rows = people.loc[people.index.repeat(len(cells))].reset_index(drop=True)
    rows = rows.assign(**_repeated(cells, len(people)))
    meetings = people.groupby("person_id", sort=False).indices
    felt = np.empty((len(people), len(cells)))
    noise = np.empty_like(felt)
    for person_id, place in meetings.items():
        felt[place], noise[place] = _experience(str(person_id), len(place), truth)
    rows["rating"] = np.clip(np.rint(felt), 0, 100).astype(int).ravel()
    rows["noise"] = noise.ravel()
    rows = rows.merge(_deviations(people, truth), on="person_id", validate="many_to_one")
    own = rows.groupby(["person_id", "emotion"])["rating"]
    hundreds = (rows["rating"] - own.transform("mean")) / 100
    beside = rows["slope_deviation"] * hundreds + rows["noise"]
    if truth.balanced:
        beside -= _slope_of(beside, hundreds, [rows["role"], rows["group"]]) * hundreds
    intercepts = [
        truth.groups[group].intercepts[emotion]
        for group, emotion in zip(rows["group"], rows["emotion"], strict=True)
    ]
    slopes = rows["group"].map(truth.slopes_per_100())
    rows["level"] = intercepts + slopes * hundreds + rows["level_deviation"] + beside
    columns = ["dyad_id", "session_id", "person_id", "role", "group", "segment_id", "emotion"]
    return rows[[*columns, "rating", "level"]]


def check_paintable(shown: pd.DataFrame) -> None:
    """Make sure that no level would have to be cut off, which would bend the known truth.

    Raises
    ------
    ValueError
        If a level cannot be painted as it is.
    """
    beyond = shown[~shown["level"].between(LOWEST_LEVEL, HIGHEST_LEVEL)]
    if len(beyond):
        first = beyond.iloc[0]
        raise ValueError(
            f"{len(beyond)} levels lie outside {LOWEST_LEVEL} to {HIGHEST_LEVEL}, the first one "
            f"{first['level']:.3f} ({first['person_id']}, {first['session_id']}, "
            f"{first['segment_id']}, {first['emotion']}): choose milder slopes or intercepts"
        )


def _people(sessions: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """One row per person and session, with the group whose truth the person follows."""
    keys = sessions[["dyad_id", "session_id"]]
    people = pd.concat(
        [
            keys.assign(person_id=sessions["participant_id"], role="participant"),
            keys.assign(person_id=sessions["partner_id"], role="partner"),
        ]
    )
    group = participants.set_index("participant_id")["group"]
    people["group"] = (
        people["person_id"].map(group).where(people["role"].eq("participant"), "control")
    )
    return people.sort_values(["dyad_id", "session_id", "role"], ignore_index=True)


def _experience(person_id: str, n_sessions: int, truth: Truth) -> tuple[FloatArray, FloatArray]:
    """What one person feels, and what moves the face beside it: sessions × cells."""
    rng = generator(truth.seed, "experience", person_id)
    typical = _EXPECTED.mean(axis=0)
    own = typical + rng.normal(0, RATING_OFFSET_SD, typical.size)
    reactivity = rng.normal(1, REACTIVITY_SD)
    shape = (n_sessions, *_EXPECTED.shape)
    felt = own + reactivity * (_EXPECTED - typical) + rng.normal(0, RATING_NOISE_SD, shape)
    noise = rng.normal(0, truth.noise_sd, shape)
    return felt.reshape(n_sessions, -1), noise.reshape(n_sessions, -1)


def _repeated(cells: pd.MultiIndex, times: int) -> dict[str, npt.NDArray[np.object_]]:
    return {
        name: np.tile(cells.get_level_values(name).to_numpy(dtype=object), times)
        for name in map(str, cells.names)
    }


def _slope_of(
    beside: pd.Series[float], hundreds: pd.Series[float], groups: list[pd.Series[str]]
) -> pd.Series[float]:
    """Slope within each group of what is shown beside the group's own slope."""
    products = pd.DataFrame({"xy": beside * hundreds, "xx": hundreds**2})
    sums = products.groupby(groups).transform("sum")
    return sums["xy"] / sums["xx"]


def _deviations(people: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """How each person's level and slope differ from the group's."""
    persons = people.drop_duplicates("person_id")[["person_id", "role", "group"]]
    drawn = np.array(
        [generator(truth.seed, "person", person).normal(size=2) for person in persons["person_id"]]
    ).reshape(-1, 2)
    if truth.balanced:
        groups = [persons["role"].to_numpy(), persons["group"].to_numpy()]
        drawn = drawn - pd.DataFrame(drawn).groupby(groups).transform("mean").to_numpy()
    return pd.DataFrame(
        {
            "person_id": persons["person_id"].to_numpy(),
            "level_deviation": drawn[:, 0] * truth.person_sd,
            "slope_deviation": drawn[:, 1] * truth.person_slope_sd,
        }
    )
