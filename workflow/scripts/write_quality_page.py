"""Write the page by which recordings are judged; it knows no groups."""

from pathlib import Path

from dyads import tables
from dyads.config import QualitySettings
from dyads.contracts import Quality
from dyads.recordings import clock, probing
from dyads.report.quality_page import quality_page
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    quality, about = tables.read_all(job.input.quality, Quality)
    page = quality_page(
        job.params.study,
        quality,
        clock.left_out_people(clock.load(path) for path in job.input.clocks),
        probing.noticed(probing.load(path) for path in job.input.probes),
        job.rows("recordings", STUDY_TABLES["recordings"]),
        job.settings(QualitySettings),
        Path(job.params.templates),
        about.stamped(job.params.stamp).stamp,
    )
    tables.write_text(page, job.output.page)
