"""Formulas as MathJSON (https://mathlive.io/math-json), for programs without SymPy.

A number is an integer, a string is a symbol (``"True"`` and ``"False"`` are truth values), a list is an operator with
its arguments: ``["Add", "p", ["Rational", -1, 2]]``. ``Which`` takes conditions and values in turn; the first that
holds decides. ``Mod`` is the remainder that has the sign of the divisor.
"""

from __future__ import annotations

from typing import TypeAlias

import sympy

MathJSON: TypeAlias = "int | str | list[MathJSON]"

_OPERATORS = {
    sympy.Add: "Add", sympy.Mul: "Multiply", sympy.Pow: "Power", sympy.Min: "Min", sympy.Max: "Max", sympy.Mod: "Mod",
    sympy.floor: "Floor", sympy.ceiling: "Ceil", sympy.And: "And", sympy.Or: "Or", sympy.Not: "Not",
    sympy.Eq: "Equal", sympy.Ne: "NotEqual", sympy.Lt: "Less", sympy.Le: "LessEqual", sympy.Gt: "Greater",
    sympy.Ge: "GreaterEqual",
}


def mathjson(expr: sympy.Basic) -> MathJSON:
    """The expression as plain data; raises `ValueError` for a function that no formula of the catalogue has.

    >>> x = sympy.Symbol("x")
    >>> mathjson(sympy.Piecewise((sympy.Min(x, 3) / 2, x > 1), (0, True)))
    ['Which', ['Greater', 'x', 1], ['Multiply', ['Rational', 1, 2], ['Min', 3, 'x']], 'True', 0]
    """
    if isinstance(expr, sympy.Integer):
        return int(expr)
    if isinstance(expr, sympy.Rational):
        return ["Rational", int(expr.p), int(expr.q)]
    if isinstance(expr, sympy.Symbol | sympy.logic.boolalg.BooleanAtom):
        return str(expr)
    if isinstance(expr, sympy.Piecewise):
        return ["Which", *(mathjson(part) for value, condition in expr.args for part in (condition, value))]
    if type(expr) not in _OPERATORS:
        raise ValueError(f"{expr}: {type(expr).__name__} has no MathJSON here")
    return [_OPERATORS[type(expr)], *map(mathjson, expr.args)]
