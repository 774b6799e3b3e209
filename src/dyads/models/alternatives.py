"""The same comparison of groups by other tests, one value per person, through pingouin.

A result that hangs on one test is weak. These take one number per person (a slope, a mean, an
index) and say what Welch's, rank and Bayesian tests make of it.
"""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pingouin

from dyads.errors import StudyError
from dyads.models.equivalence import refuse_disordered

_FEWEST = 3


def compare_people(
    table: pd.DataFrame,
    value: str,
    group: str,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare groups two by two, each pair by several tests.

    Parameters
    ----------
    table
        One row per person; rows without a value are left out.
    value, group
        Columns of the table; groups are compared in the order of their categories.
    bounds
        Bounds of equivalence, in the unit of the value.
    level
        Coverage of the interval of Hedges' g.

    Returns
    -------
    DataFrame
        ``contrast, n_first, n_second, hedges_g, g_lower, g_upper, p_welch, p_mann_whitney,
        bayes_factor, p_equivalence``. The Bayes factor weighs a difference against none (above
        1 speaks for a difference), with a Cauchy prior of scale 0.707 on the standardised
        difference; equivalence is by Welch's two one-sided tests, missing without bounds.

    Raises
    ------
    StudyError
        Where a group has fewer than three values or no spread.

    References
    ----------
    Rouder, Speckman, Sun, Morey and Iverson (2009). Psychonomic Bulletin and Review 16(2).
    Vallat (2018). Journal of Open Source Software 3(31).
    """
    values = _by_group(table, value, group)
    rows = []
    for one, two in combinations(values, 2):
        a, b = values[one], values[two]
        size = pingouin.compute_effsize(a, b, eftype="hedges")
        lower, upper = pingouin.compute_esci(
            size, nx=len(a), ny=len(b), eftype="hedges", confidence=level, decimals=12
        )
        student = pingouin.ttest(a, b, correction=False)["T"].item()
        equivalence = float("nan")
        if bounds is not None:
            equivalence = _equivalence(a, b, bounds)
        rows.append(
            (
                f"{one} - {two}",
                len(a),
                len(b),
                size,
                lower,
                upper,
                pingouin.ttest(a, b, correction=True)["p_val"].item(),
                pingouin.mwu(a, b)["p_val"].item(),
                float(pingouin.bayesfactor_ttest(student, nx=len(a), ny=len(b))),
                equivalence,
            )
        )
    columns = ["contrast", "n_first", "n_second", "hedges_g", "g_lower", "g_upper", "p_welch"]
    columns += ["p_mann_whitney", "bayes_factor", "p_equivalence"]
    return pd.DataFrame(rows, columns=columns)


def compare_all(table: pd.DataFrame, value: str, group: str) -> pd.DataFrame:
    """Test all groups at once by Welch's analysis of variance and by Kruskal and Wallis.

    Returns
    -------
    DataFrame
        ``test, statistic, num_df, den_df, p_value``; the rank test has no ``den_df``.

    Raises
    ------
    StudyError
        As `compare_people`.
    """
    values = _by_group(table, value, group)
    named = [pd.DataFrame({"group": name, "value": own}) for name, own in values.items()]
    complete = pd.concat(named, ignore_index=True)
    welch = pingouin.welch_anova(data=complete, dv="value", between="group").iloc[0]
    ranks = pingouin.kruskal(data=complete, dv="value", between="group").iloc[0]
    rows = [
        ("welch", welch["F"], welch["ddof1"], welch["ddof2"], welch["p_unc"]),
        ("kruskal-wallis", ranks["H"], ranks["ddof1"], float("nan"), ranks["p_unc"]),
    ]
    return pd.DataFrame(rows, columns=["test", "statistic", "num_df", "den_df", "p_value"])


def _equivalence(a: pd.Series, b: pd.Series, bounds: tuple[float, float]) -> float:
    """Move the bounds to symmetry around zero, which is all that pingouin knows."""
    lower, upper = bounds
    refuse_disordered(lower, upper)
    centre, half = (lower + upper) / 2, (upper - lower) / 2
    return float(pingouin.tost(a - centre, b, bound=half, correction=True)["pval"].item())


def _by_group(table: pd.DataFrame, value: str, group: str) -> dict[str, pd.Series]:
    complete = table[[value, group]].dropna()
    values = {
        str(name): own[value].astype(float).reset_index(drop=True)
        for name, own in complete.groupby(group, observed=True)
    }
    thin = [f"{name} has {len(own)}" for name, own in values.items() if len(own) < _FEWEST]
    flat = [name for name, own in values.items() if len(own) >= _FEWEST and own.std() == 0]
    if thin:
        raise StudyError(
            f"Too few persons with {value} ({'; '.join(thin)}); at least {_FEWEST} are needed."
        )
    if flat:
        raise StudyError(f"{value} is the same for everybody in {', '.join(flat)}.")
    if len(values) < 2:
        raise StudyError(f"{group} has {len(values)} level with {value}; two are needed.")
    return values
