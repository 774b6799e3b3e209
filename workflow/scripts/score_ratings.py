"""Score what people said they felt."""

from pathlib import Path

from dyads import tables
from dyads.contracts import Scores
from dyads.ratings.reading import load_instruments
from dyads.ratings.scores import score_ratings
from dyads.steps import step
from dyads.study.consent import people_with_consent
from dyads.study.tables import CHECKED_TABLES

with step(snakemake) as job:
    scores = score_ratings(
        tables.read(job.input.ratings, CHECKED_TABLES["ratings"]),
        tables.read(job.input.sessions, CHECKED_TABLES["sessions"]),
        load_instruments(Path(job.input.instruments)),
        people_with_consent(tables.read(job.input.consent, CHECKED_TABLES["consent"])),
    )
    tables.write(scores, job.output.scores, Scores)
