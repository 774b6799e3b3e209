"""Read every face in every frame of a session, or take the frames that were read elsewhere."""

from pathlib import Path

from dyads import extraction, tables
from dyads.config import ExtractionSettings
from dyads.contracts import Frames
from dyads.detectors import load_detector
from dyads.readers import read_session
from dyads.steps import step
from dyads.study_tables import STUDY_TABLES

with step(snakemake) as job:
    recordings = job.rows("recordings", STUDY_TABLES["recordings"])
    settings = job.settings(ExtractionSettings)
    if recordings["frames_path"].ne("").any():
        frames, about = read_session(recordings, Path(job.params.folder))
        tables.write(frames, job.output.frames, Frames, about)
    else:
        films = extraction.films(recordings, Path(job.params.folder))
        checkpoint = Path(job.input.weights) if settings.weights == "demo" else None
        detector = load_detector(settings, checkpoint=checkpoint, threads=job.threads)
        chunks = extraction.extract(films, detector, settings, threads=job.threads)
        extraction.write(chunks, job.output.frames, detector.about)
