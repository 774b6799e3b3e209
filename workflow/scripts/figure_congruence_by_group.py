"""Draw the measures of congruence of each group side by side."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.contracts import GroupCongruence, PersonCongruence
from dyads.figures import style
from dyads.figures.congruence_by_group import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.persons, PersonCongruence),
        tables.read(job.input.groups, GroupCongruence),
        read_model(job.input.model),
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.persons).stamp,
    )
    style.save(figure, shown, **job.figure_files())
