"""Describe who is in the sample: covariates, balance, gaps, losses and data quality by group."""

from dyads import tables
from dyads.analysis.sample import describe_sample, write_sample
from dyads.config import SampleSettings
from dyads.contracts import Cohort, MatchedSets, Quality
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    description = describe_sample(
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
        tables.read(job.input.cohort, Cohort),
        tables.read_all(job.input.quality, Quality)[0],
        tables.read(job.input.sets, MatchedSets) if job.input.sets else None,
        job.settings(SampleSettings),
        job.params.groups,
        job.params.minimum_cell,
        tables.read_about(job.input.cohort).stamped(job.params.stamp).stamp,
    )
    write_sample(description, job.output.folder)
