"""Sum up the continuous ratings of each person and each group."""

from dyads import tables
from dyads.analysis.agreement import by_group, stamped
from dyads.analysis.continuous import MEASURES, by_person
from dyads.contracts import ContinuousAgreement, PersonContinuous
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    agreement, about = tables.read_all(job.input.agreement, ContinuousAgreement)
    about = about.stamped(job.params.stamp)
    persons = by_person(
        agreement,
        tables.read(job.input.sessions, STUDY_TABLES["sessions"]),
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
    )
    groups = by_group(
        persons,
        MEASURES,
        job.params.groups,
        job.params.minimum_cell,
        job.params.samples,
        job.params.seed,
    )
    tables.write(persons, job.output.persons, PersonContinuous, about)
    tables.write_csv(stamped(groups, about.stamp), job.output.groups)
