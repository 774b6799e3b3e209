"""Choices and their alternatives in words."""

from __future__ import annotations

from typing import Final

from dyads import wording

_CHOICES: Final = {
    "measures": "Measure",
    "channels": "Channels",
    "strata": "Part of the segment",
    "centring": "Experience centred",
    "covariates": "Covariates",
    "quality.face_width_min_px": "Smallest face (px)",
    "quality.turn_max_deg": "Largest turn (degrees)",
    "cleaning.rate_hz": "Steps per second",
    "cleaning.fill_gap_s": "Gaps filled (s)",
    "cleaning.smooth_s": "Smoothing (SD, s)",
    "expressions.event_on": "Event begins at",
    "expressions.event_off": "Event ends at",
    "expressions.event_min_s": "Shortest event (s)",
    "expressions.event_join_s": "Events joined (s)",
    "expressions.minimum_seen_share": "Least seen share",
    "expressions.resting_segment": "Resting segment",
    "expressions.floor_quantile": "Quantile of the floor",
}
_ALTERNATIVES: Final = {
    ("centring", "person_emotion"): "within person and emotion",
    ("centring", "person"): "within person",
    ("centring", "grand"): "around the grand mean",
    ("strata", "all"): "all of it",
    ("measures", "level_rest"): "level above rest",
    ("measures", "level_floor"): "level above floor",
    ("measures", "time_on"): "time on (binary)",
}


def choice(name: str) -> str:
    """Say what is chosen."""
    told = name.rpartition(".")[2].replace("_", " ")
    return _CHOICES.get(name, told[:1].upper() + told[1:])


def alternative(choice_name: str, name: str) -> str:
    """Say what was chosen."""
    if (choice_name, name) in _ALTERNATIVES:
        return _ALTERNATIVES[choice_name, name]
    return wording.measure(name) if choice_name == "measures" else name.replace("_", " ")
