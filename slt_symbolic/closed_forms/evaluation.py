"""Formulas at sizes: exact arithmetic of integers and fractions over the tree of an expression, nothing rewritten."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias

import sympy

Number: TypeAlias = int | Fraction


def evaluate(formula: sympy.Basic, values: Mapping[sympy.Symbol, int]) -> Any:
    """The number, or for a condition the truth value, of a formula of rational arithmetic.

    ``Mod`` has the sign of the divisor. Of cases the first whose condition holds is taken, and only it is evaluated; so
    of ``And`` and ``Or`` the parts that decide. Raises `ValueError` for a function that no formula has, and where no
    case holds.

    >>> x, y = sympy.symbols("x y")
    >>> evaluate(sympy.Piecewise((sympy.Min(x, y) / 3, x > 1), (1 / x, True)), {x: 2, y: 5})
    Fraction(2, 3)
    >>> evaluate((x <= y) & sympy.Eq(sympy.Mod(y, x), 1), {x: 2, y: 5})
    True
    >>> evaluate(sympy.sqrt(x), {x: 2})
    Traceback (most recent call last):
        ...
    ValueError: sqrt(x): the exponent 1/2 is no integer
    """
    if isinstance(formula, sympy.Symbol):
        return int(values[formula])
    if isinstance(formula, sympy.Integer):
        return int(formula)
    if isinstance(formula, sympy.Rational):
        return Fraction(int(formula.p), int(formula.q))
    if isinstance(formula, sympy.logic.boolalg.BooleanAtom):
        return bool(formula)
    if isinstance(formula, sympy.Piecewise):
        return evaluate(_case(formula, values), values)
    parts = (evaluate(part, values) for part in formula.args)
    if isinstance(formula, sympy.Pow):
        return _power(formula, *parts)
    if type(formula) not in _OPERATORS:
        raise ValueError(f"{formula}: {type(formula).__name__} is no function of formulas")
    return _OPERATORS[type(formula)](parts)


def _case(formula: sympy.Piecewise, values: Mapping[sympy.Symbol, int]) -> sympy.Basic:
    """The first value whose condition holds."""
    for value, condition in formula.args:
        if evaluate(condition, values):
            return value
    raise ValueError(f"{formula}: no case holds")


def _power(formula: sympy.Pow, base: Number, exponent: Number) -> Number:
    if exponent != int(exponent):
        raise ValueError(f"{formula}: the exponent {exponent} is no integer")
    return Fraction(base) ** int(exponent) if exponent < 0 else base ** int(exponent)


def _of(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """The function of the parts one by one."""
    return lambda parts: function(*parts)


_OPERATORS: Mapping[Any, Callable[[Any], Any]] = {
    sympy.Add: sum, sympy.Mul: lambda parts: reduce(operator.mul, parts), sympy.Min: min, sympy.Max: max,
    sympy.Mod: _of(operator.mod), sympy.floor: _of(math.floor), sympy.ceiling: _of(math.ceil),
    sympy.And: all, sympy.Or: any, sympy.Not: _of(operator.not_),
    sympy.Eq: _of(operator.eq), sympy.Ne: _of(operator.ne), sympy.Lt: _of(operator.lt), sympy.Le: _of(operator.le),
    sympy.Gt: _of(operator.gt), sympy.Ge: _of(operator.ge)}
