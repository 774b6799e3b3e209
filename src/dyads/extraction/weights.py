"""Where the published weights of py-feat lie on this machine. Nothing is ever fetched here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dyads.errors import StudyError


@dataclass(frozen=True)
class HubFile:
    """A file of a repository on the Hugging Face hub."""

    repository: str
    name: str


FACE_MODEL: Final = HubFile("py-feat/face_multitask_v2", "face_multitask_v28.safetensors")
"""Action units, emotions, valence, arousal, pose and mesh: the model of `Detectorv2`."""

FACE_FINDER: Final = HubFile("py-feat/retinaface_r34", "model.safetensors")
"""RetinaFace, which finds the faces that `Detectorv2` reads."""


def find(file: HubFile, cache: Path | None = None) -> Path:
    """Find a file of the hub among those that were fetched before.

    Parameters
    ----------
    file
        What is looked for.
    cache
        A folder laid out as the hub's cache. None: py-feat's own folder, then the user's.

    Raises
    ------
    StudyError
        If the file was never fetched to this machine.
    """
    from huggingface_hub import try_to_load_from_cache

    caches = [cache] if cache is not None else _caches()
    for folder in caches:
        found = try_to_load_from_cache(file.repository, file.name, cache_dir=folder)
        if isinstance(found, str):
            return Path(found)
    raise StudyError(
        f"The weights {file.name} of {file.repository} are not on this machine (looked in "
        f"{', '.join(str(folder) for folder in caches)}). Fetch them once, where there is a "
        f"network: hf download {file.repository} {file.name}"
    )


def stamp_of(face_model: Path) -> str:
    """Read the words that every product of these weights must carry; mostly none."""
    from safetensors import safe_open

    with safe_open(face_model, framework="numpy") as stored:
        metadata: Mapping[str, str] = stored.metadata() or {}
    return metadata.get("stamp", "")


def _caches() -> list[Path]:
    from importlib.util import find_spec

    from huggingface_hub.constants import HF_HUB_CACHE

    feat = find_spec("feat")
    assert feat is not None
    assert feat.origin is not None
    return [Path(feat.origin).parent / "resources", Path(os.path.expandvars(HF_HUB_CACHE))]
