"""What the tables of a study must say of each other: known ids, places, times and ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Final

import pandas as pd

from dyads.config import StudySettings
from dyads.contracts import IDENTIFIER, NOBODY
from dyads.ratings.instruments import Instruments
from dyads.study.answers import check_answers
from dyads.study.consent import is_withheld
from dyads.study.faults import Fault
from dyads.study.files import check_files
from dyads.study.identifiers import looks_like, unknown_remedies
from dyads.study.rated_times import check_rated_times
from dyads.study.reading import StudyTable
from dyads.study.spelling import check_spelling
from dyads.study.tables import PARTNER

Tables = Mapping[str, StudyTable]

_TIME_ROUNDING_S: Final = 1e-6
_SESSION: Final = ["dyad_id", "session_id"]
_ROLES: Final = ("participant_id", "partner_id")
_NEVER_EMPTY: Final = ("participants", "sessions", "recordings", "segments", "consent")
_FIX_ID: Final = "Correct the identifier, or add it there."


def check_together(
    tables: Tables,
    instruments: Instruments | None,
    settings: StudySettings,
    *,
    recordings_expected: bool,
) -> Iterator[Fault]:
    """Find what is wrong between tables that are well by themselves.

    A check whose tables or columns are missing is left out: that they are missing is a fault
    of its own.

    Parameters
    ----------
    tables
        The tables that could be read.
    instruments
        The instruments, unless they are at fault themselves.
    settings
        Groups, folders and missing codes.
    recordings_expected
        Whether the films must already be there.
    """
    yield from _empty_tables(tables)
    yield from _groups(tables, settings.groups)
    yield from _people_of_sessions(tables)
    yield from _unknown_people(tables)
    yield from _unknown_sessions(tables)
    yield from _people_of_other_dyads(tables)
    yield from _unknown_segments(tables)
    yield from overlapping_segments(tables)
    yield from check_spelling(tables)
    yield from check_rated_times(tables, instruments, settings.folder)
    recordings = tables.get("recordings")
    if recordings is not None:
        yield from check_files(
            recordings,
            settings.recordings_folder,
            _withheld(recordings, tables),
            recordings_expected=recordings_expected,
        )
    if instruments is not None and "ratings" in tables:
        yield from check_answers(tables["ratings"], instruments, settings.missing_codes)


def _withheld(recordings: StudyTable, tables: Tables) -> pd.Series[bool]:
    """Say which recordings must not be opened; none where the tables do not tell."""
    sessions, consent = tables.get("sessions"), tables.get("consent")
    if (
        sessions is not None
        and consent is not None
        and recordings.has(*_SESSION, "person_id", "path")
        and sessions.has(*_SESSION, *_ROLES)
        and consent.has("participant_id", "use", "granted")
    ):
        return is_withheld(recordings.typed, sessions.typed, consent.typed)
    return pd.Series(data=False, index=recordings.cells.index)


def _columns(tables: Tables, name: str, *columns: str) -> pd.DataFrame | None:
    """Cells of a table, if it is there and has these columns."""
    table = tables.get(name)
    if table is None or not set(columns) <= set(table.cells.columns):
        return None
    return table.cells[list(columns)]


def _key(cells: pd.DataFrame) -> pd.Series[str]:
    """One text for several columns; no cell holds a tab."""
    parts = [cells[column] for column in cells]
    return reduce(lambda left, right: left + "\t" + right, parts)


def _empty_tables(tables: Tables) -> Iterator[Fault]:
    for name in _NEVER_EMPTY:
        if name in tables and tables[name].cells.empty:
            file = tables[name].file
            yield Fault(file, None, None, None, "at least one row", "Fill in the table.")


def _groups(tables: Tables, groups: tuple[str, ...]) -> Iterator[Fault]:
    participants = _columns(tables, "participants", "participant_id", "group")
    if participants is None:
        return
    group = participants["group"]
    yield from tables["participants"].faults(
        ~group.isin([*groups, PARTNER]),
        "group",
        f"one of {', '.join((*groups, PARTNER))}",
        "Correct the spelling, or add the group to study.groups in the settings.",
    )
    sessions = _columns(tables, "sessions", *_ROLES)
    if sessions is not None:
        partners = participants.loc[group.eq(PARTNER), "participant_id"]
        is_exchanged = sessions["participant_id"].isin(partners)
        yield from tables["sessions"].faults(
            is_exchanged,
            "participant_id",
            f"somebody whose group is not {PARTNER}",
            "Exchange participant and partner, or correct the group in "
            f"{tables['participants'].file}.",
        )
        # Of a group are those who were recruited for it: somebody else would be counted with them.
        others = set(sessions.loc[~is_exchanged, "partner_id"]) - set(sessions["participant_id"])
        yield from tables["participants"].faults(
            group.isin(list(groups)) & participants["participant_id"].isin(others),
            "group",
            f"{PARTNER}: in {tables['sessions'].file} this person is never the participant",
            f"Write {PARTNER}, or correct who is participant and who is partner there.",
        )


def _people_of_sessions(tables: Tables) -> Iterator[Fault]:
    sessions = _columns(tables, "sessions", *_SESSION, "participant_id", "partner_id")
    if sessions is None:
        return
    table = tables["sessions"]
    yield from table.faults(
        sessions["partner_id"].eq(sessions["participant_id"]),
        "partner_id",
        "somebody else than the participant",
        "Enter the partner's identifier.",
    )
    for column in _ROLES:
        first = sessions.groupby("dyad_id")[column].transform("first")
        yield from table.faults(
            sessions[column].ne(first),
            column,
            first + ", as in the dyad's first row",
            "A dyad is two people: correct the identifier, or name the dyad anew.",
        )
    if "session_number" in table.cells:
        numbered = table.typed.assign(dyad_id=sessions["dyad_id"])
        yield from table.faults(
            numbered.duplicated(["dyad_id", "session_number"]),
            "session_number",
            "a number that no other session of the dyad has",
            "Number the dyad's sessions 1, 2, 3 …",
        )


def _unknown_people(tables: Tables) -> Iterator[Fault]:
    people = _columns(tables, "participants", "participant_id")
    if people is None:
        return
    # An identifier that is at fault among the participants is not told again wherever it is meant.
    odd = people.loc[~people["participant_id"].str.match(IDENTIFIER), "participant_id"]
    for name, column in (
        ("sessions", "participant_id"),
        ("sessions", "partner_id"),
        ("recordings", "person_id"),
        ("ratings", "person_id"),
        ("continuous", "person_id"),
        ("consent", "participant_id"),
        ("faces", "face_of"),
    ):
        cells = _columns(tables, name, column)
        if cells is not None:
            known = [*people["participant_id"], *([NOBODY] if name == "faces" else [])]
            there = tables["participants"].file
            is_unknown = cells[column].ne("") & ~cells[column].isin(known)
            if not is_unknown.any():
                continue
            is_unknown &= ~looks_like(cells.loc[is_unknown, column], odd).reindex(
                cells.index, fill_value=False
            )
            remedies = unknown_remedies(cells.loc[is_unknown, column], known, there)
            yield from tables[name].faults(is_unknown, column, f"a person of {there}", remedies)


def _unknown_sessions(tables: Tables) -> Iterator[Fault]:
    sessions = _columns(tables, "sessions", *_SESSION)
    if sessions is None:
        return
    known, there = _key(sessions), tables["sessions"].file
    for name in ("recordings", "segments", "ratings", "continuous", "faces"):
        cells = _columns(tables, name, *_SESSION)
        if cells is None:
            continue
        has_dyad = cells["dyad_id"].isin(sessions["dyad_id"])
        is_unknown = ~has_dyad & cells["dyad_id"].ne("")
        unknown = cells.loc[is_unknown, "dyad_id"]
        remedies = unknown_remedies(unknown, sessions["dyad_id"].unique(), there)
        yield from tables[name].faults(is_unknown, "dyad_id", f"a dyad of {there}", remedies)
        yield from tables[name].faults(
            has_dyad & cells["session_id"].ne("") & ~_key(cells).isin(known),
            "session_id",
            "a session of " + cells["dyad_id"] + f" in {there}",
            _FIX_ID,
        )


def _people_of_other_dyads(tables: Tables) -> Iterator[Fault]:
    people = _columns(tables, "participants", "participant_id")
    sessions = _columns(tables, "sessions", *_SESSION, "participant_id", "partner_id")
    if people is None or sessions is None:
        return
    members = pd.concat([_key(sessions[[*_SESSION, role]]) for role in _ROLES])
    # Where a session does not say rightly who met, everybody else in it would seem wrong.
    named = [sessions[role].isin(["", *people["participant_id"]]) for role in _ROLES]
    is_sound = named[0] & named[1] & sessions["participant_id"].ne(sessions["partner_id"])
    known = _key(sessions.loc[is_sound, _SESSION])
    for name in ("recordings", "ratings", "continuous"):
        cells = _columns(tables, name, *_SESSION, "person_id")
        if cells is None:
            continue
        is_comparable = (
            _key(cells[_SESSION]).isin(known) & cells["person_id"].isin(people["participant_id"])
        )  # fmt: skip
        yield from tables[name].faults(
            is_comparable & ~_key(cells).isin(members),
            "person_id",
            "the participant or the partner of " + cells["dyad_id"] + " " + cells["session_id"],
            "Correct the person, or the dyad and the session of this row.",
        )


def _unknown_segments(tables: Tables) -> Iterator[Fault]:
    sessions = _columns(tables, "sessions", *_SESSION)
    segments = _columns(tables, "segments", *_SESSION, "segment_id")
    ratings = _columns(tables, "ratings", *_SESSION, "segment_id")
    if sessions is None or segments is None or ratings is None:
        return
    there = tables["segments"].file
    is_comparable = ratings["segment_id"].ne("") & _key(ratings[_SESSION]).isin(_key(sessions))
    yield from tables["ratings"].faults(
        is_comparable & ~_key(ratings).isin(_key(segments)),
        "segment_id",
        "a segment of " + ratings["dyad_id"] + " " + ratings["session_id"] + f" in {there}",
        "Correct the segment, or leave the cell empty if the whole session was rated.",
    )


def overlapping_segments(tables: Tables) -> Iterator[Fault]:
    """Find segments that begin before an earlier one of the same session has ended."""
    segments = _columns(tables, "segments", *_SESSION, "onset_s", "duration_s")
    if segments is None:
        return
    times = tables["segments"].typed[[*_SESSION, "onset_s", "duration_s"]].dropna()
    times = times[times["duration_s"].gt(0)].sort_values([*_SESSION, "onset_s"], kind="stable")
    times["end_s"] = times["onset_s"] + times["duration_s"]
    latest = times.groupby(_SESSION)["end_s"].cummax()
    before = latest.groupby([times[column] for column in _SESSION]).shift()
    yield from tables["segments"].faults(
        times["onset_s"].lt(before - _TIME_ROUNDING_S).sort_index(),
        "onset_s",
        before.map("{:g} s or later, where the segment before it ends".format),
        "Segments of a session must not overlap: correct onset or duration.",
    )
