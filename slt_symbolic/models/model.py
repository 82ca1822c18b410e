"""A statistical model at a truth, as the germ that it was reduced to, and what all reductions ask of their input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy

from slt_symbolic.engine import Resolution, rlct
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior, bounds_of
from slt_symbolic.germ.reading import exact_number
from slt_symbolic.models.polynomials import expression_of, has_fewer_parts, number_of, polynomial_of

Point = Mapping[sympy.Symbol, Any]


@dataclass(frozen=True)
class Model:
    """A germ comparable to the Kullback-Leibler divergence of a model from its truth.

    ``generators``  polynomials whose sum of squares is comparable to the divergence near the point
    ``point``       the parameters of the truth, all of them
    ``domain``, ``prior``  as `slt_symbolic.rlct` takes them
    ``statement``   the reduction in words, with its source
    """

    generators: tuple[sympy.Expr, ...]
    point: Mapping[sympy.Symbol, sympy.Rational]
    domain: Domain
    prior: Prior
    statement: str

    def rlct(self, *, domain: Domain = None, **options: Any) -> Resolution:
        """The learning coefficient and its multiplicity at the truth; options as of `slt_symbolic.rlct`.

        A ``domain`` is cut out of the model's own.
        """
        return rlct(list(self.generators), list(self.point), dict(self.point),
                    **{"prior": self.prior, **options, "domain": intersection(self.domain, domain, self.point)})


def exact_point(at: Any) -> dict[sympy.Symbol, sympy.Rational]:
    """The parameters of the truth as rational numbers. Raises `InvalidInput`."""
    if not isinstance(at, Mapping) or not at:
        raise InvalidInput("at", "is no table of all parameters", "{a: Rational(1, 2), b: 0}")
    found = {}
    for symbol, value in at.items():
        if not isinstance(symbol, sympy.Symbol):
            raise InvalidInput(f"at {symbol!r}", "is no symbol of SymPy", "{Symbol('a'): 0}")
        found[symbol] = rational(f"at {symbol}", value)
    return found


def rational(argument: str, value: Any) -> sympy.Rational:
    """A number, exactly. Raises `InvalidInput` for floats and what is no number."""
    number = Fraction(value) if isinstance(value, str) and _spelt(value) else exact_number(value)
    if number is None:
        raise InvalidInput(argument, f"{value!r:.60} is no rational number", "Rational(1, 2) or '1/2'")
    return sympy.Rational(number.numerator, number.denominator)


def _spelt(text: str) -> bool:
    try:
        Fraction(text)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def expressions(argument: str, given: Any, known: Iterable[sympy.Symbol], *, quotients: bool = False,
                ) -> list[sympy.Expr]:
    """Polynomials in known symbols, or quotients of them. Raises `InvalidInput` for others."""
    symbols = list(known)
    found = []
    for expression in listed(argument, given):
        require_distinct_names(argument, expression.free_symbols.union(symbols))
        strangers = sorted(expression.free_symbols.difference(symbols), key=str)
        if strangers:
            raise InvalidInput(argument, f"{strangers[0]} has no value at the truth", f"at={{..., {strangers[0]}: 0}}")
        if polynomial_of(expression, tuple(symbols)) is None and not (
                expression.is_rational_function if quotients else expression.is_polynomial)(*symbols):
            raise InvalidInput(argument, f"{str(expression)[:60]} is no {'quotient of polynomials' * quotients}"
                               f"{'polynomial' * (not quotients)}", _instead_of(expression))
        found.append(expression)
    return found


def _instead_of(expression: sympy.Expr) -> str:
    """What a user may do who has a model that is not polynomial."""
    if expression.has(sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise):
        return "each cell of signs by itself, on a `domain`, and rlct_over of their answers (recipes.relu_cells)"
    if expression.has(sympy.Function):
        return "polynomials in the parameters, or models.jets for sums of units like a*tanh(b*x)"
    return "polynomials in the parameters"


def near_the_truth(expression: sympy.Expr, point: Point) -> sympy.Expr:
    """Max, Min and Abs by the branch that holds near the point; those that change their branch there are left.

    >>> a, b = sympy.symbols("a b")
    >>> near_the_truth(sympy.Max(a, 0) + sympy.Abs(a - 2) + sympy.Min(a, 0) + sympy.Max(b, 0), {a: 1, b: 0})
    Max(0, b) + 2
    """
    def branch(whole: sympy.Expr, arguments: Sequence[sympy.Expr], sign: int = 1) -> sympy.Expr:
        values = [sign * one.subs(point) for one in arguments]
        decided = all(value.is_Rational for value in values) and values.count(max(values)) == 1
        return arguments[values.index(max(values))] if decided else whole

    return (expression.replace(sympy.Max, lambda *given: branch(sympy.Max(*given), given))
            .replace(sympy.Min, lambda *given: branch(sympy.Min(*given), given, -1))
            .replace(sympy.Abs, lambda given: branch(sympy.Abs(given), [given, -given])))


def listed(argument: str, given: Any) -> list[sympy.Expr]:
    """One expression, or a sequence or a matrix of them, as they are: exact, at least one. Raises `InvalidInput`."""
    several = isinstance(given, Sequence | sympy.Tuple | sympy.MatrixBase) and not isinstance(given, str)
    found = [sympy.sympify(e) if isinstance(e, int | float | Fraction) else e for e in (given if several else [given])]
    for expression in found:
        if not isinstance(expression, sympy.Expr):
            raise InvalidInput(argument, f"{expression!r:.60} is no expression of SymPy", "t*a + (1 - t)*b")
        floats = expression.atoms(sympy.Float)
        if floats:
            raise InvalidInput(argument, f"the float {next(iter(floats))} is not exact", "Rational(1, 2)")
    if not found:
        raise InvalidInput(argument, "there are none", "one expression or more")
    return found


def require_distinct_names(argument: str, symbols: Iterable[sympy.Symbol]) -> None:
    """Refuse two symbols of one name: SymPy tells them apart by their assumptions, and nobody else does."""
    names = sorted(str(symbol) for symbol in symbols)
    twice = next((one for one, other in pairwise(names) if one == other), None)
    if twice is not None:
        raise InvalidInput(argument, f"{twice} is the name of two symbols (they differ in their assumptions, or are "
                           "Dummies)", "one symbol for each name, in `at` too")


def differences(values: Iterable[sympy.Expr], point: Mapping[sympy.Symbol, sympy.Rational]) -> tuple[sympy.Expr, ...]:
    """What is to be 0: each value less the one at the truth; what is 0 identically is left out.

    They are expanded, but for polynomials that would have more terms than they have parts as they are written.
    """
    found = []
    for value in values:
        truth = value_at(value, point)
        if truth.is_finite is False or truth is sympy.nan:
            raise InvalidInput(str(value)[:60], f"is {truth} at the truth", "parameters at which no denominator is 0")
        polynomial = polynomial_of(value, tuple(point))
        if polynomial is None:
            difference = sympy.expand(value - truth)
            found += [] if vanishes(difference) else [difference]
        elif polynomial != number_of(truth):
            found.append(value - truth if has_fewer_parts(value, len(polynomial)) else
                         expression_of(polynomial - number_of(truth), tuple(point)))
    return tuple(found)


def value_at(expression: sympy.Expr, point: Mapping[sympy.Symbol, sympy.Rational]) -> sympy.Expr:
    """What an expression is at the truth."""
    polynomial = polynomial_of(expression, tuple(point))
    if polynomial is None:
        return expression.subs(point)
    value = polynomial(*map(number_of, point.values()))
    return sympy.Rational(int(value.p), int(value.q))


def vanishes(expression: sympy.Expr) -> bool:
    """Is a quotient of polynomials 0 identically?"""
    polynomial = polynomial_of(expression, _symbols(expression))
    if polynomial is not None:
        return bool(polynomial.is_zero())
    found = sympy.expand(expression)
    return bool(found == 0 or (not found.is_polynomial() and sympy.cancel(found) == 0))


def expanded(expression: sympy.Expr) -> sympy.Expr:
    """As `sympy.expand`; polynomials over Q are expanded by FLINT, in a small part of the time.

    >>> a, b = sympy.symbols("a b")
    >>> expanded((a + b / 2)**2 - a**2), expanded(a * (1 + sympy.sqrt(2)))
    (a*b + b**2/4, a + sqrt(2)*a)
    """
    symbols = _symbols(expression)
    polynomial = polynomial_of(expression, symbols)
    return sympy.expand(expression) if polynomial is None else expression_of(polynomial, symbols)


def _symbols(expression: sympy.Expr) -> tuple[sympy.Symbol, ...]:
    return tuple(sorted(expression.free_symbols, key=str))


def intersection(one: Domain, other: Domain, at: Point) -> Domain:
    """The domain in which the bounds of both hold."""
    if not one or not other:
        return other or one
    found: dict[tuple[str, str], Fraction] = {}
    for name, relation, value in (*bounds_of(one, list(map(str, at))), *bounds_of(other, list(map(str, at)))):
        narrower = max if relation == ">=" else min
        found[name, relation] = narrower(found.get((name, relation), value), value)
    return [f"{name}{relation}{value}" for (name, relation), value in found.items()]


def model(generators: tuple[sympy.Expr, ...], point: dict[sympy.Symbol, sympy.Rational], domain: Domain, prior: Prior,
          statement: str) -> Model:
    """The model; one that does not depend on its parameters is refused."""
    if not generators:
        raise InvalidInput("model", "does not depend on its parameters: its divergence is 0", "one that does")
    return Model(generators, point, domain, prior, statement)
