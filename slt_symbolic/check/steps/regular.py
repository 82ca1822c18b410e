"""Zeros along a curve at which the generators are coordinates: an upper bound.

Theorem. Let all r generators vanish along the curve ``x_j = e^{w_j} p_j``, ``w > 0``, and let their Jacobian have the
rank r at p. Then ``(lambda, m) <= (r/2, 1)``: an r-minor, a polynomial in e, is not 0 at ``e = 1``, so it vanishes for
finitely many e; at all other points of the curve, which come arbitrarily near the origin, the generators are r
coordinates, and ``(lambda, m)`` is lower semicontinuous in the point.

Along the curve a generator is the sum of ``e^d`` times the value at p of its terms of weight d.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from flint import fmpq

from slt_symbolic.check.algebra.ring import Polynomial, rank, terms, value_at
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.bounds import order_bound
from slt_symbolic.check.steps.common import (
    Outcome,
    require_a_point,
    require_generators,
    require_no_jacobian,
    require_no_orders,
)
from slt_symbolic.check.steps.sign import curve_of
from slt_symbolic.check.stratum import Stratum


def regular(s: Stratum, data: Data) -> Outcome:
    """Data: ``weights``, positive integers, and ``point``, rationals, one for each variable."""
    weights, point = curve_of(s, *fields(data, "weights", "point"))
    require_generators(s)
    require_no_orders(s)
    require_no_jacobian(s)
    require_a_point(s)
    for g in s.generators:
        for degree, part in _parts(g, weights).items():
            require(value_at(part, point) == 0, "needs zeros along the curve; {} has terms of weight {} that are none",
                    g, degree)
    rows = [[value_at(g.derivative(j), point) for j in range(s.size)] for g in s.generators]
    found = rank([[fmpq(a.numerator, a.denominator) for a in row] for row in rows])
    require(found == len(s.generators), "needs generators that are coordinates; here {} have the rank {}",
            len(s.generators), found)
    lower, upper = order_bound(s), End(Fraction(found, 2), 1)
    return [], lambda _: Bracket(lower, upper)


def _parts(g: Polynomial, weights: Sequence[int]) -> Mapping[int, Polynomial]:
    """The terms of each weight."""
    found: dict[int, dict[tuple[int, ...], object]] = {}
    for e, c in terms(g).items():
        found.setdefault(sum(w * a for w, a in zip(weights, e, strict=True)), {})[e] = c
    return {degree: g.context().from_dict(table) for degree, table in found.items()}
