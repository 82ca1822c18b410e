"""Germs of `slt_symbolic.testing`: their known answers and their disguises."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from slt_symbolic.check.algebra.grammar import identifiers
from slt_symbolic.testing import (
    arrangement,
    in_other_coordinates,
    known_germs,
    linear_combinations,
    monomial_germ,
    monomial_germs,
    power_sum,
    with_units,
)


@pytest.mark.parametrize(("germ", "expected"), [
    (monomial_germ([(1, 1, 1)]), ("1/2", 3)),
    (arrangement([(1, 0), (0, 1), (1, -1)], [1, 1, 1]), ("1/3", 1)),
    (arrangement([(1, -1, 0), (1, 0, -1), (0, 1, -1)], [1, 1, 1]), ("1/3", 1)),
    (arrangement([(1, 0), (0, 1), (1, 1)], [2, 1, 1]), ("1/4", 2)),
    (arrangement([(1, -1, 0), (1, 1, 0), (1, 0, -1), (1, 0, 1)], [1, 1, 1, 1]), ("3/8", 1)),
    (power_sum([1, 1], [2, 2]), ("1/2", 1)),
    (power_sum([1, -2], [2, 2]), ("1/2", 2)),
    (power_sum([1, 1, 1], [2, 3, 7]), ("41/84", 1)),
    (power_sum([1, 1, 1], [2, 2, 4]), ("5/8", 1)),
    (power_sum([1, 1, 1], [2, 3, 6]), ("1/2", 2)),
])
def test_known_answers_are_those_of_the_golden_table_and_of_books(germ, expected):
    assert (str(germ.lambda_), germ.multiplicity) == expected


@given(known_germs())
@settings(max_examples=60, deadline=None)
def test_germs_are_well_formed(germ):
    """The generators vanish at the origin, and only the variables occur."""
    for g in germ.generators:
        assert set(identifiers(g)) <= set(germ.variables)
        assert sympy.sympify(g.replace("^", "**")).subs(dict.fromkeys(germ.variables, 0)) == 0
    assert 0 < germ.lambda_ <= Fraction(len(germ.variables), 2)
    assert 1 <= germ.multiplicity <= len(germ.variables)


def _polynomials(germ):
    return [sympy.sympify(g.replace("^", "**")) for g in germ.generators]


@given(in_other_coordinates(st.builds(monomial_germ, st.just([(1, 0, 0), (0, 1, 0), (0, 0, 1)]))))
@settings(max_examples=30, deadline=None)
def test_coordinate_changes_are_invertible_at_the_origin(germ):
    jacobian = sympy.Matrix(_polynomials(germ)).jacobian(sympy.symbols(germ.variables))
    assert jacobian.det().expand().is_Rational
    assert jacobian.det().expand() != 0


@given(monomial_germs(dimension=2, degree=2), st.data())
@settings(max_examples=30, deadline=None)
def test_units_and_linear_combinations(germ, data):
    names = sympy.symbols(germ.variables)
    for f, g in zip(_polynomials(data.draw(with_units(st.just(germ)))), _polynomials(germ), strict=True):
        assert sympy.cancel(f / g).subs(dict.fromkeys(names, 0)) != 0
    combined = _polynomials(data.draw(linear_combinations(st.just(germ))))
    monomials = _polynomials(germ)
    matrix = sympy.Matrix([[sympy.Poly(f, *names).coeff_monomial(m) for m in monomials] for f in combined])
    assert matrix.det() != 0
    assert (matrix * sympy.Matrix(monomials) - sympy.Matrix(combined)).expand().is_zero_matrix
