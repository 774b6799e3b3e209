"""Data sets and models whose values R has given.

`tests/data/models` holds the data, the R programs (`fit_reference.R`, `fit_more.R`) with every
call, and what they wrote. Formulas here are those of the programs, in R's own spelling.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from dyads.models import MixedFit, fit_mixed

DATA = Path(__file__).parent.parent / "data" / "models"

CATEGORIES = {
    "group": ["HC", "ASD", "SCZ"],
    "dx": ["HC", "ASD", "SCZ"],
    "role": ["target", "partner"],
    "emotion": ["joy", "anger", "sadness", "surprise"],
}

REFERENCE = {
    "M0": ("Reaction ~ Days + (Days | Subject)", "sleepstudy.csv"),
    "M1": ("y ~ group * session + age_c + sex + (1 | person)", "seg.csv.gz"),
    "M2": ("y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person)", "targets"),
    "M3": (
        "y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person) + (1 | person:emotion)"
        " + (1 | person:session)",
        "targets",
    ),
    "M4": (
        "y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session)",
        "segd.csv.gz",
    ),
    "M5": (
        "y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session)"
        " + (1 | dyad:session:segment)",
        "segd.csv.gz",
    ),
}

MORE = {
    "singular_slope": ("y ~ group * x + (1 + x | person)", "flat.csv"),
    "singular_correlation": ("z ~ group * x + (1 + x | person)", "flat.csv"),
    "singular_nested": ("z ~ group * x + (1 | person/session)", "flat.csv"),
    "crossed": ("y ~ group * x + sex + (1 | person) + (1 | confederate)", "crossed.csv"),
    "crossed_slopes": (
        "y ~ group * x + sex + (1 + x | person) + (1 + x | confederate)",
        "crossed.csv",
    ),
    "uncorrelated": ("Reaction ~ Days + (Days || Subject)", "sleepstudy.csv"),
    "quadratic": ("Reaction ~ Days + I(Days^2) + (Days | Subject)", "sleepstudy.csv"),
    "actor_partner": (
        "y ~ group * role * x_wp + (0 + tgt + par + tx + px | dyad)",
        "joy.csv.gz",
    ),
    "slopes_within_emotion": (
        "y ~ group * x_wp + emotion * session + (1 + x_wp | person) + (1 | person:emotion)",
        "targets",
    ),
}


@cache
def table(name: str) -> pd.DataFrame:
    """A data set with its categories in R's order; ``targets`` is one role of ``sim``."""
    if name == "targets":
        whole = table("sim.csv.gz")
        return whole[whole["role"] == "target"]
    data = pd.read_csv(DATA / name)
    for column in data.columns.intersection(list(CATEGORIES)):
        data[column] = pd.Categorical(data[column], CATEGORIES[column])
    for column in data.columns.intersection(["session", "segment", "Subject"]):
        data[column] = data[column].astype("category")
    return data


@cache
def fitted(name: str) -> MixedFit:
    """The model as written, without the ladder: R has none."""
    formula, data = {**REFERENCE, **MORE}[name]
    return fit_mixed(formula, table(data), ladder=False)


def r_values(name: str) -> pd.DataFrame:
    """A table that R wrote, ``R_M1_fix`` or ``more_crossed_fix``."""
    folder = DATA / "r_values" if name.startswith("R_") else DATA
    values = pd.read_csv(folder / f"{name}.csv", skipinitialspace=True, keep_default_na=False)
    for column in values.columns:
        text = values[column]
        if pd.api.types.is_string_dtype(text):
            text = text.str.strip()
            numbers = pd.to_numeric(text, errors="coerce")
            values[column] = text if numbers.isna().all() else numbers
    return values
