"""Turn detector rows into a regular trace on the session clock, with a reason for every gap."""

from dyads import clock, tables
from dyads.cleaning import regular_trace
from dyads.config import CleaningSettings
from dyads.contracts import Frames, Trace
from dyads.steps import step

with step(snakemake) as job:
    source = f"{job.input.frames}/{job.wildcards.dyad}_{job.wildcards.session}.parquet"
    frames = tables.read(source, Frames)
    trace = regular_trace(frames, clock.load(job.input.clock), job.settings(CleaningSettings))
    tables.write(trace, job.output.trace, Trace, tables.read_about(source))
