"""Weights of the published layout and other values: small files, and a face where faces are.

Constant tensors are stored as one number. Landmarks and mesh are MediaPipe's canonical face plus
a little that depends on the picture, so that everything behind them can be computed.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from face_models import as_hub_file, lock_what_is_there

from dyads.channels import ACTION_UNITS
from dyads.extraction.published import NEEDED

if TYPE_CHECKING:
    import torch


def published_stand_ins(detector: str, folder: Path) -> tuple[Path, Path]:
    """Fill a cache laid out as the hub's with every file of a detector, and lock it."""
    cache, lock = folder / "cache", folder / "models.lock.yaml"
    for published in NEEDED[detector]:
        _WRITERS[published.file](as_hub_file(cache, published))
    lock_what_is_there(cache, lock, detector=detector)
    return cache, lock


def canonical_mesh() -> torch.Tensor:
    """MediaPipe's canonical face in a crop of side 1: x right, y down, z in, shape (478, 3)."""
    import torch
    from feat.utils.face_pose import load_canonical_face_model

    points = load_canonical_face_model()
    points = torch.cat([points, points[:10]]) * torch.tensor([1.0, -1.0, -1.0])
    points = points - points.mean(dim=0)
    return points / 30 + torch.tensor([0.5, 0.5, 0.0])


def _finder(path: Path) -> None:
    import torch
    from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
    from safetensors.torch import save_file

    torch.manual_seed(1)
    save_file(Retinaface(device="cpu", pretrained="given").net.state_dict(), path)


def _landmarks(path: Path) -> None:
    import torch
    from feat.landmark_detectors.mobilefacenet_test import MobileFaceNet
    from feat.utils.blendshape_to_au import DLIB68_FROM_MP478

    torch.manual_seed(2)
    net = MobileFaceNet([112, 112], 136, device="cpu").eval()
    last = net.output_layer.bn
    with torch.no_grad():
        spread = net(torch.rand(4, 3, 112, 112))[0].std(dim=0).mean()
        last.weight.fill_(float(0.02 / spread))
        last.bias.copy_(canonical_mesh()[DLIB68_FROM_MP478, :2].reshape(-1))
    torch.save({"state_dict": net.state_dict()}, path)


def _pose(path: Path) -> None:
    import torch
    from feat.utils.face_pose_mlp import PoseMLP
    from safetensors.torch import save_file

    torch.manual_seed(3)
    save_file(PoseMLP(hidden=(8, 8)).state_dict(), path)


def _pose_scale(path: Path) -> None:
    scale = {"mean": [0.1, -0.2, 0.3, 0.0, 0.0, 1.0], "std": [0.4, 0.3, 0.2, 1.0, 1.0, 1.0]}
    shape = {"hidden": [8, 8], "dropout": 0.1, "output_normalization": scale}
    path.write_text(json.dumps({"architecture": shape}))


def trees(features: int = 5408, parts: int = 8, landmarks: int = 136) -> object:
    """Trees that learnt noise, on as many gradients and landmarks as py-feat computes."""
    import xgboost
    from feat.au_detectors.StatLearning.SL_test import XGBClassifier
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(4)
    noise = rng.random((40, features), dtype=np.float32)
    scaler = StandardScaler().fit(noise)
    parted = PCA(parts, random_state=0).fit(scaler.transform(noise))
    seen = np.column_stack([10 * rng.normal(size=(40, parts)), 112 * rng.random((40, landmarks))])
    trees = XGBClassifier()
    regions = (scaler, parted) * 3
    learnt = {
        unit: xgboost.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(
            seen, rng.integers(0, 2, 40)
        )
        for unit in trees.au_keys
    }
    trees.load_weights(*regions, learnt)
    return trees


def _trees(path: Path) -> None:
    from skops.io import dump

    dump(trees(), path)


def _emotions(path: Path) -> None:
    import torch
    from feat.emo_detectors.ResMaskNet.resmasknet_test import ResMasking

    torch.manual_seed(5)
    with torch.device("meta"):
        net = ResMasking("", in_channels=3)
        net.fc = torch.nn.Sequential(torch.nn.Dropout(0.4), torch.nn.Linear(512, 7))
    stored = {}
    for name, value in net.state_dict().items():
        constant = 1.0 if name.endswith(("weight", "running_var")) else 0.0
        if value.dim() == 4:
            constant = 0.3 / float(value[0].numel())
        stored[name] = torch.tensor(constant, dtype=value.dtype).expand(value.shape)
    stored["fc.1.weight"] = torch.randn(7, 512)
    torch.save({"net": stored}, path)


def _emotion_shape(path: Path) -> None:
    path.write_text(json.dumps({"in_channels": 3, "num_classes": 7}))


def mesh_network() -> torch.nn.Module:
    """A network that gives the canonical face in pixels of a crop, and something beside."""
    import torch

    class Mesh(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(6)
            self.conv = torch.nn.Conv2d(3, 4, 5, stride=4)
            self.rectified = torch.nn.PReLU()
            self.last = torch.nn.Linear(64, 1434)
            self.register_buffer("face", (canonical_mesh() * 256).reshape(-1))

        def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            padded = torch.nn.functional.pad(pixels, (1, 1, 1, 1))
            seen = self.rectified(self.conv(padded))
            pooled = torch.nn.functional.adaptive_avg_pool2d(seen, 4)
            shift = self.last(pooled.reshape(pixels.shape[0], -1))
            return self.face + 8 * shift, torch.sigmoid(seen.mean((1, 2, 3)))

    return Mesh().eval()


def trace(network: torch.nn.Module, path: Path) -> Path:
    """Store a network as py-feat's `scripts/prepare_mp_facemesh_v2_torchscript.py` does."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(network, torch.rand(1, 3, 256, 256)), str(path))
    return path


def _mesh(path: Path) -> None:
    trace(mesh_network(), path)


def _blendshapes(path: Path) -> None:
    import torch
    from feat.au_detectors.MP_Blendshapes.MP_Blendshapes_test import MediaPipeBlendshapesMLPMixer

    torch.manual_seed(7)
    values = MediaPipeBlendshapesMLPMixer().state_dict()
    # Random values hardly answer to the face; with a steep last layer they do.
    values["output_mlp.weight"] *= 200
    torch.save(values, path)


def write_map(path: Path, units: tuple[str, ...] = ACTION_UNITS) -> None:
    """Store a map from blendshapes to action units."""
    rng = np.random.default_rng(8)
    np.savez(
        path,
        coef=rng.normal(scale=0.2, size=(52, len(units))),
        intercept=np.full(len(units), 0.3),
        bs_columns=np.array([f"shape{index}" for index in range(52)]),
        au_columns=np.array(units),
    )


_WRITERS = {
    "model.safetensors": _finder,
    "mobilefacenet_model_best.pth.tar": _landmarks,
    "pose_mlp_v2.safetensors": _pose,
    "pose_mlp_v2.json": _pose_scale,
    "xgb_au_classifier_v2.skops": _trees,
    "ResMaskNet_Z_resmasking_dropout1_rot30.pth": _emotions,
    "config.json": _emotion_shape,
    "face_landmarks_detector.pt": _mesh,
    "face_blendshapes.pth": _blendshapes,
    "bs_to_au_pls_v2.npz": write_map,
}
