"""Measure how far expression follows experience, in each person and each group."""

import numpy as np

from dyads import tables
from dyads.analysis.congruence import by_group, by_person, smile_events
from dyads.config import CongruenceSettings
from dyads.contracts import Cohort, Expressions, GroupCongruence, PersonCongruence
from dyads.steps import step

with step(snakemake) as job:
    settings = job.settings(CongruenceSettings)
    cohort = tables.read(job.input.cohort, Cohort)
    about = tables.read_about(job.input.cohort).stamped(job.params.stamp)
    smiles = smile_events(
        tables.read(job.input.expressions, Expressions),
        settings.smile_channel,
        settings.negative_segments,
    )
    persons = by_person(cohort, settings.minimum_segments, smiles)
    generator = np.random.default_rng(job.params.seed)
    groups = by_group(cohort, persons, job.params.groups, settings.bootstrap_samples, generator)
    tables.write(persons, job.output.persons, PersonCongruence, about)
    tables.write(groups, job.output.groups, GroupCongruence, about)
