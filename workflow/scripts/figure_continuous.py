"""Draw how far continuous ratings go with faces and with the other one's own ratings."""

from dyads import tables
from dyads.analysis.agreement import read_groups
from dyads.contracts import PersonContinuous
from dyads.figures import style
from dyads.figures.continuous import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.persons, PersonContinuous),
        read_groups(job.input.groups),
        groups=job.params.groups,
        delay_s=job.params.delay_s,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.persons).stamp,
    )
    style.save(figure, shown, **job.figure_files())
