"""Read every face in every frame of some sessions, or take frames that were read elsewhere."""

from pathlib import Path

from dyads.config import ExtractionSettings
from dyads.extraction.sessions import extract_sessions
from dyads.recordings import probing
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    extract_sessions(
        zip(
            job.parts("sessions", STUDY_TABLES["recordings"]),
            [probing.load(probe) for probe in job.input.probes],
            strict=True,
        ),
        Path(job.params.folder),
        Path(job.output.folder),
        job.settings(ExtractionSettings),
        checkpoint=Path(job.input.weights) if job.input.weights else None,
        lock=Path(job.input.lock) if job.input.lock else None,
        identified=job.params.identified,
        threads=job.threads,
        unfinished=Path(job.params.unfinished),
        code=job.params.code,
    )
