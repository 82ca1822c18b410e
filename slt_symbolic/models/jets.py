r"""Sums of analytic units, by the jets of the function in its inputs.

Theorem. Let ``f(x) = sum_k a_k g(b_k·x)``, k <= H, be regression with Gaussian noise; ``a_k`` a vector of polynomials
(one for each output), ``b_k·x`` a linear form in the inputs x, and g analytic where forms take values. Let the truth
have r distinct forms (0 is one where g(0) != 0). Inputs have compact support and a density that is positive on an open
set around 0. Put ``P_n(x) = sum_k a_k (b_k·x)^n`` less that of the truth. Then ``E|f - f*|^2`` is comparable to the sum
of the squares of the coefficients in x of the ``P_n``, n among these orders:

- all of g, if its Taylor coefficients of orders ``0, ..., H + r - 1`` are not 0: these orders;
- else the even and the odd part, where forms that differ by a sign are one. A part that is a polynomial: the orders of
  its monomials. Another one, of least order s: ``s, s + 2, ..., s + 2(H + r - 1)``, none of which may have the
  coefficient 0.

Proof. All ``β_k = b_k·x`` and those of the truth are roots of one polynomial of degree ``N = H + r`` in z, with
coefficients polynomial in b and x. Write g as its interpolation polynomial ``sum_{n<N} h_n z^n`` at these roots, plus a
multiple of that polynomial: ``h_n`` are divided differences, smooth in b and x. So ``f - f* = sum_{n<N} h_n P_n(x)``,
for all x. For a part ``z^s G(z^2)`` take the roots ``β_k^2``, and G. Where the parts are polynomials it is plain. So
``f - f*`` is the sum over n and monomials ``x^α`` of degree n of the coefficients of ``P_n`` times
``h_n x^α = c_n x^α + (terms of higher degree)``, ``c_n`` the Taylor coefficient of g: since ``P_n`` for n >= N is a
combination of the earlier ones with coefficients of degree ``n - j`` in x. With ``c_n != 0`` these functions are
independent, as their lowest terms are; hence ``E|f - f*|^2`` is a positive definite form in the coefficients that is
continuous in b. For tanh compare Aoyagi, Watanabe, Neural Networks 18 (2005).

Of one input, ``P_n`` is ``sum_k a_k b_k^n`` less that of the truth. Those of orders ``s, s + d, ...`` (d = 2, or 1 with
s = 0 if it is all of g) generate the same ideal as the ``sum a_k b_k^s (b_k^d - c^d)^j`` less those of the truth, for
each value ``c^d`` that b_k^d has there, over these k alone, j less than their number and one for the truth: the linear
functional that takes ``p(z)`` to ``sum_k a_k b_k^s p(b_k^d)`` less that of the truth is 0 on multiples of a polynomial
with these roots, which is a product of coprime ones near the truth (Chinese remainder theorem).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.measure import Domain, Prior
from slt_symbolic.models.inputs import unnamed_inputs
from slt_symbolic.models.model import (
    Model,
    Point,
    differences,
    exact_point,
    expressions,
    model,
    require_distinct_names,
)

STATEMENT = ("K = E|f - f*|^2/2 for bounded inputs {}, with a density around 0, is comparable to the squares of the "
             "coefficients of sum_k a_k (b_k.x)^n - (the truth's), n = {}: {} Further orders are combinations, since "
             "all forms are roots of one polynomial (power sums; compare Aoyagi, Watanabe 2005)")
ANALYTIC = {sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.tan, sympy.sinh, sympy.cosh, sympy.tanh, sympy.sech,
            sympy.atan, sympy.asinh, sympy.erf, sympy.erfc}  # at 0, or they have no derivatives there
Z = sympy.Dummy("z")


@dataclass(frozen=True)
class _Unit:
    """``a g(u)``: output weights, a linear form in the inputs, a function of ``Z``."""

    weights: tuple[sympy.Expr, ...]
    form: sympy.Expr
    function: sympy.Expr


@dataclass(frozen=True)
class _Series:
    """Orders of a part of the function, ``step`` after the one before; step 0 for the monomials of a polynomial."""

    orders: Sequence[int]
    step: int


def jets(units: Sequence[sympy.Expr | Sequence[sympy.Expr]], at: Point, order: int, *, domain: Domain = None,
         prior: Prior = None) -> Model:
    """Regression by a sum of ``units`` like ``a*tanh(b*x)``: one analytic function of linear forms without bias.

    A unit is an expression, or a list of them with one for each output. Inputs are the symbols without a value in
    ``at``, where none of them may be a parameter. ``order`` is the highest order in the inputs that may be used: raises
    `InvalidInput` where the theorem needs more, or where units are not of that form.

    >>> a, b, x = sympy.symbols("a b x")
    >>> jets([a*sympy.tanh(b*x)], {a: 0, b: 0}, 1).generators
    (a*b,)
    """
    point = exact_point(at)
    if type(order) is not int or order < 0:
        raise InvalidInput(f"order={order!r:.40}", "is no order", "a natural number")
    given = list(units) if isinstance(units, Sequence) and not isinstance(units, str) else []
    rows = [tuple(unit) if isinstance(unit, Sequence | sympy.Tuple) else (unit,) for unit in given]
    if not rows or len({len(row) for row in rows}) > 1 or not all(isinstance(e, sympy.Expr) for r in rows for e in r):
        raise InvalidInput("units", "are no list of units, all with the same number of outputs", "[a*tanh(b*x)]")
    free = set().union(*(e.free_symbols for row in rows for e in row))
    require_distinct_names("units", free.union(point))
    inputs = unnamed_inputs(free, point, "names like x, y for the inputs {}")
    if not inputs:
        raise InvalidInput("units", "have no inputs: each symbol has a value at the truth", "[a*tanh(b*x)], x free")
    parts = [_unit(row, point, inputs) for row in rows]
    if any(sympy.simplify(part.function - parts[0].function) != 0 for part in parts):
        raise InvalidInput("units", "are not of one function", "all tanh, say")
    series, words = _series(parts[0].function, parts, point)
    orders = sorted(n for one in series for n in one.orders)
    if orders[-1] > order:
        raise InvalidInput(f"order={order}", "does not determine the function near the truth", f"order={orders[-1]}")
    values = [c for one in series for c in (
        _around_each_value(one, parts, inputs[0], point) if len(inputs) == 1 and one.step
        else _coefficients(one, parts, inputs))]
    return model(differences(values, point), point, domain, prior,
                 STATEMENT.format(", ".join(map(str, inputs)), ", ".join(map(str, orders)), words))


def _unit(row: Sequence[sympy.Expr], point: Point, inputs: Sequence[sympy.Symbol]) -> _Unit:
    """The unit with these outputs. Raises `InvalidInput` unless it is ``a g(u)``."""
    shown = str(row[0])[:60]
    arguments = [part.args[0] for entry in row for part in entry.atoms(sympy.Function)
                 if part.free_symbols.intersection(inputs)]
    strange = {part.func for entry in row for part in entry.atoms(sympy.Function)}.difference(ANALYTIC)
    if not arguments or strange:
        raise InvalidInput("units", f"{shown} is no analytic function of a form that is known here", "a*tanh(b*x), or "
                           "models.regression for polynomials")
    factor, form = arguments[0].as_independent(*point, *inputs, as_Add=False)
    form = expressions("units", factor * form if factor.is_Rational else form, [*point, *inputs])[0]
    if not sympy.Poly(form, *inputs).is_homogeneous or sympy.Poly(form, *inputs).total_degree() != 1:
        raise InvalidInput("units", f"{str(form)[:60]} is no linear form in the inputs without a bias", "tanh(b*x)")
    pivot = next(x for x in inputs if form.has(x))
    slope = form.coeff(pivot) if form.is_Add else form / pivot
    rest = form - slope * pivot
    weights, function = [], None
    for entry in row:
        one = sympy.simplify(entry.subs(pivot, (Z - rest) / slope))
        weight, own = one.as_independent(Z, as_Add=False)
        if own.free_symbols != {Z} and weight != 0:
            raise InvalidInput("units", f"{str(entry)[:60]} is no weight times a function of one form", "a*tanh(b*x)")
        weights.append(weight)
        function = own if weight != 0 and function is None else function
        if weight != 0 and sympy.simplify(own - function) != 0:
            raise InvalidInput("units", f"{str(entry)[:60]} has another function than the first output", "one function")
    return _Unit(tuple(expressions("output weights", weights, point)), form, function)


def _coefficients(series: _Series, parts: Sequence[_Unit], inputs: Sequence[sympy.Symbol]) -> list[sympy.Expr]:
    """Of the P_n, for each output."""
    sums = [sum((part.weights[i] * part.form**n for part in parts), sympy.Integer(0))
            for n in series.orders for i in range(len(parts[0].weights))]
    return [c for f in sums for c in sympy.Poly(f, *inputs).coeffs()]


def _around_each_value(series: _Series, parts: Sequence[_Unit], x: sympy.Symbol, point: Point) -> list[sympy.Expr]:
    """The same ideal for one input, by the values that ``b^d`` has at the truth."""
    slopes = [sympy.expand(part.form / x) for part in parts]
    start, d = series.orders[0], series.step
    places = [(b**d).subs(point) for b in slopes]
    found = []
    for c in dict.fromkeys(places):
        near = [k for k, place in enumerate(places) if place == c]
        true = any(a.subs(point) for k in near for a in parts[k].weights) and (c != 0 or start == 0)
        found += [sum((parts[k].weights[i] * slopes[k]**start * (slopes[k]**d - c)**j for k in near), sympy.Integer(0))
                  for j in range(len(near) + true) for i in range(len(parts[0].weights))]
    return found


def _series(function: sympy.Expr, parts: Sequence[_Unit], point: Point) -> tuple[list[_Series], str]:
    """The orders that decide, and why."""
    truths = {sympy.expand(part.form.subs(point)) for part in parts if any(a.subs(point) for a in part.weights)}
    if _taylor(function, 0) == 0:
        truths.discard(sympy.Integer(0))
    count = len(parts) + len(truths)
    if all(_taylor(function, n) != 0 for n in range(count)):
        return [_Series(list(range(count)), 1)], f"the first {count} Taylor coefficients are not 0."
    modulo_sign = {frozenset((form, sympy.expand(-form))) for form in truths}
    both = [_parity(function, parity, len(parts) + len(modulo_sign)) for parity in (0, 1)]
    return [one for one in both if one.orders], "the even and the odd part of the function, each alone."


def _parity(function: sympy.Expr, parity: int, count: int) -> _Series:
    """The orders that the even (0) or the odd (1) part of the function asks for. Raises `InvalidInput`."""
    mirrored = function.subs(Z, -Z)
    part = sympy.simplify((function + (-1)**parity * mirrored) / 2)
    if part.is_polynomial(Z):
        return _Series([n for (n,) in sympy.Poly(part, Z).monoms()] if part != 0 else [], 0)
    start = next((n for n in range(parity, parity + 2 * count, 2) if _taylor(function, n) != 0), None)
    wanted = [] if start is None else list(range(start, start + 2 * count, 2))
    if not wanted or any(_taylor(function, n) == 0 for n in wanted):
        raise InvalidInput("units", f"{str(function.subs(Z, sympy.Symbol('z')))[:60]} has Taylor coefficients 0 among "
                           "those that decide", "another function")
    return _Series(wanted, 2)


def _taylor(function: sympy.Expr, n: int) -> sympy.Expr:
    """The Taylor coefficient at 0, up to n!."""
    value = sympy.simplify(function.diff(Z, n).subs(Z, 0))
    if not value.is_number or value.is_finite is False or value is sympy.nan:
        raise InvalidInput("units", f"{str(function.subs(Z, sympy.Symbol('z')))[:60]} is not analytic at 0",
                           "an analytic function")
    return value
