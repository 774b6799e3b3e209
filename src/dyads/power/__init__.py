"""How likely a study of a given size is to find what is there."""

from __future__ import annotations
