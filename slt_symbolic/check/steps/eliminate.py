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

from slt_symbolic.check.pairs import Bracket, Pair, sum_of
from slt_symbolic.check.ring import coefficients_in, substitute_fraction
from slt_symbolic.check.step import Combine, Data, fields, position, require
from slt_symbolic.check.stratum import Stratum

HALF = Pair(Fraction(1, 2), 1)


def eliminate(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``generator`` i, ``variable`` x_j."""
    i, name = fields(data, "generator", "variable")
    j = position(s, name)
    require(type(i) is int and 0 <= i < len(s.generators), f"no generator {i}")
    require(not any(s.orders), "there are exceptional orders")
    require(j not in s.constants, f"{name} is a constant")
    require(s.jacobian[j] == 0, f"{name} carries a Jacobian order")
    parts = coefficients_in(s.generators[i], [j])
    require((1,) in parts and set(parts) <= {(0,), (1,)}, f"{s.generators[i]} is not linear in {name}")
    unit, rest = parts[(1,)], parts.get((0,), s.ring.constant(0))
    require(s.is_unit(unit), f"{unit} is not shown to be a unit")
    if j in s.near:
        require(s.on_stratum(rest).is_zero(), f"{rest} does not vanish on the stratum")
    others = [substitute_fraction(g, j, -rest, unit) for place, g in enumerate(s.generators) if place != i]
    on_unit, on_rest = s.on_stratum(unit), s.on_stratum(rest)
    units = [u if j in s.near else substitute_fraction(u, j, -on_rest, on_unit) for u in s.units]
    child = s.derive(generators=others, near=s.near | {j}, units=[*units, on_unit])

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        (b,) = brackets
        return Bracket(sum_of([HALF, b.lower]), sum_of([HALF, b.upper]))

    return [child], combine
