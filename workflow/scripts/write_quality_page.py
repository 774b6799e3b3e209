"""Write the page by which recordings are judged; it knows no groups."""

from pathlib import Path

from dyads import tables
from dyads.config import QualitySettings
from dyads.contracts import Quality
from dyads.recordings import clock, probing
from dyads.report.quality_page import quality_page
from dyads.steps import step

with step(snakemake) as job:
    quality, _ = tables.read_all(job.input.quality, Quality)
    page = quality_page(
        job.params.study,
        quality,
        clock.left_out_people(clock.load(path) for path in job.input.clocks),
        probing.noticed(probing.load(path) for path in job.input.probes),
        job.settings(QualitySettings),
        Path(job.params.templates),
    )
    tables.write_text(page, job.output.page)
