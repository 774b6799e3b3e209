"""Simulate studies of one size and count how often they find what is there."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.config import PowerSettings
from dyads.contracts import Cohort
from dyads.power.assumptions import assumptions
from dyads.power.curves import power_of
from dyads.power.simulation import Size
from dyads.steps import step

with step(snakemake) as job:
    settings = job.settings(PowerSettings)
    is_fitted = settings.source == "fitted"
    world = assumptions(
        settings,
        job.params.groups,
        job.params.correction,
        read_model(job.input.model) if is_fitted else None,
        tables.read(job.input.cohort, Cohort) if is_fitted else None,
    )
    print(world)
    size = Size(
        int(job.wildcards.dyads), int(job.wildcards.segments), float(job.wildcards.reliability)
    )
    tables.write_csv(power_of(world, size, settings.studies, job.params.seed), job.output.table)
    tables.write_json(world, job.output.world)
