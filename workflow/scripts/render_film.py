"""Render one film of the demo study from its known truth."""

from pathlib import Path

from dyads.demo.films import render_recording
from dyads.demo.study import read_truth
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    truth = read_truth(Path(job.params.study_folder)).parameters
    cast = job.rows("cast", STUDY_TABLES["recordings"])
    render_recording(cast, f"{job.wildcards.film}.mp4", truth, job.output.film)
