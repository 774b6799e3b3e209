"""What a reader must know of a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from dyads.channels import ChannelType


@dataclass(frozen=True)
class Schema:
    """A kind of file, recognised by its columns.

    Parameters
    ----------
    name
        The program that writes it.
    required
        Columns without which a file is not of this kind.
    optional
        Further columns that are read where they are there.
    texts
        Columns among these that hold no numbers.
    channel_types
        Channels after translation, with their types.
    translate
        Turns the file's numbers into rows of the contract `Frames` without `person_id`, and
        gives remarks. Rows have `time_s` if the file carries times.
    rate_bounds_hz
        For files without times: the frame rates (1/s) that the file allows, lower bound
        excluded, upper included; 0 and infinity if it allows any. None for files with times.
    """

    name: str
    required: frozenset[str]
    optional: frozenset[str]
    texts: frozenset[str]
    channel_types: dict[str, ChannelType]
    translate: Callable[[pd.DataFrame], tuple[pd.DataFrame, tuple[str, ...]]]
    rate_bounds_hz: Callable[[pd.DataFrame], tuple[float, float]] | None

    @property
    def columns(self) -> frozenset[str]:
        """All columns that are read."""
        return self.required | self.optional
