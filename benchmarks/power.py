"""How long it takes to simulate the power of a study, and whether its tests keep their promise.

Studies of 20 dyads a group, 16 segments and three emotions are drawn and analysed (2,880 rows
each), with slopes that differ and with slopes that do not; the share of the latter in which a
difference is found should be five of a hundred, and intervals should hold the truth in 95.

Run it as `python benchmarks/power.py [--studies 500] [--null 500] [--processes 2]`.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pandas as pd

from dyads.power.assumptions import Assumptions
from dyads.power.curves import ALPHA, one_study, summarised
from dyads.power.simulation import Size

SIZE = Size(dyads_per_group=20, segments=16, reliability=0.8)
WORLD = Assumptions(
    slopes={"control": 0.14, "ASD": 0.12, "SCZ": 0.10}, person_sd=0.05, slope_sd=0.03,
    correlation=0.2, residual_sd=0.08, shared_experience=0.5, emotions=3, correction="holm",
    source="assumed",
)  # fmt: skip
NULL = WORLD.model_copy(update={"slopes": dict.fromkeys(WORLD.slopes, 0.12), "correction": "none"})


def main() -> None:
    """Simulate both kinds of studies and print power, false positives, coverage and time."""
    arguments = _arguments()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_warm, range(4 * arguments.processes)))
        started = time.perf_counter()
        found, spent_s = _table(pool, WORLD, arguments.studies, 1)
        wall_s = time.perf_counter() - started
        null, _ = _table(pool, NULL, arguments.null, 2)
    for name, table in (("slopes differ", found), ("slopes are the same", null)):
        columns = ["contrast", "difference", "studies", "power", "lower", "upper", "coverage"]
        print(name)
        print(table[columns].to_string(index=False, float_format="%.3f"))
    print(
        f"{arguments.studies} studies in {wall_s:.0f} s on {arguments.processes} processes; "
        f"{spent_s:.0f} s of processor time"
    )
    print(f"power_studies {arguments.studies}")
    print(f"power_wall_s {wall_s:.1f}")
    print(f"power_processor_s {spent_s:.1f}")
    print(f"false_positive_alpha_{ALPHA:g} {null['power'].mean():.4f}")
    print(f"coverage {null['coverage'].mean():.4f}")


def _table(
    pool: Executor, world: Assumptions, studies: int, seed: int
) -> tuple[pd.DataFrame, float]:
    parts = list(pool.map(partial(_timed, world, seed), range(studies), chunksize=10))
    return summarised(world, SIZE, [part for part, _ in parts]), sum(s for _, s in parts)


def _timed(world: Assumptions, seed: int, number: int) -> tuple[pd.DataFrame | None, float]:
    started = time.process_time()
    return one_study(world, SIZE, number, seed), time.process_time() - started


def _warm(number: int) -> None:
    one_study(WORLD, Size(4, 4, 0.8), number, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500, help="studies whose slopes differ")
    parser.add_argument("--null", type=int, default=500, help="studies whose slopes are the same")
    parser.add_argument("--processes", type=int, default=2, help="processes of one thread each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
