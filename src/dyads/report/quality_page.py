"""The page by which recordings are judged. Neither groups nor diagnoses reach this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dyads import wording
from dyads.config import QualitySettings
from dyads.recordings.probing import recording_names
from dyads.report.page_tables import PageTable
from dyads.report.templates import render
from dyads.traces.quality import limits_of

_FRAMES: Final = {
    "frames_in_file": "In the film",
    "frames_skipped": "Skipped",
    "frames": "Read or lost",
    "rate": "Read per second",
    "face_share": "With a face",
    "longest_gap": "Longest gap (s)",
}
_FACES: Final = {
    "face_width": "Width (px)",
    "face_width_p05": "Narrowest (px)",
    "turn": "Turned by (°)",
    "light": "Light",
    "sharpness": "Sharpness",
    "speed_p95": "Speed (widths/s)",
}
_WHO: Final = ("Dyad", "Session", "Person")
_RECORDING: Final = ["dyad_id", "session_id", "person_id"]


@dataclass(frozen=True)
class QualityCell:
    """A number of the page.

    Parameters
    ----------
    text
        As it is written.
    share
        Length of the bar behind it, 0 to 1; None: no bar.
    is_beyond
        Beyond a limit of the settings.
    """

    text: str
    share: float | None = None
    is_beyond: bool = False


@dataclass(frozen=True)
class QualityTable:
    """A table of the page: whose each row is, and its numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[QualityCell, ...]], ...]
    note: str = ""


def quality_page(
    study: str,
    quality: pd.DataFrame,
    left_out: pd.DataFrame,
    notices: pd.DataFrame,
    recordings: pd.DataFrame,
    settings: QualitySettings,
    templates: Path,
    stamp: str = "",
) -> str:
    """Write the quality of every recording and segment as one page. It stays private.

    Parameters
    ----------
    study
        Title of the study.
    quality
        `Quality` of all sessions.
    left_out
        `LeftOutPeople`.
    notices
        What is odd about recordings: `dyad_id`, `session_id`, `recording`, `code`, `sentence`.
    recordings
        Study table of recordings. A recording is named by its people, since the name of a file
        may tell a group.
    settings
        Limits of the masks.
    templates
        Folder of the page templates.
    stamp
        Words that the numbers must carry.
    """
    whole = quality[quality["segment_id"].eq("")]
    named = _people_of_recordings(recordings)
    return render(
        templates,
        "quality.html",
        title="Quality of the recordings",
        study=study,
        stamp=stamp,
        limits=_limits(settings),
        tables=[
            _frames(whole, settings),
            _losses(whole),
            _faces(whole, settings),
            _segments(quality[quality["segment_id"].ne("")]),
        ],
        left_out=_listed(
            _without_names(left_out, named), [*_RECORDING, "reason", "sentence"],
            (*_WHO, "Reason", "What was found, and what to do"),
        ),
        notices=_listed(
            _without_names(notices, named),
            ["dyad_id", "session_id", "recording", "code", "sentence"],
            ("Dyad", "Session", "Recording", "Notice", "What was found"),
        ),
    )  # fmt: skip


def _frames(whole: pd.DataFrame, settings: QualitySettings) -> QualityTable:
    return QualityTable(
        title="Frames",
        head=(*_WHO, *_FRAMES.values()),
        rows=_rows(whole, _RECORDING, list(_FRAMES), settings),
        note="Skipped: frames of the film that sampling left out. With a face: share of the frames "
        "that were read or lost, faces beyond a limit not counted. A dash: not known, as in frames "
        "that another program read.",
    )


def _losses(whole: pd.DataFrame) -> QualityTable:
    """Why frames say nothing, by recording; reasons that nowhere occur are left out."""
    shares = whole[whole["measure"].str.endswith("_share") & whole["measure"].ne("face_share")]
    found = shares[shares["value"] > 0]
    measures = [name for name in shares["measure"].unique() if name in set(found["measure"])]
    affected = shares.merge(found[_RECORDING].drop_duplicates(), on=_RECORDING)
    return QualityTable(
        title="Frames that say nothing, by reason",
        head=(*_WHO, *(name.removesuffix("_share").replace("_", " ") for name in measures)),
        rows=_rows(affected, _RECORDING, measures, QualitySettings()),
    )


