"""Time the extraction loop beside py-feat's own, and beside the network alone.

    python benchmarks/extract.py [--frames 250] [--precision bfloat16]

All of them run in one process with one thread, on the same films, with py-feat's published
architectures at their real size. The values of the weights are random, which costs the same;
so the face is not found by what the network says: RetinaFace runs in full, and the box in which
the face is known to be is given back. py-feat is handed pictures that are already decoded,
since its own reading of films needs an FFmpeg of the system; its time is thus without decoding.
`Detectorv2()` computes identity embeddings unless told otherwise, and dyads does not: both ways
are timed.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import av
import numpy as np
import pandas as pd
import torch

from dyads.channels import ACTION_UNITS
from dyads.config import ExtractionSettings
from dyads.demo.acting import Pose
from dyads.demo.faces import draw_identity
from dyads.demo.films import Shot, render_film
from dyads.extraction import sessions
from dyads.extraction.detectors import Detector, Reading, load_detector
from dyads.extraction.feat_detectorv2 import FeatDetectorv2
from dyads.extraction.films import Film
from dyads.extraction.retinaface import RetinafaceFinder, box_of_mesh
from dyads.recordings import media

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
RATE_HZ = 25
SEARCH_INTERVAL_S = 2.0
READ_TWICE_EVERY = 14
"""A face in so many is read once more, as on painted films of 25 Hz with restless heads."""
PAINTED_RATES_HZ, FILM_S = (10, 25), 15


class KnownFace(RetinafaceFinder):
    """RetinaFace at its real cost; what it gives back is the box where the face is."""

    def __init__(self, weights: Path, box: np.ndarray) -> None:
        super().__init__(weights)
        self._box = box
        self.calls = 0

    def _search(self, image_rgb: np.ndarray, within) -> tuple[np.ndarray, bool]:
        """Search as the finder does, and give back the known box, which is not cut."""
        self.calls += 1
        super()._search(image_rgb, within)
        return np.append(self._box, 1.0)[None], False


class KnownMesh(FeatDetectorv2):
    """The network at its real cost; its mesh, random as the weights, does not lead the crop.

    Of the faces one in `READ_TWICE_EVERY` seems to lie beside its crop, and is read once more.
    """

    box: np.ndarray
    reads = 0

    def read(self, images, boxes) -> Reading:
        """Read the faces; the box of the next one is the known one, or a little beside it."""
        reading = super().read(images, boxes)
        number = self.reads + np.arange(len(images))
        self.reads += len(images)
        beside = np.where(number % READ_TWICE_EVERY == READ_TWICE_EVERY - 1, 0.03, 0.0)
        side = self.box[2] - self.box[0]
        return dataclasses.replace(
            reading,
            next_box=self.box + beside[:, None] * side,
            inside_share=np.ones(len(images)),
        )


def real_size_weights(path: Path) -> Path:
    """Py-feat's multitask model in the published size, with random values."""
    from feat.multitask.model_v2 import MEGraphAUv2, ModelV2Config
    from safetensors.torch import save_file

    config = ModelV2Config(
        n_au=20, n_emotion=7, n_blendshape=52, mesh_normalized=True, use_head_v3=True,
        drop_mefl=True, emotion_use_au_prob=True, pretrained=False, drop_path_rate=0.0,
    )  # fmt: skip
    torch.manual_seed(0)
    values = {name: value.contiguous() for name, value in MEGraphAUv2(config).state_dict().items()}
    save_file(values, path, metadata={"config": json.dumps(dataclasses.asdict(config))})
    return path


def finder_weights(path: Path) -> Path:
    """RetinaFace in the published size, with random values."""
    from feat.face_detectors.Retinaface.Retinaface_test import Retinaface
    from safetensors.torch import save_file

    torch.manual_seed(0)
    net = Retinaface(device="cpu", pretrained="given").net
    save_file({name: value.contiguous() for name, value in net.state_dict().items()}, path)
    return path


