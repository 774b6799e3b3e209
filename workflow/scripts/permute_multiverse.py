"""Fit every specification to permuted groups, some permutations a job."""

import logging

from dyads import tables
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import Cohort, PermutedCurves
from dyads.multiverse.curve import permuted_curves
from dyads.multiverse.specifications import Specification
from dyads.steps import step

with step(snakemake) as job:
    # a singular fit to permuted groups is no news, and there are thousands of them
    logging.getLogger("dyads.models.ladder").setLevel(logging.ERROR)
    files = zip(job.params.names, job.input.cohorts, strict=True)
    curves = permuted_curves(
        {name: tables.read(path, Cohort) for name, path in files},
        [Specification.model_validate(one) for one in job.params.specifications],
        job.settings(ModelSettings, "model"),
        job.params.groups,
        job.settings(PlanSettings, "plan"),
        job.params.numbers,
        job.params.seed,
    )
    tables.write(curves, job.output.curves, PermutedCurves)
