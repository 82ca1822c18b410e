"""Rotations are divided out: blocks of coordinates that are found, and what is decided by them."""

import pytest

from slt_symbolic import rlct
from slt_symbolic.search.proposals.rotations import rotating_fields, rotation
from tests.check.tables import stratum

ROWS = ["a*d+b*e+c*f", "a*g+b*h+c*i"]  # a row times a matrix


@pytest.mark.parametrize(("generators", "names", "block"), [
    pytest.param(ROWS, "a b c d e f g h i", ["a", "b", "c"], id="row"),
    pytest.param(["a*c-b*d", "a*d+b*c"], "a b c d", ["a", "b"], id="complex"),
    # a c + 2 b d is an inner product too, but no rotation leaves it alone; nor x^2 + 2 y^2
    pytest.param(["a*c+2*b*d", "a^2+b^2"], "a b c d", None, id="two-products"),
    pytest.param(["x^2+2*y^2"], "x y", None, id="ellipse"),
    pytest.param(["x^3-3*x*y^2"], "x y", None, id="half-of-a-cube"),
])
def test_blocks(generators, names, block):
    s = stratum(generators, names)
    found = rotation(s, rotating_fields(s))
    assert (None if found is None else found.data["block"]) == block


@pytest.mark.parametrize("jacobian", [{"a": 1}, {"d": 1, "e": 1, "f": 1}])
def test_a_measure_that_is_no_one_elses(jacobian):
    """Coordinates with a Jacobian order are not turned."""
    s = stratum(ROWS, "a b c d e f g h i", jacobian=jacobian)
    found = rotation(s, rotating_fields(s))
    assert found is None or not set(jacobian) & set(found.data["block"])


@pytest.mark.long
def test_multiplicity_of_two_outputs():
    """Three units b_i with outputs a_i, c_i: 5/4, and m = 1 by Aoyagi's formula for Vandermonde ideals."""
    generators = [f"{x}1*b1^{n}+{x}2*b2^{n}+{x}3*b3^{n}" for x in "ac" for n in (1, 2, 3)]
    answer = rlct(generators, timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("5/4", 1)
