"""Match participants of the groups, and leave the others out of a copy of the analysis rows."""

from dyads import tables
from dyads.analysis.matching import match, only_matched
from dyads.analysis.sample import analysed_people
from dyads.config import MatchingSettings
from dyads.contracts import Cohort, MatchedSets
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    participants = tables.read(job.input.participants, STUDY_TABLES["participants"])
    cohort = tables.read(job.input.cohort, Cohort)
    sets = match(
        analysed_people(participants, cohort, job.params.groups),
        job.settings(MatchingSettings),
        job.params.groups,
        job.params.seed,
    )
    about = tables.read_about(job.input.cohort)
    tables.write(sets, job.output.sets, MatchedSets, about)
    tables.write(only_matched(cohort, sets), job.output.cohort, Cohort, about)
