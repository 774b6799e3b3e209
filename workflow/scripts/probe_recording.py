"""Learn what the recordings of a session hold, without decoding them."""

from dyads import tables
from dyads.recordings.media import probe_session
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    probed = probe_session(job.rows("recordings", STUDY_TABLES["recordings"]), job.params.folder)
    tables.write_json(probed, job.output.probe)
