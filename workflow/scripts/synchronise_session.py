"""Put the recordings of a session on one clock, by the table or by their sound."""

from pathlib import Path

from dyads import tables
from dyads.config import SyncSettings
from dyads.recordings import probing
from dyads.recordings.synchronise import synchronise
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    session_clock = synchronise(
        job.rows("recordings", STUDY_TABLES["recordings"]),
        probing.load(job.input.probe),
        Path(job.params.folder),
        job.settings(SyncSettings),
    )
    tables.write_json(session_clock, job.output.clock)
