"""List the cells of the ratings table that each score is made of."""

from pathlib import Path

from dyads import tables
from dyads.contracts import ScoredItems
from dyads.ratings.reading import load_instruments
from dyads.ratings.tracing import scored_items
from dyads.steps import step
from dyads.study.tables import CHECKED_TABLES

with step(snakemake) as job:
    items = scored_items(
        tables.read(job.input.ratings, CHECKED_TABLES["ratings"]),
        load_instruments(Path(job.input.instruments)),
        job.params.file,
    )
    tables.write(items, job.output.cells, ScoredItems)
