"""Germs whose tangent cone decides, in bent coordinates: by derivatives at the zeros of the exceptional divisor."""

from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.check.bracket import End
from slt_symbolic.recheck import recheck
from slt_symbolic.search.proposals.cones import cones
from slt_symbolic.search.proposals.hessian import hessian
from slt_symbolic.search.proposals.singular_points import at_singular_point
from slt_symbolic.search.search import Search
from tests.check.mutants import nodes
from tests.check.tables import stratum

BENT = {"x": "(x + y^2)", "y": "(y + x*z)", "z": "(z - x^2 + y)"}


def bent(text):
    """The germ after ``x + y^2, y + x z, z - x^2 + y`` for x, y, z."""
    return "".join(BENT.get(c, c) for c in text)


# Zeros in the plane of the least terms: double points. E is 3/(2 d) for generators, 3/d for functions.
@pytest.mark.parametrize(("text", "function", "value", "m"), [
    ("x^6 + y^6 + z^6 - 3*x^2*y^2*z^2", True, "1/2", 1),  # four definite zeros
    ("x^2*y^2 + y^2*z^2 + z^2*x^2 - 2*x*y*z*(x + y + z)", False, "3/8", 1),  # a quartic curve with three cusps
])
def test_values_in_bent_coordinates(text, function, value, m):
    found = rlct(bent(text), function=function, timeout=60)
    assert (str(found.lambda_), found.multiplicity) == (value, m)
    assert "hessian" in {node["step"] for node in nodes(found.certificate)}
    recheck(found.certificate)


def test_a_long_way_round_is_not_taken():
    """The squares of ``x^6 + y^6 + z^6 - 3 x^2 y^2 z^2`` have a definite factor, which a row reduction brings back."""
    root = stratum(["x^6 + y^6 + z^6 - 3*x^2*y^2*z^2", "x^2*(x^4 - x^2*y^2 + y^4 - x^2*z^2 - y^2*z^2 + z^4)",
                    "y^2*(x^4 - x^2*y^2 + y^4 - x^2*z^2 - y^2*z^2 + z^4)"], "x y z")

    def depth(node):
        return 1 + max(map(depth, node.children), default=0)

    assert depth(Search().prove(root)) < 20


def test_one_argument_a_chart():
    """A cone over a cubic surface with four nodes: rank 3, so that only the point itself and smooth zeros count."""
    root = stratum(["x*y*z + x*y*w + x*z*w + y*z*w + x^4 + z^5"], "x y z w")
    node, *_ = cones(root, [1, 1, 1, 1], Search().prove)
    assert node.bracket.lower == End(Fraction(1, 2), 1)
    # with a point of multiplicity three nothing is shown
    assert not list(cones(stratum(["x^4 + y^3*z*x + z^7"], "x y z"), [1, 1, 1], Search().prove))


def test_the_cone_with_the_weights_of_the_linear_program():
    """The discriminant of the icosahedral group: ``1/2 + 1/h``, h = 10, is its complex threshold (Opdam 1989)."""
    discriminant = ("50*z^3 - (4*x^5 - 50*x^2*y)*z^2 - (4*x^7*y + 60*x^4*y^2 + 225*x*y^3)*z + 135/2*y^5"
                    " + 115*x^3*y^4 + 10*x^6*y^3 + 4*x^9*y^2")
    found = rlct(discriminant, timeout=60)
    assert (str(found.lambda_), found.multiplicity) == ("3/10", 1)
    recheck(found.certificate)


def test_no_derivative_is_enough():
    assert hessian(stratum(["y^4 + z^5"], "y z")) is None
    assert hessian(stratum(["y^2 + z^7"], "t y z", free="y z", orders={"t": 1})) is None
    assert hessian(stratum(["y^2", "z^3"], "y z")) is None


def test_the_germ_at_a_singular_point():
    """The cusp of ``t^4 ((y - 1)^2 - (z - 2)^3)``, off the origin: the upper bound is that of the cusp alone."""
    chart = stratum(["(y - 1)^2 - (z - 2)^3"], "t y z", free="y z", orders={"t": 4}, jacobian={"t": 3})
    node = at_singular_point(chart, Search().prove)
    assert node.bracket.upper == End(Fraction(5, 12), 1)
    assert at_singular_point(stratum(["(y - 1)^2 - (z - 2)^2"], "y z", free="y z"), Search().prove) is None
    assert at_singular_point(stratum(["(y^2 - 2)^2 - z^3"], "y z", free="y z"), Search().prove) is None


def test_bounds_beside_the_charts_are_kept():
    """A cone over a quartic curve in space with one double point: E has 4/4, and its real points codimension 2.

    At some of them, irrational ones, charts end without a bound, which the step for smooth zeros has.
    """
    found = rlct(["w^2 - 2*y*z", "x^2 - w*z + y*z/2 - 3*z^2"], timeout=60)
    assert (found.lambda_, found.multiplicity) == (1, 2)
    recheck(found.certificate)
