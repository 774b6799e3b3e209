"""Draw the contrasts of all models as they are without each dyad."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.contracts import WithoutDyad
from dyads.figures import style
from dyads.figures.influence import WithoutDyads, draw
from dyads.steps import step

with step(snakemake) as job:
    models = [
        WithoutDyads(read_model(folder), tables.read(without, WithoutDyad))
        for folder, without in zip(job.input.models, job.input.without_dyad, strict=True)
    ]
    figure, shown = draw(
        models,
        groups=job.params.groups,
        sharing=job.params.sharing,
        stamp=tables.joined_stamps(
            *(tables.read_about(path).stamp for path in job.input.without_dyad)
        ),
    )
    style.save(figure, shown, **job.figure_files())
