"""The methods section, written from the settings and from what the tables say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyads import wording
from dyads.analysis.results import ModelResults
from dyads.channels import ChannelType
from dyads.config import Config, EmotionPair
from dyads.tables import READ_ELSEWHERE, About
from dyads.traces.strata import ALL


@dataclass(frozen=True)
class MethodsPart:
    """A heading of the methods and its sentences."""

    title: str
    text: str


def methods(config: Config, about: About, models: Sequence[ModelResults]) -> list[MethodsPart]:
    """Write how the study was done.

    Parameters
    ----------
    config
        Settings of the run.
    about
        What the expressions say of themselves.
    models
        Models in the order of the settings.
    """
    return [
        MethodsPart("Faces", _faces(config, about)),
        MethodsPart("Traces", _traces(config)),
        MethodsPart("Expression", _expression(config)),
        MethodsPart("Experience and congruence", _congruence(config)),
        MethodsPart("Synchrony", _synchrony(config)),
        *(MethodsPart(f"Model “{model.name}”", model_words(model)) for model in models),
    ]


def limits(about: About, models: Sequence[ModelResults]) -> list[str]:
    """List what cannot be known from these data, each thing once."""
    said = [*about.remarks, *(remark for model in models for remark in model.summary.remarks)]
    kinds = set(about.channel_types.values())
    if ChannelType.PROBABILITY in kinds:
        said.append(
            "The detector gives the probability that an action unit is present. A higher value is "
            "stronger evidence of a movement, not a stronger movement."
        )
    if ChannelType.PRESENCE in kinds:
        said.append("Presence is 0 or 1; how strong a movement was cannot be known from it.")
    said.append(
        "A face shows what it shows: whether a feeling stood behind it is known only as far as "
        "the person's own rating tells."
    )
    said.append(
        "A detector may read the faces of one group better than those of another; congruence that "
        "differs between groups may then be a difference in reading. Compare the slopes with C3, "
        "which is corrected for noise."
    )
    return [wording.sentence(text) for text in dict.fromkeys(said)]


def _faces(config: Config, about: About) -> str:
    extraction = config.extraction
    rate = (
        f"{_plain(extraction.sample_rate_hz)} frames per second were read"
        if extraction.sample_rate_hz
        else "Every frame was read"
    )
    search = (
        f"searched anew every {_plain(extraction.search_interval_s)} s and followed in between"
        if extraction.search_interval_s
        else "searched in every frame"
    )
    reader = about.detector or extraction.detector
    if all(part.endswith(READ_ELSEWHERE) for part in reader.split("; ")):
        return f"Faces were not read here: the frames are from {reader}, with their own times."
    return (
        f"Faces were read by {reader.rstrip('.')}. {rate}; a face was {search}, and "
        f"counted from a score of {_plain(extraction.face_score_min)} of the face finder. The time "
        "of a frame is its presentation time stamp."
    )


def _traces(config: Config) -> str:
    cleaning = config.cleaning
    return (
        f"Readings were brought to a regular grid of {_plain(cleaning.rate_hz)} steps per second "
        f"on the clock of the session. Gaps up to {_plain(cleaning.fill_gap_s)} s were filled by "
        "linear interpolation; longer ones stayed missing, with their reason. Nothing was carried "
        "beyond the first or last frame with a face."
        + _masks(config)
        + (
            f" Traces were smoothed with a normal curve of {_plain(cleaning.smooth_s)} s standard "
            "deviation within unbroken stretches."
            if cleaning.smooth_s
            else ""
        )
    )


def _masks(config: Config) -> str:
    """Name the limits beyond which faces counted as not seen."""
    limits = [
        f"{name} = {_plain(value)}"
        for name, value in config.quality.model_dump().items()
        if value is not None
    ]
    return f" Faces beyond {wording.listed(limits)} counted as not seen." if limits else ""


def _expression(config: Config) -> str:
    settings = config.expressions
    composites = [
        f"{name} (mean of {wording.listed(parts)})" for name, parts in settings.composites.items()
    ]
    texts = [
        f"Composites were {wording.listed(composites)}." if composites else "",
        f"An event began at {_plain(settings.event_on)} or above, ended below "
        f"{_plain(settings.event_off)}, and lasted at least {_plain(settings.event_min_s)} s; "
        f"events less than {_plain(settings.event_join_s)} s apart were joined.",
        f"A segment was measured if at least {wording.percent(settings.minimum_seen_share)} of "
        "its time was seen.",
        f"The resting face of a person is the median of the segment {settings.resting_segment}."
        if settings.resting_segment
        else "",
        f"For reliability, segments were split into alternating blocks of "
        f"{_plain(settings.half_block_s)} s.",
        _strata(config),
    ]
    return " ".join(filter(None, texts))


def _strata(config: Config) -> str:
    """Say how it was found who speaks, where parts of segments are measured for themselves."""
    strata = [name for name in config.strata if name != ALL]
    if not strata:
        return ""
    speech = config.speech
    return (
        f"Expressions were also measured while {wording.listed(strata)} alone; the least share of "
        "seen time then holds for that time. Who speaks was found from the loudness of the two "
        f"people's own recordings between 200 and 3500 Hz, from {_plain(speech.over_noise_db)} dB "
        "above the noise of each, or, where one sound was all there is or the levels did not tell "
        "the people apart, from whose mouth moved more (standard deviation of AU25 and AU26 over "
        f"{_plain(speech.mouth_window_s)} s). Pauses up to {_plain(speech.pause_s)} s counted as "
        f"speech, sounds shorter than {_plain(speech.speech_min_s)} s did not. Where neither told, "
        "the time belongs to neither."
    )


def _congruence(config: Config) -> str:
    settings = config.congruence
    pairs = wording.listed([_pair(pair) for pair in settings.pairs])
    return (
        f"Held against each other were {pairs}. Both were centred within person and emotion, over "
        "analysed rows only; experience was divided by the standard deviation of centred "
        "experience of all participants. C1 is the slope of expression on experience; C2 the "
        f"correlation within a person (at least {settings.minimum_segments} rows), as Fisher z; "
        "C3 the correlation of a group, corrected for unreliability by the two halves of each "
        f"segment, with an interval from {settings.bootstrap_samples} bootstrap samples of dyads."
    )


def _pair(pair: EmotionPair) -> str:
    return (
        f"{pair.emotion} ({pair.instrument}: {pair.scale}, against {wording.measure(pair.measure)} "
        f"of {pair.channel}{wording.stratum(pair.stratum)})"
    )


def _synchrony(config: Config) -> str:
    settings = config.synchrony
    return (
        f"Synchrony of {wording.listed(settings.channels)} was measured by windowed lagged "
        f"cross-correlation (window {_plain(settings.window_s)} s, step "
        f"{_plain(settings.step_s)} s, lags up to {_plain(settings.lag_s)} s by "
        f"{_plain(settings.lag_step_s)} s) and by responses to an onset within "
        f"{_plain(settings.response_s)} s. Each is compared with pseudo-dyads: the participant "
        "with the partner of another dyad of the same group and session number, aligned to the "
        "task."
    )


def model_words(model: ModelResults) -> str:
    """Say how a model was fitted, tested and what it compared."""
    summary = model.summary
    compared = (
        f"Compared were {wording.compared(summary.compare, summary.variable, summary.moderator)} "
        f"of the groups{' (matched participants only)' if summary.sample == 'matched' else ''}, "
        f"correction: {wording.correction(summary.correction)}."
    )
    title = f"{summary.title.rstrip('.')}{'' if summary.title.endswith('?') else '.'}"
    if summary.is_two_stage:
        return (
            f"{title} No mixed model that was tried found an optimum. As the order fixed "
            f"beforehand says, each person's slope was taken by least squares ({summary.formula}) "
            f"and groups were compared by Welch's test. {compared}"
        )
    kept = "A variance component was estimated as zero (singular fit)." if summary.singular else ""
    texts = [
        f"{title} Fitted by restricted maximum likelihood: {summary.formula}.",
        "Should that fit be singular or fail, simpler ones follow in an order fixed beforehand "
        "(no covariances of slopes, then fewer components; random slopes stay). Models tried: "
        f"{max(len(model.log), 1)}.",
        kept,
        f"Tests and intervals use degrees of freedom after {wording.df_method(summary.df_method)}; "
        + (
            "there are no cluster-robust ones, since random terms reach across dyads."
            if model.contrasts_cr2.empty
            else "beside them stands the cluster-robust covariance CR2 with dyads as clusters."
        ),
        compared,
    ]
    return " ".join(filter(None, texts))


def _plain(value: float) -> str:
    return f"{value:g}"
