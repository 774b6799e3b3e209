"""Draw the profiles of groups, and what speaks for subgroups of people."""

from dyads.analysis.profile_results import read_heterogeneity
from dyads.figures import style
from dyads.figures.profiles import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        read_heterogeneity(job.input.folder),
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
    )
    style.save(figure, shown, **job.figure_files())
