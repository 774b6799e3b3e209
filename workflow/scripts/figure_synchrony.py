"""Draw how far the two people of a session go together more than strangers do."""

from dyads import tables
from dyads.contracts import Synchrony
from dyads.figures import style
from dyads.figures.synchrony import draw
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.synchrony, Synchrony),
        tables.read(job.input.sessions, STUDY_TABLES["sessions"]),
        tables.read(job.input.participants, STUDY_TABLES["participants"]),
        channel=job.params.channel,
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.read_about(job.input.synchrony).stamp,
    )
    style.save(figure, shown, **job.figure_files())
