"""Points that are not rational, and denominators: what certificates state of them, and what is refused."""

import copy
import json
from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.core import verify
from slt_symbolic.check.germ import germ_polynomials, root_stratum
from slt_symbolic.check.measure import Measure
from slt_symbolic.check.point import Number, Point, rational_chart
from slt_symbolic.check.step import Refused
from slt_symbolic.recheck import OverBudget as SecondOverBudget
from slt_symbolic.recheck import Refused as SecondRefused
from slt_symbolic.recheck import recheck
from tests.check.tables import REMOVED, Denied, certificate, denies, described, node, rows, table

ROOT2 = ["c", "c^2 - 2", "0", "2"]
C = Number("c", parse("c^2 - 2", ring_of(["c"])), Fraction(0), Fraction(2))
# x y - 2 at x = y = c: c (x + y) + x y has a gradient
DIRECT = json.loads(json.dumps(rlct("x*y-2", at={"x": "c", "y": "c"}, where="c^2=2,0<c<2").certificate))
# (x^2 - 2)^3 at x = c - 1 + 1: the cube of u
CUBE = node("newton", {"optimum": {"combination": [[[3], "1/3"]], "weights": ["1/3"]}, "faces": []},
            table(["1"], "x", orders={"x": 3}), "1/6")
CHART = certificate("x", ["x*(x^2-2)^3"], CUBE, "1/6")
CHART["germ"] |= {"point": ["c"], "where": ROOT2}
CHART |= {"irreducible": [5, 1], "chart": "x"}
OVER = certificate("x z", ["x + z^2"], node("rank", {"fields": []}, table(["z^2 + x"], "x z"), "1/2"), "1/2")
OVER["germ"]["denominators"] = ["z - 3"]


def at(changes: dict[str, object]) -> dict[str, object]:
    return {**DIRECT["germ"], **changes}


