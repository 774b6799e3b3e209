"""Composites: channels of one type that are read together under a name of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dyads.channels import ChannelType
from dyads.errors import StudyError
from dyads.tables import About
from dyads.traces.arrays import channel_columns


@dataclass(frozen=True)
class CombinedTrace:
    """A trace with the composites as further columns.

    Parameters
    ----------
    trace
        The trace and one more column for each composite.
    channels
        Names of channels and composites.
    channel_types
        Type of each of them.
    """

    trace: pd.DataFrame
    channels: tuple[str, ...]
    channel_types: dict[str, ChannelType]


def combined_about(about: About, composites: Mapping[str, tuple[str, ...]]) -> About:
    """Add the type of each composite to what a trace says of itself."""
    types = about.channel_types
    added = {name: types[parts[0]] for name, parts in composites.items()}
    return about.model_copy(update={"channel_types": {**types, **added}})


def with_composites(
    trace: pd.DataFrame, composites: Mapping[str, tuple[str, ...]], about: About
) -> CombinedTrace:
    """Add each composite, the mean of its channels, to a trace.

    Where one of its channels is missing, the composite is missing.

    Raises
    ------
    StudyError
        If a composite names channels that the trace lacks, or channels of two types, or bears the
        name of a channel, or if the type of a channel is not known. All faults at once.
    """
    channels = channel_columns(trace)
    types = about.channel_types
    faults = [f"  {name}: no type known." for name in channels if name not in types]
    faults += [
        fault
        for name, parts in composites.items()
        for fault in _composite_faults(name, parts, channels, types)
    ]
    if faults:
        raise StudyError(
            "The channels of the trace and expressions.composites do not fit together:\n"
            + "\n".join(faults)
            + f"\nThe trace has: {', '.join(channels) or 'no channels'}. Correct the composites in "
            "config.yaml or extract with a detector that gives these channels."
        )
    means = {
        name: trace[list(parts)].mean(axis=1, skipna=False) for name, parts in composites.items()
    }
    return CombinedTrace(
        trace=trace.assign(**means),
        channels=(*channels, *composites),
        channel_types={name: types[name] for name in channels}
        | {name: types[parts[0]] for name, parts in composites.items()},
    )


def _composite_faults(
    name: str,
    parts: tuple[str, ...],
    channels: tuple[str, ...],
    types: Mapping[str, ChannelType],
) -> list[str]:
    faults = []
    lacking = [part for part in parts if part not in channels]
    kinds = {types[part]: part for part in parts if part in types}
    if not parts:
        faults.append(f"  {name}: names no channel.")
    if name in channels:
        faults.append(f"  {name}: is the name of a channel. Give the composite its own.")
    if lacking:
        faults.append(f"  {name}: the detector does not give {', '.join(lacking)}.")
    if len(kinds) > 1:
        mixed = " and ".join(f"{kind} ({part})" for kind, part in kinds.items())
        faults.append(f"  {name}: mixes {mixed}. A composite has channels of one type.")
    return faults
