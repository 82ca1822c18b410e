"""A zero on an orbit that tends to the point: an upper bound.

Theorem. Let every generator be quasi-homogeneous for weights ``w >= 0``, and let them vanish at ``p``, where
``w_j > 0`` if ``p_j != 0``. Scaling ``x_j -> s^{w_j} x_j`` maps the germ at ``p`` to that at ``s·p`` (each generator
times a constant), and ``s·p -> 0`` for ``s -> 0``: the pair, lower semicontinuous, is at the origin at most that at
``p``.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from slt_symbolic.check.pairs import Bracket
from slt_symbolic.check.ring import substitute
from slt_symbolic.check.step import Combine, Data, fields, position, require
from slt_symbolic.check.steps.bounds import order
from slt_symbolic.check.steps.contract import require_quasi_homogeneous
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.grammar import rational


def nearby(s: Stratum, data: Data) -> tuple[list[Stratum], Combine]:
    """Data: ``weights``, positive integers, and ``point``, nonzero rationals, for some of the variables."""
    table, coordinates = fields(data, "weights", "point")
    require(not any((*s.orders, *s.jacobian)) and not s.free and not s.constants, "orders, free variables, constants")
    weights = require_quasi_homogeneous(s, table)
    point = {position(s, name): rational(text) for name, text in coordinates.items()}
    require(all(weights[j] for j in point), "a coordinate that is not 0 has no weight")
    images = {j: s.variables[j] + fmpq(a.numerator, a.denominator) for j, a in point.items()}
    moved = [substitute(g, images) for g in s.generators]
    require(all(g(*[0] * s.size) == 0 for g in moved), "a generator does not vanish at the point")
    (_, bounds_of_order) = order(s, {})

    def combine(brackets: Sequence[Bracket]) -> Bracket:
        return Bracket(bounds_of_order([]).lower, brackets[0].upper)

    return [s.derive(moved)], combine
