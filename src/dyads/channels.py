"""The names and types of what a detector says about a face."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

ACTION_UNITS: Final = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU11", "AU12",
    "AU14", "AU15", "AU17", "AU20", "AU23", "AU24", "AU25", "AU26", "AU28", "AU43",
)  # fmt: skip
"""py-feat's twenty action units, in the order in which its models give them."""

EMOTIONS: Final = (
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger",
)  # fmt: skip
"""Emotion categories, in the order in which `Detectorv2` gives them."""

AFFECT: Final = ("valence", "arousal")


class ChannelType(StrEnum):
    """What the number of a channel means; two types never enter one analysis together.

    `probability` is evidence that something is present (0 to 1) and no intensity;
    `intensity_0_1` and `intensity_0_5` are intensities; `presence` is 0 or 1;
    `bipolar` runs from -1 to 1 (valence, arousal).
    """

    PROBABILITY = "probability"
    INTENSITY_0_1 = "intensity_0_1"
    INTENSITY_0_5 = "intensity_0_5"
    PRESENCE = "presence"
    BIPOLAR = "bipolar"


RANGES: Final[dict[ChannelType, tuple[float, float]]] = {
    ChannelType.PROBABILITY: (0.0, 1.0),
    ChannelType.INTENSITY_0_1: (0.0, 1.0),
    ChannelType.INTENSITY_0_5: (0.0, 5.0),
    ChannelType.PRESENCE: (0.0, 1.0),
    ChannelType.BIPOLAR: (-1.0, 1.0),
}

DETECTOR_CHANNELS: Final[dict[str, dict[str, ChannelType]]] = {
    "Detectorv2": {
        **dict.fromkeys((*ACTION_UNITS, *EMOTIONS), ChannelType.PROBABILITY),
        **dict.fromkeys(AFFECT, ChannelType.BIPOLAR),
    },
    "Detectorv1": dict.fromkeys((*ACTION_UNITS, *EMOTIONS), ChannelType.PROBABILITY),
    "MPDetector": {
        **dict.fromkeys(ACTION_UNITS, ChannelType.INTENSITY_0_1),
        **dict.fromkeys(EMOTIONS, ChannelType.PROBABILITY),
    },
}
"""What each of py-feat's detectors says about a face, in this order.

The action units of `Detectorv1` are the probabilities of its boosted trees. Those of `MPDetector`
are what py-feat calls intensities: a linear guess from blendshapes, cut off at 0 and 1.
"""

EMOTION_NAMES: Final = {
    "Neutral": "neutral",
    "Happy": "happiness",
    "Sad": "sadness",
    "Surprise": "surprise",
    "Fear": "fear",
    "Disgust": "disgust",
    "Anger": "anger",
    "Contempt": "contempt",
}
"""py-feat 2's class names and the project's words for them."""
