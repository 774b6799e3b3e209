"""Find channels that the settings ask for and the detector does not give."""

from __future__ import annotations

from collections.abc import Iterator

from dyads.channels import DETECTOR_CHANNELS
from dyads.config import Config


def channel_faults(settings: Config, source: str = "config.yaml") -> list[str]:
    """Name every channel that the settings ask for and that the detector does not give.

    Parameters
    ----------
    settings
        The whole configuration.
    source
        Name of its file for the messages.

    Returns
    -------
    list of str
        A sentence or two for each; empty if nothing lacks.

    Notes
    -----
    Holds for films that are read here. What files of `frames_path` give is known when they are
    read.
    """
    detector = settings.extraction.detector
    offered = DETECTOR_CHANNELS[detector]
    composites = settings.expressions.composites
    faults = [
        f"{source}: {key}: {name} is not a channel of {detector}, which gives "
        f"{', '.join(offered)}. Choose one of these, or another extraction.detector "
        "(docs/weights.md)."
        for key, name in _asked(settings)
        if name not in offered and not (name in composites and "composites" not in key)
    ]
    for name, parts in composites.items():
        types = sorted({offered[part] for part in parts if part in offered})
        if len(types) > 1:
            faults.append(
                f"{source}: expressions.composites.{name}: mixes {' and '.join(types)}, as "
                f"{detector} gives them. Take channels of one type."
            )
    return faults


def _asked(settings: Config) -> Iterator[tuple[str, str]]:
    """Give every key that names a channel, and the name."""
    for composite, parts in settings.expressions.composites.items():
        for part in parts:
            yield f"expressions.composites.{composite}", part
    for channel in settings.synchrony.channels:
        yield "synchrony.channels", channel
    for pair in settings.congruence.pairs:
        yield f"congruence.pairs ({pair.emotion})", pair.channel
    yield "congruence.smile_channel", settings.congruence.smile_channel
