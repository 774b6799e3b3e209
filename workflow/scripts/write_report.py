"""Write the report of the cohort."""

from pathlib import Path

from dyads import tables
from dyads.analysis.checks import read_checks
from dyads.analysis.profile_results import read_heterogeneity
from dyads.analysis.results import read_model
from dyads.analysis.sample import read_sample
from dyads.audit import ledger_of
from dyads.config import Config
from dyads.contracts import Cohort, Flow, GroupCongruence
from dyads.multiverse.results import read_multiverse
from dyads.plan.primary import read_family
from dyads.plan.state import PlanState
from dyads.power.results import read_power
from dyads.report.cohort_page import CohortContent, cohort_page
from dyads.report.page_figures import figure_items
from dyads.report.rated_parts import read_rated
from dyads.report.score_tables import read_score_quality
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    config = job.settings(Config, "config")
    templates = Path(job.params.templates)
    content = CohortContent(
        config=config,
        about=tables.read_about(job.input.cohort),
        participants=tables.read(job.input.participants, STUDY_TABLES["participants"]),
        sessions=tables.read(job.input.sessions, STUDY_TABLES["sessions"]),
        cohort=tables.read(job.input.cohort, Cohort),
        flow=tables.read(job.input.flow, Flow),
        congruence=tables.read(job.input.groups, GroupCongruence),
        models=[read_model(folder) for folder in job.input.models],
        sample=read_sample(job.input.sample),
        checks=[*map(read_checks, job.input.checks, job.input.bounds)],
        figures=figure_items(job.input.figures, templates),
        heterogeneity=read_heterogeneity(job.input.heterogeneity),
        scores=read_score_quality(job.input.reliability),
        rated=read_rated(job.input.judgements, job.input.moments, job.input.continuous),
        power=read_power(job.input.get("power", [])),
        ledger=ledger_of(job.input),
        plan=job.settings(PlanState, "plan"),
        multiverse=read_multiverse(job.input.multiverse) if job.input.multiverse else None,
        primary=read_family(job.input.primary),
    )
    tables.write_text(cohort_page(content, templates), job.output.page)
