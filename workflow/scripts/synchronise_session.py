"""Put the recordings of a session on one clock."""

import pandas as pd

from dyads import clock, tables
from dyads.steps import step

with step(snakemake) as job:
    session_clock = clock.from_table(pd.DataFrame(job.params.recordings))
    tables.write_json(session_clock, job.output.clock)
