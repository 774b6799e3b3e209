"""Detailed logs of Noldus FaceReader; its state logs are known and refused.

Emotions and action units are intensities from 0 to 1, valence runs from -1 to 1, arousal
(activation) from 0 to 1. `FIND_FAILED` (no face) and `FIT_FAILED` (a face that could not be
modelled) stand where there is no number; such rows have no face.

References
----------
Column names: the logs of github.com/mmu-research-cloud-platform/facereaderconverter (read by the
tests where they are at hand) and, for action units, orientation and quality, published scripts
that read such logs.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.channels import ChannelType
from dyads.readers.schema import ActionUnits, Refusal, Schema, Translation, frames_table

_TIME: Final = "Video Time"
_ANALYSIS: Final = "Analysis Index"
_EMOTIONS: Final = {
    "Neutral": "neutral",
    "Happy": "happiness",
    "Sad": "sadness",
    "Angry": "anger",
    "Surprised": "surprise",
    "Scared": "fear",
    "Disgusted": "disgust",
    "Contempt": "contempt",
}
_AFFECT: Final = {"Valence": "valence", "Arousal": "arousal"}
_UNITS: Final = {
    "Action Unit 01 - Inner Brow Raiser": "AU01",
    "Action Unit 02 - Outer Brow Raiser": "AU02",
    "Action Unit 04 - Brow Lowerer": "AU04",
    "Action Unit 05 - Upper Lid Raiser": "AU05",
    "Action Unit 06 - Cheek Raiser": "AU06",
    "Action Unit 07 - Lid Tightener": "AU07",
    "Action Unit 09 - Nose Wrinkler": "AU09",
    "Action Unit 10 - Upper Lip Raiser": "AU10",
    "Action Unit 12 - Lip Corner Puller": "AU12",
    "Action Unit 14 - Dimpler": "AU14",
    "Action Unit 15 - Lip Corner Depressor": "AU15",
    "Action Unit 17 - Chin Raiser": "AU17",
    "Action Unit 18 - Lip Puckerer": "AU18",
    "Action Unit 20 - Lip Stretcher": "AU20",
    "Action Unit 23 - Lip Tightener": "AU23",
    "Action Unit 24 - Lip Pressor": "AU24",
    "Action Unit 25 - Lips Part": "AU25",
    "Action Unit 26 - Jaw Drop": "AU26",
    "Action Unit 27 - Mouth Stretch": "AU27",
    "Action Unit 43 - Eyes Closed": "AU43",
}
_CHANNELS: Final = {**_EMOTIONS, **_AFFECT, **_UNITS}
_CLOCK: Final = r"^(\d+):(\d{2}):(\d{2}(?:[.,]\d+)?)$"


def _translate(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    names = {theirs: ours for theirs, ours in _CHANNELS.items() if theirs in cells}
    channels = cells[list(names)].set_axis(list(names.values()), axis=1)
    time_s = _seconds(cells[_TIME])
    unclear = cells.loc[time_s.isna(), _TIME]
    has_several = _ANALYSIS in cells and cells[_ANALYSIS].drop_duplicates().size > 1
    return Translation(
        frames=frames_table(
            channels,
            is_face=channels.notna().any(axis=1),
            # Analyses of one film follow each other; rows of one moment belong together.
            frame=time_s.rank(method="dense").fillna(0.0) if has_several else None,
            time_s=time_s,
            score=cells.get("Quality"),
            face=cells[_ANALYSIS] if has_several else None,
        ),
        channel_types={name: _type(name) for name in names.values()},
        remarks=(
            "FaceReader's head orientation was left out: which direction is positive is not "
            "published.",
        ),
        faults=()
        if unclear.empty
        else (
            f"column {_TIME}: {unclear.iloc[0]!r} ({len(unclear)} such cells) is no time as "
            "FaceReader writes it, 00:01:23.456. Export again, and do not save it from a "
            "spreadsheet.",
        ),
    )


def _type(channel: str) -> ChannelType:
    return ChannelType.BIPOLAR if channel == "valence" else ChannelType.INTENSITY_0_1


def _seconds(clock: pd.Series[str]) -> pd.Series[float]:
    """Read hours, minutes and seconds; anything else is no time."""
    parts = clock.str.replace(",", ".").str.extract(_CLOCK).astype(float)
    return 3600 * parts[0] + 60 * parts[1] + parts[2]


FACEREADER: Final = Schema(
    name="FaceReader detailed log",
    required=frozenset({_TIME, "Neutral", "Happy", "Sad", "Angry", "Surprised", "Scared"})
    | {"Disgusted"},
    optional=frozenset({*_CHANNELS, "Quality", _ANALYSIS}),
    texts=frozenset({_TIME, _ANALYSIS}),
    nothing=frozenset({"FIND_FAILED", "FIT_FAILED"}),
    translate=_translate,
)

FACEREADER_STATES: Final = Refusal(
    name="FaceReader state log",
    required=frozenset({_TIME, "Dominant Expression"}),
    reason="It tells when the strongest expression changed, and no number of any frame. Give the "
    "detailed log of the same analysis.",
)
