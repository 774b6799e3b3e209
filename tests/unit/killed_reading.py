"""A program that a test kills: it reads a film of square faces, slowly, as a job does."""

import sys
import time
from pathlib import Path

from square_faces import SquareDetector

from dyads.config import ExtractionSettings
from dyads.extraction import sessions
from dyads.extraction.films import Film
from dyads.extraction.rows import write

SETTINGS = ExtractionSettings(batch_frames=4, search_interval_s=0.7)
VIEWS = {"P01": "left", "Q01": "right"}
ROWS_PER_PART = 120
"""Two people in 64 pictures are more: each chunk of pictures is a part."""


class SlowDetector(SquareDetector):
    """Takes its time over each face, so that a kill falls in the middle."""

    def read(self, images, boxes):
        time.sleep(0.002 * len(images))
        return super().read(images, boxes)


def main(film: Path, unfinished: Path, out: Path) -> None:
    sessions._ROWS_PER_PART = ROWS_PER_PART
    detector = SlowDetector()
    chunks = sessions.extract([Film(film, VIEWS)], detector, SETTINGS, unfinished=unfinished)
    write(chunks, out, detector.about)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
