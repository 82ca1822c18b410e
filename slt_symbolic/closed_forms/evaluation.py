"""Formulas at concrete sizes, in exact arithmetic of fractions: as SymPy's ``subs``, some thirty times as fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

Values = Mapping[sympy.Basic, Any]


def evaluate(formula: sympy.Basic, values: Values) -> Any:
    """The formula with its symbols replaced: a `Fraction`, or a bool for a condition.

    What has no rule here is left to SymPy. Raises `ValueError` where no case of a `Piecewise` holds or the value is not
    rational, `KeyError` for a symbol without a value.

    >>> d, p = sympy.symbols("d p")
    >>> evaluate(sympy.Piecewise((sympy.Min(d / 4, p / 2), d > 1), (0, True)), {d: 3, p: 1})
    Fraction(1, 2)
    >>> evaluate(sympy.Eq(sympy.Mod(d, 2), 1), {d: 3})
    True
    """
    if isinstance(formula, sympy.Rational):
        return Fraction(int(formula.p), int(formula.q))
    if isinstance(formula, sympy.Symbol):
        return Fraction(values[formula])
    if isinstance(formula, sympy.Piecewise):
        return _first_case(formula.args, values)
    if isinstance(formula, sympy.And | sympy.Or):  # the parts that decide, and no others
        return (all if isinstance(formula, sympy.And) else any)(evaluate(part, values) for part in formula.args)
    rule = _RULES.get(type(formula))
    if rule is None or (isinstance(formula, sympy.Pow) and not formula.exp.is_integer):
        return _by_sympy(formula, values)
    return rule(*(evaluate(argument, values) for argument in formula.args))


def _first_case(cases: tuple[ExprCondPair, ...], values: Values) -> Any:
    for value, condition in cases:
        if evaluate(condition, values):
            return evaluate(value, values)
    raise ValueError(f"no case of a formula holds at {values}")


def _by_sympy(formula: sympy.Basic, values: Values) -> Any:
    value = formula.subs({symbol: sympy.sympify(Fraction(number)) for symbol, number in values.items()})
    if value in (sympy.true, sympy.false):
        return bool(value)
    if not isinstance(value, sympy.Rational):
        raise ValueError(f"{formula} is not a rational number at {values}")
    return Fraction(int(value.p), int(value.q))


_RULES: dict[type[sympy.Basic], Callable[..., Any]] = {
    sympy.Add: lambda *terms: reduce(add, terms),
    sympy.Mul: lambda *factors: reduce(mul, factors),
    sympy.Pow: lambda base, exponent: base ** int(exponent), sympy.Mod: lambda a, b: a % b,
    sympy.Min: min, sympy.Max: max, sympy.Abs: abs,
    sympy.floor: lambda x: Fraction(math.floor(x)), sympy.ceiling: lambda x: Fraction(math.ceil(x)),
    sympy.Eq: lambda a, b: a == b, sympy.Ne: lambda a, b: a != b, sympy.Lt: lambda a, b: a < b,
    sympy.Le: lambda a, b: a <= b, sympy.Gt: lambda a, b: a > b, sympy.Ge: lambda a, b: a >= b,
    sympy.Not: lambda x: not x,
    BooleanTrue: lambda: True, BooleanFalse: lambda: False,
}
