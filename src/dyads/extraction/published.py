"""The published weights that each detector needs, and on what terms they are published.

The terms are those that py-feat 2.1.5 ships in its folder `LICENSES` (`PYFEAT-V2.md`,
`PYFEAT-V1.md` and `DATASETS.md`, reviewed there on 8 October 2026) and in its source.
`docs/weights.md` tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from dyads.config import Config

CommercialUse = Literal["excluded", "unclear"]
Format = Literal["safetensors", "json", "npz", "torch tensors", "skops", "TorchScript"]


@dataclass(frozen=True)
class PublishedFile:
    """A file of weights in a repository of the Hugging Face hub.

    Parameters
    ----------
    repository
        Owner and name on the hub.
    file
        Name of the file in the repository.
    format
        What the file is, which says how it is opened without running what it may hold.
    licence
        The licence that its publishers name.
    commercial_use
        `excluded` by the licence, or `unclear` where the training data have other terms.
    trained_on
        Data that it was trained on, as its publishers say.
    """

    repository: str
    file: str
    format: Format
    licence: str
    commercial_use: CommercialUse
    trained_on: str


NOT_SAID: Final = "not said by py-feat"

FACE_MODEL: Final = PublishedFile(
    repository="py-feat/face_multitask_v2",
    file="face_multitask_v28.safetensors",
    format="safetensors",
    licence="research only, non-commercial (backbone CC BY-NC 4.0)",
    commercial_use="excluded",
    trained_on=(
        "backbone: ImageNet-22K, ImageNet-1K; geometry: CelebV-HQ, BP4D, BP4D+, DISFA, EmotioNet, "
        "CK+, UNBC-McMaster; action units: BP4D, BP4D+, DISFA, EmotioNet, CK+, UNBC-McMaster, "
        "AM-FED, Aff-Wild2; emotions: AffectNet, RAF-DB, FER+, ExpW, MELD; valence and arousal: "
        "AffectNet, Aff-Wild2, AFEW-VA; gaze: ETH-XGaze, Gaze360, MPIIGaze, Columbia Gaze"
    ),
)
"""Action units, emotions, valence, arousal, pose and mesh: the model of `Detectorv2`."""

FACE_FINDER: Final = PublishedFile(
    repository="py-feat/retinaface_r34",
    file="model.safetensors",
    format="safetensors",
    licence="MIT (the training data are non-commercial)",
    commercial_use="unclear",
    trained_on="faces: WIDER FACE",
)
"""RetinaFace, which finds the faces that every detector reads."""

_LANDMARKS: Final = PublishedFile(
    repository="py-feat/mobilefacenet",
    file="mobilefacenet_model_best.pth.tar",
    format="torch tensors",
    licence="none established (from cunjian/pytorch_face_landmark)",
    commercial_use="unclear",
    trained_on=NOT_SAID,
)

_POSE_TERMS: Final = "not settled (py-feat's code MIT; its teacher img2pose CC BY-NC 4.0)"
_POSE: Final = PublishedFile(
    repository="py-feat/pose_mlp_v2",
    file="pose_mlp_v2.safetensors",
    format="safetensors",
    licence=_POSE_TERMS,
    commercial_use="unclear",
    trained_on="pose: CelebV-HQ",
)
_POSE_SCALE: Final = PublishedFile(
    repository="py-feat/pose_mlp_v2",
    file="pose_mlp_v2.json",
    format="json",
    licence=_POSE_TERMS,
    commercial_use="unclear",
    trained_on="pose: CelebV-HQ",
)

TREES: Final = PublishedFile(
    repository="py-feat/xgb_au",
    file="xgb_au_classifier_v2.skops",
    format="skops",
    licence="labelled MIT (which grants nothing of the data providers' rights)",
    commercial_use="unclear",
    trained_on="action units: BP4D, BP4D+, DISFA, CK+, UNBC-McMaster, Aff-Wild2",
)
"""Boosted trees for the action units of `Detectorv1`."""

_EMOTION_TERMS: Final = "MIT (FER2013 has terms of its own)"
_EMOTIONS: Final = PublishedFile(
    repository="py-feat/resmasknet",
    file="ResMaskNet_Z_resmasking_dropout1_rot30.pth",
    format="torch tensors",
    licence=_EMOTION_TERMS,
    commercial_use="unclear",
    trained_on="emotions: FER2013",
)
_EMOTION_SHAPE: Final = PublishedFile(
    repository="py-feat/resmasknet",
    file="config.json",
    format="json",
    licence=_EMOTION_TERMS,
    commercial_use="unclear",
    trained_on="emotions: FER2013",
)

MESH: Final = PublishedFile(
    repository="py-feat/mp_facemesh_v2",
    file="face_landmarks_detector.pt",
    format="TorchScript",
    licence="not named by py-feat (converted from MediaPipe's)",
    commercial_use="unclear",
    trained_on=NOT_SAID,
)
"""Mesh of 478 points for `MPDetector`."""

_BLENDSHAPES: Final = PublishedFile(
    repository="py-feat/mp_blendshapes",
    file="face_blendshapes.pth",
    format="torch tensors",
    licence="not named by py-feat (converted from MediaPipe's; its source says Apache 2.0)",
    commercial_use="unclear",
    trained_on=NOT_SAID,
)

_BLENDSHAPES_TO_UNITS: Final = PublishedFile(
    repository="py-feat/bs_to_au",
    file="bs_to_au_pls_v2.npz",
    format="npz",
    licence="not settled (see its model card)",
    commercial_use="unclear",
    trained_on="action units as Detectorv1 reads them: CelebV-HQ",
)

IDENTITY: Final = "ArcFace"
"""Name in `NEEDED` of what compares faces with pictures of people, and gives embeddings."""

_IDENTITY_MODEL: Final = PublishedFile(
    repository="py-feat/arcface_r50",
    file="arcface_r50.safetensors",
    format="safetensors",
    licence="research only, non-commercial (InsightFace; its code is MIT)",
    commercial_use="excluded",
    trained_on="identity: WebFace600K",
)

NEEDED: Final[Mapping[str, tuple[PublishedFile, ...]]] = {
    "Detectorv2": (FACE_MODEL, FACE_FINDER),
    "Detectorv1": (
        FACE_FINDER, _LANDMARKS, _POSE, _POSE_SCALE, TREES, _EMOTIONS, _EMOTION_SHAPE,
    ),
    "MPDetector": (
        FACE_FINDER, MESH, _BLENDSHAPES, _BLENDSHAPES_TO_UNITS, _EMOTIONS, _EMOTION_SHAPE,
    ),
    IDENTITY: (_IDENTITY_MODEL,),
}  # fmt: skip
"""The files that a detector needs, by the name of the detector in the settings, and those that
comparing faces and embeddings need.

