"""Say whether the memory of reading a film grows with the film's length.

    python benchmarks/memory.py [--minutes 1 10 60]

Films of different length are read in processes of their own, by the tests' detector of painted
squares in place of a network: decoding, following, rows, kept parts and the table are the real
ones. Memory is the largest that the process held.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1] / "tests/unit"
RATE_HZ = 25


def make_film(path: Path, minutes: float) -> Path:
    """A square face that moves, at 25 pictures a second."""
    import av

    sys.path.insert(0, str(TESTS))
    from square_faces import room, with_face

    with av.open(str(path), "w") as container:
        pictures = [with_face(room(), 40 + k, 40, level=0.5) for k in range(25)]
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "ultrafast"}
        for index in range(round(minutes * 60 * RATE_HZ)):
            image = np.ascontiguousarray(pictures[abs(index % 48 - 24)])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def read(film: Path, folder: Path) -> None:
    """Read a film as a job does, and print the largest memory in MB."""
    sys.path.insert(0, str(TESTS))
    from square_faces import SquareDetector

    from dyads.config import ExtractionSettings
    from dyads.extraction import sessions
    from dyads.extraction.films import Film
    from dyads.extraction.rows import write

    detector, settings = SquareDetector(), ExtractionSettings()
    films = [Film(film, {"P1": "full"})]
    chunks = sessions.extract(films, detector, settings, unfinished=folder / "kept")
    rows = write(chunks, folder / "frames.parquet", detector.about)
    print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def main() -> None:
    """Read the command line, measure each length in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60])
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.read, arguments.read.parent)
        return
    largest_mb: dict[float, float] = {}
    print("minutes    frames  largest MB  seconds")
    for minutes in arguments.minutes:
        with tempfile.TemporaryDirectory() as name:
            film = make_film(Path(name) / "film.mp4", minutes)
            began = time.perf_counter()
            ended = subprocess.run(
                [sys.executable, __file__, "--read", str(film)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            frames, largest = ended.stdout.split()
            largest_mb[minutes] = float(largest)
            taken_s = time.perf_counter() - began
            print(f"{minutes:7g} {frames:>9} {float(largest):11.1f} {taken_s:8.1f}", flush=True)
    lengths = sorted(largest_mb)
    print()
    ratio = largest_mb[lengths[-1]] / largest_mb[lengths[0]]
    print(f"memory_{lengths[-1]:g}_over_{lengths[0]:g}_minutes {ratio:.3f}")


if __name__ == "__main__":
    main()
