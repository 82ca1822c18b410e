"""A generator that takes both signs: an upper bound.

Theorem. Let a polynomial take values of opposite signs arbitrarily near the origin. Then ``lambda <= 1/2`` for its
square: its zeros separate two nonempty open sets, so they have dimension n - 1, and near a generic one of them the
polynomial is a power of a coordinate times a unit; ``(lambda, m)`` is lower semicontinuous in the point.

Along ``x_j = e^{w_j} p_j``, ``w > 0``, the polynomial behaves for ``e -> 0`` as its part of least weight at ``p``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from slt_symbolic.check.algebra.ring import value_at
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.step import Data, fields, integer, items, ratio, require
from slt_symbolic.check.steps.bounds import order_bound, part_of_least_weight
from slt_symbolic.check.steps.common import Outcome, require_a_point, require_no_jacobian, require_no_orders
from slt_symbolic.check.stratum import Stratum


def sign(s: Stratum, data: Data) -> Outcome:
    """Data: ``curves``, two pairs of weights (positive integers) and a point, with values of opposite signs."""
    (curves,) = fields(data, "curves")
    require_no_orders(s)
    require_no_jacobian(s)
    require_a_point(s)
    require(len(s.generators) == 1, "needs exactly one generator; here there are {}", len(s.generators))
    lower = order_bound(s)
    values = []
    for weights, point in items(curves, 2, "a curve needs weights and a point"):
        w, p = curve_of(s, weights, point)
        values.append(value_at(part_of_least_weight(s.generators[0], w), p))
    require(len(values) == 2, "needs two curves; here there are {}", len(values))
    require(values[0] * values[1] < 0, "needs opposite signs; here the values are {} and {}", *values)
    return [], lambda _: Bracket(lower, End(Fraction(1, 2), 1))


def curve_of(s: Stratum, weights: Any, point: Any) -> tuple[list[int], list[Fraction]]:
    """Weights and point of a curve ``x_j = e^{w_j} p_j``, one for each variable."""
    w = [integer(weight, 1, "a weight") for weight in items(weights, None, "weights are a list")]
    p = [ratio(text) for text in items(point, None, "a point is a list of rationals")]
    require(len(w) == len(p) == s.size, "needs a weight and a coordinate for each variable")
    return w, p
