"""Compare the groups of a model with the bounds of its outcome taken into account."""

from dyads import tables
from dyads.analysis.bounded import check_bounds, outcome_range
from dyads.config import EmotionPair, ModelSettings
from dyads.contracts import AnalysisRows
from dyads.steps import step

with step(snakemake) as job:
    pairs = [EmotionPair.model_validate(pair) for pair in job.params.pairs]
    about = tables.read_about(job.input.cohort).stamped(job.params.stamp)
    checked = check_bounds(
        tables.read(job.input.cohort, AnalysisRows),
        job.settings(ModelSettings),
        job.params.groups,
        outcome_range(pairs, about.channel_types),
    )
    tables.write_csv(checked, job.output.bounds, about.stamp)
