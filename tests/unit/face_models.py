"""A face model of the demo's shape with random values: it says nothing and costs the same."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path


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


def as_hub_file(cache: Path, repository: str, name: str) -> Path:
    """Name the place of a file in a folder laid out as the hub's cache, and prepare it."""
    repo = cache / f"models--{repository.replace('/', '--')}"
    revision = "0" * 40
    (repo / "refs").mkdir(parents=True, exist_ok=True)
    (repo / "refs" / "main").write_text(revision)
    (repo / "snapshots" / revision).mkdir(parents=True, exist_ok=True)
    return repo / "snapshots" / revision / name
