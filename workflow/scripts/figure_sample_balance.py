"""Draw how alike the groups are in every covariate."""

from dyads.analysis.sample import read_sample
from dyads.figures import style
from dyads.figures.sample_balance import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(read_sample(job.input.sample))
    style.save(figure, shown, **job.figure_files())
