"""Measure what both people of a session showed around the moments that somebody rated."""

from dyads import tables
from dyads.analysis.moments import measure_moments
from dyads.config import ExpressionSettings, MomentSettings
from dyads.contracts import Expressions, Speech, Trace
from dyads.measures.composites import combined_about
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    settings = job.settings(ExpressionSettings)
    about = tables.read_about(job.input.trace)
    expressions = measure_moments(
        tables.read(job.input.trace, Trace),
        job.params.times_s,
        job.rows("segments", STUDY_TABLES["segments"]),
        job.settings(MomentSettings, "windows"),
        settings,
        about,
        (job.wildcards.dyad, job.wildcards.session),
        job.params.strata,
        tables.read(job.input.speech, Speech) if job.input.speech else None,
    )
    about = combined_about(about, settings.composites)
    tables.write(expressions, job.output.expressions, Expressions, about)
