"""The published weights that each detector needs, and on what terms they are published.

The terms are those that py-feat 2.1.5 ships in its folder `LICENSES` (`PYFEAT-V2.md`,
`PYFEAT-V1.md` and `DATASETS.md`, reviewed there on 8 October 2026) and in its model cards.
`docs/weights.md` tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

CommercialUse = Literal["excluded", "unclear"]


@dataclass(frozen=True)
class PublishedFile:
    """A file of weights in a repository of the Hugging Face hub.

    Parameters
    ----------
    repository
        Owner and name on the hub.
    file
        Name of the file in the repository.
    licence
        The licence that its publishers name.
    commercial_use
        `excluded` by the licence, or `unclear` where the training data have other terms.
    trained_on
        Data that it was trained on, as its publishers say.
    """

    repository: str
    file: str
    licence: str
    commercial_use: CommercialUse
    trained_on: str


FACE_MODEL: Final = PublishedFile(
    repository="py-feat/face_multitask_v2",
    file="face_multitask_v28.safetensors",
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
    licence="MIT (the training data are non-commercial)",
    commercial_use="unclear",
    trained_on="WIDER FACE",
)
"""RetinaFace, which finds the faces that `Detectorv2` reads."""

NEEDED: Final[Mapping[str, tuple[PublishedFile, ...]]] = {"Detectorv2": (FACE_MODEL, FACE_FINDER)}
"""The files that a detector needs, by the name of the detector in the settings."""


def licence_remarks(detector: str) -> list[str]:
    """Say what the weights of a detector may be used for, a sentence or two for each file."""
    return [_remark(published) for published in NEEDED[detector]]


def _remark(published: PublishedFile) -> str:
    said = f"Weights {published.file} of {published.repository}: {published.licence}. "
    if published.commercial_use == "excluded":
        return said + "They may not be used commercially."
    return said + "Whether they may be used commercially is not settled."
