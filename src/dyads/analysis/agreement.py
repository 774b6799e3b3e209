"""How closely one thing follows another within people, and what that is in each group.

The analogues of C1 and C2 for whatever pair of columns: both are centred within person, target
and emotion; the slope is that of least squares, the correlation has Fisher's z.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from dyads.contracts import GroupAgreement, PersonAgreement
from dyads.tables import check

PERSON: Final = ["dyad_id", "person", "role", "group", "target"]
LARGEST_R: Final = 0.999
"""A correlation nearer to one is taken for this one before Fisher's transformation."""

NO_ROW: Final = "no row to analyse"
NO_VARIATION: Final = "no variation"

_COLLINEAR: Final = 1e-9
_GROUP: Final = ["group", "role", "target", "comparison", "emotion", "delay_s"]


def within_person(
    rows: pd.DataFrame,
    comparison: str,
    outcome: str,
    predictor: str,
    minimum_rows: int,
    held: str | None = None,
    *,
    has_bias: bool = False,
) -> pd.DataFrame:
    """Measure how an outcome follows a predictor within each person.

    Parameters
    ----------
    rows
        `dyad_id`, `person`, `role`, `group`, `target`, `emotion` and the columns that are
        compared; a row where one of them is missing does not count.
    comparison
        Name of the comparison.
    outcome, predictor
        Columns.
    minimum_rows
        Fewest rows for a correlation.
    held
        A second predictor that `partial_slope` holds constant; None: there is none.
    has_bias
        Whether outcome and predictor have one scale, so that their mean difference means something.

    Returns
    -------
    DataFrame
        `PersonAgreement`: a row for everybody in `rows`.
    """
    everyone = rows[PERSON].drop_duplicates().set_index(PERSON).index
    sums = _sums(rows, (outcome, predictor)).reindex(everyone)
    count = sums["rows"].fillna(0).astype(int)
    yy, xx, yx = sums["00"], sums["11"], sums["01"]
    varies = (xx > 0) & (yy > 0)
    r: pd.Series[float] = (yx / np.sqrt(xx * yy)).where(varies & count.ge(minimum_rows))
    table = pd.DataFrame(
        {
            "rows": count,
            "slope": (yx / xx).where(xx > 0),
            "partial_slope": np.nan,
            "r": r,
            "fisher_z": np.arctanh(r.clip(-LARGEST_R, LARGEST_R)),
            "bias": sums["difference"] if has_bias else np.nan,
            "reason": np.select(
                [count.eq(0), count.lt(minimum_rows), ~varies],
                [NO_ROW, f"fewer than {minimum_rows} rows", NO_VARIATION],
                "",
            ),
        }
    )
    if held is not None:
        both = _sums(rows, (outcome, predictor, held)).reindex(everyone)
        inner = both["11"] * both["22"] - both["12"] ** 2
        is_told = inner > _COLLINEAR * both["11"] * both["22"]
        partial = (both["01"] * both["22"] - both["02"] * both["12"]) / inner
        table["partial_slope"] = partial.where(is_told)
    return check(
        table.reset_index().assign(comparison=comparison)[_PERSON_COLUMNS],
        PersonAgreement,
        "agreement of persons",
    )


def by_group(
    persons: pd.DataFrame,
    measures: Mapping[str, str],
    groups: Sequence[str],
    minimum_cell: int,
    samples: int,
    seed: int,
) -> pd.DataFrame:
    """Average people's measures in each group and role, with bootstrap intervals over dyads.

    Parameters
    ----------
    persons
        `dyad_id`, `group`, `role`, `target`, `comparison`, the measures, and `emotion` and
        `delay_s` where there are several.
    measures
        Column of each measure by its name; the mean of `fisher_z` is given as a correlation.
    groups
        Groups in the order of the table.
    minimum_cell
        Fewest people of a line; with fewer there is none.
    samples
        Bootstrap samples of dyads; with none the limits are missing.
    seed
        Seed of the study; each line draws from it and from its own name.

    Returns
    -------
    DataFrame
        `GroupAgreement` without its stamp.
    """
    keyed = persons.assign(
        emotion=persons.get("emotion", ""), delay_s=persons.get("delay_s", np.nan)
    )
    lines = []
    for keys, rows in keyed.groupby(_GROUP, sort=True, dropna=False):
        for measure, column in measures.items():
            values = rows[["dyad_id", column]].dropna()
            if len(values) < max(minimum_cell, 1) or keys[0] not in groups:
                continue
            per_dyad = values.groupby("dyad_id")[column].agg(["sum", "count"]).to_numpy(float)
            generator = _generator(seed, measure, *map(str, keys))
            estimate, lower, upper = _bootstrap(per_dyad, samples, generator)
            if column == "fisher_z":
                estimate, lower, upper = (float(np.tanh(v)) for v in (estimate, lower, upper))
            lines.append((*keys, measure, len(values), estimate, lower, upper))
    columns = [*_GROUP, "measure", "people", "value", "lower", "upper"]
    table = pd.DataFrame(lines, columns=columns).astype({"delay_s": float})
    table["order"] = table["group"].map({group: place for place, group in enumerate(groups)})
    by = ["comparison", "target", "emotion", "delay_s", "measure", "role", "order"]
    table = table.sort_values(by, kind="stable", ignore_index=True).drop(columns="order")
    return table[columns]


def stamped(groups: pd.DataFrame, stamp: str) -> pd.DataFrame:
    """Add the words that the numbers must carry, and check the table (`GroupAgreement`)."""
    return check(groups.assign(stamp=stamp), GroupAgreement, "agreement of groups")


def read_groups(path: str | Path) -> pd.DataFrame:
    """Read a table of groups, as `tables.write_csv` wrote it.

    Returns
    -------
    DataFrame
        `GroupAgreement`.
    """
    missing = {name: [""] for name in ("delay_s", "value", "lower", "upper")}
    words = dict.fromkeys(("group", "emotion", "stamp"), str)
    table = pd.read_csv(path, keep_default_na=False, na_values=missing, dtype=words)
    return check(table, GroupAgreement, str(path))


_PERSON_COLUMNS: Final = list(PersonAgreement.to_schema().columns)


def _sums(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Sum squares and products of columns, centred within person and emotion, by person.

    Column `01` is the sum of products of the first and the second; `difference` the mean of the
    first minus the second, not centred.
    """
    known = rows.dropna(subset=list(columns))
    by = [known[name] for name in (*PERSON, "emotion")]
    centred = [known[name] - known.groupby(by)[name].transform("mean") for name in columns]
    products = {
        f"{i}{j}": centred[i] * centred[j]
        for i in range(len(columns))
        for j in range(i, len(columns))
    }
    grouped = pd.DataFrame(products).groupby([known[name] for name in PERSON])
    sums = grouped.sum()
    sums["rows"] = grouped.size()
    difference = known[columns[0]] - known[columns[1]]
    sums["difference"] = difference.groupby([known[name] for name in PERSON]).mean()
    return sums


def _bootstrap(
    per_dyad: np.ndarray, samples: int, generator: np.random.Generator
) -> tuple[float, float, float]:
    """Mean over people with percentile limits over samples of dyads (sums and counts)."""
    total, count = per_dyad.sum(axis=0)
    estimate = float(total / count)
    if samples == 0 or len(per_dyad) == 1:
        return estimate, np.nan, np.nan
    drawn = per_dyad[generator.integers(len(per_dyad), size=(samples, len(per_dyad)))].sum(axis=1)
    lower, upper = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return estimate, float(lower), float(upper)


def _generator(seed: int, *names: str) -> np.random.Generator:
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32)])
