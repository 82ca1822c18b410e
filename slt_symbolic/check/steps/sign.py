"""A generator that takes both signs: an upper bound.

Theorem. Let a polynomial take values of opposite signs arbitrarily near the origin. Then ``lambda <= 1/2`` for its
square: its zeros separate two nonempty open sets, so they have dimension n - 1, and near a generic one of them the
polynomial is a power of a coordinate times a unit; the pair is lower semicontinuous in the point.

Along ``x_j = e^{w_j} p_j``, ``w > 0``, the polynomial behaves for ``e -> 0`` as its part of least weight at ``p``.
"""

from __future__ import annotations

from fractions import Fraction

from slt_symbolic.check.pairs import Bracket, Pair
from slt_symbolic.check.ring import terms
from slt_symbolic.check.step import Combine, Data, fields, require
from slt_symbolic.check.steps.bounds import order, value_at
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.grammar import rational


def sign(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``weights``, positive integers, and two ``points`` where the part of least weight has opposite signs."""
    weights, points = fields(data, "weights", "points")
    require(not any((*s.orders, *s.jacobian)) and not s.free and not s.constants, "orders, free variables, constants")
    require(len(s.generators) == 1, "there is not exactly one generator")
    require(len(weights) == s.size and all(type(w) is int and w > 0 for w in weights), "weights are not positive")
    table = terms(s.generators[0])
    degrees = {e: sum(w * a for w, a in zip(weights, e, strict=True)) for e in table}
    part = s.ring.from_dict({e: c for e, c in table.items() if degrees[e] == min(degrees.values())})
    require(len(points) == 2, "two points are needed")
    first, second = (value_at(part, [rational(a) for a in point]) for point in points)
    require(first * second < 0, f"the values {first} and {second} have no opposite signs")
    (_, bounds_of_order) = order(s, {})
    return [], lambda _: Bracket(bounds_of_order([]).lower, Pair(Fraction(1, 2), 1))
