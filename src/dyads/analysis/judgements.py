"""Does somebody know what the other one felt? Empathic accuracy and assumed similarity.

For each person who judged, over segments, centred within person and emotion:

- `accuracy`: the judgement on what the other said of themselves. `partial_slope` holds constant
  what the judge felt (Kenny and Acitelli 2001): two people who feel alike look accurate if one
  simply takes oneself for the other. `bias` is the mean of judgement minus truth (West and Kenny
  2011).
- `distinctive_accuracy`: the same after the mean of all dyads in that segment, session and
  emotion, for judges of that role, is taken off both (Biesanz 2010; Furr 2008): everybody knows
  that the happy segment is a happy one.
- `assumed_similarity`: the judgement on what the judge felt; `partial_slope` holds constant what
  the other said.
- `similarity`: what the other said on what the judge felt. It is no judgement; the other two
  cannot be read without it.
- `lens`: the judgement on what the other's face showed, in points per unit of the channel.

References
----------
Biesanz, J. C. (2010). The social accuracy model of interpersonal perception. Multivariate
Behavioral Research, 45(5), 853-885.
Furr, R. M. (2008). A framework for profile similarity. Journal of Personality, 76(5), 1267-1316.
Kenny, D. A. and Acitelli, L. K. (2001). Accuracy and bias in the perception of the partner in a
close relationship. Journal of Personality and Social Psychology, 80(3), 439-448.
West, T. V. and Kenny, D. A. (2011). The truth and bias model of judgment. Psychological Review,
118(2), 357-378.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dyads.analysis.agreement import within_person
from dyads.config import EmotionPair
from dyads.contracts import Judgements, PersonAgreement
from dyads.study.cell_words import OTHER
from dyads.tables import check

MEASURES: Final = {
    "r": "fisher_z",
    "slope": "slope",
    "partial_slope": "partial_slope",
    "bias": "bias",
}
"""What is averaged over people."""

_ROW: Final = ["dyad_id", "session_id", "segment_id", "emotion"]
_TASK: Final = ["segment", "session", "emotion", "role"]


def judgement_rows(
    cohort: pd.DataFrame, judgements: pd.DataFrame, pairs: Sequence[EmotionPair]
) -> pd.DataFrame:
    """Put each judgement beside what both people felt and what the other one showed.

    Parameters
    ----------
    cohort
        `Cohort`. Nothing is added to it: a judgement of somebody else is no experience.
    judgements
        `Scores` of ratings of the other person; those of whole sessions do not count.
    pairs
        Which scale is held against which expression.

    Returns
    -------
    DataFrame
        `Judgements`: a row for each judge, segment and emotion that was judged.
    """
    asked = pd.DataFrame(
        [(pair.instrument, pair.scale, pair.emotion) for pair in pairs],
        columns=["instrument", "scale", "emotion"],
    )
    judged = judgements[judgements["segment_id"].ne("")].merge(asked, on=["instrument", "scale"])
    judged = judged.rename(columns={"person_id": "person", "score": "judged"})
    people = cohort.assign(x=cohort["x"], e=cohort["e"])[
        [*_ROW, "session", "segment", "person", "role", "group", "x", "e"]
    ]
    own = people.drop(columns="e").rename(columns={"x": "own"})
    other = people[[*_ROW, "person", "x", "e"]].rename(
        columns={"person": "about", "x": "truth", "e": "shown"}
    )
    rows = judged[[*_ROW, "person", "judged"]].merge(own, on=[*_ROW, "person"])
    rows = rows.merge(other, on=_ROW)
    rows = rows[rows["about"].ne(rows["person"])].assign(target=OTHER)
    columns = list(Judgements.to_schema().columns)
    rows = rows[columns].sort_values([*_ROW, "person"], kind="stable", ignore_index=True)
    return check(rows, Judgements, "judgements")


def by_judge(rows: pd.DataFrame, minimum_rows: int) -> pd.DataFrame:
    """Measure accuracy and assumed similarity of each person who judged.

    Parameters
    ----------
    rows
        `Judgements`.
    minimum_rows
        Fewest rows of a person for a correlation.

    Returns
    -------
    DataFrame
        `PersonAgreement`, one row for each person and comparison.
    """
    typical = ["judged", "truth", "own"]
    both = rows.dropna(subset=["judged", "truth"])
    task = both.groupby(_TASK)
    distinct = both.assign(**{name: both[name] - task[name].transform("mean") for name in typical})
    shared = task["dyad_id"].transform("nunique").ge(2)
    tables = [
        within_person(rows, "accuracy", "judged", "truth", minimum_rows, "own", has_bias=True),
        within_person(
            distinct.where(shared).dropna(subset="dyad_id"),
            "distinctive_accuracy", "judged", "truth", minimum_rows, "own",
        ),
        within_person(
            rows, "assumed_similarity", "judged", "own", minimum_rows, "truth", has_bias=True
        ),
        within_person(rows, "similarity", "truth", "own", minimum_rows),
        within_person(rows, "lens", "judged", "shown", minimum_rows),
    ]  # fmt: skip
    table = pd.concat(tables, ignore_index=True)
    order = ["dyad_id", "person"]
    return check(
        table.sort_values(order, kind="stable", ignore_index=True), PersonAgreement, "judges"
    )
