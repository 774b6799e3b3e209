"""Write the report of the cohort."""

from pathlib import Path

from dyads import tables
from dyads.analysis.results import read_model
from dyads.audit import ledger_of
from dyads.config import Config
from dyads.contracts import Cohort, Flow, GroupCongruence
from dyads.report.pages import CohortContent, cohort_page, figure_item
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES
from dyads.wording import channel_unit

with step(snakemake) as job:
    config = job.settings(Config, "config")
    templates = Path(job.params.templates)
    about = tables.read_about(job.input.cohort)
    content = CohortContent(
        config=config,
        about=about,
        participants=tables.read(job.input.participants, STUDY_TABLES["participants"]),
        sessions=tables.read(job.input.sessions, STUDY_TABLES["sessions"]),
        cohort=tables.read(job.input.cohort, Cohort),
        flow=tables.read(job.input.flow, Flow),
        congruence=tables.read(job.input.groups, GroupCongruence),
        models=[read_model(folder) for folder in job.input.models],
        figures=[
            figure_item(
                Path(picture).stem,
                Path(picture).read_text(encoding="utf-8"),
                (templates / f"{Path(picture).stem}.rst").read_text(encoding="utf-8"),
            )
            for picture in job.input.figures
        ],
        ledger=ledger_of(job.input),
        unit=channel_unit(about.channel_types[config.congruence.pairs[0].channel]),
    )
    tables.write_text(cohort_page(content, templates), job.output.page)
