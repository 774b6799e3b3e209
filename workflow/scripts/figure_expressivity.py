"""Draw how much each group shows."""

from dyads import tables
from dyads.contracts import Expressions
from dyads.figures import style
from dyads.figures.expressivity import draw
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.expressions, Expressions),
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
        channel=job.params.channel,
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.expressions).stamped(job.params.stamp).stamp,
    )
    style.save(figure, shown, **job.figure_files())
