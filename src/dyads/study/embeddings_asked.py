"""Of whom identity embeddings are kept where the settings ask for them, and of whom not."""

from __future__ import annotations

import pandas as pd

from dyads.config import Config
from dyads.extraction.tiers import EMBEDDINGS
from dyads.recordings.views import AUTO
from dyads.study.consent import IDENTIFY
from dyads.study.study import Study

_WHO = ["dyad_id", "session_id", "person_id"]


def embedding_faults(settings: Config, study: Study, source: str = "config.yaml") -> list[str]:
    """Name the films of which embeddings must not be kept at all.

    Parameters
    ----------
    settings
        The whole configuration.
    study
        The checked tables.
    source
        Name of the configuration file for the messages.

    Returns
    -------
    list of str
        At most one sentence or two.
    """
    films = _films(settings, study)
    nameless = films.loc[films["view"].eq(AUTO), "path"].unique()
    if not len(nameless):
        return []
    return [
        f"{source}: extraction.tiers: embeddings are not made of films with the view {AUTO} "
        f"({', '.join(nameless)}): they show faces that nobody has named yet, also of people who "
        "were never asked. Take embeddings out, or give each person their own part of the picture "
        f"in {study.files['recordings'].name}."
    ]


def embedding_remarks(settings: Config, study: Study) -> list[str]:
    """Name the people of whom no embeddings are kept although the settings ask for them, and why.

    Parameters
    ----------
    settings
        The whole configuration.
    study
        The checked tables.

    Returns
    -------
    list of str
        A sentence for those who did not grant `identify`, and one for those who did and are filmed
        with somebody who did not.
    """
    films = _films(settings, study)
    leave = pd.MultiIndex.from_frame(study.usable_recordings(IDENTIFY)[_WHO])
    without = films.loc[~pd.MultiIndex.from_frame(films[_WHO]).isin(leave), "person_id"]
    granted = study.consented(IDENTIFY)
    refusing = sorted(set(without) - granted)
    together = sorted(set(without) & granted)
    consent = study.files["consent"].name
    remarks = []
    if refusing:
        remarks.append(
            f"No embeddings are kept of {', '.join(refusing)}: not granted `{IDENTIFY}` in "
            f"{consent}."
        )
    if together:
        remarks.append(
            f"No embeddings are kept of {', '.join(together)} where a film shows somebody else who "
            f"did not grant `{IDENTIFY}` in {consent}."
        )
    return remarks


def _films(settings: Config, study: Study) -> pd.DataFrame:
    """Rows of the recordings that are read here, where embeddings are asked for."""
    recordings = study.usable_recordings()
    is_read = recordings["path"].ne("") & recordings["frames_path"].eq("")
    return recordings[is_read & (EMBEDDINGS in settings.extraction.tiers)]
