"""Learn what the recordings of a session hold, without decoding them."""

import pandas as pd

from dyads import tables
from dyads.media import probe_session
from dyads.steps import step

with step(snakemake) as job:
    probed = probe_session(pd.DataFrame(job.params.recordings), job.params.folder)
    tables.write_json(probed, job.output.probe)
