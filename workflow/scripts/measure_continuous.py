"""Hold the continuous ratings of a session against faces and against each other."""

from dyads import tables
from dyads.analysis.continuous import continuous_agreement
from dyads.config import ContinuousSettings
from dyads.contracts import ContinuousAgreement, ContinuousTrace, Trace
from dyads.steps import step

with step(snakemake) as job:
    about = tables.read_about(job.input.trace)
    agreement = continuous_agreement(
        tables.read(job.input.ratings, ContinuousTrace),
        tables.read(job.input.trace, Trace),
        about,
        job.settings(ContinuousSettings),
        job.params.composites,
        job.params.meeting,
    )
    tables.write(agreement, job.output.agreement, ContinuousAgreement, about)
