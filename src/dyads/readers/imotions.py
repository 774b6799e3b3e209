"""Text exports of iMotions: Emotient FACET (versions 5 and 6) and Affectiva AFFDEX (from 7).

FACET's evidence is the decadic logarithm of the odds that an expression is present, as Emotient
defines it; it becomes a probability, 1 / (1 + 10^-evidence). AFFDEX gives likelihoods from 0 to
100 and valence from -100 to 100; both are divided by 100. Neither is an intensity.

References
----------
Evidence: Intel RealSense SDK 2014, `manuals_emotion_data` (the same library).
AFFDEX: columns as a user of iMotions 10 lists them in public; an expression is given the number
of the action unit that is the same movement. No export with AFFDEX was at hand to try.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.channels import ChannelType
from dyads.readers.schema import ActionUnits, Schema, Translation, frames_table

_FACET_UNITS: Final = (
    1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 20, 23, 24, 25, 26, 28, 43,
)  # fmt: skip
_EMOTIONS: Final = {
    "Joy": "happiness",
    "Anger": "anger",
    "Surprise": "surprise",
    "Fear": "fear",
    "Contempt": "contempt",
    "Disgust": "disgust",
    "Sadness": "sadness",
    "Neutral": "neutral",
}
_FACET_CHANNELS: Final = {
    **{f"{theirs} Evidence": ours for theirs, ours in _EMOTIONS.items()},
    **{f"AU{unit} Evidence": f"AU{unit:02d}" for unit in _FACET_UNITS},
}
_FACET_BOX: Final = ("FaceRect X", "FaceRect Y", "FaceRect Width", "FaceRect Height")
_FACET_POSE: Final = ("Pitch Degrees", "Roll Degrees", "Yaw Degrees")
_FACET_SOURCE: Final = "FACET"
_MILLISECONDS: Final = 1000.0

_AFFDEX_UNITS: Final = {
    "Inner Brow Raise": "AU01",
    "Brow Raise": "AU02",
    "Brow Furrow": "AU04",
    "Eye Widen": "AU05",
    "Cheek Raise": "AU06",
    "Lid Tighten": "AU07",
    "Nose Wrinkle": "AU09",
    "Upper Lip Raise": "AU10",
    "Smile": "AU12",
    "Dimpler": "AU14",
    "Lip Corner Depressor": "AU15",
    "Chin Raise": "AU17",
    "Lip Pucker": "AU18",
    "Lip Stretch": "AU20",
    "Lip Press": "AU24",
    "Mouth Open": "AU25",
    "Jaw Drop": "AU26",
    "Lip Suck": "AU28",
    "Eye Closure": "AU43",
}
_AFFDEX_CHANNELS: Final = {**_EMOTIONS, **_AFFDEX_UNITS, "Valence": "valence"}


def _translate_facet(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    """Take FACET's own rows, and turn evidence and directions.

    Between FACET's rows iMotions repeats its last numbers in the rows of other sensors. The
    directions were read off py-feat's test file of iMotions 6 by eyes and nose: yaw is positive
    with the nose to the right of the picture (r = 0.84), pitch with the nose low (r = 0.43),
    roll with the eye on the left of the picture low (r = -0.54 with its line).
    """
    own = cells[cells["EventSource"].str.contains(_FACET_SOURCE, regex=False)]
    own = own.reset_index(drop=True)
    names = {theirs: ours for theirs, ours in _FACET_CHANNELS.items() if theirs in own}
    evidence = own[list(names)].set_axis(list(names.values()), axis=1)
    pitch, roll, yaw = (own[name] for name in _FACET_POSE)
    several = int((own["NoOfFaces"] > 1).sum())
    return Translation(
        frames=frames_table(
            1 / (1 + 10**-evidence),
            is_face=own["NoOfFaces"].gt(0) & evidence.notna().any(axis=1),
            time_s=own["Timestamp"] / _MILLISECONDS,
            box_px=own[list(_FACET_BOX)],
            pose_deg=pd.concat([-pitch, roll, -yaw], axis=1),
        ),
        channel_types=dict.fromkeys(names.values(), ChannelType.PROBABILITY),
        remarks=(
            "Evidence of FACET, a decadic logarithm of odds, was turned into probabilities.",
            "Times are those of iMotions' own clock from the start of its recording.",
            "The directions of FACET's angles are known from a few frames only.",
            *(
                (f"{several} rows say that several faces were seen: whose they are is not known.",)
                if several
                else ()
            ),
        ),
        faults=()
        if len(own)
        else ("no row comes from FACET (column EventSource). Export with the face data.",),
    )


def _translate_affdex(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    own = cells[cells["SampleNumber"].notna()].reset_index(drop=True)
    names = {theirs: ours for theirs, ours in _AFFDEX_CHANNELS.items() if theirs in own}
    channels = own[list(names)].set_axis(list(names.values()), axis=1) / 100
    return Translation(
        frames=frames_table(
            channels,
            is_face=channels.notna().any(axis=1),
            time_s=own["Timestamp"] / _MILLISECONDS,
        ),
        channel_types={
            name: ChannelType.BIPOLAR if name == "valence" else ChannelType.PROBABILITY
            for name in names.values()
        },
        remarks=(
            "Likelihoods of AFFDEX from 0 to 100 were taken as probabilities; its head angles "
            "were left out, for their directions are not known.",
            "Times are those of iMotions' own clock from the start of its recording.",
            "Exports with AFFDEX are read by their published columns; none was at hand to try.",
        ),
        faults=()
        if len(own)
        else ("no row comes from AFFDEX (column SampleNumber). Export with the face data.",),
    )


IMOTIONS_FACET: Final = Schema(
    name="iMotions with FACET",
    required=frozenset({"Timestamp", "EventSource", "NoOfFaces", "Joy Evidence"})
    | {*_FACET_BOX, *_FACET_POSE},
    optional=frozenset(_FACET_CHANNELS),
    texts=frozenset({"EventSource"}),
    translate=_translate_facet,
)

IMOTIONS_AFFDEX: Final = Schema(
    name="iMotions with AFFDEX",
    required=frozenset({"Timestamp", "SampleNumber", "Joy", "Anger", "Smile", "Brow Furrow"}),
    optional=frozenset(_AFFDEX_CHANNELS),
    translate=_translate_affdex,
)
