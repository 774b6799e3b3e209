"""Time the mixed models and set them beside `statsmodels`' own `MixedLM.fit` on the same data.

M0 to M5 are the six models of the tests' reference data, each with all inference: effects, joint
tests and contrasts by Satterthwaite and by Kenward and Roger, and CR2. Then the congruence model at
4,000 rows, and 1,000 persons crossed with 20 confederates. Seconds are of processor time on one
thread, so that other work on the machine does not count.

Run it as `python benchmarks/models.py`. It ends with `name value` lines.
"""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from dyads.models import MixedFit, fit_mixed

DATA = Path(__file__).parents[1] / "tests" / "data" / "models"
CATEGORIES = {
    "group": ["HC", "ASD", "SCZ"],
    "role": ["target", "partner"],
    "emotion": ["joy", "anger", "sadness", "surprise"],
}


@dataclass(frozen=True)
class Model:
    """One model as lme4 users write it and as `MixedLM` takes it; no groups: it cannot."""

    formula: str
    data: str
    compared: str
    groups: str | None = None
    slopes: str | None = None
    variances: dict[str, str] = field(default_factory=dict)


CONGRUENCE = (
    "y ~ group * x_wp + x_pmc + emotion + C(segment) * session + age_c + sex + (1 + x_wp | person)"
)
DYADS = "y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session)"
VISITS = {"person": "0 + C(person)", "session": "0 + C(session)"}

MODELS = {
    "M0": Model("Reaction ~ Days + (Days | Subject)", "sleepstudy", "", "Subject", "~Days"),
    "M1": Model("y ~ group * session + age_c + sex + (1 | person)", "seg", "group", "person"),
    "M2": Model(
        "y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person)",
        "targets",
        "group",
        "person",
        "~x_wp",
    ),
    "M3": Model(
        "y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person) + (1 | person:emotion)"
        " + (1 | person:session)",
        "targets",
        "group",
        "person",
        "~x_wp",
        {"emotion": "0 + C(emotion)", "session": "0 + C(session)"},
    ),
    "M4": Model(DYADS, "segd", "group", "dyad", None, VISITS),
    "M5": Model(
        DYADS + " + (1 | dyad:session:segment)",
        "segd",
        "group",
        "dyad",
        None,
        VISITS | {"segment": "0 + C(session):C(segment)"},
    ),
    "congruence": Model(CONGRUENCE, "targets", "group", "person", "~x_wp"),
    "crossed": Model("y ~ group * x + (1 | person) + (1 | confederate)", "crossed", "group"),
}


def main() -> None:
    """Fit everything and print seconds and ratios."""
    fit_mixed(MODELS["M0"].formula, _table("sleepstudy"))
    lines = []
    total = 0.0
    for name, model in MODELS.items():
        data = _table(model.data)
        started = time.process_time()
        fit = fit_mixed(model.formula, data)
        fitted_s = time.process_time() - started
        _ask(fit, model)
        whole_s = time.process_time() - started
        total += whole_s if name.startswith("M") else 0.0
        print(f"{name}: {fit.n_rows} rows, fit {fitted_s:.2f} s, with inference {whole_s:.2f} s")
        lines += [f"seconds_fit_{name} {fitted_s:.3f}", f"seconds_{name} {whole_s:.3f}"]
        if model.groups is not None:
            seconds, excess = _mixedlm(model, data, fit)
            print(f"    MixedLM.fit alone {seconds:.2f} s, its deviance {excess:+.2g} above")
            lines.append(f"ratio_to_mixedlm_{name} {fitted_s / seconds:.4f}")
    print("\n".join([*lines, f"seconds_M0_to_M5 {total:.3f}"]))


def _ask(fit: MixedFit, model: Model) -> None:
    for method in ("satterthwaite", "kenward-roger"):
        fit.fixed_effects(df_method=method)
        fit.joint_tests(df_method=method)
        if model.compared:
            fit.contrasts(model.compared, df_method=method, adjust="holm")
    if model.groups is not None:
        fit.cluster_robust(model.groups)
        fit.joint_tests(covariance="CR2", cluster=model.groups)
    fit.diagnostics()
    fit.r_squared()


def _mixedlm(model: Model, data: pd.DataFrame, fit: MixedFit) -> tuple[float, float]:
    """Seconds of `MixedLM.fit`, and how far its deviance lies above."""
    fixed = model.formula.split(" + (")[0].replace("(1 | person)", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.process_time()
        theirs = smf.mixedlm(
            fixed,
            data,
            groups=model.groups,
            re_formula=model.slopes or "1",
            vc_formula=model.variances or None,
        ).fit(reml=True)
        seconds = time.process_time() - started
    return seconds, float(-2 * theirs.llf - fit.deviance)


def _table(name: str) -> pd.DataFrame:
    if name == "crossed":
        return _crossed()
    if name == "sleepstudy":
        return pd.read_csv(DATA / "sleepstudy.csv", dtype={"Subject": "category"})
    data = pd.read_csv(DATA / ("sim.csv.gz" if name == "targets" else f"{name}.csv.gz"))
    if name == "targets":
        data = data[data["role"] == "target"].reset_index(drop=True)
    for column, levels in CATEGORIES.items():
        if column in data:
            data[column] = pd.Categorical(data[column], levels)
    for column in data.columns.intersection(["session", "segment"]):
        data[column] = data[column].astype("category")
    return data


def _crossed() -> pd.DataFrame:
    generator = np.random.default_rng(9)
    person, confederate = np.repeat(np.arange(1000), 20), np.tile(np.arange(20), 1000)
    x = generator.normal(size=20_000)
    shared = generator.normal(size=1000)[person] + 0.5 * generator.normal(size=20)[confederate]
    return pd.DataFrame(
        {
            "person": person,
            "confederate": confederate,
            "group": np.array(["a", "b", "c"])[person % 3],
            "x": x,
            "y": shared + 0.3 * x + generator.normal(size=20_000),
        }
    )


if __name__ == "__main__":
    main()
