"""Frame-by-frame tables of OpenWillis 2 and 3 (`emotional_expressivity`), saved as CSV.

OpenWillis runs py-feat: action units are probabilities, emotions are probabilities times 100.
It leaves out frames that it skipped or in which it saw no face. With a baseline film all numbers
become relative to it; such a table is refused.

References
----------
https://github.com/bklynhlth/openwillis: openwillis-face, facial_emotion.py. No file was at hand
to try.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.channels import ACTION_UNITS, EMOTIONS, ChannelType
from dyads.readers.schema import ActionUnits, Schema, Translation, frames_table

_LEAST_SUM: Final = 10.0
"""Emotions of a frame sum to 100; to 1 if a version did not multiply them."""


def _translate(cells: pd.DataFrame, _: ActionUnits) -> Translation:
    units = [name for name in ACTION_UNITS if name in cells]
    emotions = cells[list(EMOTIONS)]
    channels = pd.concat([cells[units], emotions / 100], axis=1)
    total = float(emotions.sum(axis=1, min_count=1).median())
    return Translation(
        frames=frames_table(
            channels,
            is_face=channels.notna().all(axis=1),
            frame=cells["frame"],
            time_s=cells["time"],
        ),
        channel_types=dict.fromkeys(channels.columns, ChannelType.PROBABILITY),
        remarks=(
            "OpenWillis computes times from the film's announced frame rate: in a film of "
            "variable rate they are wrong. It leaves out frames without a face.",
            "Files of OpenWillis are read by its published layout; none was at hand to try.",
        ),
        faults=(
            f"the emotions of a row sum to {total:.3g} and not to 100, as OpenWillis writes them. "
            "Was it made with a baseline film? Such numbers are relative and cannot be used.",
        )
        if total < _LEAST_SUM
        else (),
    )


OPENWILLIS: Final = Schema(
    name="OpenWillis",
    required=frozenset({"frame", "time", "mouth_openness", *EMOTIONS}),
    optional=frozenset(ACTION_UNITS),
    translate=_translate,
    beyond_range="Was it made with a baseline film? Such numbers are relative and cannot be used.",
)
