"""Functions that a formula may call."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from model_cases import table
from patsy import EvalEnvironment, build_design_matrices, dmatrix

from dyads.errors import StudyError
from dyads.models import fit_mixed
from dyads.models.transforms import FUNCTIONS, logit_share

X = np.array([-1.5, -0.2, 0.3, 0.9, 1.1, 2.5, 3.7, 4.0, 4.2, 6.1])


def columns(call: str, x: np.ndarray = X) -> np.ndarray:
    return np.asarray(dmatrix(f"0 + {call}", {"x": x}, EvalEnvironment([FUNCTIONS])))


def test_polynomials_are_rs() -> None:
    """R: poly(c(-1.5, -0.2, 0.3, 0.9, 1.1, 2.5, 3.7, 4.0, 4.2, 6.1), 3), rows 1 and 2"""
    expected = [
        [-0.5071495393204875, 0.5818112260368141, -0.482233023343335],
        [-0.3245195113103398, 0.0623008735901769, 0.222972029242306],
    ]
    np.testing.assert_allclose(columns("poly(x, 3)")[:2], expected, rtol=1e-10)


def test_natural_splines_are_rs() -> None:
    """R: splines::ns(c(-1.5, -0.2, ..., 6.1), df = 3), rows 2 and 10"""
    expected = [
        [-0.0905792598578154, 0.360185017327527, -0.246442380276729],
        [-0.1378091872791519, 0.436395759717314, 0.701413427561838],
    ]
    np.testing.assert_allclose(columns("ns(x, df=3)")[[1, 9]], expected, rtol=1e-10)


def test_splines_are_rs() -> None:
    """R: splines::bs(c(-1.5, -0.2, ..., 6.1), df = 4), row 6"""
    expected = [0.1878502866713908, 0.482003448745972, 0.3258321790304218, 0.00431408555221553]
    np.testing.assert_allclose(columns("bs(x, df=4)")[5], expected, rtol=1e-10)


def test_a_natural_spline_is_straight_beyond_the_data() -> None:
    built = dmatrix("0 + ns(x, df=3)", {"x": X}, EvalEnvironment([FUNCTIONS]))
    beyond = build_design_matrices([built.design_info], {"x": np.array([7.0, 8.0, 9.0])})[0]
    np.testing.assert_allclose(np.diff(np.asarray(beyond), n=2, axis=0), 0, atol=1e-12)


def test_scaling_divides_by_the_sample_standard_deviation_as_r_does() -> None:
    np.testing.assert_allclose(columns("scale(x)")[:, 0], (X - X.mean()) / X.std(ddof=1))


def test_a_polynomial_needs_more_values_than_its_degree() -> None:
    with pytest.raises(Exception, match="there are 2"):
        columns("poly(x, 2)", np.array([0.0, 1.0, 1.0, 0.0]))


def test_shares_at_the_ends_move_inwards_by_half_an_observation() -> None:
    """By hand, N = 5: (0 * 4 + 0.5) / 5 = 0.1, (1 * 4 + 0.5) / 5 = 0.9, 0.5 stays."""
    share = np.array([0.0, 0.5, 1.0, 0.5, 0.5])
    expected = np.log([0.1 / 0.9, 1.0, 0.9 / 0.1, 1.0, 1.0])
    np.testing.assert_allclose(logit_share(share), expected, atol=1e-15)


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(StudyError, match=r"the first is 1\.4"):
        logit_share(pd.Series([0.2, 1.4]))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("Reaction ~ scale(Days)", (298.953047794, 29.3033717208)),
        ("Reaction ~ poly(Days, 2)", (299.102633084, 393.995824306, 37.2683756302)),
        (
            "Reaction ~ bs(Days, df = 4)",
            (260.070227846, -1.59976617287, 47.5661654714, 60.6475321475, 91.7987389061),
        ),
        (
            "Reaction ~ ns(Days, df = 3)",
            (257.668018237, 48.1412998422, 97.1148537389, 78.9371001887),
        ),
        ("scale(Reaction) ~ Days", (-0.810298549331, 0.185970941571)),
    ],
)
def test_rows_without_an_outcome_still_set_the_scale_of_a_predictor_as_in_r(
    formula: str, expected: tuple[float, ...]
) -> None:
    """R: fixef(lmer(<formula> + (1 | Subject), d)), d being sleepstudy with
    d$Reaction[c(3, 10, 50, 51, 60, 120)] <- NA"""
    data = table("sleepstudy.csv").copy()
    data.loc[data.index[[2, 9, 49, 50, 59, 119]], "Reaction"] = np.nan
    np.testing.assert_allclose(
        fit_mixed(f"{formula} + (1 | Subject)", data).coefficients, expected, rtol=1e-6
    )
