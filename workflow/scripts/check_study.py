"""Write down the study tables as they were checked, and a page that says what they hold."""

from pathlib import Path

from dyads import tables
from dyads.config import StudySettings
from dyads.plan.blinding import blinded
from dyads.report.study_page import study_page
from dyads.steps import step
from dyads.study.study import checked_tables, load_study, summary
from dyads.study.tables import CHECKED_TABLES

with step(snakemake) as job:
    settings = job.settings(StudySettings)
    study = load_study(settings, recordings_expected=not settings.demo)
    if job.params.blind:
        study = blinded(study, settings)
    for name, table in checked_tables(study).items():
        tables.write(table, getattr(job.output, name), CHECKED_TABLES[name])
    page = study_page(
        settings.name,
        summary(study),
        Path(job.params.templates),
        job.params.licences,
        job.params.stamp,
    )
    tables.write_text(page, job.output.page)
