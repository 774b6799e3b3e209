"""What is taken to be true when studies are simulated: slopes, spreads, reliability.

Either assumed in the settings or taken from the study's own fit. What a fit says is itself
uncertain: a difference that was found is, on average, larger than the true one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from dyads.analysis.results import ModelResults
from dyads.config import Correction, PowerSettings
from dyads.errors import StudyError

_LEAST_RELIABILITY: Final = 0.05
_CELL: Final = ["session_id", "segment_id", "emotion"]


class Assumptions(BaseModel):
    """A world to draw studies from; expression is in units of its channel.

    Parameters
    ----------
    slopes
        Slope of each group, per SD of experience within a person.
    person_sd, slope_sd, correlation
        Spread of the persons' levels and slopes, and their correlation.
    residual_sd
        What moves expression in a segment beside what is felt, without error of reading.
    shared_experience
        Share of the variance of experience within people that is the same in everybody.
    emotions
        Emotions rated in each segment.
    correction
        Correction of p over the pairwise differences of slopes.
    source
        `fitted` or `assumed`.
    stamp
        As in `tables.About`.
    remarks
        What a reader must know of these numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slopes: dict[str, float]
    person_sd: float = Field(ge=0)
    slope_sd: float = Field(ge=0)
    correlation: float = Field(ge=-1, le=1)
    residual_sd: float = Field(ge=0)
    shared_experience: float = Field(ge=0, le=1)
    emotions: int = Field(ge=1)
    correction: Correction
    source: Literal["fitted", "assumed"]
    stamp: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def true_variance(self) -> float:
        """Variance of expression within people that is not error of reading."""
        slopes = np.array(list(self.slopes.values()))
        return float(np.mean(slopes**2)) + self.slope_sd**2 + self.residual_sd**2

    def error_sd(self, reliability: float) -> float:
        """SD of the error of reading a segment that gives this reliability within people."""
        return float(np.sqrt(self.true_variance * (1 - reliability) / reliability))


def assumptions(
    settings: PowerSettings,
    groups: Sequence[str],
    correction: Correction,
    model: ModelResults | None = None,
    cohort: pd.DataFrame | None = None,
) -> Assumptions:
    """Take what studies are simulated from out of the settings or the study's own fit.

    Parameters
    ----------
    settings
        Settings of power.
    groups
        Groups of the study in their order.
    correction
        Correction of p over the differences: `holm`, `bh` or `none`.
    model, cohort
        The study's model of slopes and its `Cohort`, where the source is the fit.

    Raises
    ------
    StudyError
        If the settings name other groups than the study has, or the fit has no slopes.
    """
    if settings.source == "assumed":
        return _assumed(settings, groups, correction)
    assert model is not None
    assert cohort is not None
    return fitted(model, cohort, groups, correction)


def _assumed(settings: PowerSettings, groups: Sequence[str], correction: Correction) -> Assumptions:
    given = settings.assumed
    assert given is not None
    if set(given.slopes) != set(groups):
        raise StudyError(
            f"power.assumed.slopes names {', '.join(given.slopes)}; the study's groups are "
            f"{', '.join(groups)}. Give each group its slope."
        )
    return Assumptions(
        slopes={group: given.slopes[group] for group in groups},
        **given.model_dump(exclude={"slopes"}),
        correction=correction,
        source="assumed",
    )


def fitted(
    model: ModelResults, cohort: pd.DataFrame, groups: Sequence[str], correction: Correction
) -> Assumptions:
    """Take slopes and spreads from a fitted model, and the rest from its rows.

    The residual of the fit holds error of reading; the two halves of each segment tell how much,
    and it is taken off. Random terms beside a person's level and slope are put to the residual,
    which errs on the side of less power, except those of a person's emotions, which take nothing
    from slopes on experience that is centred within them.
    """
    if model.summary.is_two_stage:
        raise StudyError(
            f"models.{model.name}: the mixed model found no optimum, so it gives no spreads to "
            "simulate power from. Set power.source to assumed."
        )
    variable = model.summary.variable
    parts = model.variance_components
    slope = parts[parts["effect"].eq(variable or "") & parts["with_effect"].fillna("").eq("")]
    if slope.empty:
        raise StudyError(
            f"models.{model.name}: power needs a fit with slopes that differ between persons, "
            "such as (1 + x_w | person). Give such a model, or set power.source to assumed."
        )
    unit = slope["group"].iloc[0]
    own = parts[parts["group"].eq(unit)]
    level = own[own["effect"].eq("(Intercept)") & own["with_effect"].fillna("").eq("")]
    both = own[own["with_effect"].fillna("").ne("")]
    rest = parts[~parts["group"].isin([unit, f"{unit}:emotion"])]
    variance = float(rest.loc[rest["with_effect"].fillna("").eq(""), "variance"].sum())
    slopes = model.estimates.set_index("group")["estimate"].reindex(list(groups))
    slope_variance = float(slope["variance"].iloc[0])
    rows = _analysed(cohort)
    reliability = within_reliability(rows)
    remarks = [
        "Slopes and spreads are this study's estimates. A difference that a study found is on "
        "average larger than the true one, so power for it is flattering."
    ]
    whole = float(np.mean(slopes**2)) + slope_variance + variance
    if np.isnan(reliability):
        remarks.append("Reliability could not be estimated; the fit was taken as free of error.")
    error = 0.0 if np.isnan(reliability) else (1 - reliability) * whole
    if error > variance:
        remarks.append(
            "The halves of the segments differ by more than the residual of the fit: all of the "
            "residual was taken for error of reading."
        )
    correlation = both["sd"].iloc[0] if len(both) else 0.0
    return Assumptions(
        slopes={group: float(slopes[group]) for group in groups},
        person_sd=float(np.sqrt(level["variance"].sum())),
        slope_sd=float(np.sqrt(slope_variance)),
        correlation=0.0 if pd.isna(correlation) else float(np.clip(correlation, -1, 1)),
        residual_sd=float(np.sqrt(max(variance - error, 0.0))),
        shared_experience=shared_experience(rows),
        emotions=int(rows["emotion"].nunique()),
        correction=correction,
        source="fitted",
        stamp=model.summary.stamp,
        remarks=tuple(remarks),
    )


def within_reliability(rows: pd.DataFrame) -> float:
    """Reliability of a segment's expression within people, from its two halves.

    The correlation of both halves, centred within person and emotion, stepped up to the whole
    length (Spearman and Brown); missing where no segment has both.
    """
    known = rows.dropna(subset=["e_odd", "e_even"])
    by = known.groupby(["person", "emotion"])
    odd, even = (known[name] - by[name].transform("mean") for name in ("e_odd", "e_even"))
    size = float(np.sqrt((odd**2).sum() * (even**2).sum()))
    if size == 0:
        return np.nan
    half = float((odd * even).sum()) / size
    return float(np.clip(2 * half / (1 + half) if half > -1 else 0, _LEAST_RELIABILITY, 1))


def shared_experience(rows: pd.DataFrame) -> float:
    """Share of the variance of centred experience that lies between segments and emotions."""
    values = rows["x_w"].dropna()
    total = float((values**2).mean())
    if total == 0:
        return 0.0
    by = values.groupby([rows.loc[values.index, name] for name in _CELL])
    size = by.transform("size")
    inside = float(((values - by.transform("mean")) ** 2).sum()) / max(
        float((1 - 1 / size).sum()), 1.0
    )
    return float(np.clip(1 - inside / total, 0, 1))


def _analysed(cohort: pd.DataFrame) -> pd.DataFrame:
    return cohort[cohort["exclusion"].eq("") & cohort["role"].eq("participant")]
