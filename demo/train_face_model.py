"""Train the demo's face model on painted people, and say how well it reads people it never saw.

    python demo/train_face_model.py                  paint, train, save, evaluate (over an hour)
    python demo/train_face_model.py --evaluate       print the table of the checkpoint as it is

Nothing but paintings goes in: the checkpoint knows no living person, and reads none.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from dyads.demo.checkpoint import STAMP, CheckpointNote, FaceModelConfig, save_checkpoint
from dyads.demo.face_model_check import TESTED_UNITS, as_markdown, check_face_model
from dyads.demo.face_shape import face_model
from dyads.demo.paintings import CANVAS_PX, Paintings, paint_person
from dyads.extraction.finders import SKIN_POINTS, CascadeFinder

SEED = 20240
EXPAND = 1.2
PEOPLE, FRAMES_EACH = 5200, 12
BATCH = 64
IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
IMAGENET_STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class Round(NamedTuple):
    """A fit with a rate of learning that rises to ``peak`` and falls to nought.

    ``stages`` are the side of the network's input in pixels, and how often all paintings are seen
    at it. ``weights`` are those of the units that the demo lives on and of the others. In a steady
    round each face of a batch is seen in two crops, which are to be read alike and boxed alike;
    normalisation is then left as it was learnt. ``people`` are those whose paintings are seen.
    """

    stages: tuple[tuple[int, float], ...]
    peak: float
    weights: tuple[float, float]
    people: int = PEOPLE
    is_steady: bool = False


ROUNDS = (
    Round(((96, 2.5), (144, 0.9), (224, 0.5)), 3e-3, (1.5, 0.7)),
    Round(((192, 2.0), (224, 1.3)), 2.5e-3, (2.0, 0.6)),
    Round(((224, 5.34),), 8e-4, (2.0, 1.0), people=1500, is_steady=True),
)
EMOTIONS = (
    {},
    {"AU06": 0.5, "AU12": 0.5},
    {"AU01": 0.35, "AU04": 0.15, "AU15": 0.35, "AU17": 0.15},
    {"AU01": 0.2, "AU02": 0.25, "AU05": 0.25, "AU26": 0.3},
    {"AU01": 0.15, "AU02": 0.15, "AU04": 0.2, "AU05": 0.2, "AU20": 0.3},
    {"AU09": 0.6, "AU10": 0.4},
    {"AU04": 0.4, "AU07": 0.3, "AU23": 0.2, "AU24": 0.2},
)
"""Weights of action units in Neutral, Happy, Sad, Surprise, Fear, Disgust and Anger."""
VALENCE = {
    "AU06": 0.4,
    "AU12": 0.6,
    "AU15": -0.5,
    "AU04": -0.4,
    "AU17": -0.2,
    "AU09": -0.4,
    "AU10": -0.3,
}
AROUSAL = {
    "AU05": 0.4,
    "AU26": 0.4,
    "AU25": 0.2,
    "AU04": 0.2,
    "AU12": 0.2,
    "AU20": 0.3,
    "AU43": -0.4,
}


def paint_all(people: int, workers: int) -> Paintings:
    """Paint many people on several processes."""
    count = people * FRAMES_EACH
    image = np.empty((count, CANVAS_PX, CANVAS_PX, 3), np.uint8)
    rest: list[tuple[np.ndarray, ...]] = []
    started = time.time()
    with ProcessPoolExecutor(workers) as pool:
        for index, painted in enumerate(
            pool.map(
                paint_person,
                [(SEED, person) for person in range(people)],
                [FRAMES_EACH] * people,
                chunksize=8,
            )
        ):
            image[index * FRAMES_EACH : (index + 1) * FRAMES_EACH] = painted.image
            rest.append(painted[1:])
            if (index + 1) % 500 == 0:
                print(f"painted {index + 1} people, {time.time() - started:.0f} s", flush=True)
    return Paintings(image, *(np.concatenate(column) for column in zip(*rest, strict=True)))


def targets_of_feeling(units: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Say which emotion, valence and arousal painted units stand for.

    The demo's convention, not a finding: a softmax over weighted sums of units, and two clipped
    sums.
    """
    names = face_model().units
    table = torch.zeros(len(names), len(EMOTIONS))
    feeling = torch.zeros(len(names), 2)
    for column, weights in enumerate(EMOTIONS):
        for name, weight in weights.items():
            table[names.index(name), column] = weight
    for column, weights in enumerate((VALENCE, AROUSAL)):
        for name, weight in weights.items():
            feeling[names.index(name), column] = weight
    scores = units @ table
    scores[:, 0] = 0.25
    return functional.softmax(9 * scores, dim=1), (units @ feeling).clamp(-1, 1)


