"""Fields that keep the span of the generators: coordinates that are set to 0, and what is decided by it."""

import json

import pytest

from slt_symbolic import rlct
from slt_symbolic.recheck import recheck
from slt_symbolic.search.proposals.flows import flow
from tests.check.tables import stratum

# The discriminant of t^4 + a t^3 + b t^2 + c t + d: translations of t leave it alone.
QUARTIC = ("-27*a^4*d^2 + 18*a^3*b*c*d - 4*a^3*c^3 - 4*a^2*b^3*d + a^2*b^2*c^2 + 144*a^2*b*d^2 - 6*a^2*c^2*d"
           " - 80*a*b^2*c*d + 18*a*b*c^3 - 192*a*c*d^2 + 16*b^4*d - 4*b^3*c^2 - 128*b^2*d^2 + 144*b*c^2*d - 27*c^4"
           " + 256*d^3")


@pytest.mark.parametrize(("generators", "names", "others", "found"), [
    pytest.param([QUARTIC], "a b c d", {}, ["a"], id="discriminant"),
    pytest.param(["x^2+2*x+y^2"], "x y", {}, ["y"], id="circle"),
    pytest.param(["x-y", "(x-y)*z+z^2"], "x y z", {}, ["x"], id="translation"),
    pytest.param(["(1+a)*(b^2-c^3)", "d^5-(1+a)^2*b^2"], "a b c d", {}, ["a"], id="scaling"),
    pytest.param(["x^2+y^2"], "x y", {}, None, id="fixed-point"),
    pytest.param(["x-y"], "x y", {"jacobian": {"x": 1, "y": 1}}, None, id="measure"),
    pytest.param(["x-y"], "x y", {"orders": {"x": 1}}, None, id="order"),
])
def test_coordinates(generators, names, others, found):
    proposal = flow(stratum(generators, names, **others))
    assert (None if proposal is None else proposal.data["names"]) == found


def test_fields_of_higher_degree():
    """A translation in other coordinates: of x - y^2 and z - x^2 the square less the cube, whatever y is."""
    generators = ["(x-y^2)^2-(z-x^2)^3"]
    assert flow(stratum(generators, "x y z")) is None
    found = flow(stratum(generators, "x y z"), 3)
    assert found is not None
    assert found.data["names"] == ["y"]
    answer = rlct(generators)
    assert (str(answer.lambda_), answer.multiplicity) == ("5/12", 1)


def test_a_discriminant_is_a_swallowtail():
    """Of a quartic with a fourfold root: weights 2, 3, 4 and degree 12, as for the one without a cubic term."""
    answer = rlct(QUARTIC)
    assert (str(answer.lambda_), answer.multiplicity) == ("3/8", 1)
    assert '"flow"' in json.dumps(answer.certificate)
    second = recheck(json.loads(json.dumps(answer.certificate)))
    assert second.lower == second.upper == (answer.lambda_, 1)


def test_a_product_of_three_matrices_of_rank_one():
    """3 x 3 matrices at a truth of rank one: 5/2 for its row and column, and (3/2, 3) for three 2 x 2 ones."""
    size = range(3)
    entries = [[" + ".join(f"a{i}{k}*b{k}{n}*c{n}{j}" for k in size for n in size) for j in size] for i in size]
    entries[0][0] += " - 1"
    at = {f"{x}{i}{j}": int(i == j == 0) for x in "abc" for i in size for j in size}
    answer = rlct([g for row in entries for g in row], at=at, timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("4", 3)


def test_binary_quartics():
    """Their discriminant: 3/8 at a fourfold root, where it is a swallowtail, and 5/12 at the origin itself."""
    quartic = ("256*a^3*e^3-192*a^2*b*d*e^2-128*a^2*c^2*e^2+144*a^2*c*d^2*e-27*a^2*d^4+144*a*b^2*c*e^2-6*a*b^2*d^2*e"
               "-80*a*b*c^2*d*e+18*a*b*c*d^3+16*a*c^4*e-4*a*c^3*d^2-27*b^4*e^2+18*b^3*c*d*e-4*b^3*d^3-4*b^2*c^3*e"
               "+b^2*c^2*d^2")
    answer = rlct(quartic, timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == ("3/8", 1)
