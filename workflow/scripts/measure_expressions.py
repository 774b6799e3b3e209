"""Sum up what each person showed in each segment of a session."""

from dyads import tables
from dyads.config import ExpressionSettings
from dyads.contracts import Expressions, Speech, Trace
from dyads.measures.composites import combined_about
from dyads.measures.expressions import measure_expressions
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    settings = job.settings(ExpressionSettings)
    about = tables.read_about(job.input.trace)
    expressions = measure_expressions(
        tables.read(job.input.trace, Trace),
        job.rows("segments", STUDY_TABLES["segments"]),
        settings,
        about,
        job.wildcards.dyad,
        job.wildcards.session,
        job.params.strata,
        tables.read(job.input.speech, Speech) if job.input.speech else None,
    )
    about = combined_about(about, settings.composites)
    tables.write(expressions, job.output.expressions, Expressions, about)
