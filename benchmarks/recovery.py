"""How often the analysis finds the truth: many simulated studies, their tables analysed as one is.

Each study is the demo study with new people, new ratings and new faces, its levels read with an
error in place of a film. Scores, analysis rows and the congruence model of `config.yaml` are the
library's own. Half of the studies have the demo's slopes; in the other half all groups have the
same one, and the model should find a difference in five of a hundred.

Run it as `python benchmarks/recovery.py [--studies 200] [--processes 2]`.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from dyads import config
from dyads.analysis import answers as analysis
from dyads.analysis import cohort
from dyads.analysis.results import ModelResults
from dyads.channels import ChannelType
from dyads.demo.behaviour import felt_and_shown
from dyads.demo.study import ABSENCE, study_tables
from dyads.demo.truth import Truth, generator
from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import load_instruments
from dyads.ratings.scores import score_ratings
from dyads.recordings.clock import left_out_people
from dyads.tables import About

HOME = Path(__file__).parents[1]
MODEL = "congruence"
READING_SD = 0.03
"""Standard deviation of the error with which the level of a segment is read from its film."""

NULL_SLOPE_PER_100 = 0.32
ALPHA = 0.05


def main() -> None:
    """Simulate, analyse, and print how often intervals hold the truth."""
    arguments = _arguments()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    started = time.perf_counter()
    numbers = range(1, arguments.studies + 1)
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        found = pd.concat(pool.map(partial(study, is_null=False), numbers, chunksize=5))
        null = pd.concat(pool.map(partial(study, is_null=True), numbers, chunksize=5))
    print(
        f"{arguments.studies} studies with the demo's slopes and {arguments.studies} without a "
        f"difference, {time.perf_counter() - started:.0f} s"
    )
    print(_table(found, null).to_string(index=False, float_format="%.3f"))
    headline = found[found["covariance"].eq("satterthwaite")]
    no_difference = null[null["covariance"].eq("satterthwaite") & null["what"].eq("differences")]
    for what in ("slopes", "differences"):
        print(f"coverage_{what} {headline.loc[headline['what'].eq(what), 'is_held'].mean():.4f}")
    print(f"false_positive_differences {no_difference['is_significant'].mean():.4f}")


def study(number: int, is_null: bool) -> pd.DataFrame:
    """Simulate and analyse one study.

    Parameters
    ----------
    number
        Seed of the study.
    is_null
        Whether all groups have the same slope.

    Returns
    -------
    DataFrame
        One row per slope or difference and covariance: `covariance`, `what`, `which`, `truth`,
        `estimate` and `se` (level per 100 points), `is_held` by the 95 % interval and
        `is_significant`.
    """
    settings = _settings()
    truth = _truth(number, is_null)
    results = analysis.answer(
        MODEL, _cohort(truth), settings.models[MODEL], settings.study.groups, About()
    )
    return _judged(results, truth)


def _truth(number: int, is_null: bool) -> Truth:
    """The demo's truth with people drawn freely, and with equal slopes under the null."""
    demo = Truth()
    groups = {
        name: group.model_copy(update={"slope_per_100": NULL_SLOPE_PER_100}) if is_null else group
        for name, group in demo.groups.items()
    }
    seed = 2 * number + is_null
    return demo.model_copy(update={"seed": seed, "groups": groups, "balanced": False})


def _cohort(truth: Truth) -> pd.DataFrame:
    """Analysis rows of a simulated study, by the way that a real study's tables take."""
    tables = study_tables(truth)
    recordings = tables["recordings"][["dyad_id", "session_id", "person_id"]]
    return cohort.assemble(
        participants=tables["participants"],
        sessions=tables["sessions"],
        segments=tables["segments"],
        recorded=recordings,
        expressions=_read_expressions(tables, truth),
        scores=score_ratings(tables["ratings"], tables["sessions"], _instruments()),
        pairs=_settings().congruence.pairs,
        consented=frozenset(tables["participants"]["participant_id"]),
        left_out=left_out_people([]),
    )


def _read_expressions(tables: dict[str, pd.DataFrame], truth: Truth) -> pd.DataFrame:
    """What reading the faces would give: the shown levels with an error."""
    shown = felt_and_shown(tables["sessions"], tables["participants"], truth)
    error = generator(truth.seed, "reading").normal(0, READING_SD, len(shown))
    cells = zip(shown["person_id"], shown["session_id"], shown["segment_id"], strict=True)
    is_away = np.array([cell == ABSENCE for cell in cells])
    channels = {pair.emotion: pair.channel for pair in _settings().congruence.pairs}
    return shown[["dyad_id", "session_id", "person_id", "segment_id"]].assign(
        label=shown["segment_id"],
        stratum="all",
        channel=shown["emotion"].map(channels),
        channel_type=ChannelType.PROBABILITY.value,
        measure="level",
        unit="channel",
        value=np.where(is_away, np.nan, shown["level"] + error),
        seen_s=np.where(is_away, 2.0, 5.0),
        seen_share=np.where(is_away, 0.4, 1.0),
        reason=np.where(is_away, "seen share below minimum", ""),
    )


def _judged(results: ModelResults, truth: Truth) -> pd.DataFrame:
    """Hold each interval against the truth, in level per 100 points."""
    assert results.summary.sd_x is not None
    per_100 = 100 / results.summary.sd_x
    parts = []
    for covariance, estimates, contrasts in (
        ("satterthwaite", results.estimates, results.contrasts),
        ("CR2", results.estimates_cr2, results.contrasts_cr2),
    ):
        slopes = estimates.rename(columns={"group": "which"})
        differences = contrasts.rename(columns={"contrast": "which"})
        for what, table, known in (
            ("slopes", slopes, truth.slopes_per_100()),
            ("differences", differences, truth.differences_per_100()),
        ):
            names = table["which"].astype(str)
            expected = names.map(known).to_numpy(float)
            columns = {
                "covariance": covariance,
                "what": what,
                "which": names,
                "truth": expected,
                "estimate": table["estimate"] * per_100,
                "se": table["se"] * per_100,
                "is_held": (table["lower"] * per_100 <= expected)
                & (expected <= table["upper"] * per_100),
                "is_significant": table["p_value"] < ALPHA if "p_value" in table else False,
            }
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _table(found: pd.DataFrame, null: pd.DataFrame) -> pd.DataFrame:
    """Coverage, bias and power of each slope and difference, false positives beside them."""
    by_which = found.groupby(["covariance", "what", "which"], sort=False)
    table = by_which.agg(
        truth=("truth", "first"),
        mean_estimate=("estimate", "mean"),
        sd_estimate=("estimate", "std"),
        mean_se=("se", "mean"),
        coverage=("is_held", "mean"),
        power=("is_significant", "mean"),
    )
    without = null.groupby(["covariance", "what", "which"], sort=False)
    table["null_coverage"] = without["is_held"].mean()
    table["false_positive"] = without["is_significant"].mean()
    is_slope = table.index.get_level_values("what") == "slopes"
    table.loc[is_slope, ["power", "false_positive"]] = np.nan
    return table.reset_index()


@cache
def _settings() -> config.Config:
    return config.load(HOME / "config.yaml")


@cache
def _instruments() -> Instruments:
    return load_instruments(HOME / "demo" / "study" / "instruments.yaml")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200, help="studies of either kind")
    parser.add_argument("--processes", type=int, default=2, help="processes of one thread each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
