"""Draw how much of each recording shows a face."""

from dyads import tables
from dyads.contracts import Expressions
from dyads.figures import style
from dyads.figures.seen_time import draw
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.expressions, Expressions),
        tables.read(job.input.segments, STUDY_TABLES["segments"]),
        minimum_seen_share=job.params.minimum_seen_share,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.expressions).stamp,
    )
    style.save(figure, shown, **job.figure_files())
