"""Files of LibreFace for films (`libreface --input_path film.mp4`).

LibreFace gives action units as intensities (`au_6_intensity`, 0 to 5) and as presences (`au_6`,
0 or 1), for two lists of action units that overlap; one of the two is taken. Of the emotions it
names the likeliest. Its head angles, degrees that it multiplies by 360, are left out.

References
----------
https://github.com/ihp-lab/LibreFace: README_pypi.rst, libreface/__init__.py,
libreface/detect_mediapipe_image.py. No file was at hand to try.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.channels import EMOTIONS, ChannelType
from dyads.readers.schema import ActionUnits, Schema, Translation, frames_table

_INTENSITIES: Final = {
    f"au_{unit}_intensity": f"AU{unit:02d}" for unit in (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
}
_PRESENCES: Final = {
    f"au_{unit}": f"AU{unit:02d}" for unit in (1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24)
}
_EMOTIONS: Final = (*EMOTIONS, "contempt")
_EMOTION: Final = "facial_expression"


def _translate(cells: pd.DataFrame, action_units: ActionUnits) -> Translation:
    is_intensity = action_units == "intensity"
    units = _INTENSITIES if is_intensity else _PRESENCES
    names = {theirs: ours for theirs, ours in units.items() if theirs in cells}
    channels = cells[list(names)].set_axis(list(names.values()), axis=1)
    is_face = channels.notna().all(axis=1) if names else cells[_EMOTION].ne("")
    kind = ChannelType.INTENSITY_0_5 if is_intensity else ChannelType.PRESENCE
    types = dict.fromkeys(names.values(), kind)
    faults: tuple[str, ...] = ()
    if _EMOTION in cells:
        said = cells[_EMOTION].str.lower()
        shown = {name: said.eq(name).astype(float) for name in _EMOTIONS}
        channels = pd.concat([channels, pd.DataFrame(shown)], axis=1)
        types |= dict.fromkeys(_EMOTIONS, ChannelType.PRESENCE)
        unknown = said[~said.isin(["", *_EMOTIONS])]
        if len(unknown):
            faults = (
                f"column {_EMOTION}: {unknown.iloc[0]!r} is none of LibreFace's emotions. Is the "
                "file what its columns say?",
            )
    return Translation(
        frames=frames_table(
            channels,
            is_face=is_face,
            frame=cells["frame_idx"],
            time_s=cells["frame_time_in_ms"] / 1000.0,
        ),
        channel_types=types,
        remarks=(
            f"Of LibreFace's two numbers for an action unit the {action_units} was taken.",
            "LibreFace names the likeliest emotion alone (1, all others 0); its head angles were "
            "left out, for they are no degrees.",
            "Files of LibreFace are read by its published layout; none was at hand to try.",
        ),
        faults=faults,
    )


LIBREFACE: Final = Schema(
    name="LibreFace",
    required=frozenset({"frame_idx", "frame_time_in_ms"}),
    optional=frozenset({*_INTENSITIES, *_PRESENCES, _EMOTION}),
    texts=frozenset({_EMOTION}),
    translate=_translate,
    without_channels="Export again with its action units or the facial expression.",
)
