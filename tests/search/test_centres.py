"""Coordinates in which powers are centred: germs that were moved come back."""

import random

import pytest

from slt_symbolic import rlct
from slt_symbolic.recheck import recheck
from slt_symbolic.search.centres import centred
from slt_symbolic.search.simplify import end, size
from tests.benchmarks.metamorphic import changed
from tests.check.tables import stratum

PENCIL = ["3*x^3*y+5*x^2*z-2*x^2-3*y^3", "-3*x^3*y-2*x^2*z+x^2+y^3"]
FOUR_UNITS = [f"a1*b1^{k}+a2*b2^{k}+a3*b3^{k}+a4*b4^{k}" for k in (1, 3, 5, 7)]


def moved(generators, names, seed):
    """After two changes of coordinates of degree 2, one after the other."""
    question = {"generators": generators, "variables": list(names), "function": False}
    return changed({**question, "at": dict.fromkeys(names, 0)}, random.Random(seed))["generators"]


@pytest.mark.parametrize(("generators", "names"), [
    (PENCIL, ["x", "y", "z"]), (["(y^3-x^4)^2+x^9"], ["x", "y"]),
    (FOUR_UNITS, ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"])], ids=["pencil", "plane-curve", "units"])
@pytest.mark.parametrize("seed", range(5))
def test_changes_are_undone(generators, names, seed):
    """No more terms are left than there were before the germ was moved."""
    before = stratum(generators, " ".join(names))
    after = stratum(moved(generators, names, seed), " ".join(names))
    assert size(after)[0] > size(before)[0]
    assert size(end(after, centred(after)))[0] <= size(before)[0]


@pytest.mark.parametrize(("generators", "names"), [
    (["x^2-y^3"], "x y"), (["x*y", "z^2+x^3"], "x y z"), (["x*y-z^2", "x^2+y^2-3*z^2"], "x y z")])
def test_nothing_is_changed_that_has_few_terms(generators, names):
    assert centred(stratum(generators, names)) == []


def test_a_coordinate_that_stays():
    """What carries an order is not replaced, and what is not near 0 has no centre: ``(x + y)^2`` with both."""
    assert len(centred(stratum(["x^2+2*x*y+y^2+z^3"], "x y z"))) == 1
    assert centred(stratum(["x^2+2*x*y+y^2+z^3"], "x y z", orders={"x": 1, "y": 1})) == []
    assert centred(stratum(["x^2+2*x*y+y^2+z^3"], "x y z", free="x y")) == []


@pytest.mark.parametrize("seed", [2, 6])
def test_a_plane_curve_in_other_coordinates(seed):
    """Two characteristic pairs, the first (3, 4): 1/6 + 1/8 is the threshold of the curve."""
    answer = rlct(moved(["(y^3-x^4)^2+x^9"], ["x", "y"], seed))
    assert (str(answer.lambda_), answer.multiplicity) == ("7/48", 1)
    recheck(answer.certificate)


def test_squares_that_were_typed_are_moved_too():
    """The terms that a loss was typed as go with the coordinates: their squares are what is searched."""
    units = [f"({g})^2" for g in moved(FOUR_UNITS[:2], ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"], 1)]
    answer = rlct(" + ".join(units), function=True)
    assert (answer.lambda_, answer.multiplicity) == (1, 2)
