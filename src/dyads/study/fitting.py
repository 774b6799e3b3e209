"""Find settings that speak of what the tables of the study do not hold."""

from __future__ import annotations

from collections.abc import Iterator

from dyads.config import Config
from dyads.study.study import Study


def unmet_settings(settings: Config, study: Study, source: str) -> Iterator[str]:
    """Find settings that name a group, segment, scale or dyad that the tables do not have.

    Parameters
    ----------
    settings
        The whole configuration.
    study
        The checked tables.
    source
        Name of the configuration file.

    Yields
    ------
    str
        A sentence for each.
    """
    people = study.files["participants"].name
    for group in settings.study.groups:
        if not study.participants["group"].eq(group).any():
            yield (
                f"{source}: study.groups: nobody in {people} is of the group {group}. "
                "Enter the participants, or take the group out."
            )
    scales = study.instruments.scale_table()
    for place, pair in enumerate(settings.congruence.pairs):
        own = scales.loc[scales["instrument"].eq(pair.instrument), "scale"]
        if pair.scale not in set(own):
            there = (
                f"the scales {', '.join(own)}"
                if len(own)
                else f"the instruments {', '.join(study.instruments.root)}"
            )
            yield (
                f"{source}: congruence.pairs.{place}: instruments.yaml has no scale "
                f"{pair.scale} of {pair.instrument}, but {there}. Correct the name."
            )
    rated = set(zip(study.continuous["instrument"], study.continuous["scale"], strict=True))
    for place, asked in enumerate(settings.continuous.pairs):
        if (asked.instrument, asked.scale) not in rated:
            yield (
                f"{source}: continuous.pairs.{place}: continuous.tsv has no rating of the scale "
                f"{asked.scale} of {asked.instrument}. Add it there, or take the pair out."
            )
    labels = set(study.segments["label"])
    named = {"congruence.negative_segments": settings.congruence.negative_segments}
    if settings.expressions.resting_segment is not None:
        named["expressions.resting_segment"] = (settings.expressions.resting_segment,)
    for key, wanted in named.items():
        for label in wanted:
            if label not in labels:
                yield (
                    f"{source}: {key}: {study.files['segments'].name} has no segment with the "
                    f"label {label}. Its labels are {', '.join(sorted(labels))}."
                )
    yield from _unmet_covariates(settings, study, source)
    dyad = settings.report.example_dyad
    if dyad is not None and dyad not in set(study.sessions["dyad_id"]):
        yield (
            f"{source}: report.example_dyad: {study.files['sessions'].name} has no dyad {dyad}. "
            "Correct the name, or leave it empty."
        )


def _unmet_covariates(settings: Config, study: Study, source: str) -> Iterator[str]:
    """Find covariates of the sample that the participants do not have."""
    matching = settings.sample.matching
    named = {"sample.covariates": settings.sample.covariates}
    if matching is not None:
        named["sample.matching"] = (*matching.exact, *matching.calipers)
    columns = list(study.participants.columns)
    for key, wanted in named.items():
        for name in wanted:
            if name not in columns:
                yield (
                    f"{source}: {key}: {study.files['participants'].name} has no column {name}, "
                    f"but {', '.join(columns)}. Correct the name, or add the column."
                )