def _faces(whole: pd.DataFrame, settings: QualitySettings) -> QualityTable:
    return QualityTable(
        title="Faces",
        head=(*_WHO, *_FACES.values()),
        rows=_rows(whole, _RECORDING, list(_FACES), settings),
        note="Medians over frames with a face; narrowest is the 5th percentile, speed the 95th. "
        "Marked: beyond a limit. A dash: not measured.",
    )


def _segments(parts: pd.DataFrame) -> QualityTable:
    return QualityTable(
        title="Segments",
        head=(*_WHO, "Segment", "With a face", "Longest gap (s)", "Outside the recording (s)"),
        rows=_rows(
            parts,
            [*_RECORDING, "segment_id"],
            ["face_share", "longest_gap", "outside_recording"],
            QualitySettings(),
        ),
        note="Outside the recording: how much of the segment lies before the first or after the "
        "last frame; look at onset and duration in the table of segments, or at the offset of the "
        "recording.",
    )


def _rows(
    quality: pd.DataFrame, keys: list[str], measures: list[str], settings: QualitySettings
) -> tuple[tuple[tuple[str, ...], tuple[QualityCell, ...]], ...]:
    """Give a row for each recording or segment, by dyad, and a cell for each measure."""
    table = quality[quality["measure"].isin(measures)]
    by_measure = table.set_index([*keys, "measure"])["value"]
    # pivot_table would drop a recording of which nothing is known
    wide = by_measure.unstack("measure")  # noqa: PD010
    wide = wide.sort_index().reindex(columns=measures).reset_index()
    return tuple(
        (
            tuple(map(str, row[: len(keys)])),
            tuple(
                _cell(name, value, settings)
                for name, value in zip(measures, row[len(keys) :], strict=True)
            ),
        )
        for row in wide.itertuples(index=False, name=None)
    )


def _cell(measure: str, value: float, settings: QualitySettings) -> QualityCell:
    if measure.endswith("_share"):
        known = not pd.isna(value)
        return QualityCell(
            wording.percent(value) if known else wording.EN_DASH, value if known else None
        )
    if measure.startswith("frames"):
        return QualityCell(wording.fixed(value, 0))
    if measure in ("rate", "longest_gap", "outside_recording"):
        return QualityCell(wording.fixed(value, 2))
    return QualityCell(wording.number(value), is_beyond=_is_beyond(measure, value, settings))


def _is_beyond(measure: str, value: float, settings: QualitySettings) -> bool:
    lowest, highest = limits_of(settings).get(measure, (None, None))
    return (lowest is not None and value < lowest) or (highest is not None and value > highest)


def _people_of_recordings(recordings: pd.DataFrame) -> pd.DataFrame:
    """Name each recording by who is seen in it: dyad_id, session_id, recording, people."""
    named = recordings.assign(recording=recording_names(recordings))
    people = named.groupby(["dyad_id", "session_id", "recording"])["person_id"]
    return people.agg(lambda each: " and ".join(sorted(each))).rename("people").reset_index()


def _without_names(table: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Write who is seen in place of the names of files."""
    session = ["dyad_id", "session_id"]
    people = {
        key: dict(zip(rows["recording"], rows["people"], strict=True))
        for key, rows in named.groupby(session)
    }
    result = table.copy()
    result["sentence"] = [
        _said_without(sentence, people.get((dyad, own), {}))
        for dyad, own, sentence in table[[*session, "sentence"]].itertuples(index=False, name=None)
    ]
    if "recording" in table:
        result["recording"] = [
            people.get((dyad, own), {}).get(name, "")
            for dyad, own, name in table[[*session, "recording"]].itertuples(index=False, name=None)
        ]
    return result


def _said_without(sentence: str, people: dict[str, str]) -> str:
    if not people:
        return sentence
    names = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
    return re.sub(names, lambda found: f"the recording of {people[found[0]]}", sentence)


def _listed(table: pd.DataFrame, columns: list[str], head: tuple[str, ...]) -> PageTable:
    rows = table[columns].astype(str).itertuples(index=False, name=None)
    return PageTable(title="", head=head, words=head, rows=tuple(rows))


def _limits(settings: QualitySettings) -> list[str]:
    """Say each limit that masks frames."""
    said = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value is not None:
            said.append(f"quality.{name} = {value:g}: {field.description}")
    return said
