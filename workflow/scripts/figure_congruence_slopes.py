"""Draw expression against experience, with the lines of the model."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.contracts import Cohort
from dyads.figures import style
from dyads.figures.congruence_slopes import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.cohort, Cohort),
        read_model(job.input.model),
        groups=job.params.groups,
        unit=job.params.unit,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
    )
    style.save(figure, shown, **job.figure_files())
