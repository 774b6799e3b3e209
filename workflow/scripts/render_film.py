"""Render one film of the demo study from its known truth."""

from pathlib import Path

import pandas as pd

from dyads.demo.films import render_recording
from dyads.demo.study import read_truth
from dyads.steps import step

with step(snakemake) as job:
    truth = read_truth(Path(job.params.study_folder)).parameters
    cast = pd.DataFrame(job.params.cast)
    render_recording(cast, f"{job.wildcards.film}.mp4", truth, job.output.film)
