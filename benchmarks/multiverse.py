"""How often the test of the whole specification curve calls chance an effect.

    python benchmarks/multiverse.py [STUDIES] [PERMUTATIONS]

Studies without any difference between two groups: 12 dyads each, 8 segments, two emotions, a
slope of expression on experience that varies between people. Four specifications of the model
alone (centring, a covariate). A test of size .05 should call 5 % of the studies an effect; 39
permutations are enough for it to be able to.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from dyads.analysis.cohort import centre
from dyads.config import ModelSettings, PlanSettings
from dyads.multiverse.curve import STATISTICS, permuted_curves, summed_up
from dyads.multiverse.fits import fit_specifications
from dyads.multiverse.specifications import OWN, Specification

GROUPS = ("control", "ASD")
DYADS = 12
SEGMENTS = 8
FORMULA = "e ~ group * x_w + emotion + segment + age + (1 + x_w | person)"


def null_study(number: int) -> pd.DataFrame:
    """Make analysis rows whose groups do not differ."""
    generator = np.random.default_rng([20, number])
    people = 2 * DYADS
    person = pd.DataFrame(
        {
            "person": [f"P{n:02d}" for n in range(people)],
            "dyad_id": [f"D{n:02d}" for n in range(people)],
            "group": np.repeat(GROUPS, DYADS),
            "age": generator.normal(30, 8, people),
            "iq": generator.normal(100, 15, people),
            "level": generator.normal(0, 0.1, people),
            "slope": generator.normal(0.1, 0.05, people),
        }
    )
    segment = pd.DataFrame({"segment": [f"G{n}" for n in range(SEGMENTS)]})
    rows = person.merge(segment, how="cross").merge(
        pd.DataFrame({"emotion": ["joy", "anger"]}), how="cross"
    )
    rows["x"] = generator.normal(50, 20, len(rows))
    rows["e"] = (
        0.4 + rows["level"] + rows["slope"] * (rows["x"] - 50) / 20
        + generator.normal(0, 0.1, len(rows))
    )  # fmt: skip
    return centre(rows.assign(role="participant", exclusion="", session_id="S1"))


def specifications() -> list[Specification]:
    """List the specifications."""
    found = []
    for centring in ("person_emotion", "person"):
        for terms in ("", " + iq"):
            found.append(
                Specification(
                    name=f"S{len(found) + 1:03d}", choices={"centring": centring, "terms": terms},
                    is_own=not found, cohort=OWN, centring=centring, formula=FORMULA + terms,
                )
            )  # fmt: skip
    return found


def main() -> None:
    """Print the share of studies below .05 for each statistic."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    permutations = int(sys.argv[2]) if len(sys.argv) > 2 else 39
    model = ModelSettings(title="", formula=FORMULA, compare="slopes", variable="x_w")
    plan = PlanSettings(correction="none")
    ways, found, began = specifications(), [], time.perf_counter()
    for number in range(studies):
        rows = null_study(number)
        fits = fit_specifications(rows, ways, model, GROUPS, plan)
        chance = permuted_curves(
            {OWN: rows}, ways, model, GROUPS, plan, range(permutations), seed=number
        )
        curve = summed_up(fits, chance).iloc[0]
        row = {name: curve[f"p_{name}"] for name in STATISTICS}
        found.append({**row, "any specification": fits["p_value"].min()})
    p = pd.DataFrame(found)
    print(f"{studies} null studies, {len(ways)} specifications, {permutations} permutations")
    for name in p:
        share = float(p[name].le(0.05).mean())
        print(f"{name:20s} p <= .05 in {100 * share:5.1f} % "
              f"(± {100 * np.sqrt(share * (1 - share) / studies):.1f})")  # fmt: skip
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
