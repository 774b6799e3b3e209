"""Turn detector rows into a regular trace on the session clock, with a reason for every gap."""

from dyads import tables
from dyads.config import CleaningSettings, QualitySettings
from dyads.contracts import Frames, Trace
from dyads.recordings import clock
from dyads.steps import step
from dyads.traces.cleaning import regular_trace

with step(snakemake) as job:
    source = f"{job.input.frames}/{job.wildcards.dyad}_{job.wildcards.session}.parquet"
    frames = tables.read(source, Frames)
    trace = regular_trace(
        frames,
        clock.load(job.input.clock),
        job.settings(CleaningSettings, "cleaning"),
        quality=job.settings(QualitySettings, "quality"),
    )
    tables.write(trace, job.output.trace, Trace, tables.read_about(source))
