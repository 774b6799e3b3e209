"""Check the recordings of a session, and learn what they hold."""

from dyads import tables
from dyads.config import RecordingSettings
from dyads.recordings.gate import check_session
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    probed = check_session(
        job.rows("recordings", STUDY_TABLES["recordings"]),
        job.params.folder,
        job.settings(RecordingSettings),
    )
    for name, fault in probed.refused.items():
        print(f"{name}: {fault.code}: {fault.sentence}")
    tables.write_json(probed, job.output.probe)
