"""A generator that takes both signs: an upper bound.

Theorem. Let a polynomial take values of opposite signs arbitrarily near the origin. Then ``lambda <= 1/2`` for its
square: its zeros separate two nonempty open sets, so they have dimension n - 1, and near a generic one of them the
polynomial is a power of a coordinate times a unit; the pair is lower semicontinuous in the point.

Along ``x_j = e^{w_j} p_j``, ``w > 0``, the polynomial behaves for ``e -> 0`` as its part of least weight at ``p``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from slt_symbolic.check.pairs import Bracket, Pair
from slt_symbolic.check.ring import Polynomial, terms
from slt_symbolic.check.step import Combine, Data, fields, require
from slt_symbolic.check.steps.bounds import order, value_at
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.grammar import rational


def sign(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``curves``, two pairs of weights (positive integers) and a point, with values of opposite signs."""
    (curves,) = fields(data, "curves")
    require(not any((*s.orders, *s.jacobian)) and not s.free and not s.constants, "orders, free variables, constants")
    require(len(s.generators) == 1, "there is not exactly one generator")
    require(len(curves) == 2, "two curves are needed")
    values = []
    for weights, point in curves:
        require(len(weights) == s.size and all(type(w) is int and w > 0 for w in weights), "weights are not positive")
        values.append(value_at(part_of_least_weight(s.generators[0], weights), [rational(a) for a in point]))
    first, second = values
    require(first * second < 0, f"the values {first} and {second} have no opposite signs")
    (_, bounds_of_order) = order(s, {})
    return [], lambda _: Bracket(bounds_of_order([]).lower, Pair(Fraction(1, 2), 1))


def part_of_least_weight(polynomial: Polynomial, weights: Sequence[int]) -> Polynomial:
    """The terms in which the weights of the variables add up to the least value."""
    table = terms(polynomial)
    degrees = {e: sum(w * a for w, a in zip(weights, e, strict=True)) for e in table}
    least = min(degrees.values())
    return polynomial.context().from_dict({e: c for e, c in table.items() if degrees[e] == least})
