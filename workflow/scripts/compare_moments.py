"""Hold ratings of moments against what the face showed around them."""

from dyads import tables
from dyads.analysis.agreement import by_group, stamped
from dyads.analysis.moments import MEASURES, by_person, moment_rows
from dyads.config import CongruenceSettings
from dyads.contracts import Expressions, Moments, MomentScores, PersonAgreement
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    settings = job.settings(CongruenceSettings)
    expressions, about = tables.read_all(job.input.expressions, Expressions)
    about = about.stamped(job.params.stamp)
    rows = moment_rows(
        tables.read(job.input.scores, MomentScores),
        expressions,
        tables.read(job.input.sessions, STUDY_TABLES["sessions"]),
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
        settings.pairs,
    )
    persons = by_person(rows, settings.minimum_segments)
    groups = by_group(
        persons,
        MEASURES,
        job.params.groups,
        job.params.minimum_cell,
        settings.bootstrap_samples,
        job.params.seed,
    )
    tables.write(rows, job.output.rows, Moments, about)
    tables.write(persons, job.output.persons, PersonAgreement, about)
    tables.write_csv(stamped(groups, about.stamp), job.output.groups)
