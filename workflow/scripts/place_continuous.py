"""Put the continuous ratings of a session on its clock, on the steps of the traces."""

from pathlib import Path

from dyads import tables
from dyads.config import StudySettings
from dyads.contracts import ContinuousTrace
from dyads.ratings.continuous import on_session_clock, read_streams
from dyads.ratings.reading import load_instruments
from dyads.steps import step
from dyads.study.optional_tables import OPTIONAL_TABLES

with step(snakemake) as job:
    study = job.settings(StudySettings, "study")
    streams = job.rows("streams", OPTIONAL_TABLES["continuous"])
    instruments = load_instruments(Path(job.input.instruments))
    read = read_streams(streams, study.folder, instruments, study.missing_codes)
    ratings = on_session_clock(streams, read, job.params.rate_hz, job.params.fill_gap_s)
    tables.write(ratings, job.output.ratings, ContinuousTrace)