ACCEPTED = []
REFUSED = [
    denies(DIRECT, "irreducible", REMOVED, "a number needs its proof, and no other point"),
    denies(DIRECT, "irreducible", [5], "the proof of a number is two integers"),
    denies(DIRECT, "irreducible", [4, 2], "is too small to show"),
    denies(DIRECT, "irreducible", "5", "the proof of a number is two integers"),
    denies(DIRECT, "germ.where", REMOVED, "c is no rational number"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 2", "0"], "a number is a name, a polynomial and two bounds"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 2", "-2", "2"], "has not one root between -2 and 2"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 2", "2", "0"], "has not one root between 2 and 0"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 2", "3", "4"], "has not one root between 3 and 4"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 4", "0", "3"], "is too small to show"),
    denies(DIRECT, "germ.where", ["c", "(c^2 - 2)^2", "0", "3"], "is too small to show"),
    denies(DIRECT, "germ.where", ["c", "c - 1", "0", "3"], "needs degree 2 or more"),
    denies(DIRECT, "germ.where", ["c", "c^2 + 1", "0", "3"], "is not 1 times a prime|has no real root"),
    denies(DIRECT, "germ.where", ["c", "c^2 - 3", "0", "2"], "is not 1 times a prime"),
    denies(DIRECT, "germ.where", ["c-d", "c^2 - 2", "0", "2"], "c-d names no number"),
    denies(DIRECT, "germ.where", ["c", 2, "0", "2"], "2 is no text of a polynomial"),
    denies(DIRECT, "germ", at({"where": ["x", "x^2 - 2", "0", "2"], "point": ["x", "x"]}), "a variable is named twice"),
    denies(DIRECT, "germ", at({"where": ["d", "d^2 - 2", "0", "2"], "point": ["d", "d"]}),
           "the number d is not the constant"),
    denies(DIRECT, "constants", [], "the number c is not the constant"),
    denies(DIRECT, "constants", [{"name": "c", "minimal_polynomials": []}], "needs a listed minimal polynomial"),
    denies(DIRECT, "germ.point", ["c", "-c"], "does not vanish at the point"),
    denies(DIRECT, "germ.point", ["c", "c^3/2 + 1"], "does not vanish at the point"),
    denies(DIRECT, "germ.point", ["c", "c^3/2*x"], "unknown variable x"),
    denies(DIRECT, "germ", at({"domain": [["x", "<=", "1"]]}), "the point is outside the bounds of x"),
    denies(DIRECT, "germ", at({"domain": [["x", ">=", "3/2"]]}), "the point is outside the bounds of x"),
    denies(CHART, "chart", "y", "y is no variable"),
    denies(CHART, "chart", REMOVED, "the number c is not the constant"),
    denies(CHART, "germ.generators", ["(x+1)*(x^2-2)^3"], "needs a power of the coordinate times a polynomial"),
    denies(CHART, "germ.generators", ["x^2-2"], "root, step newton: states"),
    denies(CHART, "germ.generators", ["x*(x^2-2)^3 + x"], "does not vanish at the point"),
    denies(DIRECT, "chart", "x", "needs a power of the coordinate times a polynomial"),
    denies({**DIRECT, "chart": "x"}, "germ.point", ["2", "c"], "needs a coordinate .* with b not 0; here it is 2"),
    denies({**OVER, "chart": "x"}, "constants", [], "a chart is for a point that is not rational"),
    Denied("a chart at a rational point", lambda: rational_chart([], Point((Fraction(0),)), 0),
           "a rational chart is for a point that is not rational"),
    denies(OVER, "germ.denominators", ["z"], "the denominator z vanishes at the point"),
    denies(OVER, "germ.denominators", ["0"], "the denominator 0 vanishes at the point"),
    denies(OVER, "germ.denominators", [], "needs a denominator for each generator"),
    denies(OVER, "germ.denominators", ["1", "z-1"], "needs a denominator for each generator"),
    denies(OVER, "germ.denominators", "z-1", "a list of texts is missing"),
    denies(OVER, "germ.denominators", ["w-1"], "unknown variable w"),
    denies(DIRECT, "germ", at({"denominators": ["x-y"]}), "the denominator x - y vanishes at the point"),
    denies(DIRECT, "germ", at({"denominators": ["x^2-2"]}), "the denominator x\\^2 - 2 vanishes at the point"),
]
# x^2 at y = 0, z = 0 is 0 for x = 0 alone: all the other points of the line are none
ANY = json.loads(json.dumps(rlct("x^2*(y+1)", ["x", "y", "z"], {"x": "any", "z": "0"}).certificate))
REFUSED += [
    denies(ANY, "germ.free", [], "are no variables"), denies(ANY, "germ.free", ["w"], "are no variables"),
    denies(ANY, "germ.free", ["x", "x"], "are no variables"),
    denies(ANY, "germ.free", "x", "a list of texts is missing"),
    denies(ANY, "germ.free", ["x", "y"], "states"), denies(ANY, "germ.free", ["z"], "states"),
    denies(ANY, "germ.free", REMOVED, "states|vanish"),
    denies(ANY, "germ.point", ["1", "0", "0"], "a variable of any value has a coordinate"),
    denies(ANY, "germ", {**ANY["germ"], "denominators": ["z-1"]}, "denominators are for a point"),
    denies(ANY, "germ", {**ANY["germ"], "domain": [["x", ">=", "-1"]]}, "has a bound or a density"),
    denies(ANY, "germ", {**ANY["germ"], "prior": {"x": "1"}}, "has a bound or a density"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


@pytest.mark.parametrize("row", [row for row in REFUSED if row.damaged()], ids=str)
def test_the_second_checker_refuses_them_too(row: Denied) -> None:
    with pytest.raises((SecondRefused, SecondOverBudget)):
        recheck(row.damaged())


@pytest.mark.parametrize(("genuine", "text"), [
    (DIRECT, "at x = c, y = c where c^2 - 2 = 0, 0 < c < 2"), (CHART, "at x = c where c^2 - 2 = 0, 0 < c < 2"),
    (OVER, "at x = 0, z = 0"), (ANY, "at any real x, y = 0, z = 0")], ids=["direct", "chart", "over", "any"])
def test_what_is_proved_speaks_of_the_point(genuine, text):
    assert verify(genuine).germ_text().endswith(text)
    assert recheck(genuine).lines()[1].endswith(text)


def test_what_is_proved_speaks_of_the_denominators():
    assert "sum of squares of (z^2 + x)/(z - 3) at" in verify(OVER).germ_text()
    assert "x + z^2 over z - 3" in recheck(OVER).lines()[0]


@pytest.mark.parametrize(("bounds", "prior", "expected"), [
    ((("x", ">=", "1"), ("y", "<=", "2")), (), "x*y + x*c + y*c | near x, y | constants c: c^2 - 2"),
    ((("x", ">=", "7/5"), ("x", "<=", "3/2")), (("x", "-1/2"), ("y", "5")),
     "x*y + x*c + y*c | near x, y | constants c: c^2 - 2"),
], ids=["bounds", "prior"])
def test_domains_and_priors_change_nothing_at_coordinates_that_are_not_rational(bounds, prior, expected):
    measure = Measure(tuple((n, r, Fraction(a)) for n, r, a in bounds), tuple((n, Fraction(h)) for n, h in prior))
    root = root_stratum(["x", "y"], germ_polynomials(["x", "y"], ["x*y-2"]), Point((C.value("c"), C.value("c")), C),
                        ["c"], measure)
    assert described(root) == expected


@pytest.mark.parametrize(("value", "bound", "above"), [
    ("c", "1", True), ("c", "3/2", False), ("-c", "-3/2", True), ("-c", "-1", False), ("c^3-2*c+1/2", "1/2", False),
    ("7*c-10", "-1/10", False), ("5*c-7", "7/100", True), ("1-c", "-2/5", False)])
def test_values_are_compared_at_the_root_that_is_named(value, bound, above):
    """1.41421 < c < 1.41422, by hand; the other root of 2 has the other sign."""
    assert Point((), C).is_above(C.value(value), Fraction(bound)) is above


@pytest.mark.parametrize("forged", ["point", "domain", "where", "denominators"])
def test_certificates_of_the_search_moved_elsewhere_are_refused(forged):
    """y z on the half-space at the root of 2, times a unit."""
    genuine = rlct("(x^2-2+y)*z/(1+z)", at={"x": "c"}, where="c^2=2,0<c<2", domain="z>=0", prior="z=1/2").certificate
    genuine = json.loads(json.dumps(genuine))
    assert verify(genuine).bracket.exact
    assert recheck(genuine).lower == recheck(genuine).upper
    wrong = copy.deepcopy(genuine)
    wrong["germ"][forged] = {"point": ["c", "1/2", "0"], "domain": [["z", "<=", "-1"]],
                             "where": ["c", "c^2 - 2", "5", "6"], "denominators": ["z"]}[forged]
    for check, error in ((verify, Refused), (recheck, SecondRefused)):
        with pytest.raises(error):
            check(wrong)
