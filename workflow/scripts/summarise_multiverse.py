"""Put all specifications together and test their curve as a whole."""

from dyads import tables
from dyads.config import ModelSettings, PlanSettings
from dyads.contracts import PermutedCurves, SpecificationFits
from dyads.multiverse.curve import summed_up
from dyads.multiverse.results import multiverse_results, write_multiverse
from dyads.multiverse.specifications import Specification
from dyads.steps import step

with step(snakemake) as job:
    fits, _ = tables.read_all(job.input.fits, SpecificationFits)
    permutations, _ = tables.read_all(job.input.curves, PermutedCurves)
    results = multiverse_results(
        job.params.name,
        [Specification.model_validate(one) for one in job.params.specifications],
        fits,
        summed_up(fits, permutations),
        job.settings(ModelSettings, "model"),
        job.settings(PlanSettings, "plan"),
        tables.read_about(job.input.cohort).stamped(job.params.stamp).stamp,
    )
    write_multiverse(results, job.output.folder)
