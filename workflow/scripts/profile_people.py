"""Describe each person by a profile, and look for subgroups of people."""

import numpy as np

from dyads import tables
from dyads.analysis.heterogeneity import heterogeneity
from dyads.analysis.profile_results import write_heterogeneity
from dyads.config import ProfileSettings
from dyads.contracts import Cohort, PersonProfiles
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    about = tables.read_about(job.input.cohort).stamped(job.params.stamp)
    people, shared = heterogeneity(
        tables.read(job.input.cohort, Cohort),
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
        job.settings(ProfileSettings),
        groups=job.params.groups,
        minimum_rows=job.params.minimum_rows,
        minimum_cell=job.params.minimum_cell,
        generator=np.random.default_rng(job.params.seed),
        about=about,
    )
    print(shared.checks.to_string())
    tables.write(people, job.output.people, PersonProfiles, about)
    write_heterogeneity(shared, job.output.folder)
