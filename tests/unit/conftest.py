"""What several files of tests look at and none changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from face_models import random_arcface


@pytest.fixture(scope="session")
def arcface(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of py-feat's identity network, 170 MB."""
    return random_arcface(tmp_path_factory.mktemp("arcface") / "arcface.safetensors")
