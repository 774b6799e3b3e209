"""Draw the power of studies against their size."""

from pathlib import Path

from dyads.figures import style
from dyads.figures.power import draw
from dyads.power.assumptions import Assumptions
from dyads.power.results import read_power
from dyads.steps import step

with step(snakemake) as job:
    figure, shown = draw(
        read_power(job.input.tables),
        Assumptions.model_validate_json(Path(job.input.worlds[0]).read_bytes()),
    )
    style.save(figure, shown, **job.figure_files())
