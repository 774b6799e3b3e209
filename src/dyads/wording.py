"""How numbers and names are written in figures, pages and sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
EN_DASH: Final = "\N{EN DASH}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_MEASURES: Final = {
    "level": "level",
    "level_rest": "level above the resting face",
    "level_floor": "level above the person's lower quantile",
    "time_on": "time on",
    "rate": "events per minute",
    "events": "events",
    "variability": "variability (SD)",
    "range": "range (95th minus 5th percentile)",
    "duration": "event length",
    "onset_apex": "onset to apex",
    "apex_offset": "apex to offset",
    "rise": "fastest rise",
    "mean_z": "mean correlation",
    "peak_z": "peak correlation",
    "lead_s": "lead of the participant",
    "response_index_participant_to_partner": "partner responds",
    "response_index_partner_to_participant": "participant responds",
}
_TYPES: Final = {
    "probability": "probability",
    "intensity_0_1": "intensity, 0 to 1",
    "intensity_0_5": "intensity, 0 to 5",
    "presence": "presence, 0 or 1",
    "bipolar": f"{MINUS}1 to 1",
}
_UNITS: Final = {"share": "share of seen time", "count": "count"}
_DF_METHODS: Final = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": f"Kenward{EN_DASH}Roger",
    "welch": "Welch",
}
_CONTINUOUS: Final = {
    ("self", "expression"): "rated of oneself: with one's own face",
    ("other", "expression"): "rated of the other: with the other's face",
    ("other", "own_rating"): "rated of the other: with the other's own rating",
}
_CORRECTIONS: Final = {
    "holm": "Holm",
    "bh": f"Benjamini{EN_DASH}Hochberg",
    "tukey": "Tukey",
    "none": "no correction",
}


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, never in powers of ten.

    Trailing zeros stay, since they say how exact the number is. Missing is a dash.
    """
    if value is None or not math.isfinite(value):
        return EN_DASH
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(places, digits + 3)}f}"
    return _with_minus(text)


def fixed(value: float, places: int) -> str:
    """Write a number with so many digits behind the point. Missing is a dash."""
    if value is None or not math.isfinite(value):
        return EN_DASH
    return _with_minus(f"{value:.{places}f}")


def places_for(*values: float, digits: int = 2) -> int:
    """How many places behind the point show the smallest relevant spread of the values.

    An estimate and its interval are written with the same number of places.
    """
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(known, default=0.0)
    if largest == 0:
        return digits
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), 6)


def interval(lower: float, upper: float, places: int = 2) -> str:
    """Write the ends of an interval in brackets."""
    return f"[{fixed(lower, places)},{NO_BREAK}{fixed(upper, places)}]"


def estimate_interval(estimate: float, lower: float, upper: float) -> str:
    """Write an estimate with its interval, all three to the same place."""
    width = upper - lower if math.isfinite(upper) and math.isfinite(lower) else estimate
    places = places_for(width)
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return f"{fixed(estimate, places)} (no interval)"
    return f"{fixed(estimate, places)}{NO_BREAK}{interval(lower, upper, places)}"


def p_value(p: float, *, sign: bool = True) -> str:
    """Write a p-value as journals do: `p = .032`, `p < .001`; without sign: `.032`, `< .001`."""
    if p is None or not math.isfinite(p):
        return "p not given" if sign else EN_DASH
    if p < 0.001:
        return _equation("p", "<", ".001", sign)
    if p > 0.999:
        return _equation("p", ">", ".999", sign)
    text = f"{p:.3f}".removeprefix("0")
    return _equation("p", "=", text, sign) if sign else text


def degrees(df: float) -> str:
    """Write degrees of freedom: one digit behind the point where there is a fraction."""
    if df is None or not math.isfinite(df):
        return "∞" if df is not None and math.isinf(df) else EN_DASH
    return f"{df:.0f}" if abs(df - round(df)) < 0.05 or df >= 1000 else f"{df:.1f}"


def percent(share: float) -> str:
    """Write a share in per cent, without digits that nobody needs."""
    if share is None or not math.isfinite(share):
        return EN_DASH
    return f"{100 * share:.0f}{NO_BREAK}%"


def people_count(n: int, minimum_cell: int) -> str:
    """Write how many people there are, unless they are so few that they must not be told."""
    return f"fewer than {minimum_cell}" if 0 < n < minimum_cell else str(n)


def listed(words: Sequence[str], join: str = "and") -> str:
    """Write words as a list in a sentence."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {join} {words[-1]}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its word: `1 row`, `2 rows`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}".replace(",", NO_BREAK)


def measure(name: str) -> str:
    """Say a measure in words; unknown names lose their underscores."""
    return _MEASURES.get(name, name.replace("_", " "))


def continuous_rating(emotion: str, target: str, comparison: str) -> str:
    """Say what a continuous rating of an emotion was held against."""
    return f"{emotion}, {_CONTINUOUS[target, comparison]}"


def stratum(name: str) -> str:
    """Say during what a measure was taken, to be put behind its name; nothing for all the time."""
    return "" if name == "all" else f" while {name}"


def unit(name: str, channel_type: str = "") -> str:
    """Say a unit in words: that of the channel where the measure keeps it."""
    if name == "channel":
        return channel_unit(channel_type)
    return _UNITS.get(name, name)


def channel_unit(channel_type: str) -> str:
    """Say what the numbers of a channel are."""
    return _TYPES.get(channel_type, channel_type.replace("_", " "))


def compared(compare: str, variable: str | None, moderator: str | None = None) -> str:
    """Say what a model compares between groups, in the plural."""
    if moderator is not None:
        return f"changes with {moderator} of {compared(compare, variable)}"
    if compare != "slopes":
        return "means"
    return "slopes (per SD of experience)" if variable == "x_w" else f"slopes on {variable}"


def df_method(name: str) -> str:
    """Name a method for degrees of freedom as papers do."""
    return _DF_METHODS.get(name.lower().replace("_", "-"), name)


def correction(name: str) -> str:
    """Name a correction for several tests as papers do."""
    return _CORRECTIONS.get(name.lower(), name)


def contrast_sides(label: str) -> tuple[str, str] | None:
    """Split the label of a difference of two into what is taken and what is taken off."""
    sides = label.split(" - ")
    return (sides[0].strip(), sides[1].strip()) if len(sides) == 2 else None


def contrast(label: str) -> str:
    """Write the label of a contrast with a real minus sign."""
    return label.replace(" - ", f" {MINUS} ")


def sentence(text: str) -> str:
    """Begin with a capital and end with a stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def _equation(name: str, relation: str, text: str, is_named: bool) -> str:
    return NO_BREAK.join([name, relation, text] if is_named else [relation, text])


def _with_minus(text: str) -> str:
    if text.startswith("-"):
        text = text[1:]
        return text if not text.strip("0.") else MINUS + text
    return text