Of `Detectorv1` and `MPDetector` py-feat's default parts, less gaze, which is not used, and
identity, which stands by itself; to `MPDetector` the emotion model is added, which its constructor
leaves out by default.
"""


def weights_wanted(settings: Config) -> tuple[str, ...]:
    """Name what a study needs of `NEEDED`: its detector, and what tells faces if it asks."""
    detector = settings.extraction.detector
    tells_faces = settings.people.identity or "embeddings" in settings.extraction.tiers
    return (detector, IDENTITY) if tells_faces else (detector,)


def licence_remarks(detector: str) -> list[str]:
    """Say what the weights of a detector may be used for, a sentence or two a repository."""
    by_repository = groupby(NEEDED[detector], key=lambda published: published.repository)
    return [_remark(list(files)) for _, files in by_repository]


def weights_table(detector: str) -> str:
    """Lay out what a detector needs as a Markdown table, as `docs/weights.md` shows it."""
    lines = [
        "| repository | file | format | licence | commercial use | trained on |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{one.repository}` | `{one.file}` | {one.format} | {one.licence} | "
        f"{one.commercial_use} | {one.trained_on} |"
        for one in NEEDED[detector]
    ]
    return "\n".join(lines) + "\n"


def _remark(files: list[PublishedFile]) -> str:
    names = " and ".join(one.file for one in files)
    said = f"Weights {names} of {files[0].repository}: {files[0].licence}. "
    if files[0].commercial_use == "excluded":
        return said + "They may not be used commercially."
    return said + "Whether they may be used commercially is not settled."
