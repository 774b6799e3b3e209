"""Draw how well people know what the other one felt, and how far they take themselves for it."""

from dyads import tables
from dyads.analysis.agreement import read_groups
from dyads.contracts import PersonAgreement
from dyads.figures import style
from dyads.figures.judgements import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.persons, PersonAgreement),
        read_groups(job.input.groups),
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.persons).stamp,
    )
    style.save(figure, shown, **job.figure_files())
