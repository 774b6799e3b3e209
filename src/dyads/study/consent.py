"""Who allowed what: the one place that decides whose recordings, answers and values are used.

A use that nobody spoke of is not granted, a withdrawn one is not granted, and no use is granted
by somebody who did not allow processing. What shows or concerns two people needs both.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Mapping
from typing import Final

import pandas as pd

PROCESS: Final = "process"
SHARE_FEATURES: Final = "share_features"
IDENTIFY: Final = "identify"

_SESSION: Final = ["dyad_id", "session_id"]
_KEPT_OF_A_REFUSING_PERSON: Final = ("participant_id", "group")
"""What remains of a person who refuses: enough to be counted in the data flow."""
_KEPT_OF_A_CLOSED_SESSION: Final = (*_SESSION, "participant_id", "partner_id", "session_number")


def people_with_consent(consent: pd.DataFrame, use: str = PROCESS) -> frozenset[str]:
    """Name the people who granted a use and have not withdrawn.

    Parameters
    ----------
    consent
        Checked `Consent`.
    use
        One of `CONSENT_USES`. Any use but `process` counts only together with `process`.
    """
    stands = consent["granted"] & consent["withdrawn_on"].isna()
    people = [
        frozenset(consent.loc[stands & consent["use"].eq(wanted), "participant_id"])
        for wanted in {PROCESS, use}
    ]
    return frozenset.intersection(*people)


def sessions_with_consent(
    sessions: pd.DataFrame, consent: pd.DataFrame, use: str = PROCESS
) -> pd.DataFrame:
    """Keep the sessions both of whose people granted a use.

    Somebody who is not named cannot have granted anything.

    Returns
    -------
    DataFrame
        Rows of `sessions`, numbered anew.
    """
    people = list(people_with_consent(consent, use))
    is_open = sessions[["participant_id", "partner_id"]].isin(people).all(axis=1)
    return sessions[is_open].reset_index(drop=True)


def dyads_with_consent(sessions: pd.DataFrame, consent: pd.DataFrame, use: str) -> frozenset[str]:
    """Name the dyads both of whose people granted a use."""
    return frozenset(sessions_with_consent(sessions, consent, use)["dyad_id"])


def usable_recordings(
    recordings: pd.DataFrame, sessions: pd.DataFrame, consent: pd.DataFrame, use: str = PROCESS
) -> pd.DataFrame:
    """Keep the recordings in which nobody is seen who did not grant a use.

    A file that several rows name needs the consent of everybody in these rows, however its name
    is written. A row that takes a part of the picture (any view but `full`), or one face of
    several (`face_id`), says that the partner is in the file as well: it needs both people of the
    session, even where the partner has no row and no name.

    Parameters
    ----------
    recordings, sessions, consent
        Checked tables.
    use
        What is to be done: `process` to open the file at all, `review_images` to show its
        pictures to those who work on the study, `publish_frames` to show them to others, `identify`
        to tell whose face it is.

    Returns
    -------
    DataFrame
        Rows of `recordings`, numbered anew.
    """
    return recordings[_is_allowed(recordings, sessions, consent, use)].reset_index(drop=True)


def withheld_recordings(
    recordings: pd.DataFrame, sessions: pd.DataFrame, consent: pd.DataFrame
) -> pd.DataFrame:
    """Keep the recordings that must not be opened: all but `usable_recordings`."""
    return recordings[is_withheld(recordings, sessions, consent)].reset_index(drop=True)


def is_withheld(
    recordings: pd.DataFrame, sessions: pd.DataFrame, consent: pd.DataFrame
) -> pd.Series[bool]:
    """Say of each row of the recordings whether it must not be opened."""
    return ~_is_allowed(recordings, sessions, consent, PROCESS)


def without_refusals(
    tables: Mapping[str, pd.DataFrame], consent: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Take out what people told who did not allow processing.

    Their answers go, and of their row among the participants only the identifier and the group
    stay, so that they can be counted. Of a session of which nobody allowed it, its place in the
    order of sessions stays. What others answered about them are those others' answers.

    Parameters
    ----------
    tables
        Study tables by name.
    consent
        Checked `Consent`.
    """
    people = list(people_with_consent(consent))
    kept = dict(tables)
    ratings, participants = tables["ratings"], tables["participants"].copy()
    kept["ratings"] = ratings[ratings["person_id"].isin(people)].reset_index(drop=True)
    is_open = participants["participant_id"].isin(people)
    for name in participants.columns.difference([*_KEPT_OF_A_REFUSING_PERSON], sort=False):
        participants[name] = participants[name].where(is_open)
    kept["participants"] = participants
    sessions = tables["sessions"].copy()
    is_open = sessions[["participant_id", "partner_id"]].isin(people).any(axis=1)
    for name in sessions.columns.difference([*_KEPT_OF_A_CLOSED_SESSION], sort=False):
        sessions[name] = sessions[name].where(is_open)
    kept["sessions"] = sessions
    return kept


def _is_allowed(
    recordings: pd.DataFrame, sessions: pd.DataFrame, consent: pd.DataFrame, use: str
) -> pd.Series[bool]:
    own = recordings["person_id"].isin(list(people_with_consent(consent, use)))
    is_allowed = own.copy()
    for column in ("path", "frames_path"):
        file = recordings[column].map(_same_file)
        is_allowed &= file.eq("") | ~file.isin(file[~own])
    both = sessions_with_consent(sessions, consent, use)[_SESSION]
    is_open = pd.Series(
        pd.MultiIndex.from_frame(recordings[_SESSION]).isin(pd.MultiIndex.from_frame(both)),
        index=recordings.index,
    )
    is_part = recordings["view"].ne("full") | recordings["face_id"].ne("")
    return is_allowed & (is_open | ~is_part)


def _same_file(path: str) -> str:
    """Write a path so that two ways to write it are one, on systems that ignore case as well."""
    return unicodedata.normalize("NFC", posixpath.normpath(path)).casefold() if path else ""