def make_film(path: Path, width: int, height: int, frames: int) -> Path:
    """A film of slowly moving noise, as costly to decode as a room."""
    rng = np.random.default_rng(1)
    wall = rng.integers(60, 190, (height // 8, width // 8, 3), dtype=np.uint8)
    wall = np.kron(wall, np.ones((8, 8, 1), dtype=np.uint8))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast"}
        for index in range(frames):
            image = np.roll(wall, index, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def seconds(run) -> float:
    """Time one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def measure(name: str, folder: Path, weights: Path, frames: int, theirs: int, precision: str):
    """Time a frame of each way: py-feat's own, ours, and the network alone."""
    from feat.identity_detectors.arcface.arcface_model import ArcFace

    width, height = SIZES[name]
    side = height / 3
    box = np.array([width / 2 - side / 2, height / 3, width / 2 + side / 2, height / 3 + side])
    finder = KnownFace(finder_weights(folder / "finder.safetensors"), box)
    detector = KnownMesh(weights, finder, box_of_mesh, "RetinaFace", "cpu", precision)
    detector.box = box
    film = make_film(folder / f"{name}.mp4", width, height, frames)
    short = make_film(folder / f"{name}_short.mp4", width, height, theirs)
    settings = ExtractionSettings(search_interval_s=SEARCH_INTERVAL_S, precision=precision)
    pictures = torch.from_numpy(np.stack([one.image for one in media.frames(short)]))
    pictures = pictures.permute(0, 3, 1, 2)
    chips = torch.rand(settings.faces_at_once, 3, 256, 256)
    with torch.inference_mode():
        detector._said(chips)  # the first call prepares the network
        own_alone = [seconds(lambda: detector._said(chips)) / len(chips)]
        py_feat_s = seconds(lambda: py_feat(detector.feat, pictures))
        detector.feat.identity_detector = ArcFace().eval()
        with_identity_s = seconds(lambda: py_feat(detector.feat, pictures))
        detector.feat.identity_detector = None
        finder.calls = detector.reads = 0
        ours_s = seconds(
            lambda: pd.concat(sessions.extract([Film(film, {"P1": "full"})], detector, settings))
        )
        own_alone.append(seconds(lambda: detector._said(chips)) / len(chips))
    return {
        "picture": name,
        "without identity ms": 1000 * py_feat_s / theirs,
        "py-feat ms": 1000 * with_identity_s / theirs,
        "dyads ms": 1000 * ours_s / frames,
        "network ms": 1000 * float(np.mean(own_alone)),
        "searches": finder.calls,
        "reads a frame": detector.reads / frames,
        "frames": frames,
    }


def py_feat(feat, pictures) -> None:
    """Let py-feat read decoded pictures in its own loop."""
    feat.detect(pictures, data_type="tensor", batch_size=1, progress_bar=False)


class EveryUnit:
    """Somebody whose every action unit comes and goes, and whose head is never still."""

    def __init__(self, rng: np.random.Generator, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        time_s = np.arange(0, FILM_S + 1 / rate_hz, 1 / rate_hz)
        units = np.zeros((len(time_s), len(ACTION_UNITS)))
        for unit in range(len(ACTION_UNITS)):
            begin_s = rng.uniform(0, 2)
            while begin_s < FILM_S:
                rise_s, hold_s, fall_s = rng.uniform([0.3, 0.3, 0.4], [0.8, 1.5, 1.0])
                marks_s = begin_s + np.cumsum([0, rise_s, hold_s, fall_s])
                part = np.interp(time_s, marks_s, [0, 1, 1, 0], left=0, right=0)
                bump = rng.uniform(0.3, 1) * (1 - np.cos(np.pi * part)) / 2
                units[:, unit] = np.maximum(units[:, unit], bump)
                begin_s = marks_s[-1] + rng.uniform(1, 5)

        def wave(size: float) -> np.ndarray:
            return sum(
                size
                / 2
                * rng.uniform(0.3, 1)
                * np.sin(2 * np.pi * (time_s / period_s + rng.uniform()))
                for period_s in (2.1, 3.7, 6.1)
            )

        self._pose = Pose(
            units,
            np.column_stack([wave(6), wave(9), wave(4)]),
            np.column_stack([wave(4), wave(6)]),
            np.column_stack([wave(0.06), wave(0.04)]),
            np.zeros(len(time_s)),
        )

    def at(self, time_s: np.ndarray) -> Pose:
        """What the face does at these times."""
        return Pose(*(part[np.round(time_s * self._rate_hz).astype(int)] for part in self._pose))


def painted_films(folder: Path, people: int, rate_hz: int) -> list[Film]:
    """Films of painted people whom the demo's model never saw, who show every unit."""
    films = []
    for person in range(people):
        rng = np.random.default_rng([20240, 1_000_000 + person])
        centre = (160 + rng.uniform(-10, 10), 112.0)
        shot = Shot(draw_identity(rng), EveryUnit(rng, rate_hz), centre, rng.uniform(96, 107), 1.0)
        path = folder / f"person{person}_{rate_hz}hz.mp4"
        render_film(path, [shot], np.arange(0, FILM_S, 1 / rate_hz), 0.0, rng)
        films.append(Film(path, {"P1": "full"}))
    return films


class CountedReads:
    """A detector that counts the faces it reads, without those by which its finder settles."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.about, self.tiers, self.find = detector.about, detector.tiers, detector.find
        self.reads = 0

    def read(self, images, boxes) -> Reading:
        """Read the faces."""
        self.reads += len(images)
        return self._detector.read(images, boxes)


def agreement(folder: Path, people: int, rate_hz: int) -> dict[str, float]:
    """Compare following, and bfloat16, with a search in every frame, over painted films."""
    films = painted_films(folder, people, rate_hz)
    checkpoint = Path(__file__).parents[1] / "demo/face_model/demo_face.safetensors"
    base = ExtractionSettings(weights="demo")
    every_frame = base.model_copy(update={"search_interval_s": 0.0})

    def read(settings: ExtractionSettings) -> tuple[pd.DataFrame, float]:
        """Action units of all frames, and how often a frame was read."""
        detector = CountedReads(load_detector(settings, checkpoint=checkpoint))
        rows = pd.concat(sessions.extract(films, detector, settings), ignore_index=True)
        return rows[list(ACTION_UNITS)], detector.reads / len(rows)

    every, _ = read(every_frame)
    followed, reads = read(base)
    halved, _ = read(every_frame.model_copy(update={"precision": "bfloat16"}))
    r, error = compared(every, followed, f"{people} people, {rate_hz} Hz: followed and every frame")
    r_halved, error_halved = compared(every, halved, "The same: bfloat16 and float32, every frame")
    return {
        f"reads_per_followed_frame_{rate_hz}hz": reads,
        f"au_correlation_min_{rate_hz}hz": r,
        f"au_difference_max_{rate_hz}hz": error,
        f"au_correlation_min_bfloat16_{rate_hz}hz": r_halved,
        f"au_difference_max_bfloat16_{rate_hz}hz": error_halved,
    }


def compared(every: pd.DataFrame, other: pd.DataFrame, title: str) -> tuple[float, float]:
    """Print how two readings of the same frames agree; give the least r, the largest difference."""
    seen = every.notna().all(axis=1) & other.notna().all(axis=1)
    r = every[seen].corrwith(other[seen])
    error = (every[seen] - other[seen]).abs().mean()
    table = pd.DataFrame({"r": r, "mean absolute difference": error, "SD": every[seen].std()})
    print(f"\n{title}, {seen.sum()} frames")
    print(table.round(3).to_string())
    return float(r.min()), float(error.max())


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=250, help="frames that dyads reads")
    parser.add_argument("--py-feat-frames", type=int, default=5, help="frames that py-feat reads")
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--people", type=int, default=12, help="painted people who are compared")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = real_size_weights(folder / "face.safetensors")
        for precision in arguments.precision:
            rows = [
                measure(size, folder, weights, arguments.frames, arguments.py_feat_frames,
                        precision)
                for size in SIZES
            ]  # fmt: skip
            print(f"\n{precision}, one thread, search every {SEARCH_INTERVAL_S:g} s, ms a frame")
            print(pd.DataFrame(rows).round(1).to_string(index=False), flush=True)
            end = "" if precision == "float32" else f"_{precision}"
            for row in rows:
                lines[f"speedup_{row['picture']}{end}"] = row["py-feat ms"] / row["dyads ms"]
                lines[f"speedup_{row['picture']}_without_identity{end}"] = (
                    row["without identity ms"] / row["dyads ms"]
                )
            lines[f"time_over_forward_pass{end}"] = rows[0]["dyads ms"] / rows[0]["network ms"]
        for rate_hz in PAINTED_RATES_HZ:
            lines |= agreement(folder, arguments.people, rate_hz)
    lines["au_correlation_min"] = min(
        lines[f"au_correlation_min_{rate_hz}hz"] for rate_hz in PAINTED_RATES_HZ
    )
    print()
    for key, value in lines.items():
        print(f"{key} {value:.3f}")


if __name__ == "__main__":
    main()
