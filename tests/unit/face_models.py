"""A face model of the demo's shape with random values: it says nothing and costs the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path

from dyads.extraction.published import NEEDED, PublishedFile
from dyads.extraction.weights import Lock, LockedFile, write_lock

COMMIT = "0123456789" * 4


def random_face_model(path: Path, stamp: str = "demo weights") -> Path:
    """Write a checkpoint that py-feat's `Detectorv2` reads."""
    import torch
    from feat.multitask.model_v2 import MEGraphAUv2, ModelV2Config
    from safetensors.torch import save_file

    config = ModelV2Config(
        backbone="mobilenetv3_small_050",
        afg_channels=64,
        mefl_channels=64,
        unified_lmk_dim=64,
        n_au=20,
        n_emotion=7,
        n_blendshape=52,
        mesh_normalized=True,
        use_head_v3=True,
        drop_mefl=True,
        emotion_use_au_prob=True,
        pretrained=False,
        drop_path_rate=0.0,
    )
    torch.manual_seed(0)
    values = {name: value.contiguous() for name, value in MEGraphAUv2(config).state_dict().items()}
    metadata = {"config": json.dumps(dataclasses.asdict(config))}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(values, path, metadata={**metadata, "stamp": stamp} if stamp else metadata)
    return path


def random_arcface(path: Path) -> Path:
    """Write weights of the layout of py-feat's ArcFace with random values."""
    import torch
    from feat.identity_detectors.arcface.arcface_model import ArcFace
    from safetensors.torch import save_file

    torch.manual_seed(9)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(ArcFace().net.state_dict(), path)
    return path


def as_hub_file(cache: Path, published: PublishedFile, commit: str = COMMIT) -> Path:
    """Name the place of a file in a folder laid out as the hub's cache, and prepare it."""
    repo = cache / f"models--{published.repository.replace('/', '--')}"
    (repo / "refs").mkdir(parents=True, exist_ok=True)
    (repo / "refs" / "main").write_text(commit)
    (repo / "snapshots" / commit).mkdir(parents=True, exist_ok=True)
    return repo / "snapshots" / commit / published.file


def put_in_cache(
    cache: Path, published: PublishedFile, content: bytes, commit: str = COMMIT
) -> Path:
    """Keep bytes as the hub's client does: under their digest, and a link by their name."""
    link = as_hub_file(cache, published, commit)
    blobs = link.parents[2] / "blobs"
    blobs.mkdir(exist_ok=True)
    blob = blobs / hashlib.sha256(content).hexdigest()
    blob.write_bytes(content)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return link


def lock_what_is_there(
    cache: Path, lock: Path, commit: str = COMMIT, detector: str = "Detectorv2"
) -> Lock:
    """Lock the files of a detector as they lie in a cache."""
    files = []
    for published in NEEDED[detector]:
        content = as_hub_file(cache, published, commit).read_bytes()
        files.append(
            LockedFile(
                repository=published.repository,
                commit=commit,
                file=published.file,
                sha256=hashlib.sha256(content).hexdigest(),
                size_bytes=len(content),
                licence=published.licence,
                commercial_use=published.commercial_use,
                trained_on=published.trained_on,
            )
        )
    write_lock(Lock(files=tuple(files)), lock)
    return Lock(files=tuple(files))


def stand_ins(cache: Path, lock: Path) -> Lock:
    """Put small files that are no weights where the published ones belong, and lock them."""
    for published in NEEDED["Detectorv2"]:
        put_in_cache(cache, published, f"stand-in for {published.file}".encode())
    return lock_what_is_there(cache, lock)
