"""Fit one mixed model of the study and compare its groups."""

from dyads import tables
from dyads.analysis.answers import answer
from dyads.analysis.results import write_model
from dyads.config import ModelSettings
from dyads.contracts import AnalysisRows
from dyads.steps import step

with step(snakemake) as job:
    results = answer(
        job.wildcards.model,
        tables.read(job.input.cohort, AnalysisRows),
        job.settings(ModelSettings),
        job.params.groups,
        tables.read_about(job.input.cohort).stamped(job.params.stamp),
    )
    print(results.log.to_string())
    write_model(results, job.output.folder)
