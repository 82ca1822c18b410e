"""The least pair over a fibre, or over a linear stratum of one: coordinates that are any real number."""

import json
from fractions import Fraction

import pytest

from slt_symbolic import InvalidInput, rlct, rlct_over
from slt_symbolic.check.core import verify
from slt_symbolic.commands.main import main
from slt_symbolic.recheck import recheck


@pytest.mark.parametrize(("generators", "at", "value", "m"), [
    ("x*y", {"x": "any", "y": "any"}, "1/2", 2), ("x*y", {"x": "any", "y": "1"}, "1/2", 1),
    ("x^2*(x-1)^3*(x+2)", {"x": "any"}, "1/6", 1), ("x^2-2", {"x": "any"}, "1/2", 1),
    ("(x^2-2)^3*(y-x)", {"x": "any", "y": "any"}, "1/6", 1),
    ("(x-1)^2*(x-2)^3+y^2", {"x": "any", "y": "any"}, "5/12", 1),  # crossing lines at 1, a cusp at 2
    ("(x^2+y^2-1)*(x-y)", {"x": "any", "y": "any"}, "1/2", 2),  # the circle and a line that cuts it
    (["y*(x-1)^2", "y^2*x"], {"x": "any", "y": 0}, "3/8", 1),  # at 1: y (u^2, y)
    (["a*b+c*d-1"], dict.fromkeys("abcd", "any"), "1/2", 1),  # smooth
    (["a*c", "a*d", "b*c", "b*d"], dict.fromkeys("abcd", "any"), "1", 2),
    (["x*y*(z^2-2)"], {"x": 1, "y": "any", "z": "c"}, "1/2", 2),
])
def test_fibres(generators, at, value, m):
    """By hand, at the zeros where the pair is least."""
    found = rlct(generators, at=at, where="c^2=2,0<c<2" if "c" in at.values() else None)
    assert (str(found.lambda_), found.multiplicity) == (value, m)
    certificate = json.loads(json.dumps(found.certificate))
    second = recheck(certificate)
    assert verify(certificate) == found.statement
    assert second.lower == second.upper == (Fraction(value), m)


@pytest.mark.parametrize("generators", ["(x-1)^2*(x-2)^3+y^2", "x^2*(x-1)^3*(y+2)^5", "x*y*(x-1)"])
def test_no_point_of_a_fibre_has_less(generators):
    """The least over the fibre is no more than the value at its points, and that of the least of these."""
    fibre = rlct(generators, at={"x": "any", "y": "any"})
    points = [{"x": a, "y": b} for a in (0, 1, 2) for b in (0, -2)]
    values = []
    for point in points:
        try:
            values.append(rlct(generators, at=point))
        except InvalidInput:  # no zero
            continue
    assert len(values) > 1
    assert fibre.lambda_ == rlct_over(values).lambda_


@pytest.mark.parametrize(("question", "words"), [
    ({"generators": "x^2+y^2+1", "at": {"x": "any", "y": "any"}}, "have no common real zero there"),
    ({"generators": "x/(1+y)", "at": {"y": "any"}}, "is divided by polynomials, which may vanish"),
    ({"generators": "x*y", "at": {"w": "any"}}, "w=any: names no variable"),
    ({"generators": "x*y", "at": {"x": "any"}, "domain": "x>=0"}, "of a variable of any value is not covered"),
    ({"generators": "x*y", "at": {"x": "any"}, "prior": "x=1"}, "of a variable of any value is not covered"),
    ({"generators": "x^2", "at": {"x": "any"}, "function": True}, "its sign is looked at there"),
])
def test_what_is_refused(question, words):
    with pytest.raises(InvalidInput, match=words):
        rlct(**question)


def test_a_bound_on_another_variable_counts():
    """y^2 + z on z >= 0, at any x: 3/4, as at a point."""
    found = rlct("(x^2+1)*(y^2 + z)", at={"x": "any"}, domain="z>=0")
    assert (found.lambda_, found.multiplicity) == (Fraction(3, 4), 1)


def test_the_command_line(capsys):
    assert main(["rlct", "x^2*(x-1)^3", "--at", "x=any"]) == 0
    assert capsys.readouterr().out == ("K = sum of squares of x^2*(x-1)^3 at any real x\n  lambda = 1/6, m = 1\n"
                                       "  exact: certificate accepted\n")
