"""Write a private page for each dyad, and the list of them."""

from pathlib import Path

from dyads import tables
from dyads.config import Config
from dyads.contracts import Cohort, LeftOutPeople, ScoredItems, Scores, Trace
from dyads.figures import style
from dyads.figures.paired_traces import Meeting, draw
from dyads.report.dyad_pages import DyadContent, dyad_page, private_index
from dyads.report.page_figures import figure_item
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    config = job.settings(Config, "config")
    templates, folder = Path(job.params.templates), Path(job.output.folder)
    caption = (templates / "paired_traces.rst").read_text(encoding="utf-8")
    segments = tables.read(job.input.segments, STUDY_TABLES["segments"])
    scores = tables.read(job.input.scores, Scores)
    items = tables.read(job.input.cells, ScoredItems)
    cohort = tables.read(job.input.cohort, Cohort)
    left_out = tables.read(job.input.left_out, LeftOutPeople)
    about = tables.read_about(job.input.cohort)
    figures = {}
    for row, path in zip(job.params.meetings, job.input.traces, strict=True):
        meeting = Meeting(**row)
        figure, _ = draw(
            tables.read(path, Trace),
            segments,
            scores,
            meeting,
            channel=job.params.channel,
            parts=job.params.parts,
            groups=config.study.groups,
            about=tables.read_about(path).stamped(job.params.stamp),
        )
        picture = figure_item(
            "paired_traces",
            style.svg_text(figure),
            caption,
            title=f"Session {meeting.session_id}",
        )
        figures.setdefault(meeting.dyad_id, []).append(picture)
    for dyad_id, pictures in figures.items():
        content = DyadContent(config, about, dyad_id, cohort, left_out, pictures, scores, items)
        page = dyad_page(content, templates)
        tables.write_text(page, folder / f"{dyad_id}.html")
    index = private_index(config.study.name, about.stamp, cohort, templates, pages=figures)
    tables.write_text(index, folder / "index.html")
