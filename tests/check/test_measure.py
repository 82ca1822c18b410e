"""Domains and priors in certificates: what the root stratum is, and what is refused."""

import copy
import json
from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.germ import germ_polynomials, root_stratum
from slt_symbolic.check.measure import Measure
from slt_symbolic.check.point import Point
from slt_symbolic.check.step import Refused
from slt_symbolic.recheck import OverBudget as SecondOverBudget
from slt_symbolic.recheck import Refused as SecondRefused
from slt_symbolic.recheck import recheck
from tests.check.tables import REMOVED, Denied, certificate, denies, described, node, rows, table

# x >= 0 and x = y^2 with |y| dy; the square of y^2 + z has the weights (1, 2): (2 + 2)/4 = 1
HALF = certificate("x z", ["x + z"], node("rank", {"fields": []}, table(["x^2 + z"], "x z", jacobian={"x": 1}),
                                          "1/2 .. oo"), "1/2 .. oo")
HALF["germ"]["domain"] = [["x", ">=", "0"]]
# |x|^(-1/2) on both sides: s x^2 with s != 0
SIGNS = certificate("x", ["x"], node("newton", {"optimum": {"combination": [[[2], "1/2"]], "weights": ["1/2"]},
                                                "faces": []},
                                     table(["1"], "x", orders={"x": 2}, units=["s"]), "1/4"), "1/4")
SIGNS["germ"]["prior"], SIGNS["signs"] = {"x": "-1/2"}, ["s"]
WHOLE = certificate("x z", ["x + z"], node("rank", {"fields": []}, table(["x + z"], "x z"), "1/2"), "1/2")


def prior(value: str) -> dict[str, object]:
    return {**WHOLE["germ"], "prior": {"x": value}}


