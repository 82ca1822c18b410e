"""Formulas at sizes: what SymPy's own substitution says."""

import random
from fractions import Fraction

import pytest
import sympy

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.closed_forms.evaluation import evaluate

SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 53)
x = sympy.Symbol("x")


def _by_sympy(formula, values):
    try:
        value = formula.subs(values)
    except ValueError:  # a comparison with 1/0
        return None
    if value in (sympy.true, sympy.false):
        return bool(value)
    return Fraction(str(value)) if value.is_Rational else None


@pytest.mark.parametrize("name", closed_forms)
def test_every_formula_and_condition_of_the_catalogue(name):
    entry, rng = closed_forms[name], random.Random(name)
    fields = [vars(entry).get(field) for field in ("expr", "multiplicity", "lower_expr", "upper_expr")]
    for formula in [*filter(None, fields), *(condition.holds for condition in entry.conditions)]:
        for _ in range(3):
            values = {symbol: rng.choice(SIZES) for symbol in formula.free_symbols}
            try:
                found = evaluate(formula, values)
            except (ValueError, ZeroDivisionError):
                found = None
            assert found == _by_sympy(formula, values), (formula, values)


@pytest.mark.parametrize("formula", [
    x % 3, sympy.Mod(-x, 3), sympy.floor(-x / 3), sympy.ceiling(x / 3), abs(3 - x), (x - 9) ** -2, sympy.binomial(x, 2),
    sympy.sqrt(x**2), sympy.Or(x < 3, x > 6), sympy.Not(sympy.Eq(x, 3)), sympy.Ne(x, 3) & (x >= 3),
    sympy.Max(x, 4, 9 - x),
])
def test_functions(formula):
    for value in range(1, 8):
        assert evaluate(formula, {x: value}) == _by_sympy(formula, {x: value})


@pytest.mark.parametrize("formula", [sympy.sqrt(x), sympy.Piecewise((1, x < 2))])
def test_what_is_no_rational_number(formula):
    with pytest.raises(ValueError, match=r"rational|no case"):
        evaluate(formula, {x: 3})
