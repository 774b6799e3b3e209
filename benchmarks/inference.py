"""How often the headline tests err and find: many simulated studies with a known truth.

Four models of the plan, each as one study would be analysed:

- congruence: `e ~ group * x_w + x_pm + segment + (1 + x_w | person)`, slopes compared;
- expressivity: `y ~ group * session + age + (1 | person)`, means compared;
- dyads: `y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session)`;
- synchrony: one row per dyad and session, `s ~ group + session + (1 | dyad)`.

Three groups A, B, C. The contrast counted is A - C. Spread of persons and residuals is `equal`;
`unequal` (C twice as large); or `small` (C twice as large and half as many people, A half as many
again). Twenty studies share their predictors, then new ones are drawn.

Run it as `python benchmarks/inference.py [--studies 2000] [--models congruence] [--sizes 10 20 35]
[--spreads equal] [--differences 0 0.5] [--processes 1]`. It ends with `name value` lines.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyads.models import MixedFit, fit_mixed, refit
from dyads.models.grids import mean_functions, trend_functions
from dyads.models.inference import Inference
from dyads.models.tables import estimates_table

Floats = NDArray[np.float64]

SEED = 20_260
PER_DESIGN = 20
ALPHA = 0.05
A_MINUS_C = pd.DataFrame({"contrast": ["A - C"]})
SPREADS = ("equal", "unequal", "small")
N_SEGMENTS = 8
SLOPE, SLOPE_SD, RESIDUAL_SD = 1.0, 0.3, 0.78
"""A residual of 0.78 gives the correlation 0.79 within a person that the normal face has."""


@dataclass(frozen=True)
class Condition:
    """What is simulated."""

    model: str
    size: int
    spread: str
    difference: float


def main() -> None:
    """Simulate, analyse, and print error rates, coverage and power."""
    arguments = _arguments()
    conditions = [
        Condition(*chosen)
        for chosen in product(
            arguments.models, arguments.sizes, arguments.spreads, arguments.differences
        )
    ]
    n_batches = -(-arguments.studies // PER_DESIGN)
    started = time.perf_counter()
    tables = []
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        for condition in conditions:
            batches = pool.map(partial(batch, condition), range(n_batches), chunksize=5)
            found = pd.concat(list(batches), ignore_index=True)
            tables.append(_summary(condition, found))
            print(tables[-1].to_string(index=False, header=len(tables) == 1), flush=True)
    print(f"{n_batches * PER_DESIGN} studies a condition, {time.perf_counter() - started:.0f} s")
    for row in pd.concat(tables).itertuples():
        kind = "false_positive" if row.difference == 0 else f"power_{row.difference:g}"
        name = f"{row.model}_n{row.size}_{row.spread}_{row.test}"
        print(f"{kind}_{name} {row.rejected:.4f}")
        print(f"coverage_{row.difference:g}_{name} {row.coverage:.4f}")


def batch(condition: Condition, number: int) -> pd.DataFrame:
    """Simulate and analyse the studies that share one set of predictors.

    Returns
    -------
    DataFrame
        ``study, test, p_value, is_held`` for the contrast A - C by each rule.
    """
    logging.disable()
    identity = (
        list(SIMULATIONS).index(condition.model),
        condition.size,
        SPREADS.index(condition.spread),
        round(100 * condition.difference),
        number,
    )
    generator = np.random.default_rng([SEED, *identity])
    simulation = SIMULATIONS[condition.model]
    data = simulation.people(condition, generator)
    fit: MixedFit | None = None
    weights = np.empty((0, 0))
    rows = []
    for study in range(PER_DESIGN):
        outcome = simulation.outcome(data, condition, generator)
        if fit is None:
            fit = fit_mixed(simulation.formula, data.assign(y=outcome))
        else:
            fit = refit(fit, outcome)
        if study == 0:
            weights = _difference(fit, simulation)
        for test, rule in _rules(fit, simulation).items():
            row = estimates_table(A_MINUS_C, weights, fit.coefficients, rule).iloc[0]
            is_held = row["lower"] <= condition.difference <= row["upper"]
            rows.append((study, test, row["p_value"], is_held))
    return pd.DataFrame(rows, columns=["study", "test", "p_value", "is_held"])


@dataclass(frozen=True)
class Simulation:
    """A model of the plan with the data it is for."""

    formula: str
    cluster: str
    is_slope: bool
    people: Callable[[Condition, np.random.Generator], pd.DataFrame]
    outcome: Callable[[pd.DataFrame, Condition, np.random.Generator], Floats]


def _difference(fit: MixedFit, simulation: Simulation) -> Floats:
    """Slope, or mean, of A minus that of C as a function of the fixed effects."""
    if simulation.is_slope:
        functions = trend_functions(fit.frame, fit.fixed, "x_w", ["group"])
    else:
        functions = mean_functions(fit.frame, fit.fixed, ["group"])
    return np.asarray(functions.weights[[0]] - functions.weights[[2]])


def _rules(fit: MixedFit, simulation: Simulation) -> dict[str, Inference]:
    return {
        "satterthwaite": fit.inference("satterthwaite"),
        "kenward_roger": fit.inference("kenward-roger"),
        "cr2": fit.inference(covariance="CR2", cluster=simulation.cluster),
    }


def _sizes(condition: Condition) -> list[int]:
    n = condition.size
    return [n + n // 2, n, n // 2] if condition.spread == "small" else [n, n, n]


def _spread(group: pd.Series, condition: Condition) -> Floats:
    wide = 1.0 if condition.spread == "equal" else 2.0
    return np.where(group == "C", wide, 1.0)


def _units(condition: Condition) -> pd.DataFrame:
    groups = np.repeat(["A", "B", "C"], _sizes(condition))
    return pd.DataFrame({"unit": np.arange(len(groups)), "group": groups})


def _crossed(units: pd.DataFrame, **levels: list[object]) -> pd.DataFrame:
    """Every unit with every combination of the levels."""
    others = pd.MultiIndex.from_product(list(levels.values()), names=list(levels)).to_frame(False)
    return units.merge(others, how="cross")


def _effect(codes: pd.Series, spread: Floats, sd: float, generator: np.random.Generator) -> Floats:
    """A normal effect of each unit, as wide as the spread of its rows."""
    number = pd.factorize(codes)[0]
    return np.asarray(generator.normal(size=number.max() + 1)[number] * sd * spread)


def _congruence_people(condition: Condition, generator: np.random.Generator) -> pd.DataFrame:
    data = _crossed(_units(condition), segment=[str(s) for s in range(N_SEGMENTS)])
    data = data.rename(columns={"unit": "person"})
    level = _effect(data["person"], np.ones(len(data)), 1.0, generator)
    felt = generator.normal(size=len(data)) + level
    mean = pd.Series(felt).groupby(data["person"]).transform("mean")
    return data.assign(x_w=felt - mean, x_pm=mean)


def _congruence_outcome(
    data: pd.DataFrame, condition: Condition, generator: np.random.Generator
) -> Floats:
    spread = _spread(data["group"], condition)
    drift = generator.normal(size=N_SEGMENTS)[data["segment"].astype(int)]
    slope = SLOPE - condition.difference * data["group"].eq("C").to_numpy(float)
    slope = slope + _effect(data["person"], spread, SLOPE_SD, generator)
    level = _effect(data["person"], spread, 0.5, generator)
    noise = generator.normal(size=len(data)) * RESIDUAL_SD * spread
    return np.asarray(drift + level + slope * data["x_w"].to_numpy(float) + noise)


def _expressivity_people(condition: Condition, generator: np.random.Generator) -> pd.DataFrame:
    data = _crossed(_units(condition), session=["1", "2"], segment=list(range(4)))
    data = data.rename(columns={"unit": "person"})
    age = generator.normal(35, 10, data["person"].nunique())
    return data.assign(age=age[data["person"]])


def _expressivity_outcome(
    data: pd.DataFrame, condition: Condition, generator: np.random.Generator
) -> Floats:
    spread = _spread(data["group"], condition)
    level = _effect(data["person"], spread, 0.65, generator)
    noise = generator.normal(size=len(data)) * 0.5 * spread
    age = 0.01 * data["age"].to_numpy(float)
    return np.asarray(age + level + noise - condition.difference * data["group"].eq("C"))


def _dyads_people(condition: Condition, _: np.random.Generator) -> pd.DataFrame:
    levels: dict[str, list[object]] = {
        "role": ["target", "partner"],
        "session": ["1", "2"],
        "segment": list(range(4)),
    }
    data = _crossed(_units(condition), **levels).rename(columns={"unit": "dyad"})
    return data.assign(person=data["dyad"].astype(str) + data["role"])


def _dyads_outcome(
    data: pd.DataFrame, condition: Condition, generator: np.random.Generator
) -> Floats:
    spread = _spread(data["group"], condition)
    both = _effect(data["dyad"], spread, 0.3, generator)
    one = _effect(data["person"], spread, 0.6, generator)
    visit = _effect(data["dyad"].astype(str) + data["session"], spread, 0.27, generator)
    noise = generator.normal(size=len(data)) * 0.5 * spread
    shift = condition.difference * data["group"].eq("C")
    return np.asarray(both + one + visit + noise - shift)


def _synchrony_people(condition: Condition, _: np.random.Generator) -> pd.DataFrame:
    return _crossed(_units(condition), session=["1", "2"]).rename(columns={"unit": "dyad"})


def _synchrony_outcome(
    data: pd.DataFrame, condition: Condition, generator: np.random.Generator
) -> Floats:
    spread = _spread(data["group"], condition)
    both = _effect(data["dyad"], spread, 0.1, generator)
    noise = generator.normal(size=len(data)) * 0.1 * spread
    return np.asarray(both + noise - condition.difference * data["group"].eq("C"))


SIMULATIONS = {
    "congruence": Simulation(
        "y ~ group * x_w + x_pm + segment + (1 + x_w | person)",
        "person",
        True,
        _congruence_people,
        _congruence_outcome,
    ),
    "expressivity": Simulation(
        "y ~ group * session + age + (1 | person)",
        "person",
        False,
        _expressivity_people,
        _expressivity_outcome,
    ),
    "dyads": Simulation(
        "y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session)",
        "dyad",
        False,
        _dyads_people,
        _dyads_outcome,
    ),
    "synchrony": Simulation(
        "y ~ group + session + (1 | dyad)", "dyad", False, _synchrony_people, _synchrony_outcome
    ),
}


def _summary(condition: Condition, found: pd.DataFrame) -> pd.DataFrame:
    grouped = found.groupby("test", sort=False)
    table = pd.DataFrame(
        {
            "rejected": grouped["p_value"].apply(lambda p: float((p < ALPHA).mean())),
            "coverage": grouped["is_held"].mean(),
            "studies": grouped.size(),
        }
    ).reset_index()
    table = table.assign(
        model=condition.model,
        size=condition.size,
        spread=condition.spread,
        difference=condition.difference,
    )
    columns = ["model", "size", "spread", "difference", "test", "rejected", "coverage", "studies"]
    return table[columns]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Error rates, coverage and power of the tests.")
    parser.add_argument("--studies", type=int, default=2000, help="studies a condition")
    parser.add_argument("--models", nargs="+", choices=SIMULATIONS, default=list(SIMULATIONS))
    parser.add_argument("--sizes", nargs="+", type=int, default=[10, 20, 35])
    parser.add_argument("--spreads", nargs="+", choices=SPREADS, default=list(SPREADS))
    parser.add_argument(
        "--differences", nargs="+", type=float, default=[0.0], help="A minus C: slope or mean"
    )
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
