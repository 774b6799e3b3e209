"""Fit the specifications that share analysis rows."""

from dyads import tables
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import Cohort, SpecificationFits
from dyads.multiverse.fits import fit_specifications
from dyads.multiverse.specifications import Specification
from dyads.steps import step

with step(snakemake) as job:
    fits = fit_specifications(
        tables.read(job.input.cohort, Cohort),
        [Specification.model_validate(one) for one in job.params.specifications],
        job.settings(ModelSettings, "model"),
        job.params.groups,
        job.settings(PlanSettings, "plan"),
    )
    tables.write(fits, job.output.fits, SpecificationFits)
