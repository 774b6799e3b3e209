"""Draw a study and analyse it as the study's own model is analysed.

The model is P1 without covariates of persons, ``e ~ group * x_w + x_pm + emotion + segment +
(1 + x_w | person)``: what is the same in all rows of a person touches no slope within persons.
Fit and test are those of `dyads.models` (REML with its ladder, CR2 over dyads); only the design
matrices are built here, because they are the same in every study of a size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyads.analysis.comparisons import group_pairs
from dyads.models.design import RandomDesign
from dyads.models.formula import RandomTerm
from dyads.models.ladder import climb
from dyads.models.robust import ClusterRobust
from dyads.models.tables import Adjustment, adjust_family, estimates_table
from dyads.power.assumptions import Assumptions

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FORMULA = "e ~ group * x_w + x_pm + emotion + segment + (1 + x_w | person)"


@dataclass(frozen=True)
class Size:
    """The size of a study.

    Attributes
    ----------
    dyads_per_group
        One participant each.
    segments
        Segments of a person over all sessions.
    reliability
        Reliability of the expression of a segment within people.
    """

    dyads_per_group: int
    segments: int
    reliability: float

    def generator(self, seed: int, study: int) -> np.random.Generator:
        """Random numbers of one study of this size, whatever else is drawn."""
        permille = round(1000 * self.reliability)
        return np.random.default_rng([seed, self.dyads_per_group, self.segments, permille, study])


@dataclass(frozen=True)
class Study:
    """A simulated study, one row per person, segment and emotion.

    Attributes
    ----------
    groups
        Names of the groups.
    group, person, segment, emotion
        Codes, shape (rows,).
    x_w, x_pm, e
        Experience within person and emotion, the person's mean (both per SD), and expression.
    """

    groups: tuple[str, ...]
    group: Codes
    person: Codes
    segment: Codes
    emotion: Codes
    x_w: Floats
    x_pm: Floats
    e: Floats

    def table(self) -> pd.DataFrame:
        """The study as the rows that `dyads.models.fit_mixed` takes with `FORMULA`."""
        return pd.DataFrame(
            {
                "dyad_id": self.person.astype(str),
                "person": self.person.astype(str),
                "group": pd.Categorical(np.array(self.groups)[self.group], list(self.groups)),
                "segment": pd.Categorical(self.segment),
                "emotion": pd.Categorical(self.emotion.astype(str)),
                "x_w": self.x_w,
                "x_pm": self.x_pm,
                "e": self.e,
            }
        )


def draw_study(world: Assumptions, size: Size, generator: np.random.Generator) -> Study:
    """Draw a study.

    Experience is what the segments bring about in everybody plus what is each person's own,
    centred within person and emotion, in SD. Expression is the person's slope times it, plus the
    person's level, what else moves the face in a segment, and the error of reading it.
    """
    groups, m, k = tuple(world.slopes), size.segments, world.emotions
    people = size.dyads_per_group * len(groups)
    shape = (people, m, k)
    shared = np.sqrt(world.shared_experience) * generator.normal(size=shape[1:])
    own = np.sqrt(1 - world.shared_experience) * generator.normal(size=shape)
    x = (shared + own).transpose(0, 2, 1)
    x_w = x - x.mean(axis=2, keepdims=True)
    x_w = x_w / x_w.std()
    of_person = np.arange(people) // size.dyads_per_group
    level, slope = _person_effects(world, people, generator)
    slope = slope + np.array(list(world.slopes.values()))[of_person]
    noise_sd = np.hypot(world.residual_sd, world.error_sd(size.reliability))
    e = level[:, None, None] + slope[:, None, None] * x_w
    e = e + noise_sd * generator.normal(size=x_w.shape)
    x_pm = np.broadcast_to(generator.normal(size=(people, k, 1)), x_w.shape)
    person, emotion, segment = (codes.ravel() for codes in np.indices(x_w.shape))
    return Study(
        groups, of_person[person], person, segment, emotion, x_w.ravel(), x_pm.ravel(), e.ravel()
    )


def analyse(study: Study, correction: Adjustment) -> pd.DataFrame | None:
    """Fit the model and compare slopes between groups with CR2.

    Returns
    -------
    DataFrame or None
        `contrast, estimate, se, df, statistic, p_value, lower, upper, p_unadjusted`, p_value
        corrected over the contrasts; None where no optimum was found.
    """
    fixed = _fixed(study)
    orthonormal, triangle = np.linalg.qr(fixed)
    rungs = climb((_random(study),), orthonormal, study.e, is_reml=True)
    last = rungs[-1]
    if not last.optimum.is_converged:
        return None
    to_columns = np.linalg.inv(triangle)
    solution = last.optimum.solution
    coefficients = to_columns @ solution.coefficients
    plain = solution.sigma2 * to_columns @ np.linalg.inv(solution.information) @ to_columns.T
    roots = [d.to_standard @ f for d, f in zip(last.designs, last.optimum.factors, strict=True)]
    rule = ClusterRobust(
        fixed, study.e - fixed @ coefficients, last.designs,
        [solution.sigma2 * root @ root.T for root in roots], solution.sigma2, plain,
        study.person, "dyad",
    )  # fmt: skip
    named = group_pairs(study.groups)
    functions = np.zeros((len(named), fixed.shape[1]))
    for row, weights in enumerate(named.values()):
        functions[row, -len(study.groups) :] = [weights.get(group, 0) for group in study.groups]
    labels = pd.DataFrame({"contrast": list(named)})
    table = estimates_table(labels, functions, coefficients, rule)
    return adjust_family(table, correction, len(study.groups))


def _person_effects(
    world: Assumptions, people: int, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    one, two = generator.normal(size=(2, people))
    r = world.correlation
    return world.person_sd * one, world.slope_sd * (r * one + np.sqrt(1 - r**2) * two)


def _fixed(study: Study) -> Floats:
    """Fixed columns; the slope of each group comes last, one column a group."""
    columns = [
        _marks(study.group),
        study.x_pm[:, None],
        _marks(study.emotion)[:, 1:],
        _marks(study.segment)[:, 1:],
        _marks(study.group) * study.x_w[:, None],
    ]
    return np.concatenate(columns, axis=1)


def _random(study: Study) -> RandomDesign:
    regressors = np.stack([np.ones(len(study.x_w)), study.x_w], axis=1)
    triangle = np.linalg.qr(regressors, mode="r")
    return RandomDesign(
        term=RandomTerm("1 + x_w", "person"),
        columns=("(Intercept)", "x_w"),
        regressors=regressors,
        to_standard=np.sqrt(len(regressors)) * np.linalg.inv(triangle),
        codes=study.person,
        levels=tuple(str(person) for person in range(int(study.person.max()) + 1)),
        is_slope=(False, True),
    )


def _marks(codes: Codes) -> Floats:
    return np.asarray(codes[:, None] == np.arange(int(codes.max()) + 1), dtype=float)
