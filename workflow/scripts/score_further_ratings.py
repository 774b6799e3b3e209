"""Score what people said that the other one felt, and what they said of moments."""

from pathlib import Path

from dyads import tables
from dyads.contracts import MomentScores, Scores
from dyads.ratings.further_scores import score_judgements, score_moments
from dyads.ratings.reading import load_instruments
from dyads.steps import step
from dyads.study.consent import people_with_consent
from dyads.study.tables import CHECKED_TABLES

with step(snakemake) as job:
    asked = (
        tables.read(job.input.ratings, CHECKED_TABLES["ratings"]),
        tables.read(job.input.sessions, CHECKED_TABLES["sessions"]),
        load_instruments(Path(job.input.instruments)),
        people_with_consent(tables.read(job.input.consent, CHECKED_TABLES["consent"])),
    )
    tables.write(score_judgements(*asked), job.output.judgements, Scores)
    tables.write(score_moments(*asked), job.output.moments, MomentScores)
