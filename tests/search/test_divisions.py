"""Blow-ups of two coordinates that stand against one another in sums of two terms."""

import pytest

from slt_symbolic.search.proposals.divisions import dividing_blowup
from tests.check.tables import stratum


@pytest.mark.parametrize(("generators", "names", "pair"), [
    pytest.param(["a*b+c*d", "a*e+c*f"], "a b c d e f", ["a", "c"], id="a row of two"),
    pytest.param(["a*x^2+a*y^2", "b*x-b*y"], "a b x y", ["x", "y"], id="common factors do not count"),
    pytest.param(["a*b", "c^2*d"], "a b c d", None, id="monomials"),
    pytest.param(["a*b^2+a^2*b^3"], "a b", None, id="a term divides the other"),
])
def test_pairs(generators, names, pair):
    found = dividing_blowup(stratum(generators, names))
    assert (None if found is None else [name for name, _ in found.data["weights"]]) == pair


def test_only_what_is_near_is_blown_up():
    found = dividing_blowup(stratum(["a*b+c*d", "a*e+c*f"], "a b c d e f", free="c"))
    assert found is not None
    assert "c" not in [name for name, _ in found.data["weights"]]
