"""Load a study's tables and check everything that can be checked before any work."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dyads.config import StudySettings
from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import read_instruments
from dyads.study.checks import check_together
from dyads.study.faults import Fault, StudyFaults
from dyads.study.reading import StudyTable, read_table
from dyads.study.tables import STUDY_TABLES

_SESSION: Final = ["dyad_id", "session_id"]
_CONSENT_FILE: Final = "consent.tsv"
_CONSENT_REMEDY: Final = (
    "Add the table with one row for each person and use: participant_id, use (process for "
    "everybody whose recordings may be processed), granted (yes or no)."
)


@dataclass(frozen=True, eq=False)
class Study:
    """The checked tables of a study. Rows are numbered from 0, optional columns filled.

    Parameters
    ----------
    participants, sessions, recordings, segments, ratings, consent
        Tables that keep their contracts in `STUDY_TABLES`.
    instruments
        What the ratings answer.
    """

    participants: pd.DataFrame
    sessions: pd.DataFrame
    recordings: pd.DataFrame
    segments: pd.DataFrame
    ratings: pd.DataFrame
    consent: pd.DataFrame
    instruments: Instruments

    def people(self) -> pd.DataFrame:
        """List who met in each session; see `people_of`."""
        return people_of(self.sessions, self.participants)

    def sessions_of(self, person_id: str) -> pd.DataFrame:
        """Rows of the sessions in which a person is participant or partner."""
        is_there = self.sessions["participant_id"].eq(person_id)
        is_there |= self.sessions["partner_id"].eq(person_id)
        return self.sessions[is_there].reset_index(drop=True)

    def consented(self, use: str = "process") -> frozenset[str]:
        """People who granted a use and have not withdrawn; see `people_with_consent`."""
        return people_with_consent(self.consent, use)

    def usable_recordings(self) -> pd.DataFrame:
        """Rows of the recordings that may be opened; see `usable_recordings`."""
        return usable_recordings(self.recordings, self.sessions, self.consent)

    def recorded_sessions(self) -> pd.DataFrame:
        """List the sessions that have at least one recording that may be opened.

        Returns
        -------
        DataFrame
            `dyad_id`, `session_id`, `session_number`, `group` (of the dyad's participant),
            `n_recordings` that may be opened and `n_withheld` that may not, in the order of
            the sessions table.
        """
        groups = self.participants.set_index("participant_id")["group"]
        all_of = self.recordings.value_counts(_SESSION).rename("n_all").reset_index()
        usable = self.usable_recordings().value_counts(_SESSION).rename("n_recordings")
        listed = self.sessions.assign(group=self.sessions["participant_id"].map(groups))
        listed = listed[[*_SESSION, "session_number", "group"]]
        listed = listed.merge(usable.reset_index(), on=_SESSION).merge(all_of, on=_SESSION)
        listed["n_withheld"] = listed.pop("n_all") - listed["n_recordings"]
        return listed


def load_study(settings: StudySettings, *, recordings_expected: bool) -> Study:
    """Read and check the tables of a study.

    Parameters
    ----------
    settings
        Folders and groups.
    recordings_expected
        Whether the films of `path` must already be there; not so before those of the demo
        study are rendered. Files of `frames_path` always must.

    Raises
    ------
    StudyFaults
        With every fault of every table.
    """
    folder = settings.folder
    if not folder.is_dir():
        remedy = "Correct study.folder in the settings."
        raise StudyFaults([Fault(str(folder), None, None, None, "a folder that exists", remedy)])
    tables: dict[str, StudyTable] = {}
    faults: list[Fault] = []
    for name, contract in STUDY_TABLES.items():
        path = folder / f"{name}.tsv"
        if path.name == _CONSENT_FILE and not path.exists():
            expected = "what each person allows to be done with their recordings"
            faults.append(Fault(path.name, None, None, None, expected, _CONSENT_REMEDY))
            continue
        table, found = read_table(path, contract)
        faults += found
        if table is not None:
            tables[name] = table
    instruments, found = read_instruments(folder / "instruments.yaml")
    faults += found
    told = {(fault.file, fault.row, fault.column) for fault in faults if fault.row is not None}
    faults += [
        fault
        for fault in check_together(
            tables, instruments, settings, recordings_expected=recordings_expected
        )
        if (fault.file, fault.row, fault.column) not in told
    ]
    if faults or instruments is None:
        order = {file: place for place, file in enumerate(_files_in_order())}
        raise StudyFaults(sorted(faults, key=lambda fault: _place(fault, order)))
    return Study(
        **{name: table.typed.reset_index(drop=True) for name, table in tables.items()},
        instruments=instruments,
    )


def people_of(sessions: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """List who met in each session.

    Returns
    -------
    DataFrame
        `dyad_id`, `session_id`, `session_number`, `person_id`, `role` (`participant` or
        `partner`) and `group`, which is that of the dyad's participant for both.
    """
    groups = participants.set_index("participant_id")["group"]
    meetings = sessions[[*_SESSION, "session_number"]]
    people = pd.concat(
        [
            meetings.assign(person_id=sessions[f"{role}_id"], role=role)
            for role in ("participant", "partner")
        ]
    )
    people["group"] = sessions["participant_id"].map(groups)
    return people[people["person_id"].ne("")].sort_index(kind="stable").reset_index(drop=True)


def people_with_consent(consent: pd.DataFrame, use: str = "process") -> frozenset[str]:
    """Name the people who granted a use and have not withdrawn; nothing said means no."""
    is_granted = consent["use"].eq(use) & consent["granted"] & consent["withdrawn_on"].isna()
    return frozenset(consent.loc[is_granted, "participant_id"])


def usable_recordings(
    recordings: pd.DataFrame, sessions: pd.DataFrame, consent: pd.DataFrame
) -> pd.DataFrame:
    """Keep the recordings in which nobody is seen who did not allow them to be processed.

    A film in which several people are seen, each in a view of their own or found by `auto`,
    needs the consent of all of them.

    Returns
    -------
    DataFrame
        Rows of `recordings`, numbered anew.
    """
    consented = list(people_with_consent(consent))
    is_allowed = recordings["person_id"].isin(consented)
    for column in ("path", "frames_path"):
        file = recordings[column].map(lambda path: posixpath.normpath(path) if path else "")
        is_allowed &= file.eq("") | ~file.isin(file[~recordings["person_id"].isin(consented)])
    both = sessions[["participant_id", "partner_id"]]
    is_open = both.isin([*consented, ""]).all(axis=1)
    closed = pd.MultiIndex.from_frame(sessions.loc[~is_open, _SESSION])
    is_closed = pd.MultiIndex.from_frame(recordings[_SESSION]).isin(closed)
    is_allowed &= ~(recordings["view"].eq("auto") & is_closed)
    return recordings[is_allowed].reset_index(drop=True)


def checked_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Give the tables by name, to be written with their contracts in `STUDY_TABLES`."""
    return {
        "participants": study.participants,
        "sessions": study.sessions,
        "recordings": study.recordings,
        "segments": study.segments,
        "ratings": study.ratings,
        "consent": study.consent,
    }


def summary(study: Study, minimum_cell: int = 5) -> pd.DataFrame:
    """Describe the checked tables in numbers, without naming anybody.

    Parameters
    ----------
    study
        The study.
    minimum_cell
        Counts of people or recordings below this number are not told exactly.

    Returns
    -------
    DataFrame
        `table`, `rows`, `columns`, `remarks` (sentences or nothing).
    """
    groups = study.participants.value_counts("group", sort=False)
    sizes = [f"{group}: {_told(int(size), minimum_cell)}" for group, size in groups.items()]
    withheld = len(study.recordings) - len(study.usable_recordings())
    unanswered = int(study.ratings["value"].isna().sum())
    refusing = len(set(study.people()["person_id"]) - study.consented())
    remarks = {
        "participants": ", ".join(sizes) + ".",
        "sessions": f"{study.sessions['dyad_id'].nunique()} dyads.",
        "recordings": f"Not opened for want of consent: {_told(withheld, minimum_cell)}.",
        "ratings": f"Items without an answer: {unanswered}.",
        "consent": f"People who have not allowed processing: {_told(refusing, minimum_cell)}.",
    }
    return pd.DataFrame(
        [
            (name, len(table), table.shape[1], remarks.get(name, ""))
            for name, table in checked_tables(study).items()
        ],
        columns=["table", "rows", "columns", "remarks"],
    )


def _told(count: int, minimum_cell: int) -> str:
    return f"fewer than {minimum_cell}" if 0 < count < minimum_cell else str(count)


def _files_in_order() -> list[str]:
    return [*(f"{name}.tsv" for name in STUDY_TABLES), "instruments.yaml"]


def _place(fault: Fault, order: dict[str, int]) -> tuple[int, int]:
    return order.get(fault.file, len(order)), fault.row or 0
