"""What people show in conversation, what they say they felt, and how far the two agree."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("dyads")
except PackageNotFoundError:
    __version__ = "0+uninstalled"
