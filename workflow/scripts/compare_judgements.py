"""Hold what people say of the other one against what both felt and what the other showed."""

from dyads import tables
from dyads.analysis.agreement import by_group, stamped
from dyads.analysis.judgements import MEASURES, by_judge, judgement_rows
from dyads.config import CongruenceSettings
from dyads.contracts import Cohort, Judgements, PersonAgreement, Scores
from dyads.steps import step

with step(snakemake) as job:
    settings = job.settings(CongruenceSettings)
    about = tables.read_about(job.input.cohort).stamped(job.params.stamp)
    rows = judgement_rows(
        tables.read(job.input.cohort, Cohort),
        tables.read(job.input.judgements, Scores),
        settings.pairs,
    )
    persons = by_judge(rows, settings.minimum_segments)
    groups = by_group(
        persons,
        MEASURES,
        job.params.groups,
        job.params.minimum_cell,
        settings.bootstrap_samples,
        job.params.seed,
    )
    tables.write(rows, job.output.rows, Judgements, about)
    tables.write(persons, job.output.persons, PersonAgreement, about)
    tables.write_csv(stamped(groups, about.stamp), job.output.groups)
