"""Pseudo-dyads: which sessions lend their partner as a stranger to which."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd


def pseudo_dyads(
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    most: int | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """List, for every session, the sessions whose partner stands in for a stranger.

    These are all sessions of other dyads whose participant is somebody else of the same group,
    at the same session number.

    Parameters
    ----------
    sessions, participants
        Tables of the study.
    most
        Most pseudo-dyads of a session; None: all. They are drawn from the seed and the names of
        dyad and session, so that a draw depends on no other.
    seed
        Seed of the study.

    Returns
    -------
    pandas.DataFrame
        `dyad_id`, `session_id`, `other_dyad_id`, `other_session_id`, in this order of rows.
    """
    groups = participants[["participant_id", "group"]]
    met = sessions[["dyad_id", "session_id", "participant_id", "partner_id", "session_number"]]
    met = met.merge(groups, on="participant_id").dropna(subset=["group", "session_number"])
    met = met[met["partner_id"].fillna("") != ""].drop(columns="partner_id")
    others = met.rename(
        columns={name: f"other_{name}" for name in ("dyad_id", "session_id", "participant_id")}
    )
    pairs = met.merge(others, on=["group", "session_number"])
    pairs = pairs[
        (pairs["dyad_id"] != pairs["other_dyad_id"])
        & (pairs["participant_id"] != pairs["other_participant_id"])
    ]
    columns = ["dyad_id", "session_id", "other_dyad_id", "other_session_id"]
    pairs = pairs[columns].sort_values(columns, ignore_index=True)
    if most is None:
        return pairs
    kept = [
        rows.iloc[np.sort(_generator(seed, *map(str, session)).permutation(len(rows))[:most])]
        for session, rows in pairs.groupby(["dyad_id", "session_id"], sort=True)
    ]
    return pd.concat(kept, ignore_index=True) if kept else pairs


def _generator(seed: int, *names: str) -> np.random.Generator:
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32)])
