"""Give each session of a dyad its synchrony beyond strangers, as a row that models can take in."""

from dyads import tables
from dyads.analysis.session_rows import rows_of_sessions
from dyads.contracts import AnalysisRows, Cohort, Synchrony
from dyads.steps import step

with step(snakemake) as job:
    sessions = rows_of_sessions(
        tables.read(job.input.cohort, Cohort),
        tables.read(job.input.synchrony, Synchrony),
        job.params.channel,
    )
    stamp = tables.read_about(job.input.synchrony).stamp
    about = tables.read_about(job.input.cohort).stamped(stamp)
    tables.write(sessions, job.output.sessions, AnalysisRows, about)
