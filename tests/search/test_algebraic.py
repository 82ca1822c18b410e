"""Points with coordinates in an algebraic number: known germs moved there, both checkers, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction

import jsonschema
import pytest
from hypothesis import assume, given, settings

from slt_symbolic import InvalidInput, rlct
from slt_symbolic.check.core import verify
from slt_symbolic.commands.main import main
from slt_symbolic.germ.algebraic import Numbers
from slt_symbolic.recheck import recheck
from slt_symbolic.testing import known_germs
from tests.check.tables import CHECKER

SCHEMA = jsonschema.Draft202012Validator(json.loads((CHECKER / "certificate.schema.json").read_text()))
ROOT2 = "c^2=2,0<c<2"
BOTH = "c^2=2,0<c<2; d^2=3,0<d<2"
NUMBERS = [(ROOT2, "x^2 - 2"), ("c^2=2,-2<c<0", "x^2 - 2"), ("c^3 = c + 1, 1 < c < 2", "x^3 - x - 1"),
           ("c^4-4=0,1<c<2", "x^2 - 2"), ("c^2=c+1,1<c<2", "x^2 - x - 1")]


@pytest.mark.parametrize(("where", "zero"), NUMBERS)
@pytest.mark.parametrize(("generators", "value", "m"), [
    (["U^2 - y^3"], Fraction(5, 12), 1), (["U*y"], Fraction(1, 2), 2), (["U", "y^2"], Fraction(3, 4), 1),
    (["U^3*y^2"], Fraction(1, 6), 1), (["U^2 + y^4"], Fraction(3, 8), 1), (["y^2 - U^2*z^2"], Fraction(1, 2), 3),
    (["x*y^2 - x*U^3", "x^2*U*y"], Fraction(1, 2), 2),
])
def test_a_coordinate_that_vanishes_at_the_number(where, zero, generators, value, m):
    """U has a simple zero there, so that it is a coordinate: the answer is that of the germ in U, y and z at 0."""
    found = rlct([g.replace("U", f"({zero})") for g in generators], at={"x": "c"}, where=where)
    assert (found.lambda_, found.multiplicity) == (value, m)


@pytest.mark.parametrize(("generators", "at", "value", "m"), [
    (["x*y - 2", "(x - y)^3"], {"x": "c", "y": "c"}, Fraction(2, 3), 1),  # c (x' + y') + ..., (x' - y')^3
    (["y - x*z", "(z - 1)^2"], {"x": "c", "y": "c", "z": "1"}, Fraction(3, 4), 1),
    (["(x^2 - 2 + y)^2 - y^3"], {"x": "c"}, Fraction(5, 12), 1),
    (["y^4 - x*y^2*z^2 + z^4"], {"x": "c"}, Fraction(1, 4), 1),
    (["(y - x)^2 - (x^2 - 2)^3"], {"x": "c", "y": "c"}, Fraction(5, 12), 1),
    (["(x + y)*(x - y - z)"], {"x": "c", "y": "-c", "z": "2*c"}, Fraction(1, 2), 2),
])
def test_germs_over_the_field_of_the_number(generators, at, value, m):
    """By hand, in coordinates at the point."""
    found = rlct(generators, at=at, where=ROOT2)
    assert (found.lambda_, found.multiplicity) == (value, m)


@pytest.mark.parametrize(("text", "rational"), [
    ("x*y^2 + x*(x^2-2)*z", True), ("y^2 - x*z^2", False), ("x^3-2*x+y", False), ("x^3 - 2*x", True),
    ("(x-2)*y", False), ("x^4 - 4*x^2 + 4", True)])
def test_what_is_not_rational_in_a_coordinate_is_not_taken_for_it(text, rational):
    """``y^2 - x z^2`` has two lines of zeros at one root of 2, one at the other; a power of x is a unit, and drops."""
    assert ("chart" in rlct(text, at={"x": "c"}, where=ROOT2, timeout=1).certificate) == rational


@given(known_germs().filter(lambda germ: max(map(len, germ.generators)) < 60))
@settings(max_examples=15, deadline=None)
def test_known_germs_moved_to_an_algebraic_point(germ):
    """``x1 -> x1^2 - 2`` is a change of coordinates at the root of 2."""
    moved = [g.replace("x1", "(x1^2 - 2)") if "x1" in germ.variables else g for g in germ.generators]
    if not any("(x1^2 - 2)" in g for g in moved) or any(f"x1{digit}" in g for g in germ.generators for digit in "0123"):
        return
    try:
        found = rlct(moved, germ.variables, {"x1": "c"}, where=ROOT2, timeout=2)
    except InvalidInput as error:  # a high power is too long there, whatever its other terms
        assume("terms in coordinates at the point" not in str(error))
        raise
    assert found.lower <= germ.lambda_ <= found.upper
    assert found.status == "bounds" or found.multiplicity in (None, germ.multiplicity)


GERMS = [(["(x^2-2)^2 - y^3"], {"x": "c"}, ROOT2), (["x*y-2", "(x-y)^3"], {"x": "c", "y": "c"}, ROOT2),
         (["y^4-x*y^2*z^2+z^4"], {"x": "c"}, ROOT2), (["y^2-x*z^2"], {"x": "c"}, ROOT2),
         (["(x^2-y)*(y-2)"], {"x": "c", "y": "c^2"}, ROOT2), (["(x^3-x-1)^2-y^3"], {"x": "c"}, "c^3=c+1,1<c<2"),
         (["(x^2-2)*(y^2-3)/(1+x*y)"], {"x": "c", "y": "d"}, BOTH),
         (["(x-y)*(y-z)"], dict.fromkeys("xyz", "c+d"), BOTH)]


@pytest.mark.parametrize(("generators", "at", "where"), GERMS)
def test_both_checkers_accept_the_certificate(generators, at, where):
    found = rlct(generators, at=at, where=where)
    text = json.dumps(found.certificate)
    second = recheck(json.loads(text))
    assert verify(json.loads(text)) == found.statement
    assert second.lower == (found.lower, found.statement.bracket.lower.multiplicity)
    assert second.upper == (found.upper, found.statement.bracket.upper.multiplicity)
    SCHEMA.validate(json.loads(text))


@pytest.mark.parametrize(("generators", "at", "where", "value", "m"), [
    ("(x^2-2)^2-(y^2-3)^3", {"x": "c", "y": "d"}, BOTH, "5/12", 1),
    ("(x^2-2)*(y^2-3)", {"x": "c", "y": "d"}, BOTH, "1/2", 2),
    (["x-y-z", "(y^2-2)^3", "z^2-3"], {"x": "c+d", "y": "c", "z": "d"}, BOTH, "7/6", 1),  # coordinates, one cubed
    (["(x-y-z)*(y-z)", "w^2"], {"x": "2*c", "y": "c", "z": "c", "w": "d-1/2"}, "c^3=2,1<c<2;d=1/2,0<d<1", "3/4", 2),
])
def test_several_numbers(generators, at, where, value, m):
    found = rlct(generators, at=at, where=where)
    assert (str(found.lambda_), found.multiplicity) == (value, m)


def test_a_loss_itself_and_its_sign_at_the_root_that_is_named():
    """x (y^2 + (x^2 - 2)^4) is a loss at one root of 2, and minus one at the other."""
    text = "x*(y^2 + (x^2 - 2)^4)"
    found = rlct(text, at={"x": "c"}, where=ROOT2, function=True)
    assert (found.lambda_, found.multiplicity) == (Fraction(3, 4), 1)
    with pytest.raises(InvalidInput, match="takes negative values"):
        rlct(text, at={"x": "c"}, where="c^2=2,-2<c<0", function=True)


@pytest.mark.parametrize(("generators", "domain", "prior", "value", "m"), [
    ("x^2-2+y", None, None, "1/2", 1), ("x^2-2+y", "x>=1,x<=3/2,y>=0", None, "1/2", 1),
    (["x^2-2", "y"], "y>=0", "y=1", "3/2", 1),  # u and y y' dy': 1/2 + 1
    (["(x^2-2)*y"], "y<=0", "y=-1/2,x=7", "1/4", 1),  # |y|^(-1/2) dy alone decides
    (["x*y-2*z"], "x>=1,y>=-1,z>=-2", "y=3", "1/2", 1),
])
def test_domains_and_priors_at_an_algebraic_point(generators, domain, prior, value, m):
    """By hand, in coordinates at the point, where x is the root of 2 and the others are 0 (or c and 1, say)."""
    at = {"x": "c", "y": "c", "z": "1"} if "z" in str(generators) else {"x": "c"}
    found = rlct(generators, at=at, where=ROOT2, domain=domain, prior=prior)
    assert (str(found.lambda_), found.multiplicity) == (value, m)
    second = recheck(json.loads(json.dumps(found.certificate)))
    assert second.lower == second.upper == (Fraction(value), m)


@pytest.mark.parametrize("domain", ["x<=1", "x>=3/2", "y>=1", "x>=7/5,x<=1414/1000"])
def test_points_outside_the_domain_are_refused(domain):
    with pytest.raises(InvalidInput, match="is outside the bounds"):
        rlct("(x^2-2)*y", at={"x": "c"}, where=ROOT2, domain=domain)


def test_conjugate_roots_with_different_answers_are_never_decided():
    """``y^2 + c z^2`` vanishes at one point for one root of 2, on two lines for the other: m is 1 and 2."""
    for where in (ROOT2, "c^2=2,-2<c<0"):
        found = rlct("y^2 + x*z^2", at={"x": "c"}, where=where, timeout=3)
        assert found.lower <= Fraction(1, 2) <= found.upper
        assert found.status == "bounds" or found.multiplicity is None


@pytest.mark.parametrize(("where", "at", "point"), [
    ("c^2=4,0<c<3", "c", "2"), ("2*c=3,0<c<9", "c", "3/2"), ("c^2=2,0<c<2", "c^2", "2"),
    ("c^2=2,1<c<2", "c^2/4", "1/2"),
    ("(c-1)*(c^2-2)=0,0<c<6/5", "c+1", "2"), ("c^3=8,0<c<3", "c", "2"), ("(c^2-2)^2*(c-3)=0,5/2<c<4", "c", "3"),
])
def test_what_is_rational_after_all_has_a_certificate(where, at, point):
    found = rlct(f"(x - {point})^2 - y^3", at={"x": at}, where=where)
    assert found.asked()["at"] == {"x": point, "y": "0"}
    assert verify(found.certificate) == found.statement


def test_the_factor_that_has_the_root_is_kept():
    number = Numbers.named("(c^2-2)*(c^2-3)*(c-1) = 0, 3/2 < c < 2").base
    assert str(number.polynomial) == "c^2 - 3"
    assert str(Numbers.named("c^4 = 5*c^2 - 6, 1 < c < 3/2").base.polynomial) == "c^2 - 2"


def test_rational_coordinates_beside_algebraic_ones():
    found = rlct("(x^2-2)*(y-1/2)", at={"x": "c", "y": "1/2"}, where=ROOT2)
    assert (found.lambda_, found.multiplicity) == (Fraction(1, 2), 2)
    assert rlct("(x^2-2)*(y-1)", at={"x": "c", "y": 1}, where=ROOT2).asked()["at"] == {"x": "c", "y": "1"}
    assert found.asked()["where"] == ROOT2


@pytest.mark.parametrize(("where", "words"), [
    ("c^2=2,3<c<4", "has no roots between 3 and 4"), ("c^2=2,-2<c<2", "has 2 roots"), ("c^2=-1,-9<c<9", "has no roots"),
    ("c^2=4,2<c<3", "has no roots"), ("c^2=4,0<c<2", "has no roots"), ("c=c,0<c<1", "names no number"),
    ("1=2,0<c<1", "names no number"), ("c^2=2", "is not an equation and an interval"), ("", "is not an equation"),
    ("c^2=2,0<c", "is not an equation"), ("c^2=2,0<c<2,c<3", "is not an equation"), ("c^2=2,2<c<0", "no number lies"),
    ("c^2=2,0<d<2", "c is neither a number nor d"), ("c^2=d,0<c<2", "d is neither"),
    ("c^2==2,0<c<2", "is not an equation"),
    ("c^2=2,0<1<2", "1 is no name"), ("c^2=2,x<c<2", "not a rational number"), ("c^50=2,0<c<2", "degree above"),
    ("c^2=2.0e3,0<c<2", "e3 is neither"), ("c^2=" + 900 * "9" + ",0<c<2", "very long numbers"),
    ("c^2=2,-1/0<c<2", "divides by zero"), ("c^(c)=2,0<c<2", "no polynomial"), (3, "no text"),
    (f"{ROOT2};{ROOT2}", "c is named twice"), (f"{ROOT2};d^2=3,0<d<2", "names d, which no coordinate uses"),
    (f"{ROOT2};", "is not an equation"), (f"{ROOT2};y^2=3,0<y<2", "y is a variable of the germ"),
    ("c^7=2,0<c<2;d^7=3,0<d<2", "together have degree 49, above 40"),
])
def test_what_names_no_number_is_refused(where, words):
    with pytest.raises(InvalidInput, match=words):
        rlct("(x^2-2)^2-y^3", at={"x": "c"}, where=where)


@pytest.mark.parametrize(("generators", "at", "words"), [
    ("x^2-3", {"x": "c"}, r"does not vanish at x = c \(its value is -1\)"), ("x-c", {"x": "c"}, "c is a variable"),
    ("x^2-2", {"x": "d"}, "no coordinate uses"), ("x^2-2", {}, "no coordinate uses"), ("x^2-2", None, "no coordinate"),
    ("x^2-2", {"x": "c", "z": "0"}, "names no variable"), ("x^2-2", {"x": "c*d"}, "d is neither a number nor c"),
    ("x^2-2", {"x": "1/c"}, "no polynomial"), ("x^2-2", {"x": "c", "y": "0.5"}, "names no variable"),
    ("(x^2-2)*y", {"x": "c", "y": 0.0}, "not a rational number"), ("x^2-2", {"x": "c" * 3}, "no coordinate uses"),
    ("x*0", {"x": "c"}, "zero ideal"), ("(x^2-2)^200*(y+z+1)^3", {"x": "c^39 + c"}, "does not vanish|too long|terms"),
])
def test_points_that_are_none_are_refused(generators, at, words):
    with pytest.raises(InvalidInput, match=words):
        rlct(generators, at=at, where=ROOT2)


def test_a_number_whose_proof_is_not_found_in_time_is_refused():
    with pytest.raises(InvalidInput, match="irreducible is not found"):
        rlct("x*y^2+z^2*(x^40-17*x-3)", at={"x": "c"}, where="c^40=17*c+3,1<c<2", timeout=1)


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "germ.json"
    assert main(["rlct", "(x^2-2)^2-y^3", "--at", "x=c+0", "--where", ROOT2, "--certificate", str(path)]) == 0
    assert capsys.readouterr().out == (
        "K = sum of squares of (x^2-2)^2-y^3 at x = c+0, y = 0 where c^2=2,0<c<2\n  lambda = 5/12, m = 1\n"
        "  exact: certificate accepted\n")
    assert main(["check", str(path)]) == 0
    assert "at x = c, y = 0 where c^2 - 2 = 0, 0 < c < 2\n  lambda = 5/12, m = 1\n" in capsys.readouterr().out
    assert main(["rlct", "(x^2-2)^2-y^3", "--at", "x=c", "--where", ROOT2, "--explain"]) == 0
