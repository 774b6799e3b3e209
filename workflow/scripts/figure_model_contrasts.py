"""Draw the contrasts between groups of all models."""

from dyads.analysis.results import read_model
from dyads.figures import style
from dyads.figures.model_contrasts import draw
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw([read_model(folder) for folder in job.input.models])
    style.save(figure, shown, **job.figure_files())