def crops(images: np.ndarray, boxes: np.ndarray, side_px: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut faces out as ``Detectorv2`` does: by way of 256 pixels and an antialiased reduction."""
    from feat.utils.image_operations import extract_face_square_pad_torch
    from torchvision.transforms.v2.functional import resize

    chips, affine = extract_face_square_pad_torch(
        torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255,
        torch.from_numpy(boxes),
        face_size=256,
        expand_bbox=EXPAND,
        frame_idx=torch.arange(len(images)),
    )
    return resize(chips, [side_px, side_px], antialias=True), affine


def quick_crops(
    images: np.ndarray, boxes: np.ndarray, side_px: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut the same squares out with Pillow, five times as fast; what they show hardly differs."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    side = np.minimum((boxes[:, 2] - boxes[:, 0]) * EXPAND, CANVAS_PX)[:, None]
    origin = np.clip(middle - side / 2, 0, CANVAS_PX - side)
    chips = [
        np.asarray(
            Image.fromarray(image).resize(
                (side_px, side_px), Image.Resampling.BILINEAR, box=(x, y, x + w, y + w)
            )
        )
        for image, (x, y), w in zip(images, origin.tolist(), side[:, 0].tolist(), strict=True)
    ]
    affine = torch.from_numpy(np.hstack([origin, side]).astype(np.float32))
    return torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float() / 255, affine


def training_batch(
    paintings: Paintings, chosen: np.ndarray, side_px: int, rng: np.random.Generator, exact: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Crop and disturb some paintings; also give their meshes in parts of the crop."""
    count = len(chosen)
    box = paintings.box[chosen]
    middle, size = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:3] - box[:, :1]
    middle = middle + size * np.clip(rng.normal(0, 0.045, (count, 2)), -0.11, 0.11)
    half = size / 2 * np.exp(np.clip(rng.normal(0, 0.085, (count, 1)), -0.2, 0.2))
    boxes = np.hstack([middle - half, middle + half]).astype(np.float32)
    x, affine = (crops if exact else quick_crops)(paintings.image[chosen], boxes, side_px)
    blurred = int(count * 0.3)
    small = int(side_px * rng.uniform(0.35, 0.8))
    x[:blurred] = functional.interpolate(
        functional.interpolate(x[:blurred], size=small, mode="bilinear", antialias=True),
        size=side_px,
        mode="bilinear",
    )  # fmt: skip
    tint = torch.from_numpy(rng.normal(1.0, 0.05, (count, 3, 1, 1)).astype(np.float32))
    gain = torch.from_numpy(rng.uniform(0.8, 1.2, (count, 1, 1, 1)).astype(np.float32))
    lift = torch.from_numpy(rng.normal(0, 0.04, (count, 1, 1, 1)).astype(np.float32))
    x = ((x - 0.45) * gain + 0.45) * tint + lift
    x[count // 2 :] += 0.02 * torch.randn(count - count // 2, *x.shape[1:])
    mesh = torch.from_numpy(paintings.mesh[chosen])
    place = torch.stack(
        [
            (mesh[..., 0] - affine[:, None, 0]) / affine[:, None, 2],
            (mesh[..., 1] - affine[:, None, 1]) / affine[:, None, 2],
            mesh[..., 2] / affine[:, None, 2],
        ],
        dim=2,
    )
    return ((x.clamp(0, 1) - IMAGENET_MEAN) / IMAGENET_STD), place


def losses(
    seen: dict[str, torch.Tensor],
    place: torch.Tensor,
    paintings: Paintings,
    chosen: np.ndarray,
    weights: tuple[float, float],
) -> dict[str, torch.Tensor]:
    """Weigh what the model got wrong, by output."""
    names = face_model().units
    units = torch.from_numpy(paintings.units[chosen])
    tested, other = weights
    weight = torch.tensor([tested if name in TESTED_UNITS else other for name in names])
    emotion, feeling = targets_of_feeling(units)
    return {
        "units": 4.0 * ((seen["p_au"] - units) ** 2 * weight).mean(),
        "mesh": 10.0 * functional.l1_loss(seen["mesh"], place),
        "pose": 1.0
        * functional.l1_loss(seen["pose"][:, :3], torch.from_numpy(paintings.pose[chosen])),
        "gaze": 0.5 * functional.l1_loss(seen["gaze"], torch.from_numpy(paintings.gaze[chosen])),
        "emotion": 0.1 * functional.cross_entropy(seen["emotion_logits"], emotion),
        "feeling": 0.3 * functional.mse_loss(seen["va"], feeling),
    }


def unsteadiness(seen: dict[str, torch.Tensor], place: torch.Tensor) -> dict[str, torch.Tensor]:
    """Weigh how much the box that follows a face is off, and how differently twins are read."""
    first, second = seen["p_au"].chunk(2)
    return {
        "box": 100.0 * functional.l1_loss(middle_and_size(seen["mesh"]), middle_and_size(place)),
        "twins": 10.0 * functional.mse_loss(first, second),
    }


def middle_and_size(mesh: torch.Tensor) -> torch.Tensor:
    """Give what the finder's box around a mesh is made of, shape (n, 3)."""
    skin = mesh[:, :SKIN_POINTS, :2]
    span = skin.amax(1) - skin.amin(1)
    return torch.cat([skin.mean(1), span.prod(1, keepdim=True).clamp_min(1e-6).sqrt()], 1)


def revive(model: torch.nn.Module, seen: dict[str, torch.Tensor], units: torch.Tensor) -> list[str]:
    """Give a unit whose output has gone silent a prototype that answers to it again.

    py-feat reads a unit as the cosine between two non-negative vectors. Once these share no
    component the cosine stays at nought and no gradient can part it from there.
    """
    names, revived = face_model().units, []
    with torch.no_grad():
        for column, name in enumerate(names):
            if seen["p_au"][:, column].max() < 0.02:
                deviation = units[:, column] - units[:, column].mean()
                answer = (seen["h"][:, column] * deviation[:, None]).mean(dim=0).clamp_min(0)
                if answer.max() <= 0:
                    answer = torch.rand_like(answer)
                model.sc.s[column] = 0.1 * answer / answer.norm()
                revived.append(name)
    return revived


def build_model(config: FaceModelConfig) -> torch.nn.Module:
    """Build py-feat's own model in the demo's narrow configuration."""
    from feat.multitask.model_v2 import MEGraphAUv2, ModelV2Config

    return MEGraphAUv2(ModelV2Config(**config.model_dump()))


def train(
    paintings: Paintings,
    start: Path | None,
    number: int,
    keep: Callable[[torch.nn.Module], None],
) -> torch.nn.Module:
    """Fit the model for a round, from small pictures to the size that ``Detectorv2`` shows it."""
    stages, peak, weights, people, is_steady = ROUNDS[number]
    torch.manual_seed(SEED + number)
    rng = np.random.default_rng([SEED, 1 + number])
    model = build_model(FaceModelConfig())
    if start is not None:
        from safetensors.torch import load_file

        model.load_state_dict({k: v.float() if v.is_floating_point() else v
                               for k, v in load_file(start).items()})  # fmt: skip
    model = model.to(memory_format=torch.channels_last)
    count = min(people * FRAMES_EACH, len(paintings.units))
    faces = BATCH // 2 if is_steady else BATCH
    per_pass = count // faces
    plan = [side for side, passes in stages for _ in range(int(passes * per_pass))]
    optimiser = torch.optim.AdamW(model.parameters(), peak, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, peak, total_steps=len(plan), pct_start=0.08
    )
    model.train()
    if is_steady:
        for part in model.modules():
            if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
                part.eval()
    started, sums, order = time.time(), {}, np.empty(0, int)
    exact_from = len(plan) - int(0.3 * per_pass)
    for step, side in enumerate(plan):
        if len(order) < faces:
            order = rng.permutation(count)
        chosen, order = np.sort(order[:faces]), order[faces:]
        if is_steady:
            chosen = np.tile(chosen, 2)
        x, place = training_batch(paintings, chosen, side, rng, step >= exact_from)
        seen = model(x.contiguous(memory_format=torch.channels_last))
        parts = losses(seen, place, paintings, chosen, weights)
        if is_steady:
            parts |= unsteadiness(seen, place)
        optimiser.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        for name, part in parts.items():
            sums[name] = sums.get(name, 0.0) + part.item()
        if (step + 1) % 50 == 0:
            silent = revive(model, seen, torch.from_numpy(paintings.units[chosen]))
            if silent:
                print(f"step {step + 1}: revived {', '.join(silent)}", flush=True)
        if (step + 1) % 100 == 0:
            report = ", ".join(f"{name} {total / 100:.4f}" for name, total in sums.items())
            left = (time.time() - started) / (step + 1) * (len(plan) - step - 1)
            print(f"step {step + 1}/{len(plan)}, {side} px: {report}; {left / 60:.0f} min left",
                  flush=True)  # fmt: skip
            sums = {}
        if (step + 1) % 500 == 0:
            keep(model)
    return model.eval()


def stored_paintings(folder: Path, workers: int) -> Paintings:
    """Paint once and keep the paintings, so that training can be taken up again."""
    rest_path, image_path = folder / "truth.npz", folder / "paintings.npy"
    if not rest_path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        painted = paint_all(PEOPLE, workers)
        np.save(image_path, painted.image)
        np.savez(rest_path, **{name: getattr(painted, name) for name in Paintings._fields[1:]})
        return painted
    with np.load(rest_path) as rest:
        return Paintings(np.load(image_path), *(rest[name] for name in Paintings._fields[1:]))


def main() -> None:
    """Read the command line and do as it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).parent
    parser.add_argument(
        "--checkpoint", type=Path, default=here / "face_model/demo_face.safetensors"
    )
    parser.add_argument("--paintings", type=Path, default=Path("/tmp/dyads_paintings"))
    parser.add_argument(
        "--continue-from", type=Path, help="a checkpoint on which to run only the last round"
    )
    parser.add_argument("--evaluate", action="store_true", help="only print the table")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    if not arguments.evaluate:
        # threads would starve the painting processes, so they are set after painting
        paintings = stored_paintings(arguments.paintings, arguments.cores)
        torch.set_num_threads(arguments.cores)
        note = CheckpointNote(
            stamp=STAMP,
            trained_on=f"{len(paintings.units)} paintings of {PEOPLE} people who never lived",
            program="demo/train_face_model.py",
            seed=SEED,
            untrained=("blendshapes",),
        )

        def keep(model: torch.nn.Module) -> None:
            save_checkpoint(model.state_dict(), arguments.checkpoint, FaceModelConfig(), note)

        start = arguments.continue_from
        for number in range(len(ROUNDS)) if start is None else [len(ROUNDS) - 1]:
            keep(train(paintings, start, number, keep))
            start = arguments.checkpoint
    torch.set_num_threads(1)
    print(as_markdown(check_face_model(arguments.checkpoint, CascadeFinder(), SEED)))


if __name__ == "__main__":
    main()
