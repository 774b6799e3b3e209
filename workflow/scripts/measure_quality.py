"""Sum up how good the frames of a session are, without knowing anybody's group."""

from dyads import tables
from dyads.config import QualitySettings
from dyads.contracts import Frames, Quality
from dyads.recordings import clock
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES
from dyads.traces.quality import measure_quality

with step(snakemake) as job:
    dyad_id, session_id = job.wildcards.dyad, job.wildcards.session
    quality = measure_quality(
        tables.read(f"{job.input.frames}/{dyad_id}_{session_id}.parquet", Frames),
        clock.load(job.input.clock),
        job.rows("segments", STUDY_TABLES["segments"]),
        job.settings(QualitySettings),
        dyad_id,
        session_id,
    )
    tables.write(quality, job.output.quality, Quality)
