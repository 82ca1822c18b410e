"""Formulas laid out say what they said: cases without cases inside, pieces that make up the whole."""

import random

import pytest
import sympy

from slt_symbolic.closed_forms import Claim, closed_forms
from slt_symbolic.rendering.layout import Case, cases, in_words, pieces, plain
from slt_symbolic.rendering.mathml import mathml


def formulas(entry):
    return [entry.lower_expr, entry.upper_expr] if isinstance(entry, Claim) else [entry.expr, entry.multiplicity]


def decided(found, values):
    """The value of the first case that holds."""
    return next(case.value.subs(values) for case in found if case.condition.subs(values) == sympy.true)


def differences(formula, found, seed):
    """Values of the symbols at which the cases are not the formula: all small ones, and some at random."""
    rng, symbols = random.Random(seed), sorted(formula.free_symbols, key=str)
    choices = [dict.fromkeys(symbols, 3), dict.fromkeys(symbols, 1)]
    choices += [{x: rng.choice([0, 1, 2, 3, 4, 5, 6, 9]) for x in symbols} for _ in range(8)]
    return [values for values in choices
            if formula.subs(values).is_finite and formula.subs(values) != decided(found, values)]


@pytest.mark.parametrize("name", closed_forms)
def test_cases_are_the_formula(name):
    for formula in formulas(closed_forms[name]):
        found = cases(formula)
        assert differences(formula, found, 0) == []
        assert not any(case.value.has(sympy.Piecewise) for case in found)


def test_each_special_case_of_nested_ones_is_kept():
    formula = closed_forms["quadratic-generic"].expr
    at = {"d": 4, "p": 5, "K": 6}
    assert formula.subs(at) == decided(cases(formula), at)
    at = {"d": 6, "p": 3, "K": 8}
    assert formula.subs(at) == decided(cases(formula), at)


def test_a_wrong_case_is_seen():
    formula = closed_forms["linear-convolution"].expr
    first, *rest = cases(formula)
    assert differences(formula, [Case(first.value + 1, first.condition), *rest], 0)
    assert differences(formula, [*rest, first], 0)


@pytest.mark.parametrize("name", closed_forms)
def test_every_piece_is_a_formula_that_fits_a_phone(name):
    for formula in formulas(closed_forms[name]):
        for case in cases(formula):
            for piece in pieces(case.value):
                assert "<math" in mathml(piece)
                assert len(plain(case.value)) < 30 or len(piece) < 100, piece


def test_a_sum_that_is_subtracted_keeps_its_brackets():
    x, y = sympy.symbols("x y")
    formula = sympy.Add(x, sympy.Mul(-1, x + y, evaluate=False), evaluate=False)
    assert "".join(pieces(formula)).replace("{}", "").replace(" ", "") in (
        r"x-\left(x+y\right)", r"-\left(x+y\right)+x")


def test_a_sum_that_is_a_factor_keeps_its_brackets():
    a, b, c = sympy.symbols("alpha beta gamma")
    long = sympy.Min(a + b + c, a + 2 * b + 3 * c)
    assert "".join(pieces((a + b) * long)).startswith(r"\left(\alpha + \beta\right)\,\min")
    assert all(part.endswith(r"\right)") for part in pieces(2 * (a - b) * (b - c) * (a + c)))


def test_conditions_in_words():
    x, y = sympy.symbols("x y")
    assert in_words(sympy.true, plain) == "otherwise"
    assert in_words(sympy.Eq(x % 3, 0) | (y >= 2), plain) == "x mod 3 = 0 or y >= 2"
