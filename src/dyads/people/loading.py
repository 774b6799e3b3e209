"""Load what compares faces, where the study asks for it."""

from __future__ import annotations

from pathlib import Path

from dyads.extraction.published import IDENTITY
from dyads.people.identity import FaceEmbedder


def load_embedder(lock: str | Path | None, device: str = "cpu") -> FaceEmbedder | None:
    """Build py-feat's ArcFace from the weights that the study has locked.

    Parameters
    ----------
    lock
        The study's `models.lock.yaml`; empty or None: faces are not compared.
    device
        Device of the network.

    Raises
    ------
    StudyError
        If weights are missing, or if a byte of them differs from the lock.
    """
    if not lock:
        return None
    from dyads.extraction import weights
    from dyads.people.arcface import ArcFaceEmbedder

    files = weights.verified(IDENTITY, Path(lock))
    with weights.offline():
        return ArcFaceEmbedder(next(iter(files.values())), device)
