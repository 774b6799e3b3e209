"""Measure how reliable the scores of each scale are, by group."""

from pathlib import Path

from dyads import tables
from dyads.contracts import ItemReliability, RetestReliability, ScaleReliability, Scores
from dyads.ratings.reading import load_instruments
from dyads.ratings.reliability import first_sheets, retest_reliability, scale_reliability
from dyads.steps import step
from dyads.study.tables import CHECKED_TABLES

with step(snakemake) as job:
    participants, sessions, segments, ratings = (
        tables.read(job.input[name], CHECKED_TABLES[name])
        for name in ("participants", "sessions", "segments", "ratings")
    )
    scores = tables.read(job.input.scores, Scores)
    instruments = load_instruments(Path(job.input.instruments))
    groups, people_min = job.params.groups, job.params.people_min
    sheets = first_sheets(ratings, sessions, segments, instruments)
    scales, items = scale_reliability(sheets, scores, participants, instruments, groups, people_min)
    retest = retest_reliability(scores, sessions, segments, participants, groups, people_min)
    tables.write(scales, job.output.scales, ScaleReliability)
    tables.write(items, job.output.by_item, ItemReliability)
    tables.write(retest, job.output.retest, RetestReliability)
