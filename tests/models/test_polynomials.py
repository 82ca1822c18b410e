"""What models are built from, expanded by FLINT: the same expressions as SymPy's own."""

import random

import pytest
import sympy
from sympy import Rational, symbols

from slt_symbolic import models
from slt_symbolic.models import recipes
from slt_symbolic.models.model import value_at
from slt_symbolic.models.polynomials import expression_of, polynomial_of

SYMBOLS = symbols("t10 t2 a B x_1 y0 y10 alpha")


def sampled(rng, depth):
    """A nested polynomial."""
    if depth == 0:
        return rng.choice([*SYMBOLS, Rational(-5, 7), sympy.Integer(2), SYMBOLS[0]**2])
    parts = [sampled(rng, depth - 1) for _ in range(rng.randint(1, 3))]
    return rng.choice([sum, sympy.prod])(parts) ** rng.choice([1, 1, 2])


@pytest.mark.parametrize("seed", range(20))
def test_expansions_are_those_of_sympy_in_its_order(seed):
    """Equal as trees, so that they print and hash alike."""
    nested = sympy.sympify(sampled(random.Random(seed), 3))
    found, expected = expression_of(polynomial_of(nested, SYMBOLS), SYMBOLS), sympy.expand(nested)
    assert sympy.srepr(found) == sympy.srepr(expected)
    assert sympy.srepr(found + SYMBOLS[0]) != sympy.srepr(expected)


@pytest.mark.parametrize("strange", [sympy.sqrt(2) * SYMBOLS[0], 1 / SYMBOLS[0], sympy.sin(SYMBOLS[0]), sympy.pi,
                                     symbols("c"), SYMBOLS[0]**SYMBOLS[1]])
def test_what_is_no_polynomial_is_left_to_sympy(strange):
    assert polynomial_of(strange + SYMBOLS[1] * strange, SYMBOLS) is None


def test_generators_are_no_longer_than_what_was_given():
    """A power of a sum of many terms stays one; a product with few terms is written out; 0 is left out."""
    a, b = SYMBOLS[:2]
    power = (1 + sum(SYMBOLS))**6
    found = models.regression([power, (a + b)**2 - a**2, (a + b)**2 - a**2 - 2*a*b - b**2],
                              [{sympy.Symbol("input"): 0}], dict.fromkeys(SYMBOLS, 0)).generators
    assert found == (power - 1, 2*a*b + b**2)


def test_a_boltzmann_machine_of_many_terms():
    """At t = 1 each hidden unit gives the sum of all even x_S, whose product with itself is 2^(v - 1) times itself."""
    machine = recipes.boltzmann_machine(5, 3)
    assert len(machine.generators) == 2**4 - 1
    assert {value_at(g, dict.fromkeys(machine.point, sympy.Integer(1))) for g in machine.generators} == {2**(4 * 2)}
