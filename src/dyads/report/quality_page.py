"""The page by which recordings are judged. Neither groups nor diagnoses reach this module."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from dyads import wording
from dyads.config import QualitySettings
from dyads.report.page_tables import PageTable
from dyads.report.templates import render

_SHOWN: Final = {
    "frames": "Frames",
    "rate": "Frames/s",
    "face_share": "Face seen",
    "longest_gap": "Longest gap (s)",
    "face_width": "Face width (px)",
    "turn": "Turned by (°)",
    "light": "Light",
    "sharpness": "Sharpness",
    "speed_p95": "Speed (widths/s)",
}
_WHO: Final = ("Dyad", "Session", "Person")


def quality_page(
    study: str,
    quality: pd.DataFrame,
    left_out: pd.DataFrame,
    notices: pd.DataFrame,
    settings: QualitySettings,
    templates: Path,
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
    settings
        Limits of the masks.
    templates
        Folder of the page templates.
    """
    return render(
        templates,
        "quality.html",
        title="Quality of the recordings",
        study=study,
        limits=_limits(settings),
        recordings=_recordings(quality[quality["segment_id"].eq("")]),
        losses=_losses(quality[quality["segment_id"].eq("")]),
        segments=_segments(quality[quality["segment_id"].ne("")]),
        left_out=_listed(left_out, ["dyad_id", "session_id", "person_id", "reason", "sentence"],
                         (*_WHO, "Reason", "What was found, and what to do")),
        notices=_listed(notices, ["dyad_id", "session_id", "recording", "code", "sentence"],
                        ("Dyad", "Session", "Recording", "Notice", "What was found")),
    )  # fmt: skip


def _wide(quality: pd.DataFrame, keys: list[str], measures: list[str]) -> pd.DataFrame:
    table = quality[quality["measure"].isin(measures)]
    wide = table.pivot_table(index=keys, columns="measure", values="value", dropna=False)
    return wide.dropna(how="all").reindex(columns=measures).reset_index()


def _recordings(whole: pd.DataFrame) -> PageTable:
    wide = _wide(whole, ["dyad_id", "session_id", "person_id"], list(_SHOWN))
    rows = [
        (
            *map(str, row[:3]),
            *(_cell(name, value) for name, value in zip(_SHOWN, row[3:], strict=True)),
        )
        for row in wide.itertuples(index=False, name=None)
    ]
    return PageTable(
        title="Recordings",
        head=(*_WHO, *_SHOWN.values()),
        words=_WHO,
        rows=tuple(rows),
        note="Face seen: share of the frames that were read. Sizes, turn, light and sharpness are "
        "medians over frames with a face, speed is the 95th percentile. A dash: not measured, as "
        "in frames that another program read.",
    )


def _losses(whole: pd.DataFrame) -> PageTable:
    """Why frames say nothing, by recording; reasons that nowhere occur are left out."""
    shares = whole[whole["measure"].str.endswith("_share") & whole["measure"].ne("face_share")]
    there = shares.groupby("measure")["value"].sum()
    measures = [str(name) for name in shares["measure"].unique() if there[name] > 0]
    wide = _wide(whole, ["dyad_id", "session_id", "person_id"], measures)
    names = [name.removesuffix("_share").replace("_", " ") for name in measures]
    return PageTable(
        title="Frames that say nothing, by reason",
        head=(*_WHO, *names),
        words=_WHO,
        rows=tuple(
            (*map(str, row[:3]), *(wording.percent(share) for share in row[3:]))
            for row in wide.itertuples(index=False, name=None)
            if any(share > 0 for share in row[3:])
        ),
    )


def _segments(parts: pd.DataFrame) -> PageTable:
    keys = ["dyad_id", "session_id", "person_id", "segment_id"]
    wide = _wide(parts, keys, ["face_share", "longest_gap"])
    return PageTable(
        title="Segments",
        head=(*_WHO, "Segment", "Face seen", "Longest gap (s)"),
        words=(*_WHO, "Segment"),
        rows=tuple(
            (*map(str, row[:4]), _cell("face_share", row[4]), _cell("longest_gap", row[5]))
            for row in wide.itertuples(index=False, name=None)
        ),
    )


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


def _cell(measure: str, value: float) -> str:
    if measure.endswith("_share") and not pd.isna(value):
        return wording.percent(value)
    return wording.number(value)
