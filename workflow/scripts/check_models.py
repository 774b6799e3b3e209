"""Fit a model without each dyad, and keep its residuals and random effects for a look at them."""

from dyads import tables
from dyads.analysis.checks import write_checks
from dyads.analysis.sensitivity import check_model
from dyads.config import ModelSettings
from dyads.contracts import AnalysisRows, RandomEffects, Residuals, WithoutDyad
from dyads.steps import step

with step(snakemake) as job:
    about = tables.read_about(job.input.cohort).stamped(job.params.stamp)
    checks = check_model(
        tables.read(job.input.cohort, AnalysisRows), job.settings(ModelSettings), job.params.groups
    )
    print(checks.leave_one_out.to_string())
    tables.write(checks.residuals, job.output.residuals, Residuals, about)
    tables.write(checks.random_effects, job.output.random_effects, RandomEffects, about)
    tables.write(checks.without_dyad, job.output.without_dyad, WithoutDyad, about)
    write_checks(
        checks.diagnostics,
        checks.spread,
        checks.leave_one_out,
        job.output.folder,
        job.params.minimum_cell,
        about.stamp,
    )
