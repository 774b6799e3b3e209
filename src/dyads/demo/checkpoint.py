"""The demo's face model as a file: py-feat's model in a narrow configuration, and its stamp."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from dyads.errors import StudyError

if TYPE_CHECKING:
    from torch import Tensor

STAMP = "demo weights"
"""Stands on everything that comes from the demo's face model."""


class FaceModelConfig(BaseModel):
    """The fields of py-feat's ``ModelV2Config`` in which the demo's model is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = Field(
        default="mobilenetv3_small_050", description="Name of the network in timm."
    )
    afg_channels: int = Field(default=64, description="Width of each action unit's feature.")
    mefl_channels: int = Field(default=64, description="Width of the graph's nodes.")
    unified_lmk_dim: int = Field(default=64, description="Width of the projected mesh.")
    n_au: int = Field(default=20, description="Action units.")
    n_emotion: int = Field(default=7, description="Emotions.")
    n_blendshape: int = Field(
        default=52, description="Blendshapes; the demo's model leaves them untrained."
    )
    mesh_normalized: bool = Field(default=True, description="The mesh is in parts of the crop.")
    use_head_v3: bool = Field(
        default=True, description="Heads read the backbone and the mesh together."
    )
    drop_mefl: bool = Field(default=True, description="Without the edge features.")
    emotion_use_au_prob: bool = Field(
        default=True, description="Emotions read the action units too."
    )
    pretrained: bool = Field(default=False, description="No weights are fetched.")
    drop_path_rate: float = Field(default=0.0, description="Without stochastic depth.")


class CheckpointNote(BaseModel):
    """What a checkpoint says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stamp: str = Field(description="What results of this checkpoint must bear.")
    trained_on: str = Field(description="What the model has seen.")
    program: str = Field(description="What trained it.")
    seed: int = Field(description="Seed of the training.")
    untrained: tuple[str, ...] = Field(default=(), description="Outputs that mean nothing.")


def save_checkpoint(
    weights: Mapping[str, Tensor], path: Path, config: FaceModelConfig, note: CheckpointNote
) -> None:
    """Write a checkpoint that py-feat's ``Detectorv2`` reads, in half precision.

    Parameters
    ----------
    weights : mapping of str to Tensor
        The model's state.
    path : Path
        A ``.safetensors`` file.
    config : FaceModelConfig
        How the model is built.
    note : CheckpointNote
        What the checkpoint says about itself.
    """
    from safetensors.torch import save_file

    halved = {
        name: (weight.half() if weight.is_floating_point() else weight).contiguous()
        for name, weight in weights.items()
    }
    metadata = {"config": config.model_dump_json(), "note": note.model_dump_json(), "stamp": STAMP}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(halved, path, metadata=metadata)


def read_note(path: Path) -> CheckpointNote | None:
    """Read what a checkpoint says about itself.

    Parameters
    ----------
    path : Path
        A ``.safetensors`` file.

    Returns
    -------
    CheckpointNote or None
        None if the checkpoint is not one of the demo's.

    Raises
    ------
    StudyError
        If there is no such file.
    """
    from safetensors import safe_open

    if not path.is_file():
        raise StudyError(
            f"No face model at {path}. The demo's comes with the source; "
            "demo/train_face_model.py trains it anew."
        )
    with safe_open(path, framework="numpy") as stored:
        metadata = stored.metadata() or {}
    if "note" not in metadata:
        return None
    return CheckpointNote.model_validate(json.loads(metadata["note"]))


def is_demo_checkpoint(path: Path) -> bool:
    """Say whether results of this checkpoint must be stamped, and refused outside the demo.

    Parameters
    ----------
    path : Path
        A ``.safetensors`` file.

    Returns
    -------
    bool

    Raises
    ------
    StudyError
        If there is no such file.
    """
    note = read_note(path)
    return note is not None and note.stamp == STAMP
