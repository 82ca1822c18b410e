"""Zeros on lines to the point: bounds without a search."""

from fractions import Fraction

from slt_symbolic.check.bracket import End
from slt_symbolic.models.recipes import boltzmann_machine
from slt_symbolic.search.proposals.bounds import bounded
from slt_symbolic.search.proposals.nearby_zeros import regular_zeros
from tests.check.tables import stratum


def test_three_visible_and_three_hidden_units():
    """Columns that are orthogonal: three conditions of rank 3 at the coordinate vectors."""
    machine = boltzmann_machine(3, 3)
    root = stratum([str(g) for g in machine.generators], " ".join(str(t) for t in machine.point))
    assert regular_zeros(root).close([]).bracket.upper == End(Fraction(3, 2), 1)
    found = bounded(root).bracket
    assert (found.lower.value, found.upper.value) == (Fraction(3, 2), Fraction(3, 2))


def test_no_line():
    """At all zeros on coordinate subspaces the rank is less; of one generator its signs tell."""
    assert regular_zeros(stratum(["x^2+y^3", "y^2*z+x^2"], "x y z")) is None
    assert regular_zeros(stratum(["x*y"], "x y")) is None
