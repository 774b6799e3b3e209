"""Load a study's tables and check everything that can be checked before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from dyads.config import RecordingSettings, StudySettings
from dyads.ratings.instruments import Instruments
from dyads.ratings.kinds import about_oneself
from dyads.study.answers import count_unanswered, with_codes_of_labels
from dyads.study.checks import check_together
from dyads.study.consent import (
    PROCESS,
    people_with_consent,
    usable_recordings,
    withheld_recordings,
    without_refusals,
)
from dyads.study.faults import Fault, StudyFaults
from dyads.study.folder import read_folder
from dyads.study.optional_tables import Continuous, Faces
from dyads.study.reach import check_reach
from dyads.study.reading import StudyTable
from dyads.study.tables import STUDY_TABLES

_SESSION: Final = ["dyad_id", "session_id"]


class TableFile(NamedTuple):
    """The file of a table.

    Parameters
    ----------
    name
        Its name in the study's folder.
    remark
        How it was understood: separator, encoding, decimal sign, and how many missing codes.
    """

    name: str
    remark: str


def _no_faces() -> pd.DataFrame:
    return pd.DataFrame(columns=list(Faces.to_schema().columns))


def _no_streams() -> pd.DataFrame:
    return pd.DataFrame(columns=list(Continuous.to_schema().columns))


@dataclass(frozen=True, eq=False)
class Study:
    """The checked tables of a study. Rows are numbered from 0, optional columns filled.

    Parameters
    ----------
    participants, sessions, recordings, segments, ratings, consent
        Tables that keep their contracts in `CHECKED_TABLES`.
    instruments
        What the ratings answer.
    files
        The file of each table and how it was understood, by the name of the table.
    faces
        What somebody answered who looked at faces; empty without such a table.
    continuous
        Files of continuous ratings; empty without such a table.
    """

    participants: pd.DataFrame
    sessions: pd.DataFrame
    recordings: pd.DataFrame
    segments: pd.DataFrame
    ratings: pd.DataFrame
    consent: pd.DataFrame
    instruments: Instruments
    files: dict[str, TableFile]
    faces: pd.DataFrame = field(default_factory=_no_faces)
    continuous: pd.DataFrame = field(default_factory=_no_streams)

    def people(self) -> pd.DataFrame:
        """List who met in each session; see `people_of`."""
        return people_of(self.sessions, self.participants)

    def sessions_of(self, person_id: str) -> pd.DataFrame:
        """Rows of the sessions in which a person is participant or partner."""
        is_there = self.sessions["participant_id"].eq(person_id)
        is_there |= self.sessions["partner_id"].eq(person_id)
        return self.sessions[is_there].reset_index(drop=True)

    def consented(self, use: str = PROCESS) -> frozenset[str]:
        """People who granted a use and have not withdrawn; see `people_with_consent`."""
        return people_with_consent(self.consent, use)

    def usable_recordings(self, use: str = PROCESS) -> pd.DataFrame:
        """Rows of the recordings that may be used so; see `usable_recordings`."""
        return usable_recordings(self.recordings, self.sessions, self.consent, use)

    def withheld_recordings(self) -> pd.DataFrame:
        """Rows of the recordings that must not be opened."""
        return withheld_recordings(self.recordings, self.sessions, self.consent)

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


def load_study(
    settings: StudySettings, *, recordings_expected: bool, films: RecordingSettings | None = None
) -> Study:
    """Read and check the tables of a study.

    Parameters
    ----------
    settings
        Folders and groups.
    recordings_expected
        Whether the films of `path` must already be there; not so before those of the demo
        study are rendered. Files of `frames_path` always must.
    films
        Limits within which films are opened, to see whether the tables speak of times after their
        end. None: no film is opened.

    Raises
    ------
    StudyFaults
        With every fault of every table.
    """
    tables, instruments, faults = read_folder(settings)
    faults = with_codes_of_labels(faults, tables, instruments)
    faults += check_together(tables, instruments, settings, recordings_expected=recordings_expected)
    if films is not None and _tells_consent(tables, faults):
        faults += check_reach(tables, settings.recordings_folder, films)
    faults = _one_of_each_cell(faults)
    if faults or instruments is None:
        raise StudyFaults(sorted(faults, key=_place))
    return Study(
        **{name: _checked(name, table) for name, table in tables.items()},
        instruments=instruments,
        files={name: _file(table) for name, table in tables.items()},
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


def checked_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Give the tables by name, to be written with their contracts in `CHECKED_TABLES`.

    Of people who did not allow processing nothing is kept but that they are there.
    """
    tables = {
        "participants": study.participants,
        "sessions": study.sessions,
        "recordings": study.recordings,
        "segments": study.segments,
        "ratings": study.ratings,
        "consent": study.consent,
    }
    return without_refusals(tables, study.consent)


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
        `table`, `rows`, `columns`, `read_as` (the file and how it was understood), `remarks`
        (sentences or nothing).
    """
    groups = study.participants.value_counts("group", sort=False)
    sizes = [f"{group}: {_told(int(size), minimum_cell)}" for group, size in groups.items()]
    tables = checked_tables(study)
    withheld = len(study.withheld_recordings())
    people = study.people()
    people = people[people["person_id"].isin(study.consented())]
    empty, absent = count_unanswered(about_oneself(tables["ratings"]), people)
    refusing = len(set(study.people()["person_id"]) - study.consented())
    remarks = {
        "participants": ", ".join(sizes) + ".",
        "sessions": f"{study.sessions['dyad_id'].nunique()} dyads.",
        "recordings": f"Not opened for want of consent: {_told(withheld, minimum_cell)}.",
        "ratings": f"Items without an answer: {empty} empty, {absent} without a row.",
        "consent": f"People who have not allowed processing: {_told(refusing, minimum_cell)}.",
    }
    return pd.DataFrame(
        [
            (name, len(table), _columns(table), ": ".join(study.files[name]), remarks.get(name, ""))
            for name, table in tables.items()
        ],
        columns=["table", "rows", "columns", "read_as", "remarks"],
    )


def _checked(name: str, table: StudyTable) -> pd.DataFrame:
    """Number the rows anew; answers keep the number that they have in their file."""
    rows = table.typed.assign(row=table.typed.index) if name == "ratings" else table.typed
    return rows.reset_index(drop=True)


def _told(count: int, minimum_cell: int) -> str:
    return f"fewer than {minimum_cell}" if 0 < count < minimum_cell else str(count)


def _columns(table: pd.DataFrame) -> int:
    return len(table.columns.drop("row", errors="ignore"))


def _file(table: StudyTable) -> TableFile:
    codes = f"; missing codes read as empty: {table.coded}" if table.coded else ""
    return TableFile(table.file, f"{table.layout}{codes}")


def _tells_consent(tables: Mapping[str, StudyTable], faults: Sequence[Fault]) -> bool:
    """Whether it is known which films may be opened: what says so is there and has no fault."""
    telling = [tables.get(name) for name in ("sessions", "recordings", "consent")]
    wrong = {fault.file for fault in faults}
    return all(table is not None and table.file not in wrong for table in telling)


def _one_of_each_cell(faults: list[Fault]) -> list[Fault]:
    """Keep the first fault of each cell: the others follow from it."""
    cells = ((fault.file, fault.row, fault.column) for fault in faults)
    first = dict(zip(reversed(list(cells)), range(len(faults) - 1, -1, -1), strict=True))
    kept = frozenset(first.values())
    return [it for place, it in enumerate(faults) if it.row is None or place in kept]


def _place(fault: Fault) -> tuple[int, int]:
    """Order of faults: that of the tables, then that of rows."""
    names, name = list(STUDY_TABLES), Path(fault.file).stem
    return names.index(name) if name in names else len(names), fault.row or 0
