"""Domains, priors and several places, asked from Python and on the command line."""

import json
from fractions import Fraction

import pytest
import sympy

from slt_symbolic import Germ, InvalidInput, rlct, rlct_over
from slt_symbolic.commands.main import main


@pytest.mark.parametrize("domain", ["x>=0, y>=0", ["x>=0", "0<=y"], [["x", ">=", "0"], ["y", ">=", "0"]],
                                    "0 <= x <= 1, -0.0 <= y"], ids=str)
def test_ways_to_write_a_domain(domain):
    assert rlct("x + y", domain=domain).lambda_ == 1


@pytest.mark.parametrize("prior", ["x=-0.5", {"x": "-1/2"}, {sympy.Symbol("x"): sympy.Rational(-1, 2)},
                                   {"x": Fraction(-1, 2), "y": 0}], ids=str)
def test_ways_to_write_a_prior(prior):
    assert rlct(["x", "y"], prior=prior).lambda_ == Fraction(3, 4)


@pytest.mark.parametrize(("arguments", "words"), [
    ({"domain": 3}, "is neither a text nor a list"), ({"domain": "x>0"}, "is no bound"),
    ({"domain": "x+y>=0"}, "is no bound"), ({"domain": "0<=x>=0"}, "second bound"),
    ({"domain": "x>=y"}, "is no bound"), ({"domain": "x>=1"}, "outside the bounds"),
    ({"domain": "z>=0"}, "z is no variable"), ({"prior": "x=-1"}, "its integral is infinite"),
    ({"prior": "z=1"}, "names no variable"), ({"prior": {"x": 0.5}}, "is no rational exponent"),
    ({"prior": 1}, "is neither a text nor a table"), ({"prior": "x=1,x=2"}, "each name once"),
])
def test_what_is_no_domain_or_prior(arguments, words):
    with pytest.raises(InvalidInput, match=words):
        rlct("x*y", **arguments)


def test_a_function_may_change_sign_outside_its_domain():
    assert rlct("x", function=True, domain="x>=0").lambda_ == 1
    assert rlct("x*y", function=True, domain="x>=0, y>=0").multiplicity == 2
    for arguments in ({}, {"domain": "y>=0"}, {"prior": "x=-1/2"}):
        with pytest.raises(InvalidInput, match="negative values"):
            rlct("x*y", function=True, **arguments)


def test_the_command_line(capsys):
    assert main(["rlct", "x+y^2", "--domain", "x>=0", "--prior", "y=1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    # x < e, y^2 < e with y dy: e^2, the square e
    assert answer["lambda"] == "1"
    assert (answer["asked"]["domain"], answer["asked"]["prior"]) == ([["x", ">=", "0"]], {"y": "1"})
    assert main(["rlct", "x", "--domain", "x>=1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_least_over_places():
    """x y off the origin is a coordinate; x^2 y has 1/4 where y is not 0, 1/4 at the origin, 1/2 where x is not 0."""
    places = [{"generators": "x^2*y", "at": {"y": 1}}, {"generators": "x^2*y", "at": {"x": 1}}]
    assert str(rlct_over(places)) == "lambda = 1/4, m = 1"
    assert str(rlct_over([rlct("x*y", at={"x": 1}), Germ.at("x*y", ["x", "y"])])) == "lambda = 1/2, m = 2"
    undecided = rlct(["x^3+y^3-z*w", "z^3+w^3-x*y"], timeout=Fraction(1, 1000))
    assert rlct_over([undecided, *places]).lower == min(undecided.lower, Fraction(1, 4))
    with pytest.raises(InvalidInput, match="no places"):
        rlct_over([])
