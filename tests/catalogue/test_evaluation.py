"""Formulas evaluated by exact arithmetic are what SymPy makes of them."""

import random
from fractions import Fraction

import pytest
import sympy

from slt_symbolic.closed_forms import Claim, closed_forms
from slt_symbolic.closed_forms.evaluation import evaluate

X, Y = sympy.symbols("x y")


def formulas_of(entry):
    own = (entry.lower_expr, entry.upper_expr) if isinstance(entry, Claim) else (entry.expr, entry.multiplicity)
    return [*own, *(condition.holds for condition in entry.conditions)]


def by_sympy(formula, values):
    """Its value, or None where SymPy has none: a division by zero."""
    try:
        found = formula.subs(values)
    except ValueError:
        return None
    if found in (sympy.true, sympy.false):
        return bool(found)
    return Fraction(int(found.p), int(found.q)) if found.is_Rational else None


@pytest.mark.parametrize("name", closed_forms)
def test_every_formula_and_condition(name):
    entry, draws = closed_forms[name], random.Random(name)
    for _ in range(6):
        values = {symbol: draws.randint(0, 9) for symbol in entry.symbols}
        for formula in formulas_of(entry):
            expected = by_sympy(formula, values)
            if expected is not None:
                assert evaluate(formula, values) == expected, (formula, values)


@pytest.mark.parametrize(("formula", "expected"), [
    (X / 3 - Y, Fraction(-13, 3)), (sympy.Mod(-X, 3), 1), (sympy.floor(-X / 3), -1), (sympy.ceiling(-X / 3), 0),
    (X**-2, Fraction(1, 4)), (sympy.Piecewise((1 / (X - 2), X > 2), (Y, True)), 5), (~(X < Y), False),
    (sympy.Max(X, Y, 3) * sympy.Min(X, Y), 10), (sympy.Ne(X, Y) | (X >= 9), True), (sympy.true, True)])
def test_by_hand(formula, expected):
    found = evaluate(formula, {X: 2, Y: 5})
    assert found == expected
    assert type(found) in (int, Fraction, bool)


@pytest.mark.parametrize(("formula", "words"), [(sympy.sin(X), "sin is no function"), (X ** (Y / 2), "is no integer"),
                                               (sympy.Piecewise((X, X > 2)), "no case holds")])
def test_what_no_formula_has(formula, words):
    with pytest.raises(ValueError, match=words):
        evaluate(formula, {X: 2, Y: 5})
