"""Hide who belongs to which group until the plan is locked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyads.config import StudySettings
from dyads.study.study import Study


def blinded(study: Study, settings: StudySettings) -> Study:
    """Give a study with the group labels of its participants permuted.

    Parameters
    ----------
    study
        The checked tables.
    settings
        Groups and seed.
    """
    people = study.participants
    labels = permuted_groups(people, settings.groups, settings.seed)
    return replace(study, participants=people.assign(group=labels))


def permuted_groups(participants: pd.DataFrame, groups: Sequence[str], seed: int) -> pd.Series[str]:
    """Deal out the labels of the groups anew among the participants.

    Each participant draws a number from the seed and their identifier; labels are dealt out in
    the order of these numbers. So the result tells how many belong to each group and nothing
    about who does: people who change places in the table change nothing.

    Parameters
    ----------
    participants
        Study table.
    groups
        Groups that are compared; anybody else, such as partners, keeps their label.
    seed
        Seed of the study.

    Returns
    -------
    Series
        A label for each row of the table, every group as often as before.
    """
    labels = participants["group"].copy()
    is_dealt = labels.isin(list(groups))
    counts = labels[is_dealt].value_counts()
    dealt = [group for group in groups for _ in range(int(counts.get(group, 0)))]
    drawn = participants.loc[is_dealt, "participant_id"].map(lambda name: _draw(seed, str(name)))
    labels.loc[drawn.sort_values(kind="stable").index] = dealt
    return labels


def _draw(seed: int, participant_id: str) -> float:
    name = hashlib.sha256(f"group/{participant_id}".encode()).digest()
    generator = np.random.default_rng([seed, *np.frombuffer(name, dtype=np.uint32)])
    return float(generator.random())
