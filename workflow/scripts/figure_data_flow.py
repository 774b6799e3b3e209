"""Draw how many people and rows were left, from recruited to analysed."""

from dyads import tables
from dyads.contracts import Flow
from dyads.figures import style
from dyads.figures.data_flow import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.flow, Flow),
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        stamp=tables.read_about(job.input.flow).stamp,
    )
    style.save(figure, shown, **job.figure_files())
