"""Points with coordinates in an algebraic number: known germs moved there, both checkers, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from flint import fmpq_poly
from hypothesis import given, settings

from slt_symbolic import InvalidInput, rlct
from slt_symbolic.check.core import FORMAT, verify
from slt_symbolic.check.stratum import Derived
from slt_symbolic.commands.main import main
from slt_symbolic.germ.algebraic import AlgebraicNumber
from slt_symbolic.germ.reading import read_where
from slt_symbolic.recheck import recheck
from slt_symbolic.search.certificate import certificate, verified_from
from slt_symbolic.search.root import prove_root
from slt_symbolic.search.tree import settled
from slt_symbolic.testing import known_germs

ROOT2 = "c^2=2,0<c<2"
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


def test_what_is_not_rational_in_a_coordinate_is_not_taken_for_it():
    """``y^2 - x z^2`` has two lines of zeros at one root of 2, one at the other; a power of x is a unit, and drops."""
    ways = {text: read_where(text, None, {"x": "c"}, ROOT2).rational_germ() is not None
            for text in ("x*y^2 + x*(x^2-2)*z", "y^2 - x*z^2", "x^3-2*x+y", "x^3 - 2*x", "(x-2)*y", "x^4 - 4*x^2 + 4")}
    assert ways == {"x*y^2 + x*(x^2-2)*z": True, "y^2 - x*z^2": False, "x^3-2*x+y": False, "x^3 - 2*x": True,
                    "(x-2)*y": False, "x^4 - 4*x^2 + 4": True}


@given(known_germs().filter(lambda germ: max(map(len, germ.generators)) < 60))
@settings(max_examples=15, deadline=None)
def test_known_germs_moved_to_an_algebraic_point(germ):
    """``x1 -> x1^2 - 2`` is a change of coordinates at the root of 2."""
    moved = [g.replace("x1", "(x1^2 - 2)") if "x1" in germ.variables else g for g in germ.generators]
    if not any("(x1^2 - 2)" in g for g in moved) or any(f"x1{digit}" in g for g in germ.generators for digit in "0123"):
        return
    found = rlct(moved, germ.variables, {"x1": "c"}, where=ROOT2, timeout=2)
    assert found.lower <= germ.lambda_ <= found.upper
    assert found.status == "bounds" or found.multiplicity in (None, germ.multiplicity)


def proofs(generators, at, where):
    """The steps that were found, and the root that they are about."""
    asked = read_where(generators, None, at, where)
    names, number = list(asked.names), asked.number
    none = (0,) * (len(names) + 1)
    root = Derived(asked.ring(), tuple(asked.at_origin()), frozenset(range(len(names))), none, none, (),
                   {len(names): number.relation(asked.ring())})
    tree = next(prove_root(settled(root), 5))
    return root, certificate({"variables": names, "function": False}, tree, [number.name])


def carrier(steps):
    """A certificate of the loss 0 that holds the tree as its last lemma: both checkers verify that too."""
    names = steps["germ"]["variables"]
    stratum = {"generators": [], "near": [], "orders": {}, "jacobian": {}, "units": [], "constants": {}}
    nothing = [["0", 1], ["0", 1]]
    return {"format": FORMAT, "constants": steps["constants"], "bracket": nothing,
            "germ": {"variables": names, "generators": [], "point": ["0"] * len(names), "function": False},
            "lemmas": [*steps["lemmas"], steps["tree"]],
            "tree": {"step": "zero", "data": {}, "stratum": stratum, "bracket": nothing, "children": []}}


GERMS = [(["(x^2-2)^2 - y^3"], {"x": "c"}, ROOT2), (["x*y-2", "(x-y)^3"], {"x": "c", "y": "c"}, ROOT2),
         (["y^4-x*y^2*z^2+z^4"], {"x": "c"}, ROOT2), (["y^2-x*z^2"], {"x": "c"}, ROOT2),
         (["(x^2-y)*(y-2)"], {"x": "c", "y": "c^2"}, ROOT2), (["(x^3-x-1)^2-y^3"], {"x": "c"}, "c^3=c+1,1<c<2")]


@pytest.mark.parametrize(("generators", "at", "where"), GERMS)
def test_both_checkers_verify_the_steps(generators, at, where):
    root, steps = proofs(generators, at, where)
    bracket, found = verified_from(root, steps), rlct(generators, at=at, where=where).statement.bracket
    assert bracket.lower <= found.lower <= found.upper <= bracket.upper
    text = json.dumps(carrier(steps))
    assert str(verify(json.loads(text)).bracket.lower.value) == str(recheck(json.loads(text)).lower[0]) == "0"


def test_both_checkers_refuse_steps_that_state_more():
    root, steps = proofs(*GERMS[0])
    wrong = json.loads(json.dumps(steps).replace('"5/12"', '"7/12"'))
    assert wrong != steps
    for check in (lambda _: verified_from(root, wrong), verify, recheck):
        with pytest.raises(Exception, match=r"prove|state"):
            check(carrier(wrong))


def test_steps_of_another_germ_or_number_are_refused():
    root, _ = proofs(["(x^2-2)^2 - y^3"], {"x": "c"}, ROOT2)
    for other in (proofs(["(x^2-2)^2 - y^4"], {"x": "c"}, ROOT2),
                  proofs(["(x^2-3)^2 - y^3"], {"x": "c"}, "c^2=3,0<c<2")):
        with pytest.raises(Exception, match="states"):
            verified_from(root, other[1])


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
    number = AlgebraicNumber.named("(c^2-2)*(c^2-3)*(c-1) = 0, 3/2 < c < 2")
    assert number.minimal == fmpq_poly([-3, 0, 1])
    assert AlgebraicNumber.named("c^4 = 5*c^2 - 6, 1 < c < 3/2").minimal == fmpq_poly([-2, 0, 1])


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


def test_what_needs_a_certificate_is_refused():
    found = rlct("x^2-2", at={"x": "c"}, where=ROOT2)
    with pytest.raises(InvalidInput, match="holds rational points only"):
        _ = found.certificate
    with pytest.raises(InvalidInput, match="a loss itself, a domain and a prior are taken at rational points only"):
        rlct("(x^2-2)^2", at={"x": "c"}, where=ROOT2, function=True)


@pytest.mark.parametrize("option", ["--certificate", "--pictures"])
def test_no_file_is_written_for_an_algebraic_point(option, capsys, tmp_path):
    code = main(["rlct", "x^2-2", "--at", "x=c", "--where", ROOT2, option, str(tmp_path / "out")])
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_line(capsys):
    assert main(["rlct", "(x^2-2)^2-y^3", "--at", "x=c+0", "--where", ROOT2]) == 0
    assert capsys.readouterr().out == (
        "K = sum of squares of (x^2-2)^2-y^3 at x = c+0, y = 0 where c^2=2,0<c<2\n  lambda = 5/12, m = 1\n"
        "  exact: certificate accepted for the same germ in the coordinate x^2 - 2\n")
    assert main(["rlct", "x*y-2", "--at", "x=c,y=c", "--where", ROOT2]) == 0
    assert "exact: the checker accepts each step, at all real roots of c^2 - 2\n" in capsys.readouterr().out
    assert main(["rlct", "(x^2-2)^2-y^3", "--at", "x=c", "--where", ROOT2, "--explain"]) == 2
