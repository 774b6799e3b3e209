"""Measure how the two people of a session go together, against pairs of strangers."""

import pandas as pd

from dyads import tables
from dyads.config import ExpressionSettings, SynchronySettings
from dyads.contracts import Synchrony, Trace
from dyads.steps import step
from dyads.synchrony import SessionTraces, measure_synchrony

with step(snakemake) as job:
    segments = pd.DataFrame(job.params.segments)
    own, *others = [
        SessionTraces(
            **meeting,
            trace=tables.read(path, Trace),
            segments=segments,
            about=tables.read_about(path),
        )
        for meeting, path in zip(
            job.params.meetings, [job.input.trace, *job.input.others], strict=True
        )
    ]
    synchrony = measure_synchrony(
        own,
        others,
        job.settings(SynchronySettings, "synchrony"),
        job.settings(ExpressionSettings, "expressions"),
    )
    tables.write(synchrony, job.output.synchrony, Synchrony, own.about)
