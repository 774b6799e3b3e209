"""Sum up how good the frames of a session are, without knowing anybody's group."""

from dyads import tables
from dyads.config import QualitySettings
from dyads.contracts import Frames, Quality
from dyads.recordings import clock, probing
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES
from dyads.traces.quality import measure_quality

with step(snakemake) as job:
    dyad_id, session_id = job.wildcards.dyad, job.wildcards.session
    source = f"{job.input.frames}/{dyad_id}_{session_id}.parquet"
    recordings = job.rows("recordings", STUDY_TABLES["recordings"])
    quality = measure_quality(
        tables.read(source, Frames),
        clock.load(job.input.clock),
        job.rows("segments", STUDY_TABLES["segments"]),
        job.settings(QualitySettings),
        dyad_id,
        session_id,
        probing.frames_held(recordings, probing.load(job.input.probe)),
    )
    # Quality has no channels; their types must not keep sessions of two detectors off one page.
    about = tables.read_about(source).model_copy(update={"channel_types": {}})
    tables.write(quality, job.output.quality, Quality, about)
