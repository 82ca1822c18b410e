"""The inputs of a regression: finitely many points, or symbols that are told from parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.models.model import Point, rational

TYPICAL = "xyz"  # first letters of inputs


def inputs_of(given: Any, at: Point) -> list[dict[sympy.Symbol, sympy.Rational]]:
    """Finitely many inputs, each a table from the same symbols to rationals. Raises `InvalidInput`."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise InvalidInput("inputs", f"{given!r:.60} is no list of tables", "[{x: 0}, {x: 1}]")
    found = []
    for table in given:
        if not isinstance(table, Mapping) or set(table) != set(given[0]):
            raise InvalidInput("inputs", f"{table!r:.60} is no table of the same symbols as the first",
                               "[{x: 0}, {x: 1}]")
        both = sorted(set(table) & set(at), key=str)
        if both:
            raise InvalidInput("inputs", f"{both[0]} is a parameter too", "another symbol")
        found.append({symbol: rational(f"input {symbol}", value) for symbol, value in table.items()})
    return found


def gaussian_inputs(given: Any, free: Iterable[sympy.Symbol], at: Point) -> list[sympy.Symbol]:
    """The symbols of Gaussian inputs: those that are named, or, for "gaussian", all without a value at the truth."""
    if isinstance(given, str) and given == "gaussian":
        return unnamed_inputs(free, at, 'inputs=dict.fromkeys([{}], "gaussian")')
    if not isinstance(given, Mapping) or not given:
        raise InvalidInput("inputs", f"{given!r:.60} is no distribution that is known here",
                           '"gaussian", {x: "gaussian"}, or a list of points')
    for symbol, law in given.items():
        if not isinstance(symbol, sympy.Symbol) or law != "gaussian":
            raise InvalidInput(f"inputs {symbol!r:.40}", f"{law!r:.40} is no law of a symbol that is known here",
                               '{x: "gaussian"}')
        if symbol in at:
            raise InvalidInput("inputs", f"{symbol} is a parameter too", "another symbol")
    return sorted(given, key=str)


def unnamed_inputs(free: Iterable[sympy.Symbol], at: Point, remedy: str) -> list[sympy.Symbol]:
    """Symbols without a value at the truth, as inputs; a parameter that was forgotten is not to be one of them.

    They are refused if one has the name of a parameter but for its number, or if there are several names and one is
    not like x, y or z. ``remedy`` is what else would be right, with a place for the inputs.

    >>> b0, b1, x0, x1, c = sympy.symbols("b0 b1 x0 x1 c")
    >>> unnamed_inputs([x1, x0], {b0: 0}, "")
    [x0, x1]
    >>> unnamed_inputs([x0, c], {b0: 0}, "inputs [{}]")
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: at: c has no value and may be an input or a parameter; try c: 0, or inputs [c, x0]
    """
    inputs = sorted(set(free).difference(at), key=str)
    known, stems = set(map(_stem, at)), set(map(_stem, inputs))
    for symbol in inputs:
        if _stem(symbol) in known or (len(stems) > 1 and _stem(symbol)[:1].lower() not in TYPICAL):
            raise InvalidInput("at", f"{symbol} has no value and may be an input or a parameter",
                               f"{symbol}: 0, or {remedy.format(', '.join(map(str, inputs)))}")
    return inputs


def _stem(symbol: sympy.Symbol) -> str:
    """The name without numbers."""
    return re.split(r"[\d_{]", str(symbol), maxsplit=1)[0]
