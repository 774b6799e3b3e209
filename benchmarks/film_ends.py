"""Time how long the study check takes to ask films how long they are.

    python benchmarks/film_ends.py [--films 200]

One small film of two minutes is painted and copied, and all copies are asked twice: once for a time
within them, as in a good study, and once for a time after their end, where the packets at the end
are looked at as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import av
import numpy as np

from dyads.config import RecordingSettings
from dyads.recordings.film_ends import film_ends

LENGTH_S = 120
RATE_HZ = 25


def main() -> None:
    """Paint the film, copy it, and print the seconds and the films that were answered for."""
    parser = argparse.ArgumentParser(description="Time how long films take to tell their length.")
    parser.add_argument("--films", type=int, default=200)
    count = parser.parse_args().films
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = paint(folder / "film.mp4")
        names = [f"film{number:04d}.mp4" for number in range(count)]
        for copy in names:
            shutil.copy(first, folder / copy)
        for until_s in (LENGTH_S / 2, LENGTH_S * 2):
            started = time.perf_counter()
            ends_s = film_ends(folder, dict.fromkeys(names, until_s), RecordingSettings())
            took_s = time.perf_counter() - started
            print(f"films {len(ends_s)} of {count}, asked for {until_s:g} s of {LENGTH_S} s: "
                  f"{took_s:.1f} s")  # fmt: skip


def paint(path: Path) -> Path:
    """Write a film of noise, 160 x 120 pixels."""
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 255, (8, 120, 160, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, RATE_HZ)
        for index in range(LENGTH_S * RATE_HZ):
            frame = av.VideoFrame.from_ndarray(pictures[index % len(pictures)], format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


if __name__ == "__main__":
    main()
