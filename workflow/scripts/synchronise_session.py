"""Put the recordings of a session on one clock."""

from dyads import tables
from dyads.recordings import clock
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    session_clock = clock.from_table(job.rows("recordings", STUDY_TABLES["recordings"]))
    tables.write_json(session_clock, job.output.clock)
