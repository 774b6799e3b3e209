"""Draw residuals and random effects of all models against what a normal distribution expects."""

from dyads import tables
from dyads.analysis.results import read_model
from dyads.contracts import RandomEffects, Residuals
from dyads.figures import style
from dyads.figures.model_checks import CheckedModel, draw
from dyads.steps import step

with step(snakemake) as job:
    models = [
        CheckedModel(
            read_model(folder).summary.title,
            tables.read(residuals, Residuals),
            tables.read(effects, RandomEffects),
        )
        for folder, residuals, effects in zip(
            job.input.models, job.input.residuals, job.input.random_effects, strict=True
        )
    ]
    figure, shown = draw(
        models,
        groups=job.params.groups,
        minimum_cell=job.params.minimum_cell,
        sharing=job.params.sharing,
        stamp=tables.joined_stamps(
            *(tables.read_about(path).stamp for path in job.input.residuals)
        ),
    )
    style.save(figure, shown, **job.figure_files())
