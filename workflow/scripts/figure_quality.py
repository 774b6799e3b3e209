"""Draw how good the recordings are, without telling groups or people apart."""

from dyads import tables
from dyads.config import QualitySettings
from dyads.contracts import Quality
from dyads.figures import style
from dyads.figures.quality import draw
from dyads.steps import step

with step(snakemake) as job:
    quality, about = tables.read_all(job.input.quality, Quality)
    figure, shown = draw(
        quality,
        settings=job.settings(QualitySettings),
        minimum_cell=job.params.minimum_cell,
        stamp=about.stamped(job.params.stamp).stamp,
    )
    style.save(figure, shown, **job.figure_files())
