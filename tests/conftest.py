"""Tests run with one thread each, as rules do: two cores are shared by many small jobs."""

from __future__ import annotations

import gc
import os

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


SLOW = ("workflow", "detector")
"""Marks of files that take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that take long, so that no process is left alone with one at the end."""
    ranks = dict.fromkeys((item.path for item in items), len(SLOW))
    for item in items:
        for rank, mark in enumerate(SLOW):
            if item.get_closest_marker(mark) is not None:
                ranks[item.path] = min(ranks[item.path], rank)
    items.sort(key=lambda item: ranks[item.path])


def pytest_collection_finish() -> None:
    """Keep modules and tests, which stay, out of every later search for garbage."""
    gc.freeze()
