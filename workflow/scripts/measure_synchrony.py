"""Measure how the two people of a session go together, against pairs of strangers."""

from dyads import tables
from dyads.config import ExpressionSettings, SynchronySettings
from dyads.contracts import Synchrony, Trace
from dyads.measures.pairs import SessionTraces
from dyads.measures.synchrony import measure_synchrony
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    segments = job.rows("segments", STUDY_TABLES["segments"])
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
