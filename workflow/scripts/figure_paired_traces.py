"""Draw one session: what its two people showed and what they said they felt."""

from dyads import tables
from dyads.contracts import Scores, Trace
from dyads.figures import style
from dyads.figures.paired_traces import Meeting, draw
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    figure, shown = draw(
        tables.read(job.input.trace, Trace),
        tables.read(job.input.segments, STUDY_TABLES["segments"]),
        tables.read(job.input.scores, Scores),
        Meeting(**job.params.meeting),
        channel=job.params.channel,
        parts=job.params.parts,
        groups=job.params.groups,
        about=tables.read_about(job.input.trace).stamped(job.params.stamp),
    )
    style.save(figure, shown, **job.figure_files())
