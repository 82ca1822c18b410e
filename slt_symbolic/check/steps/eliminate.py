"""Elimination of a generator with a linear part.

Theorem. Let the orders be 0 and ``g_i = A x_j + B`` with ``A``, ``B`` free of ``x_j``, ``A`` a unit on the stratum,
and ``x_j`` without Jacobian order. Then ``x_j' = g_i`` is a coordinate (see `change`), and modulo it the other
generators are those with ``x_j = -B/A``: a sum in separate variables, ``lambda = 1/2 + lambda'``, ``m = m'``, at the
points with ``x_j' = 0``; at the others the loss does not vanish. If ``x_j`` is near 0, ``B`` has to vanish on the
stratum, so that all its points are such.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from slt_symbolic.check.algebra.ring import coefficients_in, substitute_fraction
from slt_symbolic.check.bracket import Bracket, End, sum_of
from slt_symbolic.check.step import Data, fields, require
from slt_symbolic.check.steps.common import Outcome, generator, position, require_no_orders, require_unit
from slt_symbolic.check.stratum import Stratum

HALF = End(Fraction(1, 2), 1)


def eliminate(s: Stratum, data: Data) -> Outcome:
    """Data: ``generator`` i, ``variable`` x_j, ``nonzero``: its coefficient is a unit."""
    i, name, proof = fields(data, "generator", "variable", "nonzero")
    j, eliminated = position(s, name), generator(s, i)
    require_no_orders(s)
    require(j not in s.constants, "needs a coordinate; here {} is a constant", name)
    require(s.jacobian[j] == 0, "needs a variable without Jacobian order; here {} has {}", name, s.jacobian[j])
    parts = coefficients_in(eliminated, [j])
    require((1,) in parts and set(parts) <= {(0,), (1,)}, "needs a generator linear in {}; here it is {}", name,
            eliminated)
    unit, rest = parts[(1,)], parts.get((0,), s.ring.constant(0))
    require_unit(s, unit, proof)
    if j in s.near:
        require(s.on_stratum(rest).is_zero(), "needs a remainder that vanishes on the stratum; here it is {}", rest)
    others = [substitute_fraction(g, j, -rest, unit) for place, g in enumerate(s.generators) if place != i]
    on_unit, on_rest = s.on_stratum(unit), s.on_stratum(rest)
    units = [u if j in s.near else substitute_fraction(u, j, -on_rest, on_unit) for u in s.units]
    child = s.derive(generators=others, near=s.near | {j}, units=[*units, on_unit])

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        (b,) = brackets
        return Bracket(sum_of([HALF, b.lower]), sum_of([HALF, b.upper]))

    return [child], combine