ACCEPTED = []
REFUSED = [
    denies(HALF, "germ.domain", REMOVED, "root, step rank: states"),
    denies(HALF, "germ.domain", [["x", "<=", "0"]], "root, step rank: states generators"),
    denies(HALF, "germ.domain", [["z", ">=", "0"]], "root, step rank: states"),
    denies(HALF, "germ.domain", [], "a domain without bounds is not stated"),
    denies(HALF, "germ.domain", "x>=0", "a domain is a list of bounds"),
    denies(HALF, "germ.domain", [["x", ">=", "0"], ["x", ">=", "-1"]], "a variable has two bounds of one kind"),
    denies(HALF, "germ.domain", [["x", ">", "0"]], "x > is no bound of a variable"),
    denies(HALF, "germ.domain", [["w", ">=", "0"]], "w >= is no bound of a variable"),
    denies(HALF, "germ.domain", [["x", ">=", "1"]], "the point is outside the bounds of x"),
    denies(HALF, "germ.domain", [["x", ">=", "0"], ["x", "<=", "0"]], "the bounds of x leave no volume"),
    denies(HALF, "germ.domain", [["x", ">=", "-1"]], "root, step rank: states"),
    denies(WHOLE, "germ", prior("-1"), "needs a density with a finite integral; here the exponent of x is -1"),
    denies(WHOLE, "germ", prior("1"), "root, step rank: states jacobian other"),
    denies(WHOLE, "germ", prior("-1/2"), "needs a sign for each of 1 priors"),
    denies(WHOLE, "germ", prior("-1/1000"), "a coordinate that is a power above 500", OverBudget),
    denies(WHOLE, "germ", {**WHOLE["germ"], "prior": {}}, "a prior without exponents is not stated"),
    denies(WHOLE, "germ", {**WHOLE["germ"], "prior": [["x", "1"]]}, "a prior is a table of exponents"),
    denies(WHOLE, "germ", {**WHOLE["germ"], "prior": {"w": "1"}}, "the prior names w, which is no variable"),
    denies(WHOLE, "germ", "x + z", "a germ is a table"),
    denies(SIGNS, "germ.prior", {"x": "-1/4"}, "root, step newton: states orders"),
    denies(SIGNS, "germ.prior", {"x": "-1/3"}, "needs a sign for each of 0 priors"),
    denies(SIGNS, "signs", REMOVED, "needs a sign for each of 1 priors"),
    denies(SIGNS, "signs", [], "signs are those of some variables"),
    denies(SIGNS, "signs", ["s", "t"], "signs are those of some variables"),
    denies(SIGNS, "signs", ["x"], "a variable is named twice"),
    denies(SIGNS, "tree.stratum.units", [], "root, step newton: the units stated leave the factor s"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


@pytest.mark.parametrize("row", REFUSED, ids=str)
def test_the_second_checker_refuses_them_too(row: Denied) -> None:
    forged = row.damaged()
    with pytest.raises(SecondOverBudget if row.error is OverBudget else SecondRefused):
        recheck(forged)


@pytest.mark.parametrize(("genuine", "text"), [
    (HALF, "on x >= 0"), (SIGNS, "with the prior |x|^(-1/2)"), (WHOLE, "z = 0")], ids=["half", "signs", "whole"])
def test_what_is_proved_speaks_of_the_domain_and_the_prior(genuine, text):
    assert verify(genuine).germ_text().endswith(text)
    assert recheck(genuine).lines()[1].endswith(text)


@pytest.mark.parametrize(("measure", "signs", "expected"), [
    (Measure((("x", ">=", Fraction(1, 2)),)), [], "x^2 + 1/2 | near x, y | orders y: 1 | jacobian x: 1"),
    (Measure((("x", "<=", Fraction(1, 2)),)), [], "x^2 - 1/2 | near x, y | orders y: 1 | jacobian x: 1"),
    (Measure((("x", ">=", Fraction(0)), ("x", "<=", Fraction(1)))), [], "x + 1/2 | near x, y | orders y: 1"),
    (Measure((), (("y", Fraction(-1, 3)),)), [], "x + 1/2 | near x, y | orders y: 3 | jacobian y: 1"),
    (Measure((("y", ">=", Fraction(0)),), (("y", Fraction(-1, 3)),)), [],
     "x + 1/2 | near x, y | orders y: 6 | jacobian y: 3"),
    (Measure((), (("x", Fraction(-1, 2)), ("y", Fraction(3, 2)))), ["s"],
     "x + 1/2 | near x, y | units s | orders y: 2 | jacobian y: 4"),
], ids=str)
def test_root_strata(measure, signs, expected):
    """2 x y at (1/2, 0): multiplied out by hand."""
    root = root_stratum(["x", "y"], germ_polynomials(["x", "y"], ["2*x*y"]), Point((Fraction(1, 2), Fraction(0))), (),
                        measure, signs)
    assert described(root) == expected


# The volume of {|g| < e} in the domain with the density, by hand: what it goes like.
VOLUMES = [
    (["x + y"], "x>=0, y>=0", None, "1", 1, "a triangle: e^2/2, and K < e^2"),
    (["x + y^2"], "x>=0", None, "3/4", 1, "|y| < e^(1/2), x < e - y^2: e^(3/2)"),
    (["x"], None, "x=-1/2", "1/4", 1, "e^(1/2)"),
    (["x"], None, "x=1", "1", 1, "e^2"),
    (["x"], "x<=0", "x=-2/3", "1/6", 1, "e^(1/3)"),
    (["x*y"], "0<=x<=1, y>=0", None, "1/2", 2, "e log(1/e)"),
    (["x*y"], None, {"x": "-1/3"}, "1/3", 1, "the integral of |x|^(-1/3) min(1, e/|x|): e^(2/3)"),
    (["x + y"], None, "x=-1/2, y=-1/2", "1/2", 2, "along x = -y the density is |x|^(-1): e log(1/e)"),
    (["x + y"], "x>=0, y>=0", "x=-1/2, y=-1/2", "1/2", 1, "the scale of x + y to the power 1/2 + 1/2: e"),
    (["x - y"], "x>=0, y>=0", None, "1/2", 1, "a strip of width e"),
    (["x", "y"], "x>=0, x<=1/3", "y=3", "5/2", 1, "e^(1 + 4)"),
]


@pytest.mark.parametrize(("generators", "domain", "density", "value", "m", "why"), VOLUMES)
def test_values_known_by_volumes(generators, domain, density, value, m, why):
    answer = rlct(generators, domain=domain, prior=density)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m), why
    second = recheck(json.loads(json.dumps(answer.certificate)))
    assert second.lower == second.upper == (Fraction(value), m)


def test_a_certificate_without_its_domain_is_refused():
    """1 on the quadrant is 1/2 on the plane: the domain is part of what is proved."""
    genuine = rlct("x + y", domain="x>=0, y>=0").certificate
    x = ["x", ">=", "0"]
    for bounds in (None, [x], [x, ["y", "<=", "0"]], [x, ["y", ">=", "-1"]]):
        forged = copy.deepcopy(genuine)
        if bounds is None:
            del forged["germ"]["domain"]
        else:
            forged["germ"]["domain"] = bounds
        with pytest.raises(Refused):
            verify(forged)
        with pytest.raises(SecondRefused):
            recheck(forged)


@pytest.mark.parametrize("generators", [["x^2 - y^3"], ["(x^2 - y^3)^2 + y^7"], ["x*y", "x^3 + y^2"], ["x^2*y - x*y^3"],
                                        ["x*y + z^2"], ["x - y^2", "y*z"]], ids=str)
@pytest.mark.parametrize("name", ["x", "y"])
def test_two_halves_make_a_whole(generators, name):
    """The least pair over both sides of a hyperplane is that of the neighbourhood."""
    whole = rlct(generators)
    halves = [rlct(generators, domain=f"{name}{relation}0") for relation in (">=", "<=")]
    assert None not in {half.multiplicity for half in (whole, *halves)}
    assert min((half.lower, -half.multiplicity) for half in halves) == (whole.lower, -whole.multiplicity)
