"""Answer the plan: the contrasts of its primary family by its headline test."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.config import PlanSettings
from dyads.plan.primary import primary_family
from dyads.steps import step

with step(snakemake) as job:
    models = [read_model(folder) for folder in job.input.models]
    family = primary_family(models, job.settings(PlanSettings))
    stamps = (job.params.stamp, *(model.summary.stamp for model in models))
    tables.write_csv(family, job.output.table, tables.joined_stamps(*stamps))
