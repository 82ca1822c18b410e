"""How an estimate is printed."""

import math
from types import SimpleNamespace

import pytest

from numerics.estimation.result import Estimate


@pytest.mark.parametrize(("mean", "error", "printed"), [
    (1104.5, 0.0, "1104.5 ± 0,"),  # half a rank of 2209
    (118.0, 0.0, "118 ± 0,"),
    (12345.67, 0.02, "12345.67 ± 0.02,"),
    (4.00031, 0.0013, "4 ± 0.0013,"),
    (53421.1, 120.0, "5.342e+04 ± 1.2e+02,"),
    (0.0, 0.1, "0 ± 0.1,"),
    (-3.21987, 0.5, "-3.22 ± 0.5,"),
    (math.inf, math.nan, "inf ± nan,"),
])
def test_a_number_is_printed_as_far_as_it_is_known(mean, error, printed):
    estimate = SimpleNamespace(mean=mean, uncertainty=error, kind="coefficient")
    assert Estimate.__repr__(estimate).startswith(printed)
