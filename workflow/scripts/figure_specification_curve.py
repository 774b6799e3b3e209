"""Draw the specification curve of each contrast."""

from dyads.figures import style
from dyads.figures.specification_curve import draw
from dyads.multiverse.results import read_multiverse
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(read_multiverse(job.input.multiverse))
    style.save(figure, shown, **job.figure_files())
