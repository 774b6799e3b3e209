"""Find what a study says of times before its films begin or after they have ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from dyads.config import RecordingSettings
from dyads.recordings.film_ends import film_ends
from dyads.study.consent import is_withheld
from dyads.study.faults import Fault
from dyads.study.reading import StudyTable

REACH_ROUNDING_S: Final = 1.0
"""So far may a segment reach beyond all films: times are often given in whole seconds."""

_SESSION: Final = ["dyad_id", "session_id"]
_FILMS: Final = [*_SESSION, "path"]
_OFFSET: Final = "or offset_s in recordings.tsv. Times are seconds on the session clock."


def check_reach(
    tables: Mapping[str, StudyTable], folder: Path, settings: RecordingSettings
) -> Iterator[Fault]:
    """Find segments and rated moments that no recording of their session reaches.

    They begin before every recording does, or end after every one has ended.

    A session is looked at where all of its recordings are films that may be opened and whose
    place on the session clock the table tells: an `offset_s` for each, or one film alone. Of
    other films nothing is read.

    Parameters
    ----------
    tables
        The tables that could be read. `recordings`, `sessions` and `consent` have no fault, so
        that it is known which films may be opened.
    folder
        Folder of the recordings.
    settings
        Limits of films, and of the process that opens them.
    """
    times = _times(tables)
    films = _films_on_the_clock(tables)
    yield from _early(tables, times, films)
    latest = times.groupby(_SESSION, as_index=False)["end_s"].max()
    films = films.merge(latest, on=_SESSION)
    if films.empty:
        return
    until_s = films["end_s"] - REACH_ROUNDING_S - films["offset_s"]
    asked = until_s.groupby(films["path"]).max()
    ends_s = film_ends(folder, {str(name): float(s) for name, s in asked.items()}, settings)
    films["last_s"] = films["path"].map(ends_s) + films["offset_s"]
    is_known = films["last_s"].notna().groupby([films[key] for key in _SESSION]).transform("all")
    last = (
        films[is_known].sort_values("last_s", kind="stable").drop_duplicates(_SESSION, keep="last")
    )
    late = times.merge(last[[*_FILMS, "last_s"]], on=_SESSION)
    late = late[late["end_s"].gt(late["last_s"] + REACH_ROUNDING_S)]
    for name, rows in late.groupby("table", sort=False):
        yield from _told(tables[str(name)], rows.set_index("row").sort_index())


def _early(
    tables: Mapping[str, StudyTable], times: pd.DataFrame, films: pd.DataFrame
) -> Iterator[Fault]:
    """Tell of times before the first film of their session begins; no film is opened for it."""
    first = films.sort_values("offset_s", kind="stable").drop_duplicates(_SESSION)
    known = times.merge(first, on=_SESSION)
    early = known[known["onset_s"].lt(known["offset_s"] - REACH_ROUNDING_S)]
    for name, found in early.groupby("table", sort=False):
        rows = found.set_index("row").sort_index()
        begins = rows["offset_s"].map("{:.1f} s on the session clock".format)
        session = rows["dyad_id"] + " " + rows["session_id"]
        yield from tables[str(name)].faults(
            rows["onset_s"].notna(),
            "time_s" if name == "ratings" else "onset_s",
            "a time from " + begins + " on, when the first recording of " + session
            + " (" + rows["path"] + ") begins",
            f"Correct the time, {_OFFSET}",
        )  # fmt: skip


def _times(tables: Mapping[str, StudyTable]) -> pd.DataFrame:
    """List segments and rated moments: `table`, `row`, the session, `onset_s` and `end_s`."""
    columns = ["table", "row", *_SESSION, "onset_s", "end_s"]
    parts = []
    segments, ratings = tables.get("segments"), tables.get("ratings")
    if segments is not None and segments.has(*_SESSION, "onset_s", "duration_s"):
        part = segments.typed
        parts.append(part.assign(table="segments", end_s=part["onset_s"] + part["duration_s"]))
    if ratings is not None and ratings.has(*_SESSION, "time_s"):
        part = ratings.typed.dropna(subset="time_s")
        parts.append(part.assign(table="ratings", onset_s=part["time_s"], end_s=part["time_s"]))
    known = [part.assign(row=part.index)[columns].dropna(subset="end_s") for part in parts]
    known = [part for part in known if not part.empty]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=columns)


def _films_on_the_clock(tables: Mapping[str, StudyTable]) -> pd.DataFrame:
    """List the films of the sessions that can be looked at, with their `offset_s`."""
    recordings = tables["recordings"].typed
    withheld = is_withheld(recordings, tables["sessions"].typed, tables["consent"].typed)
    is_film = recordings["path"].ne("") & recordings["frames_path"].eq("") & ~withheld
    session = [recordings[key] for key in _SESSION]
    rows = recordings[is_film.groupby(session).transform("all")]
    films = rows.groupby(_FILMS, as_index=False, sort=False)["offset_s"].max()
    is_alone = films.groupby(_SESSION)["path"].transform("size").eq(1)
    films["offset_s"] = films["offset_s"].mask(is_alone & films["offset_s"].isna(), 0.0)
    is_placed = films["offset_s"].notna().groupby([films[key] for key in _SESSION]).transform("all")
    placed: pd.DataFrame = films[is_placed]
    return placed


def _told(table: StudyTable, rows: pd.DataFrame) -> Iterator[Fault]:
    """Say of each row which of its times is wrong."""
    session = rows["dyad_id"] + " " + rows["session_id"]
    at = rows["last_s"].map("{:.1f} s on the session clock".format)
    when = at + ", when the last recording of " + session + " (" + rows["path"] + ") ends"
    if "time_s" in table.cells:
        yield from table.faults(
            rows["end_s"].notna(), "time_s", "a time up to " + when, f"Correct the time, {_OFFSET}"
        )
        return
    is_after = rows["onset_s"].ge(rows["last_s"])
    remedy = f"Correct onset or duration, {_OFFSET}"
    yield from table.faults(is_after, "onset_s", "a time before " + when, remedy)
    most = (rows["last_s"] - rows["onset_s"]).map("at most {:.1f} s: an end up to ".format)
    yield from table.faults(~is_after, "duration_s", most + when, remedy)
